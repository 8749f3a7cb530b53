import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the builds of one place and follows their logs, several at once. What has changed is told together, a few times a second.
public actor ImageFeed: Feed {
    public struct Options: Sendable {
        public var id: SourceID
        /// Where the builds are, for people: `this machine`, `builder@10.0.0.7`, `us-west-2`.
        public var place: String
        public var cadence: Cadence
        /// Seconds of this clock in which changes are gathered before they are told.
        public var gathering: Double
        /// Builds that ended longer ago are history. Seconds.
        public var keeps: Double

        public init(
            id: SourceID, place: String, cadence: Cadence = ImageFeed.here, gathering: Double = 0.2,
            keeps: Double = 86_400
        ) {
            self.id = id
            self.place = place
            self.cadence = cadence
            self.gathering = gathering
            self.keeps = keeps
        }
    }

    /// Of a folder on this machine: a new build is seen within 2 s.
    public static let here = Cadence(busy: 2, quiet: 2)
    /// Of a builder behind ssh, and of pctl's files with their tags.
    public static let remote = Cadence(busy: 10, quiet: 30)
    /// Of a region.
    public static let region = Cadence(busy: 60, quiet: 60)
    /// What time alone changes in an item, such as a bar or a disk that fills, is looked at in this distance, in seconds.
    private static let retellPeriod: Double = 5
    private static let recallPeriod: Double = 600
    /// Seconds that a log may take to be read before it is shown all the same.
    private static let patience: Double = 3
    /// Seconds that the last lines of a build may take longer than the word that it is over.
    private static let lateness: Double = 20
    private static let mostBuilds = 200

    public nonisolated let source: Source
    private let options: Options
    private let door: any BuildDoor
    private let rules: ImageRules
    private let poller: Poller
    private let time: TimeSource
    private let recall: @Sendable () async -> [Run]

    private struct Build {
        var reading: BuildReading
        var place = BuildPlace.start
        var follower: Task<Void, Never>?
        /// Nil while what was there before is being read.
        var currentAt: Double?
        var addedAt: Double
        var isChanged = true
        var told: Item?
        /// Whether its log was given to its end.
        var isRead = false
        /// Since when its place says that it is over, while its log was not read to its end.
        var overAt: Double?
        /// What was said when its log was lost; it is over when the log comes again.
        var loss: String?
    }

    private var builds: [String: Build] = [:]
    private var memory = BuildMemory()
    private var recalledAt: Double?
    private var hasReported = false
    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter recall: earlier builds, in any order.
    public init(
        door: any BuildDoor, options: Options, time: TimeSource, recall: @escaping @Sendable () async -> [Run]
    ) {
        source = Source(
            id: options.id, kind: .image, state: .live, period: options.cadence.quiet, address: options.place)
        self.options = options
        self.door = door
        rules = ImageRules(source: options.id, place: options.place)
        poller = Poller(source: source, cadence: options.cadence, time: time)
        self.time = time
        self.recall = recall
    }

    public func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async {
        await remember()
        let time = self.time
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // After a look at which nothing was new the next one need not wait.
                for await _ in self.signals where await self.tell(report) {
                    try? await time.sleep(self.options.gathering)
                }
            }
            group.addTask { while (try? await time.sleep(Self.retellPeriod)) != nil { await self.remind() } }
            group.addTask {
                await self.poller.run(
                    ask: { () async throws(UpstreamProblem) -> Bool in try await self.poll(report) },
                    tell: { await report(.source($0)) })
            }
        }
        let followers = builds.values.compactMap(\.follower)
        for follower in followers { follower.cancel() }
        for follower in followers { await follower.value }
        for id in builds.keys { builds[id]?.follower = nil }
    }

    public func refresh() async { await poller.refresh() }

    // MARK: which builds there are

    private func poll(_ report: @Sendable (FeedReport) async -> Void) async throws(UpstreamProblem) -> Bool {
        let answer = try await door.builds()
        if recalledAt.map({ time.uptime() - $0 >= Self.recallPeriod }) ?? true { await remember() }
        let now = time.now()
        let kept = answer.filter { isKept($0, now: now) }.sorted {
            ($0.record.startedAt ?? .distantFuture, $0.id) > ($1.record.startedAt ?? .distantFuture, $1.id)
        }.prefix(Self.mostBuilds)
        for known in kept { take(known, now: now) }
        let present = Set(kept.map(\.id))
        var gone: [ItemID] = []
        for (id, build) in builds where !present.contains(id) {
            build.follower?.cancel()
            builds[id] = nil
            if build.told != nil { gone.append(rules.itemID(id)) }
        }
        if hasReported {
            if !gone.isEmpty { await report(.changed(items: [], gone: gone)) }
            signal.yield()
        } else {
            await reportAll(report)
        }
        return builds.values.contains { !$0.reading.known.isOver }
    }

    private func isKept(_ known: KnownBuild, now: Date) -> Bool {
        switch known.life {
        case .running, .unknown: return true
        case .ended, .lost:
            let last = [known.image?.endedAt, known.heardAt, known.record.startedAt].compactMap { $0 }.max()
            return last.map { now.timeIntervalSince($0) < options.keeps } ?? true
        }
    }

    private func take(_ known: KnownBuild, now: Date) {
        var build = builds[known.id] ?? Build(reading: BuildReading(known), addedAt: time.uptime())
        let wasOver = build.reading.known.isOver
        var known = known
        // What it says at the end is said before it is over: whoever follows it goes then.
        if known.isOver, known.hasLog, build.follower != nil, !build.isRead, !wasOver {
            build.overAt = build.overAt ?? time.uptime()
            if let overAt = build.overAt, time.uptime() - overAt < Self.lateness { known.life = .running }
        }
        if builds[known.id] == nil || build.reading.known != known {
            build.reading.take(known, now: now)
            build.isChanged = true
        }
        if known.isOver, !wasOver { recalledAt = nil }
        if !known.hasLog { build.currentAt = build.currentAt ?? time.uptime() }
        let id = known.id
        if known.hasLog, build.follower == nil {
            build.follower = Task { await self.follow(id) }
        }
        builds[id] = build
    }

    // MARK: their logs

    private func follow(_ id: String) async {
        let backoff = Backoff()
        var failures = 0
        while !Task.isCancelled, let build = builds[id] {
            let before = build.place
            do throws(UpstreamProblem) {
                try await door.follow(id, from: before) { await self.take($0, of: id) }
                if !Task.isCancelled { await finish(id) }
                return
            } catch {
                if Task.isCancelled { return }
                failures = builds[id]?.place == before ? failures + 1 : 1
                lose(id, error)
                let wait = backoff.wait(failures: failures, chance: Double.random(in: 0..<1))
                if (try? await time.sleep(wait)) == nil { return }
            }
        }
    }

    private func take(_ piece: BuildPiece, of id: String) {
        guard var build = builds.removeValue(forKey: id) else { return }
        // Taken out, so that the log is not copied.
        build.reading.take(piece, now: time.now())
        if let loss = build.loss {
            build.reading.forget(loss)
            build.loss = nil
        }
        switch piece {
        case .bytes(_, let place, _, let isPast):
            build.place = place
            if !isPast { build.currentAt = build.currentAt ?? time.uptime() }
        case .restarted: build.place = .start
        case .missing, .caughtUp: build.currentAt = build.currentAt ?? time.uptime()
        }
        build.isChanged = true
        builds[id] = build
        if hasReported { signal.yield() }
    }

    private func finish(_ id: String) async {
        builds[id]?.isRead = true
        builds[id]?.reading.finish(now: time.now())
        builds[id]?.currentAt = time.uptime()
        builds[id]?.isChanged = true
        signal.yield()
        // How it ended is not waited for until the next question.
        if builds[id]?.reading.known.isOver == false { await poller.refresh() }
    }

    private func lose(_ id: String, _ problem: UpstreamProblem) {
        builds[id]?.reading.note(problem.sentence)
        builds[id]?.loss = problem.sentence
        builds[id]?.currentAt = time.uptime()
        builds[id]?.isChanged = true
        signal.yield()
    }

    private func isCurrent(_ build: Build) -> Bool {
        build.currentAt != nil || time.uptime() - build.addedAt >= Self.patience
    }

    // MARK: telling

    private func remember() async {
        recalledAt = time.uptime()
        memory = BuildMemory(runs: await recall())
        for id in builds.keys { builds[id]?.isChanged = true }
    }

    /// Time alone moves what runs.
    private func remind() {
        for (id, build) in builds {
            let isMoving = build.told.map { $0.state == .running || $0.state == .waiting } ?? true
            if isMoving { builds[id]?.isChanged = true }
        }
        if hasReported { signal.yield() }
    }

    /// The first report holds all builds, read as far as they are, so that nothing that is long over seems to happen now.
    private func reportAll(_ report: @Sendable (FeedReport) async -> Void) async {
        while builds.values.contains(where: { !isCurrent($0) }), (try? await time.sleep(0.05)) != nil {}
        guard !Task.isCancelled else { return }
        let items = builds.keys.sorted().compactMap { item($0) }
        hasReported = true
        await report(.whole(source: source.id, items: items))
    }

    /// - Returns: whether there was anything to tell.
    private func tell(_ report: @Sendable (FeedReport) async -> Void) async -> Bool {
        guard hasReported else { return false }
        var items: [Item] = []
        for (id, build) in builds.sorted(by: { $0.key < $1.key }) where build.isChanged && isCurrent(build) {
            if let item = item(id), item != build.told { items.append(item) }
        }
        if !items.isEmpty { await report(.changed(items: items, gone: [])) }
        return !items.isEmpty
    }

    private func item(_ id: String) -> Item? {
        guard var build = builds.removeValue(forKey: id) else { return nil }
        let now = time.now()
        build.reading.advance(memory, now: now)
        let item = rules.item(build.reading, memory: memory, now: now)
        build.isChanged = false
        // What was told is compared with what is told next; the caller still has it.
        build.told = item
        builds[id] = build
        return item
    }
}
