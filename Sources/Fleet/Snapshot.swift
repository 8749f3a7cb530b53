#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All items and sources at an instant. Applying changes to a snapshot gives the next one.
public struct Snapshot: Sendable, Equatable {
    /// Older events are dropped; the history keeps them.
    public static let eventLimit = 500

    public var at: Date
    public var items: [ItemID: Item]
    public var sources: [SourceID: Source]
    /// Oldest first.
    public var events: [Event]

    public init(at: Date, items: [Item] = [], sources: [Source] = [], events: [Event] = []) {
        self.at = at
        self.items = Dictionary(items.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.sources = Dictionary(sources.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.events = events.suffix(Self.eventLimit)
    }

    public mutating func apply(_ change: Change) {
        switch change {
        case .item(let item): items[item.id] = item
        case .gone(let id): items[id] = nil
        case .source(let source): sources[source.id] = source
        case .event(let event):
            events.append(event)
            // Cutting in large steps keeps the cost of one event constant.
            if events.count >= 2 * Self.eventLimit { events.removeFirst(events.count - Self.eventLimit) }
        }
    }
}
