import Fleet
import Upstream

/// How far the cluster under a deployment is, from whichever shape its conditions have: the one summary of current releases, or the
/// Cluster API conditions one by one (the flat shape). One object may have both; the summary is the newer word.
struct DeploymentHealth: Sendable, Equatable {
    typealias Line = DeploymentDetail.HealthLine

    /// What is shown; of the flat shape only the conditions that stand there.
    var lines: [Line]
    /// There is a summary, healthy or not.
    var isSummed: Bool
    /// There are Cluster API conditions beside or instead of it.
    var isFlat: Bool
    /// The phase that follows; never ready and never failed.
    var phase: ProvisioningPhase
    /// Something of the cluster was reported.
    var isBuilt: Bool
    /// All of the cluster is healthy, its services included.
    var isComplete: Bool

    init(_ wire: WireDeployment) {
        let summary = wire.condition(WireWords.summary)
        let bullets = summary.flatMap(SummaryBullets.init)
        let flat = SummaryBullets.names.compactMap { name in wire.condition(name) }
        let services = wire.condition(WireWords.services) ?? wire.condition("ServicesInstalled")
        let hasServices = services.map(\.isTrue) ?? true
        isSummed = summary != nil
        isFlat = !flat.isEmpty
        // A cluster that was adopted has no Cluster API object; what installs services on it says that it is there.
        let isAdopted = summary == nil && flat.isEmpty && wire.condition("SveltosClusterReady")?.isTrue == true
        isBuilt = bullets != nil || isFlat || isAdopted
        isComplete = hasServices && (isAdopted || summary.map(\.isTrue) ?? Self.isComplete(flat))
        lines = bullets?.lines ?? flat.map { Line(name: $0.type, isHealthy: $0.isTrue, text: Self.text($0)) }
        if let bullets {
            phase = Self.phase(bullets)
        } else if isFlat {
            phase = Self.phase(flat: flat)
        } else if let summary, summary.reason != "CAPIClusterMissing" {
            // It is looked at, and nothing can be said of its parts.
            phase = .provisioning
        } else if isAdopted {
            phase = .installing
        } else if services != nil, summary == nil, wire.condition(WireWords.release) == nil {
            phase = .installing
        } else {
            phase = .initializing
        }
    }

    /// The first line that is not healthy, in words: `InfrastructureReady: quota exceeded`. The probe comes last: it fails as long as there
    /// is nothing to reach.
    var firstTrouble: String? {
        let unhealthy = lines.filter { !$0.isHealthy }
        let line = unhealthy.first { $0.name != "RemoteConnectionProbe" } ?? unhealthy.first
        return line.map { line in
            let text = line.text.isEmpty ? line.parts.first ?? "" : line.text
            return text.isEmpty ? line.name : "\(line.name): \(text)"
        }
    }

    private static func text(_ condition: KubeCondition) -> String {
        if condition.isTrue { return "" }
        return condition.message.isEmpty ? condition.reason : condition.message
    }

    /// What is not listed is healthy.
    private static func phase(_ bullets: SummaryBullets) -> ProvisioningPhase {
        let unhealthy = Set(bullets.lines.lazy.filter { !$0.isHealthy }.map(\.name))
        if unhealthy.isEmpty { return .installing }
        if unhealthy.contains("InfrastructureReady") { return .provisioning }
        if unhealthy.contains("ControlPlaneInitialized") || unhealthy.contains("ControlPlaneAvailable") {
            return .bootstrapping
        }
        // Workers, further machines of the control plane, or only the probe.
        return .scaling
    }

    /// Here what is not listed has not come yet.
    private static func phase(flat: [KubeCondition]) -> ProvisioningPhase {
        func status(_ name: String) -> Bool? { flat.first { $0.type == name }.map(\.isTrue) }
        let workers = [status("WorkersAvailable"), status("WorkerMachinesReady")]
        let control = [status("ControlPlaneInitialized"), status("ControlPlaneAvailable")]
        if status("InfrastructureReady") == false { return .provisioning }
        if control.contains(false) { return .bootstrapping }
        if workers.contains(false) { return .scaling }
        if workers.contains(true) { return .installing }
        if control.contains(true) { return .scaling }
        return status("InfrastructureReady") == true ? .bootstrapping : .provisioning
    }

    private static func isComplete(_ flat: [KubeCondition]) -> Bool {
        !flat.isEmpty && phase(flat: flat) == .installing
    }
}
