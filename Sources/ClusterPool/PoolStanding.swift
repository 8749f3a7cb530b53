import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is true of a cluster beside its objects: its status, since when, who holds it, and what is being done to it. Pure.
struct PoolStanding: Sendable, Equatable {
    /// Clocks of two machines differ; a lock this much older than the status, in seconds, is not yet an old one.
    private static let slack: Double = 5

    var status: PoolStatus
    var since: Date?
    var session: PoolDetail.Session?
    /// Sessions that name it, though it was given back or holds another since.
    var strays: [String] = []
    var operation: PoolDetail.Operation?
    /// When the operation began, where that is told.
    var startedAt: Date?
    var isDeleting: Bool
    /// Labelled, and nothing done to it yet.
    var isUntouched = false

    /// It is locked, and the backend's sessions are known, and none of them is said to hold it.
    var isUnheld = false

    /// It is to be done by one of ours, and nobody has begun.
    var isQueued = false

    /// Whether the operation is going on.
    var isOperating: Bool { operation != nil && status != .error && !isDeleting && !isUntouched && !isQueued }

    init(_ reading: PoolReading) {
        let namespace = reading.namespace
        let written = namespace.status ?? .creating
        status = written
        since = namespace.since
        isDeleting = namespace.metadata.deletionTimestamp != nil
        hold(reading, written)
        operate(reading)
        if namespace.status == nil, namespace.operation == nil {
            // The backend takes that for being created; it is only where something is being made.
            isUntouched =
                !(reading.roles.keys.contains { !reading.isUp($0) } || reading.disks.values.contains { !$0.isDone })
            since = since ?? namespace.createdAt
            if isUntouched { operation = nil }
        }
    }

    private mutating func hold(_ reading: PoolReading, _ written: PoolStatus) {
        let namespace = reading.namespace
        let annotated = namespace.text(PoolAnnotations.assignedSession)
        // A session that took it before its status was last written has lost it: the existing backend goes on naming it after it took
        // everything back.
        let claims = (reading.sessions ?? []).sorted {
            ($0.clusterLockTime ?? .distantPast, $0.id) > ($1.clusterLockTime ?? .distantPast, $1.id)
        }
        let valid = claims.filter { claim in
            if written == .locked { return annotated == nil || claim.id == annotated }
            guard written == .available else { return false }
            guard let at = claim.clusterLockTime, let since else { return true }
            return at >= since.addingTimeInterval(-Self.slack)
        }
        strays = claims.map(\.id).filter { id in id != valid.first?.id }
        if let claim = valid.first {
            // The existing backend leaves `available` in the annotation while a session holds the cluster.
            let lockedAt = claim.clusterLockTime ?? namespace.time(PoolAnnotations.lockTime) ?? claim.startTime
            if written == .available { since = lockedAt }
            status = .locked
            session = PoolDetail.Session(
                id: claim.id, lockedAt: lockedAt, expiresAt: claim.expirationTime, scenario: claim.scenario,
                isLive: true)
        } else if written == .locked {
            let lockedAt = namespace.time(PoolAnnotations.lockTime) ?? since
            since = since ?? lockedAt
            isUnheld = annotated == nil && reading.sessions != nil
            session = annotated.map { id in
                // A session that was begun after the last look at them all is not missed.
                let seen = reading.holder.flatMap { holder in
                    holder.isLive || lockedAt.map { holder.at > $0.addingTimeInterval(Self.slack) } ?? true
                        ? holder : nil
                }
                return PoolDetail.Session(
                    id: id, lockedAt: lockedAt, expiresAt: namespace.time(PoolAnnotations.lockExpires),
                    isLive: seen?.isLive)
            }
        }
    }

    private mutating func operate(_ reading: PoolReading) {
        let namespace = reading.namespace
        let told = namespace.operation
        switch status {
        case .resetting: operation = told ?? .reset
        case .creating: operation = told ?? .bootstrap
        case .error: operation = told
        // Anything else that is said of a cluster that works was left behind.
        default: operation = told == .snapshot ? told : nil
        }
        guard operation != nil else { return }
        startedAt = namespace.time(PoolAnnotations.operationStarted)
        isQueued = namespace.isQueued
        if startedAt == nil, !isQueued, status == .resetting || status == .creating {
            startedAt =
                since
                ?? (status == .creating ? reading.roles.values.compactMap(\.metadata.creationTimestamp).min() : nil)
        }
    }
}
