/// Something a person wants done to an item: what the screen asks for, what a manager carries out. It changes the world outside.
public struct Action: Codable, Hashable, Sendable {
    /// The same words as the subcommands of `slipway pool`.
    public enum Verb: String, Codable, Sendable, CaseIterable {
        /// Lend the cluster to a session.
        case assign
        /// Take it back from its session and reset it.
        case release
        /// Restore both machines from the golden snapshots.
        case reset
        /// Delete what there is and make the cluster anew.
        case bootstrap
        /// Take the golden snapshots.
        case snapshot
        /// Say that it is ready to be lent.
        case markAvailable = "mark-available"
        /// Say that a person is needed.
        case markError = "mark-error"
    }

    public var verb: Verb
    public var item: ItemID
    /// The session of `assign`, the reason of `mark-error`; nil for the others.
    public var argument: String?
    /// The person has typed the item's name: what would hurt is meant.
    public var isConfirmed: Bool

    public init(_ verb: Verb, item: ItemID, argument: String? = nil, isConfirmed: Bool = false) {
        self.verb = verb
        self.item = item
        self.argument = argument
        self.isConfirmed = isConfirmed
    }

    /// What came of it, for whoever asked.
    public struct Outcome: Codable, Hashable, Sendable {
        /// False when it was refused or has failed.
        public var isGood: Bool
        /// One sentence: what is being done now, or why it is not.
        public var sentence: String
        /// What to do about it; empty when there is nothing to do.
        public var advice: String

        public init(isGood: Bool, _ sentence: String, advice: String = "") {
            self.isGood = isGood
            self.sentence = sentence
            self.advice = advice
        }
    }
}

/// Whether an action may be carried out now.
public enum ActionPermit: Sendable, Equatable {
    /// The sentence says what it will do; the person says yes.
    case asks(String)
    /// It would hurt somebody or destroy something, as the sentence says; the person types the item's name.
    case asksName(String)
    /// It makes no sense now, or would do damage in any case; the sentence says why.
    case refused(String)

    public var isRefused: Bool { if case .refused = self { true } else { false } }
}
