import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A place in a file and the fleet up to there. It goes forward only; what was read is not read again. A value: a copy goes its own way.
struct RecordingCursor: Sendable {
    let file: RecordingFile
    /// Where the next line begins.
    private(set) var place: Int
    /// Lines were passed over because they could not be read, and no whole fleet has come since.
    private(set) var isDamaged = false
    /// Items that this version cannot read.
    var unreadable: Int { mirror?.unreadable ?? 0 }

    private var mirror: StreamMirror?
    /// A whole fleet that is not complete yet. It grows beside the old one, which stands if this one is cut off.
    private var coming: StreamMirror?
    /// Changes cannot be followed until a whole fleet has come.
    private var isLost = true

    /// - Parameter mark: the start of a line, best of one before a whole fleet.
    init(_ file: RecordingFile, at mark: Int) {
        self.file = file
        place = mark
    }

    /// The fleet as of what was taken; nil as long as no whole one was.
    mutating func fleet(at date: Date) -> Snapshot? {
        guard mirror?.position != nil else { return nil }
        _ = mirror?.settle()
        guard var fleet = mirror?.snapshot else { return nil }
        fleet.at = date
        // However it was read, the same events are there.
        fleet.events = fleet.events.suffix(Snapshot.eventLimit)
        return fleet
    }

    /// Whether a whole fleet has been taken.
    var isWhole: Bool { mirror?.position != nil }

    /// Takes all lines that begin before `end`.
    ///
    /// - Parameter isOver: stops behind the first whole fleet.
    mutating func take(to end: Int, untilWhole isOver: Bool = false) {
        let first = place
        file.lines(from: first, to: end) { _, line, next in
            take(line)
            place = next
            return !(isOver && isWhole)
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        guard let head = RecordingLine(start: line.prefix(RecordingLine.reach)) else {
            // A line as another version writes it, or none at all: whether something is missing is told by the number of the next change.
            if let frame = Self.frame(line) { take(frame) } else { coming = nil }
            return
        }
        switch head.sort {
        case .ping: break
        case .hello: begin()
        case .mark: if isLost { coming = StreamMirror(at: head.at) }
        // In what can be followed a whole fleet tells nothing new, and is long.
        case .fleet: if coming != nil { take(Self.frame(line)) }
        case .change:
            // What begins before a whole fleet is complete belongs to one that was cut off.
            coming = nil
            if !isLost { take(Self.frame(line)) }
        }
    }

    /// - Parameter frame: nil for one that cannot be read.
    private mutating func take(_ frame: StreamFrame?) {
        guard let frame else {
            coming = nil
            (isLost, isDamaged) = (true, true)
            return
        }
        take(frame)
    }

    private mutating func take(_ frame: StreamFrame) {
        switch frame {
        case .hello: begin()
        case .fleet(let part):
            if coming == nil, isLost { coming = StreamMirror(at: part.at) }
            if case .refused? = coming?.take(frame) { coming = nil }
            guard coming?.position != nil else { return }
            mirror = coming
            coming = nil
            (isLost, isDamaged) = (false, false)
        case .change:
            coming = nil
            guard !isLost else { return }
            switch mirror?.take(frame) {
            case .needsFleet?, .refused?: (isLost, isDamaged) = (true, true)
            case .ready?, .waiting?, nil: break
            }
        case .ping, .pong, .request, .response, .bye, .unknown: break
        }
    }

    /// Another run of the recorder: what follows is no change of what was.
    private mutating func begin() {
        isLost = true
        coming = nil
    }

    private static func frame(_ line: ArraySlice<UInt8>) -> StreamFrame? {
        line.count <= RecordingLine.limit ? try? RecordingLine.frame(Array(line)) : nil
    }
}

extension RecordingFile {
    /// The fleet at a place where lines end, from the last whole fleet before it. One that was cut off is passed over for the one before.
    ///
    /// - Parameter atWhole: called with the cursor behind that whole fleet, before the changes that follow it.
    /// - Returns: nil where no whole fleet stands before that place.
    func cursor(to end: Int, atWhole: (RecordingCursor) -> Void = { _ in }) -> RecordingCursor? {
        var before = end
        while let mark = mark(before: before) {
            var cursor = RecordingCursor(self, at: mark)
            cursor.take(to: end, untilWhole: true)
            if cursor.isWhole {
                atWhole(cursor)
                cursor.take(to: end)
                return cursor
            }
            before = mark
        }
        return nil
    }
}
