import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The menu of what can be done to an item. The item stays the one that it was opened for, whatever the cursor does behind it.
struct ActionMenu: Equatable, Sendable {
    let item: ItemID
    let name: String
    let verbs: [Action.Verb]
    /// The row of the cursor.
    var row: Int
}

/// An action that was sent and whose outcome is not there yet.
struct AskedAction: Equatable, Sendable {
    /// After so many seconds no answer is waited for any more.
    static let patience: Double = 120

    let action: Action
    let name: String
    let at: Date

    /// `asking for reset of cluster2 ...`
    var text: String { "asking for \(action.verb.rawValue) of \(name) ..." }
}

/// From the wish to do something to an item to the effect. There is one way to the effect, `send`, behind every question.
extension State {
    /// Why nothing can be done to anything; nil when something can.
    var writesRefusal: String? {
        if isReplay { return "this is a recording: nothing can be done to what was" }
        if setting.isReadOnly { return "read-only: start with --allow-writes, or set allow-writes: true in the config" }
        guard travel != nil else { return nil }
        let key = setting.keymap.keyName(of: .pause).map { "; \($0) goes back to now" } ?? ""
        return "paused: this is how it was" + key
    }

    /// Why nothing can be done to the item under the cursor; nil when something can.
    var actionsRefusal: String? {
        if let item = selectedItem, ItemActions.verbs(item.kind).isEmpty { return ItemActions.absence(item.kind) }
        return writesRefusal ?? (selectedItem == nil ? "nothing is selected" : nil)
    }

    /// Whether an action may be carried out now. One that was sent for the item has to be answered first.
    func permit(_ verb: Action.Verb, of item: Item) -> ActionPermit {
        if let asked = asked[item.id] {
            return .refused("\(item.name) was asked for \(asked.action.verb.rawValue), which is not answered yet")
        }
        return ItemActions.permit(verb, of: item)
    }

    mutating func openActions() {
        guard actionsRefusal == nil, let item = selectedItem else { return }
        let verbs = ItemActions.verbs(item.kind)
        let first = verbs.firstIndex { !permit($0, of: item).isRefused } ?? 0
        layers.append(.actions(ActionMenu(item: item.id, name: item.name, verbs: verbs, row: first)))
    }

    /// Begins to ask for an action, in the place of whatever layer is open; a refused one says why and leaves that as it is.
    mutating func ask(for verb: Action.Verb, of item: Item, argument: String? = nil) {
        if let reason = writesRefusal {
            notice = Notice("\(verb.rawValue): \(reason)")
            return
        }
        let permit = permit(verb, of: item)
        if case .refused(let reason) = permit {
            notice = Notice("\(verb.rawValue): \(reason)")
            return
        }
        layers = [.prompt(ActionPrompt(verb, of: item, permit: permit, argument: argument))]
    }

    /// Closes what asks about an item that has gone, and lets a question follow what may be done now.
    mutating func settleActions() {
        switch layers.last {
        case .actions(let menu) where shown.items[menu.item] == nil: leaveActions("\(menu.name) is gone")
        case .prompt(var prompt):
            guard let item = shown.items[prompt.item] else { return leaveActions("\(prompt.name) is gone") }
            prompt.follow(permit(prompt.verb, of: item), now: now)
            layers[layers.count - 1] = .prompt(prompt)
        default: break
        }
    }

    private mutating func leaveActions(_ reason: String) {
        layers.removeLast()
        notice = Notice(reason + "; nothing was done.")
    }

    // MARK: keys

