import Fleet

/// How far a creation is. Source: wire-formats 7.4 and design 6: 5, 25 to 40, 50 to 60, 75 to 85, 90 to 95, 100.
enum DeploymentProgress {
    /// Percent that one event worth telling adds while infrastructure is made: nothing else moves in those minutes.
    private static let step = 3
    /// Percent of what says it is ready and may take it back.
    static let almost = 95

    /// - Parameter phase: the one reached; a failure does not change it, and so the percent stays.
    static func percent(
        _ phase: ProvisioningPhase, health: [DeploymentDetail.HealthLine], services: DeploymentServices,
        milestones: [DeploymentDetail.Milestone] = []
    ) -> Int {
        func isHealthy(_ name: String) -> Bool { health.contains { $0.name == name && $0.isHealthy } }
        switch phase {
        case .unknown, .failed: return 0
        case .initializing: return 5
        case .provisioning:
            if isHealthy("InfrastructureReady") { return 40 }
            return min(40, 25 + step * steps(milestones, phase))
        case .bootstrapping: return isHealthy("ControlPlaneInitialized") ? 60 : 50
        case .scaling: return isHealthy("WorkersAvailable") || isHealthy("WorkerMachinesReady") ? 85 : 75
        case .installing:
            guard let ready = services.ready, let total = services.total, total > 0 else { return 90 }
            return 90 + 5 * ready / total
        case .ready: return 100
        }
    }

    /// Good news only, each once: what fails, and fails again, brings nothing nearer.
    private static func steps(_ milestones: [DeploymentDetail.Milestone], _ phase: ProvisioningPhase) -> Int {
        var told: Set<[String]> = []
        for milestone in milestones where milestone.severity == .info && milestone.phase == phase.rawValue {
            told.insert([milestone.reason, milestone.object, milestone.text])
        }
        return told.count
    }

    static func progress(_ percent: Int, phase: ProvisioningPhase) -> Progress {
        Progress(
            percent: percent, done: phase.place ?? 0, total: ProvisioningPhase.track.count, unit: "phases")
    }
}
