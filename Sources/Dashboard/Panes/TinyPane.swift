import Fleet
import Screen

/// A screen too small for panes: what needs a person, then what runs, one line each, down to 1x1.
enum TinyPane {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        let needs = state.shown.needs.count
        let tallies = state.shown.tallies.values
        let running = tallies.reduce(0) { $0 + $1.count(.running) }
        let (away, unread) = state.shown.silentSources(at: state.shownAt)
        let head =
            needs > 0
            ? "! \(needs) need you, > \(running) running"
            : away + unread > 0
                ? "? \(away + unread) source\(away + unread == 1 ? "" : "s") \(away > 0 ? "away" : "asked"), > \(running)"
                : "> \(running) running, all well"
        let role: Role = needs > 0 ? .statusFail : away + unread > 0 ? .statusWarn : .statusOk
        let shortest = String(head.prefix(1))
        var time = Banner.tiny(state) ?? ""
        // The sources are those of that time, the links are not.
        if state.travel != nil, let trouble = LinkWords(state, isBeside: true).trouble { time += trouble + " " }
        let title = layout.columns < 4 ? String((time + shortest).prefix(1)) : time + head
        grid.put(
            Line(title, Style(role, .bold)).truncated(to: layout.columns, glyphs: state.setting.glyphs), row: 0,
            column: 0)
        let area = layout.screen.dropTop(1)
        for (offset, item) in rows(state, limit: area.rows).enumerated() {
            let attention = state.attention(of: item)
            let mark = StatusMark(Urgency(reason: attention?.reason, state: item.state))
            let line =
                Line("\(mark.mark) ", Style(mark.role, .bold)) + Line("\(item.name) ", Style(.text))
                + Line(attention?.reason.word ?? item.word, Style(mark.role))
            let cut = line.truncated(to: layout.columns, glyphs: state.setting.glyphs)
            grid.put(cut, row: area.row + offset, column: 0)
            if item.id == state.selectedItem?.id {
                grid.restyle(area.dropTop(offset).top(1)) { Style(.cursor, $0.attributes) }
            }
        }
    }

    private static func rows(_ state: State, limit: Int) -> [Item] {
        let shown = state.shown
        if let pane = state.listPane {
            return (0..<limit).compactMap { offset in
                guard case .item(let id) = pane.row(at: pane.top + offset) else { return nil }
                return shown.items[id]
            }
        }
        let first = max(0, (state.needsIndex ?? 0) - limit + 1)
        return (first..<first + limit).compactMap { shown.needs[$0].flatMap { shown.items[$0.id] } }
    }
}
