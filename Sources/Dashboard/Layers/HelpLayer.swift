import Screen

/// All keys, from the register, with the reason where one does nothing now.
enum HelpLayer {
    static func lines(_ state: State) -> [Line] {
        let bindings = state.setting.keymap.bindings.filter { !$0.keys.isEmpty }
        let width = min(16, bindings.map { TextWidth.of(names($0)) }.max() ?? 0)
        return bindings.map { binding in
            var line =
                Line(Text.padded(names(binding), to: width) + "  ", Style(.key))
                + Line(binding.tooltip, Style(.surface))
            if let reason = binding.disabled(state) { line += Line("  (\(reason))", Style(.muted)) }
            return line
        }
    }

    private static func names(_ binding: Binding) -> String { binding.keys.map(\.name).joined(separator: " ") }

    static func draw(_ state: State, top: Int, into grid: inout Grid) {
        Popup.draw(lines(state), title: "KEYS", hint: "any other key closes", top: top, state, into: &grid)
    }
}

/// A framed list of lines over the middle of the screen.
enum Popup {
    static func draw(
        _ lines: [Line], title: String, hint: String, top: Int = 0, _ state: State, into grid: inout Grid
    ) {
        let glyphs = state.setting.glyphs
        let wanted = (lines.map(\.width).max() ?? 0) + 4
        let screen = grid.bounds
        let box = screen.centred(columns: min(wanted, screen.columns), rows: min(lines.count + 2, screen.rows))
        grid.fill(box, style: Style(.surface))
        let inner = box.inset(columns: 2, rows: 1)
        let first = max(0, min(top, lines.count - inner.rows))
        for (offset, line) in lines.dropFirst(first).prefix(inner.rows).enumerated() {
            grid.put(
                line.truncated(to: inner.columns, glyphs: glyphs), row: inner.row + offset, column: inner.column,
                limit: inner.columns)
        }
        let more = lines.count > inner.rows ? "\(first + 1)-\(first + inner.rows) of \(lines.count)" : ""
        let head = Rule(title, trailing: more, isFocused: true).line(width: box.columns, glyphs: glyphs)
        grid.put(head, row: box.row, column: box.column, limit: box.columns)
        let foot = Rule("", trailing: hint, isFocused: true).line(width: box.columns, glyphs: glyphs)
        grid.put(foot, row: box.endRow - 1, column: box.column, limit: box.columns)
    }
}
