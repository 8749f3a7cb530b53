import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a line of a recording begins with, read without reading the line: a whole fleet is a megabyte of JSON, and a seek looks at dozens
/// of lines to find one. Our names are written in alphabetical order, so the time of a line stands at a known place.
struct RecordingLine: Equatable {
    enum Sort: Equatable {
        /// A run of the recorder begins; a mark and a whole fleet follow.
        case hello
        /// A whole fleet begins with the next line.
        case mark
        case fleet, change
        /// Time went on and nothing changed.
        case ping
    }

    /// So many bytes hold all that `init(start:)` looks at.
    static let reach = 64
    /// A line beyond this is damage: frames have a limit, and hiding secrets lengthens them by little.
    static let limit = 2 * StreamLines.limit

    static let newline = UInt8(ascii: "\n")
    static let markStart = Array(#"{"mark":"#.utf8)

    let sort: Sort
    let at: Date

    /// Whether the fleet may look different after it.
    var isNews: Bool { sort == .change || sort == .hello }

    private static let heads: [(sort: Sort, head: [UInt8])] = [
        (.change, Array(#"{"change":{"at":""#.utf8)), (.ping, Array(#"{"ping":{"clock":""#.utf8)),
        (.fleet, Array(#"{"fleet":{"at":""#.utf8)), (.mark, Array(#"{"mark":{"at":""#.utf8)),
        (.hello, Array(#"{"hello":{"capabilities":[],"clock":""#.utf8)),
    ]
    private static let timeLength = 24

    /// - Parameter start: the first bytes of a line, `reach` of them or all.
    /// - Returns: nil for what is not written as we write it.
    init?(start: some RandomAccessCollection<UInt8>) {
        guard let (sort, head) = Self.heads.first(where: { start.starts(with: $0.head) }) else { return nil }
        let time = start.dropFirst(head.count).prefix(Self.timeLength)
        guard time.count == Self.timeLength, let at = WireTime.date(String(decoding: time, as: UTF8.self)) else {
            return nil
        }
        (self.sort, self.at) = (sort, at)
    }

    /// A line as another version may write it.
    init?(whole line: [UInt8]) {
        if let known = RecordingLine(start: line) {
            self = known
            return
        }
        guard line.count <= Self.limit, let frame = try? Self.frame(line) else { return nil }
        switch frame {
        case .hello(let hello): (sort, at) = (.hello, hello.clock)
        case .fleet(let part): (sort, at) = (.fleet, part.at)
        case .change(let step): (sort, at) = (.change, step.at)
        case .ping(let clock): (sort, at) = (.ping, clock)
        case .pong, .request, .response, .bye, .unknown: return nil
        }
    }

    /// The frame in a line; its texts become harmless. A line of a recording may be longer than one of a stream.
    static func frame(_ line: [UInt8]) throws(StreamFault) -> StreamFrame {
        try StreamFrame(try JSONReader.value(line, isFromOutside: true))
    }

    // MARK: writing

    /// The line of a frame, with its end and without secrets.
    static func bytes(_ frame: StreamFrame) -> [UInt8] { bytes(RecordingSecrets.hidden(frame.value)) }

    /// What stands before a whole fleet, so that it is found from behind.
    static func mark(at: Date, items: Int) -> [UInt8] {
        bytes(["mark": ["at": .text(WireTime.text(at)), "items": .whole(items)]])
    }

    private static func bytes(_ value: JSONValue) -> [UInt8] { JSONWriter.bytes(value) + [newline] }
}

extension Date {
    /// Milliseconds, as lines tell their time: an instant and the line that was written at it are the same, whatever is lost in between.
    var tick: Int64 {
        // Far beyond the years that can be told, and far from overflow.
        let ticks = (timeIntervalSince1970 * 1000).rounded(.toNearestOrEven)
        return ticks.isNaN ? 0 : Int64(min(9e15, max(-9e15, ticks)))
    }
}
