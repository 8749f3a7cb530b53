/// A title in a horizontal rule, ` METAL 24 ------- api ok 3s`: a frame that costs one row.
public struct Rule: Equatable, Sendable {
    /// On the left.
    public var title: Line
    /// On the right, after the rule; dropped first where there is no room.
    public var trailing: Line
    /// The pane under it has the keys.
    public var isFocused: Bool

    /// A rule.
    public init(_ title: Line, trailing: Line = Line(), isFocused: Bool = false) {
        self.title = title
        self.trailing = trailing
        self.isFocused = isFocused
    }

    /// A rule with a plain title.
    public init(_ title: String, trailing: String = "", isFocused: Bool = false) {
        self.init(
            Line(title, Style(.title, .bold)), trailing: trailing.isEmpty ? Line() : Line(trailing, Style(.muted)),
            isFocused: isFocused)
    }

    /// The rule in `width` columns.
    public func line(width: Int, glyphs: Glyphs) -> Line {
        if width <= 0 { return Line() }
        let style = isFocused ? Style(.borderFocus, .bold) : Style(.border)
        let tail = trailing.isEmpty ? Line() : Line(" ", style) + trailing
        let head = title.isEmpty ? Line() : Line(" ", style) + title + Line(" ", style)
        let headWidth = head.width
        if headWidth >= width { return head.truncated(to: width, glyphs: glyphs) }
        // At least one cell of rule stays between the two.
        let room = width - headWidth
        let kept = tail.width < room ? tail : Line()
        let rule = String(repeating: glyphs.horizontal, count: room - kept.width)
        return head + Line(rule, style) + kept
    }

    /// Draws the rule into a row.
    public func draw(into grid: inout Grid, row: Int, column: Int, width: Int, glyphs: Glyphs) {
        grid.put(line(width: width, glyphs: glyphs), row: row, column: column)
    }
}
