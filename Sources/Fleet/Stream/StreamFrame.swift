#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One line between a host that collects and one that looks: the same over ssh, over a Unix socket, and in a recording.
///
/// How each is written stands in this room's README. Frames and fields that are not known are passed over, so that a newer minor version
/// may add some.
public enum StreamFrame: Sendable, Equatable {
    /// The first frame from either side.
    case hello(Hello)
    /// A whole fleet, or what differs from an earlier one.
    case fleet(Part)
    /// What has changed since the change before it.
    case change(Step)
    /// A sign of life that is answered by a pong: the sender's clock.
    case ping(clock: Date)
    /// The clock of the ping that it answers, and the clock of who answers.
    case pong(clock: Date, own: Date)
    case request(Request)
    case response(Response)
    /// The last frame: why no more will come, and what to do about it; the advice may be empty.
    case bye(sentence: String, advice: String)
    /// A sort of frame that this version does not know.
    case unknown(String)
}

/// Where a reader is in what a server tells.
public struct StreamPosition: Codable, Sendable, Hashable {
    /// The server's run: random text that whoever starts it makes up. Numbers of another run mean nothing.
    public var epoch: String
    /// The last change that is contained; the first has number 1.
    public var seq: Int

    public init(epoch: String, seq: Int) {
        self.epoch = epoch
        self.seq = seq
    }
}

extension StreamFrame {
    public struct Hello: Sendable, Equatable {
        /// Of the protocol, as `StreamVersion` reads it.
        public var version: String
        /// Name and version of the program, for people: `slipway 1.4`.
        public var program: String
        /// For people: the name that the host gives itself.
        public var host: String
        /// The server's position; a client has none.
        public var position: StreamPosition?
        public var clock: Date
        /// What may be asked for; what is missing here is refused.
        public var capabilities: Set<Capability>
        /// Where the client was when it was cut off; servers leave it out.
        public var resume: StreamPosition?

        public init(
            version: String = StreamVersion.current.text, program: String, host: String,
            position: StreamPosition? = nil, clock: Date, capabilities: Set<Capability> = [],
            resume: StreamPosition? = nil
        ) {
            self.version = version
            self.program = program
            self.host = host
            self.position = position
            self.clock = clock
            self.capabilities = capabilities
            self.resume = resume
        }
    }

    /// Something that a server can be asked for. Words of newer versions are kept as they are.
    public struct Capability: RawRepresentable, Sendable, Hashable {
        public static let refresh = Capability(rawValue: "refresh")
        public static let runs = Capability(rawValue: "runs")
        public static let actions = Capability(rawValue: "actions")

        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// A fleet, or a part of it where it is too large for one line. The parts of one fleet follow each other.
    public struct Part: Sendable, Equatable {
        /// Where a reader is once it has all parts.
        public var position: StreamPosition
        public var at: Date
        /// Nil for a whole fleet, whose items and sources replace all others; else only what changed after this number is told, and all
        /// sources.
        public var since: Int?
        public var items: [StreamItem]
        public var gone: [ItemID]
        public var sources: [Source]
        /// Oldest first; of a fleet since a number only those after it.
        public var events: [Event]
        /// Items in all parts together; nil from who does not tell.
        public var total: Int?
        /// Whether the fleet is complete with this part.
        public var isLast: Bool

        public init(
            position: StreamPosition, at: Date, since: Int? = nil, items: [StreamItem] = [], gone: [ItemID] = [],
            sources: [Source] = [], events: [Event] = [], total: Int? = nil, isLast: Bool = true
        ) {
            self.position = position
            self.at = at
            self.since = since
            self.items = items
            self.gone = gone
            self.sources = sources
            self.events = events
            self.total = total
            self.isLast = isLast
        }
    }

    /// One step of the fleet: the same for everybody who follows it.
    public struct Step: Sendable, Equatable {
        /// One more than that of the step before.
        public var seq: Int
        public var at: Date
        public var items: [ItemChange]
        public var gone: [ItemID]
        public var sources: [Source]
        /// Sources of which nothing is new but that they have answered, and when they did: nothing is told more often.
        public var heard: [SourceID: Date]
        public var events: [Event]

        public init(
            seq: Int, at: Date, items: [ItemChange] = [], gone: [ItemID] = [], sources: [Source] = [],
            heard: [SourceID: Date] = [:], events: [Event] = []
        ) {
            self.seq = seq
            self.at = at
            self.items = items
            self.gone = gone
            self.sources = sources
            self.heard = heard
            self.events = events
        }

        var isEmpty: Bool {
            items.isEmpty && gone.isEmpty && sources.isEmpty && heard.isEmpty && events.isEmpty
        }
    }

    /// What a client wants. The response has the same number.
    public struct Request: Sendable, Equatable {
        public enum Wish: Sendable, Equatable {
            /// Ask this source now; nil means all of them.
            case refresh(SourceID?)
            /// Earlier runs of an item, newest first.
            case runs(ItemID, limit: Int)
            case action(Action)
            /// A fleet from here on; nil, and a position that is too old, means a whole one. It is its own answer.
            case fleet(since: StreamPosition?)
            /// A wish that this version does not know; it is refused.
            case unknown(String)
        }

        public var number: Int
        public var wish: Wish

        public init(number: Int, wish: Wish) {
            self.number = number
            self.wish = wish
        }
    }

    public struct Response: Sendable, Equatable {
        public enum Answer: Sendable, Equatable {
            /// It was done, and there is nothing to tell.
            case done
            case runs([Run])
            case outcome(Action.Outcome)
            /// It cannot be done here, and why; the advice may be empty.
            case refused(sentence: String, advice: String)
            case unknown(String)
        }

        /// That of the request.
        public var number: Int
        public var answer: Answer

        public init(number: Int, answer: Answer) {
            self.number = number
            self.answer = answer
        }
    }
}
