import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The columns in which the steps of an item stand under each other: what it is, how long it took, how long it usually
/// takes, one figure more, and a bar. Phases and resource groups share them, so that the eye need not learn them twice.
struct TrackTable {
    private static let widestName = 19
    private static let tookWidth = 7
    private static let usualWidth = 16
    private static let lastWidth = 7

    let width: Int
    let glyphs: Glyphs

    /// A narrow detail rather leaves out what is usual than what is.
    var hasUsual: Bool { width >= 2 + Self.widestName + Self.tookWidth + Self.usualWidth + Self.lastWidth }
    private var nameWidth: Int { max(12, min(Self.widestName, width - 3 - figuresWidth)) }
    private var figuresWidth: Int { Self.tookWidth + (hasUsual ? Self.usualWidth : 0) + Self.lastWidth }
    var barWidth: Int { max(0, min(30, width - 58)) }
    /// Where the text after a name begins.
    var indent: Int { 2 + nameWidth }

    func title(_ name: String, usual: String, last: String, tail: String = "") -> Line {
        let figures = figures(took: "took", usual: usual, last: last)
        let title = "  " + Text.padded(name, to: nameWidth) + figures.map(\.text).joined()
        let fits = !tail.isEmpty && TextWidth.of(title) + 2 + TextWidth.of(tail) <= width
        return Line(fits ? "\(title)  \(tail)" : title, Style(.muted))
    }

    /// - Parameter tail: what stands after the figures: a bar of `barWidth`, or a word.
    func line(
        _ name: String, state: Phase.State, took: String, usual: String, last: String, tail: Line = Line()
    ) -> Line {
        let mark = state.mark
        let figures = figures(took: took, usual: usual, last: last)
        return Line("\(mark.text) ", Style(mark.role)) + nameCell(name, mark.role)
            + Line(figures[0].text, Style(state == .running ? .statusRun : .text))
            + Line(figures.dropFirst().map(\.text).joined(), Style(.muted)) + tail
    }

    /// A step that is told in words rather than in figures, with its bar under the others.
    func line(_ name: String, state: Phase.State, says text: String, role: Role, bar: Bar? = nil) -> Line {
        let mark = state.mark
        let head = Line("\(mark.text) ", Style(mark.role)) + nameCell(name, mark.role)
        guard let bar, barWidth >= 8 else { return head + Line("  \(text)", Style(role)) }
        return head + Line("  " + Text.padded(text, to: figuresWidth - 2, glyphs: glyphs) + "  ", Style(role))
            + bar.line(width: barWidth, glyphs: glyphs)
    }

    /// A step whose name and figures are one phrase.
    func line(_ phrase: String, state: Phase.State, bar: Bar?) -> Line {
        let mark = state.mark
        let head = Line("\(mark.text) ", Style(mark.role))
        guard let bar, barWidth >= 8 else { return head + Line(phrase, Style(mark.role)) }
        let room = nameWidth + figuresWidth
        return head + Line(Text.padded(phrase, to: room, glyphs: glyphs) + "  ", Style(mark.role))
            + bar.line(width: barWidth, glyphs: glyphs)
    }

    /// A fact of several words, continued under itself.
    func lines(_ name: String, mark: Span = Span(" ", Style(.text)), says text: String, role: Role = .text) -> [Line] {
        Text.wrapped(text, to: max(8, width - indent - 2)).enumerated().map { index, part in
            let head =
                index == 0
                ? Line([mark, Span(" ", Style(.text))]) + nameCell(name, .text)
                : Line(String(repeating: " ", count: indent))
            return head + Line("  \(part)", Style(role))
        }
    }

    /// A fact in one line; what does not fit is cut.
    func said(_ name: String, _ mark: (text: String, role: Role), _ text: String) -> Line {
        let width = indent - 2
        return Line("\(mark.text) ", Style(mark.role))
            + Line(Text.padded(glyphs.shortened(name, to: width), to: width), Style(mark.role))
            + Line("  \(text)", Style(mark.role == .statusOk ? .text : mark.role))
    }

    func tail(_ bar: Bar?) -> Line {
        guard let bar, barWidth >= 8 else { return Line() }
        return Line("  ") + bar.line(width: barWidth, glyphs: glyphs)
    }

    private func nameCell(_ name: String, _ role: Role) -> Line {
        Line(Text.padded(glyphs.shortened(name, to: nameWidth), to: nameWidth), Style(role))
    }

    private func figures(took: String, usual: String, last: String) -> [Span] {
        var cells = [(took, Self.tookWidth)]
        if hasUsual { cells.append((usual, Self.usualWidth)) }
        cells.append((last, Self.lastWidth))
        return cells.map { Span(Text.padded($0.0, to: $0.1, alignment: .right, glyphs: glyphs), Style(.muted)) }
    }
}

/// The texts of such columns.
enum TrackText {
    /// `4m10s`, with a plus while it goes on.
    static func took(_ seconds: Double?, isRunning: Bool) -> String {
        seconds.map { DurationText.short($0) + (isRunning ? "+" : "") } ?? "-"
    }

    /// `5m (9m) n=14`; typical values say so.
    static func usual(_ usual: Double?, high: Double? = nil, count: Int?) -> String {
        guard let usual else { return "-" }
        let high = high.map { " (\(DurationText.age($0)))" } ?? ""
        let basis = count.map { $0 == 0 ? " typ" : " n=\($0)" } ?? ""
        return DurationText.age(usual) + high + basis
    }
}
