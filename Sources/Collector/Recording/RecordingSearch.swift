#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finding instants in a file. Lines are in the order of their times.
extension RecordingFile {
    /// Below this it is quicker to go through the lines.
    private static let span = 32 << 10

    /// Behind the last whole line.
    var wholeEnd: Int {
        let size = size
        var high = size
        while high > 0 {
            let low = max(0, high - Self.span)
            if let last = read(from: low, count: high - low).lastIndex(of: RecordingLine.newline) {
                return low + last + 1
            }
            high = low
        }
        return 0
    }

    /// Where the lines up to an instant end.
    ///
    /// - Parameter isBefore: leaves out lines of the instant itself.
    func end(at date: Date, isBefore: Bool = false) -> Int {
        let whole = wholeEnd
        let counts = { (line: RecordingLine) in isBefore ? line.at.tick < date.tick : line.at.tick <= date.tick }
        var low = 0
        var high = whole
        while high - low > Self.span {
            let middle = (low + high) / 2
            guard let (start, line) = firstLine(after: middle, before: high), counts(line) else {
                high = middle
                continue
            }
            low = start
        }
        var end = low
        lines(from: low, to: whole) { _, bytes, next in
            guard let line = Self.line(bytes) else { return true }
            if counts(line) { end = next }
            return counts(line)
        }
        return end
    }

    /// The last mark that begins before a place.
    func mark(before place: Int) -> Int? {
        lastLine(before: place) { start, head in head.starts(with: RecordingLine.markStart) ? start : nil }
    }

    /// The instant of the last line.
    var last: Date {
        lastLine(before: wholeEnd) { _, head in RecordingLine(start: head)?.at } ?? start
    }

    /// When the fleet last changed before an instant.
    func newsBefore(_ date: Date) -> Date? {
        lastLine(before: end(at: date, isBefore: true)) { _, head in
            RecordingLine(start: head).flatMap { $0.isNews ? $0.at : nil }
        }
    }

    /// When it changed next after an instant.
    func newsAfter(_ date: Date) -> Date? { firstLine(from: end(at: date)) { $0.isNews }?.at }

    /// The first line from here on that is asked for.
    func firstLine(from place: Int, _ isWanted: (RecordingLine) -> Bool) -> RecordingLine? {
        var found: RecordingLine?
        lines(from: place, to: wholeEnd) { _, bytes, _ in
            guard let line = Self.line(bytes), isWanted(line) else { return true }
            found = line
            return false
        }
        return found
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> RecordingLine? {
        RecordingLine(start: bytes.prefix(RecordingLine.reach)) ?? RecordingLine(whole: Array(bytes))
    }

    /// The first line with a time that begins behind a place.
    private func firstLine(after place: Int, before end: Int) -> (start: Int, line: RecordingLine)? {
        // Anywhere in a line: up to its end is not read as one.
        var found: (Int, RecordingLine)?
        var isFirst = true
        lines(from: place, to: end) { start, bytes, _ in
            defer { isFirst = false }
            guard !isFirst, let line = Self.line(bytes) else { return true }
            found = (start, line)
            return false
        }
        return found
    }
}
