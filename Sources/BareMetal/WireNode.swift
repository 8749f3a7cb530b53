#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A node as `GET /api/config/nodes/{id}` gives it.
public struct WireNode: Sendable, Equatable, Codable {
    public var id: Int
    public var nodeName: String
    public var serverProfile: String?
    public var clusterRole: String?
    /// Free text that both reporting channels write.
    public var deploymentStatus: String
    public var managementIP: String?
    public var workloadIP: String?
    public var createdAt: String?
    public var updatedAt: String?

    enum CodingKeys: String, CodingKey {
        case id
        case nodeName = "node_name"
        case serverProfile = "server_profile"
        case clusterRole = "cluster_role"
        case deploymentStatus = "deployment_status"
        case managementIP = "management_ip"
        case workloadIP = "workload_ip"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    public init(
        id: Int, nodeName: String, serverProfile: String?, clusterRole: String?, deploymentStatus: String,
        managementIP: String?, workloadIP: String? = nil, createdAt: String?, updatedAt: String?
    ) {
        self.id = id
        self.nodeName = nodeName
        self.serverProfile = serverProfile
        self.clusterRole = clusterRole
        self.deploymentStatus = deploymentStatus
        self.managementIP = managementIP
        self.workloadIP = workloadIP
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let id = box.integer("id") else {
            throw DecodingError.keyNotFound(WireKey("id"), .init(codingPath: [], debugDescription: "no id"))
        }
        self.id = id
        nodeName = box.text("node_name") ?? "node \(id)"
        serverProfile = box.text("server_profile")
        clusterRole = box.text("cluster_role")
        deploymentStatus = box.text("deployment_status") ?? "pending"
        managementIP = box.text("management_ip")
        workloadIP = box.text("workload_ip")
        createdAt = box.text("created_at")
        updatedAt = box.text("updated_at")
    }
}

/// `GET /api/config/nodes`: newest first.
public struct WireNodeList: Sendable, Equatable, Codable {
    public var nodes: [WireNode]

    public init(nodes: [WireNode]) { self.nodes = nodes }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let nodes = box.list("nodes", of: WireNode.self) else {
            throw DecodingError.keyNotFound(WireKey("nodes"), .init(codingPath: [], debugDescription: "no nodes"))
        }
        self.nodes = nodes
    }
}

/// `GET /health`.
public struct WireHealth: Sendable, Equatable, Codable {
    public var status: String
    public var timestamp: String?
    public var version: String?

    public init(status: String, timestamp: String?, version: String?) {
        self.status = status
        self.timestamp = timestamp
        self.version = version
    }
}
