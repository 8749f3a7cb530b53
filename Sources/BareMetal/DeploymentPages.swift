import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `GET /api/status`: pages of nodes in the order in which they changed.
extension DeploymentReader {
    /// The bounds of a page.
    enum PageBounds {
        static let nodes = 500
        /// The most bytes of a page in JSON: a client may well refuse what is larger, and memory stays bounded whatever nodes say.
        static let bytes = 6 << 20
        /// The most bytes of what belongs to no node, and of an entry's and a row's names, marks and numbers (with 20 digits each).
        static let envelope = 1024
        static let entry = 1024
        static let row = 160
    }

    /// The revision of the newest change; 0 while there is no node.
    func revision() throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT max(revision) FROM nodes")) ?? 0
    }

    /// Its times are in UTC, unlike those of the routes that the orchestrator has too: one distance from UTC cannot be right for all times
    /// of a page when the clocks were changed between them.
    ///
    /// - Parameters:
    ///   - since: a revision of this database; one it has not reached yet (a backup was put back) starts anew.
    ///   - limit: 1…500; more is taken as 500.
    func page(since: Int, limit: Int, instance: String) throws -> WirePage {
        let newest = try revision()
        let limit = min(max(1, limit), PageBounds.nodes)
        let statement = try db.cachedStatement(
            sql: "SELECT \(Self.columns) FROM nodes WHERE revision > ? ORDER BY revision LIMIT ?")
        // One more than asked for tells whether there is more.
        let changed = try Row.fetchAll(statement, arguments: [since > newest ? 0 : since, limit + 1]).map(Node.init)
        let reader = DeploymentReader(db: db, plan: plan, zone: .gmt, now: now)
        var entries: [WirePage.Entry] = []
        var bytes = PageBounds.envelope
        for node in changed.prefix(limit) {
            let entry = try reader.entry(node)
            bytes += entry.mostBytes
            // A page without a node would never end: the first one is on it whatever its size, which the limits of a report bound.
            if bytes > PageBounds.bytes, !entries.isEmpty { break }
            entries.append(entry)
        }
        let more = entries.count < changed.count
        return WirePage(
            nodes: entries, instance: instance, revision: more ? entries.last?.revision ?? newest : newest, more: more,
            totalNodes: try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM nodes")) ?? 0,
            timestamp: reader.naive(now.timeIntervalSince1970), utcOffsetSeconds: 0)
    }

    private func entry(_ node: Node) throws -> WirePage.Entry {
        let telling = try telling(of: node)
        let logs = try logLines(of: node, newest: DeploymentExcerpt.logLines)
        let rows = DeploymentExcerpt(plan: plan).rows(telling: telling, logs: logs).map(\.row)
        return WirePage.Entry(
            status: status(of: node, telling: telling), node: wire(node), revision: node.revision,
            rows: rows.map { row in
                WirePage.Entry.Row(
                    phase: row.phase, status: row.status, message: row.message,
                    timestamp: WireTime.naiveText(row.at, zone: zone), channel: row.channel.rawValue)
            })
    }
}

extension WirePage.Entry {
    /// No fewer bytes than it has in JSON.
    fileprivate var mostBytes: Int {
        let texts: [String?] = [
            status.serverIP, status.serverName, status.deploymentID, status.currentPhase, status.phaseStatus,
            status.lastUpdate, status.message, node.serverProfile, node.clusterRole, node.deploymentStatus,
            node.workloadIP, node.createdAt, node.updatedAt,
        ]
        return texts.reduce(DeploymentReader.PageBounds.entry) { $0 + Self.mostBytes($1 ?? "") }
            + rows.reduce(0) { sum, row in
                sum + DeploymentReader.PageBounds.row + Self.mostBytes(row.phase) + Self.mostBytes(row.status)
                    + Self.mostBytes(row.message)
            }
    }

    /// A control character becomes six bytes (`\u001b`), a quotation mark or backslash two.
    private static func mostBytes(_ text: String) -> Int {
        text.utf8.reduce(0) { sum, byte in
            switch byte {
            case 0..<0x20, 0x7F: sum + 6
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): sum + 2
            default: sum + 1
            }
        }
    }
}
