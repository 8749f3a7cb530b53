import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The page of one item: everything about it, scrolled with the cursor keys.
enum ItemPage {
    /// From this width on, its reports and logs stand beside the rest.
    private static let columnsForTwo = 150

    /// Under so many rows, a log that is always in sight would leave too few to the rest; it has a page of its own.
    private static let rowsForTail = 16

    static func draw(_ item: Item, pane: PaneModel, _ state: State, into grid: inout Grid, layout: Layout) {
        let parts = parts(item, layout)
        if !parts.tail.isEmpty { LogPage.drawEnd(item, state, into: &grid, area: parts.tail) }
        let body = parts.body
        guard body.columns >= columnsForTwo else {
            ItemDetail.draw(lines(item, state), title: item.name, top: pane.detailTop, state, into: &grid, area: body)
            return
        }
        let left = body.left(leftColumns(body.columns))
        ItemDetail.draw(lines(item, state), title: item.name, top: pane.detailTop, state, into: &grid, area: left)
        var right = body.dropLeft(left.columns + 1)
        let logs = parts.tail.isEmpty ? KindParts.logs(item, state) : []
        if !logs.isEmpty {
            // Half of the height at most: what the system says is not pushed out by what its machines write.
            let area = right.bottom(min(logs.count + 1, right.rows / 2))
            right = right.dropBottom(area.rows)
            Rule("LOGS").draw(
                into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: state.setting.glyphs)
            ReportList.draw(logs, state, into: &grid, area: area.dropTop(1))
        }
        Rule("EVENTS").draw(
            into: &grid, row: right.row, column: right.column, width: right.columns, glyphs: state.setting.glyphs)
        ReportList.draw(
            KindParts.reports(item, state), top: pane.detailTop, state, into: &grid, area: right.dropTop(1))
    }

    /// The page, and under it, over the full width, the end of a log that is always in sight. Its height depends on that of the screen
    /// alone: nothing moves when lines come.
    fileprivate static func parts(_ item: Item, _ layout: Layout) -> (body: Rect, tail: Rect) {
        let body = layout.body
        guard body.rows >= rowsForTail, !KindParts.tail(item).isEmpty else { return (body, body.bottom(0)) }
        let tail = body.bottom(body.rows / 3)
        return (body.dropBottom(tail.rows), tail)
    }

    /// How far it can be scrolled: both columns move together, each to its own end.
    static func lastTop(_ item: Item, _ state: State) -> Int {
        let body = parts(item, Layout(state.size)).body
        let left = lines(item, state).count - (body.rows - 1)
        guard body.columns >= columnsForTwo else { return max(0, left) }
        return max(0, left, KindParts.reports(item, state).count - (body.rows - 1))
    }

    /// The page as one column, or its left one.
    static func lines(_ item: Item, _ state: State) -> [Line] {
        let columns = state.size.columns
        guard columns < columnsForTwo else {
            return ItemDetail.lines(item, state, width: leftColumns(columns) - 1, isShort: false)
        }
        var lines = ItemDetail.lines(item, state, width: columns - 2, isShort: false)
        let logs = KindParts.tail(item).isEmpty ? KindParts.logs(item, state) : []
        if !logs.isEmpty { lines += [Line("logs", Style(.muted))] + logs }
        let reports = KindParts.reports(item, state)
        return reports.isEmpty ? lines : lines + [Line("events", Style(.muted))] + reports
    }

    private static func leftColumns(_ columns: Int) -> Int { columns * 6 / 10 }
}

extension State {
    /// How far the open page can be scrolled.
    var lastPageTop: Int { selectedItem.map { ItemPage.lastTop($0, self) } ?? 0 }

    /// Lines of the open page, or of the log that fills it, that are seen at once.
    var pageRows: Int {
        let layout = Layout(size)
        let body = reading == nil ? selectedItem.map { ItemPage.parts($0, layout).body } ?? layout.body : layout.body
        return body.rows - 1
    }
}

/// What the item's own system reported of it, in fixed columns.
enum ReportList {
    static func line(
        at: Date, _ what: String, width whatWidth: Int, _ status: String, width statusWidth: Int, role: Role,
        _ text: String, _ state: State
    ) -> Line {
        let glyphs = state.setting.glyphs
        return Line(WireTime.clock(at, zone: state.setting.zone, seconds: true) + " ", Style(.muted))
            + Line(Text.padded(Text.shortened(what, to: whatWidth, glyphs: glyphs), to: whatWidth) + " ", Style(.text))
            + Line(Text.padded(status, to: statusWidth, glyphs: glyphs) + " ", Style(role)) + Line(text, Style(.text))
    }

    static func draw(_ item: Item, _ state: State, into grid: inout Grid, area: Rect) {
        draw(KindParts.reports(item, state), state, into: &grid, area: area)
    }

    /// - Parameter top: the first line that is wanted; the last ones are shown for any beyond.
    static func draw(_ lines: [Line], top: Int = 0, _ state: State, into grid: inout Grid, area: Rect) {
        let first = max(0, min(top, lines.count - area.rows))
        for (offset, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
            grid.put(
                line.truncated(to: area.columns - 1, glyphs: state.setting.glyphs), row: area.row + offset,
                column: area.column + 1, limit: area.columns - 1)
        }
    }
}
