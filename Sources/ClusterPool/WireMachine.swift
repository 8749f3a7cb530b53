import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A KubeVirt `VirtualMachine`, distilled. Source: wire-formats 10.
public struct WireMachine: KubeObject, Equatable {
    public var metadata: KubeMetadata
    /// `spec.running`; deprecated, and still what many write.
    public var running: Bool?
    /// `Always`, `Halted`, `Manual`, `RerunOnFailure`, `Once`, `WaitAsReceiver`.
    public var runStrategy: String?
    public var isCreated: Bool
    public var isReady: Bool
    /// `status.printableStatus`; empty while it has none.
    public var printableStatus: String
    public var conditions: [KubeCondition]
    /// Names of the snapshot and the restore that work on it.
    public var snapshotInProgress: String?
    public var restoreInProgress: String?
    /// `status.startFailure.consecutiveFailCount`.
    public var startFailures: Int

    /// Whether it is meant to run; nil where its owner starts and stops it by hand.
    public var isWanted: Bool? {
        if let running { return running }
        switch runStrategy {
        case "Always", "RerunOnFailure", "Once": return true
        case "Halted": return false
        default: return nil
        }
    }

    /// What KubeVirt calls its state; where it says nothing, the words of the existing backend (wire-formats 9.4).
    public var word: String {
        if !printableStatus.isEmpty { return printableStatus }
        return isReady ? "Running" : isCreated ? "Starting" : "Pending"
    }

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }
    private enum SpecKeys: String, CodingKey { case running, runStrategy }
    private enum StatusKeys: String, CodingKey {
        case created, ready, printableStatus, conditions, snapshotInProgress, restoreInProgress, startFailure
    }
    private struct StartFailure: Decodable { var consecutiveFailCount: Int? }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata).distilled
        let spec = try? box.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        running = spec?.lenient(Bool.self, .running)
        runStrategy = spec?.lenient(String.self, .runStrategy).map { SafeText.line($0, limit: 30) }
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        isCreated = status?.lenient(Bool.self, .created) ?? false
        isReady = status?.lenient(Bool.self, .ready) ?? false
        printableStatus = SafeText.line(status?.lenient(String.self, .printableStatus) ?? "", limit: 40)
        conditions = WireConditions.read(status, .conditions)
        snapshotInProgress = status?.lenient(String.self, .snapshotInProgress).map { SafeText.line($0, limit: 120) }
        restoreInProgress = status?.lenient(String.self, .restoreInProgress).map { SafeText.line($0, limit: 120) }
        startFailures = max(0, status?.lenient(StartFailure.self, .startFailure)?.consecutiveFailCount ?? 0)
    }
}
