import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the ParallelCluster clusters of one region.
public actor CreationFeed: Feed {
    public struct Options: Sendable {
        public var id: SourceID
        public var region: String
        /// Seconds that a creation may take as a whole.
        public var limit: Double
        /// Only this cluster is read; as long as it does not exist it is one that was not created yet.
        public var only: String?
        public var cadence: Cadence

        public init(
            id: SourceID, region: String, limit: Double = ClusterRules.usualLimit, only: String? = nil,
            cadence: Cadence = CreationFeed.cadence
        ) {
            self.id = id
            self.region = region
            self.limit = limit
            self.only = only
            self.cadence = cadence
        }
    }

    /// How often the agenda is looked at; what is asked then is in `ClusterAgenda`.
    public static let cadence = Cadence(busy: 5, quiet: ClusterAgenda.quietList)
    /// Questions under way at once: AWS throttles an account, not a cluster.
    private static let width = 2
    /// What earlier runs have taught is looked up again after so many seconds.
    private static let recallPeriod: Double = 600

    public nonisolated let source: Source
    private let options: Options
    private let rules: ClusterRules
    private let reader: ClusterReader
    private let poller: Poller
    private let time: TimeSource
    private let recall: @Sendable () async -> [Run]
    private var runs: [Run] = []
    private var recalledAt: Double?
    private var clusters: [String: Known] = [:]
    private var listedAt: Double?
    private var hasReported = false

    private struct Known {
        var reading: ClusterReading
        var agenda = ClusterAgenda()
        /// When its item was made last; nil when something was read since.
        var toldAt: Double?
        /// How often in a row its questions ended a round: the others are asked first then.
        var failures = 0
        /// It was deleted while it was read alone; nothing is left to ask.
        var isOver = false
    }

    /// What time alone changes in an item, such as what is stuck, is looked at in this distance, in seconds.
    private static let retellPeriod: Double = 15

    /// - Parameter recall: earlier runs of this region, newest first.
    public init(
        door: any PclusterDoor, options: Options, time: TimeSource, recall: @escaping @Sendable () async -> [Run]
    ) {
        source = Source(
            id: options.id, kind: .cluster, state: .live, period: options.cadence.quiet,
            address: "AWS \(options.region)")
        self.options = options
        rules = ClusterRules(source: options.id, limit: options.limit)
        reader = ClusterReader(door: door, region: options.region)
        poller = Poller(source: source, cadence: options.cadence, time: time)
        self.time = time
        self.recall = recall
    }

    public func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async {
        await poller.run(
            ask: { () async throws(UpstreamProblem) -> Bool in try await self.poll(report) },
            tell: { await report(.source($0)) })
    }

    public func refresh() async {
        listedAt = nil
        for name in clusters.keys { clusters[name]?.agenda.refresh() }
        await poller.refresh()
    }

    // MARK: one poll

    /// - Returns: whether a cluster is in progress.
    private func poll(_ report: @Sendable (FeedReport) async -> Void) async throws(UpstreamProblem) -> Bool {
        let uptime = time.uptime()
        if recalledAt.map({ uptime - $0 >= Self.recallPeriod }) ?? true {
            runs = await recall()
            recalledAt = uptime
        }
        var gone: [String: Known] = [:]
        do throws(PclusterProblem) {
            gone = try await list(uptime: uptime)
        } catch {
            throw error.upstream
        }
        var problem = await askWhatIsDue(uptime: uptime)
        // What was just learned may raise questions of its own: a stack that is complete, a rollback that is over.
        if problem == nil { problem = await askWhatIsDue(uptime: uptime) }
        await tell(gone, report)
        if let problem { throw problem.upstream }
        return clusters.values.contains { $0.agenda.isBusy }
    }

    /// - Returns: the clusters that are no longer there.
    private func list(uptime: Double) async throws(PclusterProblem) -> [String: Known] {
        if let only = options.only {
            if clusters[only] == nil {
                clusters[only] = Known(reading: ClusterReading(name: only, region: options.region, readAt: time.now()))
            }
            return [:]
        }
        let isBusy = clusters.values.contains { $0.agenda.isBusy }
        let period = isBusy ? ClusterAgenda.busyList : ClusterAgenda.quietList
        if let listedAt, uptime - listedAt < period - 0.5 { return [:] }
        let listed = try await reader.list()
        listedAt = uptime
        let now = time.now()
        for summary in listed { take(summary, now: now) }
        let names = Set(listed.map(\.clusterName))
        let gone = clusters.filter { !names.contains($0.key) }
        for name in gone.keys { clusters[name] = nil }
        return gone
    }

    private func take(_ summary: WireClusterSummary, now: Date) {
        let name = summary.clusterName
        var known =
            clusters[name]
            ?? Known(reading: ClusterReading(name: name, region: options.region, readAt: now))
        if known.reading.summary?.cloudformationStackArn != summary.cloudformationStackArn,
            known.reading.summary != nil
        {
            // Deleted and created anew under the same name.
            known = Known(reading: ClusterReading(name: name, region: options.region, readAt: now))
        }
        let hasChanged =
            known.reading.description.map { $0.cloudFormationStackStatus != summary.cloudformationStackStatus } ?? false
        known.reading.summary = summary
        known.reading.readAt = now
        // The list is newer than the description, and what changed is worth a question.
        if hasChanged {
            known.reading.description?.cloudFormationStackStatus = summary.cloudformationStackStatus
            known.reading.description?.clusterStatus = summary.clusterStatus
            known.agenda.refresh()
        }
        if hasChanged || known.reading.description == nil { known.toldAt = nil }
        known.agenda.follow(Self.activity(known.reading))
        clusters[name] = known
    }

    /// - Returns: the first problem that is not one cluster's alone; then nothing further is asked.
    private func askWhatIsDue(uptime: Double) async -> PclusterProblem? {
        let isAlone = options.only != nil
        let stretch = ClusterAgenda.stretch(clusters.values.count { $0.agenda.isBusy })
        let reader = self.reader
        let due = clusters.filter { !$0.value.isOver }.compactMap { name, known in
            let topics = known.agenda.due(at: uptime, isAlone: isAlone, stretch: stretch)
            return topics.isEmpty
                ? nil : (name: name, topics: topics, reading: known.reading, failures: known.failures)
        }.sorted { ($0.failures, $0.name) < ($1.failures, $1.name) }
        return await withTaskGroup(of: (String, ClusterVisit).self) { group in
            var problem: PclusterProblem?
            var rest = due[...]
            for next in rest.prefix(Self.width) {
                group.addTask { await (next.name, ClusterVisit(next.reading, asking: next.topics, reader)) }
            }
            rest = rest.dropFirst(Self.width)
            while let (name, visit) = await group.next() {
                take(visit, of: name, uptime: uptime)
                problem = problem ?? visit.problem
                if problem == nil, let next = rest.popFirst() {
                    group.addTask { await (next.name, ClusterVisit(next.reading, asking: next.topics, reader)) }
                }
            }
            return problem
        }
    }

    private func take(_ visit: ClusterVisit, of name: String, uptime: Double) {
        guard var known = clusters[name] else { return }
        // The list may have been read meanwhile; its word is kept.
        let summary = known.reading.summary
        let before = known.reading.stackStatus
        known.failures = visit.problem == nil ? 0 : known.failures + 1
        known.reading = visit.reading
        known.reading.summary = summary
        if visit.hasAnswered { known.reading.readAt = time.now() }
        for topic in visit.asked { known.agenda.note(topic, at: uptime) }
        known.toldAt = nil
        // What the stack does now is told by its events: they are asked at once.
        if before != known.reading.stackStatus, known.reading.description != nil, !visit.asked.contains(.events) {
            known.agenda.refresh()
        }
        // Without a list, only its own questions can say that it has gone.
        if options.only != nil, visit.isGone, known.reading.stackStatus == "DELETE_IN_PROGRESS" {
            known.reading = known.reading.deleted(at: time.now())
            known.isOver = true
        }
        known.agenda.follow(Self.activity(known.reading))
        clusters[name] = known
    }

    static func activity(_ reading: ClusterReading) -> ClusterAgenda.Activity {
        switch ClusterStatus.state(stack: reading.stackStatus, cluster: reading.clusterStatus) {
        case .running:
            guard let operation = StackOperation(reading.stack), operation.kind == .create,
                operation.headNode?.createdAt != nil
            else { return .building }
            return .bootstrapping
        case .failed: return ClusterStatus.isRollingBack(reading.stackStatus) ? .building : .failed
        case nil: return ClusterStatus.fleet(reading.fleetStatus) == .starting ? .startingFleet : .resting
        // Not created yet, as far as is known.
        case .unknown, .waiting, .held: return reading.description == nil ? .building : .resting
        case .done: return .resting
        }
    }

    // MARK: telling

    private func tell(_ gone: [String: Known], _ report: @Sendable (FeedReport) async -> Void) async {
        let now = time.now()
        let uptime = time.uptime()
        let items = clusters.compactMap { name, known -> Item? in
            if hasReported, let told = known.toldAt, uptime - told < Self.retellPeriod { return nil }
            clusters[name]?.toldAt = uptime
            return rules.item(known.reading, runs: runs, now: now)
        }
        guard hasReported else {
            hasReported = true
            return await report(.whole(source: source.id, items: items))
        }
        // A cluster that disappears while it is deleted has been deleted; that is told before it goes.
        let deleted = gone.values.filter { $0.reading.stackStatus == "DELETE_IN_PROGRESS" }.map { known in
            rules.item(known.reading.deleted(at: now), runs: runs, now: now)
        }
        if !items.isEmpty || !deleted.isEmpty { await report(.changed(items: items + deleted, gone: [])) }
        if !gone.isEmpty { await report(.changed(items: [], gone: gone.keys.map(rules.itemID))) }
    }
}

extension ClusterReading {
    fileprivate func deleted(at now: Date) -> ClusterReading {
        var reading = self
        reading.summary?.cloudformationStackStatus = "DELETE_COMPLETE"
        reading.summary?.clusterStatus = "DELETE_COMPLETE"
        reading.description?.cloudFormationStackStatus = "DELETE_COMPLETE"
        reading.description?.clusterStatus = "DELETE_COMPLETE"
        reading.description?.headNode = nil
        reading.readAt = now
        return reading
    }
}
