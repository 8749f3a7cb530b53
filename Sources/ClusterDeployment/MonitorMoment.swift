import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An instant on both clocks: what is shown is dated by the wall, what is waited for is measured by the one that never jumps.
public struct MonitorMoment: Sendable, Equatable {
    public var date: Date
    /// Seconds of `TimeSource.uptime`.
    public var uptime: Double

    public init(date: Date, uptime: Double) {
        self.date = date
        self.uptime = uptime
    }

    public init(_ time: TimeSource) { self.init(date: time.now(), uptime: time.uptime()) }
}
