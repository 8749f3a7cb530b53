import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Bare-metal nodes: a row each, with the present phase against its usual time and its limit; the selected one in detail.
enum MetalPane {
    private static let table = Table(columns: [
        .init("", width: .fixed(2)), .init("NODE", width: .flexible(min: 12, weight: 4)),
        .init("PHASE", width: .fixed(17)), .init("DONE", width: .fixed(8), alignment: .right, priority: 2),
        .init("TOOK", width: .fixed(6), alignment: .right),
        .init("OF LIMIT", width: .flexible(min: 10, weight: 2), priority: 3),
        .init("LEFT", width: .flexible(min: 18, weight: 1)),
        .init("SEEN", width: .fixed(5), alignment: .right, priority: 4),
        .init("ADDRESS", width: .fixed(15), priority: 5), .init("PROFILE", width: .flexible(min: 18), priority: 6),
    ])

    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        guard let pane = state.listPane else { return }
        if pane.isOpen, let item = state.selectedItem {
            ItemPage.draw(item, pane: pane, state, into: &grid, layout: layout)
            return
        }
        let parts = layout.listPane(isZoomed: state.isZoomed, rows: pane.visibleCount)
        PaneTitle.draw(pane, state, into: &grid, area: parts.title)
        drawTable(pane, state, into: &grid, area: parts.table)
        guard let item = state.detailItem else { return }
        if !parts.detail.isEmpty {
            let lines = ItemDetail.lines(item, state, width: parts.detail.columns - 1, isShort: false)
            let area = Rect(
                column: parts.detailTitle.column, row: parts.detailTitle.row, columns: parts.detail.columns,
                rows: parts.detail.rows + 1)
            ItemDetail.draw(lines, title: item.name, top: 0, state, into: &grid, area: area)
        }
        if !parts.events.isEmpty {
            Rule("EVENTS OF \(item.name)").draw(
                into: &grid, row: parts.eventsTitle.row, column: 0, width: layout.columns, glyphs: state.setting.glyphs)
            ReportList.draw(item, state, into: &grid, area: parts.events)
        }
    }

    private static func drawTable(_ pane: PaneModel, _ state: State, into grid: inout Grid, area: Rect) {
        if pane.visibleCount == 0 {
            let text = pane.filter.isEmpty ? "No nodes yet." : "No node matches. Esc takes the filter away."
            grid.put(text, row: area.row, column: area.column + 2, style: Style(.muted), limit: area.columns - 2)
            return
        }
        let shown = state.shown
        table.draw(
            into: &grid, in: area, count: pane.visibleCount, top: pane.top, cursor: pane.index(of: pane.selection),
            glyphs: state.setting.glyphs
        ) { index in
            switch pane.row(at: index) {
            case .item(let id):
                shown.items[id].map { row($0, state, nameWidth: width(of: 1, area), barWidth: width(of: 5, area)) }
                    ?? []
            case .fold:
                [
                    Line(" +", Style(.statusOk)), Line("\(pane.foldedCount) more", Style(.statusOk)),
                    Line("deployed", Style(.statusOk)), Line(), Line(), Line(), Line("Space unfolds", Style(.muted)),
                ]
            case nil: []
            }
        }
    }

    private static func width(of column: Int, _ area: Rect) -> Int {
        table.layout(width: area.columns).first { $0.index == column }?.width ?? 0
    }

    private static func row(_ item: Item, _ state: State, nameWidth: Int, barWidth: Int) -> [Line] {
        let now = state.shownAt
        let attention = state.attention(of: item)
        let mark = StatusMark(Urgency(reason: attention?.reason, state: item.state))
        let source = state.shown.sources[item.source]
        let isOld = source.map { $0.state(at: now) != .live } ?? true
        let role: Role = isOld ? .statusStale : mark.role
        let phase = item.phases.last { $0.state == .running } ?? item.phases.last { $0.state == .failed }
        let took = phase?.elapsed(at: now) ?? (item.state == .done ? item.elapsed(at: now) : nil)
        let progress = item.progress.map { "\($0.percent)% \($0.done)/\($0.total)" } ?? ""
        var cells = [
            Line(isOld ? "~" : " ", Style(.statusStale)) + Line(mark.mark, Style(mark.role)),
            Line(Text.shortened(item.name, to: nameWidth, glyphs: state.setting.glyphs)),
            Line(item.state == .failed ? phase?.name ?? item.word : item.word, Style(role)),
            Line(progress, Style(isOld ? .statusStale : .text)),
            Line(took.map(DurationText.short) ?? "", Style(isOld ? .statusStale : .text)),
            phase.flatMap { $0.bar(at: now, hasTrack: false)?.line(width: barWidth, glyphs: state.setting.glyphs) }
                ?? Line(),
            LeftText.line(item, attention: attention, now: now),
            Line(DurationText.age(now.timeIntervalSince(item.evidence.at)), Style(.muted)),
        ]
        if case .metal(let detail) = item.detail {
            cells.append(Line(detail.managementIP ?? "", Style(.muted)))
            cells.append(Line(detail.serverProfile ?? "", Style(.muted)))
        }
        return cells
    }
}

