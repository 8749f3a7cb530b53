/// The phases of a deployment in order, with the time each may take.
///
/// Source: the orchestrator's phase table (`TIMEOUT_<PHASE>` and its defaults); the whole takes at most 4020 s.
public struct PhasePlan: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
        public let name: String
        /// The longest it may take, in seconds. These are also its share of the percentage.
        public let limit: Double

        public init(name: String, limit: Double) {
            self.name = name
            self.limit = limit
        }
    }

    /// The nine phases that count, in order.
    public let steps: [Step]
    /// Sum of all limits, in seconds.
    public let total: Double
    private let order: [String: Int]

    public static let defaultSteps = [
        Step(name: "ipxe_boot", limit: 300), Step(name: "config_download", limit: 120),
        Step(name: "foundation_start", limit: 180), Step(name: "storage_discovery", limit: 300),
        Step(name: "image_download", limit: 900), Step(name: "installation", limit: 1200),
        Step(name: "cluster_formation", limit: 600), Step(name: "dns_registration", limit: 120),
        Step(name: "health_validation", limit: 300),
    ]

    /// Phases that are reported but have no limit and no share of the percentage, each with the counted phase it comes before.
    ///
    /// `config_requested` is what the orchestrator writes where its document says `config_download`.
    private static let beside: [(name: String, before: String)] = [
        ("pending", "ipxe_boot"), ("provisioning", "ipxe_boot"), ("server_requested", "ipxe_boot"),
        ("bare_metal_deploy", "ipxe_boot"), ("reinitialize", "ipxe_boot"), ("monitoring_start", "ipxe_boot"),
        ("ibm_cloud_status", "ipxe_boot"), ("config_requested", "config_download"),
        ("network_config", "storage_discovery"), ("post_install", "cluster_formation"),
    ]

    /// Phases that begin a deployment: after one of them, what came before belongs to an earlier run.
    static let openings: Set<String> = [
        "pending", "provisioning", "server_requested", "bare_metal_deploy", "reinitialize",
    ]

    /// How long nothing may be heard of a node outside the counted phases; the orchestrator's own watcher gives up after it.
    public static let patience: Double = 1800

    /// - Parameter limits: seconds by phase, instead of the defaults; unknown names and values that are not positive are ignored.
    public init(limits: [String: Double] = [:]) {
        steps = Self.defaultSteps.map { step in
            guard let limit = limits[step.name], limit > 0, limit.isFinite else { return step }
            return Step(name: step.name, limit: limit)
        }
        total = steps.reduce(0) { $0 + $1.limit }
        order = Dictionary(
            steps.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The place of a counted phase, 0…8; nil for every other word.
    public func index(of phase: String) -> Int? { order[phase] }

    /// Where a phase stands in the track: counted ones at their index, known others just before one, unknown words nowhere.
    func place(of phase: String) -> Double? {
        if let index = order[phase] { return Double(index) }
        guard let entry = Self.beside.firstIndex(where: { $0.name == phase }),
            let next = order[Self.beside[entry].before]
        else { return nil }
        return Double(next) - 1 + Double(entry + 1) / Double(Self.beside.count + 1)
    }

    /// Seconds of all limits before the phase at `index`.
    func limits(before index: Int) -> Double { steps.prefix(index).reduce(0) { $0 + $1.limit } }

    /// Usual seconds of a phase where no runs were recorded: median and 90th percentile.
    ///
    /// The source gives no figure a phase, only that a whole deployment takes 30 to 60 minutes; its span is shared out as the limits are.
    public func typical(_ step: Step) -> (usual: Double, high: Double) {
        (usual: step.limit / total * 45 * 60, high: step.limit / total * 60 * 60)
    }
}

/// The installer's own channel (`POST /api/installation/status`): numbers, and words of the init script.
public enum InstallerChannel {
    /// What `nodes.deployment_status` becomes. Source: the orchestrator's table; every word and every other number gives `UNKNOWN`.
    public static func word(for number: Int) -> String {
        switch number {
        case -1: "LOG"
        case 1: "INITIALIZING"
        case 2: "DOWNLOADING_CONFIG"
        case 3: "VALIDATING_CONFIG"
        case 4: "DOWNLOADING_PACKAGES"
        case 5: "INSTALLING_HYPERVISOR"
        case 6: "RUNNING_NUX_INSTALL"
        case 7: "REBOOTING"
        default: "UNKNOWN"
        }
    }

    /// The counted phase that an installer word belongs to; nil for `LOG`, `UNKNOWN` and every word that says nothing about where it is.
    public static func phase(for word: String) -> String? {
        switch word {
        case "INITIALIZING", "driver_load", "driver_success", "boot": "foundation_start"
        case "DOWNLOADING_CONFIG", "VALIDATING_CONFIG": "config_download"
        case "DOWNLOADING_PACKAGES", "download_start", "download_complete", "mount_success": "image_download"
        case "INSTALLING_HYPERVISOR", "RUNNING_NUX_INSTALL", "REBOOTING", "install_start", "python_exec",
            "install_complete", "reboot":
            "installation"
        default: nil
        }
    }
}
