import Fleet
import Screen

/// The menu of what can be done to an item: a line for each verb, and under them the one under the cursor in full.
enum ActionLayer {
    /// The widest that is still read in one look.
    private static let columns = 76
    /// From this width on, a line says what the verb does.
    private static let columnsForPurpose = 40

    static func draw(_ state: State, _ menu: ActionMenu, into grid: inout Grid) {
        guard let item = state.shown.items[menu.item] else { return }
        let width = max(0, min(columns, grid.size.columns - Popup.frame.columns))
        let lines = menu.verbs.enumerated().map { row, verb in
            line(verb, state.permit(verb, of: item), isUnderCursor: row == menu.row, width: width, state)
        }
        // As high for every verb, so that nothing moves with the cursor.
        let texts = menu.verbs.map { Text.wrapped(text($0, state.permit($0, of: item), item), to: width) }
        let height = texts.map(\.count).max() ?? 0
        var pinned: [Line] = []
        if lines.count + height + 1 + Popup.frame.rows < grid.size.rows {
            pinned = [Line()] + texts[menu.row].map { Line($0, Style(.surface)) }
            pinned += Array(repeating: Line(), count: height + 1 - pinned.count)
        }
        Popup.draw(
            lines, pinned: pinned, title: "ACTIONS ON \(KindParts.name(item, state, width: 40))",
            hint: "letter or Enter chooses  Esc closes", kept: menu.row, state, into: &grid)
    }

    /// `  - r  reset           not now: ckad-12 is busy`
    private static func line(
        _ verb: Action.Verb, _ permit: ActionPermit, isUnderCursor: Bool, width: Int, _ state: State
    ) -> Line {
        let cursor = isUnderCursor ? String(state.setting.glyphs.cursor) : " "
        var reason: String?
        if case .refused(let text) = permit { reason = "not now: " + text }
        let isWide = width >= columnsForPurpose
        let head = Line("\(cursor)\(reason == nil ? " " : "-") ", Style(reason == nil ? .surface : .muted))
        let key = Line("\(verb.key)" + (isWide ? "  " : " "), Style(reason == nil ? .key : .muted))
        let name = Line(
            isWide ? Text.padded(verb.rawValue, to: 15) + " " : verb.rawValue + " ",
            Style(reason == nil ? .surface : .muted))
        let tail = Line(reason ?? (isWide ? verb.purpose : ""), Style(.muted))
        let line = (head + key + name + tail).truncated(to: width, glyphs: state.setting.glyphs)
        let whole = line + Line(String(repeating: " ", count: max(0, width - line.width)), Style(.surface))
        return isUnderCursor ? Line(whole.spans.map { Span($0.text, Style(.cursor, $0.style.attributes)) }) : whole
    }

    /// What it would do now, in full.
    private static func text(_ verb: Action.Verb, _ permit: ActionPermit, _ item: Item) -> String {
        switch permit {
        case .asks(let sentence): "\(verb.purpose) \(item.begun(sentence))."
        case .asksName(let sentence): "\(verb.purpose) Asks for the name. \(item.begun(sentence))."
        case .refused(let reason): "\(verb.purpose) Not now: \(reason)."
        }
    }
}

extension Item {
    /// The longest sentence that is shown. Those that are real have half of it; one with thousands of machines is no question any more.
    private static let sentenceLimit = 1000

    /// A permit's sentence as one stands in a text. A name at its head keeps its own case.
    func begun(_ sentence: String) -> String {
        let text = SafeText.line(sentence, limit: Self.sentenceLimit)
        return text.hasPrefix(name) ? text : text.prefix(1).uppercased() + text.dropFirst()
    }
}
