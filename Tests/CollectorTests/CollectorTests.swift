import Fleet
import Foundation
import History
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import Collector

/// A feed that reports what it is told to.
final class ScriptedFeed: Feed {
    let source: Source
    private let stream: AsyncStream<FeedReport>
    private let input: AsyncStream<FeedReport>.Continuation
    let refreshes = Mutex(0)

    init(_ id: String = "lab") {
        source = Source(id: SourceID(id), kind: .metal, state: .live)
        (stream, input) = AsyncStream.makeStream()
    }

    func say(_ report: FeedReport) { input.yield(report) }

    func run(_ report: @escaping @Sendable (FeedReport) async -> Void) async {
        for await next in stream { await report(next) }
    }

    func refresh() async { refreshes.withLock { $0 += 1 } }

    func item(
        _ number: Int, _ state: Item.State = .running, word: String = "installation", start: Double = 600,
        percent: Int = 44
    ) -> Item {
        let now = ManualTime.start
        return Item(
            id: ItemID(kind: .metal, source: source.id, key: "\(number)"), kind: .metal, name: "n\(number)",
            source: source.id, state: state, word: word, startedAt: now.addingTimeInterval(-start),
            endedAt: state == .done || state == .failed ? now : nil,
            progress: Progress(percent: percent, done: 5, total: 9, unit: "phases"),
            phases: [
                Phase(
                    name: "installation", state: state == .running ? .running : .done,
                    startedAt: now.addingTimeInterval(-start), endedAt: state == .running ? nil : now)
            ], evidence: Evidence(at: now, from: "x"))
    }
}

