import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A KubeVirt `VirtualMachineRestore`, distilled. Source: wire-formats 10.
public struct WireRestore: KubeObject, Equatable {
    public var metadata: KubeMetadata
    /// The machine that is restored.
    public var machine: String
    public var snapshot: String
    public var isComplete: Bool
    public var restoredAt: Date?
    public var conditions: [KubeCondition]

    /// What it does, in KubeVirt's words.
    public var word: String {
        let told =
            [conditions.of("Failure").flatMap { $0.isTrue ? $0 : nil }, conditions.of("Progressing")]
            .compactMap { $0 } + conditions
        return told.lazy.map(\.text).first { !$0.isEmpty } ?? (isComplete ? "Operation complete" : "Pending")
    }

    /// KubeVirt has given it up; other errors it tries to overcome.
    var hasFailed: Bool { conditions.of("Failure")?.isTrue ?? false }

    /// Why it does not go on. A restore that works is progressing; one that is neither that nor complete has stopped with an error, whose
    /// text stands in the reason.
    public var failure: String? {
        guard !isComplete else { return nil }
        if let condition = conditions.of("Failure"), condition.isTrue {
            return condition.text.isEmpty ? "it failed" : condition.text
        }
        guard let progressing = conditions.of("Progressing"), progressing.isFalse else { return nil }
        let texts = [progressing.text, conditions.of("Ready")?.text ?? ""]
        // A machine that still runs is waited for, and that is no progress either.
        guard !texts.contains(where: { $0.hasPrefix("Waiting for") }) else { return nil }
        return texts.first { !$0.isEmpty } ?? "it stopped without a reason"
    }

    /// When it was complete.
    public var endedAt: Date? {
        guard isComplete else { return nil }
        return restoredAt ?? conditions.of("Ready")?.lastTransitionTime
    }

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }
    private enum SpecKeys: String, CodingKey { case target, virtualMachineSnapshotName }
    private enum StatusKeys: String, CodingKey { case complete, restoreTime, conditions }
    private struct Target: Decodable { var name: String }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata).distilled
        let spec = try? box.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        machine = SafeText.line(spec?.lenient(Target.self, .target)?.name ?? "", limit: 120)
        snapshot = SafeText.line(spec?.lenient(String.self, .virtualMachineSnapshotName) ?? "", limit: 120)
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        isComplete = status?.lenient(Bool.self, .complete) ?? false
        restoredAt = status?.lenient(String.self, .restoreTime).flatMap { WireTime.date($0) }
        conditions = WireConditions.read(status, .conditions)
    }
}
