import BareMetal
import Fleet
import Hummingbird

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The routes of the status API as data. Paths, bodies and error texts are the orchestrator's, so that what was written for it works.
struct StatusRoutes: Sendable {
    let store: DeploymentStore
    let token: TokenGuard
    let body: PostedBody
    /// What `/health` calls the version.
    let version: String

    var table: [WebRoute] {
        [
            WebRoute(method: .get, path: "/health", handler: health),
            WebRoute(method: .get, path: "/api/status", handler: page),
            WebRoute(method: .get, path: "/api/status/nodes/{id}") { request, context in
                JSONAnswer.response(try await store.status(node: try Self.id(context)))
            },
            WebRoute(method: .get, path: "/api/status/deployment/{ip}") { request, context in
                JSONAnswer.response(try await store.status(address: try Self.address(context)))
            },
            WebRoute(method: .get, path: "/api/status/history", handler: historyByAddress),
            WebRoute(method: .get, path: "/api/status/history/{id}") { request, context in
                JSONAnswer.response(try await store.history(node: try Self.id(context)))
            },
            WebRoute(method: .get, path: "/api/status/summary") { _, _ in
                JSONAnswer.response(try await store.summary())
            },
            WebRoute(method: .get, path: "/api/config/nodes") { _, _ in JSONAnswer.response(try await store.nodes()) },
            WebRoute(method: .get, path: "/api/config/nodes/{id}") { request, context in
                JSONAnswer.response(try await store.node(try Self.id(context)))
            },
            writing("/api/status/phase") { request, _ in
                try await store.store(try await body.decode(DeploymentReport.self, from: request))
                return JSONAnswer.response(["message": "Status updated successfully"])
            },
            writing("/api/installation/status") { request, _ in
                try await store.store(try await body.decode(DeploymentInstallerReport.self, from: request))
                return JSONAnswer.response(["message": "Status update received successfully"])
            },
            writing("/api/config/nodes") { request, _ in
                let registration = try await body.decode(DeploymentRegistration.self, from: request)
                return JSONAnswer.response(try await store.store(registration), status: .accepted)
            },
            writing("/api/cleanup/node/{id}") { _, context in
                JSONAnswer.response(try await store.cleanUp(node: try Self.id(context)))
            },
        ]
    }

    /// A route that changes something: the token is asked for before a byte of the body is read.
    private func writing(_ path: RouterPath, handler: @escaping WebRoute.Handler) -> WebRoute {
        WebRoute(method: .post, path: path) { request, context in
            try token.check(request)
            return try await handler(request, context)
        }
    }

    /// `GET /api/status?since=&limit=&instance=`. The tag names the facts, not the clock: while nothing was reported, an answer with the
    /// same tag differs only in what follows from the time (`timestamp`, elapsed seconds, percent), which a client can work out.
    @Sendable private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = request.uri.queryParameters
        let since = try Self.number(query, "since", atLeast: 0) ?? 0
        let limit = try Self.number(query, "limit", atLeast: 1) ?? 500
        let instance = query["instance"].map(String.init)
        let isKnown = instance.map { $0 == store.instance } ?? true
        let tag = "\"\(store.instance)-\(try await store.revision())-\(isKnown ? since : 0)-\(min(limit, 500))\""
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if Self.matches(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: headers)
        }
        var response = JSONAnswer.response(try await store.page(since: since, instance: instance, limit: limit))
        response.headers.append(contentsOf: headers)
        return response
    }

    @Sendable private func historyByAddress(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let text = request.uri.queryParameters["server_ip"], !text.isEmpty else {
            throw WebFault(.badRequest, "server_ip parameter is required")
        }
        return JSONAnswer.response(try await store.history(address: try Self.address(String(text), named: "server_ip")))
    }

    /// 500 when the database cannot be read: an empty answer of the other routes is proof of an empty fleet only while this says healthy.
    @Sendable private func health(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            // One look into an index: whoever asks every second costs nothing.
            _ = try await store.revision()
        } catch let error as DeploymentError {
            return JSONAnswer.response(
                Unhealthy(status: "unhealthy", error: error.message, timestamp: store.timestamp),
                status: .internalServerError)
        }
        return JSONAnswer.response(WireHealth(status: "healthy", timestamp: store.timestamp, version: version))
    }

    private struct Unhealthy: Encodable {
        let status: String
        let error: String
        let timestamp: String
    }
}

/// Reading the parts of an address line.
extension StatusRoutes {
    private static func id(_ context: WebContext) throws -> Int {
        let text = context.parameters.get("id") ?? ""
        guard let id = Int(text), id > 0, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw WebFault(
                .badRequest, "The node id must be a whole number above 0, not \"\(SafeText.line(text, limit: 40))\".")
        }
        return id
    }

    private static func address(_ context: WebContext) throws -> DeploymentAddress {
        let text = context.parameters.get("ip") ?? ""
        // The colons of an IPv6 address may come escaped.
        return try address(text.removingPercentEncoding ?? text, named: "The server address")
    }

    private static func address(_ text: String, named name: String) throws -> DeploymentAddress {
        guard let address = DeploymentAddress(text) else {
            throw WebFault(.badRequest, "\(name) must be an IP address, not \"\(SafeText.line(text, limit: 60))\".")
        }
        return address
    }

    private static func number(_ query: Parameters, _ name: String, atLeast least: Int) throws -> Int? {
        guard let text = query[name[...]] else { return nil }
        guard let number = Int(text), number >= least else {
            throw WebFault(
                .badRequest,
                "\(name) must be a whole number from \(least) on, not \"\(SafeText.line(String(text), limit: 40))\".")
        }
        return number
    }

    /// Whether an `If-None-Match` header names the tag.
    private static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let given = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return String(given) == tag || String(given) == "W/" + tag || String(given) == "*"
        }
    }
}
