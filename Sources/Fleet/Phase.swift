#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One step of an item's track.
public struct Phase: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        case waiting, running, done, failed
        /// The run went past this step without reporting it.
        case skipped
    }

    /// The step's name in the system's own words.
    public var name: String
    public var state: State
    public var startedAt: Date?
    public var endedAt: Date?
    /// How long the step usually takes, in seconds: the median of `usualCount` runs, or a typical value when `usualCount` is 0.
    public var usual: Double?
    /// The 90th percentile beside `usual`, in seconds.
    public var usualHigh: Double?
    /// The runs behind `usual`; 0 marks a typical value that was not measured here.
    public var usualCount: Int?
    /// The longest the system allows, in seconds; beyond it the step is overdue.
    public var limit: Double?

    public init(
        name: String, state: State = .waiting, startedAt: Date? = nil, endedAt: Date? = nil, usual: Double? = nil,
        usualHigh: Double? = nil, usualCount: Int? = nil, limit: Double? = nil
    ) {
        self.name = name
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.usual = usual
        self.usualHigh = usualHigh
        self.usualCount = usualCount
        self.limit = limit
    }

    /// Seconds the step has taken: until its end, or until `now` while it runs; nil before it began. A clock that was set back gives 0.
    public func elapsed(at now: Date) -> Double? {
        guard let startedAt else { return nil }
        if state == .running { return max(0, now.timeIntervalSince(startedAt)) }
        guard let endedAt else { return nil }
        return max(0, endedAt.timeIntervalSince(startedAt))
    }

    /// Whether it takes, or took, longer than nine of ten recorded runs. Without recorded runs nothing is called slow.
    public func isSlow(at now: Date) -> Bool {
        guard let count = usualCount, count >= 3, let usualHigh, let taken = elapsed(at: now) else { return false }
        return taken > usualHigh
    }
}
