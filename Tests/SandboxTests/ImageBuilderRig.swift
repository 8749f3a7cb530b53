import Fleet
import Foundation
import ImageBuild
import Sandbox
import Synchronization
import TestSupport
import Testing

struct Missing: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

extension KnownBuild {
    var name: String { record.name }
}

extension KnownBuild.Life {
    var isGood: Bool {
        if case .ended(let end) = self { return end.status == 0 }
        return false
    }
}

/// The door with its clock.
struct ImageBuilders {
    let time = ManualTime()
    let door: SandboxBuilders
    let seed: UInt64

    init(at seconds: Double, seed: UInt64 = 3) {
        self.seed = seed
        door = SandboxBuilders(time: time.source, seed: seed)
        time.advance(by: seconds)
    }

    var now: Date { time.now }
    var past: [Run] { SandboxPast.imageRuns(source: SourceID("builders"), seed: seed, now: ManualTime.start) }

    /// Seconds since the door was made.
    func move(to seconds: Double) { time.advance(by: seconds - now.timeIntervalSince(ManualTime.start)) }

    func builds() async throws -> [KnownBuild] { try await door.builds() }

    /// By name, the newest of each.
    func all() async throws -> [String: KnownBuild] {
        try await builds().reduce(into: [:]) { known, build in
            let other = known[build.name]?.record.startedAt ?? .distantPast
            if build.record.startedAt ?? .distantPast > other { known[build.name] = build }
        }
    }

    /// A life of a builder, when it has ended, its image too; the clock is moved there.
    func ended(_ name: String, life: Int) async throws -> KnownBuild {
        move(to: ImageBuilderTests.opening)
        for _ in 0..<400 {
            let lives = try await builds().filter { $0.name == name }
                .sorted { ($0.record.startedAt ?? .distantPast) < ($1.record.startedAt ?? .distantPast) }
            if lives.count > life, lives[life].isOver, lives[life].image?.state != .pending { return lives[life] }
            time.advance(by: 600)
        }
        throw Missing(name)
    }

    /// The whole log of a build and when it ended, however long it takes; the clock is moved.
    func finished(_ id: String) async throws -> (bytes: [UInt8], end: Date) {
        for _ in 0..<400 {
            if case .ended(let end)? = try await builds().first(where: { $0.id == id })?.life {
                return (try await bytes(of: id), end.at)
            }
            time.advance(by: 600)
        }
        throw Missing(id)
    }

    /// What is written of it by now.
    func bytes(of id: String, from place: BuildPlace = .start) async throws -> [UInt8] {
        let pieces = Pieces()
        let isOver = try await builds().first { $0.id == id }?.isOver ?? true
        let task = Task { try await door.follow(id, from: place) { pieces.add($0) } }
        if !isOver {
            await time.untilAsleep()
            task.cancel()
        }
        try await task.value
        return pieces.bytes
    }

    /// The log of a build, or of the newest of a name, read as far as it is written.
    func log(of idOrName: String) async throws -> BuildLog {
        let newest = try await all()[idOrName]
        let build = try await builds().first { $0.id == idOrName } ?? newest
        guard let build else { throw Missing(idOrName) }
        var log = BuildLog(roots: build.record.packages)
        log.feed(try await bytes(of: build.id), at: now, isPast: true)
        return log
    }

    /// A build as the screen has it, read as far as its log is written.
    func item(of build: KnownBuild) async throws -> Item {
        let memory = BuildMemory(runs: past)
        var reading = BuildReading(build)
        reading.take(build, now: now)
        if build.hasLog {
            let bytes = try await bytes(of: build.id)
            reading.take(.bytes(bytes, place: BuildPlace(offset: bytes.count), written: now, isPast: true), now: now)
        }
        if build.isOver { reading.finish(now: now) }
        reading.advance(memory, now: now)
        return ImageRules(source: SourceID("builders"), place: "the demo").item(reading, memory: memory, now: now)
    }
}

/// What a follower was given.
final class Pieces: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var first: (isPast: Bool, written: Date)?
        var restarts: [BuildRestart] = []
        var caughtUp = 0
        var largest = 0
        var fresh = 0
        var isInOrder = true
        var previous = Date.distantPast
    }

    private let state = Mutex(State())

    func add(_ piece: BuildPiece) {
        state.withLock { state in
            switch piece {
            case .bytes(let bytes, let place, let written, let isPast):
                state.bytes += bytes
                state.largest = max(state.largest, bytes.count)
                if state.first == nil { state.first = (isPast, written) }
                if !isPast {
                    state.fresh += 1
                    if state.previous > written { state.isInOrder = false }
                }
                state.previous = written
                #expect(!bytes.isEmpty && place.offset > 0)
            case .restarted(let restart): state.restarts.append(restart)
            case .caughtUp: state.caughtUp += 1
            case .missing: break
            }
        }
    }

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var count: Int { state.withLock { $0.bytes.count } }
    var first: (isPast: Bool, written: Date)? { state.withLock { $0.first } }
    var restarts: [BuildRestart] { state.withLock { $0.restarts } }
    var caughtUp: Int { state.withLock { $0.caughtUp } }
    var largest: Int { state.withLock { $0.largest } }
    var fresh: Int { state.withLock { $0.fresh } }
    var isInOrder: Bool { state.withLock { $0.isInOrder } }
}
