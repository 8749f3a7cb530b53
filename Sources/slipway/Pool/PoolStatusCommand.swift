import ArgumentParser
import ClusterPool
import Fleet
import Foundation

/// One look at the pool, then exit.
struct PoolStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print who holds which cluster, and what is being done to the others.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    @OptionGroup var pool: PoolOptions

    @Option(name: [.short, .customLong("output")], help: "table or json.")
    var output = Format.table

    func run() async throws {
        try await telling {
            let snapshot = try await OneLook.snapshot(of: try pool.choose().only)
            let source = snapshot.sources.values.first
            if snapshot.items.isEmpty, let source, source.lastSuccess == nil {
                throw CommandFailure(
                    source.error ?? "\(source.id) does not answer.", advice: source.advice ?? "Try again.",
                    status: .unreachable)
            }
            let rows = snapshot.items.values.compactMap { item in PoolCluster(item).map { ($0, item) } }
                .sorted { PoolNames.precedes($0.0.clusterID, $1.0.clusterID) }
            switch output {
            case .json:
                let report = Report(stats: PoolStats(rows.map(\.0)), clusters: rows.map(\.0))
                Output.line(String(decoding: try FleetCoder.encoder(pretty: true).encode(report), as: UTF8.self))
            case .table: Output.text(PoolTable.text(rows, at: snapshot.at))
            }
            if let error = source?.error { Output.error("slipway: \(error)") }
        }
    }

    /// The pool API's answer to `GET /api/v1/pool`.
    private struct Report: Encodable {
        let stats: PoolStats
        let clusters: [PoolCluster]
    }
}

/// The table of `slipway pool status`, and what the numbers are in all.
enum PoolTable {
    private static let titles = [
        "", "CLUSTER", "STATUS", "SINCE", "SESSION", "LOCKED", "FREE IN", "CONTROL PLANE", "WORKER", "GOLDEN",
        "LAST RESET",
        "CHECKED",
    ]

    static func text(_ rows: [(PoolCluster, Item)], at now: Date) -> String {
        guard !rows.isEmpty else { return "The pool has no clusters yet; `slipway pool bootstrap` makes them.\n" }
        var lines = PlainTable.lines(titles, rows.map { row($0, $1, at: now) })
        lines.append(totals(PoolStats(rows.map(\.0))))
        for (_, item) in rows {
            guard let attention = item.attention(at: now, source: nil) else { continue }
            lines.append(
                "\(item.urgency(at: now, source: nil).mark) \(item.name) \(attention.reason.word): \(attention.cause)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ cluster: PoolCluster, _ item: Item, at now: Date) -> [String] {
        func age(_ date: Date?) -> String { date.map { DurationText.age(now.timeIntervalSince($0)) } ?? "" }
        guard case .pool(let detail) = item.detail else { return titles.map { _ in "" } }
        func machine(_ role: PoolDetail.Role) -> String {
            detail.machines.first { $0.role == role }.map { $0.name.isEmpty ? $0.word : "\($0.name) \($0.word)" } ?? ""
        }
        let step = item.state == .running ? item.currentPhase.map { ", \($0.name)" } ?? "" : ""
        let left = item.state == .running ? item.estimate : detail.free
        let ready = detail.snapshots.filter(\.isReady).count
        return [
            item.urgency(at: now, source: nil).mark, item.name, item.word + step, age(detail.since),
            detail.session?.id ?? "", age(detail.session?.lockedAt), left?.p50 == nil ? "" : left?.text ?? "",
            machine(.controlPlane), machine(.worker), "\(ready)/2", age(detail.lastResetAt),
            age(detail.lastHealthCheckAt),
        ]
    }

    /// `3 clusters: 1 available, 1 locked, 1 resetting`
    private static func totals(_ stats: PoolStats) -> String {
        let parts = [
            (stats.availableClusters, "available"), (stats.lockedClusters, "locked"),
            (stats.resettingClusters, "resetting"), (stats.errorClusters, "error"),
            (stats.creatingClusters, "creating"),
        ]
        let told = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return "\(stats.totalClusters) cluster\(stats.totalClusters == 1 ? "" : "s"): \(told)"
    }
}

extension PoolCluster {
    /// - Returns: nil for an item that is no practice cluster.
    fileprivate init?(_ item: Item) {
        guard case .pool(let detail) = item.detail else { return nil }
        func machine(_ role: PoolDetail.Role) -> String? {
            detail.machines.first { $0.role == role && !$0.name.isEmpty }?.name
        }
        self.init(
            clusterID: detail.namespace, namespace: detail.namespace, status: PoolStatus(rawValue: detail.status),
            assignedSession: detail.session?.id, lockTime: detail.session?.lockedAt, lastReset: detail.lastResetAt,
            controlPlaneVM: machine(.controlPlane), workerNodeVM: machine(.worker), createdAt: detail.createdAt,
            lastHealthCheck: detail.lastHealthCheckAt)
    }
}
