import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProgressUpdate {
    /// The object that an event is about.
    public struct RelatedObject: Sendable, Equatable, Codable {
        public var kind: String
        public var name: String
        public var namespace: String
        public var uid: String

        public init(kind: String, name: String, namespace: String, uid: String) {
            self.kind = kind
            self.name = name
            self.namespace = namespace
            self.uid = uid
        }

        private enum CodingKeys: String, CodingKey { case kind, name, namespace, uid }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            kind = try box.text(.kind)
            name = try box.text(.name)
            namespace = try box.text(.namespace)
            uid = try box.text(.uid)
        }

        public func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encodeFilled(kind, .kind)
            try box.encodeFilled(name, .name)
            try box.encodeFilled(namespace, .namespace)
            try box.encodeFilled(uid, .uid)
        }
    }

    public struct Condition: Sendable, Equatable, Codable {
        public var type: String
        public var status: String
        public var reason: String
        public var message: String
        public var lastTransitionTime: Date?

        public init(_ condition: KubeCondition) {
            type = condition.type
            status = condition.status
            reason = condition.reason
            // The summary of the cluster has several lines.
            message = condition.message.split(separator: "\n", omittingEmptySubsequences: false)
                .map { SafeText.line(String($0)) }.joined(separator: "\n")
            lastTransitionTime = condition.lastTransitionTime
        }

        private enum CodingKeys: String, CodingKey { case type, status, reason, message, lastTransitionTime }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            type = try box.text(.type)
            status = try box.text(.status)
            reason = try box.text(.reason)
            message = try box.text(.message)
            lastTransitionTime = try box.time(.lastTransitionTime)
        }

        public func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encode(type, forKey: .type)
            try box.encode(status, forKey: .status)
            try box.encodeFilled(reason, .reason)
            try box.encodeFilled(message, .message)
            try box.encodeTimeIfPresent(lastTransitionTime, .lastTransitionTime)
        }
    }

    /// Something that is named: a template, a credential.
    public struct Reference: Sendable, Equatable, Codable {
        public var name: String
        public var namespace: String
        public var version: String

        public init(name: String, namespace: String = "", version: String = "") {
            self.name = name
            self.namespace = namespace
            self.version = version
        }

        private enum CodingKeys: String, CodingKey { case name, namespace, version }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            name = try box.text(.name)
            namespace = try box.text(.namespace)
            version = try box.text(.version)
        }

        public func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encode(name, forKey: .name)
            try box.encodeFilled(namespace, .namespace)
            try box.encodeFilled(version, .version)
        }
    }

    /// Which deployment it is. Every field is always there; one that is not known is empty.
    public struct Metadata: Sendable, Equatable, Codable {
        public var name: String
        public var namespace: String
        public var templateRef: Reference
        public var credentialRef: Reference
        public var provider: String
        public var region: String
        public var createdAt: Date?

        private enum CodingKeys: String, CodingKey {
            case name, namespace, templateRef, credentialRef, provider, region, createdAt
        }

        public init(_ wire: WireDeployment) {
            let place = DeploymentPlace(wire)
            name = wire.metadata.name
            namespace = wire.metadata.namespace
            // Both are looked for in the deployment's own namespace.
            templateRef = Reference(name: wire.template, namespace: wire.metadata.namespace)
            credentialRef =
                wire.credential.map { Reference(name: $0, namespace: wire.metadata.namespace) } ?? Reference(name: "")
            provider = place.provider ?? ""
            region = place.region ?? ""
            createdAt = wire.metadata.creationTimestamp
        }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            name = try box.text(.name)
            namespace = try box.text(.namespace)
            templateRef = try box.decodeIfPresent(Reference.self, forKey: .templateRef) ?? Reference(name: "")
            credentialRef = try box.decodeIfPresent(Reference.self, forKey: .credentialRef) ?? Reference(name: "")
            provider = try box.text(.provider)
            region = try box.text(.region)
            createdAt = try box.time(.createdAt)
        }

        public func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encode(name, forKey: .name)
            try box.encode(namespace, forKey: .namespace)
            try box.encode(templateRef, forKey: .templateRef)
            try box.encode(credentialRef, forKey: .credentialRef)
            try box.encode(provider, forKey: .provider)
            try box.encode(region, forKey: .region)
            try box.encodeTime(createdAt, .createdAt)
        }
    }

    /// One of `status.services`.
    public struct Service: Sendable, Equatable, Codable {
        public var name: String
        public var namespace: String
        public var template: String
        public var state: String
        public var type: String
        public var version: String
        /// Why it failed. Not in the k0rdent server's update.
        public var failureMessage: String
        public var conditions: [Condition]
        /// `lastStateTransitionTime` of the object.
        public var lastTransitionTime: Date?

        public init(_ wire: WireService) {
            name = wire.name
            namespace = wire.namespace
            template = wire.template
            state = wire.state
            type = wire.type ?? ""
            version = wire.version ?? ""
            failureMessage = wire.failureMessage ?? ""
            conditions = wire.conditions.map { Condition($0) }
            lastTransitionTime = wire.lastStateTransitionTime
        }

        private enum CodingKeys: String, CodingKey {
            case name, namespace, template, state, type, version, failureMessage, conditions, lastTransitionTime
        }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: CodingKeys.self)
            name = try box.text(.name)
            namespace = try box.text(.namespace)
            template = try box.text(.template)
            state = try box.text(.state)
            type = try box.text(.type)
            version = try box.text(.version)
            failureMessage = try box.text(.failureMessage)
            conditions = try box.decodeIfPresent([Condition].self, forKey: .conditions) ?? []
            lastTransitionTime = try box.time(.lastTransitionTime)
        }

        public func encode(to encoder: any Encoder) throws {
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encode(name, forKey: .name)
            try box.encodeFilled(namespace, .namespace)
            try box.encode(template, forKey: .template)
            try box.encode(state, forKey: .state)
            try box.encodeFilled(type, .type)
            try box.encodeFilled(version, .version)
            try box.encodeFilled(failureMessage, .failureMessage)
            try box.encodeFilled(conditions, .conditions)
            try box.encodeTimeIfPresent(lastTransitionTime, .lastTransitionTime)
        }
    }
}
