import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads nodes and their history out of the database, one node at a time.
struct DeploymentReader {
    /// What a node that has reported nothing says, word for word as the orchestrator.
    static let notStarted = "Deployment not started"
    /// The rows of a node from which its state is worked out, newest; log lines do not count. A run has a few dozen.
    private static let tellingRows = 2000
    /// The rows of one history answer, newest.
    private static let historyRows = 5000

    let db: Database
    let plan: PhasePlan
    let zone: TimeZone
    let now: Date

    /// A row of `nodes`.
    struct Node {
        let id: Int
        let name: String
        let serverProfile: String
        let clusterRole: String?
        let status: String
        let managementIP: String
        let workloadIP: String?
        let deployments: Int
        let revision: Int
        let createdAt: Double
        let updatedAt: Double

        init(_ row: Row) {
            id = row[0]
            name = row[1]
            serverProfile = row[2]
            clusterRole = row[3]
            status = row[4]
            managementIP = row[5]
            workloadIP = row[6]
            deployments = row[7]
            revision = row[8]
            createdAt = row[9]
            updatedAt = row[10]
        }
    }

    static let columns = """
        id, node_name, server_profile, cluster_role, deployment_status, management_ip, workload_ip, deployments,
        revision, created_at, updated_at
        """

    /// The orchestrator has the cloud's id of the server here. There is no cloud behind this service: the id says which node and which
    /// of its deployments.
    static func deploymentID(node: Int, deployment: Int) -> String { "slipway-\(node)-\(deployment)" }

    func node(where condition: String, _ value: some DatabaseValueConvertible) throws -> Node? {
        let statement = try db.cachedStatement(sql: "SELECT \(Self.columns) FROM nodes WHERE \(condition)")
        return try Row.fetchOne(statement, arguments: [value]).map(Node.init)
    }

    /// Newest first.
    func nodes() throws -> [Node] {
        try Row.fetchAll(db.cachedStatement(sql: "SELECT \(Self.columns) FROM nodes ORDER BY id DESC")).map(Node.init)
    }

    /// A history row with its number.
    struct Stored {
        let id: Int64
        let row: DeploymentRow
    }

    /// The rows of both channels that tell where a node is, oldest first.
    func telling(of node: Int) throws -> [Stored] {
        try rows(of: node, where: "phase <> 'LOG'", newest: Self.tellingRows)
    }

    /// The rows of the phase channel, oldest first, in their order of arrival.
    func history(of node: Int) throws -> [Stored] {
        try rows(of: node, where: "channel = 'phase'", newest: Self.historyRows)
    }

    /// The installer's log lines, oldest first.
    func logLines(of node: Int, newest count: Int) throws -> [Stored] {
        try rows(of: node, where: "channel = 'installer' AND phase = 'LOG'", newest: count)
    }

    private func rows(of node: Int, where condition: String, newest limit: Int) throws -> [Stored] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, phase, status, message, timestamp, channel FROM deployment_history
                WHERE node_id = ? AND \(condition) ORDER BY id DESC LIMIT \(limit)
                """)
        var result: [Stored] = []
        let cursor = try Row.fetchCursor(statement, arguments: [node])
        while let row = try cursor.next() {
            let channel: String = row[5]
            result.append(
                Stored(
                    id: row[0],
                    row: DeploymentRow(
                        phase: row[1], status: row[2], message: row[3], at: Date(timeIntervalSince1970: row[4]),
                        channel: DeploymentRow.Channel(rawValue: channel) ?? .phase)))
        }
        result.reverse()
        return result
    }
}
