#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The reading end of a stream: takes frames in order and holds the fleet they tell.
///
/// Frames are taken cheaply, items stay JSON until `settle` makes values of those that changed: who seeks in a recording takes a thousand
/// frames and settles once. What arrived is kept as it arrived, so that changes of fields which only a newer version knows still fit.
public struct StreamMirror: Sendable {
    /// More items than a screen will ever show, and more bytes of JSON than a host should hold for them.
    static let itemLimit = 50_000
    static let byteLimit = 256 << 20

    /// What came of a frame.
    public enum Answer: Sendable, Equatable {
        /// Something may have changed: `settle` tells.
        case ready
        /// The frame is none of the mirror's, tells what is known, or must wait for a fleet that was asked for.
        case waiting
        /// What was told cannot be followed. Ask for a fleet since `position`; this is said once, then changes wait until it comes.
        case needsFleet(StreamFault)
        /// Nothing helps; end the connection and tell the fault's sentence.
        case refused(StreamFault)
    }

    public struct Settled: Sendable, Equatable {
        /// What differs from before, nothing else. A first fleet is all change: begin with `snapshot` instead.
        public var changes: [Change]
        /// After a fleet that followed an earlier one: the items that differ, come or are gone since. A person was away, and is told how
        /// much was missed.
        public var reread: Int?
    }

    /// The fleet as of the last `settle`.
    public private(set) var snapshot: Snapshot
    /// What to resume from; nil before the first fleet is complete.
    public private(set) var position: StreamPosition?
    /// While a fleet arrives: its items so far, and how many there will be; 0 and nil when none does.
    public var arrived: Int { arriving?.items.count ?? 0 }
    public var expected: Int? { arriving?.total }
    /// Items that this version cannot read. They are not shown, but whoever looks is to be told that they are there.
    public var unreadable: Int { unread.count }

    /// Each item's JSON as it was told. Text needs a tenth of what the values do.
    private var texts: [ItemID: [UInt8]] = [:]
    private var byteCount = 0
    private var alike = TextPool()
    private var unread: Set<ItemID> = []
    /// What was told since the last `settle`; nil for what is gone.
    private var pending: [ItemID: JSONValue?] = [:]
    /// The order in which they were told.
    private var order: [ItemID] = []
    private var pendingSources: [SourceID: Source] = [:]
    private var pendingEvents: [Event] = []
    private var at: Date
    private var isLost = false
    private var arriving: Arriving?
    /// Items that differ, counted over all parts of a fleet.
    private var reread: Int?
    private var isReread = false

    /// A fleet of which not all parts are there.
    private struct Arriving: Sendable {
        let position: StreamPosition
        let since: Int?
        let total: Int?
        var items: Set<ItemID> = []
        var sources: Set<SourceID> = []
    }

    /// - Parameter at: now; until a frame tells another instant.
    public init(at: Date) {
        self.at = at
        snapshot = Snapshot(at: at)
    }

    public mutating func take(_ frame: StreamFrame) -> Answer {
        switch frame {
        case .fleet(let part): take(part)
        case .change(let step): take(step)
        case .hello, .ping, .pong, .request, .response, .bye, .unknown: .waiting
        }
    }

    /// Makes values of what was told.
    public mutating func settle() -> Settled {
        var changes: [Change] = []
        for id in order {
            guard let told = pending[id] else { continue }
            if let change = settled(id, told) { changes.append(change) }
        }
        if reread != nil { reread = (reread ?? 0) + changes.count }
        pending = [:]
        order = []
        for source in pendingSources.values.sorted(by: { $0.id < $1.id }) where source != snapshot.sources[source.id] {
            changes.append(.source(source))
        }
        pendingSources = [:]
        changes += pendingEvents.map(Change.event)
        pendingEvents = []
        for change in changes { snapshot.apply(change) }
        snapshot.at = at
        defer { if isReread { (reread, isReread) = (nil, false) } }
        return Settled(changes: changes, reread: isReread ? reread : nil)
    }

    private mutating func settled(_ id: ItemID, _ told: JSONValue?) -> Change? {
        byteCount -= texts[id]?.count ?? 0
        let text = told.map(JSONWriter.bytes)
        byteCount += text?.count ?? 0
        texts[id] = text
        let item = told.flatMap { StreamItem($0)?.item() }?.packed(in: &alike)
        if told != nil && item == nil { unread.insert(id) } else { unread.remove(id) }
        guard let item else { return snapshot.items[id] == nil ? nil : .gone(id) }
        return item == snapshot.items[id] ? nil : .item(item)
    }

