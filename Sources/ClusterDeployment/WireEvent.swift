import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Kubernetes event (`v1` `Event`), cut down while it is decoded to what is judged and shown: a namespace under work makes a hundred of
/// them a second, and most of each is bookkeeping. Texts are harmless lines of bounded length; what cannot be read is empty.
public struct WireEvent: KubeObject, Equatable {
    /// What the event is about.
    public struct Object: Sendable, Equatable {
        public var kind: String
        public var name: String
        public var namespace: String
        public var uid: String

        public init(kind: String, name: String, namespace: String = "", uid: String = "") {
            self.kind = kind
            self.name = name
            self.namespace = namespace
            self.uid = uid
        }

        /// `Machine demo-md-x`
        public var text: String { kind.isEmpty ? name : "\(kind) \(name)" }
    }

    /// Name, namespace, uid and resourceVersion only; labels and annotations of an event tell nothing here.
    public var metadata: KubeMetadata
    public var object: Object
    public var reason: String
    public var message: String
    /// `Normal` or `Warning`; other words as they came.
    public var type: String
    /// How often it was seen: the larger of `count` and `series.count`, at least 1.
    public var count: Int
    /// When it was last seen: the newest of `lastTimestamp`, `series.lastObservedTime`, `eventTime` and `firstTimestamp`, else when the
    /// event object was made. Nil when no time can be read.
    public var at: Date?

    public init(
        metadata: KubeMetadata, object: Object, reason: String, message: String = "", type: String = "Normal",
        count: Int = 1, at: Date?
    ) {
        self.metadata = metadata
        self.object = object
        self.reason = reason
        self.message = message
        self.type = type
        self.count = count
        self.at = at
    }

    public var isWarning: Bool { type == "Warning" }

    /// Where the object lives; an event always lies in the namespace of its object.
    public var namespace: String { object.namespace.isEmpty ? metadata.namespace : object.namespace }

    private enum CodingKeys: String, CodingKey {
        case metadata, involvedObject, reason, message, type, count, series, firstTimestamp, lastTimestamp, eventTime
    }

    private enum ObjectKeys: String, CodingKey { case kind, name, namespace, uid }
    private enum SeriesKeys: String, CodingKey { case count, lastObservedTime }

    /// - Throws: only when the event has no name of its own.
    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let whole = try box.decode(KubeMetadata.self, forKey: .metadata)
        metadata = KubeMetadata(
            name: Self.short(whole.name, 253), namespace: Self.short(whole.namespace, 253),
            uid: Self.short(whole.uid, 64), resourceVersion: Self.short(whole.resourceVersion, 64),
            creationTimestamp: whole.creationTimestamp)
        let about = try? box.nestedContainer(keyedBy: ObjectKeys.self, forKey: .involvedObject)
        func word(_ key: ObjectKeys, _ limit: Int) -> String {
            Self.short(about?.lenient(String.self, key) ?? "", limit)
        }
        object = Object(
            kind: word(.kind, 63), name: word(.name, 253), namespace: word(.namespace, 253), uid: word(.uid, 64))
        reason = Self.short(box.lenient(String.self, .reason) ?? "", 128)
        message = SecretText.line(box.lenient(String.self, .message) ?? "")
        type = Self.short(box.lenient(String.self, .type) ?? "Normal", 32)
        let series = try? box.nestedContainer(keyedBy: SeriesKeys.self, forKey: .series)
        let counts = [box.lenient(Int.self, .count), series?.lenient(Int.self, .count)]
        // A count is shown and added up; no real one is near this bound.
        count = min(max(counts.compactMap { $0 }.max() ?? 1, 1), 1_000_000)
        let times = [
            box.lenient(String.self, .firstTimestamp), box.lenient(String.self, .lastTimestamp),
            box.lenient(String.self, .eventTime), series?.lenient(String.self, .lastObservedTime),
        ]
        at = times.compactMap { $0.flatMap { WireTime.date($0) } }.max() ?? whole.creationTimestamp
    }

    private static func short(_ text: String, _ limit: Int) -> String { SafeText.line(text, limit: limit) }
}
