import ClusterPool
import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What each step writes, and when it is over.
extension PoolBackend {
    enum Outcome {
        case waiting, done
        case failed(String)
    }

    func begin(_ work: inout Work, _ lot: Lot, _ store: inout KubeStore, _ now: Date) {
        let machine = lot.name(work.step.role)
        switch work.step {
        case .stop: for role in PoolDetail.Role.allCases { run(false, lot.name(role), lot, &store, now) }
        case .cleanup: clean(lot, &store, now)
        case .restoreControlPlane, .restoreWorker:
            work.restore = "\(machine)-restore-\(Int(now.timeIntervalSince1970))"
            store.add(
                JSONValue(
                    .restore, lot.namespace, work.restore,
                    members: [
                        "spec": [
                            "target": PoolShapes.machineReference(machine),
                            "virtualMachineSnapshotName": .text(work.step.role.snapshot),
                        ]
                    ]), at: now)
        case .startControlPlane, .startWorker: run(true, machine, lot, &store, now)
        case .deleteOldMachines:
            for machine in store.objects(.machine, in: lot.namespace) {
                store.drop(lot.ref(.machine, machine.name), at: now)
                store.drop("secrets", lot.namespace, machine.name, at: now)
            }
            for role in PoolDetail.Role.allCases { store.drop(lot.ref(.snapshot, role.snapshot), at: now) }
        case .createNamespace:
            store.change("namespaces", "", lot.namespace, at: now) {
                $0 = $0.merged(with: PoolShapes.namespace(lot.namespace))
            }
        case .createQuota: store.add(PoolShapes.quota(lot.namespace), at: now)
        case .createControlPlaneSecret, .createWorkerSecret:
            store.add(PoolShapes.secret(lot.namespace, machine), at: now)
        case .createControlPlane, .createWorker:
            store.add(PoolShapes.machine(lot.namespace, machine, work.step.role), at: now)
        case .snapshotControlPlane:
            for role in PoolDetail.Role.allCases {
                store.add(PoolShapes.snapshot(lot.namespace, of: lot.name(role), role), at: now)
            }
        case .verifyKubeVirt, .validateImage, .waitControlPlane, .joinCommand, .waitMachines, .snapshotWorker: break
        }
    }

    func outcome(of work: Work, _ lot: Lot, _ store: KubeStore, _ now: Date) -> Outcome {
        let outcome = look(at: work, lot, store)
        guard case .waiting = outcome, now.timeIntervalSince(work.since) >= work.step.patience else { return outcome }
        // A machine that does not stop is the restore's trouble.
        if work.step == .stop { return .done }
        return .failed("\(work.step.rawValue): timed out after \(Int(work.step.patience / 60)) minutes")
    }

    private func look(at work: Work, _ lot: Lot, _ store: KubeStore) -> Outcome {
        let machine = lot.name(work.step.role)
        switch work.step {
        case .stop:
            return PoolDetail.Role.allCases.allSatisfy { store.object(lot.ref(.instance, lot.name($0))) == nil }
                ? .done : .waiting
        case .deleteOldMachines: return store.objects(.machine, in: lot.namespace).isEmpty ? .done : .waiting
        case .restoreControlPlane, .restoreWorker:
            guard let restore = store.object(lot.ref(.restore, work.restore)) else {
                return .failed("restore \(work.restore) is gone")
            }
            if let failure = restore.state(of: "Failure"), failure.status == "True" { return .failed(failure.reason) }
            return restore.at("status", "complete")?.bool == true ? .done : .waiting
        case .startControlPlane, .startWorker, .waitControlPlane: return ready(machine, lot, store)
        case .waitMachines:
            let outcomes = PoolDetail.Role.allCases.map { ready(lot.name($0), lot, store) }
            return outcomes.first { if case .done = $0 { false } else { true } } ?? .done
        case .validateImage:
            let image = KubeVirtRef(kind: .claim, namespace: SandboxPool.templates, name: PoolShapes.image)
            return store.object(image)?.at("status", "phase") == "Bound" ? .done : .waiting
        case .snapshotControlPlane, .snapshotWorker:
            let snapshot = store.object(lot.ref(.snapshot, work.step.role.snapshot))
            if let failure = snapshot?.state(of: "Failure"), failure.status == "True" { return .failed(failure.reason) }
            return snapshot?.at("status", "readyToUse")?.bool == true ? .done : .waiting
        case .cleanup, .verifyKubeVirt, .createNamespace, .createQuota, .createControlPlaneSecret, .createControlPlane,
            .joinCommand, .createWorkerSecret, .createWorker:
            return .done
        }
    }

    private func ready(_ name: String, _ lot: Lot, _ store: KubeStore) -> Outcome {
        let machine = store.object(lot.ref(.machine, name))
        let word = machine?.at("status", "printableStatus")?.text ?? ""
        if word == "DataVolumeError" { return .failed("\(name): \(word)") }
        let phase = store.object(lot.ref(.instance, name))?.at("status", "phase")
        return phase == "Running" && machine?.at("status", "ready")?.bool == true ? .done : .waiting
    }

    private func run(_ isWanted: Bool, _ name: String, _ lot: Lot, _ store: inout KubeStore, _ now: Date) {
        store.change(lot.ref(.machine, name), at: now) {
            $0 = $0.merged(with: ["spec": ["runStrategy": isWanted ? "Always" : "Halted"]])
        }
    }

    /// Takes old restores of the machines away, and the disks that they made.
    private func clean(_ lot: Lot, _ store: inout KubeStore, _ now: Date) {
        for restore in store.objects(.restore, in: lot.namespace)
        where PoolDetail.Role.allCases.contains(where: { restore.at("spec", "target", "name")?.text == lot.name($0) }) {
            store.drop(lot.ref(.restore, restore.name), at: now)
        }
        for claim in store.objects(.claim, in: lot.namespace) where claim.name.hasPrefix("restore-") {
            store.drop(lot.ref(.claim, claim.name), at: now)
        }
    }
}
