import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds out what changed at a status API since the last time, by whichever routes it has.
actor NodeReader {
    struct Found<Made: Sendable>: Sendable {
        /// What was made of the readings of nodes that are new or have changed.
        var changed: [Made] = []
        /// Their numbers.
        var present: Set<Int> = []
        /// Numbers of nodes that the service no longer knows.
        var gone: [Int] = []
    }

    typealias Making<Made> = @Sendable ([NodeReading]) async -> [Made]

    private enum Mode {
        case unknown
        /// By pages: the database's name, its revision, and the tag of the last answer.
        case paged(instance: String, revision: Int, etag: String?)
        /// By node: what the list said of each when its history was read last.
        case single(seen: [Int: Stamp])
    }

    /// What tells that a node's history has grown.
    private struct Stamp: Equatable {
        var status: String
        var updatedAt: String?
        var newest: String?
    }

    private let client: StatusClient
    private let zone: TimeZone
    private let name: String
    private var mode = Mode.unknown
    private var texts = TextPool()

    /// Questions under way at once while a fleet is read node by node.
    private static let width = 4
    /// No honest service has more pages than this; one that always says `more` must not hold us for ever.
    private static let pageLimit = 1000

    init(client: StatusClient, zone: TimeZone, name: String) {
        self.client = client
        self.zone = zone
        self.name = name
    }

    /// - Parameters:
    ///   - making: makes of readings what is kept of them, a page at a time: those of thousands of nodes at once would take as much
    ///     memory as the nodes themselves. What it returned is forgotten when the service starts anew in between.
    ///   - known: numbers of the nodes that were found before.
    ///   - isFirst: whether nothing was read yet; then an empty answer is doubted too, for an earlier process may have known nodes.
    func read<Made: Sendable>(
        known: Set<Int>, isFirst: Bool, making: Making<Made>
    ) async throws(UpstreamProblem) -> Found<Made> {
        let doubtsZero = isFirst || !known.isEmpty
        do throws(UpstreamProblem) {
            switch mode {
            case .paged, .unknown:
                if let found = try await readPages(known: known, doubtsZero: doubtsZero, making: making) {
                    return found
                }
                mode = .single(seen: [:])
                return try await readSingly(known: known, seen: [:], doubtsZero: doubtsZero, making: making)
            case .single(let seen):
                return try await readSingly(known: known, seen: seen, doubtsZero: doubtsZero, making: making)
            }
        } catch {
            // Another service may stand there when it comes back: ask anew what it offers.
            if case .single = mode, error.reason == .unreachable { mode = .unknown }
            throw error
        }
    }

    // MARK: by pages

    /// - Returns: nil if the service does not offer pages.
    private func readPages<Made: Sendable>(
        known: Set<Int>, doubtsZero: Bool, making: Making<Made>
    ) async throws(UpstreamProblem) -> Found<Made>? {
        var instance: String?
        var revision: Int?
        var etag: String?
        if case .paged(let knownInstance, let knownRevision, let tag) = mode {
            (instance, revision, etag) = (knownInstance, knownRevision, tag)
        }
        var found = Found<Made>()
        var startedAnew = revision == nil
        for _ in 0..<Self.pageLimit {
            switch try await client.page(since: revision, instance: instance, etag: etag) {
            case .notOffered: return nil
            case .unchanged: return found
            case .page(let page, let tag):
                if page.instance != instance {
                    startedAnew = true
                    found = Found()
                }
                let zone = TimeZone(secondsFromGMT: page.utcOffsetSeconds) ?? self.zone
                found.changed += await making(page.nodes.map { reading($0, zone: zone) })
                found.present.formUnion(page.nodes.map(\.node.id))
                (instance, revision, etag) = (page.instance, page.revision, tag)
                if page.more { continue }
                if startedAnew {
                    found.gone = known.subtracting(found.present).sorted()
                    try await confirm(empty: found.changed.isEmpty && doubtsZero)
                }
                mode = .paged(instance: page.instance, revision: page.revision, etag: tag)
                return found
            }
        }
        throw UpstreamProblem(
            .unreadable, "\(name) never ends its list of nodes.", advice: "Look at the log of the service.")
    }

    /// - Parameter zone: the service's own, which a page tells; the setting is for services that do not.
    private func reading(_ entry: WirePage.Entry, zone: TimeZone) -> NodeReading {
        NodeReading(
            node: entry.node, deployment: entry.status.deploymentID,
            changedAt: entry.node.updatedAt.flatMap { WireTime.date($0, zone: zone) }, hasBothChannels: true,
            rows: entry.rows.compactMap { row in
                WireTime.date(row.timestamp, zone: zone).map {
                    self.row(row.phase, row.status, row.message, $0, DeploymentRow.Channel(rawValue: row.channel))
                }
            })
    }

    // MARK: node by node

    private func readSingly<Made: Sendable>(
        known: Set<Int>, seen: [Int: Stamp], doubtsZero: Bool, making: Making<Made>
    ) async throws(UpstreamProblem) -> Found<Made> {
        let summary = try await client.summary()
        let list = try await client.nodes()
        let nodes = list ?? nodes(from: summary)
        try await confirm(empty: nodes.isEmpty && doubtsZero)
        let newest = Dictionary(
            (summary.activeDeployments + summary.recentDeployments).map { ($0.nodeID, $0.timestamp) },
            uniquingKeysWith: max)
        var stamps = seen
        var found = Found<Made>()
        var failure: UpstreamProblem?
        let stale = nodes.filter { stamp($0, newest) != seen[$0.id] }
        for chunk in stride(from: 0, to: stale.count, by: Self.width) {
            let part = stale[chunk..<min(chunk + Self.width, stale.count)]
            for (node, result) in try await readHistories(Array(part)) {
                switch result {
                case .success(let reading):
                    found.changed += await making([reading])
                    found.present.insert(node.id)
                    stamps[node.id] = stamp(node, newest)
                case .failure(let problem):
                    // One node that cannot be read hides no other: it is shown as the list gives it, and asked for again.
                    failure = problem
                    guard seen[node.id] == nil else { continue }
                    found.changed += await making([reading(node, deployment: nil, rows: [])])
                    found.present.insert(node.id)
                }
            }
        }
        // Where nothing could be read, the trouble is the service's.
        if let failure, !stale.isEmpty, stamps == seen { throw failure }
        // The summary names only some nodes: that one is missing there does not mean that it has gone.
        if list != nil {
            let present = Set(nodes.map(\.id))
            found.gone = known.subtracting(present).sorted()
            stamps = stamps.filter { present.contains($0.key) }
        }
        mode = .single(seen: stamps)
        return found
    }

    private func stamp(_ node: WireNode, _ newest: [Int: String]) -> Stamp {
        Stamp(status: node.deploymentStatus, updatedAt: node.updatedAt, newest: newest[node.id])
    }

    private func readHistories(
        _ nodes: [WireNode]
    ) async throws(UpstreamProblem) -> [(WireNode, Result<NodeReading, UpstreamProblem>)] {
        let results = await withTaskGroup(of: (WireNode, Result<NodeReading, UpstreamProblem>).self) { group in
            for node in nodes {
                group.addTask {
                    do throws(UpstreamProblem) {
                        return (node, .success(try await self.readHistory(node)))
                    } catch {
                        return (node, .failure(error))
                    }
                }
            }
            var results: [(WireNode, Result<NodeReading, UpstreamProblem>)] = []
            for await result in group { results.append(result) }
            return results
        }
        if Task.isCancelled {
            throw UpstreamProblem(.cut, "The question was given up.", advice: "Nothing is to be done.")
        }
        return results
    }

    private func readHistory(_ node: WireNode) async throws(UpstreamProblem) -> NodeReading {
        // A node may be cleaned up between two questions; then it has neither, and stays as the list gave it.
        let status = try await client.status(node: node.id)
        let rows = try await client.history(node: node.id)?.rows ?? []
        return reading(
            node, deployment: status?.deploymentID,
            rows: rows.compactMap { row in
                WireTime.date(row.timestamp, zone: zone).map { self.row(row.phase, row.status, row.message, $0) }
            })
    }

    private func row(
        _ phase: String, _ status: String, _ message: String, _ at: Date, _ channel: DeploymentRow.Channel? = nil
    ) -> DeploymentRow {
        DeploymentRow(
            phase: texts.shared(phase), status: texts.shared(status), message: texts.shared(message), at: at,
            channel: channel ?? .phase)
    }

    private func reading(_ node: WireNode, deployment: String?, rows: [DeploymentRow]) -> NodeReading {
        NodeReading(
            node: node, deployment: deployment, changedAt: node.updatedAt.flatMap { WireTime.date($0, zone: zone) },
            rows: rows)
    }

    /// Without a node list, the summary's nodes are all that is known.
    private func nodes(from summary: WireSummary) -> [WireNode] {
        var seen: Set<Int> = []
        return (summary.activeDeployments + summary.recentDeployments).filter { seen.insert($0.nodeID).inserted }.map {
            WireNode(
                id: $0.nodeID, nodeName: $0.nodeName, serverProfile: nil, clusterRole: nil,
                deploymentStatus: "\($0.currentPhase)_\($0.status)", managementIP: nil, createdAt: nil,
                updatedAt: $0.timestamp)
        }
    }

    /// A service whose database is down answers with an empty fleet. A sudden zero counts only if the service says that it is well.
    private func confirm(empty: Bool) async throws(UpstreamProblem) {
        guard empty else { return }
        guard try await client.isHealthy() else {
            throw UpstreamProblem(
                .unreadable, "\(name) suddenly has no nodes and says that it is not healthy.",
                advice: "Check the service's database; the last known nodes are kept.")
        }
    }
}
