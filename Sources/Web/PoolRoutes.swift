import ClusterPool
import Fleet
import Hummingbird

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The routes of the pool as data: those of the existing backend that can be kept, and those that it lacks. What takes long is only ordered
/// here; the manager does it whether or not the client stays.
struct PoolRoutes: Sendable {
    static let root = "/api/v1/pool"

    /// Where to look at a cluster. Its id is a label's value: it needs no escaping.
    static func location(of cluster: String) -> String { "\(root)/clusters/\(cluster)" }

    private typealias PoolHandler = @Sendable (PoolManager, Request, WebContext) async throws -> Response

    /// Nil where none is managed; every route says so then.
    let pool: PoolManager?
    let token: TokenGuard
    let body: PostedBody
    let time: TimeSource

    var table: [WebRoute] {
        [
            reading("/api/v1/pool") { pool, _, _ in
                let clusters = try await clusters(pool)
                return JSONAnswer.response(
                    PoolAnswer.Overview(
                        stats: PoolStats(clusters), clusters: clusters, problem: await pool.problem?.sentence))
            },
            reading("/api/v1/pool/clusters/{id}", handler: cluster),
            reading("/api/v1/sessions") { pool, _, _ in
                _ = try await clusters(pool)
                return JSONAnswer.response(await PoolSession.all(of: pool))
            },
            reading("/api/v1/sessions/{id}") { pool, _, context in
                JSONAnswer.response(try await session(try Self.session(context), pool))
            },
            writing(.post, "/api/v1/pool/assign") { pool, request, _ in
                let wish = try await body.decode(PoolBodies.Assign.self, from: request)
                let lent = try await pool.assign(wish.session, cluster: wish.cluster, life: wish.life)
                return JSONAnswer.response(lent, location: Self.location(of: lent.clusterID))
            },
            writing(.post, "/api/v1/pool/release") { pool, request, _ in
                switch try await body.decode(PoolBodies.Release.self, from: request) {
                case .session(let session):
                    PoolAnswer.Reset(try await pool.release(session: session)).response
                case .cluster(let cluster): PoolAnswer.Reset(try await pool.order(.release, cluster)).response
                }
            },
            writing(.put, "/api/v1/sessions/{id}/extend", handler: extend),
            writing(.delete, "/api/v1/sessions/{id}") { pool, _, context in
                PoolAnswer.Reset(try await pool.release(session: try Self.session(context))).response
            },
            administrating("/api/v1/admin/bootstrap-pool") { pool, request in
                let all = pool.desk.settings.clusters
                return try await order(.bootstrap, pool, request, all: all, "are being made")
            },
            administrating("/api/v1/admin/create-snapshots") { pool, request in
                let all = try await clusters(pool).map(\.clusterID)
                return try await order(.snapshot, pool, request, all: all, "get new golden snapshots")
            },
            administrating("/api/v1/admin/release-all-clusters", handler: releaseAll),
        ]
    }

    // MARK: sorts of routes

    private func reading(_ path: RouterPath, handler: @escaping PoolHandler) -> WebRoute {
        WebRoute(method: .get, path: path) { request, context in try await handler(try managed, request, context) }
    }

    /// A route that changes something: the token is asked for before a byte of the body is read.
    private func writing(
        _ method: HTTPRequest.Method, _ path: RouterPath, handler: @escaping PoolHandler
    ) -> WebRoute {
        WebRoute(method: method, path: path) { request, context in
            let pool = try managed
            try token.check(request)
            return try await handler(pool, request, context)
        }
    }

    private func administrating(
        _ path: RouterPath, handler: @escaping @Sendable (PoolManager, Request) async throws -> Response
    ) -> WebRoute {
        WebRoute(method: .post, path: path) { request, _ in
            let pool = try managed
            try token.checkAdministrator(request)
            return try await handler(pool, request)
        }
    }

    private var managed: PoolManager {
        get throws {
            guard let pool else {
                throw WebFault(.notFound, "No pool is managed here: start with --pool CONTEXT.")
            }
            return pool
        }
    }

    // MARK: looking

    /// - Throws: why nothing is known of the pool, while nothing is.
    private func clusters(_ pool: PoolManager) async throws -> [PoolCluster] {
        let clusters = await pool.clusters()
        if clusters.isEmpty, let problem = await pool.problem {
            throw PoolRefusal(.upstream(problem.reason), problem.sentence, advice: problem.advice)
        }
        guard await pool.isSettled else {
            throw WebFault(.serviceUnavailable, "The pool is not read yet.", advice: "Ask again in a moment.")
        }
        return clusters
    }

