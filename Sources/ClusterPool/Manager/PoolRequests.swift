import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a manager is asked for, and what it knows.
extension PoolManager {
    public func assign(
        _ session: String, cluster: String? = nil, life: Double? = nil
    ) async throws(PoolRefusal) -> PoolCluster {
        do throws(PoolRefusal) {
            let lent = try await desk.assign(session, cluster: cluster, life: life)
            await see(lent)
            return lent
        } catch {
            // What is known of the operations says better when one is free again.
            guard case .noneFree = error.reason, index.isSettled else { throw error }
            throw PoolHolder.refusal(
                index.entries.values.map { PoolHolder($0.reading, runs: runs, now: time.now()) })
        }
    }

    public func release(session: String) async throws(PoolRefusal) -> PoolCluster {
        let cluster = try await desk.release(session: session)
        await see(cluster)
        claim(cluster.namespace)
        return cluster
    }

    /// As `PoolDesk.extend`.
    public func extend(_ session: String, life: Double) async throws(PoolRefusal) -> PoolCluster {
        let extended = try await desk.extend(session, life: life)
        await see(extended)
        return extended
    }

    public func releaseAll() async throws(PoolRefusal) -> [String] {
        let released = try await desk.releaseAll()
        for namespace in (try? await desk.namespaces()) ?? [] {
            take(.cluster(namespace))
            if released.contains(namespace.clusterID) { claim(namespace.name) }
        }
        return released
    }

    /// As `PoolDesk.order`, and carries it out.
    public func order(
        _ verb: Action.Verb, _ cluster: String, argument: String? = nil, isConfirmed: Bool = false
    ) async throws(PoolRefusal) -> PoolCluster {
        let ordered = try await desk.order(verb, cluster, argument: argument, isConfirmed: isConfirmed)
        await see(ordered)
        if [.release, .reset, .bootstrap, .snapshot].contains(verb) { claim(ordered.namespace) }
        return ordered
    }

    /// Whether anything that was ordered here is still to be done, or being done.
    public var isWorking: Bool { !own.isEmpty || !busy.isEmpty }

    // MARK: looking

    /// Why the pool cannot be read, or worked on; nil while it can.
    public var problem: UpstreamProblem? { index.problem ?? leaseProblem }

    /// Whether everything was read once.
    public var isSettled: Bool { index.isSettled }

    /// All clusters as they are known, by name.
    public func clusters() -> [PoolCluster] {
        index.entries.values.map { rules.cluster($0.reading) }
            .sorted { PoolNames.precedes($0.clusterID, $1.clusterID) }
    }

    /// A cluster as screens show it: with the steps of what is being done to it.
    public func item(_ cluster: String) -> Item? {
        let entry = index.entries[cluster] ?? index.entries.values.first { $0.reading.namespace.clusterID == cluster }
        guard var reading = entry?.reading else { return nil }
        reading.troubles = index.troubles(of: reading.name)
        return rules.item(reading, runs: runs, now: time.now())
    }
}
