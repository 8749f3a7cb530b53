import Fleet
import Upstream

/// What is told of one kube context, as it is read.
public enum DeploymentNews: Sendable {
    /// Everything is told from the beginning: what is not told until `synced` has gone.
    case begins
    case deployment(WireDeployment)
    case gone(DeploymentKey)
    /// In the order of their times as long as they can be known to be; an event may be told again.
    case events([WireEvent])
    case object(ClusterKind, WireClusterObject)
    case objectGone(ClusterKind, KubeName)
    /// All deployments that there are have been told.
    case synced
    /// Something is no longer told: so many tries in a row have failed. What is known of it may be old.
    case lost(Part, failures: Int, UpstreamProblem)
    case resumed(Part)

    /// What a monitor hears of it.
    var signals: [DeploymentSignal] {
        switch self {
        case .deployment(let wire): [.deployment(wire)]
        case .gone(let key): [.gone(key)]
        case .events(let events): events.map { .event($0) }
        // The loss itself is not yet a try to take it up again.
        case .lost(.deployments(let namespace), let failures, let problem):
            [.lost(namespace: namespace, failures: failures - 1, problem)]
        case .resumed(.deployments(let namespace)): [.resumed(namespace: namespace)]
        case .begins, .object, .objectGone, .synced, .lost, .resumed: []
        }
    }

    /// What is read, each by a watch of its own.
    public enum Part: Hashable, Sendable {
        /// The deployments of a namespace; of all of them when nil.
        case deployments(namespace: String?)
        case events(namespace: String?)
        /// The Cluster API objects.
        case objects(namespace: String?)

        var namespace: String? {
            switch self {
            case .deployments(let namespace), .events(let namespace), .objects(let namespace): namespace
            }
        }

        /// What sentences call it.
        var name: String {
            switch self {
            case .deployments: "deployments"
            case .events: "events"
            case .objects: "Cluster API objects"
            }
        }
    }
}
