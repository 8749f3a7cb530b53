import Fleet
import Screen

/// Things of one sort under each other on a page: mark, name, word, age, and what else is known of each; a text under the one
/// that has something to say. Names and words have the room that the longest of them needs, within bounds.
struct SectionTable {
    struct Row {
        var mark: (text: String, role: Role)
        var name: String
        var word: String
        var age = ""
        /// In the weight of what is less important.
        var facts: [String] = []
        /// Before the facts.
        var bar: Bar?
        /// Why it is as it is.
        var text: String?
    }

    /// What comes from outside has no bound of its own.
    private static let rowLimit = 20
    private static let textLines = 4
    private static let nameWidth = (least: 13, most: 26)
    private static let wordWidth = (least: 9, most: 26)
    private static let ageWidth = 5
    private static let barWidth = 20

    let width: Int
    let glyphs: Glyphs

    /// - Parameters:
    ///   - title: what they are; the other titles stand over word, age and facts.
    ///   - row: how one of them reads; it is asked of those that are shown only.
    func lines<Thing>(
        _ title: String, word: String, age: String, facts: String, _ things: [Thing], row: (Thing) -> Row
    ) -> [Line] {
        guard !things.isEmpty else { return [] }
        let shown = things.prefix(Self.rowLimit).map(row)
        let room = max(0, width - 2 - 2 - Self.ageWidth - 2)
        let names = fitting(shown.map(\.name) + [title], Self.nameWidth, room: room / 2)
        let words = fitting(shown.map(\.word) + [word], Self.wordWidth, room: room - names)
        let head = padded(title, to: names) + "  " + padded(word, to: words) + padded(age, to: Self.ageWidth, .right)
        var lines = [Line("  \(head)  \(facts)", Style(.muted))]
        for row in shown {
            var line =
                Line(
                    "\(row.mark.text) \(padded(row.name, to: names))  \(padded(row.word, to: words))",
                    Style(row.mark.role))
                + Line(padded(row.age, to: Self.ageWidth, .right) + "  ", Style(.muted))
            if let bar = row.bar {
                let room = min(Self.barWidth, width - line.width - 6)
                if room >= 6 { line += bar.line(width: room, glyphs: glyphs) + Line("  ") }
            }
            lines.append(line + Line(row.facts.joined(separator: "  "), Style(.muted)))
            if let text = row.text { lines += wrapped(text) }
        }
        let rest = things.count - shown.count
        if rest > 0 { lines.append(Line("  and \(rest) more", Style(.muted))) }
        return lines
    }

    private func fitting(_ texts: [String], _ bounds: (least: Int, most: Int), room: Int) -> Int {
        let most = min(bounds.most, room)
        // To measure a text that is too long anyhow would cost its length.
        let longest = texts.map { $0.utf8.count > 4 * bounds.most ? bounds.most : TextWidth.of($0) }.max() ?? 0
        return max(min(bounds.least, most), min(most, longest))
    }

    private func padded(_ text: String, to columns: Int, _ alignment: Text.Alignment = .left) -> String {
        Text.padded(glyphs.shortened(text, to: columns), to: columns, alignment: alignment, glyphs: glyphs)
    }

    /// A text under its row.
    private func wrapped(_ text: String) -> [Line] {
        let parts = Text.wrapped(text, to: max(8, width - 6))
        return parts.prefix(Self.textLines).enumerated().map { index, part in
            let isCut = index == Self.textLines - 1 && parts.count > Self.textLines
            return Line("    \(part)\(isCut ? String(glyphs.ellipsis) : "")", Style(.text))
        }
    }
}
