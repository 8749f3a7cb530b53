import Fleet
import Screen

/// The question before an action: what it does, in full, and what has to be typed.
enum PromptLayer {
    /// The widest that is still read in one look.
    private static let columns = 68
    /// Under this, a person cannot know what is asked, and so cannot say yes.
    private static let smallest = Size(columns: 16, rows: 4)

    static func isReadable(_ size: Size) -> Bool { size.columns >= smallest.columns && size.rows >= smallest.rows }

    /// How far it can be scrolled.
    static func lastTop(_ state: State, _ prompt: ActionPrompt) -> Int {
        let rows = state.size.rows - Popup.frame.rows - 1
        return max(0, lines(state, prompt).count - max(1, rows))
    }

    /// On a low screen the sentence goes on below: what is not read yet cannot be said yes to.
    static func hasMore(_ state: State, _ prompt: ActionPrompt) -> Bool { prompt.top < lastTop(state, prompt) }

    /// What can be scrolled where rows are few.
    static func lines(_ state: State, _ prompt: ActionPrompt) -> [Line] {
        guard let item = state.shown.items[prompt.item] else { return [] }
        var texts: [(String, Role)] = []
        if prompt.changedAt != nil { texts.append(("This has changed while it was asked.", .statusWarn)) }
        if let old = age(item, state) { texts.append((old, .statusStale)) }
        if let label = prompt.verb.argument?.label, let argument = prompt.givenArgument {
            texts.append(("\(label): \(argument)", .surface))
        }
        switch prompt.step {
        case .argument: texts.append((prompt.verb.purpose, .surface))
        case .yes(let sentence): texts.append((item.begun(sentence) + ".", .surface))
        case .name(let sentence):
            texts.append((item.begun(sentence) + ".", .statusWarn))
            texts.append(("To do it, type the name \(prompt.name), then Enter.", .surface))
        case .refused(let reason): texts.append(("- not now: \(reason).", .statusHold))
        }
        let width = width(state)
        return texts.flatMap { text, role in Text.wrapped(text, to: width).map { Line($0, Style(role)) } }
    }

    static func draw(_ state: State, _ prompt: ActionPrompt, into grid: inout Grid) {
        guard let item = state.shown.items[prompt.item] else { return }
        let glyphs = state.setting.glyphs
        let width = width(state)
        var asked: Line
        let hint: String
        switch prompt.step {
        case .argument(let wanted):
            let label = Line("\(wanted.label): ", Style(.key))
            asked = TextEntry.line(label, prompt.argument, width: width, glyphs: glyphs)
            hint = wanted == .reason ? "may be empty  Enter goes on  Esc leaves" : "Enter goes on  Esc leaves"
        case .yes:
            let isRead = !hasMore(state, prompt)
            asked =
                Line(isRead ? "Do it? " : "read on: ", Style(.surface, .bold))
                + Line(isRead ? "y/n" : "Down", Style(.key))
            hint = "y does it  n or Esc leaves"
        case .name:
            asked = TextEntry.line(Line("name: ", Style(.key)), prompt.typed, width: width, glyphs: glyphs)
            hint = "the name, then Enter  Esc leaves"
        case .refused:
            asked = Line("Esc leaves", Style(.key))
            hint = ""
        }
        asked += Line(String(repeating: " ", count: max(0, width - asked.width)), Style(.surface))
        Popup.draw(
            lines(state, prompt), pinned: [asked],
            title: "\(prompt.verb.rawValue.uppercased()) \(KindParts.name(item, state, width: 40))", hint: hint,
            top: prompt.top, state, into: &grid)
    }

    private static func width(_ state: State) -> Int {
        max(1, min(columns, state.size.columns - Popup.frame.columns))
    }

    /// Said where what is judged by may be old.
    private static func age(_ item: Item, _ state: State) -> String? {
        let source = state.shown.sources[item.source]
        if let source, source.state(at: state.shownAt) == .live { return nil }
        let at = source?.lastSuccess.map { "as of \(WireTime.clock($0, zone: state.setting.zone))" } ?? "not read yet"
        return "~ \(item.source) does not answer: this is \(at)."
    }
}
