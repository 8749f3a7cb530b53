import Fleet
import Screen

/// A panel for each system: how many items are in which state, then what runs.
struct OverviewPanels {
    /// From this width on they stand in one row, under it in two rows of two.
    private static let columnsForFour = 140
    /// Running items that a panel names.
    private static let namesLimit = 8

    /// One panel's lines: the counts always, the others as room is left.
    private struct Panel {
        let title: String
        let counts: [Line]
        let others: [Line]
        /// Of how many things the others tell; there may be more than are named.
        let total: Int

        var least: Int { 1 + counts.count }
        var wanted: Int { least + others.count }

        func lines(_ rows: Int) -> [Line] {
            let room = max(0, min(others.count, rows - 1 - counts.count))
            if total <= room || room < 2 { return counts + others.prefix(room) }
            return counts + others.prefix(room - 1)
                + [Line("   and \(total - room + 1) more running", Style(.muted))]
        }
    }

    private let state: State
    private let panels: [[Panel]]
    private let heights: [Int]
    private let width: Int

    /// - Parameter limit: rows that there are.
    init(_ state: State, columns: Int, limit: Int) {
        self.state = state
        let perRow = columns >= Self.columnsForFour ? 4 : 2
        let width = columns / perRow
        let all = Tab.lists.map { Self.panel($0, state, width: width - 1) }
        let panels = stride(from: 0, to: all.count, by: perRow).map { Array(all[$0..<min($0 + perRow, all.count)]) }
        // Counts come first everywhere; what is left is given row by row to those that have more to say.
        var heights = panels.map { row in row.map(\.least).max() ?? 0 }
        let wanted = panels.map { row in row.map(\.wanted).max() ?? 0 }
        var spare = limit - heights.reduce(0, +)
        while spare > 0, heights != wanted {
            for index in heights.indices where spare > 0 && heights[index] < wanted[index] {
                heights[index] += 1
                spare -= 1
            }
        }
        if perRow == 4, let only = heights.first { heights = [max(6, only)] }
        self.width = width
        self.panels = panels
        self.heights = heights
        rows = max(0, min(limit, heights.reduce(0, +)))
    }

    /// Rows that they take.
    let rows: Int

    func draw(into grid: inout Grid, area: Rect) {
        var rest = area
        for (row, height) in zip(panels, heights) {
            let box = rest.top(height)
            for (index, panel) in row.enumerated() {
                let place = box.dropLeft(index * width)
                draw(panel, into: &grid, area: index == row.count - 1 ? place : place.left(width))
            }
            rest = rest.dropTop(height)
        }
    }

    private func draw(_ panel: Panel, into grid: inout Grid, area: Rect) {
        let glyphs = state.setting.glyphs
        Rule(panel.title).draw(into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: glyphs)
        let body = area.dropTop(1)
        for (offset, line) in panel.lines(area.rows).prefix(body.rows).enumerated() {
            grid.put(
                line.truncated(to: body.columns, glyphs: glyphs), row: body.row + offset, column: body.column,
                limit: body.columns)
        }
    }

    // MARK: what a panel says

    private static func panel(_ tab: Tab, _ state: State, width: Int) -> Panel {
        let title = tab.title.uppercased()
        guard !state.shown.orderedSources(of: tab.kinds).isEmpty else {
            let hint = Line(" no source; press \(tab.digit)", Style(.muted))
            return Panel(title: title, counts: [hint], others: [], total: 0)
        }
        let tally = tally(tab, state)
        let shares = tab == .pool ? poolShares(tally, state) : shares(tally)
        var counts = countLines(shares, total: tally.total, width: width, glyphs: state.setting.glyphs)
        if tab == .pool, let line = forecastLine(state) { counts.append(line) }
        let others = tab.namesRunning ? runningLines(tab, state, width: width) : phaseLines(tally)
        let running = tab.namesRunning ? state.shown.running[tab]?.count ?? 0 : others.count
        let nothing = state.links.isReading ? " nothing read yet" : " nothing there yet"
        return Panel(
            title: tally.total > 0 ? "\(title) \(tally.total)" : title,
            counts: counts.isEmpty ? [Line(nothing, Style(.muted))] : counts, others: others,
            total: running)
    }

    private static func tally(_ tab: Tab, _ state: State) -> FleetModel.Tally {
        var tally = FleetModel.Tally()
        for kind in tab.kinds {
            tally.urgencies.merge(state.shown.tallies[kind]?.urgencies ?? [:], uniquingKeysWith: +)
            tally.phases.merge(state.shown.tallies[kind]?.phases ?? [:], uniquingKeysWith: +)
            // What was not read yet is of now.
            for (itemState, count) in state.travel?.isPast == true ? [:] : state.unread[kind] ?? [:] {
                tally.urgencies[Urgency(reason: nil, state: itemState), default: 0] += count
            }
        }
        return tally
    }

    /// How many items have a status.
    private struct Share {
        let look: StatusMark
        let word: String
        let count: Int

