import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the sessions of the backend that lends the clusters. It asks one route, which changes nothing: the pool's own figures are given
/// there only by a route that takes every cluster back (wire-formats 9.1), and are never asked for.
public struct SessionReader: Sendable {
    public static let path = "/api/v1/sessions"
    /// Seconds between two questions.
    public static let period: Double = 15
    /// More sessions than this are not read.
    static let limit = 2000

    private let door: any HTTPDoor

    public init(_ door: any HTTPDoor) { self.door = door }

    /// - Throws: `.status` for an answer that is not a success, `.unreadable` for one that is no list of sessions.
    public func sessions() async throws(UpstreamProblem) -> [WireSession] {
        let reply = try await door.ask(HTTPQuestion(target: Self.path, headers: ["Accept": "application/json"]))
        guard (200..<300).contains(reply.status) else {
            throw UpstreamProblem(
                .status(reply.status), "The session backend answered \(reply.status).",
                advice: "Check the address of the sessions in the config; it is asked again by itself.")
        }
        let answer: [Lenient<WireSession>]
        do {
            // Go writes a list without entries as null.
            answer = try JSONDecoder().decode([Lenient<WireSession>]?.self, from: reply.body) ?? []
        } catch {
            throw UpstreamProblem(
                .unreadable, "The session backend gave an answer that is no list of sessions.",
                advice: "Check the address of the sessions in the config: something else answers there.")
        }
        return Array(answer.lazy.compactMap(\.value).prefix(Self.limit))
    }
}
