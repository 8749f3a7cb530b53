import Fleet
import History
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs the feeds and holds the fleet. Reports come in, changes go out to whoever subscribed.
public actor FleetCollector {
    /// Seconds between two writes to disk.
    private static let journalPeriod: Double = 5
    /// Seconds between two looks at what time alone changes: estimates and what is overdue.
    private static let reviewPeriod: Double = 15
    /// The head for the next first frame is written at the end, and so often in between, in journal periods: five minutes.
    private static let frameEvery = 60
    /// Estimates are worked out anew with every so many reviews: once a minute.
    private static let estimateEvery = 4

    private let feeds: [any Feed]
    private let history: HistoryStore?
    private let time: TimeSource
    private var snapshot: Snapshot
    private var durations = Durations()
    private var journal: FleetJournal
    private var subscriptions: [Subscription] = []
    /// Why running items needed a person at the last review, so that each reason is told once.
    private var reasons: [ItemID: Attention.Reason] = [:]
    /// What was kept from an earlier time and not yet confirmed by its source.
    private var restored: Set<ItemID> = []
    private var restoredSources: Set<SourceID> = []
    /// Runs that estimates already rest on.
    private var learned: Set<RunKey> = []
    private let isGuest: Bool
    private var isRestored: Bool
    private var waitingForRestore: [CheckedContinuation<Void, Never>] = []

    /// What tells one run of an item from another. Milliseconds, because that is what the history keeps.
    private struct RunKey: Hashable {
        let item: ItemID
        let start: Int64

        init(_ run: Run) {
            item = run.item
            start = Int64((run.startedAt.timeIntervalSince1970 * 1000).rounded())
        }
    }

    /// - Parameters:
    ///   - isGuest: another process may be keeping this history: of what is seen, only ended runs are written, which are kept once.
    ///   - history: nil keeps nothing and learns nothing.
    ///   - firstFrame: where the head for the next start's first frame is kept.
    public init(
        feeds: [any Feed], history: HistoryStore?, firstFrame: FirstFrameFile?, time: TimeSource,
        isGuest: Bool = false
    ) {
        self.feeds = feeds
        self.history = history
        self.time = time
        self.isGuest = isGuest
        isRestored = history == nil
        journal = FleetJournal(store: history, firstFrame: firstFrame, keepsRunsOnly: isGuest)
        snapshot = Snapshot(at: time.now(), sources: feeds.map(\.source))
    }

    /// Collects until the task is cancelled, then writes what is left and ends all subscriptions.
    public func run() async {
        await restore()
        isRestored = true
        for waiting in waitingForRestore { waiting.resume() }
        waitingForRestore = []
        await withTaskGroup(of: Void.self) { group in
            for feed in feeds {
                group.addTask { await feed.run { await self.take($0) } }
            }
            group.addTask { await self.keepJournal() }
            group.addTask { await self.keepReviewing() }
        }
        await flush()
        for subscription in subscriptions { subscription.finish() }
        subscriptions = []
    }

    /// The fleet now, and everything that changes from now on. Waits until what was kept from an earlier time is there, so that the fleet
    /// is never shown empty in between; `run()` must have been called, or be about to be.
    public func subscribe() async -> (fleet: Snapshot, changes: Subscription) {
        if !isRestored { await withCheckedContinuation { waitingForRestore.append($0) } }
        snapshot.at = time.now()
        let subscription = Subscription()
        subscriptions.append(subscription)
        return (snapshot, subscription)
    }

    public func unsubscribe(_ subscription: Subscription) {
        subscription.finish()
        subscriptions.removeAll { $0 === subscription }
    }

    public func current() -> Snapshot {
        snapshot.at = time.now()
        return snapshot
    }

    /// Asks one source now, or all of them.
    public func refresh(_ source: SourceID?) async {
        for feed in feeds where source == nil || feed.source.id == source { await feed.refresh() }
    }

    /// Earlier runs of an item, newest first.
    public func runs(of item: ItemID, limit: Int) async -> [Run] {
        (try? await history?.runs(item: item, limit: limit)) ?? []
    }

    /// What the history says of its own trouble.
    public func notice() async -> String? { await history?.notice }

    // MARK: reports

    private func take(_ report: FeedReport) async {
        let now = time.now()
        var changes: [Change] = []
        switch report {
        case .whole(let source, let items):
            let present = Set(items.map(\.id))
            for id in restored where !present.contains(id) && snapshot.items[id]?.source == source {
                changes.append(.gone(id))
            }
            for item in items { changes += taken(item, isFirst: true, now: now) }
        case .changed(let items, let gone):
            for id in gone {
                guard let item = snapshot.items[id] else { continue }
                changes += [.gone(id), .event(EventRules.gone(item, now: now))]
            }
            // One by one, so that an item that is told twice is compared with what it became the first time.
            publish(changes)
            for item in items { publish(taken(item, isFirst: false, now: now)) }
            return
        case .source(let source):
            // That we were away is no news about the source.
            let wasAway = restoredSources.remove(source.id) != nil && source.state == .live
            if wasAway { snapshot.sources[source.id]?.state = .live }
            changes += EventRules.events(from: snapshot.sources[source.id], to: source, now: now).map(Change.event)
            changes.append(.source(source))
        }
        publish(changes)
    }

    /// - Parameter isFirst: a fleet seen for the first time is no news; only what differs from an earlier time is.
    private func taken(_ item: Item, isFirst: Bool, now: Date) -> [Change] {
        let earlier = snapshot.items[item.id]
        let item = dressed(earlier.map(item.following) ?? item, earlier: earlier, now: now, isReview: false)
        guard item != earlier else { return [] }
        if let run = Run(item: item), learned.insert(RunKey(run)).inserted {
            durations.add(run)
            journal.note(run)
        }
        let events = isFirst && earlier == nil ? [] : EventRules.events(from: earlier, to: item, now: now)
        return [.item(item)] + events.map(Change.event)
    }

    /// The item with what history knows: usual durations, and what remains.
    ///
    /// - Parameter isReview: time alone may have changed what remains; else an item that only advanced keeps its estimate until the next
    ///   review, for working one out is the dearest thing that is done here.
    private func dressed(_ item: Item, earlier: Item?, now: Date, isReview: Bool) -> Item {
        var item = Estimator.overlay(item, durations: durations)
        if !isReview, let earlier, item.differsInTimeOnly(from: earlier) {
            item.estimate = earlier.estimate
            return item
        }
        let estimate = Estimator.estimate(item, durations: durations, now: now)
        // An estimate that reads the same is kept, so that nothing changes that nobody can see.
        let shown = estimate.flatMap { $0.reads(as: earlier?.estimate) ? earlier?.estimate : $0 }
        // An item that is not changed goes on sharing what it holds.
        if shown != item.estimate { item.estimate = shown }
        return item
    }

    private func publish(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        for change in changes {
            var isMinor = false
            if case .item(let item) = change {
                isMinor = snapshot.items[item.id].map(item.differsInWorkingOnly) ?? false
            }
            journal.note(change, isMinor: isMinor)
            snapshot.apply(change)
            if case .gone(let id) = change { reasons[id] = nil }
        }
        for subscription in subscriptions { subscription.offer(changes) }
    }

    // MARK: what time changes

    private func keepReviewing() async {
        var count = 0
        while (try? await time.sleep(Self.reviewPeriod)) != nil {
            count += 1
            await review(estimates: count % Self.estimateEvery == 0)
        }
    }

    private func review(estimates: Bool) async {
        let running = snapshot.items.values.filter { $0.state == .running }.map(\.id)
        for (index, id) in running.enumerated() {
            // A large fleet must not hold up reports while it is reviewed.
            if index % 200 == 199 { await Task.yield() }
            guard let item = snapshot.items[id], item.state == .running else { continue }
            let now = time.now()
            var changes: [Change] = []
            let dressed = estimates ? self.dressed(item, earlier: item, now: now, isReview: true) : item
            if dressed != item { changes.append(.item(dressed)) }
            let attention = dressed.attention(at: now, source: snapshot.sources[item.source])
            if let attention, reasons[id] != attention.reason {
                changes.append(.event(EventRules.event(attention, of: dressed, now: now)))
            }
            reasons[id] = attention?.reason
            publish(changes)
        }
    }

    // MARK: disk

    private func restore() async {
        guard let history else { return }
        let configured = Set(feeds.map(\.source.id))
        var runs: [Run] = []
        for kind in Set(feeds.map(\.source.kind)) {
            runs += (try? await history.runs(kind: kind, profile: nil, source: nil, limit: 2000)) ?? []
        }
        durations = Durations(runs: runs)
        learned = Set(runs.map(RunKey.init))
        guard !isGuest, let last = try? await history.lastSnapshot() else { return }
        var changes: [Change] = []
        for source in last.sources.values where configured.contains(source.id) && snapshot.sources[source.id] != nil {
            // Old news until the source has answered: live is what it was then.
            var source = source
            source.state = .late
            source.nextTry = nil
            restoredSources.insert(source.id)
            changes.append(.source(source))
        }
        for item in last.items.values where configured.contains(item.source) && snapshot.items[item.id] == nil {
            restored.insert(item.id)
            changes.append(.item(item))
        }
        for event in (try? await history.events(item: nil, since: nil, limit: 50)) ?? [] {
            changes.append(.event(event))
        }
        for change in changes { snapshot.apply(change) }
    }

    private func keepJournal() async {
        var count = 0
        while (try? await time.sleep(Self.journalPeriod)) != nil {
            count += 1
            if let batch = journal.batch() { await journal.write(batch) }
            // The first soon, so that also a short look leaves something for the next one.
            let isDue = count == 2 || count % Self.frameEvery == 0
            if isDue, let frame = journal.frame(of: snapshot) { journal.write(frame) }
            // Once an hour is often enough for what is kept for months.
            if count % 720 == 0 { await history?.prune() }
        }
    }

    private func flush() async {
        snapshot.at = time.now()
        if let batch = journal.batch(isLast: true) { await journal.write(batch) }
        if let frame = journal.frame(of: snapshot, isLast: true) { journal.write(frame) }
    }
}
