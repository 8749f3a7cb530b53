import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A namespace, of which only what the pool keeps in it is read: its own labels and annotations.
public struct WirePoolNamespace: KubeObject, Equatable {
    /// With the pool's labels and annotations only, harmless and not long.
    public var metadata: KubeMetadata

    public init(metadata: KubeMetadata) {
        self.metadata = metadata
        self.metadata.labels = metadata.labels.filter { PoolLabels.all.contains($0.key) }
            .mapValues { SafeText.line($0, limit: 80) }
        self.metadata.annotations = metadata.annotations.filter { PoolAnnotations.all.contains($0.key) }
            .mapValues { SafeText.line($0, limit: 400) }
    }

    private enum CodingKeys: String, CodingKey { case metadata }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        self.init(metadata: try box.decode(KubeMetadata.self, forKey: .metadata))
    }

    public var name: String { metadata.name }

    /// Whether it is a cluster of the pool: by its label, or, since the existing backend never sets that, by its status.
    public var isPool: Bool { metadata.labels[PoolLabels.pool] == "true" || status != nil }

    public var clusterID: String { metadata.labels[PoolLabels.clusterID].flatMap { $0.isEmpty ? nil : $0 } ?? name }

    /// Nil where nothing is said, which the existing backend takes for `creating`.
    public var status: PoolStatus? { text(PoolAnnotations.status).map { PoolStatus(rawValue: $0) } }

    /// Whether it is kept by the existing backend, which tells less.
    var isForeign: Bool { text(PoolAnnotations.statusSince) == nil }

    /// One of ours has written down that it is to be done, and nobody has begun.
    var isQueued: Bool { ordered != nil && text(PoolAnnotations.operationStarted) == nil }

    /// What is to be done or being done to it by one of ours. An operation that does not fit the status was left behind.
    var ordered: PoolDetail.Operation? {
        guard !isForeign, metadata.deletionTimestamp == nil, let operation else { return nil }
        switch (operation, status) {
        case (.reset, .resetting?), (.bootstrap, .creating?), (.snapshot, .creating?), (.snapshot, .available?):
            return operation
        default: return nil
        }
    }

    /// Who writes its status.
    var keeper: PoolDetail.Keeper? { status == nil ? nil : isForeign ? .backend : .slipway }

    /// When its status was last written.
    var since: Date? { time(PoolAnnotations.statusSince) ?? (isForeign ? time(PoolAnnotations.lastReset) : nil) }

    /// When it was last restored. What the existing backend writes there is a reset's end only while nothing has happened since.
    var lastReset: Date? { isForeign && status != .available ? nil : time(PoolAnnotations.lastReset) }

    var createdAt: Date? { time(PoolAnnotations.createdAt) ?? metadata.creationTimestamp }

    var operation: PoolDetail.Operation? { text(PoolAnnotations.operation).flatMap(PoolDetail.Operation.init) }
    var step: PoolStep? { text(PoolAnnotations.operationStep).flatMap(PoolStep.init) }

    /// What an annotation says; nil when it is missing or empty.
    func text(_ annotation: String) -> String? {
        metadata.annotations[annotation].flatMap { $0.isEmpty ? nil : $0 }
    }

    func time(_ annotation: String) -> Date? { text(annotation).flatMap { WireTime.date($0) } }
}
