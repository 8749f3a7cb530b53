import Fleet

/// One step of an operation; the raw value is what the annotation `cks.io/operation-step` holds. In the order in which they are done.
/// Sources: wire-formats 9.4 for steps and limits, 9.5 for the order of a reset.
public enum PoolStep: String, Sendable, CaseIterable {
    // Bootstrap.
    case deleteOldMachines = "delete-old-vms"
    case verifyKubeVirt = "verify-kubevirt"
    case createNamespace = "create-namespace"
    case createQuota = "create-quota"
    case validateImage = "validate-image"
    case createControlPlaneSecret = "create-control-plane-secret"
    case createControlPlane = "create-control-plane-vm"
    case waitControlPlane = "wait-control-plane"
    case joinCommand = "get-join-command"
    case createWorkerSecret = "create-worker-secret"
    case createWorker = "create-worker-vm"
    case waitMachines = "wait-vms"
    // Golden snapshots.
    case snapshotControlPlane = "snapshot-control-plane"
    case snapshotWorker = "snapshot-worker"
    // Reset.
    case stop
    case cleanup
    case restoreControlPlane = "restore-control-plane"
    case startControlPlane = "start-control-plane"
    case restoreWorker = "restore-worker"
    case startWorker = "start-worker"

    /// The steps of an operation, first to last. That a cluster is marked available afterwards takes no time and is no step.
    public static func steps(of operation: PoolDetail.Operation) -> [PoolStep] {
        switch operation {
        case .bootstrap: bootstrap
        case .snapshot: [.snapshotControlPlane, .snapshotWorker]
        case .reset: reset
        }
    }

    private static let bootstrap = Array(allCases.prefix(12))
    private static let reset = Array(allCases.suffix(6))

    public var operation: PoolDetail.Operation {
        switch self {
        case .snapshotControlPlane, .snapshotWorker: .snapshot
        case .stop, .cleanup, .restoreControlPlane, .startControlPlane, .restoreWorker, .startWorker: .reset
        default: .bootstrap
        }
    }

    /// Its place in its operation, from 0.
    var place: Int { Self.steps(of: operation).firstIndex(of: self) ?? 0 }

    /// What the screen calls it.
    public var title: String {
        switch self {
        case .deleteOldMachines: "Old machines"
        case .verifyKubeVirt: "KubeVirt"
        case .createNamespace: "Namespace"
        case .createQuota: "Quota"
        case .validateImage: "Image"
        case .createControlPlaneSecret: "Control-plane secret"
        case .createControlPlane: "Control-plane VM"
        case .waitControlPlane: "Control plane ready"
        case .joinCommand: "Join command"
        case .createWorkerSecret: "Worker secret"
        case .createWorker: "Worker VM"
        case .waitMachines: "Both ready"
        case .snapshotControlPlane: "Snapshot control plane"
        case .snapshotWorker: "Snapshot worker"
        case .stop: "Stop"
        case .cleanup: "Clean up"
        case .restoreControlPlane: "Restore control plane"
        case .startControlPlane: "Start control plane"
        case .restoreWorker: "Restore worker"
        case .startWorker: "Start worker"
        }
    }

    /// Typical seconds, until runs were recorded here: a bootstrap takes eight minutes or more and a reset two to three (wire-formats 9.4).
    public var usual: Double {
        switch self {
        case .deleteOldMachines: 15
        case .verifyKubeVirt, .createControlPlaneSecret: 1
        case .createNamespace, .createQuota, .validateImage, .createControlPlane, .createWorker: 2
        case .waitControlPlane: 240
        case .joinCommand: 65
        case .createWorkerSecret: 5
        case .waitMachines: 150
        case .snapshotControlPlane, .snapshotWorker: 30
        case .stop: 20
        case .cleanup: 12
        case .restoreControlPlane, .restoreWorker: 30
        case .startControlPlane, .startWorker: 40
        }
    }

    /// The longest it may take, in seconds; nil where only the whole operation is limited.
    public var limit: Double? {
        switch self {
        case .createNamespace, .createQuota, .createWorkerSecret: 120
        // Its own 15 minutes lie within the 10 that the machine has as a whole.
        case .validateImage, .waitControlPlane, .joinCommand: 600
        case .waitMachines: 900
        // KubeVirt's own deadline, where the snapshot names none.
        case .snapshotControlPlane, .snapshotWorker: 300
        default: nil
        }
    }
}

extension PoolDetail.Operation {
    /// Seconds that a whole operation may take. Source: wire-formats 11.
    public var limit: Double {
        switch self {
        case .bootstrap: 2700
        case .snapshot: 1800
        case .reset: 1200
        }
    }

    /// Seconds without a sign that are normal: starting machines say nothing for minutes.
    var patience: Double {
        switch self {
        case .bootstrap: 600
        case .snapshot, .reset: 300
        }
    }
}
