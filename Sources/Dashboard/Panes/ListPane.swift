import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A list of items with the selected one in detail beside or below it: what the list panes of all systems share.
protocol ListPane {
    /// What one row is, and many are: `node`, `nodes`.
    static var noun: (one: String, many: String) { get }
    /// The columns for a list of this width.
    static func table(width: Int, _ state: State) -> Table
    /// The cells of a row, one for each column.
    static func row(_ item: Item, _ look: RowLook) -> [Line]
    /// The cells of the row that stands for so many ended items.
    ///
    /// - Parameter hint: how they are shown one by one.
    static func fold(_ count: Int, _ hint: Line) -> [Line]
    /// Whether a small detail is cut to what matters at a glance.
    static var hasShortDetail: Bool { get }
}

extension ListPane {
    /// From this width on, a detail beside the list says everything; under the list there are never rows enough.
    private static var columnsForFull: Int { 54 }

    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        guard let pane = state.listPane else { return }
        if pane.isOpen, let item = state.selectedItem {
            if let reading = state.reading {
                LogPage.draw(item, reading, state, into: &grid, layout: layout)
            } else {
                ItemPage.draw(item, pane: pane, state, into: &grid, layout: layout)
            }
            return
        }
        let parts = layout.listPane(isZoomed: state.isZoomed, rows: pane.visibleCount)
        PaneTitle.draw(pane, state, into: &grid, area: parts.title)
        drawTable(pane, state, into: &grid, area: parts.table)
        guard let item = state.detailItem else { return }
        if !parts.detail.isEmpty {
            let isSmall = parts.detail.columns == layout.columns || parts.detail.columns < columnsForFull
            let lines = ItemDetail.lines(
                item, state, width: parts.detail.columns - 1, isShort: hasShortDetail && isSmall)
            let area = Rect(
                column: parts.detailTitle.column, row: parts.detailTitle.row, columns: parts.detail.columns,
                rows: parts.detail.rows + 1)
            ItemDetail.draw(lines, title: item.name, top: 0, state, into: &grid, area: area)
        }
        guard !parts.events.isEmpty else { return }
        if !KindParts.tail(item).isEmpty {
            let area = Rect(column: 0, row: parts.eventsTitle.row, columns: layout.columns, rows: parts.events.rows + 1)
            LogPage.drawEnd(item, state, into: &grid, area: area)
        } else {
            Rule("EVENTS OF \(item.name)").draw(
                into: &grid, row: parts.eventsTitle.row, column: 0, width: layout.columns, glyphs: state.setting.glyphs)
            ReportList.draw(item, state, into: &grid, area: parts.events)
        }
    }

    private static func drawTable(_ pane: PaneModel, _ state: State, into grid: inout Grid, area: Rect) {
        if pane.visibleCount == 0 {
            grid.put(
                emptyText(pane, state), row: area.row, column: area.column + 2, style: Style(.muted),
                limit: area.columns - 2)
            return
        }
        let room = area.columns - (state.hostWidth.map { $0 + 1 } ?? 0)
        let table = state.withHosts(table(width: room, state))
        let widths = state.widths(table, width: area.columns)
        table.draw(
            into: &grid, in: area, count: pane.visibleCount, top: pane.top, cursor: pane.index(of: pane.selection),
            glyphs: state.setting.glyphs
        ) { index in
            switch pane.row(at: index) {
            case .item(let id):
                guard let item = state.shown.items[id] else { return [] }
                return state.withHost(row(item, RowLook(item, state, widths: widths)), of: item)
            case .fold: return state.withHost(fold(pane.foldedCount, foldHint(state)), of: nil)
            case nil: return []
            }
        }
    }

    private static func foldHint(_ state: State) -> Line {
        let binding = state.setting.keymap.bindings.first { $0.command == .fold }
        let key = binding.flatMap { state.keys(of: $0).first?.name }
        return Line(key.map { "\($0) unfolds" } ?? "", Style(.muted))
    }

    private static func emptyText(_ pane: PaneModel, _ state: State) -> String {
        if !pane.filter.isEmpty { return "No \(noun.one) matches. Esc takes the filter away." }
        let isRead = state.shown.orderedSources(of: state.tab.kinds).contains { $0.lastSuccess != nil }
        return isRead ? "No \(noun.many) yet." : "No answer yet. The first line says how the sources are."
    }
}

/// What the cells of a row are made from, the same for all kinds.
struct RowLook {
    let state: State
    let attention: Attention?
    let mark: StatusMark
    /// Its source does not answer, so what is shown may be old.
    let isOld: Bool
    /// Seconds since its source answered; nil if it never did.
    let age: Double?
    private let widths: [Int: Int]

    /// - Parameter widths: the width of each column that is shown, by its index.
    init(_ item: Item, _ state: State, widths: [Int: Int]) {
        self.state = state
        self.widths = widths
        attention = state.attention(of: item)
        mark = StatusMark(Urgency(reason: attention?.reason, state: item.state))
        let source = state.shown.sources[item.source]
        isOld = source.map { $0.state(at: state.shownAt) != .live } ?? true
        age = source?.age(at: state.shownAt)
    }

    var now: Date { state.shownAt }
    var glyphs: Glyphs { state.setting.glyphs }
    /// For its status.
    var role: Role { isOld ? .statusStale : mark.role }
    /// For its values.
    var textRole: Role { isOld ? .statusStale : .text }

    /// Columns; 0 when the column has no room.
    func width(of column: Int) -> Int { widths[column] ?? 0 }

    /// `~>`: old, running.
    var markCell: Line { Line(isOld ? "~" : " ", Style(.statusStale)) + Line(mark.mark, Style(mark.role)) }

    func nameCell(_ item: Item, column: Int) -> Line {
        Line(Text.shortened(item.name, to: width(of: column), glyphs: glyphs))
    }

    /// The line in the weight of an old value, where it is one.
    func dated(_ line: Line) -> Line {
        isOld ? Line(line.spans.map { Span($0.text, Style(.statusStale, $0.style.attributes)) }) : line
    }
}
