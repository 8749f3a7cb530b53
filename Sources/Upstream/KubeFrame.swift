#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line of a watch: `{"type": "MODIFIED", "object": {…}}`.
enum KubeFrame<Object: KubeObject>: Decodable, Sendable {
    /// Added or modified: which of the two does not matter to somebody who knows what there is.
    case object(Object)
    case deleted(KubeMetadata)
    /// How far the stream has come; `endsInitial` when everything that was there at its beginning has been told.
    case bookmark(version: String, endsInitial: Bool)
    case error(KubeStatus)
    /// A word from the future, or an object that cannot be read: passed over.
    case unknown

    private enum CodingKeys: String, CodingKey { case type, object }

    private struct Bookmark: Decodable {
        struct Metadata: Decodable {
            var resourceVersion: String?
            var annotations: [String: String]?
        }
        var metadata: Metadata?
    }

    private struct Bare: Decodable { var metadata: KubeMetadata }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        switch try box.decode(String.self, forKey: .type) {
        case "ADDED", "MODIFIED":
            self = (try? box.decode(Object.self, forKey: .object)).map(KubeFrame.object) ?? .unknown
        case "DELETED":
            self = (try? box.decode(Bare.self, forKey: .object)).map { .deleted($0.metadata) } ?? .unknown
        case "BOOKMARK":
            let metadata = (try? box.decode(Bookmark.self, forKey: .object))?.metadata
            self = .bookmark(
                version: metadata?.resourceVersion ?? "",
                endsInitial: metadata?.annotations?["k8s.io/initial-events-end"] == "true")
        case "ERROR": self = .error((try? box.decode(KubeStatus.self, forKey: .object)) ?? KubeStatus())
        default: self = .unknown
        }
    }
}