/// The line above a list: what it is, how many, what was set, and trouble of its sources.
enum PaneTitle {
    static func draw(_ pane: PaneModel, _ state: State, into grid: inout Grid, area: Rect) {
        var title = Line("\(state.tab.title.uppercased()) \(pane.total)", Style(.title, .bold))
        if !pane.filter.isEmpty { title += Line("  filter: ", Style(.muted)) + Line(pane.filter, Style(.match)) }
        if pane.sorting != .attention { title += Line("  by \(pane.sorting.rawValue)", Style(.muted)) }
        let trouble = state.shown.orderedSources(of: state.tab.kinds).compactMap { Self.trouble($0, state) }
        Rule(title, trailing: trouble.first ?? Line(), isFocused: true).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
    }

    private static func trouble(_ source: Source, _ state: State) -> Line? {
        let now = source.state(at: state.shownAt)
        guard now != .live else { return nil }
        let age =
            source.lastSuccess.map { "shown as of \(WireTime.clock($0, zone: state.setting.zone))" } ?? "never read"
        let why = source.error.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 } ?? "waiting for an answer"
        let retry = source.nextTry.map { $0.timeIntervalSince(state.shownAt) }.flatMap { $0 >= 1 ? $0 : nil }
        let again = retry.map { ", again in \(DurationText.age($0))" } ?? ""
        return Line("\(age): \(why)\(again)", Style(now.role))
    }
}

/// What is said of the time that is left, or why there is no such thing.
enum LeftText {
    static func line(_ item: Item, attention: Attention?, now: Date) -> Line {
        if let attention {
            switch attention.reason {
            case .failed: return Line("failed", Style(.statusFail))
            case .overdue:
                return Line(
                    "overdue" + (attention.limit.map { ", limit \(DurationText.short($0))" } ?? ""), Style(.statusWarn))
            case .silent:
                return Line("silent \(DurationText.age(now.timeIntervalSince(item.evidence.at)))", Style(.statusWarn))
            case .atRisk: break
            }
        }
        if let phase = item.currentPhase, phase.isSlow(at: now), let usual = phase.usual, let high = phase.usualHigh {
            return Line("slow: usual \(DurationText.band(usual, high))", Style(.statusWarn))
        }
        switch item.state {
        case .running:
            return Line(item.estimate?.text ?? "no history", Style(item.estimate?.p50 == nil ? .muted : .text))
        case .done:
            let ago = item.endedAt.map { "\(DurationText.age(now.timeIntervalSince($0))) ago" } ?? ""
            return Line(ago, Style(.muted))
        case .waiting, .failed, .held, .unknown: return Line()
        }
    }
}

extension Phase {
    /// The phase's own bar: what it has taken of its limit, with ticks at the usual time and at the limit. Nil without either.
    func bar(at now: Date, hasTrack: Bool = true) -> Bar? {
        guard let taken = elapsed(at: now), let end = limit ?? usualHigh.map({ $0 * 2 }), end > 0 else { return nil }
        // The limit stands a little before the end, so that one can see what lies beyond it.
        let scale = end * 1.15
        let share = taken / scale
        let role: Role = state == .failed ? .statusFail : limit.map { taken > $0 } == true ? .statusWarn : .barFill
        return Bar(
            done: state == .running ? 0 : share, running: state == .running ? share : 0,
            usual: usual.map { $0 / scale },
            limit: limit.map { $0 / scale }, role: role, hasTrack: hasTrack)
    }
}
