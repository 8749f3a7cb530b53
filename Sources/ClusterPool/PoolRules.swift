import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Readings of a cluster become an item. Pure.
public struct PoolRules: Sendable {
    /// Restores and disks that are shown.
    private static let shownLimit = 8
    /// The taking down of machines and volumes is told by nothing for longer. Seconds.
    private static let deletionPatience: Double = 900

    let source: SourceID
    /// The kube context, as commands are given it.
    let context: String
    private let origin: String

    public init(source: SourceID, context: String) {
        self.source = source
        self.context = context
        origin = "Kubernetes \(SafeText.line(context, limit: 60))"
    }

    public func itemID(_ name: String) -> ItemID {
        ItemID(kind: .pool, source: source, key: SafeText.line(name, limit: 260))
    }

    /// - Parameter runs: earlier runs of this source, newest first: what its steps weigh, how long silence is normal, when it is free
    ///   again.
    public func item(_ reading: PoolReading, runs: [Run], now: Date) -> Item {
        let standing = PoolStanding(reading)
        let operation = reading.memory.operation
        let track = operation.map { PoolTrack(reading, operation: $0) }
        let state = state(standing)
        let isOpen = operation.map { $0.endedAt == nil } ?? false
        let trouble = PoolTrouble(
            reading: reading, standing: standing, operation: operation,
            advice: PoolAdvice(context: context, namespace: reading.name, keeper: reading.namespace.keeper), now: now)
        return Item(
            id: itemID(reading.name), kind: .pool, name: SafeText.line(reading.name, limit: 80), source: source,
            state: state, word: word(standing),
            startedAt: standing.isDeleting ? reading.namespace.metadata.deletionTimestamp : operation?.startedAt,
            endedAt: standing.isDeleting ? nil : operation?.endedAt,
            limit: standing.isDeleting || !isOpen ? nil : operation?.kind.limit,
            progress: standing.isDeleting ? nil : track?.progress(runs: runs),
            phases: standing.isDeleting ? [] : track?.phases ?? [],
            evidence: evidence(reading, standing, state, runs: runs, now: now), diagnosis: trouble.diagnosis(state),
            advice: state == .running || state == .failed ? [trouble.advice.objects, trouble.advice.events] : [],
            profile: standing.isDeleting ? nil : operation?.kind.rawValue,
            detail: .pool(detail(reading, standing, operation, runs: runs, now: now)))
    }

    /// What ended when the present operation began, as the cluster was then; nil when nothing did.
    public func finished(_ reading: PoolReading, runs: [Run], now: Date) -> Item? {
        guard let ended = reading.memory.finished else { return nil }
        let track = PoolTrack(reading, operation: ended)
        var item = item(reading, runs: runs, now: now)
        item.state = .done
        item.startedAt = ended.startedAt
        item.endedAt = ended.endedAt
        item.profile = ended.kind.rawValue
        item.phases = track.phases
        item.progress = track.progress(runs: runs)
        return item
    }

    /// The cluster as the pool API gives it.
    public func cluster(_ reading: PoolReading) -> PoolCluster {
        let standing = PoolStanding(reading)
        let roles = reading.roles
        return PoolCluster(
            clusterID: reading.namespace.clusterID, namespace: reading.name, status: standing.status,
            assignedSession: standing.session?.id, lockTime: standing.session?.lockedAt,
            lastReset: lastReset(reading), controlPlaneVM: roles[.controlPlane]?.metadata.name,
            workerNodeVM: roles[.worker]?.metadata.name, createdAt: reading.namespace.createdAt,
            lastHealthCheck: reading.namespace.time(PoolAnnotations.lastHealthCheck))
    }

    /// Whether time alone can change what is said of it: something runs, a lock runs out, a machine has been starting for long.
    public func isMoving(_ item: Item) -> Bool {
        guard case .pool(let detail) = item.detail else { return false }
        return item.state == .running || detail.session != nil || detail.machines.contains { $0.state == .running }
    }

    private func state(_ standing: PoolStanding) -> Item.State {
        if standing.isDeleting { return .running }
        if standing.isUntouched || standing.isQueued { return .waiting }
        if standing.isOperating { return .running }
        switch standing.status {
        case .available: return .done
        case .locked: return .held
        case .error: return .failed
        default: return .unknown
        }
    }

