/// A piece of text in one style.
public struct Span: Equatable, Hashable, Sendable {
    /// What it says.
    public var text: String
    /// How it looks.
    public var style: Style

    /// A piece of text.
    public init(_ text: String, _ style: Style) {
        self.text = text
        self.style = style
    }

    /// Columns.
    public var width: Int { TextWidth.of(text) }
}

/// One line of text in several styles, not yet placed anywhere.
public struct Line: Equatable, Hashable, Sendable {
    /// Its pieces, left to right.
    public var spans: [Span]

    /// A line of several pieces.
    public init(_ spans: [Span] = []) { self.spans = spans }

    /// A line in one style.
    public init(_ text: String, _ style: Style = Style(.text)) { spans = [Span(text, style)] }

    /// Columns.
    public var width: Int { spans.reduce(0) { $0 + $1.width } }

    /// What it says, without styles.
    public var text: String { spans.map(\.text).joined() }

    /// Nothing to show.
    public var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }

    /// One after the other.
    public static func + (left: Line, right: Line) -> Line { Line(left.spans + right.spans) }

    /// Appends.
    public static func += (left: inout Line, right: Line) { left.spans += right.spans }

    /// At most `columns` of it; what was cut is told by the ellipsis.
    public func truncated(to columns: Int, glyphs: Glyphs = .box) -> Line {
        if width <= columns { return self }
        var kept: [Span] = []
        var left = columns
        for span in spans where left > 0 {
            let width = span.width
            // The ellipsis goes where the cut is, also when the cut falls between two spans.
            let isLast = width >= left
            let text = isLast ? Text.truncated(span.text, to: left, glyphs: glyphs, always: true) : span.text
            kept.append(Span(text, span.style))
            left -= width
        }
        return Line(kept)
    }
}
