#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Follows one run row by row and knows whether, how and when it ended.
struct DeploymentEnd {
    private(set) var outcome: DeploymentRun.Outcome = .none
    private(set) var at: Date?
    /// The newest phase in which something can fail.
    private var place: String?

    /// Words that say something about the machine or nothing at all, never about the deployment.
    private static let aside: Set<String> = ["ibm_cloud_status", "LOG", "UNKNOWN"]

    mutating func follow(_ row: DeploymentRow, plan: PhasePlan) {
        // What was cleaned up stays so, whatever a node still says: only a new run ends it.
        guard outcome != .cleaned, !Self.aside.contains(row.phase) else { return }
        let phase = TrackBuilder.trackName(row)
        if row.phase == "cleanup_completed" {
            end(.cleaned, at: row.at)
        } else if Self.isFailure(row) {
            // The first failure is the cause; those after it are its consequences.
            if case .failed = outcome { return }
            end(.failed(phase: phase ?? place ?? row.phase, message: row.message), at: row.at)
        } else if row.phase == "deployed" || (row.phase == "health_validation" && row.status == "success") {
            if outcome != .deployed { end(.deployed, at: row.at) }
        } else if case .failed = outcome, let phase, plan.index(of: phase) != nil {
            // It is tried again. Phases beside the counted ones, such as a late `post_install`, do not undo a failure, and nothing
            // but a failure undoes `deployed`.
            outcome = .none
            at = nil
        }
        if let phase { place = phase }
    }

    private mutating func end(_ outcome: DeploymentRun.Outcome, at instant: Date) {
        self.outcome = outcome
        at = instant
    }

    private static func isFailure(_ row: DeploymentRow) -> Bool {
        row.status == "failed" || row.phase == "failed" || row.phase == "deployment_failed"
            || (row.channel == .installer && row.phase == "error")
    }
}
