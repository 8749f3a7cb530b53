import Screen

/// Where the parts of a screen lie, for a size. Widths 84 and 140 and height 30 are the breakpoints; nothing is ever outside the screen.
struct Layout {
    /// Under this the screen is a list and nothing else.
    static let smallest = Size(columns: 40, rows: 8)

    let screen: Rect
    /// The two lines at the top: who and where from; the panes.
    let header: Rect
    let body: Rect
    let hints: Rect
    let isTiny: Bool
    let columns: Int

    init(_ size: Size) {
        screen = Rect(size)
        columns = size.columns
        isTiny = size.columns < Self.smallest.columns || size.rows < Self.smallest.rows
        header = isTiny ? screen.top(1) : screen.top(2)
        hints = isTiny ? screen.bottom(0) : screen.bottom(1)
        body = screen.dropTop(header.rows).dropBottom(hints.rows)
    }

    /// The parts of a list pane.
    struct ListPane {
        let title: Rect
        let table: Rect
        /// The rule above the detail, and the detail; empty where there is no room or no wish for it.
        let detailTitle: Rect
        let detail: Rect
        /// The selected item's events, full width at the bottom of a high screen.
        let eventsTitle: Rect
        let events: Rect
    }

    /// - Parameters:
    ///   - isZoomed: the list takes everything.
    ///   - rows: how many rows the list has; a short list leaves its room to the detail.
    func listPane(isZoomed: Bool, rows: Int) -> ListPane {
        let none = body.top(0)
        let title = body.top(isTiny ? 0 : 1)
        let under = body.dropTop(title.rows)
        // The titles of the columns take one row of the table.
        let wanted = rows + 1
        if isZoomed || under.rows < 10 {
            return ListPane(
                title: title, table: under, detailTitle: none, detail: none, eventsTitle: none, events: none)
        }
        if columns < 84 {
            let table = under.top(max(5, min(wanted, under.rows * 2 / 5)))
            let rest = under.dropTop(table.rows)
            return ListPane(
                title: title, table: table, detailTitle: rest.top(1), detail: rest.dropTop(1), eventsTitle: none,
                events: none)
        }
        let high = screen.rows >= 30
        let eventRows = high ? min(10, under.rows / 3) : 0
        let upper = under.dropBottom(eventRows)
        let lower = under.bottom(eventRows)
        let table = upper.left(columns * 6 / 10)
        let side = upper.dropLeft(table.columns + 1)
        return ListPane(
            title: title, table: table, detailTitle: side.top(1), detail: side.dropTop(1), eventsTitle: lower.top(1),
            events: lower.dropTop(1))
    }
}

extension State {
    /// Visible rows of a pane's list, without its column titles.
    func listHeight(_ tab: Tab) -> Int {
        let layout = Layout(size)
        let rows = shown.panes[tab]?.visibleCount ?? 0
        return max(0, layout.listPane(isZoomed: isZoomed, rows: rows).table.rows - (layout.isTiny ? 0 : 1))
    }
}
