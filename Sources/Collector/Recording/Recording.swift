import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was recorded, for reading: one file with those that were rotated away from it, or a folder of them. It may grow meanwhile.
///
/// Opening reads the first line of each file; what an instant was like is found by halves and read from the last whole fleet before it.
public struct Recording: Sendable {
    /// The fleet at an instant.
    public struct Look: Sendable {
        public var snapshot: Snapshot
        /// What of it is not as it was, and what to do; nil when all is well.
        public var trouble: RecordingProblem?
    }

    /// Without any line for so many seconds nothing was recorded: a recorder writes one a minute also when nothing changes.
    static let longestSilence: Double = 150
    /// Ahead of this machine's clock by no more, in seconds, is not worth a word: a demo's clock runs fast.
    static let aheadLimit: Double = 86_400

    /// For people.
    public let name: String
    /// In the order in which they were written; never empty.
    let files: [RecordingFile]
    /// Files in the folder that are no recordings.
    private let unread: Int

    /// - Parameter path: a file written with `--record`. Those that were rotated away from it (`FILE.1`, older `FILE.2` …) belong to it.
    /// - Throws: that it cannot be read, and why.
    public init(path: String) throws(RecordingProblem) {
        let newest = try RecordingFile(path: path)
        var older: [RecordingFile] = []
        for number in 1...RecordingStore.rotations {
            guard let file = try? RecordingFile(path: "\(path).\(number)") else { break }
            older.append(file)
        }
        self.init(name: RecordingFile.name(path), files: older.reversed() + [newest])
    }

    /// - Parameters:
    ///   - folder: with the files of a kept history.
    ///   - known: files of it that are open already.
    /// - Throws: that nothing is kept there.
    init(folder: String, known: [RecordingFile] = []) throws(RecordingProblem) {
        let open = Dictionary(known.map { ($0.path, $0) }) { $1 }
        var files: [RecordingFile] = []
        var unread = 0
        for path in RecordingStore.segments(in: folder) {
            if let file = open[path] ?? (try? RecordingFile(path: path)) { files.append(file) } else { unread += 1 }
        }
        guard !files.isEmpty else {
            throw RecordingProblem("Nothing is kept of earlier times.", advice: "It is from now on.")
        }
        self.init(name: RecordingFile.name(folder), files: files, unread: unread)
    }

    private init(name: String, files: [RecordingFile], unread: Int = 0) {
        self.name = name
        self.files = files
        self.unread = unread
    }

    /// From the first to the last instant that is told.
    public var range: ClosedRange<Date> {
        let first = files.first?.start ?? .distantPast
        // Only the newest grows, but a clock that was set back may have left a later end in an older one.
        return first...max(first, files.last?.last ?? first)
    }

    /// What to tell about it as a whole when it is opened.
    public func troubles(now: Date) -> [RecordingProblem] {
        var troubles: [RecordingProblem] = []
        let last = range.upperBound
        if last.timeIntervalSince(now) > Self.aheadLimit {
            troubles.append(
                RecordingProblem(
                    "The recording goes on until \(WireTime.text(last)), which is later than this machine's clock.",
                    advice: "Its times are shown as they are; check the clocks of both machines."))
        }
        if let newest = files.last, newest.wholeEnd < newest.size {
            troubles.append(
                RecordingProblem(
                    "The recording ends in the middle of a line.",
                    advice: "All before \(WireTime.text(last)) is shown; copy it again if it should go on."))
        }
        return troubles
    }

    // MARK: the fleet at an instant

    /// The whole fleet as it was; before the first and after the last instant as it was at those.
    ///
    /// - Throws: that nothing can be read of that time.
    public func look(at date: Date) throws(RecordingProblem) -> Look {
        let date = clamped(date)
        guard var cursor = cursor(at: date), let look = look(&cursor, at: date) else { throw unreadable(at: date) }
        return look
    }

    public func snapshot(at date: Date) throws(RecordingProblem) -> Snapshot { try look(at: date).snapshot }

    func clamped(_ date: Date) -> Date {
        let range = range
        return min(max(date, range.lowerBound), range.upperBound)
    }

    /// The file that tells of an instant: the last one that begins no later. Files overlap where a clock was set back.
    func index(at date: Date) -> Int { files.lastIndex { $0.start.tick <= date.tick } ?? 0 }

