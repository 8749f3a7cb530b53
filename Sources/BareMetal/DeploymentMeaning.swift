/// What a row says about its deployment. The words that begin, end or fail a deployment stand here and nowhere else.
struct DeploymentMeaning: Sendable, Equatable {
    enum Outcome: Sendable, Equatable { case deployed, failed, cleaned }

    /// It says something about the machine, or nothing at all: it never changes what is known of the deployment.
    let isAside: Bool
    /// How it ends the deployment, if it does.
    let outcome: Outcome?
    /// It begins a run, unless the run is just being opened by another such row.
    let opens: Bool
    /// It begins a run if the one before it is over.
    let begins: Bool
    /// Its place in the track; nil for asides and bare outcomes.
    let name: String?

    /// Words that are asides on either channel: a client may read the installer's rows without their channel.
    private static let asides: Set<String> = ["ibm_cloud_status", "LOG", "UNKNOWN"]
    /// Words of the phase channel that begin a run only after one that is over.
    private static let boots: Set<String> = ["ipxe_boot", "monitoring_start"]

    init(phase: String, status: String, channel: DeploymentRow.Channel) {
        switch channel {
        case .installer:
            // Its words are no phases: one that is called like a phase or an outcome is still only an unknown word.
            name = InstallerChannel.phase(for: phase)
            outcome = phase == "error" ? .failed : nil
            isAside = name == nil && outcome == nil
            opens = false
            begins = false
        case .phase:
            isAside = Self.asides.contains(phase)
            outcome = isAside ? nil : Self.outcome(phase: phase, status: status)
            name = isAside ? nil : Self.name(phase)
            let isOpening = PhasePlan.openings.contains(phase)
            opens = isOpening && status != "failed"
            begins = isOpening || Self.boots.contains(phase)
        }
    }

    private static func outcome(phase: String, status: String) -> Outcome? {
        switch phase {
        // These keep their own word, whatever status comes with them.
        case "cleanup_completed": .cleaned
        case "deployed": .deployed
        case "failed", "deployment_failed": .failed
        default: status == "failed" ? .failed : phase == "health_validation" && status == "success" ? .deployed : nil
        }
    }

    private static func name(_ phase: String) -> String? {
        switch phase {
        case "failed", "deployment_failed", "deployed", "cleanup_completed": nil
        case "config_requested": "config_download"
        default: phase
        }
    }
}

extension DeploymentMeaning.Outcome {
    /// The word of `nodes.deployment_status`.
    var word: String {
        switch self {
        case .deployed: "deployed"
        case .failed: "failed"
        case .cleaned: "cleanup_completed"
        }
    }
}

extension DeploymentRow {
    var meaning: DeploymentMeaning { DeploymentMeaning(phase: phase, status: status, channel: channel) }
}