        init(_ urgency: Urgency, word: String? = nil, _ count: Int) {
            look = StatusMark(urgency)
            self.word = word ?? urgency.word
            self.count = count
        }
    }

    private static func shares(_ tally: FleetModel.Tally) -> [Share] {
        Urgency.allCases.map { Share($0, tally.urgencies[$0] ?? 0) }
    }

    /// The same in the words of a pool. What runs is resetting or being created; that costs a look at each that runs.
    private static func poolShares(_ tally: FleetModel.Tally, _ state: State) -> [Share] {
        let rows = state.shown.running[.pool] ?? OrderedRows()
        var words: [String: Int] = [:]
        for index in 0..<rows.count {
            let item = rows[index].flatMap { state.shown.items[$0.id] }
            words[item?.poolStatus ?? Urgency.running.word, default: 0] += 1
        }
        return Urgency.allCases.flatMap { urgency -> [Share] in
            let count = tally.urgencies[urgency] ?? 0
            switch urgency {
            case .failed: return [Share(urgency, word: "error", count)]
            case .held: return [Share(urgency, word: "locked", count)]
            case .done: return [Share(urgency, word: "available", count)]
            case .running:
                let moving = words.sorted { $1.key < $0.key }.map { Share(urgency, word: $0.key, $0.value) }
                // Those of the kept head that are not read yet are counted, but not known.
                return moving + [Share(urgency, count - rows.count)]
            case .overdue, .silent, .atRisk, .unknown, .waiting: return [Share(urgency, count)]
            }
        }
    }

    /// When the next practice cluster is free. A filter of the pane would hide some of them.
    private static func forecastLine(_ state: State) -> Line? {
        guard let pane = state.shown.panes[.pool], pane.filter.isEmpty,
            let next = PoolTotals.nextFree(pane, state)
        else { return nil }
        return Line("   ") + PoolTotals.forecast(next)
    }

    /// A line a status, with a bar of its share.
    private static func countLines(_ shares: [Share], total: Int, width: Int, glyphs: Glyphs) -> [Line] {
        shares.filter { $0.count > 0 }.map { share in
            let role = share.look.role
            let room = max(4, min(24, width - 20))
            let bar = Bar(done: Double(share.count) / Double(max(1, total)), role: role)
            return Line(" \(share.look.mark) ", Style(role, .bold))
                + Line(Text.padded(share.word, to: 9), Style(role))
                + Line(Text.padded(String(share.count), to: 5, alignment: .right) + " ", Style(.text))
                + bar.line(width: room, glyphs: glyphs)
        }
    }

    /// Where the running ones are, in one line.
    private static func phaseLines(_ tally: FleetModel.Tally) -> [Line] {
        guard !tally.phases.isEmpty else { return [] }
        let phases = tally.phases.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return [
            Line(" now ", Style(.muted))
                + Line(phases.map { "\($0.key) \($0.value)" }.joined(separator: "  "), Style(.text))
        ]
    }

    /// A line for each that runs: name, bar, and what remains. The percent and what it counts come where there is room.
    private static func runningLines(_ tab: Tab, _ state: State, width: Int) -> [Line] {
        let rows = state.shown.running[tab] ?? OrderedRows()
        let items = (0..<min(namesLimit, rows.count)).compactMap { rows[$0].flatMap { state.shown.items[$0.id] } }
        let now = state.shownAt
        let glyphs = state.setting.glyphs
        let lefts = items.map { LeftText.line($0, attention: state.attention(of: $0), now: now) }
        let leftWidth = lefts.map(\.width).max() ?? 0
        let dones = items.map { $0.progress?.short ?? "" }
        let doneWidth = width >= 46 ? dones.map { TextWidth.of($0) + 1 }.max() ?? 0 : 0
        let hostWidth = state.hostWidth.map { $0 + 1 } ?? 0
        // Mark, host, name, bar, figures, and a blank between each.
        let room = max(0, width - 3 - hostWidth - doneWidth - leftWidth - 2)
        let nameWidth = min(max(8, room - 6), max(8, items.map { TextWidth.of($0.name) }.max() ?? 0))
        let barWidth = max(0, min(16, room - nameWidth))
        return items.indices.map { index in
            let item = items[index]
            let look = RowLook(item, state, widths: [:])
            let name = Text.padded(KindParts.name(item, state, width: nameWidth), to: nameWidth)
            var line = Line(look.isOld ? "~" : " ", Style(.statusStale)) + Line("\(look.mark.mark) ", Style(look.role))
            if hostWidth > 0 { line += state.hostCell(item.source).padded(to: hostWidth) }
            line += Line("\(name) ", Style(look.textRole))
            if barWidth >= 3 {
                let bar = item.progress?.bar(of: item.state).line(width: barWidth, glyphs: glyphs)
                line += look.dated(bar ?? Line(String(repeating: " ", count: barWidth))) + Line(" ")
            }
            if doneWidth > 0 { line += Line(Text.padded(dones[index], to: doneWidth), Style(look.textRole)) }
            return line + look.dated(lefts[index])
        }
    }
}
