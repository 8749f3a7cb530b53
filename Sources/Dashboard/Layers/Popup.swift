import Screen

/// A framed list of lines over the middle of the screen.
enum Popup {
    /// Columns and rows that the frame takes.
    static let frame = Size(columns: 4, rows: 2)

    /// - Parameters:
    ///   - pinned: lines at the bottom that stay in sight whatever is scrolled.
    ///   - top: the first line that is wanted; the last ones are shown for any beyond.
    ///   - kept: a line that has to be in sight.
    static func draw(
        _ lines: [Line], pinned: [Line] = [], title: String, hint: String, top: Int = 0, kept: Int? = nil,
        _ state: State, into grid: inout Grid
    ) {
        let glyphs = state.setting.glyphs
        let wanted = ((lines + pinned).map(\.width).max() ?? 0) + frame.columns
        let screen = grid.bounds
        let rows = lines.count + pinned.count + frame.rows
        let box = screen.centred(columns: min(wanted, screen.columns), rows: min(rows, screen.rows))
        grid.fill(box, style: Style(.surface))
        let inner = box.inset(columns: frame.columns / 2, rows: frame.rows / 2)
        let bottom = inner.bottom(pinned.count)
        let body = inner.dropBottom(bottom.rows)
        var first = max(0, min(top, lines.count - body.rows))
        if let kept { first = max(0, min(max(first, kept - body.rows + 1), kept)) }
        put(Array(lines.dropFirst(first)), body, glyphs, into: &grid)
        put(pinned, bottom, glyphs, into: &grid)
        let more = lines.count > body.rows ? "\(first + 1)-\(first + body.rows) of \(lines.count)" : ""
        let head = Rule(title, trailing: more, isFocused: true).line(width: box.columns, glyphs: glyphs)
        grid.put(head, row: box.row, column: box.column, limit: box.columns)
        let foot = Rule("", trailing: hint, isFocused: true).line(width: box.columns, glyphs: glyphs)
        grid.put(foot, row: box.endRow - 1, column: box.column, limit: box.columns)
    }

    private static func put(_ lines: [Line], _ area: Rect, _ glyphs: Glyphs, into grid: inout Grid) {
        for (offset, line) in lines.prefix(area.rows).enumerated() {
            grid.put(
                line.truncated(to: area.columns, glyphs: glyphs), row: area.row + offset, column: area.column,
                limit: area.columns)
        }
    }
}
