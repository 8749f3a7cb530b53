/// How often a polled source is asked, in seconds.
public struct Cadence: Sendable, Equatable {
    /// While something runs.
    public var busy: Double
    /// While nothing does.
    public var quiet: Double

    public init(busy: Double, quiet: Double) {
        self.busy = busy
        self.quiet = quiet
    }

    public func period(busy isBusy: Bool) -> Double { isBusy ? busy : quiet }
}

/// How long to wait after failures in a row: 1 s, doubled each time up to 60 s, with jitter, so that many clients do not come back at once.
public struct Backoff: Sendable, Equatable {
    public var first: Double
    public var longest: Double
    /// The share of the wait that chance takes away, 0…1.
    public var jitter: Double

    public init(first: Double = 1, longest: Double = 60, jitter: Double = 0.2) {
        self.first = first
        self.longest = longest
        self.jitter = jitter
    }

    /// - Parameters:
    ///   - failures: how many in a row, from 1.
    ///   - chance: 0..<1, from the caller's generator.
    public func wait(failures: Int, chance: Double) -> Double {
        var wait = first
        // Twenty doublings pass every limit that makes sense; the loop is bounded for any count.
        for _ in 1..<max(2, min(failures, 20)) where failures > 1 { wait = min(longest, wait * 2) }
        return min(longest, wait) * (1 - jitter * chance)
    }
}
