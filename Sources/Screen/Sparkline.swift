/// A small graph of the latest values, one column each, newest on the right. An absent value is a gap, not a zero:
/// nothing was measured then.
public struct Sparkline: Equatable, Sendable {
    /// Oldest first; nil where nothing was measured.
    public var values: [Double?]
    /// The value of the highest level; nil takes the largest of those shown.
    public var maximum: Double?

    /// A graph.
    public init(_ values: [Double?], maximum: Double? = nil) {
        self.values = values
        self.maximum = maximum
    }

    /// The last `width` values, padded on the left when there are fewer.
    public func line(width: Int, glyphs: Glyphs) -> Line {
        if width <= 0 || glyphs.levels.isEmpty { return Line() }
        let shown = values.suffix(width)
        let measured = shown.compactMap { $0 }.filter(\.isFinite)
        let top = maximum ?? measured.max() ?? 0
        let last = glyphs.levels.count - 1
        let blank = width - shown.count
        return Line.joining(width: width) { cell in
            guard cell >= blank, let value = shown[shown.startIndex + cell - blank], value.isFinite else {
                return (" ", .graphLow)
            }
            let share = top > 0 ? min(max(value / top, 0), 1) : 0
            // Anything above zero is seen to be above zero.
            let level = share > 0 ? max(1, Int((share * Double(last)).rounded())) : 0
            return (glyphs.levels[min(level, last)], share > 0.5 ? .graphHigh : .graphLow)
        }
    }

    /// Draws the graph into a row.
    public func draw(into grid: inout Grid, row: Int, column: Int, width: Int, glyphs: Glyphs) {
        grid.put(line(width: width, glyphs: glyphs), row: row, column: column)
    }
}
