import ArgumentParser
import ClusterPool
import Collector
import Fleet
import Foundation
import History
import Upstream

#if canImport(Glibc)
import Glibc
#endif

/// A command's work on one pool: it orders, carries out what it has ordered unless a running manager is faster, and tells how it goes.
struct PoolWork: Sendable {
    /// Between two looks at what goes on, in seconds.
    private static let look = 0.25
    /// The first reading of the pool must be there after so many seconds.
    private static let patience: Double = 20
    /// Without an answer of the API server for so many seconds the command ends.
    private static let giveUp: Double = 60
    /// A worker ends by itself what has taken too long. Beyond this, in seconds, nobody works on it.
    private static let grace: Double = 120

    /// A manager that was started a moment ago is waited for so long, in seconds.
    private static let starting: Double = 4

    let pool: ManagedPool
    let manager: PoolManager
    /// How long things usually take here.
    let durations: Durations

    var time: TimeSource { pool.time }

    /// Opens the pool, lets `body` work on it, and closes it.
    ///
    /// - Parameter builds: whether machines may be made.
    static func on(
        _ options: PoolOptions, builds: Bool = false, _ body: @escaping @Sendable (PoolWork) async throws -> ExitStatus
    ) async throws {
        try await telling {
            let pool = ManagedPool(try options.choose(), time: .system)
            let paths = Paths()
            try? paths.makeStateFolder()
            let history = try HistoryStore.open(paths, time: .system)
            let log = PoolLog(paths)
            let manager = try pool.manager(.own, builds: builds, history: history) { log.note($0) }
            let runs = (try? await history.runs(kind: .pool, source: pool.source, limit: 200)) ?? []
            let work = PoolWork(pool: pool, manager: manager, durations: Durations(runs: runs))
            let ended = await withTaskGroup(of: Void.self) { group -> Result<ExitStatus, any Error> in
                group.addTask { await manager.run() }
                // The manager gives back what it holds before this ends.
                defer { group.cancelAll() }
                do { return .success(try await body(work)) } catch { return .failure(error) }
            }
            await pool.close()
            do {
                let status = try ended.get()
                if status != .done { throw ExitCode(status.rawValue) }
            } catch let refusal as PoolRefusal {
                throw CommandFailure(refusal)
            }
        }
    }

    // MARK: looking

    /// Waits until the pool has been read.
    func settle() async throws {
        let start = time.uptime()
        while await !manager.isSettled {
            if time.uptime() - start > Self.patience {
                let problem = await manager.problem
                throw CommandFailure(
                    problem?.sentence ?? "\(pool.context) does not answer.",
                    advice: problem?.advice ?? "Try again.", status: .unreachable)
            }
            try await time.sleep(0.02)
        }
        if let problem = await manager.problem {
            throw CommandFailure(problem.sentence, advice: problem.advice, status: .unreachable)
        }
    }

    func item(_ cluster: String) async -> Item? {
        guard let item = await manager.item(cluster) else { return nil }
        var known = Estimator.overlay(item, durations: durations)
        known.estimate = Estimator.estimate(known, durations: durations, now: time.now())
        return known
    }

    // MARK: ordering

    /// Orders a verb for some clusters, after everything that hurts was confirmed, and follows what comes of it.
    ///
    /// - Parameter waits: false only orders, which needs a manager that carries it out.
    func carryOut(
        _ verb: Action.Verb, _ clusters: [String], confirmed: [String], waits: Bool
    ) async throws -> ExitStatus {
        try await settle()
        let confirmed = try await confirm(verb, clusters, confirmed)
        guard waits else { return try await leave(verb, clusters, confirmed) }
        return try await PoolInterruption.ending(clusters, self) {
            var ordered: [String] = []
            var isWhole = true
            for cluster in clusters {
                do throws(PoolRefusal) {
                    // Judged once more, as it is now.
                    let isConfirmed = confirmed.contains(cluster)
                    ordered.append(try await manager.order(verb, cluster, isConfirmed: isConfirmed).namespace)
                } catch {
                    let failure = CommandFailure(error, of: cluster)
                    if ordered.isEmpty, cluster == clusters.last { throw failure }
                    Output.error(failure.description)
                    isWhole = false
                }
            }
            let status = try await follow(ordered)
            return isWhole ? status : .failed
        }
    }

