import ArgumentParser
import BareMetal
import ClusterPool
import Fleet
import Foundation
import History
import Logging
import ServiceLifecycle
import Upstream
import Web

/// The status service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the status API that nodes report to, and the manager of a pool with its API.",
        discussion: """
            Reading needs no token. Writing needs the one in SLIPWAY_TOKEN or --token-file; without one the service listens on this
            machine only, and the admin routes of the pool refuse. TIMEOUT_<PHASE>=SECONDS in the environment changes a phase's limit.
            """)

    @Option(help: "The port to listen on.")
    var port = 8080

    @Option(help: "The address to listen on; 127.0.0.1 without a token, else 0.0.0.0.")
    var host: String?

    @Option(help: "The database file instead of the usual one.")
    var database: String?

    @Option(help: "A file that holds the token for writing.")
    var tokenFile: String?

    @Option(help: "Whose clock the answers show, for example Europe/Berlin; UTC without it.")
    var timezone: String?

    @Option(
        help: ArgumentHelp("Manage the pool in this kube context; it need not be configured.", valueName: "context"))
    var pool: String?

    @Option(help: "The config file instead of the usual one; of the pool.")
    var config: String?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be between 0 and 65535.") }
        if let timezone, TimeZone(identifier: timezone) == nil {
            throw ValidationError("\(timezone) is not a time zone; expected a name such as Europe/Berlin.")
        }
    }

    func run() async throws {
        try await telling {
            let environment = ProcessInfo.processInfo.environment
            let token = try token(environment)
            let paths = Paths()
            if database == nil { try makeStateFolder(paths) }
            let time = TimeSource.system
            let managed = try pool.map { name in
                ManagedPool(try PoolChoice(name, in: try Config.read(config, paths)), time: time)
            }
            do {
                let store = try DeploymentStore(
                    path: database ?? paths.statusDatabase, time: time,
                    plan: PhasePlan(limits: Self.limits(environment)),
                    zone: timezone.flatMap(TimeZone.init(identifier:)) ?? .gmt)
                try await serve(
                    store, try managed.map { (try manager(of: $0, paths), $0.context) }, token: token, paths)
                await managed?.close()
                try store.close()
            } catch let error as StatusServerError {
                throw CommandFailure(error.message, advice: "See `slipway serve --help`.", status: .usage)
            } catch let error as DeploymentError {
                throw CommandFailure("\(error)", advice: "See `slipway serve --help`.", status: .failed)
            }
        }
    }

    private func serve(
        _ store: DeploymentStore, _ pool: (manager: PoolManager, context: String)?, token: String?, _ paths: Paths
    ) async throws {
        let time = TimeSource.system
        let now = time.now
        let logger = Logger(label: "serve") { label in
            FileLogHandler(file: LogFile(path: paths.log), label: label, now: { WireTime.text(now()) })
        }
        let hasToken = token != nil
        let server = try StatusServer(
            store: store, pool: pool?.manager,
            address: .tcp(host: host ?? (hasToken ? "0.0.0.0" : "127.0.0.1"), port: port), token: token, time: time,
            logger: logger,
            onRunning: { address in
                let limit = hasToken ? "" : "\nNo token is set: only this machine can reach it."
                let managed = pool.map { "\nThe pool in \($0.context) is managed here." } ?? ""
                Output.error("slipway: the status API listens on http://\(address)\(managed)\(limit)")
            })
        // The last one ends first: no request comes any more when the manager gives back what it holds.
        let services: [any Service] = pool.map { [PoolService(manager: $0.manager), server] } ?? [server]
        try await ServiceGroup(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }

    private func manager(of pool: ManagedPool, _ paths: Paths) throws -> PoolManager {
        try? paths.makeStateFolder()
        let log = PoolLog(paths)
        return try pool.manager(.pool, history: try HistoryStore.open(paths, time: pool.time)) { log.note($0) }
    }

    private func makeStateFolder(_ paths: Paths) throws {
        do { try paths.makeStateFolder() } catch {
            throw CommandFailure(
                "The folder \(Paths.short(paths.state)) cannot be made.", advice: "Name a file with --database.",
                status: .failed)
        }
    }

    private func token(_ environment: [String: String]) throws -> String? {
        let source: BearerToken? =
            tokenFile.map(BearerToken.file)
            ?? (environment["SLIPWAY_TOKEN"].map { $0.isEmpty } == false ? .environment("SLIPWAY_TOKEN") : nil)
        do throws(UpstreamProblem) {
            return try source?.read(environment: environment)
        } catch {
            throw CommandFailure(error.sentence, advice: error.advice, status: .usage)
        }
    }

    /// As the orchestrator reads them: `TIMEOUT_IMAGE_DOWNLOAD=1200`.
    private static func limits(_ environment: [String: String]) -> [String: Double] {
        let known = PhasePlan.defaultSteps.map(\.name)
        return Dictionary(
            uniqueKeysWithValues: known.compactMap { phase in
                environment["TIMEOUT_" + phase.uppercased()].flatMap(Double.init).map { (phase, $0) }
            })
    }
}
