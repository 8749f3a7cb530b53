import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Every read route of the status API, as values.
public struct StatusClient: Sendable {
    /// What `GET /api/status` gave.
    public enum PageReply: Sendable, Equatable {
        case page(WirePage, etag: String?)
        /// Nothing changed since the tag that was sent.
        case unchanged
        /// This service has no such route, or a broken one.
        case notOffered
    }

    private let door: any HTTPDoor
    /// The service's name for people.
    private let name: String

    public init(door: any HTTPDoor, name: String) {
        self.door = door
        self.name = name
    }

    /// - Parameter since: the revision of the last page, which also says that there was one: from a service that has offered pages
    ///   before, only 404 means that it no longer does; anything else is trouble that passes.
    public func page(since: Int?, instance: String?, etag: String?) async throws(UpstreamProblem) -> PageReply {
        var target = "/api/status"
        if let since, let instance { target += "?since=\(since)&instance=\(instance)" }
        let reply = try await door.ask(
            HTTPQuestion(target: target, headers: etag.map { ["If-None-Match": $0] } ?? [:]))
        switch reply.status {
        case 304: return .unchanged
        case 404: return .notOffered
        case 401, 403, 429: throw problem(reply, target)
        case 200:
            if let page = try? JSONDecoder().decode(WirePage.self, from: reply.body) {
                return .page(page, etag: reply.headers["etag"])
            }
        default: break
        }
        // Something else than a page: the other routes tell what stands there.
        guard since != nil else { return .notOffered }
        return .page(try decode(WirePage.self, reply, target), etag: nil)
    }

    public func nodes() async throws(UpstreamProblem) -> [WireNode]? {
        try await find(WireNodeList.self, "/api/config/nodes")?.nodes
    }

    public func summary() async throws(UpstreamProblem) -> WireSummary {
        try await get(WireSummary.self, "/api/status/summary")
    }

    /// - Returns: nil for a node that the service does not know.
    public func status(node: Int) async throws(UpstreamProblem) -> WireStatus? {
        try await find(WireStatus.self, "/api/status/nodes/\(node)")
    }

    /// - Parameter address: the node's management address.
    /// - Returns: nil for an address that the service does not know.
    public func status(address: String) async throws(UpstreamProblem) -> WireStatus? {
        let allowed = address.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || [45, 46, 58].contains(byte)
        }
        guard allowed else { return nil }
        return try await find(WireStatus.self, "/api/status/deployment/\(address)")
    }

    public func history(node: Int) async throws(UpstreamProblem) -> WireHistory? {
        try await find(WireHistory.self, "/api/status/history/\(node)")
    }

    /// Whether the service calls itself healthy. An unhealthy one answers 500; only no answer at all is thrown.
    public func isHealthy() async throws(UpstreamProblem) -> Bool {
        let reply = try await door.ask(HTTPQuestion(target: "/health"))
        guard reply.status == 200, let health = try? JSONDecoder().decode(WireHealth.self, from: reply.body) else {
            return false
        }
        return health.status == "healthy"
    }

    private func find<Body: Decodable>(_ type: Body.Type, _ target: String) async throws(UpstreamProblem) -> Body? {
        let reply = try await door.ask(HTTPQuestion(target: target))
        return reply.status == 404 ? nil : try decode(type, reply, target)
    }

    private func get<Body: Decodable>(_ type: Body.Type, _ target: String) async throws(UpstreamProblem) -> Body {
        try decode(type, try await door.ask(HTTPQuestion(target: target)), target)
    }

    private func decode<Body: Decodable>(
        _ type: Body.Type, _ reply: HTTPReply, _ target: String
    ) throws(UpstreamProblem) -> Body {
        guard reply.status == 200 else { throw problem(reply, target) }
        do {
            return try JSONDecoder().decode(type, from: reply.body)
        } catch {
            throw UpstreamProblem(
                .unreadable, "\(name) answered \(target) with \(Self.sort(of: reply.body)).",
                advice: "Check that the address is that of a status API.")
        }
    }

    private func problem(_ reply: HTTPReply, _ target: String) -> UpstreamProblem {
        switch reply.status {
        case 401, 403:
            return UpstreamProblem(
                .status(reply.status), "\(name) refused the question (\(reply.status)).",
                advice: "Check the token: `token: {file: …}` or `token: {env: …}` in the config.")
        case 429:
            return UpstreamProblem(
                .status(429), "\(name) is asked too often (429).", advice: "It is asked more slowly.")
        default:
            let said = (try? JSONDecoder().decode([String: String].self, from: reply.body))?["error"]
            return UpstreamProblem(
                .status(reply.status),
                "\(name) answered \(reply.status)" + (said.map { ": \(SafeText.line($0, limit: 120))" } ?? "."),
                advice: "Look at the log of the service.")
        }
    }

    /// What an unreadable answer looks like, for people.
    private static func sort(of body: Data) -> String {
        if body.isEmpty { return "nothing" }
        let first = body.first { !($0 == 0x20 || (9...13).contains($0)) }
        switch first {
        case UInt8(ascii: "<"): return "HTML"
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isWhole = (try? JSONDecoder().decode(AnyJSON.self, from: body)) != nil
            return isWhole ? "JSON of another shape" : "broken JSON"
        default: return "something that is not JSON"
        }
    }

    /// Any JSON at all; its values are not kept.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
