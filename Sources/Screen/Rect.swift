/// A rectangle of cells. Every cut below clamps, so that a layout written for a large screen is safe at 1x1:
/// what does not fit becomes an empty rectangle, never one of negative size and never one outside its parent.
public struct Rect: Equatable, Sendable {
    /// The leftmost column.
    public var column: Int
    /// The topmost row.
    public var row: Int
    /// Cells in a row; never negative.
    public var columns: Int
    /// Rows; never negative.
    public var rows: Int

    /// A rectangle at a corner; a negative extent becomes 0.
    public init(column: Int = 0, row: Int = 0, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    /// The whole of a screen of this size.
    public init(_ size: Size) {
        self.init(columns: size.columns, rows: size.rows)
    }

    /// Nothing can be drawn here.
    public var isEmpty: Bool { columns == 0 || rows == 0 }

    /// The extent alone.
    public var size: Size { Size(columns: columns, rows: rows) }

    /// The first row below; saturates for absurd numbers instead of overflowing.
    public var endRow: Int { Rect.end(row, rows) }

    /// The first column to the right.
    public var endColumn: Int { Rect.end(column, columns) }

    /// The upper `n` rows.
    public func top(_ n: Int) -> Rect {
        Rect(column: column, row: row, columns: columns, rows: Rect.part(n, rows))
    }

    /// The lower `n` rows.
    public func bottom(_ n: Int) -> Rect { dropTop(rows - Rect.part(n, rows)) }

    /// Everything but the upper `n` rows.
    public func dropTop(_ n: Int) -> Rect {
        let cut = Rect.part(n, rows)
        return Rect(column: column, row: Rect.end(row, cut), columns: columns, rows: rows - cut)
    }

    /// Everything but the lower `n` rows.
    public func dropBottom(_ n: Int) -> Rect { top(rows - Rect.part(n, rows)) }

    /// The leftmost `n` columns.
    public func left(_ n: Int) -> Rect {
        Rect(column: column, row: row, columns: Rect.part(n, columns), rows: rows)
    }

    /// The rightmost `n` columns.
    public func right(_ n: Int) -> Rect { dropLeft(columns - Rect.part(n, columns)) }

    /// Everything but the leftmost `n` columns.
    public func dropLeft(_ n: Int) -> Rect {
        let cut = Rect.part(n, columns)
        return Rect(column: Rect.end(column, cut), row: row, columns: columns - cut, rows: rows)
    }

    /// Everything but the rightmost `n` columns.
    public func dropRight(_ n: Int) -> Rect { left(columns - Rect.part(n, columns)) }

    /// The rectangle without a margin on each side.
    public func inset(columns horizontal: Int = 0, rows vertical: Int = 0) -> Rect {
        dropLeft(horizontal).dropRight(horizontal).dropTop(vertical).dropBottom(vertical)
    }

    /// A rectangle of this size (or what fits of it) in the middle: where a popup goes.
    public func centred(columns wide: Int, rows high: Int) -> Rect {
        let wide = Rect.part(wide, columns)
        let high = Rect.part(high, rows)
        return dropLeft((columns - wide) / 2).left(wide).dropTop((rows - high) / 2).top(high)
    }

    /// What both cover; empty where they do not meet.
    public func intersection(_ other: Rect) -> Rect {
        let left = max(column, other.column)
        let top = max(row, other.row)
        let right = min(endColumn, other.endColumn)
        let bottom = min(endRow, other.endRow)
        return Rect(
            column: left, row: top, columns: right > left ? right - left : 0, rows: bottom > top ? bottom - top : 0)
    }

    private static func part(_ n: Int, _ whole: Int) -> Int { min(max(0, n), whole) }

    private static func end(_ start: Int, _ length: Int) -> Int {
        let (sum, overflow) = start.addingReportingOverflow(length)
        return overflow ? Int.max : sum
    }
}