    @Sendable private func cluster(
        _ pool: PoolManager, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let id = Self.parameter(context)
        let all = try await clusters(pool)
        guard let cluster = all.first(where: { $0.clusterID == id }), let item = await pool.item(cluster.namespace)
        else {
            throw WebFault(
                .notFound, "There is no cluster \(SafeText.line(id, limit: 80)) in the pool.",
                advice: "GET \(Self.root) lists them.")
        }
        let attention = item.attention(at: time.now(), source: nil)
        return JSONAnswer.response(PoolAnswer.One(cluster: cluster, item: .init(item: item, attention: attention)))
    }

    private func session(_ id: String, _ pool: PoolManager) async throws -> PoolSession {
        _ = try await clusters(pool)
        guard let session = await PoolSession.all(of: pool).first(where: { $0.id == id }) else {
            throw WebFault(
                .notFound, "No cluster is held by session \(id).",
                advice: "GET /api/v1/sessions lists those that hold one.")
        }
        return session
    }

    // MARK: changing

    @Sendable private func extend(
        _ pool: PoolManager, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let id = try Self.session(context)
        let wish = try await body.decodeIfSent(PoolBodies.Extend.self, from: request) ?? PoolBodies.Extend()
        let cluster = try await pool.extend(id, life: wish.life)
        return JSONAnswer.response(
            PoolAnswer.Extended(
                message: "Session \(id) keeps \(cluster.clusterID) for \(DurationText.short(wish.life)) from now.",
                session: try await session(id, pool)))
    }

    /// Orders the same for several clusters: what stands in the way of one is no reason not to begin with the others.
    private func order(
        _ verb: Action.Verb, _ pool: PoolManager, _ request: Request, all: [String], _ what: String
    ) async throws -> Response {
        let wish = try await body.decodeIfSent(PoolBodies.Several.self, from: request) ?? PoolBodies.Several()
        let clusters = wish.clusters ?? all
        if let stray = wish.replace.subtracting(clusters).min() {
            throw WebFault(.badRequest, "replace names \(stray), which is not among the clusters of this pool.")
        }
        let (accepted, skipped) = try await Self.order(verb, pool, clusters, confirmed: wish.replace)
        guard !accepted.isEmpty else {
            let isEmpty = clusters.isEmpty
            return JSONAnswer.response(
                PoolAnswer.Nothing(
                    error: isEmpty ? "The pool has no clusters yet." : "Nothing was begun: see skipped.",
                    skipped: skipped), status: .conflict)
        }
        return JSONAnswer.response(
            PoolAnswer.Several(
                message: "\(accepted.joined(separator: ", ")) \(what).", clusters: accepted, skipped: skipped),
            status: .accepted, location: Self.root)
    }

    /// In a task of its own: a client that hangs up in the middle does not leave half of it undone.
    private static func order(
        _ verb: Action.Verb, _ pool: PoolManager, _ clusters: [String], confirmed: Set<String>
    ) async throws -> (accepted: [String], skipped: [String: String]) {
        try await Task {
            var accepted: [String] = []
            var skipped: [String: String] = [:]
            for cluster in clusters {
                do throws(PoolRefusal) {
                    let isConfirmed = confirmed.contains(cluster)
                    accepted.append(try await pool.order(verb, cluster, isConfirmed: isConfirmed).clusterID)
                } catch {
                    // The other clusters would not get on either.
                    if case .upstream = error.reason, accepted.isEmpty { throw error }
                    let isUnconfirmed = error.reason == .unconfirmed
                    skipped[cluster] = error.sentence + (isUnconfirmed ? " Name it in replace to confirm it." : "")
                }
            }
            return (accepted, skipped)
        }.value
    }

    @Sendable private func releaseAll(_ pool: PoolManager, _ request: Request) async throws -> Response {
        let released = try await pool.releaseAll()
        return JSONAnswer.response(
            PoolAnswer.ReleasedAll(
                message: released.isEmpty
                    ? "No cluster was held by a session."
                    : "Taken back, and being reset: \(released.joined(separator: ", ")).",
                poolStatus: PoolStats(await pool.clusters())),
            status: .accepted, location: Self.root)
    }

    // MARK: the address line

    private static func parameter(_ context: WebContext) -> String {
        let text = context.parameters.get("id") ?? ""
        return text.removingPercentEncoding ?? text
    }

    /// - Throws: `.invalid` for what cannot be a session's id.
    private static func session(_ context: WebContext) throws(PoolRefusal) -> String {
        let id = parameter(context)
        try PoolNames.check(session: id)
        return id
    }
}
