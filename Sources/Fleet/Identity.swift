/// The name of an item that is the same in every room, on every host and after a restart: `kind/source/key`.
public struct ItemID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let text: String

    public init(text: String) { self.text = text }

    /// - Parameter key: what the system itself calls the thing and never gives to another (a node's number, a namespace and name).
    public init(kind: Kind, source: SourceID, key: String) {
        text = "\(kind.rawValue)/\(source.text)/\(key)"
    }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
    public static func < (left: ItemID, right: ItemID) -> Bool { left.text < right.text }
}

/// The name of one upstream being read, as the config gives it: `lab-orch`.
public struct SourceID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) { self.text = text }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
    public static func < (left: SourceID, right: SourceID) -> Bool { left.text < right.text }
}
