import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is known of a failed operation of a stack, gathered for its diagnosis.
struct FailedStack {
    /// The stack's status.
    let status: String
    /// The event of a resource that is the cause, as far as events tell.
    let root: StackHistory.Event?
    /// What the stack itself says, where no resource says anything.
    private let stackReason: String?
    /// ParallelCluster's code, or the one that it will give.
    let code: String?
    /// What ParallelCluster says with the code.
    let saidReason: String?
    let startedAt: Date?
    let isCreation: Bool
    /// What the head node looked like when its wait failed; nil if it did not.
    let facts: ClusterFacts?
    let values: DiagnosisValues

    private let waitReason: String?

    init(_ reading: ClusterReading, rootCause: StackHistory.Event?) {
        let operation = StackOperation(reading.stack)
        status = SafeText.line(Self.status(reading, operation), limit: 60)
        let cause = rootCause ?? operation?.rootCause
        root = cause.flatMap { $0.isStack ? nil : $0 }
        stackReason = cause.flatMap { $0.isStack ? $0.reason : nil }
        startedAt = operation?.startedAt
        // Without events the status must tell; ROLLBACK alone is the end of a creation.
        isCreation =
            operation.map { $0.kind == .create } ?? (status.hasPrefix("CREATE") || status.hasPrefix("ROLLBACK"))
        let wait = reading.stack.events.last { Self.isFailedWait($0) }
        waitReason = wait?.reason
        let said = isCreation ? reading.description?.failures?.first : nil
        saidReason = said?.failureReason.map { SafeText.line($0, limit: 200) }
        code =
            said?.failureCode.map { SafeText.line($0, limit: 60) }
            ?? (isCreation ? wait?.reason.flatMap(FailureDiagnosis.code) : nil)
        facts = wait.map { ClusterFacts(reading, now: $0.at, usualWait: nil) }
        values = Self.values(reading, facts: facts, root: root, operation: operation)
    }

    /// All that was said of the failure.
    var texts: [String] { [saidReason, waitReason, root?.reason].compactMap { $0 } }

    func isWait(_ event: StackHistory.Event) -> Bool { event.type == "AWS::CloudFormation::WaitCondition" }

    /// For a failure of which no register knows anything.
    var plainCause: String {
        guard let root else {
            guard let stackReason else { return "The stack is \(status), and no event says why." }
            return "The stack is \(status): \(ReasonText.plain(stackReason))"
        }
        return "\(root.logicalID): \(root.status)."
    }

    private static func isFailedWait(_ event: StackHistory.Event) -> Bool {
        event.type == "AWS::CloudFormation::WaitCondition" && event.status == "CREATE_FAILED"
    }

    /// Whichever answer is known; the events' own are as good as the description's.
    private static func status(_ reading: ClusterReading, _ operation: StackOperation?) -> String {
        reading.stackStatus == "UNKNOWN" ? operation?.stackStatus ?? "UNKNOWN" : reading.stackStatus
    }

    private static func values(
        _ reading: ClusterReading, facts: ClusterFacts?, root: StackHistory.Event?, operation: StackOperation?
    ) -> DiagnosisValues {
        var values = DiagnosisValues(facts ?? ClusterFacts(reading, now: reading.readAt, usualWait: nil))
        if let root {
            values["logical-id"] = root.logicalID
            values["type"] = root.type
            values["status"] = root.status
            values["reason"] = root.reason.map { ReasonText.plain($0) }
            values["deed"] =
                root.status.hasPrefix("DELETE")
                ? "deleted" : root.status.hasPrefix("UPDATE") ? "updated" : "created"
            values["instance-type"] = root.instanceTypes.first ?? values["instance-type"]
        }
        values[list: "failed"] = (operation?.resources ?? []).filter { $0.status == "DELETE_FAILED" }.map(\.logicalID)
        return values
    }
}
