import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a step of an operation is carried out: what to write and when it is over, told from what there is. Pure, and asked again after
/// each change, so that whoever takes the work over in the middle goes on with the same steps. Source: wire-formats 9.4.
struct PoolProcedure: Sendable {
    /// KubeVirt tries again after most errors; one that stays for so many seconds will not go away.
    private static let errorPatience: Double = 60

    let reading: PoolReading
    let step: PoolStep
    /// When the operation began: names of what it makes hold it.
    let startedAt: Date
    let now: Date

    /// Seconds since 1970, as the existing backend names its restores.
    private var stamp: Int { Int(startedAt.timeIntervalSince1970) }

    /// Nil for steps that are one deed and need no waiting.
    var move: PoolMove? {
        switch step {
        case .deleteOldMachines: deleteOldMachines
        case .waitControlPlane: up([.controlPlane])
        case .waitMachines: up([.controlPlane, .worker])
        case .snapshotControlPlane: snapshot(.controlPlane)
        case .snapshotWorker: snapshot(.worker)
        case .stop: stop
        case .cleanup: cleanup
        case .restoreControlPlane: restore(.controlPlane)
        case .restoreWorker: restore(.worker)
        case .startControlPlane: start(.controlPlane)
        case .startWorker: start(.worker)
        case .verifyKubeVirt, .createNamespace, .createQuota, .validateImage, .createControlPlaneSecret,
            .createControlPlane, .joinCommand, .createWorkerSecret, .createWorker:
            nil
        }
    }

    /// What the step waits for, in words, when its time has run out.
    var waitsFor: String {
        let faults = PoolFault.all(reading, now: now)
        if let first = faults.first { return first.sign }
        let machines = PoolMachines.all(reading).filter { $0.state != .done }
        return machines.map { "\($0.name.isEmpty ? $0.role.rawValue : $0.name) is \($0.word)" }.joined(separator: ", ")
    }

    // MARK: bootstrap

    /// All that belongs to machines from before: a snapshot of a machine that is gone restores nothing.
    private var deleteOldMachines: PoolMove {
        guard reading.unread.isDisjoint(with: [.machine, .instance, .snapshot]) else { return .wait(nil) }
        var writes: [PoolWrite] = []
        func delete(_ kind: PoolKind, _ metadata: KubeMetadata) {
            if metadata.deletionTimestamp == nil { writes.append(.delete(kind, metadata.name)) }
        }
        for machine in reading.machines.values {
            delete(.machine, machine.metadata)
            if machine.metadata.deletionTimestamp == nil { writes.append(.deleteSecret(machine.metadata.name)) }
        }
        for restore in reading.restores.values { delete(.restore, restore.metadata) }
        for snapshot in reading.snapshots.values { delete(.snapshot, snapshot.metadata) }
        for disk in reading.disks.values where disk.metadata.name.hasSuffix("-rootdisk") {
            delete(.disk, disk.metadata)
        }
        guard writes.isEmpty else { return .write(writes.sorted { "\($0)" < "\($1)" }) }
        // A machine that is made while its old disk goes would be given that one.
        let hasDisks = reading.disks.keys.contains { $0.hasSuffix("-rootdisk") }
        let isGone =
            reading.machines.isEmpty && reading.instances.isEmpty && reading.snapshots.isEmpty && !hasDisks
        return isGone ? .done : .wait(nil)
    }

    private func up(_ roles: [PoolDetail.Role]) -> PoolMove {
        for role in roles {
            guard let machine = reading.roles[role] else {
                if reading.unread.contains(.machine) { return .wait(nil) }
                return .wait(PoolObstacle(text: "there is no \(role.rawValue) machine", patience: Self.errorPatience))
            }
            if let failure = failure(of: machine) { return .failed(failure) }
            guard reading.isReady(role, now: now) else {
                return .wait(PoolFault.text(of: machine).map { PoolObstacle(text: "\(machine.metadata.name): \($0)") })
            }
        }
        return .done
    }

    /// An instance that has failed does not come back by itself where its machine is not started again.
    private func failure(of machine: WireMachine) -> String? {
        guard let instance = reading.instance(of: machine), instance.phase == "Failed" else { return nil }
        return "\(machine.metadata.name): " + (instance.reason.isEmpty ? "its instance has failed" : instance.reason)
    }

    // MARK: golden snapshots

    private var operationLabel: String { "snapshot-\(stamp)" }

