#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The telling end of a stream: remembers what it told last, so that a change is told as what differs, once for all readers, and whoever
/// was away gets the newest value of each item that changed meanwhile, however often it did.
public struct StreamSource: Sendable {
    /// Vanished items that are remembered by name. Who was away for more of them gets a whole fleet.
    static let goneLimit = 1000
    /// Sources that only go on answering are told together and at most every so many seconds: before readers could take one for late, which
    /// is after 5 s (`Source.state(at:)`).
    static let heardPeriod = 1.5

    private struct Told<Value: Sendable>: Sendable {
        var value: Value
        /// The number of the change that told it.
        var seq: Int
    }

    /// Shares what the items hold with the collector.
    private var items: [ItemID: Told<Item>]
    private var sources: [SourceID: Source]
    /// When a reader that has all changes takes each source to have answered last.
    private var heard: [SourceID: Date]
    private var heardAt: Date
    private var events: [Told<Event>]
    /// Oldest first.
    private var gone: [Told<ItemID>] = []
    /// Vanished items are remembered of the changes after this one.
    private var forgotten = 0

    /// What a reader has that followed until now.
    public private(set) var position: StreamPosition

    /// - Parameter epoch: random text that no other run of a server has.
    public init(_ snapshot: Snapshot, epoch: String) {
        position = StreamPosition(epoch: epoch, seq: 0)
        items = snapshot.items.mapValues { Told(value: $0, seq: 0) }
        sources = snapshot.sources
        heard = snapshot.sources.compactMapValues(\.lastSuccess)
        heardAt = snapshot.at
        events = snapshot.events.suffix(Snapshot.eventLimit).map { Told(value: $0, seq: 0) }
    }

    /// Items that were told and have not gone.
    public var count: Int { items.count }

    /// The fleet as it was told: items and sources by their ids, the last events.
    public func told() -> (items: [Item], sources: [Source], events: [Event]) {
        (
            items.values.map(\.value).sorted { $0.id < $1.id }, sources.values.sorted { $0.id < $1.id },
            events.suffix(Snapshot.eventLimit).map(\.value)
        )
    }

    /// Takes what has changed and tells it to all who follow.
    ///
    /// - Parameters:
    ///   - changes: as a subscription gives them; of several values of an item only the last counts. Also without any, what waited a
    ///     while because it is worth no frame of its own is told.
    ///   - at: now.
    /// - Returns: nothing when no reader could see a difference; one frame; more of them where one line would be too long.
    public mutating func advance(_ changes: [Change], at: Date) -> [StreamFrame] {
        var steps = StreamSteps(seq: position.seq, at: at)
        for change in Self.coalesced(changes) {
            switch change {
            case .item(let item): tell(item, in: &steps)
            case .gone(let id):
                guard items.removeValue(forKey: id) != nil else { continue }
                steps.add(size: JSONWriter.size(.text(id.text))) { $0.gone.append(id) }
                gone.append(Told(value: id, seq: steps.seq))
            case .source(let source): tell(source, in: &steps)
            case .event(let event):
                steps.add(size: JSONWriter.size(.tree(event))) { $0.events.append(event) }
                events.append(Told(value: event, seq: steps.seq))
            }
        }
        tellHeard(in: &steps, at: at)
        if gone.count > Self.goneLimit {
            let excess = gone.count - Self.goneLimit
            forgotten = gone[excess - 1].seq
            gone.removeFirst(excess)
        }
        // In large steps, so that one event costs the same however many there are.
        if events.count > 2 * Snapshot.eventLimit { events.removeFirst(events.count - Snapshot.eventLimit) }
        position.seq = steps.seq
        return steps.taken()
    }

    /// What a reader needs to be where everybody is: who is new, was cut off, or did not read fast enough.
    ///
    /// - Parameter since: where the reader is; nil when it has nothing.
    /// - Returns: frames to be sent without changes in between. A whole fleet when `since` is of another run, or too long ago. Of the events
    ///   no more than the last `Snapshot.eventLimit` are told.
    public func fleet(since: StreamPosition?, at: Date) -> StreamFleet {
        var after: Int?
        if let since, since.epoch == position.epoch, since.seq <= position.seq, since.seq >= forgotten {
            after = since.seq
        }
        let seen = after ?? -1
        return StreamFleet(
            position: position, at: at, since: after, sources: sources,
            gone: after == nil ? [] : gone.filter { $0.seq > seen && items[$0.value] == nil }.map(\.value),
            items: items.values.filter { $0.seq > seen }.map(\.value),
            events: events.suffix(Snapshot.eventLimit).filter { $0.seq > seen }.map(\.value))
    }

    // MARK: one change

    private mutating func tell(_ item: Item, in steps: inout StreamSteps) {
        let told = items[item.id]?.value
        guard item != told else { return }
        let whole = StreamItem(item)
        var change = ItemChange.whole(whole)
        var size = JSONWriter.size(whole.value)
        if let told {
            let patch = ItemPatch.between(StreamItem(told).value, whole.value)
            // It differs by less than JSON tells.
            guard !patch.isEmpty else { return }
            let patchSize = JSONWriter.size(patch.value)
            if patchSize < size { (change, size) = (.patch(item.id, patch), patchSize) }
        }
        steps.add(size: size) { $0.items.append(change) }
        items[item.id] = Told(value: item, seq: steps.seq)
    }

    private mutating func tell(_ source: Source, in steps: inout StreamSteps) {
        let isNews = sources[source.id].map { !source.onlyWentOnAnswering(since: $0) } ?? true
        sources[source.id] = source
        guard isNews else { return }
        heard[source.id] = source.lastSuccess
        steps.add(size: JSONWriter.size(.tree(source))) { $0.sources.append(source) }
    }

    /// All sources that have answered since what was told of them go along when something is told anyway, or after a while.
    private mutating func tellHeard(in steps: inout StreamSteps, at: Date) {
        let news = sources.compactMapValues(\.lastSuccess).filter { $1 != heard[$0] }
        // A clock that was set back must not keep them waiting.
        let isDue = !steps.isEmpty || abs(at.timeIntervalSince(heardAt)) >= Self.heardPeriod
        guard isDue, !news.isEmpty else { return }
        heard.merge(news) { $1 }
        heardAt = at
        steps.add(size: 64 * news.count) { $0.heard = news }
    }

    /// The last value of each item and source, in the order in which they first changed.
    private static func coalesced(_ changes: [Change]) -> [Change] {
        var places: [String: Int] = [:]
        var result: [Change] = []
        for change in changes {
            let key: String
            switch change {
            case .item(let item): key = item.id.text
            case .gone(let id): key = id.text
            // An item's name holds slashes; a source's key cannot be taken for one.
            case .source(let source): key = " " + source.id.text
            case .event:
                result.append(change)
                continue
            }
            if let place = places[key] {
                result[place] = change
            } else {
                places[key] = result.count
                result.append(change)
            }
        }
        return result
    }
}

extension Source {
    /// Whether nothing is new but that it has answered again.
    fileprivate func onlyWentOnAnswering(since earlier: Source) -> Bool {
        guard state == .live, lastSuccess != nil else { return self == earlier }
        var same = self
        same.lastSuccess = earlier.lastSuccess
        same.nextTry = earlier.nextTry
        return same == earlier
    }
}