    private func word(_ standing: PoolStanding) -> String {
        if standing.isDeleting { return "deleting" }
        let word = SafeText.line(standing.status.rawValue, limit: 30)
        if standing.isQueued { return "\(word), queued" }
        if standing.operation == .snapshot { return "\(word), snapshots" }
        return standing.session?.isLive == false || standing.isUnheld ? "\(word), no session" : word
    }

    private func lastReset(_ reading: PoolReading) -> Date? {
        guard let told = reading.namespace.lastReset else {
            guard let last = reading.memory.operation, last.kind == .reset, !last.hasFailed else { return nil }
            return last.endedAt
        }
        return told
    }

    private func evidence(
        _ reading: PoolReading, _ standing: PoolStanding, _ state: Item.State, runs: [Run], now: Date
    ) -> Evidence {
        // Of what rests, the last answer is the sign; of what moves, its last movement.
        guard state == .running else { return Evidence(at: reading.readAt, from: origin) }
        var patience = Self.deletionPatience
        if !standing.isDeleting, let operation = reading.memory.operation {
            patience = operation.kind.patience
            // Where a run of its kind was in this step for longer, that much silence was seen before.
            for run in runs where run.profile == operation.kind.rawValue && run.outcome == .done {
                for phase in run.phases where phase.name == operation.reached.title {
                    patience = max(patience, phase.seconds)
                }
            }
        }
        // Without some of its objects, minutes pass in which nothing can be heard.
        if !reading.troubles.isEmpty { patience *= 2 }
        return Evidence(at: min(now, lastSign(reading, standing)), from: origin, patience: patience)
    }

    private func lastSign(_ reading: PoolReading, _ standing: PoolStanding) -> Date {
        let annotated = [
            standing.since, standing.startedAt, reading.namespace.time(PoolAnnotations.stepStarted),
            reading.namespace.metadata.deletionTimestamp, reading.memory.changedAt,
        ]
        var signs = annotated.compactMap { $0 }
        for machine in reading.machines.values { signs += machine.conditions.compactMap(\.lastTransitionTime) }
        for instance in reading.instances.values { signs += [instance.since].compactMap { $0 } }
        for restore in reading.restores.values {
            signs += [restore.metadata.creationTimestamp, restore.restoredAt].compactMap { $0 }
        }
        return signs.max() ?? reading.readAt
    }

    private func detail(
        _ reading: PoolReading, _ standing: PoolStanding, _ operation: PoolMemory.Operation?, runs: [Run], now: Date
    ) -> PoolDetail {
        let golden = reading.golden
        return PoolDetail(
            context: SafeText.line(context, limit: 120), namespace: SafeText.line(reading.name, limit: 80),
            status: SafeText.line(standing.status.rawValue, limit: 30), keeper: reading.namespace.keeper,
            since: standing.since,
            operation: standing.isQueued ? standing.operation : operation.map(\.kind) ?? standing.operation,
            session: standing.session,
            machines: PoolMachines.all(reading),
            snapshots: PoolDetail.Role.allCases.compactMap { role in
                golden[role].map {
                    PoolDetail.GoldenSnapshot(
                        role: role, name: SafeText.line($0.metadata.name, limit: 120), isReady: $0.isReady,
                        word: $0.word, createdAt: $0.createdAt ?? $0.metadata.creationTimestamp, failure: $0.failure)
                }
            },
            restores: reading.restoresByAge.prefix(Self.shownLimit).map { role, restore in
                PoolDetail.Restore(
                    role: role, name: SafeText.line(restore.metadata.name, limit: 120),
                    state: restore.isComplete ? .done : restore.failure == nil ? .running : .failed,
                    word: restore.word, startedAt: restore.metadata.creationTimestamp, endedAt: restore.endedAt,
                    failure: restore.failure)
            },
            disks: reading.disks.values.filter { !$0.isDone }.sorted { $0.metadata.name < $1.metadata.name }
                .prefix(Self.shownLimit).map {
                    PoolDetail.Disk(
                        name: SafeText.line($0.metadata.name, limit: 120), word: $0.word, percent: $0.percent)
                },
            createdAt: reading.namespace.createdAt, lastResetAt: lastReset(reading),
            lastHealthCheckAt: reading.namespace.time(PoolAnnotations.lastHealthCheck),
            free: PoolFree(runs: runs, now: now).estimate(standing, operation: operation),
            past: reading.memory.spans.map {
                PoolDetail.Span(status: SafeText.line($0.status, limit: 30), from: $0.from, to: $0.to)
            },
            troubles: reading.troubles.map { SafeText.line($0, limit: 200) })
    }
}
