/// Why a server did not start: one sentence of what failed, one of what to do.
public struct StatusServerError: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    public var description: String { message }
}
