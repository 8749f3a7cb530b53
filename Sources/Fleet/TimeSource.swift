#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The only clock there is, passed to whatever needs one. Nothing else in Slipway asks the system for the time.
public struct TimeSource: Sendable {
    /// The wall clock: what is shown, and what is compared with times from outside.
    public let now: @Sendable () -> Date
    /// Seconds that never run backwards, for measuring. Its zero means nothing.
    public let uptime: @Sendable () -> Double
    /// Waits so many seconds of this clock; throws `CancellationError` when the task is cancelled.
    public let sleep: @Sendable (Double) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Double) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    /// The machine's clock.
    public static let system = TimeSource(
        now: { Date() }, uptime: { monotonicSeconds() },
        sleep: { try await Task.sleep(nanoseconds: nanoseconds($0)) })

    /// A clock that runs `speed` times as fast as the machine's: the demo's world lives on it.
    ///
    /// - Parameter past: so many seconds before now it begins, and it makes up for them within `catchUp` seconds of real time,
    ///   so that a world can have a history when it is first looked at.
    public static func scaled(by speed: Double, past: Double = 0, catchUp: Double = 1) -> TimeSource {
        let startDate = Date().addingTimeInterval(-past)
        let start = monotonicSeconds()
        // Seconds of this clock since its start for real seconds since then, and the other way round.
        let elapsed: @Sendable (Double) -> Double = { real in
            guard past > 0, real < catchUp else { return past + (real - (past > 0 ? catchUp : 0)) * speed }
            return real / catchUp * past
        }
        let real: @Sendable (Double) -> Double = { elapsed in
            guard past > 0, elapsed < past else { return (elapsed - past) / speed + (past > 0 ? catchUp : 0) }
            return elapsed / past * catchUp
        }
        return TimeSource(
            now: { startDate.addingTimeInterval(elapsed(monotonicSeconds() - start)) },
            uptime: { elapsed(monotonicSeconds() - start) },
            sleep: { seconds in
                let now = monotonicSeconds() - start
                try await Task.sleep(nanoseconds: nanoseconds(real(elapsed(now) + seconds) - now))
            })
    }

    private static func monotonicSeconds() -> Double {
        let elapsed = ContinuousClock.now - epoch
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    }

    private static let epoch = ContinuousClock.now

    private static func nanoseconds(_ seconds: Double) -> UInt64 {
        // A year is as good as for ever, and far from overflow.
        UInt64(min(max(0, seconds), 3.2e7) * 1e9)
    }
}
