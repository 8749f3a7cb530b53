import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A KubeVirt `VirtualMachineInstance`, distilled: a machine that is started. It bears the machine's name. Source: wire-formats 10.
public struct WireInstance: KubeObject, Equatable {
    public var metadata: KubeMetadata
    /// `Pending`, `Scheduling`, `Scheduled`, `Running`, `Succeeded`, `Failed`, …; empty at first.
    public var phase: String
    /// When it came into this phase, where that is told.
    public var phaseSince: Date?
    public var address: String?
    public var node: String?
    public var reason: String
    public var conditions: [KubeCondition]

    /// Since when it has this phase, as far as anything tells: its own times, its readiness, or its beginning.
    public var since: Date? {
        phaseSince ?? conditions.of("Ready")?.lastTransitionTime ?? metadata.creationTimestamp
    }

    private enum CodingKeys: String, CodingKey { case metadata, status }
    private enum StatusKeys: String, CodingKey {
        case phase, phaseTransitionTimestamps, interfaces, nodeName, reason, conditions
    }
    private struct Transition: Decodable, Sendable {
        var phase: String
        var phaseTransitionTimestamp: String
    }
    private struct Interface: Decodable, Sendable {
        var ipAddress: String?
        var ipAddresses: [String]?
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata).distilled
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        let phase = SafeText.line(status?.lenient(String.self, .phase) ?? "", limit: 30)
        self.phase = phase
        phaseSince = status?.entries(Transition.self, .phaseTransitionTimestamps, limit: 30)
            .last { $0.phase == phase }.flatMap { WireTime.date($0.phaseTransitionTimestamp) }
        address = status?.entries(Interface.self, .interfaces, limit: 10).lazy
            .compactMap { $0.ipAddress ?? $0.ipAddresses?.first }.first { !$0.isEmpty }
            .map { SafeText.line($0, limit: 50) }
        node = status?.lenient(String.self, .nodeName).flatMap { $0.isEmpty ? nil : SafeText.line($0, limit: 80) }
        reason = SafeText.line(status?.lenient(String.self, .reason) ?? "", limit: 200)
        conditions = WireConditions.read(status, .conditions)
    }
}
