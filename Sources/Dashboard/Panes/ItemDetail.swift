import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One item in full: what it needs, its track with usual times and limits, its earlier runs.
enum ItemDetail {
    /// - Parameter isShort: what it needs and where it is, without the track's waiting phases and without earlier runs.
    static func lines(_ item: Item, _ state: State, width: Int, isShort: Bool) -> [Line] {
        var lines = headLines(item, state)
        if let attention = state.attention(of: item) { lines += attentionLines(attention, item, width: width) }
        lines += phaseLines(item, state, width: width, isShort: isShort)
        if !isShort { lines += runLines(item, state) }
        return lines
    }

    static func draw(
        _ lines: [Line], title: String, top: Int, _ state: State, into grid: inout Grid, area: Rect
    ) {
        let body = area.dropTop(1)
        let first = max(0, min(top, lines.count - body.rows))
        let more =
            lines.count > body.rows ? "\(first + 1)-\(min(lines.count, first + body.rows)) of \(lines.count)" : ""
        Rule(title, trailing: more).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
        for (offset, line) in lines.dropFirst(first).prefix(body.rows).enumerated() {
            grid.put(
                line.truncated(to: body.columns - 1, glyphs: state.setting.glyphs), row: body.row + offset,
                column: body.column + 1, limit: body.columns - 1)
        }
    }

    private static func headLines(_ item: Item, _ state: State) -> [Line] {
        let now = state.shownAt
        let mark = StatusMark(Urgency(reason: state.attention(of: item)?.reason, state: item.state))
        var head = Line("\(mark.mark) \(item.word)", Style(mark.role, .bold))
        if let progress = item.progress { head += Line("  \(progress.text)") }
        if let elapsed = item.elapsed(at: now) {
            head += Line(
                item.isEnded ? "  took \(DurationText.short(elapsed))" : "  for \(DurationText.short(elapsed))")
        }
        if item.state == .running {
            head += Line("  left ", Style(.muted)) + Line(item.estimate?.text ?? "no history")
        }
        let seen = DurationText.age(now.timeIntervalSince(item.evidence.at))
        var facts = ["last sign \(seen) ago"]
        if case .metal(let detail) = item.detail {
            facts = [detail.managementIP, detail.serverProfile, detail.clusterRole].compactMap { $0 } + facts
        }
        facts.append(item.evidence.from)
        return [head, Line(facts.joined(separator: "  "), Style(.muted))]
    }

    private static func attentionLines(_ attention: Attention, _ item: Item, width: Int) -> [Line] {
        let role: Role = attention.reason == .failed ? .statusFail : .statusWarn
        let indent = 9
        func labelled(_ label: String, _ text: String, _ style: Style) -> [Line] {
            Text.wrapped(text, to: max(8, width - indent)).enumerated().map { index, part in
                Line(Text.padded(index == 0 ? label : "", to: indent), Style(.muted)) + Line(part, style)
            }
        }
        var lines = labelled(attention.reason.word, attention.cause, Style(role, .bold))
        for (index, sign) in attention.signs.enumerated() {
            lines += labelled(index == 0 ? "signs" : "", sign, Style(.text))
        }
        for (index, step) in attention.next.enumerated() {
            lines += labelled(index == 0 ? "next" : "", "\(index + 1) \(step)", Style(.text))
        }
        return lines
    }

    private static func phaseLines(_ item: Item, _ state: State, width: Int, isShort: Bool) -> [Line] {
        let shown = item.phases.filter { !isShort || $0.state != .waiting }
        guard !shown.isEmpty else { return [] }
        let barWidth = max(0, min(30, width - 58))
        let title = Line(
            "  " + Text.padded("phase", to: 19) + Text.padded("took", to: 7, alignment: .right)
                + Text.padded("usual (p90)", to: 16, alignment: .right)
                + Text.padded("limit", to: 7, alignment: .right),
            Style(.muted))
        return [title] + shown.map { phaseLine($0, state, barWidth: barWidth) }
    }

    private static func phaseLine(_ phase: Phase, _ state: State, barWidth: Int) -> Line {
        let now = state.shownAt
        let mark = phase.state.mark
        let took = phase.elapsed(at: now).map { DurationText.short($0) + (phase.state == .running ? "+" : "") } ?? "-"
        let line =
            Line("\(mark.text) ", Style(mark.role))
            + Line(Text.padded(phase.name, to: 19, glyphs: state.setting.glyphs), Style(mark.role))
            + Line(Text.padded(took, to: 7, alignment: .right), Style(phase.state == .running ? .statusRun : .text))
            + Line(Text.padded(usual(phase), to: 16, alignment: .right), Style(.muted))
            + Line(Text.padded(phase.limit.map(DurationText.short) ?? "-", to: 7, alignment: .right), Style(.muted))
        if barWidth >= 8, phase.state == .running || phase.state == .failed, let bar = phase.bar(at: now) {
            return line + Line("  ") + bar.line(width: barWidth, glyphs: state.setting.glyphs)
        }
        return line + Line(note(phase, now: now), Style(.statusWarn))
    }

