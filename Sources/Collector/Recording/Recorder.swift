import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Follows a fleet and writes down what changes in it, as the frames of the change stream.
///
/// It looks at the fleet from outside, as a screen does. What the disk does not take costs the recording a gap and the screen a notice,
/// nothing else.
public actor Recorder {
    /// Changes are written at most so often, in seconds; of several values of an item in between the last one counts.
    static let period: Double = 1
    /// When nothing has changed for so long, a line says that time went on, in seconds.
    static let beatPeriod: Double = 60
    /// A whole fleet is written at least so often if anything changed, in seconds.
    static let wholePeriod: Double = 900
    /// And when so many times its bytes of changes have been written: a seek reads both. Seldom enough for the file to consist of changes.
    static let wholeShare = 3
    /// Small fleets are not written again and again, in bytes.
    static let wholeLeast = 256 << 10
    /// A disk that does not take it, or a folder that another process writes to, is tried again so often, in seconds.
    static let retryPeriod: Double = 30
    /// A clock that is set back by no more is waited for; by more, another file begins. Seconds.
    static let setBackLimit: Double = 60
    /// A line of a whole fleet holds no more items, so that a large fleet is never in memory as JSON.
    private static let itemsPerLine = 100
    /// So many changes are told at a time.
    private static let manyChanges = 250

    private let store: RecordingStore
    private let time: TimeSource
    private let program: String
    private let host: String
    private let epoch: String

    /// The fleet, as far as it was told; it shares what its items hold with the collector.
    private var source: StreamSource?
    private var writer: RecordingWriter?
    /// Whether the file has a whole fleet of this run.
    private var isGreeted = false
    /// Runs begun, in whichever file.
    private var greetings = 0
    private var problem: RecordingProblem?
    private var nextTry: Date?
    /// The instant of the last line.
    private var last = Date.distantPast
    private var fileStart = Date.distantPast
    private var lastWhole = Date.distantPast
    /// Bytes of the last whole fleet, and of the changes since.
    private var wholeBytes = 0
    private var changeBytes = 0

    /// - Parameters:
    ///   - program: name and version, for whoever opens the recording with another: `slipway 0.1.0`.
    ///   - host: what this machine calls itself, for people.
    ///   - epoch: random text that no other run has.
    public init(_ store: RecordingStore, program: String, host: String, epoch: String, time: TimeSource) {
        self.store = store
        self.program = program
        self.host = host
        self.epoch = epoch
        self.time = time
    }

    /// Why nothing is written at present, and what to do; nil when all is well.
    public var notice: String? { problem.map(\.description) }

    /// Opens the file now rather than with the first change, so that a wrong name is told at once.
    ///
    /// - Throws: that it cannot be written, or is not a recording.
    public func begin() throws(RecordingProblem) {
        do throws(RecordingProblem) { try open() } catch {
            problem = error
            throw error
        }
    }

    private func open() throws(RecordingProblem) {
        writer = try store.open(now: time.now())
        last = max(last, writer?.found?.upperBound ?? last)
    }

    /// Records until the task is cancelled or the fleet's publisher ends; what waits then is written.
    public func run(_ publisher: any FleetPublisher) async {
        let (fleet, subscription) = await publisher.subscribe()
        source = StreamSource(fleet, epoch: epoch)
        write([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in subscription.signals {
                    await self.write(subscription.take())
                    guard (try? await self.time.sleep(Self.period)) != nil else { break }
                }
            }
            group.addTask {
                while (try? await self.time.sleep(Self.beatPeriod)) != nil { await self.beat() }
            }
            await group.next()
            group.cancelAll()
        }
        write(subscription.take())
        await publisher.unsubscribe(subscription)
        close()
        store.release()
    }

    private func close() {
        writer = nil
        isGreeted = false
    }

    // MARK: what is written

    func write(_ changes: [Change]) {
        let values = changes.filter { !$0.isEvent }
        if values.count > Self.manyChanges, 2 * values.count > source?.count ?? 0 {
            restart(with: values)
            // What happened is read from changes; a whole fleet only has what is left of it.
            let events = changes.filter(\.isEvent)
            for slice in events.slices(of: Self.manyChanges) { write(some: Array(slice)) }
            return
        }
        // Not all at once: thousands of changes as JSON take a hundred megabytes.
        for slice in changes.slices(of: Self.manyChanges) { write(some: Array(slice)) }
        if changes.isEmpty { _ = prepare() }
    }

    /// Most of the fleet has changed, as when it is read for the first time: whole it costs a third.
    private func restart(with changes: [Change]) {
        guard let told = source?.told() else { return }
        var snapshot = Snapshot(at: time.now(), items: told.items, sources: told.sources, events: told.events)
        for change in changes { snapshot.apply(change) }
        source = StreamSource(snapshot, epoch: epoch)
        isGreeted = false
        _ = prepare()
    }

    private func write(some changes: [Change]) {
        let now = instant()
        // In place: a copy of a large fleet each second would cost more than all the rest.
        let frames = source?.advance(changes, at: now) ?? []
        let greetings = self.greetings
        // A fleet that was just written has them.
        guard prepare(), greetings == self.greetings, !frames.isEmpty else { return }
        let bytes = frames.flatMap(RecordingLine.bytes)
        attempt { () throws(RecordingProblem) in
            try writer?.append(bytes)
            changeBytes += bytes.count
            last = now
            let isLong = changeBytes > max(Self.wholeLeast, Self.wholeShare * wholeBytes)
            if isLong || now.timeIntervalSince(lastWhole) >= Self.wholePeriod { try writeWhole(at: now) }
        }
    }

    private func beat() {
        // Somebody may have moved the file away; then a new one is begun.
        if let writer, !writer.isInPlace { close() }
        guard prepare() else { return }
        let now = instant()
        guard now.timeIntervalSince(last) >= Self.beatPeriod - Self.period else { return }
        attempt { () throws(RecordingProblem) in
            try writer?.append(RecordingLine.bytes(.ping(clock: now)))
            last = now
        }
    }

    /// Now, but never before what is written already: lines are found by their times.
    private func instant() -> Date { max(last, time.now()) }

    /// A file to write to, with a whole fleet in it.
    ///
    /// - Returns: whether there is one.
    private func prepare() -> Bool {
        let now = time.now()
        if writer == nil {
            if let nextTry, now < nextTry, now > nextTry.addingTimeInterval(-2 * Self.retryPeriod) { return false }
            guard attempt({ () throws(RecordingProblem) in try open() }), writer != nil else {
                nextTry = now.addingTimeInterval(Self.retryPeriod)
                return false
            }
        }
        guard let writer else { return false }
        let isSetBack = last.timeIntervalSince(now) > Self.setBackLimit
        // Another whole fleet must find room; and a fleet that is large for the limit does not begin a file with each change.
        let isFull = isGreeted && writer.size + wholeBytes > max(store.fileLimit, 3 * wholeBytes)
        let isOld = isGreeted && now.timeIntervalSince(fileStart) > store.fileAge
        if isSetBack || isFull || isOld {
            close()
            last = isSetBack ? now : last
            attempt { () throws(RecordingProblem) in self.writer = try store.roll(now: now) }
        }
        if !isGreeted { greet() }
        return self.writer != nil && isGreeted
    }

    /// Begins a run in the file: who writes, and the whole fleet.
    private func greet() {
        guard let writer, let source else { return }
        let now = instant()
        let hello = StreamFrame.Hello(program: program, host: host, position: source.position, clock: now)
        fileStart = writer.found?.lowerBound ?? now
        isGreeted = true
        greetings += 1
        attempt { () throws(RecordingProblem) in
            try writeWhole(at: now, after: RecordingLine.bytes(.hello(hello)))
        }
    }

    /// The whole fleet, in slices. Whoever reads it knows it by the mark before it.
    ///
    /// - Parameter greeting: what stands before it, and is of no use without it.
    private func writeWhole(at now: Date, after greeting: [UInt8] = []) throws(RecordingProblem) {
        guard let writer, let position = source?.position, let fleet = source?.told() else { return }
        let start = writer.size
        do throws(RecordingProblem) {
            try writer.append(greeting + RecordingLine.mark(at: now, items: fleet.items.count))
            var part = StreamFrame.Part(position: position, at: now, isLast: false)
            for slice in fleet.items.slices(of: Self.itemsPerLine) {
                part.items = slice.map { StreamItem($0) }
                try append(part, to: writer)
            }
            part.items = []
            part.sources = fleet.sources
            part.events = fleet.events
            part.isLast = true
            try append(part, to: writer)
        } catch {
            // A part of a fleet is of no use to anybody.
            writer.cut(to: start)
            throw error
        }
        last = now
        lastWhole = now
        wholeBytes = writer.size - start
        changeBytes = 0
    }

    /// Large items may need more lines than others.
    private func append(_ part: StreamFrame.Part, to writer: RecordingWriter) throws(RecordingProblem) {
        let bytes = RecordingLine.bytes(.fleet(part))
        guard bytes.count > StreamLines.limit, part.items.count > 1 else { return try writer.append(bytes) }
        for half in part.items.slices(of: (part.items.count + 1) / 2) {
            var smaller = part
            smaller.items = Array(half)
            try append(smaller, to: writer)
        }
    }

    /// Does something with the disk. When it fails, the file is closed and tried again later.
    @discardableResult
    private func attempt(_ work: () throws(RecordingProblem) -> Void) -> Bool {
        do throws(RecordingProblem) {
            try work()
            if writer != nil { problem = nil }
            return true
        } catch {
            problem = error
            nextTry = time.now().addingTimeInterval(Self.retryPeriod)
            close()
            return false
        }
    }
}

extension Change {
    fileprivate var isEvent: Bool { if case .event = self { true } else { false } }
}

extension Array {
    fileprivate func slices(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
