/// Why an upstream did not give what it was asked for: one sentence of what failed, one of what to do.
public struct UpstreamProblem: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// No connection: refused, no route, unknown host.
        case unreachable
        case timedOut
        /// The certificate was not accepted.
        case untrusted
        /// The connection ended before the answer did.
        case cut
        /// The answer was larger than is read, in bytes.
        case tooLarge(Int)
        /// An HTTP status that is not a success.
        case status(Int)
        /// The answer came, but it is not what this route gives.
        case unreadable
        /// Our own side lacks something: a token file, a CA file, an address that can be used.
        case misconfigured
    }

    public let reason: Reason
    public let sentence: String
    public let advice: String

    public init(_ reason: Reason, _ sentence: String, advice: String) {
        self.reason = reason
        self.sentence = sentence
        self.advice = advice
    }
}
