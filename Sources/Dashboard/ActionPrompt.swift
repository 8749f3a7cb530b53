import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands between the wish for an action and the action: the session or reason it needs, then a yes, or the item's name where
/// it would hurt. It follows the permit of the item while it is open, and what was typed under an earlier one counts for nothing.
struct ActionPrompt: Equatable, Sendable {
    /// What is asked now.
    enum Step: Equatable {
        case argument(ActionArgument)
        /// A yes to the sentence.
        case yes(String)
        /// The item's name, for the sentence says what is lost.
        case name(String)
        /// It became impossible while it was asked.
        case refused(String)
    }

    /// After a change nothing is taken for a yes for so many seconds: a finger that is on its way meant what was there before.
    static let pause: Double = 1

    let item: ItemID
    let name: String
    let verb: Action.Verb
    private(set) var permit: ActionPermit
    /// The session or the reason, as far as it is typed.
    private(set) var argument: String
    /// The name, as far as it is typed.
    private(set) var typed = ""
    /// When the permit changed last; nil while it is the first one.
    private(set) var changedAt: Date?
    /// The first visible line of the sentence.
    var top = 0
    private var isArgumentKnown: Bool

    /// - Parameter argument: what was said with the wish already; nil when it is still to be asked for.
    init(_ verb: Action.Verb, of item: Item, permit: ActionPermit, argument: String? = nil) {
        self.item = item.id
        self.name = item.name
        self.verb = verb
        self.permit = permit
        self.argument = argument ?? ""
        isArgumentKnown = argument != nil || verb.argument == nil
    }

    var step: Step {
        if case .refused(let reason) = permit { return .refused(reason) }
        if let wanted = verb.argument, !isArgumentKnown { return .argument(wanted) }
        return switch permit {
        case .asks(let sentence): .yes(sentence)
        case .asksName(let sentence): .name(sentence)
        case .refused(let reason): .refused(reason)
        }
    }

    /// The session or the reason, once it was given; nil where there is none.
    var givenArgument: String? {
        let text = argument.split(separator: " ").joined(separator: " ")
        return isArgumentKnown && !text.isEmpty ? text : nil
    }

    /// What is sent once the last step is taken.
    var action: Action {
        var isNamed = false
        if case .asksName = permit { isNamed = true }
        return Action(verb, item: item, argument: givenArgument, isConfirmed: isNamed)
    }

    /// Takes what may be done now. What was confirmed of the name is gone with what it was confirmed for.
    mutating func follow(_ present: ActionPermit, now: Date) {
        guard present != permit else { return }
        permit = present
        typed = ""
        top = 0
        changedAt = now
    }

    func hasJustChanged(now: Date) -> Bool {
        changedAt.map { abs(now.timeIntervalSince($0)) < Self.pause } ?? false
    }

    /// - Returns: what is wrong with the key; nil when it was taken or does nothing.
    mutating func edit(_ wanted: ActionArgument, _ key: Key) -> String? {
        var key = key
        // An id that is copied with a blank or a line end is the same id.
        if case .paste(let text) = key, wanted == .session {
            key = .paste(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
        guard let text = TextEntry.edited(argument, by: key, limit: wanted == .session ? 400 : wanted.limit) else {
            return nil
        }
        // What is shorter than before is never worse.
        if text.utf8.count > argument.utf8.count, let problem = wanted.problem(text) { return problem }
        argument = text
        return nil
    }

    /// - Returns: what is missing; nil when the argument is taken and the question comes.
    mutating func acceptArgument(_ wanted: ActionArgument) -> String? {
        if wanted == .session, argument.isEmpty { return ActionArgument.sessionRule }
        isArgumentKnown = true
        return nil
    }

    mutating func editName(_ key: Key) {
        typed = TextEntry.edited(typed, by: key, limit: 300) ?? typed
    }

    /// Whether the name stands there, to the letter.
    var isNameRight: Bool { typed.utf8.elementsEqual(name.utf8) }
}
