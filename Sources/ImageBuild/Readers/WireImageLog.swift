import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What EC2 Image Builder writes of an image, as `pcluster` gives it: `list-image-log-streams` and `get-image-log-events`. Source:
/// wire-formats 2.7.
enum WireImageLog {
    struct Stream: Decodable, Sendable, Equatable {
        var name: String
        var lastAt: Date?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            guard let name = fields.text("logStreamName", limit: 512) else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no stream"))
            }
            self.name = name
            lastAt = fields.time("lastEventTimestamp") ?? fields.time("creationTime")
        }
    }

    struct Streams: Decodable, Sendable {
        var streams: [Stream]

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            streams = try fields.decode([StateElement<Stream>].self, forKey: StateKey("logStreams")).compactMap(\.value)
        }
    }

    struct Event: Decodable, Sendable {
        /// May hold several lines.
        var message: String
        var at: Date?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            message = try fields.decode(String.self, forKey: StateKey("message"))
            at = fields.time("timestamp")
        }
    }

    /// Both tokens are always there; the end is where the next one is the one that was asked with.
    struct Page: Decodable, Sendable {
        var events: [Event]
        var next: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: StateKey.self)
            events = try fields.decode([StateElement<Event>].self, forKey: StateKey("events")).compactMap(\.value)
            next = fields.text("nextToken", limit: 4000)
        }

        /// The lines as a log has them.
        var bytes: [UInt8] {
            events.flatMap { event in Array(event.message.utf8) + (event.message.hasSuffix("\n") ? [] : [0x0A]) }
        }
    }
}
