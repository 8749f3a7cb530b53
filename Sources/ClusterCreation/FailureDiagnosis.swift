import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why a stack failed, and what to do: from the first event that failed by itself, ParallelCluster's code and the head
/// node's logs. Pure.
enum FailureDiagnosis {
    private static let signLimit = 8
    private static let nextLimit = 8

    /// - Parameters:
    ///   - rootCause: the first failure that is no consequence of another; it is looked for when it is not given.
    ///   - now: whose distance from the failure is told.
    static func diagnosis(_ reading: ClusterReading, rootCause: StackHistory.Event?, now: Date) -> Diagnosis {
        let failure = FailedStack(reading, rootCause: rootCause)
        let values = failure.values
        let finding = finding(failure, values)
        let stack = ResourceHints.shared?.stack(failure.status)
        let signs =
            finding.signs + [codeSign(failure), eventSign(failure), timeSign(failure, now: now)].compactMap { $0 }
            + (stack.map { ["\(failure.status): \($0.sign)"] } ?? [])
        let next = (finding.next + (stack?.next ?? []).compactMap { $0.text(values) }).unique()
        return Diagnosis(
            cause: finding.cause, signs: Array(signs.unique().prefix(signLimit)),
            next: next.isEmpty ? general(values) : Array(next.prefix(nextLimit)))
    }

    /// - Parameter forReason: `resourceStatusReason` of a failed wait condition.
    /// - Returns: the code that `describe-cluster` will give for it; nil for an empty reason.
    static func code(forReason reason: String) -> String? { FailureCodes.shared?.code(forReason: reason) }

    /// Of a complete cluster whose fleet is in protected mode.
    static func protected(_ reading: ClusterReading) -> Diagnosis {
        let values = FailedStack(reading, rootCause: nil).values
        guard let entry = ResourceHints.shared?.protected else {
            return Diagnosis(cause: "The compute fleet is in protected mode.", next: general(values))
        }
        return Diagnosis(
            cause: values.sentence(entry.cause), signs: ["fleet status PROTECTED"],
            next: entry.next.compactMap { $0.text(values) })
    }

    // MARK: the cause

    /// A resource that failed by itself is the cause. Where it is the wait condition, its code is; and where that code
    /// says little, the logs are asked first.
    private static func finding(_ failure: FailedStack, _ values: DiagnosisValues) -> Diagnosis {
        let entry = failure.code.flatMap { FailureCodes.shared?.entry($0, texts: failure.texts) }
        let isResource = failure.root.map { !failure.isWait($0) } ?? false
        if isResource, let root = failure.root, let hint = ResourceHints.shared?.hint(root) {
            return Diagnosis(
                cause: values.sentence(hint.cause), next: hint.next.compactMap { $0.text(values) })
        }
        guard let entry, failure.isCreation else {
            let hint = failure.root.flatMap { ResourceHints.shared?.hint($0) }
            return Diagnosis(
                cause: hint.map { values.sentence($0.cause) } ?? failure.plainCause,
                next: (hint?.next ?? []).compactMap { $0.text(values) })
        }
        let own = ((entry.hints ?? []) + entry.next).compactMap { $0.text(values) }
        if entry.logs == true, let facts = failure.facts, let told = WaitDiagnosis.afterwards(facts) {
            return Diagnosis(
                cause: told.diagnosis.cause, signs: told.diagnosis.signs,
                next: Array((told.diagnosis.next + own).unique().prefix(WaitDiagnosis.nextLimit)))
        }
        return Diagnosis(cause: values.sentence(entry.cause), next: own)
    }

    // MARK: the signs

    private static func codeSign(_ failure: FailedStack) -> String? {
        guard let code = failure.code else { return nil }
        guard let said = failure.saidReason else { return "failure code \(code), by the event's reason" }
        return "failure code \(code): \(DiagnosisLog.quoted(said))"
    }

    private static func eventSign(_ failure: FailedStack) -> String? {
        guard let root = failure.root else { return nil }
        let reason = root.reason.map { ": \(ReasonText.plain($0))" } ?? ", without a reason"
        return "\(root.logicalID) \(root.status)\(reason)"
    }

    private static func timeSign(_ failure: FailedStack, now: Date) -> String? {
        guard let root = failure.root else { return nil }
        let ago = DurationText.age(max(0, now.timeIntervalSince(root.at)))
        guard let start = failure.startedAt, root.at >= start else { return "failed \(ago) ago" }
        return "failed \(ago) ago, after \(DurationText.short(root.at.timeIntervalSince(start)))"
    }

    private static func general(_ values: DiagnosisValues) -> [String] {
        [
            "pcluster get-cluster-stack-events -n {cluster} -r {region}",
            "pcluster describe-cluster -n {cluster} -r {region}",
        ]
        .compactMap { values.fill($0, as: .command) }
    }
}
