#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Follows runs row by row and knows whether, how and when the last one ended.
struct DeploymentEnd {
    private(set) var outcome: DeploymentRun.Outcome = .none
    private(set) var at: Date?
    private var stage = DeploymentStage.untouched
    /// The newest phase in which something can fail.
    private var place: String?

    /// - Returns: whether the row is the first of another run.
    mutating func follow(_ row: DeploymentRow, plan: PhasePlan) -> Bool {
        let meaning = row.meaning
        let next = stage.after(meaning, plan: plan)
        if next.begins { self = DeploymentEnd() }
        // The first failure is the cause; those after it are its consequences, and leave the stage as it is.
        if next.stage != stage {
            at = next.stage.outcome == nil ? nil : row.at
            outcome =
                switch next.stage.outcome {
                case .deployed: .deployed
                case .failed: .failed(phase: meaning.name ?? place ?? row.phase, message: row.message)
                case .cleaned: .cleaned
                case nil: .none
                }
            stage = next.stage
        }
        if let name = meaning.name { place = name }
        return next.begins
    }
}
