/// One step of the stream that feeds the screen, the history and everything else that follows the fleet.
public enum Change: Sendable, Equatable {
    case item(Item)
    case gone(ItemID)
    case event(Event)
    case source(Source)
}

extension Change: Codable {
    private enum CodingKeys: String, CodingKey { case item, gone, event, source }

    /// One key names the sort of change and holds it: `{"gone": "metal/lab-orch/12"}`.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        if let item = try box.decodeIfPresent(Item.self, forKey: .item) {
            self = .item(item)
        } else if let id = try box.decodeIfPresent(ItemID.self, forKey: .gone) {
            self = .gone(id)
        } else if let event = try box.decodeIfPresent(Event.self, forKey: .event) {
            self = .event(event)
        } else {
            self = .source(try box.decode(Source.self, forKey: .source))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .item(let item): try box.encode(item, forKey: .item)
        case .gone(let id): try box.encode(id, forKey: .gone)
        case .event(let event): try box.encode(event, forKey: .event)
        case .source(let source): try box.encode(source, forKey: .source)
        }
    }
}
