import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension State {
    /// Whether an item's diagnosis says it already.
    func tells(_ text: String, of item: Item) -> Bool {
        guard let attention = attention(of: item) else { return false }
        return ([attention.cause] + attention.signs).contains { $0.contains(text) }
    }
}

/// One item in full: what it needs, its track with usual times and limits, what only its kind has, its earlier runs.
enum ItemDetail {
    /// Columns of the words before cause, signs and steps.
    private static let labelWidth = 9
    /// Lines that a cause may take where rows are short, and where columns are.
    private static let shortCause = (wide: 2, narrow: 4)
    /// Under this width nothing worth reading is left of a line that is cut; it is wrapped instead.
    private static let columnsForCut = 54

    /// More phases than these are not shown line by line.
    private static let phaseLimit = 40

    /// - Parameter isShort: what it needs and where it is, without the track's waiting phases and without earlier runs.
    static func lines(_ item: Item, _ state: State, width: Int, isShort: Bool) -> [Line] {
        let head = headLines(item, state)
        let attention = state.attention(of: item)
        let cause = attention.map { causeLines($0, width: width) } ?? []
        let parts = KindParts(item, state, width: width, isShort: isShort)
        guard isShort, !parts.sections.isEmpty else {
            let track = phaseLines(item, state, width: width, isShort: isShort)
            let help = attention.map { helpLines($0, width: width) } ?? []
            return head + cause + help + parts.troubles + track + parts.sections
                + (isShort ? [] : runLines(item, state))
        }
        // What is seen at a glance stands before what has to be read: the cause in short, how far it is, then what to
        // do, a line each.
        let isNarrow = width < columnsForCut
        let limit = isNarrow ? shortCause.narrow : shortCause.wide
        var short = Array(cause.prefix(limit))
        if cause.count > limit, let last = short.popLast() {
            let glyphs = state.setting.glyphs
            short.append(last.truncated(to: width - 2, glyphs: glyphs) + Line(String(glyphs.ellipsis), Style(.muted)))
        }
        let help = attention.map { isNarrow ? helpLines($0, width: width) : shortHelpLines($0) } ?? []
        return head + short + parts.troubles + parts.sections + help
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
        let standing = KindParts.standing(item, state)
        if let standing { head += Line("  \(standing)") }
        if let progress = item.progress, standing == nil { head += Line("  \(progress.text)") }
        if let elapsed = item.elapsed(at: now), standing == nil {
            head += Line(
                item.isEnded ? "  took \(DurationText.short(elapsed))" : "  for \(DurationText.short(elapsed))")
        }
        if item.state == .running {
            head += Line("  left ", Style(.muted)) + Line(item.estimate?.text ?? "no history")
        }
        let seen = DurationText.age(now.timeIntervalSince(item.evidence.at))
        let facts =
            [state.host(of: item.source)].compactMap { $0 } + KindParts.facts(item) + [
                "last sign \(seen) ago", item.evidence.from,
            ]
        return [head, Line(facts.joined(separator: "  "), Style(.muted))]
    }

    // MARK: what it needs

    private static func labelled(_ label: String, _ text: String, _ style: Style, width: Int) -> [Line] {
        Text.wrapped(text, to: max(8, width - labelWidth)).enumerated().map { index, part in
            Line(Text.padded(index == 0 ? label : "", to: labelWidth), Style(.muted)) + Line(part, style)
        }
    }

    private static func causeLines(_ attention: Attention, width: Int) -> [Line] {
        let role: Role = attention.reason == .failed ? .statusFail : .statusWarn
        return labelled(attention.reason.word, attention.cause, Style(role, .bold), width: width)
    }

    /// Signs and next steps.
    private static func helpLines(_ attention: Attention, width: Int) -> [Line] {
        attention.signs.enumerated().flatMap { index, sign in
            labelled(index == 0 ? "signs" : "", sign, Style(.text), width: width)
        }
            + attention.next.enumerated().flatMap { index, step in
                labelled(index == 0 ? "next" : "", "\(index + 1) \(step)", Style(.text), width: width)
            }
    }

    /// The same in a line for all signs and one for each step; what does not fit is cut.
    private static func shortHelpLines(_ attention: Attention) -> [Line] {
        var texts = attention.signs.isEmpty ? [] : [("signs", attention.signs.joined(separator: "; "))]
        texts += attention.next.enumerated().map { ($0 == 0 ? "next" : "", "\($0 + 1) \($1)") }
        return texts.map { Line(Text.padded($0.0, to: labelWidth), Style(.muted)) + Line($0.1, Style(.text)) }
    }

    // MARK: its track

    private static func phaseLines(_ item: Item, _ state: State, width: Int, isShort: Bool) -> [Line] {
        let shown = item.phases.filter { !isShort || $0.state != .waiting }
        guard !shown.isEmpty else { return [] }
        let table = TrackTable(width: width, glyphs: state.setting.glyphs)
        if shown.count > phaseLimit {
            return ShortTrack(item: item, table: table, now: state.shownAt).lines(isTitled: true)
        }
        return [table.title("phase", usual: "usual (p90)", last: "limit")]
            + shown.map { phaseLine($0, table, now: state.shownAt) }
    }

    private static func phaseLine(_ phase: Phase, _ table: TrackTable, now: Date) -> Line {
        let hasBar = table.barWidth >= 8 && (phase.state == .running || phase.state == .failed)
        let bar = hasBar ? phase.bar(at: now) : nil
        return table.line(
            phase.name, state: phase.state,
            took: TrackText.took(phase.elapsed(at: now), isRunning: phase.state == .running),
            usual: TrackText.usual(phase.usual, high: phase.usualHigh, count: phase.usualCount),
            last: phase.limit.map(DurationText.short) ?? "-",
            tail: bar.map(table.tail) ?? Line(note(phase, now: now), Style(.statusWarn)))
    }

    private static func note(_ phase: Phase, now: Date) -> String {
        if phase.state == .skipped { return "  not reported" }
        return phase.isSlow(at: now) ? "  slow" : ""
    }

    private static func runLines(_ item: Item, _ state: State) -> [Line] {
        guard let runs = state.runs, runs.item == item.id else { return [] }
        // The history keeps milliseconds, a service may send more: the present run is not an earlier one.
        let earlier = runs.list.filter { run in
            run.endedAt <= state.shownAt
                && item.startedAt.map { abs(run.startedAt.timeIntervalSince($0)) > 0.01 } ?? true
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
