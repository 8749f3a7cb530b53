import ClusterPool
import Fleet

/// What the backend of the sandbox knows of the pool's steps beside their names.
extension PoolStep {
    var role: PoolDetail.Role {
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

    /// Seconds after which this backend gives it up.
    var patience: Double {
        switch self {
        case .stop: 120
        case .restoreControlPlane, .restoreWorker: 1200
        default: 900
        }
    }
}

extension PoolDetail.Operation {
    var steps: [PoolStep] { PoolStep.steps(of: self) }

    /// The status of the cluster meanwhile.
    var status: String { self == .reset ? "resetting" : "creating" }
}

extension PoolDetail.Role {
    /// The name of its golden snapshot.
    var snapshot: String { self == .controlPlane ? "cp-snap" : "wk-snap" }
}
