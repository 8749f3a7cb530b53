import Fleet

/// What can be done to an item from the screen: the one place that knows which kinds offer which actions. A new system needs a case in
/// each part.
enum ItemActions {
    /// In the order of the menu: what is done often first, what destroys last. None for a kind without actions.
    static func verbs(_ kind: Kind) -> [Action.Verb] {
        switch kind {
        case .pool: [.assign, .release, .reset, .markAvailable, .markError, .snapshot, .bootstrap]
        case .metal, .cluster, .deployment, .image: []
        }
    }

    /// Why nothing can be done to a kind without actions.
    static func absence(_ kind: Kind) -> String {
        let what =
            switch kind {
            case .metal: "a node"
            case .cluster: "a ParallelCluster stack"
            case .deployment: "a k0rdent deployment"
            case .pool: "a practice cluster"
            case .image: "an image build"
            }
        return "nothing can be done to \(what) from here"
    }

    /// Whether it may be done now, by the rules of the item's own system.
    static func permit(_ verb: Action.Verb, of item: Item) -> ActionPermit {
        switch item.detail {
        case .pool: PoolPermit(item)?.permit(verb) ?? .refused("\(item.name) is not read yet")
        case .metal, .cluster, .deployment, .image: .refused(absence(item.kind))
        case .none:
            .refused(verbs(item.kind).isEmpty ? absence(item.kind) : "\(item.name) is not read yet")
        }
    }

    /// Items that are meant by a word that a person typed: a name, or where it is from and the name, as `prod-lab/ckad-05`.
    /// Those that something can be done to, if there are any.
    static func items(named word: some StringProtocol, in items: some Collection<Item>) -> [Item] {
        let meant = items.filter { item in
            guard word.hasSuffix(item.name) else { return false }
            return word == item.name || places(item).contains { word == "\($0)/\(item.name)" }
        }
        let able = meant.filter { !verbs($0.kind).isEmpty }
        return (able.isEmpty ? meant : able).sorted { $0.id < $1.id }
    }

    private static func places(_ item: Item) -> [String] {
        switch item.detail {
        case .pool(let detail): [item.source.text, detail.context]
        case .metal, .cluster, .deployment, .image, .none: [item.source.text]
        }
    }
}

/// What an action has to know besides its item.
enum ActionArgument {
    case session, reason

    /// Before the field.
    var label: String { self == .session ? "session" : "reason" }

    /// The longest text, in characters.
    var limit: Int { self == .session ? 64 : 200 }

    static let sessionRule = "a session id has 1 to 64 letters, digits or . _ : -"

    /// What is wrong with a text, or with the beginning of one; nil if nothing is. It ends up in an annotation and in command
    /// lines, so that of a session only what needs no quoting anywhere is taken.
    func problem(_ text: String) -> String? {
        switch self {
        case .reason: nil
        case .session:
            text.count <= limit && text.utf8.allSatisfy(Self.isOfSession) ? nil : Self.sessionRule
        }
    }

    private static func isOfSession(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// How the screen speaks of what can be done.
extension Action.Verb {
    /// Its letter in the menu. None is one of hjkl, which move.
    var key: Character {
        switch self {
        case .assign: "a"
        case .release: "u"
        case .reset: "r"
        case .markAvailable: "v"
        case .markError: "e"
        case .snapshot: "s"
        case .bootstrap: "b"
        }
    }

    /// What it does, in a sentence.
    var purpose: String {
        switch self {
        case .assign: "Lend it to a session."
        case .release: "Take it back from its session and reset it."
        case .reset: "Restore both machines from the golden snapshots."
        case .markAvailable: "Say that it is ready to be lent."
        case .markError: "Say that a person is needed; it is lent to nobody."
        case .snapshot: "Take the golden snapshots."
        case .bootstrap: "Delete what there is and make the cluster anew."
        }
    }

    var argument: ActionArgument? {
        switch self {
        case .assign: .session
        case .markError: .reason
        case .release, .reset, .markAvailable, .snapshot, .bootstrap: nil
        }
    }
}
