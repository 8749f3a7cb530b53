import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One message of a monitoring subscription, as the k0rdent MCP server sends it. Source: wire-formats 7.3.
///
/// Beyond that server's: progress and metadata are on every update, services bear `failureMessage` and a `lastTransitionTime` that is
/// filled. Fields that are empty are left out, but for timestamp, phase and metadata.
public struct ProgressUpdate: Sendable, Equatable {
    public enum Source: String, Codable, Sendable { case condition, event, log, system }
    public enum Severity: String, Codable, Sendable, Comparable {
        case info, warning, error

        private var rank: Int { self == .info ? 0 : self == .warning ? 1 : 2 }
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    public var timestamp: Date
    public var phase: ProvisioningPhase
    /// Percent; nil when nothing can be said.
    public var progress: Int?
    public var message: String
    /// The event's reason, or for a condition update that of the condition Ready.
    public var reason: String
    public var source: Source
    public var severity: Severity?
    /// Of event updates only.
    public var relatedObject: RelatedObject?
    /// Of condition updates only.
    public var conditions: [Condition]
    /// Nothing follows. From `system` it means that the stream has ended, not that the deployment failed.
    public var isTerminal: Bool
    public var metadata: Metadata
    /// Of condition updates only.
    public var services: [Service]

    public init(
        timestamp: Date, phase: ProvisioningPhase, progress: Int? = nil, message: String = "", reason: String = "",
        source: Source, severity: Severity? = nil, relatedObject: RelatedObject? = nil, conditions: [Condition] = [],
        isTerminal: Bool = false, metadata: Metadata, services: [Service] = []
    ) {
        self.timestamp = timestamp
        self.phase = phase
        self.progress = progress
        self.message = message
        self.reason = reason
        self.source = source
        self.severity = severity
        self.relatedObject = relatedObject
        self.conditions = conditions
        self.isTerminal = isTerminal
        self.metadata = metadata
        self.services = services
    }
}

extension ProgressUpdate: Codable {
    private enum CodingKeys: String, CodingKey {
        case timestamp, phase, progress, message, reason, source, severity, relatedObject, conditions, terminal
        case metadata, services
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        timestamp = try box.time(.timestamp) ?? .distantPast
        phase = ProvisioningPhase(rawValue: try box.decode(String.self, forKey: .phase)) ?? .unknown
        progress = try box.decodeIfPresent(Int.self, forKey: .progress)
        message = try box.decodeIfPresent(String.self, forKey: .message) ?? ""
        reason = try box.decodeIfPresent(String.self, forKey: .reason) ?? ""
        source = try box.decodeIfPresent(Source.self, forKey: .source) ?? .system
        severity = try box.decodeIfPresent(Severity.self, forKey: .severity)
        relatedObject = try box.decodeIfPresent(RelatedObject.self, forKey: .relatedObject)
        conditions = try box.decodeIfPresent([Condition].self, forKey: .conditions) ?? []
        isTerminal = try box.decodeIfPresent(Bool.self, forKey: .terminal) ?? false
        metadata = try box.decode(Metadata.self, forKey: .metadata)
        services = try box.decodeIfPresent([Service].self, forKey: .services) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encodeTime(timestamp, .timestamp)
        try box.encode(phase, forKey: .phase)
        try box.encodeIfPresent(progress, forKey: .progress)
        try box.encodeFilled(message, .message)
        try box.encodeFilled(reason, .reason)
        try box.encode(source, forKey: .source)
        try box.encodeIfPresent(severity, forKey: .severity)
        try box.encodeIfPresent(relatedObject, forKey: .relatedObject)
        try box.encodeFilled(conditions, .conditions)
        if isTerminal { try box.encode(true, forKey: .terminal) }
        try box.encode(metadata, forKey: .metadata)
        try box.encodeFilled(services, .services)
    }
}
