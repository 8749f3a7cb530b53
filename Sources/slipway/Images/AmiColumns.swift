import Screen

/// Fitting text into columns: `Screen`'s own rules, and what only a block of lines needs.
enum AmiColumns {
    static func width(_ text: String) -> Int { TextWidth.of(text) }

    /// The text, or its beginning and an ellipsis.
    static func cut(_ text: String, to columns: Int, _ glyphs: AmiGlyphs) -> String {
        Text.truncated(text, to: columns, glyphs: glyphs.screen)
    }

    /// The text, or its beginning and its end: paths and versions differ at their ends.
    static func shortened(_ text: String, to columns: Int, _ glyphs: AmiGlyphs) -> String {
        Text.shortened(text, to: columns, glyphs: glyphs.screen)
    }

    /// Without blanks at its end.
    static func trimmed(_ text: String) -> String { String(text.reversed().drop { $0 == " " }.reversed()) }

    static func padded(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - width(text)))
    }

    /// The first of several ways to say something that has room; else the last.
    static func fitting(_ ways: [String], _ columns: Int) -> String {
        ways.first { width($0) <= columns } ?? ways.last ?? ""
    }

    /// Lines of at most `columns`, broken between words where possible.
    ///
    /// - Parameters:
    ///   - lead: stands before the first line.
    ///   - indent: blanks before each further line; so many as `lead` is wide, if that leaves room.
    static func wrapped(_ text: String, to columns: Int, lead: String = "", indent: Int? = nil) -> [String] {
        let lead = width(lead) < columns ? lead : ""
        let wanted = indent ?? width(lead)
        let indent = String(repeating: " ", count: wanted <= columns / 2 ? wanted : min(2, columns / 4))
        var lines: [String] = []
        var line = lead
        var isEmpty = true
        for word in text.split(separator: " ") {
            var word = String(word)
            let gap = isEmpty ? "" : " "
            if width(line) + gap.count + width(word) <= columns {
                line += gap + word
                isEmpty = false
                continue
            }
            // A lead stands alone before a word that would have to be broken behind it.
            if !isEmpty || width(line) > width(indent) && width(indent) + width(word) <= columns {
                lines.append(line)
                line = indent
            }
            // A word that is wider than a line is broken.
            while width(line) + width(word) > columns {
                let head = beginning(of: word, max(1, columns - width(line)))
                guard !head.isEmpty else { break }
                lines.append(line + head)
                word.removeFirst(head.count)
                line = indent
            }
            line += word
            isEmpty = word.isEmpty
        }
        if !isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    private static func beginning(of text: String, _ columns: Int) -> String {
        var room = columns
        return String(
            text.prefix { character in
                room -= width(String(character))
                return room >= 0
            })
    }
}
