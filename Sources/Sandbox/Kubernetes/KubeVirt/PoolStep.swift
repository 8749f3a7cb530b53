/// What the backend does to a cluster, step by step: the words of `cks.io/operation`.
enum PoolOperation: String, Sendable {
    case bootstrap, snapshot, reset

    var steps: [PoolStep] {
        switch self {
        case .bootstrap:
            [
                .deleteOldMachines, .verifyKubeVirt, .createNamespace, .createQuota, .validateImage,
                .createControlPlaneSecret, .createControlPlane, .waitControlPlane, .joinCommand, .createWorkerSecret,
                .createWorker, .waitMachines,
            ]
        case .snapshot: [.snapshotControlPlane, .snapshotWorker]
        case .reset: [.stop, .cleanup, .restoreControlPlane, .startControlPlane, .restoreWorker, .startWorker]
        }
    }

    /// The status of the cluster meanwhile.
    var status: String { self == .reset ? "resetting" : "creating" }
}

/// A step, as Slipway's own manager names it in `cks.io/operation-step` too. The room ClusterPool reads these words and has the same
/// titles; the sandbox must not know that room.
enum PoolStep: String, Sendable {
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
    case snapshotControlPlane = "snapshot-control-plane"
    case snapshotWorker = "snapshot-worker"
    case stop, cleanup
    case restoreControlPlane = "restore-control-plane"
    case startControlPlane = "start-control-plane"
    case restoreWorker = "restore-worker"
    case startWorker = "start-worker"

    var role: PoolRole {
        switch self {
        case .restoreWorker, .startWorker, .createWorkerSecret, .createWorker, .snapshotWorker: .worker
        default: .controlPlane
        }
    }

    /// Seconds that the step takes at least.
    var least: Double {
        switch self {
        case .cleanup, .deleteOldMachines: 10
        case .joinCommand: 60
        case .verifyKubeVirt, .createControlPlaneSecret: 1
        default: 2
        }
    }

    /// Seconds after which it is given up.
    var limit: Double {
        switch self {
        case .stop: 120
        case .restoreControlPlane, .restoreWorker: 1200
        default: 900
        }
    }

    /// The name of the phase in a run of the history.
    var title: String {
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
}

/// The two machines of a cluster.
enum PoolRole: String, Sendable, CaseIterable {
    case controlPlane = "control-plane"
    case worker

    /// The name of its golden snapshot.
    var snapshot: String { self == .controlPlane ? "cp-snap" : "wk-snap" }
}