    /// `5m (9m) n=14`; typical values say so.
    private static func usual(_ phase: Phase) -> String {
        guard let usual = phase.usual else { return "-" }
        let high = phase.usualHigh.map { " (\(DurationText.age($0)))" } ?? ""
        let basis = phase.usualCount.map { $0 == 0 ? " typ" : " n=\($0)" } ?? ""
        return DurationText.age(usual) + high + basis
    }

    private static func note(_ phase: Phase, now: Date) -> String {
        if phase.state == .skipped { return "  not reported" }
        return phase.isSlow(at: now) ? "  slow" : ""
    }

    private static func runLines(_ item: Item, _ state: State) -> [Line] {
        guard let runs = state.runs, runs.item == item.id else { return [] }
        // The history keeps milliseconds, a service may send more: the present run is not an earlier one.
        let earlier = runs.list.filter { run in
            item.startedAt.map { abs(run.startedAt.timeIntervalSince($0)) > 0.01 } ?? true
        }
        guard !earlier.isEmpty else { return [Line("no earlier runs", Style(.muted))] }
        return [Line("earlier runs", Style(.muted))]
            + earlier.prefix(8).map { run in
                let ago = Text.padded(
                    "\(DurationText.age(state.shownAt.timeIntervalSince(run.endedAt))) ago", to: 9, alignment: .right)
                let mark = StatusMark(run.outcome == .failed ? .failed : .done)
                return Line("\(mark.mark) ", Style(mark.role)) + Line(ago, Style(.muted))
                    + Line("  \(run.word)", Style(mark.role))
                    + Line("  took \(DurationText.short(run.seconds))  \(run.cause ?? "")", Style(.text))
            }
    }
}

/// The page of one item: everything about it, scrolled with the cursor keys.
enum ItemPage {
    /// From this width on, its reports stand beside the rest.
    private static let columnsForTwo = 150

    static func draw(_ item: Item, pane: PaneModel, _ state: State, into grid: inout Grid, layout: Layout) {
        let body = layout.body
        guard body.columns >= columnsForTwo else {
            ItemDetail.draw(lines(item, state), title: item.name, top: pane.detailTop, state, into: &grid, area: body)
            return
        }
        let left = body.left(body.columns * 6 / 10)
        let lines = ItemDetail.lines(item, state, width: left.columns - 1, isShort: false)
        ItemDetail.draw(lines, title: item.name, top: pane.detailTop, state, into: &grid, area: left)
        let right = body.dropLeft(left.columns + 1)
        Rule("EVENTS").draw(
            into: &grid, row: right.row, column: right.column, width: right.columns, glyphs: state.setting.glyphs)
        ReportList.draw(item, state, into: &grid, area: right.dropTop(1))
    }

    /// The page as one column.
    static func lines(_ item: Item, _ state: State) -> [Line] {
        let lines = ItemDetail.lines(item, state, width: state.size.columns - 2, isShort: false)
        guard state.size.columns < columnsForTwo else { return lines }
        return lines + [Line("events", Style(.muted))] + ReportList.lines(item, state)
    }
}

extension State {
    /// Lines of the open page, for scrolling.
    var detailLineCount: Int { selectedItem.map { ItemPage.lines($0, self).count } ?? 0 }
}

/// What the item's own system reported of it, newest first.
enum ReportList {
    static func lines(_ item: Item, _ state: State) -> [Line] {
        guard case .metal(let detail) = item.detail else { return [] }
        return detail.reports.reversed().map { report in
            let role: Role =
                report.status == "failed" ? .statusFail : report.status == "success" ? .statusOk : .text
            return Line(WireTime.clock(report.at, zone: state.setting.zone, seconds: true) + " ", Style(.muted))
                + Line(Text.padded(report.phase, to: 21, glyphs: state.setting.glyphs) + " ", Style(.text))
                + Line(Text.padded(report.status, to: 12, glyphs: state.setting.glyphs), Style(role))
                + Line(report.message, Style(.text))
        }
    }

    static func draw(_ item: Item, _ state: State, into grid: inout Grid, area: Rect) {
        for (offset, line) in lines(item, state).prefix(area.rows).enumerated() {
            grid.put(
                line.truncated(to: area.columns - 1, glyphs: state.setting.glyphs), row: area.row + offset,
                column: area.column + 1, limit: area.columns - 1)
        }
    }
}
