import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads instants of a recording one after the other: what was read for the last one serves the next, so that a step costs what changed.
struct RecordingReader: Sendable {
    private(set) var recording: Recording
    private var cursor: RecordingCursor?
    /// Behind the whole fleet that `cursor` began with: for going back no further than it.
    private var base: RecordingCursor?
    /// What was read last, and until when it stays so.
    private var shown: (look: Recording.Look, until: Date)?
    /// Beyond so many bytes of changes the next whole fleet is the shorter way.
    private static let longestWay = 2 << 20

    init(_ recording: Recording) { self.recording = recording }

    /// Goes on with the files that are there now.
    mutating func change(to recording: Recording) {
        self.recording = recording
        shown = nil
    }

    /// - Parameter date: brought into the range.
    mutating func look(at date: Date) throws(RecordingProblem) -> Recording.Look {
        let date = recording.clamped(date)
        if var shown, shown.look.snapshot.at.tick <= date.tick, date.tick < shown.until.tick {
            shown.look.snapshot.at = date
            self.shown = shown
            return shown.look
        }
        let file = recording.files[recording.index(at: date)]
        let end = file.end(at: date)
        var found = near(file, to: end)
        if found == nil {
            base = nil
            found = recording.cursor(at: date) { base = $0 }
        }
        guard var cursor = found, let look = recording.look(&cursor, at: date) else {
            throw recording.unreadable(at: date)
        }
        // What is settled once is not settled again.
        self.cursor = cursor
        shown = cursor.file === file ? file.firstLine(from: end) { _ in true }.map { (look, $0.at) } : nil
        return look
    }

    /// What was read before, taken on to a place, if that is not far.
    private mutating func near(_ file: RecordingFile, to end: Int) -> RecordingCursor? {
        for known in [cursor, base] {
            guard var known, known.file === file, known.place <= end, end - known.place <= Self.longestWay else {
                continue
            }
            // What was damaged may have been mended by a whole fleet in between; that is taken as well.
            known.take(to: end)
            return known.isWhole ? known : nil
        }
        return nil
    }
}
