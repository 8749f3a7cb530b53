/// What CloudFormation says beside a status.
enum StackReason {
    static let byUser = "User Initiated"
    static let initiated = "Resource creation Initiated"
    static let cancelled = "Resource creation cancelled"
    static let timedOut = "WaitCondition timed out. Received 0 conditions when expecting 1"

    static func rollback(_ failed: [String]) -> String {
        "The following resource(s) failed to create: [\(failed.joined(separator: ", "))]. Rollback requested by user."
    }
}
