import ArgumentParser
import BareMetal
import Fleet
import Foundation
import Logging
import ServiceLifecycle
import Upstream
import Web

/// The status service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the status API that nodes report to.",
        discussion: """
            Reading needs no token. Writing needs the one in SLIPWAY_TOKEN or --token-file; without one the service listens on this
            machine only. TIMEOUT_<PHASE>=SECONDS in the environment changes a phase's limit.
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
            do {
                let store = try DeploymentStore(
                    path: database ?? paths.statusDatabase, time: time,
                    plan: PhasePlan(limits: Self.limits(environment)),
                    zone: timezone.flatMap(TimeZone.init(identifier:)) ?? .gmt)
                let now = time.now
                let logger = Logger(label: "serve") { label in
                    FileLogHandler(file: LogFile(path: paths.log), label: label, now: { WireTime.text(now()) })
                }
                let hasToken = token != nil
                let server = try StatusServer(
                    store: store, address: .tcp(host: host ?? (hasToken ? "0.0.0.0" : "127.0.0.1"), port: port),
                    token: token, time: time, logger: logger,
                    onRunning: { address in
                        let limit = hasToken ? "" : "\nNo token is set: only this machine can reach it."
                        Output.error("slipway: the status API listens on http://\(address)\(limit)")
                    })
                try await ServiceGroup(
                    services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
                ).run()
                try store.close()
            } catch let error as StatusServerError {
                throw CommandFailure(error.message, advice: "See `slipway serve --help`.", status: .usage)
            } catch let error as DeploymentError {
                throw CommandFailure("\(error)", advice: "See `slipway serve --help`.", status: .failed)
            }
        }
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
