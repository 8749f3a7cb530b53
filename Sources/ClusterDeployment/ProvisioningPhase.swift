/// Where a deployment is on its way. The raw values are the words of a progress update; source: wire-formats 7.3.
///
/// Deleting, paused and dry run are not among them: a deployment is deleted in whatever phase it was, see `DeploymentStanding`.
public enum ProvisioningPhase: String, Codable, Sendable, CaseIterable, Comparable {
    /// Nothing can be said.
    case unknown = "Unknown"
    /// Its prerequisites are checked and its chart is installed.
    case initializing = "Initializing"
    /// Network, load balancer and machines are made at the provider.
    case provisioning = "Provisioning"
    /// The control plane comes up.
    case bootstrapping = "Bootstrapping"
    /// Workers join.
    case scaling = "Scaling"
    /// The cluster is there; services are installed on it.
    case installing = "Installing"
    case ready = "Ready"
    /// It cannot go on by itself; what is repaired can still recover.
    case failed = "Failed"

    /// - Parameter word: in any case, as `status.phase` of the flat shape has it.
    public init?(word: String) {
        let lower = word.lowercased()
        guard let phase = Self.allCases.first(where: { $0.rawValue.lowercased() == lower }) else { return nil }
        self = phase
    }

    /// The steps of a creation, in their order.
    public static let track: [ProvisioningPhase] = [
        .initializing, .provisioning, .bootstrapping, .scaling, .installing,
    ]

    /// Its place on the track: how many steps are done when it begins; nil for the two words that are no place.
    public var place: Int? {
        switch self {
        case .initializing: 0
        case .provisioning: 1
        case .bootstrapping: 2
        case .scaling: 3
        case .installing: 4
        case .ready: 5
        case .unknown, .failed: nil
        }
    }

    /// In the order in which a deployment goes through them; `unknown` first, `failed` last.
    public static func < (left: ProvisioningPhase, right: ProvisioningPhase) -> Bool {
        left.order < right.order
    }

    private var order: Int { place ?? (self == .unknown ? -1 : 6) }
}
