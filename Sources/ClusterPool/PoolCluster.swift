import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One cluster as the pool API gives it: the seed's `ClusterPool`, field for field.
///
/// What the seed marks `omitempty` is left out when it is not set, times included, which Go itself does not do. The other fields are
/// always there; a time that is not set reads as Go's zero time, as clients of the original expect.
public struct PoolCluster: Codable, Sendable, Equatable {
    /// What Go writes for a time that was never set.
    static let zeroTime = "0001-01-01T00:00:00Z"

    private static let placeholder = "-placeholder-"

    /// Whether a machine's name stands for one that is not there.
    public static func isPlaceholder(_ name: String) -> Bool { name.dropFirst(2).hasPrefix(placeholder) }

    public var clusterID: String
    /// The same as its id.
    public var namespace: String
    public var status: PoolStatus
    public var assignedSession: String?
    public var lockTime: Date?
    public var lastReset: Date?
    /// As discovered, or `cp-placeholder-CLUSTER` while there is none.
    public var controlPlaneVM: String
    public var workerNodeVM: String
    public var createdAt: Date?
    public var lastHealthCheck: Date?

    public init(
        clusterID: String, namespace: String, status: PoolStatus, assignedSession: String? = nil,
        lockTime: Date? = nil, lastReset: Date? = nil, controlPlaneVM: String? = nil, workerNodeVM: String? = nil,
        createdAt: Date? = nil, lastHealthCheck: Date? = nil
    ) {
        self.clusterID = clusterID
        self.namespace = namespace
        self.status = status
        self.assignedSession = assignedSession
        self.lockTime = lockTime
        self.lastReset = lastReset
        self.controlPlaneVM = controlPlaneVM ?? "cp\(Self.placeholder)\(clusterID)"
        self.workerNodeVM = workerNodeVM ?? "wk\(Self.placeholder)\(clusterID)"
        self.createdAt = createdAt
        self.lastHealthCheck = lastHealthCheck
    }

    enum CodingKeys: String, CodingKey {
        case clusterID = "clusterId"
        case namespace, status, assignedSession, lockTime, lastReset, controlPlaneVM, workerNodeVM, createdAt
        case lastHealthCheck
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        func time(_ key: CodingKeys) throws -> Date? {
            try box.decodeIfPresent(String.self, forKey: key).flatMap { WireTime.date($0) }
        }
        let id = try box.decode(String.self, forKey: .clusterID)
        let session = try box.decodeIfPresent(String.self, forKey: .assignedSession) ?? ""
        self.init(
            clusterID: id, namespace: try box.decodeIfPresent(String.self, forKey: .namespace) ?? id,
            status: try box.decode(PoolStatus.self, forKey: .status), assignedSession: session.isEmpty ? nil : session,
            lockTime: try time(.lockTime), lastReset: try time(.lastReset),
            controlPlaneVM: try box.decodeIfPresent(String.self, forKey: .controlPlaneVM),
            workerNodeVM: try box.decodeIfPresent(String.self, forKey: .workerNodeVM),
            createdAt: try time(.createdAt), lastHealthCheck: try time(.lastHealthCheck))
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        func text(_ date: Date?) -> String { date.map(WireTime.text) ?? Self.zeroTime }
        try box.encode(clusterID, forKey: .clusterID)
        try box.encode(namespace, forKey: .namespace)
        try box.encode(status, forKey: .status)
        if let assignedSession, !assignedSession.isEmpty { try box.encode(assignedSession, forKey: .assignedSession) }
        try box.encodeIfPresent(lockTime.map(WireTime.text), forKey: .lockTime)
        try box.encode(text(lastReset), forKey: .lastReset)
        try box.encode(controlPlaneVM, forKey: .controlPlaneVM)
        try box.encode(workerNodeVM, forKey: .workerNodeVM)
        try box.encode(text(createdAt), forKey: .createdAt)
        try box.encode(text(lastHealthCheck), forKey: .lastHealthCheck)
    }
}
