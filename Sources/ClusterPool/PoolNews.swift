import Upstream

/// What is told of one kube context and of its session backend, as it is read.
public enum PoolNews: Sendable {
    /// A part is told from the beginning: what is not told of it until it is synced has gone.
    case begins(Part)
    case cluster(WirePoolNamespace)
    /// A namespace is gone, or is no cluster of the pool any more.
    case gone(String)
    case object(PoolObject)
    case objectGone(PoolKind, KubeName)
    /// All that there is of a part has been told.
    case synced(Part)
    /// Everything has been told, or is known not to be.
    case settled
    case sessions([WireSession])
    /// Something is no longer told: so many tries in a row have failed. What is known of it may be old.
    case lost(Part, failures: Int, UpstreamProblem)
    case resumed(Part)

    /// What is read, each by a watch of its own; the sessions by asking.
    public enum Part: Hashable, Sendable {
        /// The namespaces of the pool; one of them by name, or all when nil.
        case clusters(name: String?)
        /// Objects of a kind in a namespace; in all of them when nil.
        case objects(PoolKind, namespace: String?)
        case sessions

        /// Nil for what is read of all clusters at once.
        var namespace: String? {
            switch self {
            case .clusters(let name): name
            case .objects(_, let namespace): namespace
            case .sessions: nil
            }
        }

        /// What sentences call it.
        var name: String {
            switch self {
            case .clusters: "clusters"
            case .objects(let kind, _): kind.name
            case .sessions: "sessions"
            }
        }

        /// Whether it tells all that another part tells, and more.
        func includes(_ other: Part) -> Bool {
            switch (self, other) {
            case (.clusters(name: nil), .clusters): true
            case (.objects(let kind, namespace: nil), .objects(let otherKind, _)): kind == otherKind
            default: false
            }
        }

        var isClusters: Bool { if case .clusters = self { true } else { false } }
    }
}
