#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One upstream being read: a region, a kube context, a status API, a builder.
public struct Source: Codable, Sendable, Equatable, Identifiable {
    public enum State: String, Codable, Sendable {
        /// The last question was answered.
        case live
        /// The last question failed or is overdue; what is shown may be old.
        case late
        /// Several questions in a row failed.
        case unreachable
        /// No longer asked.
        case stopped
    }

    public var id: SourceID
    /// The kind of item it gives.
    public var kind: Kind
    public var state: State
    public var lastSuccess: Date?
    /// What failed, in one sentence; nil while all is well.
    public var error: String?
    /// What to do about it, in one sentence.
    public var advice: String?
    public var nextTry: Date?
    /// Seconds between two questions when all is well.
    public var period: Double?
    /// Where it is read from, for people, without secrets.
    public var address: String?

    public init(
        id: SourceID, kind: Kind, state: State, lastSuccess: Date? = nil, error: String? = nil, advice: String? = nil,
        nextTry: Date? = nil, period: Double? = nil, address: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.lastSuccess = lastSuccess
        self.error = error
        self.advice = advice
        self.nextTry = nextTry
        self.period = period
        self.address = address
    }

    /// The age of everything this source says, in seconds.
    public func age(at now: Date) -> Double? { lastSuccess.map { max(0, now.timeIntervalSince($0)) } }

    /// The state as `now` sees it: a source that should have answered long ago is late, whatever it said then.
    ///
    /// Old is more than twice the poll period, and never less than 5 s: below that, age is only the rhythm of polling.
    public func state(at now: Date) -> State {
        guard state == .live, let age = age(at: now), let period else { return state }
        return age > max(5, 2 * period) ? .late : .live
    }
}
