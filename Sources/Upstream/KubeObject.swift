import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Anything that a Kubernetes API server keeps. A room decodes from it what it needs and leaves the rest.
public protocol KubeObject: Decodable, Sendable {
    var metadata: KubeMetadata { get }
}

/// An object of which nothing but its metadata matters.
public struct KubeAny: KubeObject {
    public var metadata: KubeMetadata
}

/// `metadata` of an object. Times that cannot be read are nil; what is missing is empty.
public struct KubeMetadata: Decodable, Sendable, Equatable {
    public var name: String
    /// Empty for what has no namespace.
    public var namespace: String
    public var uid: String
    /// Opaque; only ever handed back.
    public var resourceVersion: String
    public var generation: Int?
    public var creationTimestamp: Date?
    /// When its deletion was asked for; it stays until its finalizers are gone.
    public var deletionTimestamp: Date?
    public var labels: [String: String]
    public var annotations: [String: String]

    public init(
        name: String, namespace: String = "", uid: String = "", resourceVersion: String = "", generation: Int? = nil,
        creationTimestamp: Date? = nil, deletionTimestamp: Date? = nil, labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.creationTimestamp = creationTimestamp
        self.deletionTimestamp = deletionTimestamp
        self.labels = labels
        self.annotations = annotations
    }

    private enum CodingKeys: String, CodingKey {
        case name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels
        case annotations
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        // Without a name there is nothing to speak of; all else may be missing.
        name = try box.decode(String.self, forKey: .name)
        namespace = box.lenient(String.self, .namespace) ?? ""
        uid = box.lenient(String.self, .uid) ?? ""
        resourceVersion = box.lenient(String.self, .resourceVersion) ?? ""
        generation = box.lenient(Int.self, .generation)
        creationTimestamp = box.lenient(String.self, .creationTimestamp).flatMap { WireTime.date($0) }
        deletionTimestamp = box.lenient(String.self, .deletionTimestamp).flatMap { WireTime.date($0) }
        labels = box.lenient([String: String].self, .labels) ?? [:]
        annotations = box.lenient([String: String].self, .annotations) ?? [:]
    }
}

/// One of an object's `status.conditions`, as all Kubernetes systems write them.
public struct KubeCondition: Decodable, Sendable, Equatable {
    public var type: String
    /// `True`, `False` or `Unknown`; anything else is kept as it came.
    public var status: String
    public var reason: String
    public var message: String
    public var lastTransitionTime: Date?
    public var observedGeneration: Int?

    public init(
        type: String, status: String, reason: String = "", message: String = "", lastTransitionTime: Date? = nil,
        observedGeneration: Int? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
        self.observedGeneration = observedGeneration
    }

    public var isTrue: Bool { status == "True" }
    public var isFalse: Bool { status == "False" }

    private enum CodingKeys: String, CodingKey {
        case type, status, reason, message, lastTransitionTime, observedGeneration
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        type = try box.decode(String.self, forKey: .type)
        status = box.lenient(String.self, .status) ?? "Unknown"
        reason = box.lenient(String.self, .reason) ?? ""
        message = box.lenient(String.self, .message) ?? ""
        lastTransitionTime = box.lenient(String.self, .lastTransitionTime).flatMap { WireTime.date($0) }
        observedGeneration = box.lenient(Int.self, .observedGeneration)
    }
}
