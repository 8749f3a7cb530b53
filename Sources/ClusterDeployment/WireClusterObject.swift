import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Cluster API object under a deployment: `Cluster`, `K0sControlPlane`, `KubeadmControlPlane`, `MachineDeployment`, `Machine`, as much of
/// it as the tree shows. Both contracts are read: v1beta1 with booleans in its status, v1beta2 with `initialization` and conditions.
public struct WireClusterObject: KubeObject, Equatable {
    /// The label, and the field of the spec, that name the cluster an object belongs to.
    static let clusterLabel = "cluster.x-k8s.io/cluster-name"
    private static let keptLabels: Set = [
        clusterLabel, "cluster.x-k8s.io/control-plane", "cluster.x-k8s.io/deployment-name",
        "cluster.x-k8s.io/control-plane-name",
    ]

    public var metadata: KubeMetadata
    /// Empty where a list leaves it out; then the one who asked for the list knows it.
    public var kind: String
    /// The cluster it belongs to; nil when it does not say.
    public var clusterName: String?
    /// Kind and name of what it belongs to: `MachineSet demo-md-r27h8`.
    public var owner: String?
    /// `Provisioned`, `Running`, `ScalingUp`; nil for what has no such word.
    public var phase: String?
    public var replicas: Int?
    public var readyReplicas: Int?
    /// Nil when it does not say.
    public var isReady: Bool?
    public var nodeName: String?
    /// Why it can never come up, in its own words.
    public var failure: String?
    public var conditions: [KubeCondition]

    private enum CodingKeys: String, CodingKey { case metadata, kind, spec, status }
    private enum MetadataKeys: String, CodingKey { case ownerReferences }
    private enum SpecKeys: String, CodingKey { case clusterName, replicas }
    private enum StatusKeys: String, CodingKey {
        case phase, replicas, readyReplicas, ready, nodeRef, failureMessage, failureReason, conditions, v1beta2
        case initialization, initialized, deprecated
    }
    private enum PlaneKeys: String, CodingKey { case controlPlaneInitialized }
    private enum NodeKeys: String, CodingKey { case name }
    private enum NewKeys: String, CodingKey { case conditions }

    /// Where v1beta2 keeps the older words for a failure.
    private struct Deprecated: Decodable, Sendable {
        struct Failure: Decodable, Sendable {
            var failureMessage: String?
            var failureReason: String?
        }
        var v1beta1: Failure?
    }

    private struct Owner: Decodable, Sendable {
        var kind: String
        var name: String
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata)
        metadata.annotations = [:]
        metadata.labels = metadata.labels.filter { Self.keptLabels.contains($0.key) }
        kind = SafeText.line(box.lenient(String.self, .kind) ?? "", limit: 40)
        let more = try? box.nestedContainer(keyedBy: MetadataKeys.self, forKey: .metadata)
        owner = more?.entries(Owner.self, .ownerReferences, limit: 1).first.map { "\($0.kind) \($0.name)" }
        let spec = try? box.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        clusterName = metadata.labels[Self.clusterLabel] ?? spec?.lenient(String.self, .clusterName)
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        phase = status?.lenient(String.self, .phase).map { SafeText.line($0, limit: 40) }
        replicas = spec?.lenient(Int.self, .replicas) ?? status?.lenient(Int.self, .replicas)
        readyReplicas = status?.lenient(Int.self, .readyReplicas)
        let node = try? status?.nestedContainer(keyedBy: NodeKeys.self, forKey: .nodeRef)
        nodeName = node?.lenient(String.self, .name).map { SafeText.line($0, limit: 80) }
        let old = status?.lenient(Deprecated.self, .deprecated)?.v1beta1
        failure =
            (status?.lenient(String.self, .failureMessage) ?? status?.lenient(String.self, .failureReason)
            ?? old?.failureMessage ?? old?.failureReason)
            .flatMap { $0.isEmpty ? nil : SecretText.line($0, limit: 300) }
        // While both contracts are served, the newer conditions stand apart.
        let new = try? status?.nestedContainer(keyedBy: NewKeys.self, forKey: .v1beta2)
        conditions =
            ((new?.entries(KubeCondition.self, .conditions, limit: 20) ?? [])
            + (status?.entries(KubeCondition.self, .conditions, limit: 20) ?? [])).map(WireWords.distilled)
        let plane = try? status?.nestedContainer(keyedBy: PlaneKeys.self, forKey: .initialization)
        isReady =
            status?.lenient(Bool.self, .ready) ?? plane?.lenient(Bool.self, .controlPlaneInitialized)
            ?? status?.lenient(Bool.self, .initialized)
    }

    func condition(_ type: String) -> KubeCondition? { conditions.first { $0.type == type } }
    var isControlPlane: Bool { kind.hasSuffix("ControlPlane") }
    /// Whether it is a machine of the control plane.
    var isControlMachine: Bool { metadata.labels["cluster.x-k8s.io/control-plane"] != nil }
}
