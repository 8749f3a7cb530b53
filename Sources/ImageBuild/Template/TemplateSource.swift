#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The text of a template, looked at before the YAML parser sees it.
///
/// Aliases (`*name`) are hidden from the parser, which would put a copy into every place and compare whole copies for doubled keys: ten
/// lines of aliases of aliases would keep it busy for ever. The reader resolves them itself, as far as it needs them, and counts.
struct TemplateSource {
    /// The largest file that is read, in bytes.
    static let most = 1 << 20
    /// Brackets times characters: six hundred users, each in brackets on a line, come to this.
    private static let mostWork = 20_000_000
    /// Stands for the star of an alias: a private code point, and no file may contain one of the last 256 of them.
    static let star: Unicode.Scalar = "\u{10FF00}"
    /// The first of those that stand for a doubled key.
    static let doubled: Unicode.Scalar = "\u{10FF02}"

    /// The text with hidden aliases; line for line and column for column where the file has it.
    private(set) var scalars: [Unicode.Scalar] = []
    /// Where each line begins in `scalars`.
    private(set) var lineStarts = [0]
    private(set) var hasAliases = false

    /// - Throws: what keeps the bytes from being text at all.
    init(_ bytes: Data, name: String) throws(TemplateProblems) {
        guard bytes.count <= Self.most else {
            throw Self.whole(
                name, "the file has \(bytes.count) bytes; a template has at most \(Self.most) (1 MB)",
                "check that this is the template and not an archive or a log")
        }
        let start = Array(bytes.prefix(4))
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) || start.prefix(2).contains(0) {
            throw Self.whole(name, "the file is not UTF-8 text; it looks like UTF-16", "save it again as UTF-8")
        }
        let problems = decode(start.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes)
        guard problems.isEmpty else { throw TemplateProblems(name: name, problems) }
        // The parser compares whole keys. Of brackets inside of brackets, each level may be a key, and is compared again.
        let openers = scalars.lazy.filter { $0 == "{" || $0 == "[" || $0 == "?" }.count
        guard min(openers, 1000) * scalars.count <= Self.mostWork else {
            throw Self.whole(
                name, "the file has \(bytes.count) bytes and \(openers) opening brackets, too many to look through",
                "write long lists as lines that begin with `- `, without brackets")
        }
        hideAliases()
    }

    /// What the parser is given.
    var text: String { Self.string(scalars[...]) }

    /// The scalar at a place counted from 1; nil behind the end of the line.
    func scalar(line: Int, column: Int) -> Unicode.Scalar? {
        guard let place = index(line: line, column: column), place < scalars.count else { return nil }
        return scalars[place] == Self.star ? "*" : scalars[place]
    }

    /// The place in `scalars` of a line and column counted from 1.
    func index(line: Int, column: Int) -> Int? {
        guard lineStarts.indices.contains(line - 1), column >= 1 else { return nil }
        let index = lineStarts[line - 1] + column - 1
        return index < (lineStarts.indices.contains(line) ? lineStarts[line] : scalars.count + 1) ? index : nil
    }

    /// Line and column, both from 1, of a place in `scalars`.
    func place(of index: Int) -> (line: Int, column: Int) {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= index { low = middle } else { high = middle }
        }
        return (low + 1, index - lineStarts[low] + 1)
    }

    /// Makes a key that is there a second time unlike all others, without moving anything.
    mutating func hideKey(at range: Range<Int>, number: UInt32) {
        for index in range { scalars[index] = "\u{10FF01}" }
        scalars[range.lowerBound] = Unicode.Scalar(Self.doubled.value + number) ?? Self.doubled
    }

    /// The lines whose indentation contains a tab, with the column of the first one: YAML allows none there.
    var tabs: [(line: Int, column: Int)] {
        lineStarts.enumerated().compactMap { line, start in
            let indent = scalars[start...].prefix { $0 == " " || $0 == "\t" }
            guard let tab = indent.firstIndex(of: "\t"), indent.endIndex < scalars.count,
                !Self.isBreak(scalars[indent.endIndex]), scalars[indent.endIndex] != "#"
            else { return nil }
            return (line + 1, tab - start + 1)
        }
    }

    /// A text of the parser as it stands in the file.
    static func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(star) else { return text }
        return string(text.unicodeScalars.map { $0 == star ? "*" : $0 }[...])
    }

    static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// What the parser counts as the end of a line.
    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    // MARK: decoding

    private static func whole(_ name: String, _ text: String, _ fix: String) -> TemplateProblems {
        TemplateProblems(name: name, [TemplateProblem(line: 1, column: 1, path: "", text: text, fix: fix)])
    }

    private mutating func decode(_ bytes: Data) -> [TemplateProblem] {
        var problems: [TemplateProblem] = []
        var codec = UTF8()
        var iterator = bytes.makeIterator()
        scalars.reserveCapacity(bytes.count)
        while true {
            switch codec.decode(&iterator) {
            case .emptyInput: return problems
            case .error:
                // One is enough: a file in another encoding has them everywhere.
                let place = place(of: scalars.count)
                return [
                    TemplateProblem(
                        line: place.line, column: place.column, path: "", text: "the file is not UTF-8 text",
                        fix: "save it again as UTF-8; this letter is in another encoding")
                ]
            case .scalarValue(let scalar):
                if !Self.isAllowed(scalar) {
                    let place = place(of: scalars.count)
                    problems.append(
                        TemplateProblem(
                            line: place.line, column: place.column, path: "",
                            text: "\(SpecCharacter.shown(scalar)) cannot stand in a template", fix: "remove it"))
                    if problems.count == 20 { return problems }
                }
                scalars.append(scalar)
                guard Self.isBreak(scalar) else { continue }
                // CR LF is one line break.
                if scalar == "\n", scalars.dropLast().last == "\r" { lineStarts.removeLast() }
                lineStarts.append(scalars.count)
            }
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FEFF:
            true
        default: false
        }
    }

    // MARK: aliases

    private mutating func hideAliases() {
        for index in scalars.indices where scalars[index] == "*" {
            guard index == 0 || Self.opens(scalars[index - 1]) else { continue }
            var end = index + 1
            while end < scalars.count, Self.isAnchorLetter(scalars[end]) { end += 1 }
            // A star alone is left to the parser's own words.
            guard end > index + 1, end == scalars.count || Self.closes(scalars[end]) else { continue }
            scalars[index] = Self.star
            hasAliases = true
        }
    }

    private static func opens(_ scalar: Unicode.Scalar) -> Bool {
        isBreak(scalar) || scalar == " " || scalar == "\t" || scalar == "[" || scalar == "{" || scalar == ","
    }

    private static func closes(_ scalar: Unicode.Scalar) -> Bool {
        isBreak(scalar) || scalar == " " || scalar == "\t" || scalar == "]" || scalar == "}" || scalar == ","
            || scalar == ":"
    }

    private static func isAnchorLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "-" || scalar == "_" || SpecCharacter.isLetterOrDigit(scalar)
    }
}
