import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A session of the backend that lends the clusters, as much of it as a cluster's holder needs. Source: wire-formats 9.2.
public struct WireSession: Decodable, Sendable, Equatable {
    public var id: String
    /// `pending`, `provisioning`, `running`, `completed`, `failed`.
    public var status: String
    public var scenario: String?
    public var startTime: Date?
    public var expirationTime: Date?
    /// The cluster it holds.
    public var assignedCluster: String?
    public var clusterLockTime: Date?

    public init(
        id: String, status: String = "running", scenario: String? = nil, startTime: Date? = nil,
        expirationTime: Date? = nil, assignedCluster: String? = nil, clusterLockTime: Date? = nil
    ) {
        self.id = id
        self.status = status
        self.scenario = scenario
        self.startTime = startTime
        self.expirationTime = expirationTime
        self.assignedCluster = assignedCluster
        self.clusterLockTime = clusterLockTime
    }

    private enum CodingKeys: String, CodingKey {
        case id, status, scenarioId, startTime, expirationTime, assignedCluster, clusterLockTime
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? {
            box.lenient(String.self, key).flatMap { $0.isEmpty ? nil : SafeText.line($0, limit: 80) }
        }
        // Go writes times that are not set as its zero time, which `WireTime` takes for none.
        func time(_ key: CodingKeys) -> Date? { box.lenient(String.self, key).flatMap { WireTime.date($0) } }
        id = SafeText.line(try box.decode(String.self, forKey: .id), limit: 80)
        status = text(.status) ?? ""
        scenario = text(.scenarioId)
        startTime = time(.startTime)
        expirationTime = time(.expirationTime)
        assignedCluster = text(.assignedCluster)
        clusterLockTime = time(.clusterLockTime)
    }
}
