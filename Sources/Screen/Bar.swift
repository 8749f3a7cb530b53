/// A bar of progress: solid is done, light is the running step, a tick stands at the usual duration and another at
/// the limit. All parts are shares of the whole bar, 0 to 1; anything else, NaN too, is brought into that range.
public struct Bar: Equatable, Sendable {
    /// The share that is done.
    public var done: Double
    /// The share that the running step has on top of it.
    public var running: Double
    /// Where the usual duration lies; nil without history.
    public var usual: Double?
    /// Where the limit lies; nil without one.
    public var limit: Double?
    /// What the done part means: `barFill`, or the colour of a status.
    public var role: Role
    /// Draws what is to come as a line. Without it the ticks stand alone, which in a list of bars is quieter and costs half the bytes.
    public var hasTrack: Bool

    /// A bar.
    public init(
        done: Double, running: Double = 0, usual: Double? = nil, limit: Double? = nil, role: Role = .barFill,
        hasTrack: Bool = true
    ) {
        self.done = done
        self.running = running
        self.usual = usual
        self.limit = limit
        self.role = role
        self.hasTrack = hasTrack
    }

    /// The bar in `width` columns. A bar that is not done never looks full, and one that has begun never looks empty:
    /// the last cell and the first are kept for that.
    public func line(width: Int, glyphs: Glyphs) -> Line {
        if width <= 0 { return Line() }
        let doneShare = Bar.share(done)
        var halves = Int((doneShare * Double(width * 2)).rounded(.down))
        if doneShare < 1 { halves = min(halves, width * 2 - 1) }
        let full = halves / 2
        let runningShare = Bar.share(running)
        let runningEnd = runningShare > 0 ? Int((Bar.share(doneShare + runningShare) * Double(width)).rounded(.up)) : 0
        let isHalf = full < width && full >= runningEnd && (halves % 2 == 1 || (full == 0 && doneShare > 0))
        let usualCell = usual.map { Bar.cell($0, width) }
        let limitCell = limit.map { Bar.cell($0, width) }
        return Line.joining(width: width) { cell in
            if cell == limitCell { return (glyphs.tickLimit, .barLimit) }
            if cell == usualCell { return (glyphs.tickUsual, .barUsual) }
            if cell < full { return (glyphs.barFill, role) }
            if cell < runningEnd { return (glyphs.barRunning, role) }
            if isHalf, cell == full, let half = glyphs.barHalf { return (half, role) }
            return hasTrack ? (glyphs.barRest, .barRest) : (" ", .text)
        }
    }

    /// Draws the bar into a row.
    public func draw(into grid: inout Grid, row: Int, column: Int, width: Int, glyphs: Glyphs) {
        grid.put(line(width: width, glyphs: glyphs), row: row, column: column)
    }

    private static func share(_ value: Double) -> Double { value > 0 ? min(value, 1) : 0 }

    private static func cell(_ value: Double, _ width: Int) -> Int {
        min(width - 1, Int(share(value) * Double(width)))
    }
}

extension Line {
    /// A line from one glyph per cell, with equal neighbours joined into spans.
    static func joining(width: Int, glyph: (Int) -> (Character, Role)) -> Line {
        var spans: [Span] = []
        var start = 0
        var text = ""
        var role = Role.text
        for cell in 0..<width {
            let (character, next) = glyph(cell)
            if next != role, cell > start {
                spans.append(Span(text, Style(role)))
                text = ""
                start = cell
            }
            role = next
            text.append(character)
        }
        if width > start { spans.append(Span(text, Style(role))) }
        return Line(spans)
    }
}