    /// Both are begun at once, with the first step.
    private func snapshot(_ role: PoolDetail.Role) -> PoolMove {
        guard !reading.unread.contains(.snapshot) else { return .wait(nil) }
        var writes: [PoolWrite] = []
        for each in PoolDetail.Role.allCases {
            let name = PoolDiscovery.snapshotNames(of: each, cluster: reading.name)[0]
            guard let machine = reading.roles[each] else { return .failed("there is no \(each.rawValue) machine") }
            if let there = reading.snapshots[name] {
                let isOurs = there.metadata.labels[PoolLabels.operation] == operationLabel
                if !isOurs, there.metadata.deletionTimestamp == nil { writes.append(.delete(.snapshot, name)) }
            } else {
                writes.append(.snapshot(each, machine: machine.metadata.name, operation: operationLabel))
            }
        }
        guard writes.isEmpty else { return .write(writes) }
        let name = PoolDiscovery.snapshotNames(of: role, cluster: reading.name)[0]
        guard let snapshot = reading.snapshots[name], snapshot.metadata.labels[PoolLabels.operation] == operationLabel
        else { return .wait(nil) }
        if let failure = snapshot.failure { return .failed("\(name): \(failure)") }
        guard snapshot.isReady else { return .wait(nil) }
        // The machines are not stopped for it, and must not have been by it.
        return role == .worker ? up([.controlPlane, .worker]) : .done
    }

    // MARK: reset

    private var stop: PoolMove {
        guard reading.unread.isDisjoint(with: [.machine, .instance]) else { return .wait(nil) }
        var writes: [PoolWrite] = []
        var running: [String] = []
        for role in PoolDetail.Role.allCases {
            guard let machine = reading.roles[role] else { return .failed("there is no \(role.rawValue) machine") }
            let isThere = reading.instance(of: machine) != nil || machine.isCreated
            if machine.isWanted != false, machine.isWanted == true || isThere { writes.append(.run(machine, false)) }
            if isThere { running.append(machine.metadata.name) }
        }
        guard writes.isEmpty else { return .write(writes) }
        guard running.isEmpty else {
            return .wait(
                PoolObstacle(
                    text: "\(running.joined(separator: " and ")) did not stop within its grace period",
                    patience: PoolFault.stopLimit))
        }
        return .done
    }

    /// Restores from before. A later one of the same machine would be taken for ours.
    private var cleanup: PoolMove {
        guard !reading.unread.contains(.restore) else { return .wait(nil) }
        let ours = Set(PoolDetail.Role.allCases.compactMap { restoreName($0) })
        let machines = Set(reading.roles.values.map(\.metadata.name))
        let old = reading.restores.values.filter { machines.contains($0.machine) && !ours.contains($0.metadata.name) }
        let writes = old.filter { $0.metadata.deletionTimestamp == nil }.map(\.metadata.name).sorted()
        guard writes.isEmpty else { return .write(writes.map { .delete(.restore, $0) }) }
        return old.isEmpty
            ? .done
            : .wait(
                PoolObstacle(
                    text:
                        "old restores are still being deleted: \(old.map(\.metadata.name).sorted().joined(separator: ", "))"
                ))
    }

    private func restoreName(_ role: PoolDetail.Role) -> String? {
        reading.roles[role].map { "\($0.metadata.name)-restore-\(stamp)" }
    }

    private func restore(_ role: PoolDetail.Role) -> PoolMove {
        guard reading.unread.isDisjoint(with: [.machine, .snapshot, .restore]) else { return .wait(nil) }
        guard let machine = reading.roles[role], let name = restoreName(role) else {
            return .failed("there is no \(role.rawValue) machine")
        }
        guard let restore = reading.restores[name] else {
            guard let golden = reading.golden[role], golden.isReady else {
                return .failed("there is no golden snapshot of the \(role.rawValue) that is ready")
            }
            // Somebody may have started it again meanwhile.
            if machine.isWanted == true { return .write([.run(machine, false)]) }
            return .write([
                .restore(name: name, machine: machine.metadata.name, snapshot: golden.metadata.name)
            ])
        }
        if restore.isComplete { return .done }
        guard let failure = restore.failure else { return .wait(nil) }
        let text = "\(name): \(failure)"
        return restore.hasFailed ? .failed(text) : .wait(PoolObstacle(text: text, patience: Self.errorPatience))
    }

    private func start(_ role: PoolDetail.Role) -> PoolMove {
        guard reading.unread.isDisjoint(with: [.machine, .instance]) else { return .wait(nil) }
        guard let machine = reading.roles[role] else { return .failed("there is no \(role.rawValue) machine") }
        // While KubeVirt still works on it, its owner must not.
        if machine.restoreInProgress != nil { return .wait(nil) }
        if machine.isWanted != true { return .write([.run(machine, true)]) }
        return up([role])
    }
}
