import Fleet

/// The panes, in the order of their digits.
public enum Tab: String, CaseIterable, Sendable {
    case overview, pool, clusters, metal, images, inbox

    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    /// The digit that opens it.
    var digit: Character { Character(String((Self.allCases.firstIndex(of: self) ?? 0) + 1)) }

    /// The kinds of item it lists; none for a pane that is not a list of items.
    var kinds: [Kind] {
        switch self {
        case .pool: [.pool]
        case .clusters: [.cluster, .deployment]
        case .metal: [.metal]
        case .images: [.image]
        case .overview, .inbox: []
        }
    }

    init(kind: Kind) {
        switch kind {
        case .pool: self = .pool
        case .cluster, .deployment: self = .clusters
        case .metal: self = .metal
        case .image: self = .images
        }
    }

    /// Whether the overview names each item that runs. Of nodes there are too many: they are counted by phase.
    var namesRunning: Bool { self == .clusters || self == .pool || self == .images }

    /// Whether done rows are one row that counts them, until Space unfolds it. Done practice clusters are the free ones: they
    /// are what one looks for.
    var foldsDone: Bool { self != .pool }

    /// The panes that list items.
    static let lists: [Tab] = [.pool, .clusters, .metal, .images]

    func moved(by step: Int) -> Tab {
        let all = Self.allCases
        let index = (all.firstIndex(of: self) ?? 0) + step
        return all[(index % all.count + all.count) % all.count]
    }
}