    /// Only ordered: somebody else does it.
    private func leave(
        _ verb: Action.Verb, _ clusters: [String], _ confirmed: Set<String>
    ) async throws -> ExitStatus {
        let keeper = try await keeper()
        for cluster in clusters {
            let ordered: PoolCluster
            do throws(PoolRefusal) {
                ordered = try await manager.desk.order(verb, cluster, isConfirmed: confirmed.contains(cluster))
            } catch {
                throw CommandFailure(error, of: cluster)
            }
            Output.line("\(ordered.clusterID)  \(ordered.status.rawValue), queued; \(keeper) carries it out")
        }
        return .done
    }

    /// Who carries out what is only ordered.
    func keeper() async throws -> String {
        if let keeper = try await manager.desk.keeper(patience: Self.starting) { return keeper }
        throw CommandFailure(
            "Nobody would carry it out: no manager runs for \(pool.context).",
            advice: "Leave out --no-wait, or start `slipway pool maintain` or `slipway serve --pool \(pool.context)`.",
            status: .failed)
    }

    /// Asks for what hurts before anything is begun.
    ///
    /// - Returns: the clusters that a person has named twice.
    func confirm(
        _ verb: Action.Verb, _ clusters: [String], _ confirmed: [String]
    ) async throws -> Set<String> {
        var named = Set(confirmed)
        for name in confirmed where !clusters.contains(name) {
            throw CommandFailure(
                "--confirm \(SafeText.line(name, limit: 60)) names none of the clusters that are meant.",
                advice: "They are: \(clusters.joined(separator: ", ")).", status: .usage)
        }
        for cluster in clusters {
            try PoolNames.check(cluster: cluster)
            guard let item = await manager.item(cluster), let permit = PoolPermit(item)?.permit(verb) else { continue }
            switch permit {
            case .asks: continue
            case .refused(let why):
                throw CommandFailure("\(why).", advice: "Nothing was changed.", status: .failed)
            case .asksName(let what):
                guard named.contains(cluster) || PoolQuestion.isAgreed(what, cluster) else {
                    throw CommandFailure(
                        PoolRefusal(.unconfirmed, "This needs your word: \(what).", advice: ""), of: cluster)
                }
                named.insert(cluster)
            }
        }
        return named
    }

    // MARK: following

    /// Tells how some clusters get on until nothing is being done to any.
    func follow(_ clusters: [String]) async throws -> ExitStatus {
        var printers: [String: PoolPrinter] = [:]
        var left = clusters
        var worst = ExitStatus.done
        var lostAt: Double?
        while true {
            for cluster in left {
                guard let status = await tell(cluster, &printers[cluster, default: PoolPrinter()]) else { continue }
                left.removeAll { $0 == cluster }
                if status != .done { worst = status }
            }
            if left.isEmpty { return worst }
            if let problem = await manager.problem {
                let since = lostAt ?? time.uptime()
                lostAt = since
                if time.uptime() - since > Self.giveUp {
                    throw CommandFailure(problem.sentence, advice: problem.advice, status: .unreachable)
                }
            } else {
                lostAt = nil
            }
            try await time.sleep(Self.look)
        }
    }

    /// - Returns: how it has ended; nil while it goes on.
    private func tell(_ cluster: String, _ printer: inout PoolPrinter) async -> ExitStatus? {
        guard let item = await item(cluster) else {
            Output.error("slipway: \(cluster) has gone.")
            return .failed
        }
        let snapshot = Snapshot(at: time.now(), items: [item], sources: [])
        printer.show(item, snapshot)
        guard let status = Self.ending(item, at: snapshot.at) else { return nil }
        printer.end(item, snapshot, status)
        return status
    }

    /// How what was done to a cluster has ended; nil while it goes on.
    private static func ending(_ item: Item, at now: Date) -> ExitStatus? {
        switch item.state {
        case .done, .held: return .done
        case .failed: return .failed
        case .waiting, .running, .unknown:
            guard let limit = item.limit, let taken = item.elapsed(at: now), taken > limit + grace else { return nil }
            return .overdue
        }
    }
}

extension CommandFailure {
    /// - Parameter cluster: which would have to be confirmed.
    init(_ refusal: PoolRefusal, of cluster: String? = nil) {
        let status: ExitStatus =
            switch refusal.reason {
            case .invalid, .unknown, .unconfirmed: .usage
            case .noneFree, .conflict: .failed
            case .upstream: .unreachable
            }
        let advice =
            refusal.reason == .unconfirmed && cluster != nil
            ? "Nothing was changed. Pass --confirm \(cluster ?? "") to do it." : refusal.advice
        self.init(refusal.sentence, advice: advice, status: status)
    }
}
