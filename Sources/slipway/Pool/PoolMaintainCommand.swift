import ArgumentParser
import ClusterPool
import Fleet
import Foundation
import History
import Logging
import ServiceLifecycle

/// Keeps the pool in order.
struct PoolMaintainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain", abstract: "Run a manager: carry out what is ordered, check clusters, end locks.",
        discussion: """
            Any number may run: one at a time works, and another one goes on when it ends. Each thing done is told on standard error.
            """)

    /// How long another manager may be at work until a single round gives way to it, in seconds.
    private static let patience: Double = 5

    @Flag(help: "One round, and what was ordered or left behind; then exit.")
    var once = false

    @Option(help: "Seconds after which a manager that has gone without a word is replaced by another one.")
    var lease = 15.0

    @OptionGroup var options: PoolOptions

    func validate() throws {
        guard (2...600).contains(lease) else { throw ValidationError("--lease must be between 2 and 600.") }
    }

    func run() async throws {
        try await telling {
            let time = TimeSource.system
            var pool = ManagedPool(try options.choose(), time: time)
            pool.settings.lease = lease
            let paths = Paths()
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: time)
            let log = PoolLog(paths)
            let manager = try pool.manager(.pool, history: history) { text in
                log.note(text)
                Output.error("\(WireTime.clock(time.now(), zone: .current, seconds: true))  \(text)")
            }
            let ended =
                once ? await Result { try await round(manager, pool) } : await Result { try await serve(manager) }
            await pool.close()
            try ended.get()
        }
    }

    /// Until it is told to end.
    private func serve(_ manager: PoolManager) async throws {
        var logger = Logger(label: "pool")
        logger.logLevel = .critical
        try await ServiceGroup(
            services: [PoolService(manager: manager)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    private func round(_ manager: PoolManager, _ pool: ManagedPool) async throws {
        let failure = await withTaskGroup(of: Void.self) { group -> (any Error)? in
            group.addTask { await manager.run() }
            defer { group.cancelAll() }
            do { try await untilDone(manager, pool) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    private func untilDone(_ manager: PoolManager, _ pool: ManagedPool) async throws {
        let start = pool.time.uptime()
        while await manager.rounds == 0 {
            if await !manager.isLeader, pool.time.uptime() - start > Self.patience {
                if let problem = await manager.problem {
                    throw CommandFailure(problem.sentence, advice: problem.advice, status: .unreachable)
                }
                if let other = try? await manager.desk.keeper(), other != pool.settings.identity {
                    return Output.error("\(other) maintains the pool: nothing is left to do here.")
                }
            }
            try await pool.time.sleep(0.1)
        }
        while await manager.isBusy { try await pool.time.sleep(0.25) }
    }
}

/// A manager as one of a program's services: what it does is left to others when the program is told to end.
struct PoolService: Service {
    let manager: PoolManager

    func run() async throws { await cancelWhenGracefulShutdown { await manager.run() } }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension PoolManager {
    /// Whether anything is being done to a cluster, or ordered.
    fileprivate var isBusy: Bool {
        // What another backend does is not ours to wait for.
        clusters().contains { cluster in
            guard let item = item(cluster.namespace), case .pool(let detail) = item.detail else { return false }
            return detail.keeper == .slipway && item.isBeingWorkedOn
        }
    }
}
