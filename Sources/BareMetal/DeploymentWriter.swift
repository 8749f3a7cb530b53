import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a write does inside its transaction. Every method refuses before it writes: what throws `DeploymentError` has changed nothing,
/// so that the other writes of the same transaction stand.
struct DeploymentWriter {
    let db: Database
    let now: Date
    let plan: PhasePlan
    let zone: TimeZone

    private struct Node {
        var id: Int
        var name: String
        var status: String
        var deployments: Int
        var clock: DeploymentClock
        var run: DeploymentProgress

        /// An end stands until the run says that it is undone; while there is none, the newest report's word is what the node is.
        mutating func settle(_ word: String?) { status = run.stage.outcome?.word ?? word ?? status }
    }

    func store(_ report: DeploymentReport) throws {
        guard var node = try node(where: "management_ip = ?", report.serverIP.text) else {
            throw DeploymentError.unknown("Server \(report.serverIP.text) not found")
        }
        let row = DeploymentRow(phase: report.phase, status: report.status, message: report.message, at: now)
        try add(row, to: &node)
        if let state = report.serverStatus {
            try add(
                DeploymentRow(phase: "ibm_cloud_status", status: state, message: "Server status: \(state)", at: now),
                to: &node)
        }
        node.settle(report.word)
        try save(node)
    }

    func store(_ report: DeploymentInstallerReport) throws {
        let found =
            switch report.node {
            case .id(let id): try node(where: "id = ?", id)
            case .address(let address): try node(where: "management_ip = ?", address.text)
            }
        // The orchestrator answers 200 to a report of a node it does not know, and drops it. Here the sender is told.
        guard var node = found else {
            switch report.node {
            case .id(let id): throw DeploymentError.unknown("Node \(id) not found")
            case .address(let address): throw DeploymentError.unknown("Server \(address.text) not found")
            }
        }
        let row = DeploymentRow(
            phase: report.phase, status: report.isError ? "failed" : "in_progress", message: report.message, at: now,
            channel: .installer)
        try add(row, to: &node)
        node.settle(report.word)
        try save(node)
    }

    /// A new name is a new node. A known one begins another deployment if its last one has ended or never began.
    func store(_ registration: DeploymentRegistration) throws -> DeploymentTicket {
        let known = try node(where: "node_name = ?", registration.nodeName)
        if let other = try node(where: "management_ip = ?", registration.managementIP.text), other.id != known?.id {
            throw DeploymentError.conflict(
                "node_config.management_ip \(registration.managementIP.text) belongs to node \(other.id) already.")
        }
        guard var node = known else {
            try insert(registration)
            return ticket(node: Int(db.lastInsertedRowID), deployment: 1)
        }
        guard node.run.stage != .running else {
            throw DeploymentError.conflict(
                "node_config.node_name belongs to node \(node.id), whose deployment is running. Clean it up first: "
                    + "POST /api/cleanup/node/\(node.id)")
        }
        node.deployments += 1
        node.status = "pending"
        node.clock = DeploymentClock()
        if node.run.first != nil {
            node.run.beginAnew()
            // The row parts the new run from the old one; it reads as a node that was never deployed.
            try add(
                DeploymentRow(phase: "pending", status: "waiting", message: DeploymentReader.notStarted, at: now),
                to: &node)
        }
        try save(node)
        try db.cachedStatement(
            sql: """
                UPDATE nodes SET server_profile = ?, management_ip = ?,
                    cluster_role = coalesce(?, cluster_role), workload_ip = coalesce(?, workload_ip) WHERE id = ?
                """
        ).execute(arguments: [
            registration.serverProfile, registration.managementIP.text, registration.clusterRole,
            registration.workloadIP?.text, node.id,
        ])
        return ticket(node: node.id, deployment: node.deployments)
    }

