import Fleet
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A clock that stands still until it is moved, and whose sleepers wake when it has passed their time.
public final class ManualTime: Sendable {
    private struct State {
        var elapsed = 0.0
        var sleepers: [Int: (due: Double, wake: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    }

    /// 2026-11-20 22:00 UTC.
    public static let start = Date(timeIntervalSince1970: 1_795_212_000)
    private let state = Mutex(State())

    public init() {}

    public var now: Date { Self.start.addingTimeInterval(state.withLock { $0.elapsed }) }

    public var source: TimeSource {
        TimeSource(
            now: { self.now }, uptime: { self.state.withLock { $0.elapsed } }, sleep: { try await self.sleep($0) })
    }

    /// Moves the clock and wakes whoever is due.
    public func advance(by seconds: Double) {
        let due = state.withLock { state in
            state.elapsed += seconds
            let due = state.sleepers.filter { $0.value.due <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.due < $1.due }.map(\.wake)
        }
        for wake in due { wake.resume() }
    }

    /// How many are asleep.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Waits until so many are asleep: then everything that had to happen at this instant has happened.
    public func untilAsleep(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func sleep(_ seconds: Double) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                enum Step { case sleep, cancelled }
                let (step, woken) = state.withLock { state -> (Step, [CheckedContinuation<Void, Never>]) in
                    if state.cancelled.remove(id) != nil { return (.cancelled, []) }
                    state.sleepers[id] = (state.elapsed + seconds, continuation)
                    let ready = state.watchers.filter { $0.count <= state.sleepers.count }
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return (.sleep, ready.map(\.wake))
                }
                if step == .cancelled { continuation.resume(throwing: CancellationError()) }
                for wake in woken { wake.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }
}
