/// Finds where a key stands for the second time, which the parser does not tell.
enum DoubledKey {
    /// - Returns: the key's own characters, without quotes; nil if it cannot be found by looking at the text.
    static func second(_ key: String, after first: (line: Int, column: Int), in source: TemplateSource) -> Range<Int>? {
        let key = Array(key.unicodeScalars)
        guard !key.isEmpty, let start = source.index(line: first.line, column: first.column) else { return nil }
        let before = source.scalars[..<start].last { $0 != " " && $0 != "\t" && !TemplateSource.isBreak($0) }
        return before == "{" || before == ","
            ? inBraces(key, from: start, in: source) : inBlock(key, first: first, in: source)
    }

    /// Keys of a block stand in the same column; a line that begins further left ends it.
    private static func inBlock(
        _ key: [Unicode.Scalar], first: (line: Int, column: Int), in source: TemplateSource
    ) -> Range<Int>? {
        let scalars = source.scalars
        for start in source.lineStarts.dropFirst(first.line) {
            let indent = scalars[start...].prefix { $0 == " " }.endIndex
            guard indent < scalars.count, !TemplateSource.isBreak(scalars[indent]), scalars[indent] != "#" else {
                continue
            }
            if indent - start < first.column - 1 { return nil }
            if indent - start == first.column - 1, let range = match(key, at: indent, in: scalars) { return range }
        }
        return nil
    }

    /// Keys in braces follow a comma, not inside of further brackets.
    private static func inBraces(_ key: [Unicode.Scalar], from start: Int, in source: TemplateSource) -> Range<Int>? {
        let scalars = source.scalars
        var depth = 0
        var isAfterComma = false
        for index in start..<scalars.count {
            switch scalars[index] {
            case "{", "[": depth += 1
            case "}", "]":
                depth -= 1
                if depth < 0 { return nil }
            case ",": isAfterComma = depth == 0
            case " ", "\t", "\n", "\r": break
            default:
                if isAfterComma, let range = match(key, at: index, in: scalars) { return range }
                isAfterComma = false
            }
        }
        return nil
    }

    private static func match(_ key: [Unicode.Scalar], at index: Int, in scalars: [Unicode.Scalar]) -> Range<Int>? {
        guard index < scalars.count else { return nil }
        let isQuoted = scalars[index] == "\"" || scalars[index] == "'"
        let start = isQuoted ? index + 1 : index
        guard scalars[start...].starts(with: key) else { return nil }
        var end = start + key.count
        if isQuoted {
            guard end < scalars.count, scalars[end] == scalars[index] else { return nil }
            end += 1
        }
        while end < scalars.count, scalars[end] == " " { end += 1 }
        return end < scalars.count && scalars[end] == ":" ? start..<start + key.count : nil
    }
}
