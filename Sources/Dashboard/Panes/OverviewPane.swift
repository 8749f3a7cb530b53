import Fleet
import Screen

/// What needs a person, across all systems; a panel for each system; what happened last.
enum OverviewPane {
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        let body = layout.body
        let needs = min(max(1, state.shown.needs.count), max(1, body.rows / 4)) + 1
        drawNeeds(state, into: &grid, area: body.top(needs))
        var rest = body.dropTop(needs)
        if rest.rows >= 8 {
            let panels = OverviewPanels(state, columns: layout.columns, limit: rest.rows - 3)
            panels.draw(into: &grid, area: rest.top(panels.rows))
            rest = rest.dropTop(panels.rows)
        }
        if rest.rows >= 22, let item = state.detailItem {
            let lines = ItemDetail.lines(item, state, width: rest.columns - 2, isShort: true)
            let detail = rest.top(min(lines.count + 1, rest.rows / 2))
            ItemDetail.draw(lines, title: item.name, top: 0, state, into: &grid, area: detail)
            rest = rest.dropTop(detail.rows)
        }
        guard rest.rows > 1 else { return }
        Rule("LAST EVENTS").draw(
            into: &grid, row: rest.row, column: 0, width: rest.columns, glyphs: state.setting.glyphs)
        EventList.draw(state.shown.events, state, into: &grid, area: rest.dropTop(1))
    }

    // MARK: needs you

    private static func drawNeeds(_ state: State, into grid: inout Grid, area: Rect) {
        let shown = state.shown
        let count = shown.needs.count
        let title = Line("NEEDS YOU \(count)", Style(count > 0 ? .statusFail : .title, .bold))
        Rule(title, isFocused: true).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
        let list = area.dropTop(1)
        if count == 0 {
            grid.put(calm(state), row: list.row, column: list.column, limit: list.columns)
            return
        }
        let top = Scroll.top(current: 0, cursor: state.needsIndex, count: count, height: list.rows)
        let table = state.withHosts(
            Table(
                columns: [
                    .init("", width: .fixed(1)), .init("NAME", width: .flexible(min: 12, weight: 1)),
                    .init("PANE", width: .fixed(8), priority: 2), .init("WHY", width: .fixed(8)),
                    .init("CAUSE", width: .flexible(min: 12, weight: 5)),
                    .init("SINCE", width: .fixed(6), alignment: .right, priority: 1),
                ], hasHeader: false))
        let nameWidth = state.widths(table, width: list.columns)[1] ?? 0
        table.draw(
            into: &grid, in: list, count: count, top: top, cursor: state.needsIndex, glyphs: state.setting.glyphs
        ) { index in
            guard let item = shown.needs[index].flatMap({ shown.items[$0.id] }),
                let attention = state.attention(of: item)
            else { return [] }
            let mark = StatusMark(Urgency(reason: attention.reason, state: item.state))
            let since = item.elapsed(at: state.shownAt)
            let cells = [
                Line(mark.mark, Style(mark.role, .bold)), Line(KindParts.name(item, state, width: nameWidth)),
                Line(Tab(kind: item.kind).rawValue, Style(.muted)),
                Line(attention.reason.word, Style(mark.role)), Line(attention.cause, Style(mark.role)),
                Line(since.map(DurationText.age) ?? "", Style(.muted)),
            ]
            return state.withHost(cells, of: item)
        }
    }

    private static func calm(_ state: State) -> Line {
        if state.shown.sources.isEmpty {
            if let why = EmptyPane.elsewhere(state) { return Line(" " + why, Style(.statusWarn)) }
            return Line(
                " No source is configured or was found. Press 2 to 5 to see how to add one, or try slipway --demo.",
                Style(.statusWarn))
        }
        if let doubt = doubt(state) {
            return Line(" ? ", Style(.statusWarn, .bold)) + Line(doubt, Style(.statusWarn))
        }
        return Line(" + ", Style(.statusOk)) + Line("nothing needs you", Style(.muted))
    }

    /// What is not known to be well is not called well; nil when every source answers.
    private static func doubt(_ state: State) -> String? {
        let all = state.shown.sources.count
        let (away, unread) = state.shown.silentSources(at: state.shownAt)
        guard away + unread > 0 else { return nil }
        if state.travel?.unrecordedSince != nil {
            return "nothing needed you when last seen; nothing was recorded at this time"
        }
        if away > 0 { return "nothing needed you when last seen; \(away) of \(all) sources do not answer" }
        if unread == all { return "nothing is known yet; no source has answered so far" }
        return "nothing needs you so far; \(unread) of \(all) sources are still to answer"
    }
}
