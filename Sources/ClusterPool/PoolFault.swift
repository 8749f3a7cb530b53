import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One thing of a cluster that does not work, and what it says.
struct PoolFault: Sendable, Equatable {
    var kind: PoolKind
    var name: String
    var text: String

    /// What a machine's own word means trouble with. Source: wire-formats 10.
    static let machineWords: Set = [
        "CrashLoopBackOff", "ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", "ErrorPvcNotFound",
        "DataVolumeError", "Unknown",
    ]
    /// A stop may take as long as the guest's grace period, which is three minutes by default; beyond so many seconds it hangs.
    static let stopLimit: Double = 240

    /// As a sign: `VirtualMachineRestore cp-cluster1-restore-17: Operation failed`.
    var sign: String { SafeText.line("\(title) \(name): \(text)", limit: 300) }

    private var title: String {
        switch kind {
        case .machine: "VirtualMachine"
        case .instance: "VirtualMachineInstance"
        case .snapshot: "VirtualMachineSnapshot"
        case .restore: "VirtualMachineRestore"
        case .disk: "DataVolume"
        }
    }

    /// All that does not work, what explains most first: restores of the present operation, golden snapshots, disks, machines.
    static func all(_ reading: PoolReading, now: Date) -> [PoolFault] {
        var faults: [PoolFault] = []
        var isNewest: Set<PoolDetail.Role> = []
        // A reset that runs has not made what failed before it; it will delete that.
        let begun = reading.memory.operation.flatMap { $0.endedAt == nil && $0.kind == .reset ? $0.startedAt : nil }
        let isOver = { (restore: WireRestore) in
            begun.map { (restore.metadata.creationTimestamp ?? $0) < $0.addingTimeInterval(-PoolSteps.slack) } ?? false
        }
        for (role, restore) in reading.restoresByAge where !isOver(restore) && isNewest.insert(role).inserted {
            // Of each machine only the newest: a later one has made up for those before.
            if let text = restore.failure {
                faults.append(PoolFault(kind: .restore, name: restore.metadata.name, text: text))
            }
        }
        let golden = reading.golden
        for role in PoolDetail.Role.allCases {
            if let snapshot = golden[role], let text = snapshot.failure {
                faults.append(PoolFault(kind: .snapshot, name: snapshot.metadata.name, text: text))
            }
        }
        for disk in reading.disks.values.sorted(by: { $0.metadata.name < $1.metadata.name }) {
            if let text = disk.failure { faults.append(PoolFault(kind: .disk, name: disk.metadata.name, text: text)) }
        }
        let roles = reading.roles
        for role in PoolDetail.Role.allCases {
            guard let machine = roles[role] else { continue }
            let instance = reading.instance(of: machine)
            if let text = text(of: machine) {
                faults.append(PoolFault(kind: .machine, name: machine.metadata.name, text: text))
            } else if let instance, instance.phase == "Failed" {
                let text = instance.reason.isEmpty ? "its instance has failed" : instance.reason
                faults.append(PoolFault(kind: .instance, name: instance.metadata.name, text: text))
            } else if let since = instance?.metadata.deletionTimestamp, now.timeIntervalSince(since) > stopLimit {
                let taken = DurationText.age(now.timeIntervalSince(since))
                faults.append(
                    PoolFault(
                        kind: .machine, name: machine.metadata.name,
                        text: "Stopping for \(taken), longer than its grace period")
                )
            }
        }
        return faults
    }

    /// Why a machine does not run; nil for one that runs, or is on its way.
    static func text(of machine: WireMachine) -> String? {
        let failing = machine.conditions.of("Failure").flatMap { $0.isTrue ? $0.text : nil } ?? ""
        let recovery = machine.conditions.of("ManualRecoveryRequired").flatMap { $0.isTrue ? $0.text : nil }
        if let recovery { return recovery.isEmpty ? "manual recovery is required" : recovery }
        guard machineWords.contains(machine.word) else { return failing.isEmpty ? nil : failing }
        var more = failing
        if more.isEmpty { more = machine.conditions.of("Ready").flatMap { $0.isFalse ? $0.text : nil } ?? "" }
        var text = more.isEmpty ? machine.word : "\(machine.word), \(more)"
        if machine.startFailures > 0 { text += " (\(machine.startFailures) failed starts)" }
        return text
    }
}
