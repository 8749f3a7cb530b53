#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One step of an item's track. Thousands of items have ten each, so it is kept small.
public struct Phase: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        case waiting, running, done, failed
        /// The run went past this step without reporting it.
        case skipped
    }

    /// The step's name in the system's own words.
    public var name: String
    @Slim public var startedAt: Date?
    @Slim public var endedAt: Date?
    /// How long the step usually takes, in seconds: the median of `usualCount` runs, or a typical value when `usualCount` is 0.
    @Slim public var usual: Double?
    /// The 90th percentile beside `usual`, in seconds.
    @Slim public var usualHigh: Double?
    /// The runs behind `usual`; 0 marks a typical value that was not measured here.
    @Slim public var usualCount: Int?
    /// The longest the system allows, in seconds; beyond it the step is overdue.
    @Slim public var limit: Double?
    public var state: State

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

    private enum CodingKeys: String, CodingKey {
        case name, state, startedAt, endedAt, usual, usualHigh, usualCount, limit
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try box.decode(String.self, forKey: .name), state: try box.decode(State.self, forKey: .state),
            startedAt: try box.decodeIfPresent(Date.self, forKey: .startedAt),
            endedAt: try box.decodeIfPresent(Date.self, forKey: .endedAt),
            usual: try box.decodeIfPresent(Double.self, forKey: .usual),
            usualHigh: try box.decodeIfPresent(Double.self, forKey: .usualHigh),
            usualCount: try box.decodeIfPresent(Int.self, forKey: .usualCount),
            limit: try box.decodeIfPresent(Double.self, forKey: .limit))
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(name, forKey: .name)
        try box.encode(state, forKey: .state)
        try box.encodeIfPresent(startedAt, forKey: .startedAt)
        try box.encodeIfPresent(endedAt, forKey: .endedAt)
        try box.encodeIfPresent(usual, forKey: .usual)
        try box.encodeIfPresent(usualHigh, forKey: .usualHigh)
        try box.encodeIfPresent(usualCount, forKey: .usualCount)
        try box.encodeIfPresent(limit, forKey: .limit)
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
