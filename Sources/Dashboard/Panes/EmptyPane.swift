import Fleet
import Screen

/// A pane whose system has no source: it says how to add one.
enum EmptyPane {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        Rule(state.tab.title.uppercased()).draw(
            into: &grid, row: layout.body.row, column: 0, width: layout.columns, glyphs: state.setting.glyphs)
        let area = layout.body.dropTop(2).inset(columns: 2)
        var row = area.row
        for line in lines(state) {
            for part in Text.wrapped(line.text, to: area.columns) where row < area.endRow {
                grid.put(part, row: row, column: area.column, style: line.style, limit: area.columns)
                row += 1
            }
        }
    }

    private static func lines(_ state: State) -> [Span] {
        let path = state.setting.configPath
        switch state.tab {
        case .metal:
            return [
                Span("No status API is being read.", Style(.text, .bold)),
                Span("Write one line into \(path):", Style(.text)),
                Span("  metal: http://HOST:8080", Style(.key)),
                Span("or start one here with", Style(.text)), Span("  slipway serve", Style(.key)),
                Span(
                    "and start slipway again: a status API on port 8080 of this machine is found by itself.",
                    Style(.text)),
                Span("To see what this pane shows, try slipway --demo.", Style(.muted)),
            ]
        case .pool, .clusters, .images:
            return [
                Span("This version reads bare-metal nodes only.", Style(.text, .bold)),
                Span("There is nothing to add to \(path) for this pane yet.", Style(.muted)),
            ]
        case .overview, .inbox: return []
        }
    }
}
