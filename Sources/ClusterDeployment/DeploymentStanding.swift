/// What one look at a deployment says: its phase, and what is true of it beside the phase.
public struct DeploymentStanding: Sendable, Equatable {
    /// Why a deployment counts as failed.
    public enum Failure: Sendable, Equatable {
        /// One of the conditions that must hold before anything is built is False; its type.
        case prerequisite(String)
        /// The chart could not be installed.
        case release
        /// The cluster was not complete within the controller's 30 minutes.
        case stalled
        /// The object says so itself, in the flat shape.
        case reported
    }

    public var phase: ProvisioningPhase
    /// The phase that its conditions show when the failure is left out; the same as `phase` where nothing failed.
    public var reached: ProvisioningPhase
    public var failure: Failure?
    /// The message that belongs to the phase, one harmless line; empty when there is none.
    public var message: String
    public var isDeleting = false
    /// Reconciliation is paused: nothing moves until it is resumed.
    public var isPaused = false
    /// Only checked: nothing is built.
    public var isDryRun = false
    /// Ready for less than 30 s.
    public var isFresh = false
    /// Its conditions speak of an older generation of its spec.
    public var isStale = false

    public init(
        phase: ProvisioningPhase, reached: ProvisioningPhase? = nil, failure: Failure? = nil, message: String = ""
    ) {
        self.phase = phase
        self.reached = reached ?? phase
        self.failure = failure
        self.message = message
    }

    public var isStalled: Bool { failure == .stalled }

    /// Whether nothing follows by itself. A failed deployment can still recover; that is told when it does.
    public var isTerminal: Bool { phase == .failed || phase == .ready && !isDryRun }

    /// Only checked, and the checks are done: nothing follows, but nothing is ready either.
    public var isChecked: Bool { isDryRun && phase == .ready && !isDeleting }

    /// What the screen shows. A failure is never hidden behind a pause, a deletion never behind anything.
    public var word: String {
        if isDeleting { return "Deleting" }
        if phase == .failed { return phase.rawValue }
        if isPaused { return "Paused" }
        return isDryRun ? "Dry run" : phase.rawValue
    }
}
