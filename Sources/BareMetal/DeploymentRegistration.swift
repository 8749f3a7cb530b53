#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The body of `POST /api/config/nodes`: `{"node_config": {…}}`. Other parts (`network_config`, `cluster_config`) are for a cloud
/// that this service does not run, and are left alone.
public struct DeploymentRegistration: Sendable, Equatable, Decodable {
    /// Unique: the same name is the same node.
    public var nodeName: String
    public var serverProfile: String
    /// The address the node reports with; no two nodes share one.
    public var managementIP: DeploymentAddress
    public var clusterRole: String?
    public var workloadIP: DeploymentAddress?

    public init(
        nodeName: String, serverProfile: String, managementIP: DeploymentAddress, clusterRole: String? = nil,
        workloadIP: DeploymentAddress? = nil
    ) {
        self.nodeName = nodeName
        self.serverProfile = serverProfile
        self.managementIP = managementIP
        self.clusterRole = clusterRole
        self.workloadIP = workloadIP
    }

    public init(from decoder: any Decoder) throws {
        let fields = try DeploymentFields(decoder).object("node_config")
        nodeName = try fields.text("node_name", limit: DeploymentLimits.name)
        serverProfile = try fields.text("server_profile", limit: DeploymentLimits.name)
        managementIP = try fields.address("management_ip")
        clusterRole = try fields.optionalText("cluster_role", limit: DeploymentLimits.name)
        workloadIP = try fields.optionalAddress("workload_ip")
    }
}

/// The answer to a registration, field for field as the orchestrator's 202.
public struct DeploymentTicket: Sendable, Equatable, Codable {
    public var message: String
    public var nodeID: Int
    public var deploymentID: String
    /// Now and the sum of all limits; without a zone, as every time of this service.
    public var estimatedCompletion: String
    public var monitoringEndpoint: String

    enum CodingKeys: String, CodingKey {
        case message
        case nodeID = "node_id"
        case deploymentID = "deployment_id"
        case estimatedCompletion = "estimated_completion"
        case monitoringEndpoint = "monitoring_endpoint"
    }
}

/// The answer to `POST /api/cleanup/node/{id}`, with what really was done: no cloud is behind this service, so records are all there is.
public struct DeploymentCleanup: Sendable, Equatable, Codable {
    public struct Summary: Sendable, Equatable, Codable {
        public var totalOperations: Int
        public var successfulOperations: Int
        public var successRate: String

        enum CodingKeys: String, CodingKey {
            case totalOperations = "total_operations"
            case successfulOperations = "successful_operations"
            case successRate = "success_rate"
        }
    }

    public struct Detail: Sendable, Equatable, Codable {
        public struct Operation: Sendable, Equatable, Codable {
            public var type: String
            public var resourceID: String
            public var success: Bool
            public var message: String

            enum CodingKeys: String, CodingKey {
                case type
                case resourceID = "resource_id"
                case success, message
            }
        }

        public var resourceType: String
        public var operations: [Operation]

        enum CodingKeys: String, CodingKey {
            case resourceType = "resource_type"
            case operations
        }
    }

    public var message: String
    public var nodeName: String
    public var summary: Summary
    public var details: [Detail]
    public var timestamp: String

    enum CodingKeys: String, CodingKey {
        case message
        case nodeName = "node_name"
        case summary, details, timestamp
    }
}