    /// Marks a node's deployment as cleaned up. Its history stays: the orchestrator deletes it, and with it the reason of the failure.
    func cleanUp(node id: Int) throws -> DeploymentCleanup {
        guard var node = try node(where: "id = ?", id) else { throw DeploymentError.unknown("Node not found") }
        var operation = DeploymentCleanup.Detail.Operation(
            type: "mark_cleanup_completed", resourceID: String(id), success: true,
            message: "The node was marked as cleaned up before; nothing was changed.")
        if node.run.stage != .cleaned {
            try add(
                DeploymentRow(
                    phase: "cleanup_completed", status: "success", message: "Cleaned up; the history was kept", at: now),
                to: &node)
            node.settle(nil)
            try save(node)
            operation.message = "The node is marked as cleaned up; its history was kept."
        }
        return DeploymentCleanup(
            message: "Cleanup completed for node \(id)", nodeName: node.name,
            summary: .init(totalOperations: 1, successfulOperations: 1, successRate: "100.0%"),
            details: [.init(resourceType: "database_records", operations: [operation])],
            timestamp: WireTime.naiveText(now, zone: zone))
    }

    private func node(where condition: String, _ value: some DatabaseValueConvertible) throws -> Node? {
        let statement = try db.cachedStatement(
            sql: "SELECT id, node_name, deployment_status, deployments, open_phases, run FROM nodes WHERE \(condition)")
        return try Row.fetchOne(statement, arguments: [value]).map { row in
            Node(
                id: row[0], name: row[1], status: row[2], deployments: row[3], clock: DeploymentClock(text: row[4]),
                run: DeploymentProgress(text: row[5]))
        }
    }

    private func add(_ row: DeploymentRow, to node: inout Node) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO deployment_history (node_id, channel, phase, status, message, timestamp)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            node.id, row.channel.rawValue, row.phase, row.status, row.message, row.at.timeIntervalSince1970,
        ])
        let id = db.lastInsertedRowID
        let step = node.run.follow(row, id: id, plan: plan)
        if step.isAnother {
            node.deployments += 1
            node.clock = DeploymentClock()
        }
        if step.weight != .filler { try weigh(id, step.weight) }
        if let before = step.before { try weigh(before, .turn) }
        for ended in node.clock.note(row, id: id, plan: plan) {
            try db.cachedStatement(sql: "UPDATE deployment_history SET duration = ? WHERE id = ?")
                .execute(arguments: [ended.duration, ended.row])
        }
    }

    /// Notes how much a row tells, if it did not tell more before.
    private func weigh(_ row: Int64, _ weight: DeploymentProgress.Weight) throws {
        try db.cachedStatement(sql: "UPDATE deployment_history SET weight = max(weight, ?) WHERE id = ?")
            .execute(arguments: [weight.rawValue, row])
    }

    private func save(_ node: Node) throws {
        try db.cachedStatement(
            sql: """
                UPDATE nodes SET deployment_status = ?, deployments = ?, open_phases = ?, run = ?, updated_at = ?,
                    revision = (SELECT max(revision) FROM nodes) + 1 WHERE id = ?
                """
        ).execute(arguments: [
            node.status, node.deployments, node.clock.text, node.run.text,
            now.timeIntervalSince1970, node.id,
        ])
    }

    private func insert(_ registration: DeploymentRegistration) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO nodes (node_name, server_profile, cluster_role, deployment_status, management_ip,
                    workload_ip, deployments, open_phases, revision, created_at, updated_at)
                VALUES (?, ?, ?, 'pending', ?, ?, 1, '{}', (SELECT coalesce(max(revision), 0) FROM nodes) + 1, ?, ?)
                """
        ).execute(arguments: [
            registration.nodeName, registration.serverProfile, registration.clusterRole,
            registration.managementIP.text, registration.workloadIP?.text, now.timeIntervalSince1970,
            now.timeIntervalSince1970,
        ])
    }

    private func ticket(node: Int, deployment: Int) -> DeploymentTicket {
        DeploymentTicket(
            message: "Node provisioning initiated", nodeID: node,
            deploymentID: DeploymentReader.deploymentID(node: node, deployment: deployment),
            estimatedCompletion: WireTime.naiveText(now.addingTimeInterval(plan.total), zone: zone),
            monitoringEndpoint: "/api/status/nodes/\(node)")
    }
}