    mutating func pressActions(_ key: Key, _ menu: ActionMenu) -> [Effect] {
        var menu = menu
        let last = menu.verbs.count - 1
        let letter = menu.verbs.firstIndex { .character($0.key) == key }
        if key == .enter || letter != nil {
            menu.row = letter ?? menu.row
            layers[layers.count - 1] = .actions(menu)
            if let item = shown.items[menu.item] { ask(for: menu.verbs[menu.row], of: item) }
            return []
        }
        switch setting.keymap.binding(for: key)?.command {
        case .up: menu.row = max(0, menu.row - 1)
        case .down: menu.row = min(last, menu.row + 1)
        case .first, .pageUp, .halfUp: menu.row = 0
        case .last, .pageDown, .halfDown: menu.row = last
        case .back: layers.removeLast()
        case .quit:
            layers.removeLast()
            return key == .control("c") ? [.quit] : []
        default:
            // Whatever a person gave to the keys, these move and close.
            switch key {
            case .up: menu.row = max(0, menu.row - 1)
            case .down: menu.row = min(last, menu.row + 1)
            case .escape: layers.removeLast()
            default: break
            }
        }
        if case .actions = layers.last { layers[layers.count - 1] = .actions(menu) }
        return []
    }

    mutating func pressPrompt(_ key: Key, _ prompt: ActionPrompt) -> [Effect] {
        var prompt = prompt
        switch key {
        case .escape, .control("c"):
            layers.removeLast()
            notice = Notice("nothing was done")
            return []
        case .up: prompt.top = max(0, prompt.top - 1)
        case .down: prompt.top = min(PromptLayer.lastTop(self, prompt), prompt.top + 1)
        default:
            switch prompt.step {
            case .refused(let reason): notice = Notice("\(prompt.verb.rawValue): \(reason)")
            case .argument(let wanted):
                let problem = key == .enter ? prompt.acceptArgument(wanted) : prompt.edit(wanted, key)
                notice = problem.map { Notice($0) }
            case .yes:
                if key == .character("y"), prompt.hasJustChanged(now: now) {
                    notice = Notice("this has just changed: read it, then answer again")
                    break
                }
                if key == .character("y") { return send(prompt) }
                guard key == .character("n") else {
                    notice = Notice("y does it, n leaves it")
                    break
                }
                layers.removeLast()
                notice = Notice("nothing was done")
                return []
            case .name:
                guard key == .enter else {
                    prompt.editName(key)
                    break
                }
                if prompt.isNameRight { return send(prompt) }
                layers.removeLast()
                notice = Notice("That is not the name; nothing was done.")
                return []
            }
        }
        layers[layers.count - 1] = .prompt(prompt)
        return []
    }

    /// The only way from a question to the effect: after the last step, with the permit that was on the screen still being the one
    /// that holds, and with the screen large enough to have shown it.
    private mutating func send(_ prompt: ActionPrompt) -> [Effect] {
        guard PromptLayer.isReadable(size) else {
            notice = Notice("the window is too small to ask this")
            return []
        }
        guard !PromptLayer.hasMore(self, prompt) else {
            notice = Notice("it says more than is shown: Down, then answer")
            return []
        }
        layers.removeLast()
        guard writesRefusal == nil, let item = shown.items[prompt.item],
            permit(prompt.verb, of: item) == prompt.permit, !prompt.permit.isRefused
        else {
            notice = Notice("\(prompt.name) has changed; nothing was done.")
            return []
        }
        let asked = AskedAction(action: prompt.action, name: prompt.name, at: now)
        self.asked[item.id] = asked
        notice = Notice(asked.text)
        return [.perform(prompt.action)]
    }

    // MARK: what comes of it

    mutating func take(_ outcome: Action.Outcome, of action: Action) {
        let name = asked[action.item]?.name ?? shown.items[action.item]?.name ?? action.item.text
        if asked[action.item]?.action == action { asked[action.item] = nil }
        // Bad news that nobody has answered with a key is not covered by good news.
        if outcome.isGood, notice?.sort == .bad { return }
        notice = Notice(outcome, of: name, until: now.addingTimeInterval(onClock(Notice.goodSeconds)))
    }

    /// Takes away good news that has been there long enough, and gives up on answers that do not come.
    mutating func reviewActions() {
        if let until = notice?.until, now >= until { notice = nil }
        for (id, asked) in asked where now.timeIntervalSince(asked.at) >= onClock(AskedAction.patience) {
            self.asked[id] = nil
            let text =
                "\(asked.name): no answer to \(asked.action.verb.rawValue); whether it is done, the list will show."
            notice = Notice(text, .bad)
        }
    }
}
