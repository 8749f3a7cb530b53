import Fleet
import Screen

/// What needs a person, across all systems; a panel for each system; what happened last.
enum OverviewPane {
    private static let columnsForFour = 140

    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        let body = layout.body
        let needs = min(max(1, state.shown.needs.count), max(1, body.rows / 4)) + 1
        drawNeeds(state, into: &grid, area: body.top(needs))
        var rest = body.dropTop(needs)
        let panels = min(panelRows(state, layout: layout), max(0, rest.rows - 3))
        if rest.rows >= 8 {
            drawPanels(state, into: &grid, area: rest.top(panels))
            rest = rest.dropTop(panels)
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
        let table = Table(
            columns: [
                .init("", width: .fixed(1)), .init("NAME", width: .flexible(min: 12, weight: 1)),
                .init("PANE", width: .fixed(8), priority: 2), .init("WHY", width: .fixed(8)),
                .init("CAUSE", width: .flexible(min: 12, weight: 5)),
                .init("SINCE", width: .fixed(6), alignment: .right, priority: 1),
            ], hasHeader: false)
        table.draw(
            into: &grid, in: list, count: count, top: top, cursor: state.needsIndex, glyphs: state.setting.glyphs
        ) { index in
            guard let item = shown.needs[index].flatMap({ shown.items[$0.id] }),
                let attention = state.attention(of: item)
            else { return [] }
            let mark = StatusMark(Urgency(reason: attention.reason, state: item.state))
            let since = item.elapsed(at: state.shownAt)
            return [
                Line(mark.mark, Style(mark.role, .bold)), Line(item.name),
                Line(Tab(kind: item.kind).rawValue, Style(.muted)),
                Line(attention.reason.word, Style(mark.role)), Line(attention.cause, Style(mark.role)),
                Line(since.map(DurationText.age) ?? "", Style(.muted)),
            ]
        }
    }

    private static func calm(_ state: State) -> Line {
        if state.shown.sources.isEmpty {
            return Line(
                " No source is configured or was found. Press 4 to see how to add one, or try slipway --demo.",
                Style(.statusWarn))
        }
        // What is not known to be well is not called well.
        let away = state.shown.sources.values.count { $0.state(at: state.shownAt) != .live }
        if away > 0 {
            return Line(" ? ", Style(.statusWarn, .bold))
                + Line(
                    "nothing needed you when last seen; \(away) of \(state.shown.sources.count) sources do not answer",
                    Style(.statusWarn))
        }
        return Line(" + ", Style(.statusOk)) + Line("nothing needs you", Style(.muted))
    }

    // MARK: panels

    /// Rows that the panels want.
    private static func panelRows(_ state: State, layout: Layout) -> Int {
        let heights = Tab.lists.map { panelLines($0, state, width: layout.columns / 2).count + 1 }
        if layout.columns >= columnsForFour { return max(6, heights.max() ?? 0) }
        return max(heights[0], heights[1]) + max(heights[2], heights[3])
    }

    private static func drawPanels(_ state: State, into grid: inout Grid, area: Rect) {
        if area.columns >= columnsForFour {
            let width = area.columns / 4
            for (index, tab) in Tab.lists.enumerated() {
                let box = area.dropLeft(index * width).left(index == 3 ? area.columns : width)
                drawPanel(tab, state, into: &grid, area: box)
            }
            return
        }
        let half = area.columns / 2
        var rest = area
        for pair in [Tab.lists.prefix(2), Tab.lists.suffix(2)] {
            let rows = (pair.map { panelLines($0, state, width: half).count }.max() ?? 0) + 1
            let box = rest.top(rows)
            for (index, tab) in pair.enumerated() {
                drawPanel(tab, state, into: &grid, area: index == 0 ? box.left(half) : box.dropLeft(half))
            }
            rest = rest.dropTop(rows)
        }
    }

    private static func drawPanel(_ tab: Tab, _ state: State, into grid: inout Grid, area: Rect) {
        let total = tab.kinds.reduce(0) { $0 + count($1, state) }
        Rule("\(tab.title.uppercased())\(total > 0 ? " \(total)" : "")").draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
        let body = area.dropTop(1)
        for (offset, line) in panelLines(tab, state, width: area.columns - 1).prefix(body.rows).enumerated() {
            grid.put(
                line.truncated(to: body.columns, glyphs: state.setting.glyphs), row: body.row + offset,
                column: body.column, limit: body.columns)
        }
    }

    private static func count(_ kind: Kind, _ state: State) -> Int {
        (state.shown.tallies[kind]?.total ?? 0) + (state.unread[kind]?.values.reduce(0, +) ?? 0)
    }

    /// A line a status, with a bar of its share; then where the running ones are.
    private static func panelLines(_ tab: Tab, _ state: State, width: Int) -> [Line] {
        guard !state.shown.orderedSources(of: tab.kinds).isEmpty else {
            return [Line(" no source; press \(tab.digit)", Style(.muted))]
        }
        var tally = FleetModel.Tally()
        for kind in tab.kinds {
            tally.urgencies.merge(state.shown.tallies[kind]?.urgencies ?? [:], uniquingKeysWith: +)
            tally.phases.merge(state.shown.tallies[kind]?.phases ?? [:], uniquingKeysWith: +)
            for (itemState, count) in state.unread[kind] ?? [:] {
                tally.urgencies[Urgency(reason: nil, state: itemState), default: 0] += count
            }
        }
        let total = max(1, tally.total)
        var lines = Urgency.allCases.compactMap { urgency -> Line? in
            guard let count = tally.urgencies[urgency], count > 0 else { return nil }
            let mark = StatusMark(urgency)
            let room = max(4, min(24, width - 20))
            let bar = Bar(done: Double(count) / Double(total), role: mark.role)
            return Line(" \(mark.mark) ", Style(mark.role, .bold))
                + Line(Text.padded(urgency.word, to: 9), Style(mark.role))
                + Line(Text.padded(String(count), to: 5, alignment: .right) + " ", Style(.text))
                + bar.line(width: room, glyphs: state.setting.glyphs)
        }
        if lines.isEmpty { lines = [Line(" nothing there yet", Style(.muted))] }
        if !tally.phases.isEmpty {
            let phases = tally.phases.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            lines.append(
                Line(" now ", Style(.muted))
                    + Line(phases.map { "\($0.key) \($0.value)" }.joined(separator: "  "), Style(.text)))
        }
        return lines
    }
}
