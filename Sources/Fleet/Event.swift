#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Something that happened, worth a line in the event list.
public struct Event: Codable, Sendable, Equatable {
    public enum Level: String, Codable, Sendable {
        case info, good, warning, bad
    }

    public var at: Date
    public var kind: Kind
    public var source: SourceID
    /// Nil for an event of the source itself.
    public var item: ItemID?
    /// The item's or the source's name, so that a line can be read without looking anything up.
    public var name: String
    public var level: Level
    /// One line: `image_download -> installation, took 5m12s (usual 6m)`.
    public var text: String

    public init(
        at: Date, kind: Kind, source: SourceID, item: ItemID? = nil, name: String, level: Level, text: String
    ) {
        self.at = at
        self.kind = kind
        self.source = source
        self.item = item
        self.name = name
        self.level = level
        self.text = text
    }
}
