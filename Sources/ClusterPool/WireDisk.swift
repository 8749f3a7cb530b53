import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A CDI `DataVolume`, distilled: a disk that is filled from an image. Source: wire-formats 10.
public struct WireDisk: KubeObject, Equatable {
    public var metadata: KubeMetadata
    /// `ImportInProgress`, `CloneInProgress`, `Succeeded`, `Failed`, …; empty at first.
    public var phase: String
    /// 0 to 100; nil for `N/A` and for anything that is no number.
    public var percent: Double?
    public var conditions: [KubeCondition]

    public var isDone: Bool { phase == "Succeeded" }
    public var word: String { phase.isEmpty ? "Pending" : phase }

    public var failure: String? {
        guard phase == "Failed" || phase == "Unknown" else { return nil }
        let texts = ["Running", "Ready", "Bound"].compactMap { conditions.of($0)?.text }
        return texts.first { !$0.isEmpty } ?? "its disk could not be made"
    }

    private enum CodingKeys: String, CodingKey { case metadata, status }
    private enum StatusKeys: String, CodingKey { case phase, progress, conditions }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata).distilled
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        phase = SafeText.line(status?.lenient(String.self, .phase) ?? "", limit: 40)
        percent = status?.lenient(String.self, .progress).flatMap { Double($0.prefix(20).filter { $0 != "%" }) }
            .flatMap { $0.isFinite ? min(100, max(0, $0)) : nil }
        conditions = WireConditions.read(status, .conditions)
    }
}