@Suite(.timeLimit(.minutes(5))) struct CollectorTests {
    /// Runs a collector while `body` looks at it; it has ended when this returns.
    static func running(
        _ feeds: [ScriptedFeed], history: HistoryStore? = nil, time: ManualTime = ManualTime(),
        _ body: @escaping @Sendable (FleetCollector, Follower) async throws -> Void
    ) async throws {
        let collector = FleetCollector(feeds: feeds, history: history, firstFrame: nil, time: time.source)
        let task = Task { await collector.run() }
        let follower = Follower(await collector.subscribe())
        let result: Result<Void, any Error>
        do { result = .success(try await body(collector, follower)) } catch { result = .failure(error) }
        task.cancel()
        await task.value
        try result.get()
    }

    @Test func comparesDatesAndTellsOnlyWhatChanged() async throws {
        let feed = ScriptedFeed()
        try await Self.running([feed]) { _, follower in
            feed.say(.whole(source: feed.source.id, items: [feed.item(1), feed.item(2)]))
            await follower.until { $0.items.count == 2 }
            #expect(follower.events.isEmpty)
            feed.say(.changed(items: [feed.item(1)], gone: []))
            // Told twice in one report, it is news once.
            let failed = feed.item(2, .failed, word: "failed")
            feed.say(.changed(items: [failed, failed], gone: []))
            await follower.until { $0.items.values.contains { $0.state == .failed } }
            #expect(follower.count(of: "n1") == 1)
            #expect(follower.events.map(\.level) == [.bad])
            feed.say(.changed(items: [], gone: [feed.item(1).id]))
            await follower.until { $0.items.count == 1 }
        }
    }

    @Test func percentDoesNotFall() async throws {
        let feed = ScriptedFeed()
        try await Self.running([feed]) { _, follower in
            feed.say(.whole(source: feed.source.id, items: [feed.item(1, percent: 44)]))
            feed.say(.changed(items: [feed.item(1, word: "ibm_cloud_status", percent: 0)], gone: []))
            await follower.until { $0.items.values.first?.word == "ibm_cloud_status" }
            #expect(follower.snapshot.items.values.first?.progress?.percent == 44)
        }
    }

    @Test func aSourceThatComesBackSaysHowLongItWasAway() async throws {
        let feed = ScriptedFeed()
        try await Self.running([feed]) { _, follower in
            var source = feed.source
            source.lastSuccess = ManualTime.start.addingTimeInterval(-31)
            feed.say(.source(source))
            source.state = .late
            source.error = "lab did not answer within 10 s."
            feed.say(.source(source))
            source.state = .unreachable
            feed.say(.source(source))
            source.state = .live
            source.error = nil
            feed.say(.source(source))
            await follower.until { _ in follower.events.count == 2 }
            #expect(follower.events.map(\.text) == ["lab did not answer within 10 s.", "answers again after 31s gap"])
        }
    }

    @Test func endedRunsAreLearnedAndEstimatesComeFromThem() async throws {
        let feed = ScriptedFeed()
        let history = try HistoryStore(path: ":memory:", time: ManualTime().source)
        for number in 0..<5 {
            let start = ManualTime.start.addingTimeInterval(-90_000 * Double(number + 1))
            await history.record(
                Run(
                    item: ItemID(text: "metal/lab/other-\(number)"), kind: .metal, name: "x", source: feed.source.id,
                    profile: nil,
                    startedAt: start, endedAt: start.addingTimeInterval(1000), outcome: .done, word: "deployed",
                    cause: nil,
                    phases: [PhaseDuration(name: "installation", seconds: 900 + Double(number) * 50, outcome: .done)]))
        }
        try await Self.running([feed], history: history) { collector, follower in
            feed.say(.whole(source: feed.source.id, items: [feed.item(1)]))
            await follower.until { $0.items.count == 1 }
            let item = try #require(follower.snapshot.items.values.first)
            #expect(item.estimate?.basis == .history)
            #expect(item.estimate?.n == 5)
            #expect(item.phases.first?.usualCount == 5)
            feed.say(.changed(items: [feed.item(1, .done, word: "deployed", percent: 100)], gone: []))
            await follower.until { $0.items.values.first?.state == .done }
        }
        let runs = try await history.runs(item: feed.item(1).id, limit: 5)
        #expect(runs.map(\.word) == ["deployed"])
        #expect(runs.first?.phases == [PhaseDuration(name: "installation", seconds: 600, outcome: .done)])
    }

    @Test func aRunCountsOnceHoweverOftenItIsSeen() async throws {
        let feed = ScriptedFeed()
        let history = try HistoryStore(path: ":memory:", time: ManualTime().source)
        let done = (1...4).map { feed.item($0, .done, word: "deployed", percent: 100) }
        for item in done { await history.record(try #require(Run(item: item))) }
        try await Self.running([feed], history: history) { _, follower in
            feed.say(.whole(source: feed.source.id, items: done + [feed.item(9, start: 30)]))
            await follower.until { $0.items.count == 5 }
            #expect(follower.snapshot.items[feed.item(9).id]?.estimate?.n == 4)
        }
    }

    /// Each run that ends changes what is usual for all that go on; on disk they stay as they were, for it can be worked out again.
    @Test func whatIsUsualIsNotWrittenAnew() async throws {
        let time = ManualTime()
        let feed = ScriptedFeed()
        let history = try HistoryStore(path: ":memory:", time: time.source)
        let done = (1...4).map { feed.item($0, .done, word: "deployed", percent: 100) }
        try await Self.running([feed], history: history, time: time) { _, follower in
            feed.say(.whole(source: feed.source.id, items: done.dropLast() + [feed.item(9)]))
            await follower.until { $0.items[feed.item(9).id]?.phases.first?.usualCount == 3 }
            feed.say(.changed(items: [done[3]], gone: []))
            await follower.until { $0.items.count == 5 }
            while follower.snapshot.items[feed.item(9).id]?.phases.first?.usualCount != 4 {
                await time.untilAsleep()
                time.advance(by: 15)
                await time.untilAsleep()
                await follower.until { _ in true }
            }
        }
        let kept = try #require(try await history.lastSnapshot())
        #expect(kept.items.count == 5)
        #expect(kept.items[feed.item(9).id]?.phases.first?.usualCount == 3)
    }

    @Test func whatWasKnownIsShownAgainUntilTheSourceAnswers() async throws {
        let time = ManualTime()
        let history = try HistoryStore(path: ":memory:", time: time.source)
        let feed = ScriptedFeed()
        await history.keep(items: [feed.item(1), feed.item(2)], gone: [], sources: [feed.source])
        try await Self.running([feed], history: history, time: time) { _, follower in
            await follower.until { $0.items.count == 2 }
            #expect(follower.snapshot.sources[feed.source.id]?.state == .late)
            feed.say(.whole(source: feed.source.id, items: [feed.item(2)]))
            var source = feed.source
            source.lastSuccess = time.now
            feed.say(.source(source))
            await follower.until { $0.items.count == 1 && $0.sources[feed.source.id]?.state == .live }
            #expect(follower.snapshot.items.values.first?.name == "n2")
            // That nobody looked meanwhile says nothing about the source.
            #expect(follower.events.isEmpty)
        }
    }

    /// A follower that takes nothing for long gets the last value of each item, and the memory of one change each.
    @Test func aSlowFollowerGetsTheLastValue() async throws {
        let feed = ScriptedFeed()
        try await Self.running([feed]) { collector, follower in
            let (_, slow) = await collector.subscribe()
            for step in 0..<2000 { feed.say(.changed(items: [feed.item(1, word: "w\(step)")], gone: [])) }
            await follower.until { $0.items.values.first?.word == "w1999" }
            let waiting = slow.take()
            let words = waiting.compactMap { if case .item(let item) = $0 { item.word } else { nil } }
            #expect(words == ["w1999"])
            #expect(waiting.count <= Snapshot.eventLimit + 1)
        }
    }

    @Test func refreshGoesToTheSourceThatIsMeant() async throws {
        let feeds = [ScriptedFeed("a"), ScriptedFeed("b")]
        try await Self.running(feeds) { collector, _ in
            await collector.refresh(SourceID("b"))
            #expect(feeds.map { $0.refreshes.withLock { $0 } } == [0, 1])
            await collector.refresh(nil)
            #expect(feeds.map { $0.refreshes.withLock { $0 } } == [1, 2])
        }
    }
}

/// Follows a subscription and holds what came.
final class Follower: Sendable {
    private let subscription: Subscription
    private let state: Mutex<(snapshot: Snapshot, changes: [Change])>

    init(_ followed: (fleet: Snapshot, changes: Subscription)) {
        subscription = followed.changes
        state = Mutex((followed.fleet, []))
    }

    var snapshot: Snapshot { state.withLock { $0.snapshot } }
    var events: [Event] {
        state.withLock { $0.changes.compactMap { if case .event(let event) = $0 { event } else { nil } } }
    }

    func count(of name: String) -> Int {
        state.withLock { $0.changes.count { if case .item(let item) = $0 { item.name == name } else { false } } }
    }

    /// Takes changes until the fleet is as wanted; the suite's time limit ends a wait in vain.
    func until(_ isThere: (Snapshot) -> Bool) async {
        take()
        if isThere(snapshot) { return }
        for await _ in subscription.signals {
            take()
            if isThere(snapshot) { return }
        }
    }

    private func take() {
        let changes = subscription.take()
        state.withLock { state in
            for change in changes { state.snapshot.apply(change) }
            state.changes += changes
        }
    }
}
