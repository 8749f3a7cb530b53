/// Why the service did not do what was asked. Every case carries the sentence for the person who asked.
public enum DeploymentError: Error, Sendable, Equatable {
    /// The request itself is wrong; the sentence names the field. Nothing was stored.
    case invalid(String)
    /// There is no such node.
    case unknown(String)
    /// The request is right, but not now.
    case conflict(String)
    /// The database cannot be written or read at present (disk full, read-only, busy). Nothing of the request was stored.
    case unavailable(String)
    /// The database cannot be used at all; the service must not start on it.
    case unusable(String)

    public var message: String {
        switch self {
        case .invalid(let text), .unknown(let text), .conflict(let text), .unavailable(let text), .unusable(let text):
            text
        }
    }
}
