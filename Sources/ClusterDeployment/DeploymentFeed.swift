import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the ClusterDeployments of one kube context. Watches tell what changes as it happens; what has changed is made into items and reported
/// together, a few times a second.
public actor DeploymentFeed: Feed {
    public struct Options: Sendable {
        public var id: SourceID
        public var context: String
        /// Where the context is, if kubectl does not look there by itself.
        public var kubeconfig: String?
        /// Seconds that a deployment may take.
        public var limit: Double
        public var reading: DeploymentWatch.Options
        /// Seconds of this clock in which changes are gathered before they are told.
        public var gathering: Double
        public var cadence: Cadence

        public init(
            id: SourceID, context: String, kubeconfig: String? = nil, limit: Double = DeploymentRules.usualLimit,
            reading: DeploymentWatch.Options = .init(), gathering: Double = 0.25,
            cadence: Cadence = DeploymentFeed.cadence
        ) {
            self.id = id
            self.context = context
            self.kubeconfig = kubeconfig
            self.limit = limit
            self.reading = reading
            self.gathering = gathering
            self.cadence = cadence
        }
    }

    /// A watch that is silent looks like one whose server is gone: how often the server is asked whether it is there.
    public static let cadence = Cadence(busy: 15, quiet: 15)
    /// What time alone changes in an item, such as a Ready that is no longer fresh, is looked at in this distance, in seconds.
    private static let retellPeriod: Double = 15
    /// Resting deployments are told again in turn, each after so many of these.
    private static let restTurns = 20
    private static let recallPeriod: Double = 600

    public nonisolated let source: Source
    private let options: Options
    private let api: KubeAPI
    private let rules: DeploymentRules
    private let watch: DeploymentWatch
    private let poller: Poller
    private let time: TimeSource
    private let recall: @Sendable () async -> [Run]
    private let tap: @Sendable (DeploymentSignal) async -> Void
    private let renew: @Sendable () async -> Void
    private var runs: [Run] = []
    private var recalledAt: Double?

    private var index = DeploymentIndex()
    private var hasReported = false
    private var turn = 0
    private var wasDown = false

    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Ends when there is a first report, or a reason why there is none.
    private let (settled, settling) = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - recall: earlier runs of this context, newest first.
    ///   - tap: hears what is read as it is read, for a monitor that stands beside the feed.
    ///   - renew: called before a refresh: somebody wants the door to try again what it has put off.
    public init(
        api: KubeAPI, options: Options, time: TimeSource, recall: @escaping @Sendable () async -> [Run],
        tap: @escaping @Sendable (DeploymentSignal) async -> Void = { _ in },
        renew: @escaping @Sendable () async -> Void = {}
    ) {
        source = Source(
            id: options.id, kind: .deployment, state: .live, period: options.cadence.quiet,
            address: "Kubernetes \(options.context)")
        self.options = options
        self.api = api
        rules = DeploymentRules(
            source: options.id, context: options.context, kubeconfig: options.kubeconfig, limit: options.limit)
        watch = DeploymentWatch(api, options: options.reading, time: time)
        poller = Poller(source: source, cadence: options.cadence, time: time)
        self.time = time
        self.recall = recall
        self.tap = tap
        self.renew = renew
    }

    public func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async {
        runs = await recall()
        recalledAt = time.uptime()
        let time = self.time
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch.run { await self.take($0) } }
            group.addTask {
                for await _ in self.signals {
                    try? await time.sleep(self.options.gathering)
                    await self.tell(report)
                }
            }
            group.addTask { while (try? await time.sleep(Self.retellPeriod)) != nil { await self.remind() } }
            group.addTask {
                await self.poller.run(
                    ask: { () async throws(UpstreamProblem) -> Bool in try await self.beat() },
                    tell: { await report(.source($0)) })
            }
        }
    }

    public func refresh() async {
        await renew()
        await watch.wake()
        await poller.refresh()
    }

    // MARK: whether it is there

    private func beat() async throws(UpstreamProblem) -> Bool {
        // A source counts as answered once its items are there.
        for await _ in settled {}
        do throws(UpstreamProblem) {
            _ = try await api.version()
        } catch {
            wasDown = true
            throw index.problem ?? error
        }
        // It answers: what waits after a failure need not wait any longer.
        if wasDown || index.problem != nil { await watch.wake() }
        wasDown = false
        if let problem = index.problem { throw problem }
        if recalledAt.map({ time.uptime() - $0 >= Self.recallPeriod }) ?? true {
            runs = await recall()
            recalledAt = time.uptime()
        }
        return index.entries.values.contains(where: \.isMoving)
    }

    private func take(_ news: DeploymentNews) async {
        index.take(news, now: time.now())
        if case .lost(.deployments, _, _) = news { settling.finish() }
        signal.yield()
        for told in news.signals { await tap(told) }
        // It is back: nobody should wait for the next beat to see it.
        if case .resumed(.deployments) = news { await poller.refresh() }
    }

    // MARK: telling

    private func remind() {
        turn = (turn + 1) % Self.restTurns
        let isThere = !wasDown && index.lost.isEmpty
        for (key, entry) in index.entries {
            if entry.isMoving {
                index.remind(of: key, now: time.now())
            } else if isThere, Self.place(of: key) == turn {
                index.confirm(key, now: time.now())
            }
        }
        if index.hasNews { signal.yield() }
    }

    /// Whose turn it is, by the letters of its name.
    private static func place(of key: DeploymentKey) -> Int {
        key.name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % restTurns
    }

    private func tell(_ report: @Sendable (FeedReport) async -> Void) async {
        guard index.isSynced else { return }
        let now = time.now()
        let (changed, gone) = index.news()
        var items: [Item] = []
        for key in changed {
            guard var reading = index.entries[key]?.reading, options.reading.only.map({ $0 == key }) ?? true else {
                continue
            }
            reading.troubles = index.troubles(of: key)
            let item = rules.item(reading, runs: runs, now: now)
            index.note(key, isMoving: item.state == .running || rules.nextLook(reading, now: now) != nil)
            items.append(item)
        }
        if hasReported {
            if !items.isEmpty || !gone.isEmpty {
                await report(.changed(items: items, gone: gone.map(rules.itemID)))
            }
        } else {
            hasReported = true
            await report(.whole(source: source.id, items: items))
            settling.finish()
        }
    }
}
