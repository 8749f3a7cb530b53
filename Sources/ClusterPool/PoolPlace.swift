import Fleet
import Upstream

/// How the namespaces of the pool are found.
enum PoolPlace: Sendable, Equatable {
    /// All have the label.
    case labelled
    /// Some have none: among all namespaces, by the label or the annotation.
    case annotated
    /// Namespaces may not be watched as a whole: these are, one by one.
    case named([String])

    /// The clusters that the seed names, to be tried where namespaces cannot be listed.
    static let usual = ["cluster1", "cluster2", "cluster3"]
    private static let limit = 40

    /// The watches that follow them.
    var watched: [(name: String?, selector: KubeSelector)] {
        switch self {
        case .labelled: [(nil, KubeSelector(labels: PoolLabels.selector))]
        case .annotated: [(nil, KubeSelector())]
        case .named(let names): names.map { ($0, KubeSelector(fields: "metadata.name=\($0)")) }
        }
    }

    /// Asks what we may watch before anything is watched.
    ///
    /// - Parameter preferred: the namespaces to try where they cannot be listed.
    /// - Throws: `.status(403)` when no namespace may be read.
    static func find(_ api: KubeAPI, preferred: [String]) async throws(UpstreamProblem) -> PoolPlace {
        if try await api.may("watch", .namespaces, namespace: nil) {
            var (isLabelled, isBare) = (false, false)
            try await api.list(.namespaces) { (page: [WirePoolNamespace]) in
                for namespace in page where namespace.isPool {
                    let hasLabel = namespace.metadata.labels[PoolLabels.pool] == "true"
                    (isLabelled, isBare) = (isLabelled || hasLabel, isBare || !hasLabel)
                }
            }
            return isLabelled && !isBare ? .labelled : .annotated
        }
        var allowed: [String] = []
        for name in (preferred.isEmpty ? usual : preferred).prefix(limit) where !allowed.contains(name) {
            if try await api.may("watch", .namespaces, namespace: name) { allowed.append(name) }
        }
        guard allowed.isEmpty else { return .named(allowed) }
        throw UpstreamProblem(
            .status(403), "\(api.name) does not let you watch namespaces, where the pool keeps its state.",
            advice: "Ask for the right to list and watch namespaces, or name those of the pool in the config.")
    }
}

extension KubeAPI {
    /// The objects of which clusters are made, as this server has them, in the versions that it prefers.
    ///
    /// - Throws: `.status(404)` when KubeVirt is not there.
    func poolResources() async throws(UpstreamProblem) -> [PoolKind: KubeResource] {
        var found: [PoolKind: KubeResource] = [:]
        for group in ["kubevirt.io", "snapshot.kubevirt.io", "cdi.kubevirt.io"] {
            guard let version = try await preferredVersion(of: group) else { continue }
            let plurals = try await resources(of: group, version)
            for kind in PoolKind.allCases where kind.group == group && plurals.contains(kind.plural) {
                found[kind] = KubeResource(group: group, version: version, plural: kind.plural)
            }
        }
        guard found[.machine] != nil else {
            throw UpstreamProblem(
                .status(404), "KubeVirt is not installed in \(name): it has no virtualmachines.kubevirt.io.",
                advice: "Install KubeVirt there, or name the contexts of the pool with `pool` in the config.")
        }
        return found
    }
}
