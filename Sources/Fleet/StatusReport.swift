#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The public JSON of a snapshot (`slipway status -o json`). Times are RFC 3339 in UTC, durations seconds, absent means unknown.
public struct StatusReport: Codable, Sendable, Equatable {
    /// The version of this format. Fields may be added without a new version, never taken away or changed.
    public static let version = 1

    /// An item with what makes it need a person, worked out for the report's instant.
    public struct Entry: Codable, Sendable, Equatable {
        public var item: Item
        public var attention: Attention?

        private enum CodingKeys: String, CodingKey { case attention }

        public init(item: Item, attention: Attention?) {
            self.item = item
            self.attention = attention
        }

        public init(from decoder: any Decoder) throws {
            item = try Item(from: decoder)
            attention = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
                Attention.self, forKey: .attention)
        }

        public func encode(to encoder: any Encoder) throws {
            try item.encode(to: encoder)
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encodeIfPresent(attention, forKey: .attention)
        }
    }

    public var version: Int
    public var at: Date
    public var sources: [Source]
    public var items: [Entry]
    /// Items that need a person, most urgent first.
    public var attention: [ItemID]

    /// - Parameter limit: keeps only the most urgent so many; nil keeps all.
    public init(_ snapshot: Snapshot, limit: Int? = nil) {
        version = Self.version
        at = snapshot.at
        sources = snapshot.sources.values.sorted { $0.id < $1.id }
        let ranked = snapshot.ranked()
        items = (limit.map { Array(ranked.prefix($0)) } ?? ranked).map {
            Entry(item: $0, attention: $0.attention(at: snapshot.at, source: snapshot.sources[$0.source]))
        }
        attention = items.filter { $0.attention != nil }.map(\.item.id)
    }

    public var snapshot: Snapshot { Snapshot(at: at, items: items.map(\.item), sources: sources) }
}

extension Snapshot {
    /// All items in the order of every list.
    public func ranked() -> [Item] {
        items.values
            .map { (RowOrder($0, at: at, source: sources[$0.source]), $0) }
            .sorted { $0.0 < $1.0 }
            .map(\.1)
    }
}

/// Where an item stands in every list: by urgency; the running by longest, the ended by newest; then by name.
public struct RowOrder: Comparable, Sendable {
    public let urgency: Urgency
    public let name: String
    public let id: ItemID
    private let instant: Double

    public init(_ item: Item, at now: Date, source: Source?) {
        urgency = item.urgency(at: now, source: source)
        let ended = item.endedAt.map { -$0.timeIntervalSinceReferenceDate }
        instant = ended ?? item.startedAt?.timeIntervalSinceReferenceDate ?? .infinity
        name = item.name
        id = item.id
    }

    public static func < (left: RowOrder, right: RowOrder) -> Bool {
        if left.urgency != right.urgency { return left.urgency < right.urgency }
        if left.instant != right.instant { return left.instant < right.instant }
        if left.name != right.name { return left.name < right.name }
        return left.id < right.id
    }
}
