import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is going on with a deployment: it is being created, changed after it was Ready, or deleted; and since when.
///
/// A deployment that was Ready for weeks and whose template is upgraded is not a creation that takes weeks. It begins a change when it stops
/// being Ready: seen by ourselves, or told by Ready's last transition when that is later than any creation takes. A Ready that is withdrawn
/// within 30 s was none; the creation goes on.
struct DeploymentActivity: Sendable, Equatable {
    enum Kind: Sendable, Equatable { case creation, change, deletion }

    var kind: Kind
    /// Nil when it is not known: it has been Ready for long, and nobody saw how it became so.
    var startedAt: Date?
    /// Of what is Ready or has failed.
    var endedAt: Date?

    /// - Parameter limit: seconds that a creation may take.
    init(_ reading: DeploymentReading, standing: DeploymentStanding, limit: Double) {
        let (wire, memory) = (reading.wire, reading.memory)
        let created = Self.begun(reading)
        let ready = wire.condition(WireWords.ready)
        if standing.isDeleting {
            kind = .deletion
            startedAt = wire.metadata.deletionTimestamp ?? wire.condition(WireWords.deleting)?.lastTransitionTime
            return
        }
        // Longer after its creation than any creation takes, and before anybody here looked.
        let late = created.map { created in
            ready?.lastTransitionTime.map { $0.timeIntervalSince(created) > limit && $0 <= memory.firstLook } ?? false
        }
        if let left = memory.leftReadyAt {
            kind = .change
            startedAt = left
        } else if late == true {
            kind = .change
            startedAt = standing.phase == .ready ? nil : ready?.lastTransitionTime
        } else {
            kind = .creation
            startedAt = created
        }
        switch standing.phase {
        case .ready: endedAt = memory.readySince ?? ready?.lastTransitionTime
        case .failed: endedAt = Self.failedAt(standing, wire)
        default: return
        }
        // Clocks of two controllers may differ by a second.
        if let start = startedAt, let end = endedAt { endedAt = max(start, end) }
    }

    /// When the building began: with the object, or after it was only checked for some time. A cluster that was made between the last look
    /// at the dry run and the first one after it tells that better than we do. No other cluster does: one may be of another life of this
    /// name.
    private static func begun(_ reading: DeploymentReading) -> Date? {
        let memory = reading.memory
        guard let until = memory.checkedUntil else { return reading.wire.metadata.creationTimestamp }
        let ready = reading.wire.condition(WireWords.ready)
        guard let cluster = reading.tree.objects.first(where: { $0.kind == "Cluster" })?.createdAt,
            cluster < until, memory.checkedAt.map({ cluster >= $0 }) ?? false,
            ready?.isTrue != true || ready?.lastTransitionTime.map({ cluster <= $0 }) ?? false
        else { return until }
        return cluster
    }

    private static func failedAt(_ standing: DeploymentStanding, _ wire: WireDeployment) -> Date? {
        let ready = wire.condition(WireWords.ready)?.lastTransitionTime
        switch standing.failure {
        case .prerequisite(let type): return wire.condition(type)?.lastTransitionTime ?? ready
        case .release: return wire.condition(WireWords.release)?.lastTransitionTime ?? ready
        case .stalled:
            // Ready was False before, so that its transition is older than the failure; the 30 minutes are counted from the summary's.
            let summary = wire.condition(WireWords.summary)?.lastTransitionTime
            return [ready, summary?.addingTimeInterval(DeploymentTrack.stallLimit)].compactMap { $0 }.max()
        case .reported, nil: return ready
        }
    }
}
