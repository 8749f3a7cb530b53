/// Cutting, padding and wrapping by display width.
public enum Text {
    /// Where text stands in the room it has.
    public enum Alignment: Sendable { case left, right, centre }

    /// The text, or its beginning and an ellipsis when it is wider than `columns`.
    public static func truncated(_ text: String, to columns: Int, glyphs: Glyphs = .box) -> String {
        truncated(text, to: columns, glyphs: glyphs, always: false)
    }

    /// - Parameter always: Put the ellipsis even if the text fits: more follows it that does not.
    static func truncated(_ text: String, to columns: Int, glyphs: Glyphs, always: Bool) -> String {
        if columns <= 0 { return "" }
        if !always, TextWidth.of(text) <= columns { return text }
        return String(prefix(of: text[...], columns: columns - 1)) + String(glyphs.ellipsis)
    }

    /// The text, or its beginning and its end with an ellipsis between: names of machines differ at their ends.
    public static func shortened(_ text: String, to columns: Int, glyphs: Glyphs = .box) -> String {
        if columns < 5 || TextWidth.of(text) <= columns { return truncated(text, to: columns, glyphs: glyphs) }
        let head = prefix(of: text[...], columns: (columns - 1) / 2)
        var tail = text[head.endIndex...]
        let room = columns - 1 - TextWidth.of(head)
        while TextWidth.of(tail) > room { tail = tail.dropFirst() }
        return String(head) + String(glyphs.ellipsis) + String(tail)
    }

    /// Exactly `columns` wide: padded with blanks, or truncated.
    public static func padded(
        _ text: String, to columns: Int, alignment: Alignment = .left, glyphs: Glyphs = .box
    ) -> String {
        let cut = truncated(text, to: columns, glyphs: glyphs)
        let room = max(0, columns - TextWidth.of(cut))
        let before =
            switch alignment {
            case .left: 0
            case .right: room
            case .centre: room / 2
            }
        return String(repeating: " ", count: before) + cut + String(repeating: " ", count: room - before)
    }

    /// Lines of at most `columns`, broken between words where possible, inside a word only if it is wider than a
    /// line. Line ends of the text are kept. No columns, no lines.
    public static func wrapped(_ text: String, to columns: Int) -> [String] {
        if columns <= 0 { return [] }
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .flatMap { wrapped(line: $0, to: columns) }
    }

    private static func wrapped(line: Substring, to columns: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        var width = 0
        for word in line.split(separator: " ") {
            var word = word
            var wordWidth = TextWidth.of(word)
            if width > 0, width + 1 + wordWidth <= columns {
                current += " " + word
                width += 1 + wordWidth
                continue
            }
            if width > 0 { lines.append(current) }
            while wordWidth > columns {
                var head = prefix(of: word, columns: columns)
                // A wide character in a line of one column: it is shown as a blank there, but it is not lost.
                if head.isEmpty { head = word.prefix(1) }
                lines.append(String(head))
                word = word[head.endIndex...]
                wordWidth = TextWidth.of(word)
            }
            current = String(word)
            width = wordWidth
        }
        if width > 0 || lines.isEmpty { lines.append(current) }
        return lines
    }

    /// The longest beginning that is not wider than `columns`.
    static func prefix(of text: Substring, columns: Int) -> Substring {
        if TextWidth.isPlain(text) { return Substring(text.utf8.prefix(max(0, columns))) }
        let length = CellScanner.scanning(text) { scanner in
            var width = 0
            while true {
                let offset = scanner.offset
                guard let glyph = scanner.next() else { return offset }
                width += Int(glyph.width)
                if width > columns { return offset }
            }
        }
        return Substring(text.utf8.prefix(length))
    }
}
