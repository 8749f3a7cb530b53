#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The status object of `GET /api/status/nodes/{id}` and `GET /api/status/deployment/{ip}`, field for field. Times have no zone.
public struct WireStatus: Sendable, Equatable, Codable {
    public var serverIP: String
    public var serverName: String
    public var nodeID: Int
    public var deploymentID: String?
    public var currentPhase: String
    public var phaseStatus: String
    public var progressPercent: Int
    public var elapsedTimeSeconds: Int
    public var estimatedRemainingSeconds: Double
    public var timedOut: Bool
    public var lastUpdate: String
    public var message: String

    enum CodingKeys: String, CodingKey {
        case serverIP = "server_ip"
        case serverName = "server_name"
        case nodeID = "node_id"
        case deploymentID = "deployment_id"
        case currentPhase = "current_phase"
        case phaseStatus = "phase_status"
        case progressPercent = "progress_percent"
        case elapsedTimeSeconds = "elapsed_time_seconds"
        case estimatedRemainingSeconds = "estimated_remaining_seconds"
        case timedOut = "timed_out"
        case lastUpdate = "last_update"
        case message
    }

    public init(
        serverIP: String, serverName: String, nodeID: Int, deploymentID: String?, currentPhase: String,
        phaseStatus: String, progressPercent: Int, elapsedTimeSeconds: Int, estimatedRemainingSeconds: Double,
        timedOut: Bool, lastUpdate: String, message: String
    ) {
        self.serverIP = serverIP
        self.serverName = serverName
        self.nodeID = nodeID
        self.deploymentID = deploymentID
        self.currentPhase = currentPhase
        self.phaseStatus = phaseStatus
        self.progressPercent = progressPercent
        self.elapsedTimeSeconds = elapsedTimeSeconds
        self.estimatedRemainingSeconds = estimatedRemainingSeconds
        self.timedOut = timedOut
        self.lastUpdate = lastUpdate
        self.message = message
    }

    /// Without a node's number there is nothing to hang the rest on: that alone is an error.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let node = box.integer("node_id") else {
            throw DecodingError.keyNotFound(WireKey("node_id"), .init(codingPath: [], debugDescription: "no node_id"))
        }
        nodeID = node
        serverIP = box.text("server_ip") ?? ""
        serverName = box.text("server_name") ?? "node \(node)"
        deploymentID = box.text("deployment_id")
        currentPhase = box.text("current_phase") ?? "pending"
        phaseStatus = box.text("phase_status") ?? "waiting"
        progressPercent = box.integer("progress_percent") ?? 0
        elapsedTimeSeconds = box.integer("elapsed_time_seconds") ?? 0
        estimatedRemainingSeconds = box.number("estimated_remaining_seconds") ?? 0
        timedOut = box.flag("timed_out") ?? false
        lastUpdate = box.text("last_update") ?? ""
        message = box.text("message") ?? ""
    }

    /// `deployment_id` is written even when it is null, as the orchestrator does.
    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(serverIP, forKey: .serverIP)
        try box.encode(serverName, forKey: .serverName)
        try box.encode(nodeID, forKey: .nodeID)
        try box.encode(deploymentID, forKey: .deploymentID)
        try box.encode(currentPhase, forKey: .currentPhase)
        try box.encode(phaseStatus, forKey: .phaseStatus)
        try box.encode(progressPercent, forKey: .progressPercent)
        try box.encode(elapsedTimeSeconds, forKey: .elapsedTimeSeconds)
        try box.encode(estimatedRemainingSeconds, forKey: .estimatedRemainingSeconds)
        try box.encode(timedOut, forKey: .timedOut)
        try box.encode(lastUpdate, forKey: .lastUpdate)
        try box.encode(message, forKey: .message)
    }
}

/// `GET /api/status/history/{id}`: oldest first.
public struct WireHistory: Sendable, Equatable, Codable {
    public struct Row: Sendable, Equatable, Codable {
        public var phase: String
        public var status: String
        public var message: String
        public var timestamp: String

        public init(phase: String, status: String, message: String, timestamp: String) {
            self.phase = phase
            self.status = status
            self.message = message
            self.timestamp = timestamp
        }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: WireKey.self)
            phase = box.text("phase") ?? ""
            status = box.text("status") ?? ""
            message = box.text("message") ?? ""
            timestamp = box.text("timestamp") ?? ""
        }
    }

    public var serverIP: String
    public var nodeName: String
    public var rows: [Row]

    enum CodingKeys: String, CodingKey {
        case serverIP = "server_ip"
        case nodeName = "node_name"
        case rows = "deployment_history"
    }

    public init(serverIP: String, nodeName: String, rows: [Row]) {
        self.serverIP = serverIP
        self.nodeName = nodeName
        self.rows = rows
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let rows = box.list("deployment_history", of: Row.self) else {
            throw DecodingError.keyNotFound(
                WireKey("deployment_history"), .init(codingPath: [], debugDescription: "no deployment_history"))
        }
        self.rows = rows
        serverIP = box.text("server_ip") ?? ""
        nodeName = box.text("node_name") ?? ""
    }
}

/// `GET /api/status/summary`.
public struct WireSummary: Sendable, Equatable, Codable {
    public struct Deployment: Sendable, Equatable, Codable {
        public var nodeID: Int
        public var nodeName: String
        public var currentPhase: String
        public var status: String
        public var message: String
        public var timestamp: String

        enum CodingKeys: String, CodingKey {
            case nodeID = "node_id"
            case nodeName = "node_name"
            case currentPhase = "current_phase"
            case status, message, timestamp
        }

        public init(
            nodeID: Int, nodeName: String, currentPhase: String, status: String, message: String, timestamp: String
        ) {
            self.nodeID = nodeID
            self.nodeName = nodeName
            self.currentPhase = currentPhase
            self.status = status
            self.message = message
            self.timestamp = timestamp
        }

        public init(from decoder: any Decoder) throws {
            let box = try decoder.container(keyedBy: WireKey.self)
            nodeID = box.integer("node_id") ?? 0
            nodeName = box.text("node_name") ?? ""
            currentPhase = box.text("current_phase") ?? ""
            status = box.text("status") ?? ""
            message = box.text("message") ?? ""
            timestamp = box.text("timestamp") ?? ""
        }
    }

    public var totalNodes: Int
    public var statusSummary: [String: Int]
    public var activeDeployments: [Deployment]
    public var recentDeployments: [Deployment]
    public var timestamp: String

    enum CodingKeys: String, CodingKey {
        case totalNodes = "total_nodes"
        case statusSummary = "status_summary"
        case activeDeployments = "active_deployments"
        case recentDeployments = "recent_deployments"
        case timestamp
    }

    public init(
        totalNodes: Int, statusSummary: [String: Int], activeDeployments: [Deployment],
        recentDeployments: [Deployment], timestamp: String
    ) {
        self.totalNodes = totalNodes
        self.statusSummary = statusSummary
        self.activeDeployments = activeDeployments
        self.recentDeployments = recentDeployments
        self.timestamp = timestamp
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let total = box.integer("total_nodes") else {
            throw DecodingError.keyNotFound(
                WireKey("total_nodes"), .init(codingPath: [], debugDescription: "no total_nodes"))
        }
        totalNodes = total
        statusSummary = (try? box.decodeIfPresent([String: Int].self, forKey: WireKey("status_summary"))) ?? [:]
        activeDeployments = box.list("active_deployments", of: Deployment.self) ?? []
        recentDeployments = box.list("recent_deployments", of: Deployment.self) ?? []
        timestamp = box.text("timestamp") ?? ""
    }
}
