import Fleet
import Screen

/// The line above a list: what it is, how many, what was set, and trouble of its sources.
enum PaneTitle {
    /// What is left to the trouble of a source before the counts of a pool give up their words.
    private static let columnsForTrouble = 40

    static func draw(_ pane: PaneModel, _ state: State, into grid: inout Grid, area: Rect) {
        var title = Line("\(state.tab.title.uppercased()) \(pane.total)", Style(.title, .bold))
        if !pane.filter.isEmpty { title += Line("  filter: ", Style(.muted)) + Line(pane.filter, Style(.match)) }
        if pane.sorting != .attention { title += Line("  by \(pane.sorting.rawValue)", Style(.muted)) }
        let away = state.shown.orderedSources(of: state.tab.kinds).filter { $0.state(at: state.shownAt) != .live }
        var trailing = away.first.map { trouble($0, state) } ?? Line()
        if state.tab == .pool {
            let totals = PoolTotals(pane, state)
            let room = area.columns - title.width - 4 - (away.isEmpty ? 0 : columnsForTrouble)
            title.spans.insert(contentsOf: totals.line(width: room).spans, at: 1)
            if away.isEmpty, title.width + totals.forecast.width + 5 <= area.columns { trailing = totals.forecast }
        }
        if away.count > 1 { trailing += Line(", and \(away.count - 1) more", Style(.statusWarn)) }
        // The rule drops what does not fit whole; half of a reason is better than none.
        let room = area.columns - title.width - 4
        Rule(title, trailing: trailing.truncated(to: room, glyphs: state.setting.glyphs), isFocused: true).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
    }

    private static func trouble(_ source: Source, _ state: State) -> Line {
        let now = source.state(at: state.shownAt)
        let age =
            source.lastSuccess.map { "shown as of \(WireTime.clock($0, zone: state.setting.zone))" } ?? "never read"
        let why = source.error.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 } ?? "waiting for an answer"
        let retry = source.nextTry.map { $0.timeIntervalSince(state.shownAt) }.flatMap { $0 >= 1 ? $0 : nil }
        let again = retry.map { ", again in \(DurationText.age($0))" } ?? ""
        // An error names its source; where it does not, one cannot tell which of several it is.
        let name = why.contains(source.id.text) ? "" : "\(source.id) "
        return Line("\(name)\(age): \(why)\(again)", Style(now.role))
    }
}
