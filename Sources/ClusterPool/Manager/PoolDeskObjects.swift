import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looking at the objects of the pool, and writing to its namespaces.
extension PoolDesk {
    /// The clusters of the pool, by name: those with the label, and those of the settings that another backend keeps without it.
    func namespaces() async throws(PoolRefusal) -> [WirePoolNamespace] {
        do throws(UpstreamProblem) {
            var found: [WirePoolNamespace] = []
            do throws(UpstreamProblem) {
                try await api.list(.namespaces, selector: KubeSelector(labels: PoolLabels.selector)) {
                    (page: [WirePoolNamespace]) in found += page
                }
            } catch {
                guard error.isForbidden else { throw error }
            }
            let known = Set(found.map(\.name))
            for name in settings.clusters where !known.contains(name) {
                let one: WirePoolNamespace? = try await api.get(.namespaces, namespace: nil, name: name)
                if let one, one.isPool { found.append(one) }
            }
            return found.sorted { PoolNames.precedes($0.clusterID, $1.clusterID) }
        } catch {
            throw PoolRefusal(error)
        }
    }

    /// A cluster with its machines, snapshots, restores and disks, read now.
    ///
    /// - Parameter makes: a namespace that is not there is made.
    /// - Returns: nil when there is none.
    func look(at cluster: String, makes: Bool = false) async throws(PoolRefusal) -> PoolReading? {
        let found: WirePoolNamespace?
        do throws(UpstreamProblem) {
            found = try await api.get(.namespaces, namespace: nil, name: cluster)
        } catch {
            throw PoolRefusal(error)
        }
        // A bootstrap deletes what is in its namespace: none is taken that somebody uses for something else.
        if let found, makes, !found.isPool, !settings.clusters.contains(cluster) {
            throw PoolRefusal(
                .conflict, "There is a namespace \(cluster) that does not belong to the pool.",
                advice: "Name it with `clusters` of the pool in the config, if it should.")
        }
        do throws(UpstreamProblem) {
            var reading: PoolReading
            if let found, found.isPool || makes {
                reading = self.reading(found)
            } else if makes {
                reading = self.reading(try await makeNamespace(cluster))
            } else {
                guard let known = try await namespacesOrProblem().first(where: { $0.clusterID == cluster }) else {
                    return nil
                }
                reading = self.reading(known)
            }
            try await readObjects(of: &reading)
            reading.note(now: time.now())
            return reading
        } catch {
            throw PoolRefusal(error)
        }
    }

    private func namespacesOrProblem() async throws(UpstreamProblem) -> [WirePoolNamespace] {
        (try? await namespaces()) ?? []
    }

    private func readObjects(of reading: inout PoolReading) async throws(UpstreamProblem) {
        let now = time.now()
        let resources = try await poolResources()
        var objects: [PoolObject] = []
        if let kind = resources[.machine] {
            try await api.list(kind, namespace: reading.name) { (page: [WireMachine]) in
                objects += page.map { .machine($0) }
            }
        }
        if let kind = resources[.instance] {
            try await api.list(kind, namespace: reading.name) { (page: [WireInstance]) in
                objects += page.map { .instance($0) }
            }
        }
        if let kind = resources[.snapshot] {
            try await api.list(kind, namespace: reading.name) { (page: [WireSnapshot]) in
                objects += page.map { .snapshot($0) }
            }
        }
        if let kind = resources[.restore] {
            try await api.list(kind, namespace: reading.name) { (page: [WireRestore]) in
                objects += page.map { .restore($0) }
            }
        }
        if let kind = resources[.disk] {
            try await api.list(kind, namespace: reading.name) { (page: [WireDisk]) in
                objects += page.map { .disk($0) }
            }
        }
        for object in objects { reading.take(object, now: now) }
    }

    func reading(_ namespace: WirePoolNamespace) -> PoolReading {
        var reading = PoolReading(namespace: namespace, now: time.now())
        reading.note(now: time.now())
        return reading
    }

    /// As the pool API tells a cluster, with the names of its machines where they can be read.
    func described(_ namespace: WirePoolNamespace) async -> PoolCluster {
        var reading = reading(namespace)
        if let kind = try? await poolResources()[.machine] {
            var machines: [WireMachine] = []
            _ = try? await api.list(kind, namespace: namespace.name) { (page: [WireMachine]) in machines += page }
            for machine in machines { reading.take(.machine(machine), now: time.now()) }
        }
        return rules.cluster(reading)
    }

    func poolResources() async throws(UpstreamProblem) -> [PoolKind: KubeResource] {
        if let resources { return resources }
        let found = try await api.poolResources()
        resources = found
        return found
    }

    // MARK: writing

    private func makeNamespace(_ name: String) async throws(UpstreamProblem) -> WirePoolNamespace {
        try await api.create(
            .namespaces, namespace: nil,
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .text(name), "labels": .object(Self.labels(of: name).mapValues { .text($0) })],
            ], as: WirePoolNamespace.self)
    }

    /// The namespace of golden images and of the maintenance's Lease, if it is not there.
    func makeTemplatesNamespace() async throws(UpstreamProblem) {
        let name = settings.templatesNamespace
        if let _: KubeAny = try await api.get(.namespaces, namespace: nil, name: name) { return }
        do throws(UpstreamProblem) {
            try await api.create(
                .namespaces, namespace: nil,
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .text(name), "labels": [PoolLabels.templates: "true"]],
                ])
        } catch {
            guard error.isConflict else { throw error }
        }
    }

    static func labels(of cluster: String) -> [String: String] {
        [PoolLabels.pool: "true", PoolLabels.clusterID: cluster]
    }

    func write(
        _ notes: PoolNotes, to namespace: WirePoolNamespace
    ) async throws(UpstreamProblem) -> WirePoolNamespace {
        // Whatever we write to becomes ours to see.
        let isLabelled = namespace.metadata.labels[PoolLabels.pool] == "true"
        return try await api.patch(
            .namespaces, namespace: nil, name: namespace.name,
            notes.patch(
                version: namespace.metadata.resourceVersion,
                labels: isLabelled ? [:] : Self.labels(of: namespace.clusterID)))
    }

    /// - Returns: nil when somebody else was faster.
    func attempt(
        _ notes: PoolNotes, on namespace: WirePoolNamespace
    ) async throws(PoolRefusal) -> WirePoolNamespace? {
        do throws(UpstreamProblem) {
            return try await write(notes, to: namespace)
        } catch {
            if error.isConflict { return nil }
            throw PoolRefusal(error)
        }
    }
}