    func cursor(at date: Date, atWhole: (RecordingCursor) -> Void = { _ in }) -> RecordingCursor? {
        // A file that begins with a torn fleet tells nothing; what was before it still stands.
        for file in files[...index(at: date)].reversed() {
            if let cursor = file.cursor(to: file.end(at: date), atWhole: atWhole) { return cursor }
        }
        return nil
    }

    func look(_ cursor: inout RecordingCursor, at date: Date) -> Look? {
        guard let snapshot = cursor.fleet(at: date) else { return nil }
        var trouble: RecordingProblem?
        if cursor.isDamaged {
            trouble = RecordingProblem(
                "The recording is damaged at \(WireTime.text(date)); it is shown as it was before that.",
                advice: "Go to a later time; the next whole fleet is at most a quarter of an hour on.")
        } else if cursor.unreadable > 0 {
            trouble = RecordingProblem(
                "\(cursor.unreadable) items of the recording are of a kind that this slipway does not know.",
                advice: "Open it with a newer slipway.")
        }
        return Look(snapshot: snapshot, trouble: trouble)
    }

    func unreadable(at date: Date) -> RecordingProblem {
        let isCut = files.count == 1 && files[0].cursor(to: files[0].wholeEnd) == nil
        return isCut
            ? RecordingProblem("The recording \(name) is cut off before anything is told.", advice: "Record again.")
            : RecordingProblem(
                "Nothing can be read of \(WireTime.text(date)) in \(name).",
                advice: "Go to a later time; the file may be damaged.")
    }

    // MARK: steps

    /// When the fleet changed next after an instant; nil when it did not.
    public func next(after date: Date) -> Date? {
        for index in index(at: date)..<files.count {
            let end = index + 1 < files.count ? files[index + 1].start : .distantFuture
            // What a later file tells counts from its beginning.
            if let next = files[index].newsAfter(date), next.tick < end.tick { return next }
            if end.tick > date.tick, index + 1 < files.count { return end }
        }
        return nil
    }

    /// When it changed last before an instant; nil when it did not.
    public func previous(before date: Date) -> Date? {
        for file in files[...index(at: date)].reversed() {
            if let previous = file.newsBefore(date) { return previous }
        }
        return nil
    }

    /// The stretch around an instant in which nothing was recorded, rather than nothing changed; nil when it was.
    public func gap(at date: Date) -> ClosedRange<Date>? {
        let index = index(at: date)
        let file = files[index]
        let end = file.end(at: date)
        guard let before = file.lastLine(before: end, { _, head in RecordingLine(start: head)?.at }) else { return nil }
        let after =
            file.firstLine(from: end) { _ in true }?.at ?? (index + 1 < files.count ? files[index + 1].start : nil)
        guard let after, after.tick > date.tick, after.timeIntervalSince(before) > Self.longestSilence else {
            return nil
        }
        return before...after
    }

    /// What happened in a stretch of time, oldest first; of more than `limit` events the newest.
    public func events(in range: ClosedRange<Date>, limit: Int = Snapshot.eventLimit) -> [Event] {
        var events: [Event] = []
        for file in files[...index(at: range.upperBound)].reversed() where events.count < limit {
            var found: [Event] = []
            // An event is told within moments; what it is dated by may be a little older.
            let first = file.end(at: range.lowerBound, isBefore: true)
            file.lines(from: first, to: file.end(at: range.upperBound.addingTimeInterval(60))) { _, line, _ in
                guard line.starts(with: Self.eventful.head),
                    line.dropFirst(Self.eventful.skip).starts(with: Self.eventful.name),
                    case .change(let step)? = try? RecordingLine.frame(Array(line))
                else { return true }
                found += step.events.filter { range.contains($0.at) }
                return true
            }
            events = found + events
        }
        return Array(events.suffix(limit))
    }

    /// How the line of a change with events begins: the names in it are in alphabetical order.
    private static let eventful = (
        head: Array(#"{"change":{"at":""#.utf8), skip: #"{"change":{"at":"2026-11-21T19:07:27.000Z""#.utf8.count,
        name: Array(#","events":"#.utf8)
    )
}
