import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A `ClusterDeployment` as the API server keeps it, distilled: what nobody shows is not kept, because there may be thousands. Of
/// `spec.config` only the region's name is read; the rest may hold secrets. Source: wire-formats 6.2 to 6.5.
public struct WireDeployment: KubeObject, Equatable {
    /// More conditions than this are not a deployment's.
    static let conditionLimit = 40
    static let serviceLimit = 100
    /// Scalars of the one message that has several lines.
    static let summaryLimit = 4000

    /// Without annotations, and with only those labels that `DeploymentPlace` reads.
    public var metadata: KubeMetadata
    /// `spec.template`; empty when it is missing.
    public var template: String
    public var credential: String?
    /// Only checked, not built.
    public var isDryRun: Bool
    /// The region as `spec.config` names it.
    public var configRegion: String?
    /// The messages are one line each, but that of `CAPIClusterSummary`, whose lines are its content.
    public var conditions: [KubeCondition]
    /// Nil when `status.services` is missing.
    public var services: [WireService]?
    public var kubernetesVersion: String?
    /// `status.observedGeneration`.
    public var observedGeneration: Int?
    /// `status.phase` of the flat shape. Real objects have none.
    public var flatPhase: String?
    /// `status.message` of the flat shape.
    public var flatMessage: String?

    public init(
        metadata: KubeMetadata, template: String, credential: String? = nil, isDryRun: Bool = false,
        configRegion: String? = nil, conditions: [KubeCondition] = [], services: [WireService]? = nil,
        kubernetesVersion: String? = nil, observedGeneration: Int? = nil, flatPhase: String? = nil,
        flatMessage: String? = nil
    ) {
        self.metadata = metadata
        self.template = template
        self.credential = credential
        self.isDryRun = isDryRun
        self.configRegion = configRegion
        self.conditions = conditions
        self.services = services
        self.kubernetesVersion = kubernetesVersion
        self.observedGeneration = observedGeneration
        self.flatPhase = flatPhase
        self.flatMessage = flatMessage
    }

    public var key: DeploymentKey { DeploymentKey(namespace: metadata.namespace, name: metadata.name) }

    /// The condition of a type; the first where one stands there twice.
    public func condition(_ type: String) -> KubeCondition? { conditions.first { $0.type == type } }

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }
    private enum SpecKeys: String, CodingKey { case template, credential, dryRun, config }
    private enum StatusKeys: String, CodingKey {
        case conditions, services, k8sVersion, observedGeneration, phase, message
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try box.decode(KubeMetadata.self, forKey: .metadata)
        metadata.annotations = [:]
        metadata.labels = metadata.labels.filter { DeploymentPlace.labels.contains($0.key) }
        let spec = try? box.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        template = SafeText.line(spec?.lenient(String.self, .template) ?? "", limit: 120)
        credential = spec?.lenient(String.self, .credential).map { SafeText.line($0, limit: 120) }
        isDryRun = spec?.lenient(Bool.self, .dryRun) ?? false
        configRegion = spec?.lenient(WireRegion.self, .config)?.name
        let status = try? box.nestedContainer(keyedBy: StatusKeys.self, forKey: .status)
        conditions = (status?.entries(KubeCondition.self, .conditions, limit: Self.conditionLimit) ?? [])
            .map(WireWords.distilled)
        services =
            status?.lenient([Lenient<WireService>].self, .services)
            .map { Array($0.lazy.compactMap(\.value).prefix(Self.serviceLimit)) }
        kubernetesVersion = status?.lenient(String.self, .k8sVersion).map { SafeText.line($0, limit: 30) }
        observedGeneration = status?.lenient(Int.self, .observedGeneration)
        flatPhase = status?.lenient(String.self, .phase).map { SafeText.line($0, limit: 40) }
        flatMessage = status?.lenient(String.self, .message).map { SecretText.line($0) }
    }
}

/// One of `status.services`.
public struct WireService: Decodable, Sendable, Equatable {
    static let conditionLimit = 6

    public var name: String
    public var namespace: String
    public var template: String
    /// `Pending`, `Provisioning`, `Deployed`, `Failed`, `Deleting`, `Deleted`; other words as they came.
    public var state: String
    /// `Helm`, `Kustomize`, `Resource`.
    public var type: String?
    public var version: String?
    public var failureMessage: String?
    public var lastStateTransitionTime: Date?
    public var conditions: [KubeCondition]

    public init(
        name: String, namespace: String = "", template: String = "", state: String, type: String? = nil,
        version: String? = nil, failureMessage: String? = nil, lastStateTransitionTime: Date? = nil,
        conditions: [KubeCondition] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.template = template
        self.state = state
        self.type = type
        self.version = version
        self.failureMessage = failureMessage
        self.lastStateTransitionTime = lastStateTransitionTime
        self.conditions = conditions
    }

    private enum CodingKeys: String, CodingKey {
        case name, namespace, template, state, type, version, failureMessage, lastStateTransitionTime, conditions
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        // Without a name nobody could tell it from the others.
        name = SafeText.line(try box.decode(String.self, forKey: .name), limit: 80)
        namespace = SafeText.line(box.lenient(String.self, .namespace) ?? "", limit: 80)
        template = SafeText.line(box.lenient(String.self, .template) ?? "", limit: 120)
        state = SafeText.line(box.lenient(String.self, .state) ?? "Pending", limit: 30)
        type = box.lenient(String.self, .type).map { SafeText.line($0, limit: 30) }
        version = box.lenient(String.self, .version).map { SafeText.line($0, limit: 40) }
        let failure = box.lenient(String.self, .failureMessage) ?? ""
        failureMessage = failure.isEmpty ? nil : SecretText.line(failure)
        lastStateTransitionTime = box.lenient(String.self, .lastStateTransitionTime).flatMap { WireTime.date($0) }
        conditions = box.entries(KubeCondition.self, .conditions, limit: Self.conditionLimit).map(WireWords.distilled)
    }
}

/// The name of the region in `spec.config`, which is free JSON: each provider's templates put it elsewhere.
struct WireRegion: Decodable, Sendable {
    var name: String?

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// AWS, GCP and OpenStack say region, Azure location, vSphere has a data centre.
    private static let words = ["region", "location", "datacenter"]
    private static let groups = ["aws", "azure", "gcp", "openstack", "vsphere", "identityRef"]

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        name = Self.region(box)
        // Asking first: a container that is not there throws, and that costs more than all the rest.
        for group in Self.groups where name == nil && box.contains(Key(group)) {
            name = (try? box.nestedContainer(keyedBy: Key.self, forKey: Key(group))).flatMap(Self.region)
        }
    }

    private static func region(_ box: KeyedDecodingContainer<Key>) -> String? {
        for word in words {
            if let text = box.lenient(String.self, Key(word)), !text.isEmpty { return SafeText.line(text, limit: 60) }
        }
        return nil
    }
}
