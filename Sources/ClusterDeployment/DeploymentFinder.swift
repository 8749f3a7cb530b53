import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at deployments once, without following them.
public struct DeploymentFinder: DeploymentLookup {
    /// Events older than this, in seconds, are not part of a first look. Source: task 9 of the seed.
    static let recent: Double = 300

    private let api: KubeAPI
    private let filter: NamespaceFilter?
    private let preferred: @Sendable () async -> [String]
    private let time: TimeSource

    /// - Parameters:
    ///   - filter: leaves out namespaces; nil takes all.
    ///   - preferred: namespaces to try where they cannot be listed.
    public init(
        _ api: KubeAPI, filter: NamespaceFilter? = nil, preferred: @escaping @Sendable () async -> [String] = { [] },
        time: TimeSource
    ) {
        self.api = api
        self.filter = filter
        self.preferred = preferred
        self.time = time
    }

    public func state(
        of key: DeploymentKey
    ) async throws(UpstreamProblem) -> (deployment: WireDeployment, events: [WireEvent])? {
        let resource = try await api.clusterDeployments()
        guard
            let deployment: WireDeployment = try await api.get(resource, namespace: key.namespace, name: key.name)
        else { return nil }
        var events: [WireEvent] = []
        let since = time.now().addingTimeInterval(-Self.recent)
        // Without the right to read events there are none; the state is worth more than they are.
        _ = try? await api.list(.events, namespace: key.namespace) { (page: [WireEvent]) in
            events += page.filter { $0.at.map { $0 >= since } ?? false }
        }
        return (deployment, EventFold.byTime(events))
    }

    /// Whether k0rdent is there and answers.
    public func hasDeployments() async -> Bool { (try? await api.clusterDeployments()) != nil }

    public func exists(_ key: DeploymentKey) async throws(UpstreamProblem) -> Bool {
        let found: WireDeployment? = try await api.get(
            try await api.clusterDeployments(), namespace: key.namespace, name: key.name)
        return found != nil
    }

    /// What is left out of `all`, in one sentence; nil when nothing is.
    public func gap() async -> String? {
        guard let resource = try? await api.clusterDeployments() else { return nil }
        return try? await DeploymentScope.find(api, resource, filter: filter, preferred: await preferred()).gap
    }

    /// All deployments that may be read.
    public func all() async throws(UpstreamProblem) -> [DeploymentKey] {
        let resource = try await api.clusterDeployments()
        let scope = try await DeploymentScope.find(api, resource, filter: filter, preferred: await preferred())
        var keys: [DeploymentKey] = []
        for namespace in scope.watched {
            try await api.list(resource, namespace: namespace) { (page: [WireDeployment]) in
                keys += page.map(\.key).filter { filter?.allows($0.namespace) ?? true }
            }
        }
        return keys.sorted()
    }
}

extension KubeAPI {
    private static let group = "k0rdent.mirantis.com"
    private static let plural = "clusterdeployments"

    /// The resource in the version that the server prefers.
    func clusterDeployments() async throws(UpstreamProblem) -> KubeResource {
        guard let version = try await preferredVersion(of: Self.group),
            try await resources(of: Self.group, version).contains(Self.plural)
        else {
            throw UpstreamProblem(
                .status(404), "k0rdent is not installed in \(name): it has no \(Self.plural).\(Self.group).",
                advice: "Name the contexts of k0rdent's management clusters with `kubernetes` in the config.")
        }
        return KubeResource(group: Self.group, version: version, plural: Self.plural)
    }
}
