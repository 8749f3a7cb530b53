import Collector
import Fleet
import History

/// Runs the configured feeds until each source has answered or failed, and takes what is there then.
struct OneLook {
    let options: SourceOptions
    /// Who records what is seen.
    var recorders: [Recorder] = []
    /// No source is waited for longer, in seconds.
    private static let patience: Double = 15

    func snapshot() async throws -> Snapshot {
        try await collecting { collector, _ in await Self.first(collector) }
    }

    /// The same of what a config names, and nothing else.
    static func snapshot(of config: Config) async throws -> Snapshot {
        try await collecting(config) { collector, _ in await first(collector) }
    }

    private static func first(_ collector: FleetCollector) async -> Snapshot {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await settled(collector) }
            group.addTask { try? await TimeSource.system.sleep(patience) }
            await group.next()
            group.cancelAll()
        }
        return await collector.current()
    }

    /// Runs a collector over the configured or detected sources while `body` works with it.
    func collecting<Result: Sendable>(
        _ body: @escaping @Sendable (FleetCollector, [OpenSource]) async throws -> Result
    ) async throws -> Result {
        let paths = Paths()
        let config = await SourceDetection.complete(try options.read(paths))
        guard config.hasSources else {
            throw CommandFailure(
                "No source is configured, and none was found: no pcluster with a region, no k0rdent in the "
                    + "current kube context, no status API at \(SourceDetection.defaultURL).",
                advice: "Write `metal: http://HOST:8080`, `pcluster: [us-east-1]` or `kubernetes: [CONTEXT]` into "
                    + "\(Paths.short(paths.config)), or pass --metal URL, --region REGION or --context NAME.",
                status: .usage)
        }
        return try await Self.collecting(config, paths, recorders: recorders, body)
    }

    /// - Parameters:
    ///   - kinds: what is read.
    ///   - cluster: the only ParallelCluster cluster that is read.
    static func collecting<Result: Sendable>(
        _ config: Config, of kinds: Set<Kind> = Set(Kind.allCases), cluster: String? = nil, _ paths: Paths = Paths(),
        recorders: [Recorder] = [],
        _ body: @escaping @Sendable (FleetCollector, [OpenSource]) async throws -> Result
    ) async throws -> Result {
        try? paths.makeStateFolder()
        let time = TimeSource.system
        let history = try HistoryStore.open(paths, time: time)
        let open = try await OpenSource.open(
            config, of: kinds, history: history, cluster: cluster, time: time)
        return try await collecting(open, history: history, recorders: recorders, body)
    }

    /// Runs a collector over these sources while `body` works with it, then closes them. What was seen until then is recorded when this
    /// returns.
    static func collecting<Result: Sendable>(
        _ open: [OpenSource], history: HistoryStore, recorders: [Recorder] = [],
        _ body: @escaping @Sendable (FleetCollector, [OpenSource]) async throws -> Result
    ) async throws -> Result {
        let time = TimeSource.system
        let collector = FleetCollector(
            feeds: open.map(\.feed), history: history, firstFrame: nil, time: time, isGuest: true)
        let result: Swift.Result<Result, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await RecordedFleet(collector, by: recorders).run() }
            defer { group.cancelAll() }
            do { return .success(try await body(collector, open)) } catch { return .failure(error) }
        }
        for source in open { await source.close() }
        await RecordOptions.complain(recorders)
        return try result.get()
    }

    /// Returns when each source has answered or failed once.
    static func settled(_ fleet: any FleetPublisher) async {
        let (snapshot, subscription) = await fleet.subscribe()
        var waiting = Set(snapshot.sources.values.filter { $0.lastSuccess == nil && $0.error == nil }.map(\.id))
        if !waiting.isEmpty {
            for await _ in subscription.signals {
                for case .source(let source) in subscription.take() { waiting.remove(source.id) }
                if waiting.isEmpty { break }
            }
        }
        await fleet.unsubscribe(subscription)
    }
}
