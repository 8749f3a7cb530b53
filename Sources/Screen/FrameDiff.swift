/// A run of columns in one row that has to be painted.
public struct RowSpan: Equatable, Hashable, Sendable {
    /// The row.
    public var row: Int
    /// Its columns.
    public var columns: Range<Int>

    /// A run.
    public init(row: Int, columns: Range<Int>) {
        self.row = row
        self.columns = columns
    }
}

/// What changed between two grids.
public enum FrameDiff {
    /// Runs of at most this many equal cells between two changed ones are painted again: moving the cursor over them
    /// would cost as many bytes.
    static let gap = 4

    /// The runs to paint so that a screen that shows `old` shows `new`; everything if there is no old grid or it was
    /// of another size. A run never begins or ends inside a wide character.
    public static func spans(from old: Grid?, to new: Grid) -> [RowSpan] {
        let columns = new.size.columns
        guard columns > 0 else { return [] }
        guard let old, old.size == new.size else {
            return (0..<new.size.rows).map { RowSpan(row: $0, columns: 0..<columns) }
        }
        var spans: [RowSpan] = []
        old.cells.withUnsafeBufferPointer { before in
            new.cells.withUnsafeBufferPointer { after in
                for row in 0..<new.size.rows {
                    let start = row * columns
                    var run: Range<Int>?
                    for column in 0..<columns where before[start + column] != after[start + column] {
                        if let open = run, column - open.upperBound <= gap {
                            run = open.lowerBound..<column + 1
                        } else {
                            if let open = run { spans.append(RowSpan(row: row, columns: open)) }
                            run = column..<column + 1
                        }
                    }
                    if let open = run { spans.append(RowSpan(row: row, columns: open)) }
                }
            }
        }
        return merged(spans.map { whole($0, in: new) })
    }

    /// Widened to whole characters.
    private static func whole(_ span: RowSpan, in grid: Grid) -> RowSpan {
        var lower = span.columns.lowerBound
        var upper = span.columns.upperBound
        if lower > 0, grid[span.row, lower].width == 0 { lower -= 1 }
        if upper < grid.size.columns, grid[span.row, upper].width == 0 { upper += 1 }
        return RowSpan(row: span.row, columns: lower..<upper)
    }

    private static func merged(_ spans: [RowSpan]) -> [RowSpan] {
        var merged: [RowSpan] = []
        for span in spans {
            if let last = merged.last, last.row == span.row, last.columns.upperBound >= span.columns.lowerBound {
                merged[merged.count - 1].columns = last.columns.lowerBound..<span.columns.upperBound
            } else {
                merged.append(span)
            }
        }
        return merged
    }
}
