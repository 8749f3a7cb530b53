import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A KubeVirt `VirtualMachineSnapshot`, distilled. Source: wire-formats 10.
public struct WireSnapshot: KubeObject, Equatable {
    public var metadata: KubeMetadata
    /// The machine it is of.
    public var machine: String
    /// `InProgress`, `Succeeded`, `Failed`, `Deleting`; empty at first.
    public var phase: String
    public var isReady: Bool
    public var createdAt: Date?
    /// `status.error.message`.
    public var error: String?
    public var conditions: [KubeCondition]

    /// Its phase, or while it has none the reason of its condition: KubeVirt writes there what it waits for.
    public var word: String {
        if !phase.isEmpty { return phase }
        let reason = (conditions.of("Progressing") ?? conditions.of("Ready"))?.text ?? ""
        return reason.isEmpty ? "Pending" : reason
    }

    /// Why it will not become ready.
    public var failure: String? {
        guard !isReady else { return nil }
        if let condition = conditions.of("Failure"), condition.isTrue {
            return [condition.text, error ?? ""].first { !$0.isEmpty } ?? "it failed"
        }
        if let error { return error }
        guard phase == "Failed" else { return nil }
        let texts = ["Progressing", "Ready"].compactMap { conditions.of($0)?.text }
        return texts.first { !$0.isEmpty } ?? "it failed"
    }

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }
    private enum SpecKeys: String, CodingKey { case source }
    private enum StatusKeys: String, CodingKey { case phase, readyToUse, creationTime, error, conditions }
    private struct Target: Decodable { var name: String }
    private struct Problem: Decodable { var message: String? }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata).distilled
        let spec = try? box.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        machine = SafeText.line(spec?.lenient(Target.self, .source)?.name ?? "", limit: 120)
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        phase = SafeText.line(status?.lenient(String.self, .phase) ?? "", limit: 30)
        isReady = status?.lenient(Bool.self, .readyToUse) ?? false
        createdAt = status?.lenient(String.self, .creationTime).flatMap { WireTime.date($0) }
        error = status?.lenient(Problem.self, .error)?.message.flatMap { $0.isEmpty ? nil : SafeText.line($0) }
        conditions = WireConditions.read(status, .conditions)
    }
}
