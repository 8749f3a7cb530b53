import BareMetal
import ClusterPool
import Fleet
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The status API and the pool API over HTTP. Runs until its task is cancelled or its service group shuts down gracefully; requests that are being answered
/// then are answered to their end.
public struct StatusServer: Service {
    /// What one client may take from the others.
    public struct Limits: Sendable {
        /// Connections at a time; further ones wait in the kernel's queue until one is free.
        public var connections = 1024
        /// Seconds after which a connection that asks nothing is closed, and in which a body must have arrived.
        public var idle = 30.0
        /// Seconds after which a connection is closed whose answer is not read.
        public var stalled = 60.0

        public init() {}
    }

    private let table: [WebRoute]
    private let address: ServerAddress
    private let limits: Limits
    private let logger: Logger
    private let onRunning: @Sendable (ServerAddress) async -> Void

    /// - Parameters:
    ///   - pool: the manager of the pool, which is run by whoever made it; nil manages none.
    ///   - token: the bearer token that writing needs; nil lets everybody write who can reach the address. Never logged.
    ///   - version: what `/health` says; the routes are the orchestrator's, and so is the version.
    ///   - onRunning: called once it listens, with the address it really has (a port of 0 is replaced).
    /// - Throws: `StatusServerError` when others than this machine could write without a token.
    public init(
        store: DeploymentStore, pool: PoolManager? = nil, address: ServerAddress, token: String?, time: TimeSource,
        logger: Logger, limits: Limits = Limits(), version: String = "1.0.0",
        onRunning: @escaping @Sendable (ServerAddress) async -> Void = { _ in }
    ) throws {
        if token == nil, !address.isLocal {
            throw StatusServerError(
                message: "Without a token the status API is not opened to other machines (\(address)). "
                    + "Set a token, or listen on 127.0.0.1.")
        }
        if let token, token.isEmpty || token.contains(where: \.isWhitespace) {
            throw StatusServerError(
                message: "The token is empty or has blanks in it. Use one of letters, digits and punctuation.")
        }
        let tokenGuard = TokenGuard(token: token)
        let body = PostedBody(time: time, patience: limits.idle)
        table =
            StatusRoutes(store: store, token: tokenGuard, body: body, version: version).table
            + PoolRoutes(pool: pool, token: tokenGuard, body: body, time: time).table
        self.address = address
        self.limits = limits
        self.logger = logger
        self.onRunning = onRunning
    }

    public func run() async throws {
        let bind: BindAddress =
            switch address {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        let stalled = TimeAmount.milliseconds(Int64(limits.stalled * 1000))
        let application = Application(
            router: router(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [IdleStateHandler(allTimeout: stalled), StalledConnections()],
                    idleTimeout: .milliseconds(Int64(limits.idle * 1000)))),
            configuration: .init(
                address: bind, serverName: "slipway",
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            onServerRunning: { [address, onRunning] channel in
                await onRunning(Self.bound(address, port: channel.localAddress?.port))
            },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw StatusServerError(
                message: "The status API cannot listen on \(address): \(error.localizedReason). "
                    + "Choose another address or port, or stop what uses it.")
        }
    }

    private func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: FaultAnswers())
        for route in table {
            router.on(route.path, method: route.method, use: route.handler)
        }
        // Every other method of a known path: 405, and what would be allowed.
        for (path, here) in Dictionary(grouping: table, by: \.path.description) {
            var allowed = Set(here.map(\.method))
            if allowed.contains(.get) { allowed.insert(.head) }
            let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw WebFault(
                        .methodNotAllowed, "Method not allowed; this route takes \(allow).", headers: [.allow: allow])
                }
            }
        }
        return router
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    private static func bound(_ address: ServerAddress, port: Int?) -> ServerAddress {
        guard case .tcp(let host, _) = address, let port else { return address }
        return .tcp(host: host, port: port)
    }
}

extension IOError {
    /// The system's words for the error, without the name of the call that failed.
    fileprivate var localizedReason: String {
        String(cString: strerror(errnoCode))
    }
}
