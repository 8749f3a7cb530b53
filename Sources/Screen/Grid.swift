/// A screen as a value: rows of styled cells. Drawing is total: any numbers and any text are accepted, what falls
/// outside is not drawn, and no text can smuggle a control character onto the terminal.
public struct Grid: Equatable, Sendable {
    /// The extent; fixed for the life of a grid.
    public let size: Size
    private(set) var cells: [Cell]

    /// A blank grid.
    public init(size: Size) {
        self.size = size
        cells = Array(repeating: .blank(), count: size.columns * size.rows)
    }

    /// The whole of it.
    public var bounds: Rect { Rect(size) }

    /// A cell; a blank one outside the grid.
    public subscript(row: Int, column: Int) -> Cell {
        guard row >= 0, row < size.rows, column >= 0, column < size.columns else { return .blank() }
        return cells[row * size.columns + column]
    }

    /// Writes text from a cell to the right, at most `limit` columns of it and never over the right edge. A wide
    /// character that does not fit whole becomes a blank; half of one that is written over becomes a blank too.
    /// - Returns: The columns taken, those left of the grid's edge included, so that
    ///   `column += grid.put(…)` lines texts up.
    @discardableResult
    public mutating func put(_ text: String, row: Int, column: Int, style: Style, limit: Int? = nil) -> Int {
        guard column < size.columns else { return 0 }
        var end = size.columns
        if let limit {
            guard limit > 0 else { return 0 }
            let (sum, overflow) = column.addingReportingOverflow(limit)
            if !overflow { end = min(end, sum) }
        }
        let visible = row >= 0 && row < size.rows
        let start = visible ? row * size.columns : 0
        if visible, column >= 0, let used = putASCII(text, start: start, column: column, end: end, style: style) {
            return used
        }
        return CellScanner.scanning(text[...]) { scanner in
            var next = column
            while next < end, let glyph = scanner.next() {
                let first = next
                next += Int(glyph.width)
                guard visible, next > 0 else { continue }
                if first < 0 || next > end {
                    // Half of a wide character is outside: a blank stands for the half that is inside.
                    next = min(next, end)
                    mend(start, from: max(first, 0), to: next)
                    cells[start + max(first, 0)] = .blank(style)
                } else {
                    mend(start, from: first, to: next)
                    cells[start + first] = Cell(glyph, style: style)
                    if glyph.width == 2 { cells[start + first + 1] = .rightHalf(style) }
                }
            }
            return min(next, end) - column
        }
    }

    /// Writes spans one after the other, each in its own style.
    /// - Returns: The columns taken, as the other `put`.
    @discardableResult
    public mutating func put(_ line: Line, row: Int, column: Int, limit: Int? = nil) -> Int {
        var used = 0
        for span in line.spans {
            let rest = limit.map { $0 - used }
            if let rest, rest <= 0 { break }
            let (at, overflow) = column.addingReportingOverflow(used)
            if overflow { break }
            used += put(span.text, row: row, column: at, style: span.style, limit: rest)
        }
        return used
    }

    /// Fills a rectangle with one character. A wide or unprintable character fills with blanks.
    public mutating func fill(_ rect: Rect, with character: Character = " ", style: Style) {
        let area = rect.intersection(bounds)
        if area.isEmpty { return }
        let glyph = CellScanner.scanning(String(character)[...]) { $0.next() }
        let cell = glyph.map { $0.width == 1 ? Cell($0, style: style) : .blank(style) } ?? .blank(style)
        for row in area.row..<area.endRow {
            let start = row * size.columns
            mend(start, from: area.column, to: area.endColumn)
            for column in area.column..<area.endColumn { cells[start + column] = cell }
        }
    }

    /// Changes the style of what is there already: the selected row, what a search matched, the ground under a popup.
    public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(bounds)
        if area.isEmpty { return }
        for row in area.row..<area.endRow {
            for index in row * size.columns + area.column..<row * size.columns + area.endColumn {
                cells[index].style = change(cells[index].style)
            }
        }
    }

    /// The common case, bytes straight into cells. Nil when there is anything but plain ASCII in the text: nothing
    /// has been drawn then that the careful way does not draw over.
    private mutating func putASCII(_ text: String, start: Int, column: Int, end: Int, style: Style) -> Int? {
        let used: Int?? = text.utf8.withContiguousStorageIfAvailable { bytes in
            let plain = bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
            guard plain else { return nil }
            let count = min(bytes.count, end - column)
            if count <= 0 { return 0 }
            mend(start, from: column, to: column + count)
            cells.withUnsafeMutableBufferPointer { cells in
                for offset in 0..<count {
                    cells[start + column + offset] = Cell(Unicode.Scalar(bytes[offset]), style: style)
                }
            }
            return count
        }
        return used ?? nil
    }

    /// Blanks the halves of wide characters that a write to `from..<to` of the row at `start` would cut.
    private mutating func mend(_ start: Int, from: Int, to: Int) {
        if from > 0, cells[start + from].width == 0 {
            cells[start + from - 1] = .blank(cells[start + from - 1].style)
        }
        if to < size.columns, cells[start + to].width == 0 {
            cells[start + to] = .blank(cells[start + to].style)
        }
    }
}
