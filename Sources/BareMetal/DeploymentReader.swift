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
    /// The most rows of each kind from which a node's state is worked out, newest. A run has a few dozen in all; what is above them
    /// is a node that goes mad.
    private static let telling = (beginnings: 200, turns: 200, fillers: 64)
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
        let run: DeploymentProgress

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
            run = DeploymentProgress(text: row[11])
        }
    }

    static let columns = """
        id, node_name, server_profile, cluster_role, deployment_status, management_ip, workload_ip, deployments,
        revision, created_at, updated_at, run
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
        let weight: DeploymentProgress.Weight
    }

    /// The rows of both channels that tell the course of a node's present run, oldest first: its first row, those with which a phase
    /// begins or changes its state, and the newest of the others but log lines. However long a run lasts, and however many a node had,
    /// no more than these are read.
    func telling(of node: Node) throws -> [Stored] {
        guard let first = node.run.first else { return [] }
        var found: [Int64: Stored] = [:]
        for row in try rows(where: "id = ?", [first], newest: 1) { found[row.id] = row }
        // Each of these conditions has its own index.
        for (condition, limit) in [
            ("weight = 2", Self.telling.beginnings), ("weight = 1", Self.telling.turns),
            ("phase <> 'LOG'", Self.telling.fillers),
        ] {
            let ofRun = "node_id = ? AND id >= ? AND \(condition)"
            for row in try rows(where: ofRun, [node.id, first], newest: limit) { found[row.id] = row }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// The rows of the phase channel, oldest first, in their order of arrival.
    func history(of node: Int) throws -> [Stored] {
        try rows(where: "node_id = ? AND channel = 'phase'", [node], newest: Self.historyRows)
    }

    /// The log lines of a node's present run, oldest first.
    func logLines(of node: Node, newest count: Int) throws -> [Stored] {
        guard let first = node.run.first else { return [] }
        return try rows(where: "node_id = ? AND id >= ? AND phase = 'LOG'", [node.id, first], newest: count)
    }

    private func rows(
        where condition: String, _ arguments: StatementArguments, newest limit: Int
    ) throws -> [Stored] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, phase, status, message, timestamp, channel, weight FROM deployment_history
                WHERE \(condition) ORDER BY id DESC LIMIT \(limit)
                """)
        var result: [Stored] = []
        let cursor = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try cursor.next() {
            let channel: String = row[5]
            result.append(
                Stored(
                    id: row[0],
                    row: DeploymentRow(
                        phase: row[1], status: row[2], message: row[3], at: Date(timeIntervalSince1970: row[4]),
                        channel: DeploymentRow.Channel(rawValue: channel) ?? .phase),
                    weight: DeploymentProgress.Weight(rawValue: row[6]) ?? .filler))
        }
        result.reverse()
        return result
    }
}
