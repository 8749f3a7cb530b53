/// How far a run has come, and what a row makes of it: the one rule of when a run begins, is over and is tried again.
///
/// The raw values are stored.
enum DeploymentStage: String, Sendable, Codable, CaseIterable {
    /// Nothing was said but asides.
    case untouched
    /// Only openings (`pending`, `provisioning`, …) were said; together they are one beginning.
    case opening
    case running
    case deployed, failed, cleaned

    /// How the run ended; nil while it has not.
    var outcome: DeploymentMeaning.Outcome? {
        switch self {
        case .untouched, .opening, .running: nil
        case .deployed: .deployed
        case .failed: .failed
        case .cleaned: .cleaned
        }
    }

    /// What `nodes.deployment_status` is when a run is over.
    static let endWords = allCases.compactMap(\.outcome?.word)

    /// The stage after a row, and whether that row is the first of another run.
    func after(_ meaning: DeploymentMeaning, plan: PhasePlan) -> (stage: DeploymentStage, begins: Bool) {
        if meaning.isAside { return (self, false) }
        let begins = meaning.opens ? self != .opening : outcome != nil && meaning.begins
        return ((begins ? .untouched : self).continued(meaning, plan), begins)
    }

    private func continued(_ meaning: DeploymentMeaning, _ plan: PhasePlan) -> DeploymentStage {
        // What was cleaned up stays so, whatever a node still says: only a new run ends it.
        if self == .cleaned { return self }
        switch meaning.outcome {
        case .cleaned: return .cleaned
        case .failed: return .failed
        case .deployed: return .deployed
        case nil: break
        }
        switch self {
        // Nothing but a failure undoes a success: a late `post_install` does not make a deployed node look unfinished.
        case .deployed: return self
        // Another try of a counted phase undoes a failure; what is said beside those does not.
        case .failed: return meaning.name.flatMap(plan.index(of:)) == nil ? self : .running
        default: return meaning.opens ? .opening : .running
        }
    }
}
