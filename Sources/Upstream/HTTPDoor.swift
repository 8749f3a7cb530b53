#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One question over HTTP.
public struct HTTPQuestion: Sendable, Equatable {
    public var method: String
    /// Path and query, from the root of the service: `/api/status?since=12`.
    public var target: String
    public var headers: [String: String]
    public var body: Data?
    /// Seconds until the whole answer must be there.
    public var deadline: Double
    /// Bytes of body that are read at most; a longer one is a problem, and is not kept.
    public var bodyLimit: Int

    public init(
        method: String = "GET", target: String, headers: [String: String] = [:], body: Data? = nil,
        deadline: Double = 10, bodyLimit: Int = 8 << 20
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.bodyLimit = bodyLimit
    }
}

/// What came back, whatever its status.
public struct HTTPReply: Sendable, Equatable {
    public var status: Int
    /// Names in lower case.
    public var headers: [String: String]
    public var body: Data

    public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The way to one HTTP service. Statuses are answers; only what prevents an answer is thrown.
public protocol HTTPDoor: Sendable {
    func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply
}
