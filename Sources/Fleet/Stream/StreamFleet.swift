#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A fleet on its way to one reader, a frame at a time: what is not told yet is shared with whoever holds it, and becomes JSON only when
/// its turn comes. It stays the fleet of one instant, whatever changes meanwhile.
///
/// The first frame is short and has what stands on top of every list, so that over a slow link something can be looked at at once; the
/// following ones are longer, for each costs a reader some work.
public struct StreamFleet: Sequence, IteratorProtocol, Sendable {
    /// Bytes that the first part may have, and any of them.
    private static let room = (first: 4 << 10, most: 64 << 10)

    /// What a reader has that has read all of it.
    public let position: StreamPosition

    private let at: Date
    private let since: Int?
    /// Items in all parts together.
    private let total: Int
    private var sources: ArraySlice<Source>
    private var gone: ArraySlice<ItemID>
    private var items: ArraySlice<Item>
    private var events: ArraySlice<Event>
    private var room = Self.room.first
    private var isTold = false

    /// - Parameters:
    ///   - since: the number of the last change that the reader has; nil when it gets everything.
    ///   - items: what is told, in any order.
    init(
        position: StreamPosition, at: Date, since: Int?, sources: [SourceID: Source], gone: [ItemID], items: [Item],
        events: [Event]
    ) {
        self.position = position
        self.at = at
        self.since = since
        self.sources = sources.values.sorted { $0.id < $1.id }[...]
        self.gone = gone[...]
        self.items =
            items.map { (RowOrder($0, at: at, source: sources[$0.source]), $0) }.sorted { $0.0 < $1.0 }.map(\.1)[...]
        self.events = events[...]
        total = items.count
    }

    /// The next part; the last one says that it is.
    public mutating func next() -> StreamFrame? {
        guard !isTold else { return nil }
        var part = StreamFrame.Part(position: position, at: at, since: since, total: total, isLast: false)
        var left = room
        room = Swift.min(2 * room, Self.room.most)
        Self.fill(&part.sources, from: &sources, &left) { ($0, JSONWriter.size(.tree($0))) }
        Self.fill(&part.gone, from: &gone, &left) { ($0, JSONWriter.size(.text($0.text))) }
        Self.fill(&part.items, from: &items, &left) {
            let item = StreamItem($0)
            return (item, JSONWriter.size(item.value))
        }
        Self.fill(&part.events, from: &events, &left) { ($0, JSONWriter.size(.tree($0))) }
        isTold = sources.isEmpty && gone.isEmpty && items.isEmpty && events.isEmpty
        part.isLast = isTold
        return .fleet(part)
    }

    /// Takes as many as there is room for; what alone is too large for any part takes what is left of one.
    private static func fill<Value, Told>(
        _ told: inout [Told], from waiting: inout ArraySlice<Value>, _ left: inout Int,
        _ tell: (Value) -> (Told, size: Int)
    ) {
        while left > 0, let value = waiting.popFirst() {
            let (one, size) = tell(value)
            told.append(one)
            left -= size + 8
        }
    }
}
