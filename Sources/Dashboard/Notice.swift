import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A sentence at the bottom of the screen, until the next key.
struct Notice: Equatable, Sendable {
    enum Sort: Sendable {
        case plain
        /// What was asked for is done or being done, or has failed.
        case good, bad
    }

    /// Good news is taken away after so many seconds, without a key.
    static let goodSeconds: Double = 6
    /// Rows that a sentence may take of a screen with panes.
    private static let rowLimit = 3

    var text: String
    var sort = Sort.plain
    /// When it goes by itself; nil if only a key takes it away.
    var until: Date?

    init(_ text: String, _ sort: Sort = .plain, until: Date? = nil) {
        self.text = text
        self.sort = sort
        self.until = until
    }

    /// What came of an action.
    ///
    /// - Parameter until: when it goes by itself if it is good.
    init(_ outcome: Action.Outcome, of name: String, until: Date) {
        let sentences = [outcome.sentence, outcome.advice].filter { !$0.isEmpty }.map { sentence in
            let line = SafeText.line(sentence)
            return line.last.map { ".!?".contains($0) } == true ? line : line + "."
        }
        self.init(
            "\(name): \(sentences.joined(separator: " "))", outcome.isGood ? .good : .bad,
            until: outcome.isGood ? until : nil)
    }

    private var mark: String {
        switch sort {
        case .plain: ""
        case .good: "+ "
        case .bad: "! "
        }
    }

    private var role: Role {
        switch sort {
        case .plain: .statusWarn
        case .good: .statusOk
        case .bad: .statusFail
        }
    }

    /// Over the last rows, and over whatever lies there: it is the answer to the key that was just pressed.
    static func draw(_ state: State, into grid: inout Grid, layout: Layout) {
        guard let notice = state.notice else { return }
        // What is being typed stays in sight under it.
        let screen = grid.bounds.dropBottom(state.isTypingBelow ? 1 : 0)
        let room = layout.isTiny ? screen.rows - 1 : min(rowLimit, screen.rows)
        let margin = layout.isTiny ? 0 : 1
        let width = screen.columns - margin - 1
        guard room > 0, width > 0 else { return }
        let style = Style(notice.role)
        var lines = Text.wrapped(notice.mark + notice.text, to: width)
        if lines.count > room {
            let rest = lines[(room - 1)...].joined(separator: " ")
            lines = lines.prefix(room - 1) + [Text.truncated(rest, to: width, glyphs: state.setting.glyphs)]
        }
        let area = screen.bottom(lines.count)
        grid.fill(area, style: Style(.text))
        for (offset, line) in lines.enumerated() {
            grid.put(line, row: area.row + offset, column: margin, style: style, limit: width)
        }
    }
}
