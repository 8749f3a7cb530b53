import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the pool of one kube context, and the sessions of its backend where that is known. Watches tell what changes as it happens; what
/// has changed is made into items and reported together, a few times a second.
public actor PoolFeed: Feed {
    public struct Options: Sendable {
        public var id: SourceID
        public var context: String
        public var reading: PoolWatch.Options
        /// Seconds of this clock in which changes are gathered before they are told.
        public var gathering: Double
        public var cadence: Cadence

        public init(
            id: SourceID, context: String, reading: PoolWatch.Options = .init(), gathering: Double = 0.25,
            cadence: Cadence = PoolFeed.cadence
        ) {
            self.id = id
            self.context = context
            self.reading = reading
            self.gathering = gathering
            self.cadence = cadence
        }
    }

    /// A watch that is silent looks like one whose server is gone: how often the server is asked whether it is there.
    public static let cadence = Cadence(busy: 15, quiet: 15)
    /// What time alone changes in an item, such as a lock that runs out, is looked at in this distance, in seconds.
    private static let retellPeriod: Double = 15
    /// Resting clusters are told again in turn, each after so many of these.
    private static let restTurns = 20
    private static let recallPeriod: Double = 600

    public nonisolated let source: Source
    private let options: Options
    private let api: KubeAPI
    private let rules: PoolRules
    private let watch: PoolWatch
    private let sessions: SessionReader?
    private let poller: Poller
    private let time: TimeSource
    private let recall: @Sendable () async -> [Run]
    private var runs: [Run] = []
    private var recalledAt: Double?

    private var index = PoolIndex()
    private var hasReported = false
    private var turn = 0
    private var wasDown = false

    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Ends when there is a first report, or a reason why there is none.
    private let (settled, settling) = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - sessions: the backend that lends the clusters; nil knows of no sessions but those in annotations.
    ///   - recall: earlier runs of this context, newest first.
    public init(
        api: KubeAPI, sessions: SessionReader? = nil, options: Options, time: TimeSource,
        recall: @escaping @Sendable () async -> [Run]
    ) {
        source = Source(
            id: options.id, kind: .pool, state: .live, period: options.cadence.quiet,
            address: "Kubernetes \(options.context)")
        self.options = options
        self.api = api
        self.sessions = sessions
        rules = PoolRules(source: options.id, context: options.context)
        watch = PoolWatch(api, options: options.reading, time: time)
        poller = Poller(source: source, cadence: options.cadence, time: time)
        self.time = time
        self.recall = recall
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
            if let sessions {
                group.addTask { await self.follow(sessions) }
            }
            group.addTask {
                await self.poller.run(
                    ask: { () async throws(UpstreamProblem) -> Bool in try await self.beat() },
                    tell: { await report(.source($0)) })
            }
        }
    }

    public func refresh() async {
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

    private func take(_ news: PoolNews) async {
        index.take(news, now: time.now())
        if case .lost(.clusters, _, _) = news { settling.finish() }
        signal.yield()
        // It is back: nobody should wait for the next beat to see it.
        if case .resumed(.clusters) = news { await poller.refresh() }
    }

    /// Asks for the sessions again and again; what is known of them stays while the backend does not answer.
    private func follow(_ sessions: SessionReader) async {
        var failures = 0
        repeat {
            do throws(UpstreamProblem) {
                let told = try await sessions.sessions()
                failures = 0
                await take(.sessions(told))
            } catch {
                if Task.isCancelled { return }
                failures += 1
                await take(.lost(.sessions, failures: failures, error))
            }
        } while (try? await time.sleep(SessionReader.period)) != nil
    }

    // MARK: telling

    private func remind() {
        turn = (turn + 1) % Self.restTurns
        let isThere = !wasDown && index.problem == nil
        for (name, entry) in index.entries {
            if entry.isMoving {
                index.remind(of: name, now: time.now())
            } else if isThere, Self.place(of: name) == turn {
                index.confirm(name, now: time.now())
            }
        }
        if index.hasNews { signal.yield() }
    }

    /// Whose turn it is, by the letters of its name.
    private static func place(of name: String) -> Int {
        name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % restTurns
    }

    private func tell(_ report: @Sendable (FeedReport) async -> Void) async {
        guard index.isSettled else { return }
        let now = time.now()
        let (changed, gone) = index.news()
        var items: [Item] = []
        for name in changed {
            guard var reading = index.entries[name]?.reading else { continue }
            reading.troubles = index.troubles(of: name)
            if let ended = rules.finished(reading, runs: runs, now: now) { items.append(ended) }
            let item = rules.item(reading, runs: runs, now: now)
            index.note(name, isMoving: rules.isMoving(item))
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
