#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `GET /api/status?since=REVISION&limit=N`: every node's status object in one answer, or those changed since a revision.
///
/// The orchestrator has this route but answers 500 to it; a client asks it first and falls back to asking node by node.
public struct WirePage: Sendable, Equatable, Codable {
    /// A status object, the node object's fields that it lacks, and the rows that tell its present run.
    public struct Entry: Sendable, Equatable, Codable {
        /// A history row that also says which channel wrote it: `phase` or `installer`.
        public struct Row: Sendable, Equatable, Codable {
            public var phase: String
            public var status: String
            public var message: String
            public var timestamp: String
            public var channel: String

            public init(phase: String, status: String, message: String, timestamp: String, channel: String) {
                self.phase = phase
                self.status = status
                self.message = message
                self.timestamp = timestamp
                self.channel = channel
            }

            public init(from decoder: any Decoder) throws {
                let box = try decoder.container(keyedBy: WireKey.self)
                phase = box.text("phase") ?? ""
                status = box.text("status") ?? ""
                message = box.text("message") ?? ""
                timestamp = box.text("timestamp") ?? ""
                channel = box.text("channel") ?? DeploymentRow.Channel.phase.rawValue
            }
        }

        public var status: WireStatus
        public var node: WireNode
        /// The revision at which this node changed last.
        public var revision: Int
        public var rows: [Row]

        public init(status: WireStatus, node: WireNode, revision: Int, rows: [Row]) {
            self.status = status
            self.node = node
            self.revision = revision
            self.rows = rows
        }

        /// One flat object: the names of a status object and of a node object do not clash.
        public init(from decoder: any Decoder) throws {
            status = try WireStatus(from: decoder)
            let box = try decoder.container(keyedBy: WireKey.self)
            node = WireNode(
                id: status.nodeID, nodeName: status.serverName, serverProfile: box.text("server_profile"),
                clusterRole: box.text("cluster_role"),
                deploymentStatus: box.text("deployment_status") ?? status.currentPhase,
                managementIP: status.serverIP, workloadIP: box.text("workload_ip"), createdAt: box.text("created_at"),
                updatedAt: box.text("updated_at"))
            revision = box.integer("revision") ?? 0
            rows = box.list("deployment_history", of: Row.self) ?? []
        }

        public func encode(to encoder: any Encoder) throws {
            try status.encode(to: encoder)
            var box = encoder.container(keyedBy: WireKey.self)
            try box.encodeIfPresent(node.serverProfile, forKey: WireKey("server_profile"))
            try box.encodeIfPresent(node.clusterRole, forKey: WireKey("cluster_role"))
            try box.encode(node.deploymentStatus, forKey: WireKey("deployment_status"))
            try box.encodeIfPresent(node.workloadIP, forKey: WireKey("workload_ip"))
            try box.encodeIfPresent(node.createdAt, forKey: WireKey("created_at"))
            try box.encodeIfPresent(node.updatedAt, forKey: WireKey("updated_at"))
            try box.encode(revision, forKey: WireKey("revision"))
            try box.encode(rows, forKey: WireKey("deployment_history"))
        }
    }

    public var nodes: [Entry]
    /// Names the database: a client whose revision belongs to another one starts anew.
    public var instance: String
    /// What to ask `since` next time.
    public var revision: Int
    /// Whether there is another page right now.
    public var more: Bool
    public var totalNodes: Int
    /// When the page was made, and how far the times on it are from UTC: they have no zone of their own. Our own service writes UTC.
    public var timestamp: String
    public var utcOffsetSeconds: Int

    enum CodingKeys: String, CodingKey {
        case nodes, instance, revision, more, timestamp
        case totalNodes = "total_nodes"
        case utcOffsetSeconds = "utc_offset_seconds"
    }

    public init(
        nodes: [Entry], instance: String, revision: Int, more: Bool, totalNodes: Int, timestamp: String,
        utcOffsetSeconds: Int
    ) {
        self.nodes = nodes
        self.instance = instance
        self.revision = revision
        self.more = more
        self.totalNodes = totalNodes
        self.timestamp = timestamp
        self.utcOffsetSeconds = utcOffsetSeconds
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: WireKey.self)
        guard let nodes = box.list("nodes", of: Entry.self), let instance = box.text("instance"),
            let revision = box.integer("revision")
        else {
            throw DecodingError.keyNotFound(
                WireKey("nodes"), .init(codingPath: [], debugDescription: "no nodes, instance or revision"))
        }
        self.nodes = nodes
        self.instance = instance
        self.revision = revision
        more = box.flag("more") ?? false
        totalNodes = box.integer("total_nodes") ?? nodes.count
        timestamp = box.text("timestamp") ?? ""
        utcOffsetSeconds = box.integer("utc_offset_seconds") ?? 0
    }
}
