import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where an operation is: as its manager writes it down, or else as the objects show it. Pure. Source: wire-formats 9.4 and 9.5.
struct PoolSteps {
    /// Clocks of two machines differ: a restore that is this much older than the reset, in seconds, may still be its own.
    static let slack: Double = 10

    let reading: PoolReading
    let kind: PoolDetail.Operation
    let startedAt: Date

    init(_ reading: PoolReading, kind: PoolDetail.Operation, startedAt: Date) {
        self.reading = reading
        self.kind = kind
        self.startedAt = startedAt
    }

    /// Nil while too little is known.
    var current: PoolStep? {
        if let told = reading.namespace.step, told.operation == kind { return told }
        guard reading.unread.isDisjoint(with: [.machine, .instance]) else { return nil }
        switch kind {
        case .reset: return reading.unread.contains(.restore) ? nil : reset
        case .snapshot: return reading.unread.contains(.snapshot) ? nil : snapshot
        case .bootstrap: return bootstrap
        }
    }

    /// The restore of this reset.
    func restore(_ role: PoolDetail.Role) -> WireRestore? {
        reading.restoresByAge.first { entry in
            entry.role == role
                && entry.restore.metadata.creationTimestamp
                    .map { $0 >= startedAt.addingTimeInterval(-Self.slack) } ?? false
        }?.restore
    }

    private var reset: PoolStep {
        if let worker = restore(.worker) { return worker.isComplete ? .startWorker : .restoreWorker }
        if let control = restore(.controlPlane) {
            if !control.isComplete { return .restoreControlPlane }
            // The worker is stopped once more before its restore is there; that is part of restoring it.
            return reading.isUp(.controlPlane) ? .restoreWorker : .startControlPlane
        }
        let roles = reading.roles
        let isStopped = roles.values.allSatisfy { reading.instance(of: $0) == nil && !$0.isCreated }
        return isStopped ? .cleanup : .stop
    }

    private var snapshot: PoolStep {
        reading.golden[.controlPlane]?.isReady == true ? .snapshotWorker : .snapshotControlPlane
    }

    private var bootstrap: PoolStep {
        // Machines from before are deleted first.
        let made = reading.roles.filter { machine in
            machine.value.metadata.deletionTimestamp == nil
                && machine.value.metadata.creationTimestamp
                    .map { $0 >= startedAt.addingTimeInterval(-Self.slack) } ?? true
        }
        if made[.worker] != nil { return .waitMachines }
        if made[.controlPlane] != nil { return reading.isUp(.controlPlane) ? .joinCommand : .waitControlPlane }
        return reading.roles.isEmpty ? .validateImage : .deleteOldMachines
    }

    /// When a step began, by the times of the objects; nil where none tells.
    func told(_ step: PoolStep) -> Date? {
        switch step {
        case .restoreControlPlane: restore(.controlPlane)?.metadata.creationTimestamp
        case .startControlPlane: restore(.controlPlane)?.endedAt
        case .restoreWorker:
            restore(.controlPlane)?.isComplete == true && reading.isUp(.controlPlane)
                ? ready(.controlPlane) : restore(.worker)?.metadata.creationTimestamp
        case .startWorker: restore(.worker)?.endedAt
        case .waitControlPlane: reading.roles[.controlPlane]?.metadata.creationTimestamp
        case .joinCommand: reading.isUp(.controlPlane) ? ready(.controlPlane) : nil
        case .waitMachines: reading.roles[.worker]?.metadata.creationTimestamp
        case .snapshotWorker:
            reading.golden[.controlPlane].flatMap { $0.isReady ? $0.conditions.of("Ready")?.lastTransitionTime : nil }
        default: nil
        }
    }

    private func ready(_ role: PoolDetail.Role) -> Date? {
        reading.roles[role]?.conditions.of("Ready").flatMap { $0.isTrue ? $0.lastTransitionTime : nil }
    }
}
