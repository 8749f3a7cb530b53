import Collector
import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The fleets of other hosts as one, for whoever follows a fleet: the screen does not know that the collecting is done elsewhere.
///
/// While a link is lost its items stay as they were, and its sources are told to be out of reach, with what they last said of their age.
/// One host that is down does not disturb another.
public actor AttachedFleet: FleetPublisher {
    /// Seconds that an answer may take.
    private static let deadline: Double = 10

    private struct Member {
        let link: AttachLink
        var lens: FleetLens
        var state = LinkState.connecting
        /// As the host tells them, in its own names and times.
        var sources: [SourceID: Source] = [:]

        var isLost: Bool { if case .lost = state { true } else { false } }
        var isLive: Bool {
            switch state {
            case .arriving, .live, .resumed: true
            case .connecting, .lost: false
            }
        }
    }

    /// How the links stand, each time that one changes. For one reader.
    public nonisolated let linkStates: AsyncStream<(host: String, state: LinkState)>

    private let states: AsyncStream<(host: String, state: LinkState)>.Continuation
    private let time: TimeSource
    private var members: [Member]
    private var snapshot: Snapshot
    private var subscriptions: [Subscription] = []
    private var life: Task<Void, Never>?

    /// - Parameter links: with different hosts.
    public init(_ links: [AttachLink], time: TimeSource) {
        self.time = time
        (linkStates, states) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64 + 4 * links.count))
        let areSeveral = links.count > 1
        members = links.map { Member(link: $0, lens: FleetLens(host: areSeveral ? $0.host : nil)) }
        snapshot = Snapshot(at: time.now())
    }

    // MARK: life

    /// Begins to connect; `run` goes on with it. Before a screen is open a person can still be asked for what a connection needs.
    public func start() {
        guard life == nil else { return }
        let links = members.map(\.link)
        life = Task {
            await withTaskGroup(of: Void.self) { group in
                for (index, link) in links.enumerated() {
                    group.addTask { await link.run { await self.take($0, from: index) } }
                }
            }
        }
    }

    /// What became of the first try of each link: nil where all is well.
    ///
    /// - Parameter isWhole: waits for all of each fleet instead of the first of its items.
    public func firstOutcomes(isWhole: Bool = false) async -> [(host: String, problem: UpstreamProblem?)] {
        var outcomes: [(String, UpstreamProblem?)] = []
        for member in members {
            outcomes.append((member.link.host, await member.link.firstOutcome(isWhole: isWhole)))
        }
        return outcomes
    }

    /// Tries a link again now.
    ///
    /// - Parameter way: another one from now on; nil keeps the present one.
    public func retry(_ host: String, by way: (any AttachWay)? = nil) async {
        for member in members where member.link.host == host { await member.link.retry(by: way) }
    }

    public func run() async {
        start()
        let life = self.life
        await withTaskCancellationHandler {
            await life?.value
        } onCancel: {
            life?.cancel()
        }
        for subscription in subscriptions { subscription.finish() }
        subscriptions = []
        states.finish()
    }

    /// Ends all links; nothing of them is left when this returns.
    public func stop() async {
        life?.cancel()
        await life?.value
    }

    // MARK: following

    public func subscribe() -> (fleet: Snapshot, changes: Subscription) {
        let subscription = Subscription()
        subscriptions.append(subscription)
        return (current(), subscription)
    }

    public func unsubscribe(_ subscription: Subscription) {
        subscription.finish()
        subscriptions.removeAll { $0 === subscription }
    }

    public func current() -> Snapshot {
        snapshot.at = time.now()
        return snapshot
    }

    /// Trouble that belongs to no source is trouble of a link, which `linkStates` tells.
    public func notice() -> String? { nil }

    private func publish(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        for change in changes { snapshot.apply(change) }
        for subscription in subscriptions { subscription.offer(changes) }
    }

    // MARK: what links tell

    private func take(_ report: LinkReport, from index: Int) async {
        switch report {
        case .changes(let changes):
            var seen: [Change] = []
            seen.reserveCapacity(changes.count)
            for change in changes {
                if case .source(let source) = change {
                    members[index].sources[source.id] = source
                    seen.append(.source(shown(source, members[index])))
                } else {
                    seen.append(members[index].lens.seen(change))
                }
            }
            publish(seen)
        case .state(let state):
            let wasLost = members[index].isLost
            members[index].state = state
            if wasLost || members[index].isLost { publish(sources(of: members[index])) }
            states.yield((members[index].link.host, state))
        case .clock(let offset, let roundTrip):
            guard members[index].lens.measured(offset: offset, roundTrip: roundTrip) else { return }
            // One of the clocks was set, or it is known only now: everything of this host is seen anew.
            let there = await members[index].link.snapshot
            let member = members[index]
            publish(there.items.values.map { .item(member.lens.seen($0)) } + sources(of: member))
            reshow(there.events, of: member)
        }
    }

    private func sources(of member: Member) -> [Change] {
        member.sources.values.sorted { $0.id < $1.id }.map { .source(shown($0, member)) }
    }

    private func shown(_ source: Source, _ member: Member) -> Source {
        var seen = member.lens.seen(source)
        guard case .lost(_, let nextTry, let sentence, let advice) = member.state, seen.state != .stopped else {
            return seen
        }
        seen.state = .unreachable
        seen.nextTry = nextTry
        seen.error = sentence
        seen.advice = advice
        return seen
    }

    /// Events cannot be changed once they are told; who comes later sees them with the right times.
    private func reshow(_ there: [Event], of member: Member) {
        let others = snapshot.events.filter { member.lens.there($0.source) == nil }
        snapshot.events = (others + there.map(member.lens.seen)).sorted { $0.at < $1.at }.suffix(Snapshot.eventLimit)
    }

    // MARK: asking

    public func refresh(_ source: SourceID?) async {
        await withDiscardingTaskGroup { group in
            for member in members {
                let there = source.flatMap { member.lens.there($0) }
                guard source == nil || there != nil else { continue }
                group.addTask {
                    await member.link.hurry()
                    _ = await member.link.ask(.refresh(there), deadline: Self.deadline)
                }
            }
        }
    }

    public func runs(of item: ItemID, limit: Int) async -> [Run] {
        guard let (member, there) = member(of: item) else { return [] }
        guard case .answer(.runs(let runs)) = await member.link.ask(.runs(there, limit: limit), deadline: Self.deadline)
        else { return [] }
        // The clock may have been measured meanwhile.
        let lens = self.member(of: item)?.0.lens ?? member.lens
        return runs.map(lens.seen)
    }

    /// Has something done to an item by its host, with what that host may do.
    public func perform(_ action: Action) async -> Action.Outcome {
        guard let (member, there) = member(of: action.item) else {
            return Action.Outcome(isGood: false, "nothing can be done to it from here")
        }
        let host = member.link.host
        guard member.isLive else {
            return Action.Outcome(
                isGood: false, "the link to \(host) is lost: nothing was done",
                advice: "It is connected again by itself; try it then.")
        }
        guard await member.link.capabilities.contains(.actions) else {
            return Action.Outcome(
                isGood: false, "\(host) lets nothing be changed",
                advice: "Set `allow-writes: true` in the config there, or start its agent with --allow-writes.")
        }
        var asked = action
        asked.item = there
        switch await member.link.ask(.action(asked), deadline: Self.deadline) {
        case .answer(.outcome(let outcome)): return outcome
        case .answer(.refused(let sentence, let advice)):
            return Action.Outcome(isGood: false, sentence, advice: advice)
        case .answer:
            return Action.Outcome(
                isGood: false, "\(host) gave an answer that cannot be read",
                advice: "Look at the item whether it was done.")
        case .lost(let wasAsked):
            return Action.Outcome(
                isGood: false,
                wasAsked
                    ? "the link to \(host) was lost before the answer came" : "the link to \(host) is busy or lost",
                advice: wasAsked ? "Look at the item whether it was done." : "Try it again in a moment.")
        case .late:
            return Action.Outcome(
                isGood: false, "\(host) did not answer within \(DurationText.short(Self.deadline))",
                advice: "Look at the item whether it was done.")
        }
    }

    private func member(of item: ItemID) -> (Member, ItemID)? {
        for member in members { if let there = member.lens.there(item) { return (member, there) } }
        return nil
    }
}
