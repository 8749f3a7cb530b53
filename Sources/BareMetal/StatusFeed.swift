import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Polls one status API and reports its nodes: a page of changes at a time where the service offers that, node by node where it does not.
public actor StatusFeed: Feed {
    public struct Options: Sendable {
        public var id: SourceID
        /// For people and for commands they may copy; without secrets.
        public var address: String
        public var zone: TimeZone
        public var limits: [String: Double]
        public var cadence: Cadence

        public init(
            id: SourceID, address: String, zone: TimeZone = .gmt, limits: [String: Double] = [:],
            cadence: Cadence = StatusFeed.cadence
        ) {
            self.id = id
            self.address = address
            self.zone = zone
            self.limits = limits
            self.cadence = cadence
        }
    }

    /// What runs must be on the screen within 2 s of its report, the way there included.
    public static let cadence = Cadence(busy: 1.5, quiet: 15)

    public nonisolated let source: Source
    private let rules: NodeRules
    private let reader: NodeReader
    private let poller: Poller
    private let time: TimeSource
    /// The numbers of all nodes.
    private var known: Set<Int> = []
    private var running: [Int: Running] = [:]
    private var derivedAt: Double = 0
    private var hasReported = false

    /// What is needed of a running node's last reading: what the next one cannot tell, and how its percentage follows the time.
    /// Of thousands it matters that this is all.
    private struct Running: Sendable {
        let heard: [DeploymentRow]
        let pace: DeploymentRun.Pace
        var item: Item
    }

    /// Percentages of running nodes move with time; they are worked out anew at this distance, in seconds.
    private static let derivePeriod: Double = 30

    public init(client: StatusClient, options: Options, time: TimeSource) {
        source = Source(
            id: options.id, kind: .metal, state: .live, period: options.cadence.quiet, address: options.address)
        rules = NodeRules(
            source: options.id, plan: PhasePlan(limits: options.limits), address: options.address)
        reader = NodeReader(client: client, zone: options.zone, name: options.id.text)
        poller = Poller(source: source, cadence: options.cadence, time: time)
        self.time = time
    }

    public func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async {
        await poller.run(
            ask: { () async throws(UpstreamProblem) -> Bool in try await self.poll(report) },
            tell: { await report(.source($0)) })
    }

    public func refresh() async { await poller.refresh() }

    /// - Returns: whether a node is running.
    private func poll(_ report: @Sendable (FeedReport) async -> Void) async throws(UpstreamProblem) -> Bool {
        let found = try await reader.read(known: known, isFirst: !hasReported) { await self.taken($0) }
        let now = time.now()
        for taken in found.changed { running[taken.node] = taken.running }
        known.formUnion(found.present)
        for node in found.gone {
            known.remove(node)
            running[node] = nil
        }
        let items = found.changed.map(\.item) + derived(except: found.present, now: now)
        let gone = found.gone.map(rules.itemID(node:))
        if !hasReported {
            hasReported = true
            await report(.whole(source: source.id, items: items))
        } else if !items.isEmpty || !gone.isEmpty {
            await report(.changed(items: items, gone: gone))
        }
        return !running.isEmpty
    }

    /// What is made of a reading. It is taken over when all that belongs to the same answer has been read.
    private struct Taken: Sendable {
        let node: Int
        let item: Item
        /// Nil for a node that does not run.
        let running: Running?
    }

    private func taken(_ readings: [NodeReading]) -> [Taken] {
        let now = time.now()
        return readings.map { reading in
            let node = reading.node.id
            let reading = reading.following(heard: running[node]?.heard ?? [])
            let (item, run) = rules.read(reading, now: now)
            let isRunning = item.state == .running
            return Taken(
                node: node, item: item,
                running: isRunning ? Running(heard: reading.heard, pace: run.pace, item: item) : nil)
        }
    }

    /// Running nodes whose percentage has moved, though nothing was said of them.
    private func derived(except read: Set<Int>, now: Date) -> [Item] {
        guard time.uptime() - derivedAt >= Self.derivePeriod else { return [] }
        derivedAt = time.uptime()
        var moved: [Item] = []
        for (node, known) in running where !read.contains(node) {
            let percent = known.pace.percent(at: now)
            guard percent != known.item.progress?.percent else { continue }
            running[node]?.item.progress?.percent = percent
            if let item = running[node]?.item { moved.append(item) }
        }
        return moved
    }
}