    // MARK: frames

    private mutating func take(_ step: StreamFrame.Step) -> Answer {
        guard !isLost, let position else { return .waiting }
        // A fleet may have told it already.
        guard step.seq > max(position.seq, arriving?.position.seq ?? 0) else { return .waiting }
        guard arriving == nil, step.seq == position.seq + 1 else {
            return lost(.gap(due: position.seq + 1, came: step.seq))
        }
        for change in step.items {
            switch change {
            case .whole(let item): note(item.id, item.value)
            case .patch(let id, let patch):
                guard let value = current(id).flatMap({ patch.applied(to: $0) }), value["id"]?.text == id.text else {
                    return lost(.misfit(id))
                }
                note(id, value)
            }
        }
        for id in step.gone { note(id, nil) }
        for source in step.sources { pendingSources[source.id] = source }
        for (id, last) in step.heard {
            guard var source = pendingSources[id] ?? snapshot.sources[id] else { continue }
            source.lastSuccess = last
            pendingSources[id] = source
        }
        note(step.events)
        at = step.at
        self.position?.seq = step.seq
        return isTooMuch ? .refused(.tooMuch) : .ready
    }

    private mutating func take(_ part: StreamFrame.Part) -> Answer {
        if arriving?.position != part.position || arriving?.since != part.since {
            if let since = part.since {
                guard let position, position.epoch == part.position.epoch else { return lost(.otherRun) }
                guard position.seq >= since else { return lost(.gap(due: position.seq + 1, came: since + 1)) }
                // Older than what is known: it answers a question that no longer matters.
                guard position.seq <= part.position.seq else { return .waiting }
            }
            arriving = Arriving(position: part.position, since: part.since, total: part.total)
            reread = position == nil ? nil : 0
        }
        for item in part.items {
            note(item.id, item.value)
            arriving?.items.insert(item.id)
        }
        for id in part.gone { note(id, nil) }
        for source in part.sources {
            pendingSources[source.id] = source
            arriving?.sources.insert(source.id)
        }
        if part.since == nil { noteUnknown(part.events) } else { note(part.events) }
        at = part.at
        if part.isLast { complete() }
        return isTooMuch ? .refused(.tooMuch) : .ready
    }

    private mutating func complete() {
        guard let fleet = arriving else { return }
        if fleet.since == nil {
            for id in texts.keys where !fleet.items.contains(id) { note(id, nil) }
            for id in pending.keys where !fleet.items.contains(id) { note(id, nil) }
            for source in snapshot.sources.values where !fleet.sources.contains(source.id) {
                // There is no change that takes a source away; nobody asks it any more.
                var stopped = source
                stopped.state = .stopped
                pendingSources[source.id] = stopped
            }
        }
        position = fleet.position
        arriving = nil
        isLost = false
        isReread = reread != nil
    }

    private mutating func lost(_ fault: StreamFault) -> Answer {
        let wasLost = isLost
        isLost = true
        arriving = nil
        return wasLost ? .waiting : .needsFleet(fault)
    }

    private var isTooMuch: Bool {
        texts.count + order.count > 2 * Self.itemLimit || byteCount > Self.byteLimit
    }

    // MARK: notes

    private func current(_ id: ItemID) -> JSONValue? {
        if let told = pending[id] { return told }
        return texts[id].flatMap { try? JSONReader.value($0, isFromOutside: false) }
    }

    private mutating func note(_ id: ItemID, _ value: JSONValue?) {
        if pending.updateValue(value, forKey: id) == nil { order.append(id) }
    }

    private mutating func note(_ events: [Event]) {
        pendingEvents += events
        if pendingEvents.count > 2 * Snapshot.eventLimit {
            pendingEvents.removeFirst(pendingEvents.count - Snapshot.eventLimit)
        }
    }

    /// Of the events of a whole fleet, those that were not told before.
    private mutating func noteUnknown(_ events: [Event]) {
        let known = Dictionary(grouping: snapshot.events + pendingEvents, by: \.at)
        note(events.filter { event in known[event.at]?.contains(event) != true })
    }
}
