/// What can be wrong with the API server as a whole, for as long as it is set.
public enum KubeFault: Sendable, Equatable {
    /// No connection is accepted.
    case refused
    /// Every question is answered so, in plain text: `kubectl proxy` says 500 or 502 when the server behind it is gone.
    case text(status: Int, String)
    /// Nobody is known any more: a token has expired.
    case unauthorized
    /// Too many requests; seconds to wait.
    case throttled(retryAfter: Int)
    /// Nothing is answered, and streams that are open fall silent.
    case hanging
    /// Questions are answered, streams are silent.
    case silentStreams
}
