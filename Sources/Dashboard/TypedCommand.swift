import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What can be typed after `:`. The words of actions are those of the subcommands of `slipway pool`.
enum TypedCommand {
    /// What a line asks for.
    enum Wish: Equatable {
        case nothing
        case command(Command)
        case action(Action.Verb, ItemID, argument: String?)
        /// To stand at an instant.
        case seek(Date)
        /// Why it means nothing.
        case problem(String)
    }

    /// The commands that change nothing outside.
    private static let harmless: [(word: String, command: Command)] =
        Tab.allCases.map { ($0.rawValue, .tab($0)) } + [("refresh", .refresh), ("help", .help), ("quit", .quit)]

    /// The word before a time.
    private static let at = "at"

    /// The words that there are now: without actions where none may be done.
    static func words(_ state: State) -> [String] {
        let verbs = Kind.allCases.flatMap(ItemActions.verbs)
        let offered = Action.Verb.allCases.filter { state.writesRefusal == nil && verbs.contains($0) }
        return harmless.map(\.word) + [at] + offered.map(\.rawValue)
    }

    // MARK: meaning

    static func wish(_ text: String, _ state: State) -> Wish {
        let parts = text.split(separator: " ")
        guard let first = parts.first else { return .nothing }
        let word = first.lowercased()
        let rest = Array(parts.dropFirst())
        if let entry = harmless.first(where: { $0.word == word }) {
            return rest.isEmpty ? .command(entry.command) : .problem("\(word) stands alone")
        }
        if word == "q" { return .command(.quit) }
        if word == at { return seek(rest.joined(separator: " "), state) }
        guard let verb = Action.Verb(rawValue: word) else {
            let typed = Text.truncated(word, to: 40, glyphs: state.setting.glyphs)
            return .problem("There is no command \(typed). There is: \(words(state).joined(separator: ", "))")
        }
        if let reason = state.writesRefusal { return .problem("\(word): \(reason)") }
        return action(verb, rest, state)
    }

    private static func seek(_ text: String, _ state: State) -> Wish {
        let example = "at takes a time of day, a date and time, or how long ago: at 14:03, at 2h05m"
        guard let date = TypedTime.date(text, near: state.shownAt, state) else { return .problem(example) }
        let end = state.setting.replay?.range.upperBound ?? state.now
        return date > end
            ? .problem("at: \(state.isReplay ? "the recording ends before" : "that is still to come")") : .seek(date)
    }

    private static func action(_ verb: Action.Verb, _ rest: [Substring], _ state: State) -> Wish {
        let isItem = rest.first.map { !able($0, state).isEmpty } ?? false
        switch verb.argument {
        case .session:
            // A word alone that is the name of a cluster is no session.
            if rest.count == 1, isItem { return onItem(verb, rest[0], nil, state) }
            guard rest.count <= 2 else { return .problem("\(verb.rawValue) takes a session and a cluster") }
            guard let session = rest.first else { return onItem(verb, nil, nil, state) }
            if ActionArgument.session.problem(String(session)) != nil { return .problem(ActionArgument.sessionRule) }
            return onItem(verb, rest.dropFirst().first, String(session), state)
        case .reason:
            let words = rest.dropFirst(isItem ? 1 : 0)
            let reason = String(words.joined(separator: " ").prefix(ActionArgument.reason.limit))
            return onItem(verb, isItem ? rest[0] : nil, words.isEmpty ? nil : reason, state)
        case nil:
            guard rest.count <= 1 else { return .problem("\(verb.rawValue) takes one cluster") }
            return onItem(verb, rest.first, nil, state)
        }
    }

    /// - Parameter word: the name of the item; the one under the cursor is meant without it.
    private static func onItem(_ verb: Action.Verb, _ word: Substring?, _ argument: String?, _ state: State) -> Wish {
        var item = state.selectedItem
        if let word {
            let meant = ItemActions.items(named: word, in: state.shown.items.values)
            if meant.count > 1 {
                let names = meant.map { "\($0.source)/\($0.name)" }.joined(separator: ", ")
                return .problem("\(word) is there more than once: \(names)")
            }
            let typed = Text.truncated(String(word), to: 40, glyphs: state.setting.glyphs)
            guard let one = meant.first else { return .problem("There is no \(typed).") }
            item = one
        }
        guard let item else { return .problem("\(verb.rawValue): nothing is selected; name a cluster") }
        guard ItemActions.verbs(item.kind).contains(verb) else { return .problem(ItemActions.absence(item.kind)) }
        return .action(verb, item.id, argument: argument)
    }

    private static func able(_ word: Substring, _ state: State) -> [Item] {
        ItemActions.items(named: word, in: state.shown.items.values).filter { !ItemActions.verbs($0.kind).isEmpty }
    }

    // MARK: completion

    /// What the last word, as far as it is typed, can become: a command, or the name of an item that it may be done to.
    static func candidates(_ text: String, _ state: State) -> [String] {
        var parts = text.split(separator: " ")
        let last = text.last == " " ? "" : parts.popLast().map(String.init) ?? ""
        guard let first = parts.first else {
            return words(state).filter { $0.hasPrefix(last.lowercased()) }
        }
        guard state.writesRefusal == nil, let verb = Action.Verb(rawValue: first.lowercased()) else { return [] }
        guard parts.count == (verb.argument == .session ? 2 : 1) else { return [] }
        let fitting = state.shown.items.values.filter { item in
            ItemActions.verbs(item.kind).contains(verb) && !state.permit(verb, of: item).isRefused
        }
        let counts = Dictionary(fitting.map { ($0.name, 1) }, uniquingKeysWith: +)
        return fitting.map { counts[$0.name] == 1 ? $0.name : "\($0.source)/\($0.name)" }
            .filter { $0.hasPrefix(last) }.sorted()
    }

    /// The line with its last word completed as far as all candidates agree; with a blank behind it where there is only one.
    static func completed(_ text: String, _ state: State) -> String {
        let candidates = candidates(text, state)
        guard let first = candidates.first else { return text }
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let head = text.last == " " ? text : text.split(separator: " ").dropLast().map { $0 + " " }.joined()
        return head + common + (candidates.count == 1 ? " " : "")
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}

extension State {
    mutating func pressCommand(_ key: Key, _ text: String) -> [Effect] {
        switch key {
        case .escape, .control("c"): layers.removeLast()
        case .backspace where text.isEmpty: layers.removeLast()
        case .tab: layers[layers.count - 1] = .command(TypedCommand.completed(text, self))
        case .enter:
            layers.removeLast()
            switch TypedCommand.wish(text, self) {
            case .nothing: break
            case .command(let command): return perform(command)
            case .action(let verb, let id, let argument):
                if let item = shown.items[id] { ask(for: verb, of: item, argument: argument) }
            case .seek(let date):
                pause()
                return seek(date)
            case .problem(let reason): notice = Notice(reason)
            }
        default:
            layers[layers.count - 1] = .command(TextEntry.edited(text, by: key, limit: 300) ?? text)
        }
        return []
    }
}
