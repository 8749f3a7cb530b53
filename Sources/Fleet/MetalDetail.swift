#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a bare-metal node adds to an item. Field sources: the orchestrator's node, status and history objects.
public struct MetalDetail: Codable, Sendable, Equatable {
    /// One line of a node's deployment history.
    public struct Report: Codable, Sendable, Equatable {
        public var phase: String
        public var status: String
        public var message: String
        public var at: Date

        public init(phase: String, status: String, message: String, at: Date) {
            self.phase = phase
            self.status = status
            self.message = message
            self.at = at
        }
    }

    /// The orchestrator's number of the node; nil for one that is known by its address only.
    public var node: Int?
    public var managementIP: String?
    public var workloadIP: String?
    /// The cloud's id of the server (`bare_metal_id`).
    public var deployment: String?
    public var serverProfile: String?
    public var clusterRole: String?
    /// `nodes.deployment_status`: the word both reporting channels write.
    public var deploymentStatus: String?
    /// What the node said last.
    public var message: String
    /// The newest reports, oldest first.
    public var reports: [Report]

    public init(
        node: Int? = nil, managementIP: String? = nil, workloadIP: String? = nil, deployment: String? = nil,
        serverProfile: String? = nil, clusterRole: String? = nil, deploymentStatus: String? = nil, message: String = "",
        reports: [Report] = []
    ) {
        self.node = node
        self.managementIP = managementIP
        self.workloadIP = workloadIP
        self.deployment = deployment
        self.serverProfile = serverProfile
        self.clusterRole = clusterRole
        self.deploymentStatus = deploymentStatus
        self.message = message
        self.reports = reports
    }
}
