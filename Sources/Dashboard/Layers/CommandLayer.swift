import Screen

/// The command line, in the place of the hints, with what the word can become.
enum CommandLayer {
    static func draw(_ state: State, _ text: String, into grid: inout Grid) {
        let row = grid.bounds.bottom(1)
        let glyphs = state.setting.glyphs
        grid.fill(row, style: Style(.text))
        var line = TextEntry.line(Line(" :", Style(.key)), text, width: row.columns, glyphs: glyphs)
        let candidates = TypedCommand.candidates(text, state)
        let rest = candidates.isEmpty ? "Enter does it  Esc leaves" : "Tab: " + candidates.joined(separator: " ")
        line += Line("  \(rest)", Style(.muted))
        grid.put(line.truncated(to: row.columns, glyphs: glyphs), row: row.row, column: row.column)
    }
}
