import Upstream

/// Why a subscription was not given. The sentences are those of the k0rdent MCP server, whose clients may look for them; source:
/// wire-formats 7.2.
public enum MonitorProblem: Error, Sendable, Equatable {
    case notFound(DeploymentKey)
    case namespaceNotAllowed(String)
    /// The client has so many already.
    case clientLimit(Int)
    /// All clients together have so many already.
    case overallLimit(Int)
    /// As it was given; a timeout is a positive number of seconds.
    case invalidTimeout(String)
    case upstream(UpstreamProblem)
    /// The monitor has ended, with all its streams.
    case stopped

    public var sentence: String {
        switch self {
        case .notFound(let key): "clusterdeployment \(key.text) not found"
        case .namespaceNotAllowed(let namespace): "namespace \"\(namespace)\" not allowed by session filter"
        case .clientLimit(let limit): "per-client subscription limit exceeded (max: \(limit))"
        case .overallLimit(let limit): "server subscription limit exceeded (max: \(limit))"
        case .invalidTimeout(let text): "invalid timeout \"\(text)\""
        case .upstream(let problem): problem.sentence
        case .stopped: "monitoring has stopped"
        }
    }
}
