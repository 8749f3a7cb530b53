import Fleet
import Upstream

/// Which namespaces of a context are read.
public enum DeploymentScope: Sendable, Equatable {
    /// All of them at once.
    case all
    case namespaces([String])

    /// The namespaces to watch one by one; nil stands for all of them.
    var watched: [String?] {
        switch self {
        case .all: [nil]
        case .namespaces(let names): names
        }
    }

    /// More than so many watches of one kind would be a burden on the server.
    static let limit = 40
    /// k0rdent's own namespace, where most of its objects are.
    static let usual = "kcm-system"

    /// Asks what we may watch, before anything is watched: what is forbidden in one namespace must not hide the others.
    ///
    /// - Parameters:
    ///   - filter: leaves out namespaces; nil takes all.
    ///   - preferred: the namespaces to try where they cannot be listed.
    /// - Throws: `.status(403)` when no namespace may be read.
    static func find(
        _ api: KubeAPI, _ resource: KubeResource, filter: NamespaceFilter?, preferred: [String]
    ) async throws(UpstreamProblem) -> DeploymentScope {
        // A filter is applied to what comes; where all may be read, one watch is cheaper than many.
        if try await api.may("watch", resource, namespace: nil) { return .all }
        var allowed: [String] = []
        for name in try await candidates(api, preferred) where filter?.allows(name) ?? true {
            guard allowed.count < limit else { break }
            if try await api.may("watch", resource, namespace: name) { allowed.append(name) }
        }
        guard allowed.isEmpty else { return .namespaces(allowed) }
        throw UpstreamProblem(
            .status(403), "\(api.name) does not let you watch \(resource.plural) in any namespace.",
            advice: "Ask for the right to list and watch \(resource.plural).\(resource.group).")
    }

    private static func candidates(
        _ api: KubeAPI, _ preferred: [String]
    ) async throws(UpstreamProblem) -> [String] {
        guard try await api.may("list", .namespaces, namespace: nil) else {
            var names = preferred
            if !names.contains(usual) { names.append(usual) }
            return names
        }
        var names: [String] = []
        try await api.list(.namespaces) { (page: [WireNamespace]) in names += page.map(\.metadata.name) }
        return names.sorted()
    }
}

/// A namespace, of which only the name matters here.
struct WireNamespace: KubeObject { var metadata: KubeMetadata }
