import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The bodies of the read routes, made from rows.
extension DeploymentReader {
    func naive(_ seconds: Double) -> String {
        WireTime.naiveText(Date(timeIntervalSince1970: seconds), zone: zone)
    }

    func wire(_ node: Node) -> WireNode {
        WireNode(
            id: node.id, nodeName: node.name, serverProfile: node.serverProfile, clusterRole: node.clusterRole,
            deploymentStatus: node.status, managementIP: node.managementIP, workloadIP: node.workloadIP,
            createdAt: naive(node.createdAt), updatedAt: naive(node.updatedAt))
    }

    /// The status object. Unlike the orchestrator's: unlisted phases leave the percentage, a deployed node has 100, and time stands still
    /// once a deployment ended.
    func status(of node: Node, telling: [Stored]) -> WireStatus {
        let run = DeploymentRun(history: telling.map(\.row), plan: plan)
        // A node that waits in `pending` has not begun.
        let begun = run.rows.first { $0.phase != "pending" }?.at
        let elapsed = begun.map { max(0, (run.endedAt ?? now).timeIntervalSince($0)) } ?? 0
        let newest = newestWord(of: run)
        let isRunning = run.outcome == .none
        return WireStatus(
            serverIP: node.managementIP, serverName: node.name, nodeID: node.id,
            deploymentID: Self.deploymentID(node: node.id, deployment: node.deployments),
            currentPhase: newest?.phase ?? "pending", phaseStatus: newest?.status ?? "waiting",
            progressPercent: run.percent(at: now), elapsedTimeSeconds: Int(min(elapsed, 1e12)),
            estimatedRemainingSeconds: isRunning ? max(0, plan.total - elapsed) : 0,
            timedOut: isRunning && elapsed > plan.total,
            lastUpdate: WireTime.naiveText(newest?.at ?? Date(timeIntervalSince1970: node.updatedAt), zone: zone),
            message: newest?.message ?? Self.notStarted)
    }

    /// The newest row that says where the node is, in the words of the phase channel: the installer's words are put as the phase they
    /// belong to, and the cloud's state of the machine speaks only if nothing else does.
    private func newestWord(of run: DeploymentRun) -> DeploymentRow? {
        let own = run.rows.last { !$0.meaning.isAside }
        guard var row = own, row.channel == .installer else { return own ?? run.rows.last { $0.channel == .phase } }
        if case .failed(let phase, _) = run.outcome, row.phase == "error" {
            row.phase = phase
        } else {
            row.phase = InstallerChannel.phase(for: row.phase) ?? row.phase
        }
        return row
    }

    func history(of node: Node) throws -> WireHistory {
        WireHistory(
            serverIP: node.managementIP, nodeName: node.name,
            rows: try history(of: node.id).map { stored in
                WireHistory.Row(
                    phase: stored.row.phase, status: stored.row.status, message: stored.row.message,
                    timestamp: WireTime.naiveText(stored.row.at, zone: zone))
            })
    }

    func summary() throws -> WireSummary {
        var counts: [String: Int] = [:]
        let groups = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT deployment_status, count(*) FROM nodes GROUP BY deployment_status"))
        while let row = try groups.next() { counts[row[0]] = row[1] }
        return WireSummary(
            totalNodes: counts.values.reduce(0, +), statusSummary: counts,
            activeDeployments: try deployments(
                "WHERE n.deployment_status NOT IN (\(Self.marks)) ORDER BY n.id DESC", DeploymentStage.endWords),
            recentDeployments: try deployments("ORDER BY n.id DESC LIMIT 5"),
            timestamp: WireTime.naiveText(now, zone: zone))
    }

    private static var marks: String { DeploymentStage.endWords.map { _ in "?" }.joined(separator: ", ") }

    /// Nodes that have reported something on the phase channel, each with its newest report there.
    private func deployments(_ selection: String, _ words: [String] = []) throws -> [WireSummary.Deployment] {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT n.id, n.node_name, h.phase, h.status, h.message, h.timestamp FROM nodes n
                    JOIN deployment_history h ON h.id =
                        (SELECT max(id) FROM deployment_history WHERE node_id = n.id AND channel = 'phase')
                    \(selection)
                    """), arguments: StatementArguments(words))
        var result: [WireSummary.Deployment] = []
        while let row = try cursor.next() {
            result.append(
                WireSummary.Deployment(
                    nodeID: row[0], nodeName: row[1], currentPhase: row[2], status: row[3], message: row[4],
                    timestamp: naive(row[5])))
        }
        return result
    }
}
