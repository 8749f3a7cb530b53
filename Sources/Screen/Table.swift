/// Rows under column titles. Rows are asked for one by one and only when they are visible, so a table of 5,000 rows
/// costs what fits on the screen.
public struct Table: Sendable {
    /// A column.
    public struct Column: Equatable, Sendable {
        /// How wide a column is.
        public enum Width: Equatable, Sendable {
            /// Always this many columns.
            case fixed(Int)
            /// At least this many; what is left over is shared between such columns by weight.
            case flexible(min: Int, weight: Int = 1)

            var least: Int {
                switch self {
                case .fixed(let width): max(0, width)
                case .flexible(let least, _): max(0, least)
                }
            }

            var weight: Int {
                switch self {
                case .fixed: 0
                case .flexible(_, let weight): max(0, weight)
                }
            }
        }

        /// Its title.
        public var title: String
        /// How wide it is.
        public var width: Width
        /// Where its text stands.
        public var alignment: Text.Alignment
        /// 0 stays as long as anything; the column with the highest number is the first to go when it is narrow.
        public var priority: Int
        /// Blank columns after it, when another one follows.
        public var gap: Int

        /// A column.
        public init(
            _ title: String, width: Width, alignment: Text.Alignment = .left, priority: Int = 0, gap: Int = 1
        ) {
            self.title = title
            self.width = width
            self.alignment = alignment
            self.priority = priority
            self.gap = max(0, gap)
        }
    }

    /// Where a column stands when the table has a certain width.
    public struct Placement: Equatable, Sendable {
        /// Index of the column in `columns`.
        public var index: Int
        /// Columns from the left edge of the table.
        public var column: Int
        /// Columns it has.
        public var width: Int
    }

    /// All columns, left to right.
    public var columns: [Column]
    /// With a row of titles.
    public var hasHeader: Bool

    /// A table.
    public init(columns: [Column], hasHeader: Bool = true) {
        self.columns = columns
        self.hasHeader = hasHeader
    }

    /// Which columns are shown in `width` columns, and where. The first column of the table is the marker of the
    /// selected row. At any width above 1 at least one column is shown, narrower than it wants to be if need be.
    public func layout(width: Int) -> [Placement] {
        let room = max(0, width - 1)
        var shown = Array(columns.indices)
        while shown.count > 1, least(shown) > room {
            // Of equal priorities the rightmost goes first.
            guard let drop = shown.max(by: { columns[$0].priority <= columns[$1].priority }) else { break }
            shown.removeAll { $0 == drop }
        }
        let weights = shown.reduce(0) { $0 + columns[$1].width.weight }
        var spare = max(0, room - least(shown))
        var weightLeft = weights
        var placements: [Placement] = []
        var at = 1
        for index in shown {
            let column = columns[index]
            var wide = column.width.least
            if weightLeft > 0, column.width.weight > 0 {
                let extra = spare * column.width.weight / weightLeft
                wide += extra
                spare -= extra
                weightLeft -= column.width.weight
            }
            wide = min(wide, width - at)
            guard wide > 0 else { continue }
            placements.append(Placement(index: index, column: at, width: wide))
            at += wide + column.gap
        }
        return placements
    }

    /// Draws the table.
    /// - Parameters:
    ///   - count: How many rows there are.
    ///   - top: The first visible row (see `Scroll.top`).
    ///   - cursor: The selected row: it gets the marker and the `cursor` role, because colour alone is not seen by
    ///     everybody.
    ///   - row: The cells of a row, one line per column of `columns`; missing ones are blank.
    public func draw(
        into grid: inout Grid, in area: Rect, count: Int, top: Int = 0, cursor: Int? = nil, glyphs: Glyphs,
        row: (Int) -> [Line]
    ) {
        if area.isEmpty { return }
        let placements = layout(width: area.columns)
        var body = area
        if hasHeader {
            for place in placements {
                let title = Line(columns[place.index].title, Style(.muted))
                put(title, place, into: &grid, row: area.row, area: area, glyphs: glyphs)
            }
            body = area.dropTop(1)
        }
        let first = min(max(0, top), max(0, count))
        for offset in 0..<min(body.rows, max(0, count - first)) {
            let index = first + offset
            let cells = row(index)
            for place in placements where place.index < cells.count {
                put(cells[place.index], place, into: &grid, row: body.row + offset, area: area, glyphs: glyphs)
            }
            if index == cursor {
                grid.restyle(body.dropTop(offset).top(1)) { _ in Style(.cursor) }
                grid.put(String(glyphs.cursor), row: body.row + offset, column: area.column, style: Style(.cursor))
            }
        }
    }

    private func put(
        _ line: Line, _ place: Placement, into grid: inout Grid, row: Int, area: Rect, glyphs: Glyphs
    ) {
        let width = line.width
        let cut = width > place.width ? line.truncated(to: place.width, glyphs: glyphs) : line
        // A wide character at the cut may leave one column over; it goes to the right as it does to the left.
        let room = max(0, place.width - width)
        let indent =
            switch columns[place.index].alignment {
            case .left: 0
            case .right: room
            case .centre: room / 2
            }
        grid.put(cut, row: row, column: area.column + place.column + indent, limit: place.width - indent)
    }

    private func least(_ shown: [Int]) -> Int {
        shown.reduce(0) { $0 + columns[$1].width.least }
            + shown.dropLast().reduce(0) { $0 + columns[$1].gap }
    }
}

/// Which part of a long list is visible.
public enum Scroll {
    /// The first visible row so that the selected one is on the screen, moved as little as possible from `current`.
    /// Never leaves empty room below the last row while there are rows above.
    public static func top(current: Int, cursor: Int?, count: Int, height: Int) -> Int {
        guard height > 0, count > height else { return 0 }
        var top = min(max(0, current), count - height)
        if let cursor {
            let cursor = min(max(0, cursor), count - 1)
            if cursor < top { top = cursor }
            if cursor >= top + height { top = cursor - height + 1 }
        }
        return top
    }
}
