import Fleet

/// The life of a polled source. Pure: every input names the instant and returns what is to be done.
public enum PollMachine: Sendable, Equatable {
    /// Nothing was asked yet.
    case idle
    /// A question is under way, after so many failures in a row. `again` when somebody asked for a refresh meanwhile.
    case asking(failures: Int, again: Bool)
    /// Waiting until the next question.
    case resting(failures: Int)
    case stopped

    public enum Action: Sendable, Equatable {
        case ask
        /// Rest so many seconds, then input `rested`.
        case rest(Double)
        case nothing
    }

    /// The first question, or the one after a rest.
    public mutating func rested() -> Action {
        switch self {
        case .idle:
            self = .asking(failures: 0, again: false)
            return .ask
        case .resting(let failures):
            self = .asking(failures: failures, again: false)
            return .ask
        case .asking, .stopped: return .nothing
        }
    }

    /// The question was answered; the next comes after `period` seconds, or at once if somebody asked meanwhile.
    public mutating func answered(period: Double) -> Action {
        guard case .asking(_, let again) = self else { return .nothing }
        self = .resting(failures: 0)
        return .rest(again ? 0 : period)
    }

    /// The question failed: back off.
    public mutating func failed(_ backoff: Backoff, chance: Double) -> Action {
        guard case .asking(let failures, let again) = self else { return .nothing }
        self = .resting(failures: failures + 1)
        return .rest(again ? 0 : backoff.wait(failures: failures + 1, chance: chance))
    }

    /// A person wants to know now: a rest is broken off, a question under way is followed by another.
    public mutating func refresh() -> Action {
        switch self {
        case .resting: return .rest(0)
        case .asking(let failures, _):
            self = .asking(failures: failures, again: true)
            return .nothing
        case .idle, .stopped: return .nothing
        }
    }

    public mutating func stop() { self = .stopped }

    /// One failure makes a source late, a second in a row unreachable.
    public var sourceState: Source.State {
        switch self {
        case .idle, .asking(failures: 0, _), .resting(failures: 0): .live
        case .asking(failures: 1, _), .resting(failures: 1): .late
        case .asking, .resting: .unreachable
        case .stopped: .stopped
        }
    }
}
