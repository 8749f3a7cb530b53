/// An item as its JSON. The stream's values are equal when their JSON is: times are told to the millisecond, and what a newer version adds
/// to an item is carried along by an older one.
public struct StreamItem: Sendable, Equatable {
    /// What one item may need of a line, in bytes. Nothing of ours comes near it; a runaway log in an item would.
    static let sizeLimit = 512 << 10

    public let id: ItemID
    public let value: JSONValue

    /// An item too large for a line loses its detail, and if need be its phases and advice, rather than the stream.
    public init(_ item: Item) {
        id = item.id
        var value = Self.tree(item)
        if JSONWriter.size(value) > Self.sizeLimit {
            var slim = item
            slim.detail = .none
            value = Self.tree(slim)
            if JSONWriter.size(value) > Self.sizeLimit {
                slim = Item(
                    id: item.id, kind: item.kind, name: StreamGuard.text(item.name), source: item.source,
                    state: item.state, word: StreamGuard.text(item.word), startedAt: item.startedAt,
                    endedAt: item.endedAt, progress: item.progress, evidence: Evidence(at: item.evidence.at, from: ""))
                value = Self.tree(slim)
            }
        }
        self.value = value
    }

    /// - Returns: nil for what has no id.
    public init?(_ value: JSONValue) {
        guard let id = value["id"]?.text else { return nil }
        self.id = ItemID(text: id)
        self.value = value
    }

    /// Nil when this version cannot read it, as when it is of a kind that only a newer one knows.
    public func item() -> Item? {
        guard let item = try? value.decoded(as: Item.self), item.id == id else { return nil }
        return item
    }

    // An item encodes itself without asking anything that could fail.
    private static func tree(_ item: Item) -> JSONValue { (try? JSONValue(encoding: item)) ?? .object([:]) }
}

/// What became of an item: as it is now, or how it differs from what was told last, whichever is shorter.
public enum ItemChange: Sendable, Equatable {
    case whole(StreamItem)
    case patch(ItemID, ItemPatch)

    public var id: ItemID {
        switch self {
        case .whole(let item): item.id
        case .patch(let id, _): id
        }
    }
}
