import Fleet
import Screen

/// What happened, newest first.
enum InboxPane {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        let events = state.shown.events
        Rule("INBOX \(events.count)").draw(
            into: &grid, row: layout.body.row, column: 0, width: layout.columns, glyphs: state.setting.glyphs)
        let area = layout.body.dropTop(1)
        if events.isEmpty {
            grid.put("Nothing has happened yet.", row: area.row, column: 2, style: Style(.muted))
        }
        EventList.draw(events, skip: state.inbox.top, state, into: &grid, area: area)
    }
}

/// Lines of events, newest at the top, time and source in fixed columns.
enum EventList {
    /// - Parameter skip: how many of the newest are scrolled away.
    static func draw(_ events: [Event], skip: Int = 0, _ state: State, into grid: inout Grid, area: Rect) {
        let visible = events.dropLast(min(skip, events.count)).suffix(area.rows).reversed()
        let nameWidth = min(area.columns < 60 ? 12 : 24, visible.map { TextWidth.of($0.name) }.max() ?? 0)
        for (offset, event) in visible.enumerated() {
            let time = WireTime.clock(event.at, zone: state.setting.zone, seconds: true)
            let host = state.hostWidth.map { state.hostCell(event.source).padded(to: $0 + 1) } ?? Line()
            let line =
                Line(" \(time) ", Style(.muted)) + host + Line("\(event.level.mark) ", Style(event.level.role, .bold))
                + Line(
                    Text.padded(
                        Text.shortened(event.name, to: nameWidth, glyphs: state.setting.glyphs), to: nameWidth) + " ",
                    Style(.text))
                + Line(event.text, Style(event.level.role))
            grid.put(
                line.truncated(to: area.columns, glyphs: state.setting.glyphs), row: area.row + offset,
                column: area.column, limit: area.columns)
        }
    }
}
