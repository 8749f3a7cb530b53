import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What waits to be written to one reader. A reader that is behind loses what waits, and gets what has become of it in one piece when it
/// has read everything before: the newest value of each item, however often it changed. Pure.
struct Outbox {
    /// Changes of so many bytes may wait. Little: what waits long is old when it arrives, and one piece of the newest values is shorter.
    static let limit = 64 << 10
    /// Who has so many answers waiting asks without reading.
    static let answerLimit = 256

    private let limit: Int
    private var answers: [[UInt8]] = []
    /// The fleet that is being told.
    private var fleet: StreamFleet?
    private var changes: [(seq: Int, line: [UInt8])] = []
    private var bytes = 0
    /// What the reader has when it has read all that was handed out; nil when it has nothing.
    private var sent: StreamPosition?
    /// It needs a fleet since `sent` before any change.
    private var isBehind = false
    private var hasBegun = false
    private var farewell: [UInt8]?
    private(set) var isOver = false

    init(limit: Int = Self.limit) { self.limit = limit }

    /// Changes that wait, in bytes.
    var waiting: Int { bytes }
    var isOverrun: Bool { answers.count > Self.answerLimit }

    /// From here on the reader follows: it gets a fleet, and then every change.
    ///
    /// - Parameter since: what it has; nil for nothing.
    mutating func begin(since: StreamPosition?) {
        hasBegun = true
        // A fleet that is half told would be continued by one that nobody asked for.
        fleet = nil
        fallBehind(at: since)
    }

    /// A change, as the line that is the same for all.
    mutating func offer(_ line: [UInt8], seq: Int) {
        guard hasBegun, !isBehind, farewell == nil else { return }
        guard bytes + line.count <= limit else { return fallBehind(at: sent) }
        changes.append((seq, line))
        bytes += line.count
    }

    /// What is for this reader alone, and goes before all that waits.
    mutating func answer(_ frame: StreamFrame) { answers.append(StreamLines.line(frame)) }

    /// The last thing that is said.
    mutating func finish(sentence: String, advice: String) {
        farewell = farewell ?? StreamLines.line(.bye(sentence: sentence, advice: advice))
        fleet = nil
        changes = []
        bytes = 0
        isBehind = false
    }

    /// The next line to be written; nil when the reader has everything.
    mutating func next(_ source: StreamSource?, at now: Date) -> [UInt8]? {
        if !answers.isEmpty { return answers.removeFirst() }
        if let farewell {
            defer { isOver = true }
            return isOver ? nil : farewell
        }
        if let part = fleet?.next() { return StreamLines.line(part) }
        if let told = fleet {
            sent = told.position
            fleet = nil
        }
        if isBehind, let source {
            isBehind = false
            fleet = source.fleet(since: sent, at: now)
            return fleet?.next().map(StreamLines.line)
        }
        guard !changes.isEmpty else { return nil }
        let (seq, line) = changes.removeFirst()
        bytes -= line.count
        sent?.seq = seq
        return line
    }

    private mutating func fallBehind(at position: StreamPosition?) {
        sent = position
        isBehind = true
        changes = []
        bytes = 0
    }
}
