import BareMetal
import ClusterDeployment
import ClusterPool
import Fleet
import Foundation
import History
import Logging
import Sandbox
import Upstream
import Web

/// The sandbox, wired as the real thing is: nodes post over HTTP to a status service with a database, and a feed reads that service; clusters
/// stand behind the door of `pcluster`, deployments behind that of a Kubernetes API.
struct DemoWorld {
    static var past: Double { SandboxWorld.past }

    private let time: TimeSource
    private let clouds: SandboxPcluster
    private let kubernetes: SandboxKubernetes
    private let kordent: SandboxKordent
    private let training: SandboxKubernetes
    private let pool: SandboxPool
    private let builders: SandboxBuilders
    private static let poolSource = SourceID("pool")
    private static let builderSource = SourceID("builders")
    private let seed: UInt64
    private let folder: URL
    private let logger: Logger
    private static let source = SourceID("demo")
    /// What the person at the demo may read.
    private static let namespaces = ["kcm-system", "team-a"]

    /// - Parameter folder: where the service's database lies until the demo ends; nil takes a temporary one.
    init(time: TimeSource, seed: UInt64, folder: URL?, logger: Logger) throws {
        self.time = time
        // Here and not later: while the clock catches up with the past, each moment counts as minutes.
        clouds = SandboxPcluster(time: time, seed: seed)
        kubernetes = SandboxKubernetes(time: time)
        kordent = SandboxKordent(api: kubernetes, time: time, seed: seed)
        training = SandboxKubernetes(time: time)
        pool = SandboxPool(api: training, time: time, seed: seed)
        builders = SandboxBuilders(time: time, seed: seed)
        self.seed = seed
        self.logger = logger
        self.folder = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("slipway-demo-\(UUID())")
    }

    /// Brings the world up, lets `body` look at it, and takes it down again.
    func run(_ body: @escaping @MainActor @Sendable ([any Feed], ManagedPool, HistoryStore) async -> Void) async throws
    {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DeploymentStore(path: folder.appendingPathComponent("status.db").path, time: time)
        let history = try HistoryStore(path: ":memory:", time: time)
        for run in SandboxPast.runs(source: Self.source, seed: seed, now: time.now()) { await history.record(run) }
        for region in SandboxPcluster.regions {
            for run in SandboxPast.clusterRuns(source: SourceID(region), seed: seed, now: time.now()) {
                await history.record(run)
            }
        }
        let context = SourceID(SandboxKordent.context)
        for run in SandboxPast.deploymentRuns(source: context, seed: seed, now: time.now()) {
            await history.record(run)
        }
        for run in SandboxPast.imageRuns(source: Self.builderSource, seed: seed, now: time.now()) {
            await history.record(run)
        }
        for run in SandboxPast.poolRuns(source: Self.poolSource, seed: seed, now: time.now()) {
            await history.record(run)
        }
        let (addresses, listening) = AsyncStream.makeStream(of: ServerAddress.self)
        let server = try StatusServer(
            store: store, address: .tcp(host: "127.0.0.1", port: 0), token: nil, time: time, logger: logger,
            onRunning: { listening.yield($0) })
        // Not a child: it ends after all who ask it, also when this task is cancelled. A server that is cancelled while somebody connects
        // drops the connection unused, and that ends the program.
        let serving = Task {
            defer { listening.finish() }
            try await server.run()
        }
        var address: ServerAddress?
        for await bound in addresses {
            address = bound
            break
        }
        var failure: (any Error)?
        if let address {
            do { try await look(at: address, history: history, body) } catch { failure = error }
        }
        if address != nil || Task.isCancelled { serving.cancel() }
        let served = await serving.result
        if let failure { throw failure }
        // A server that never listened says why.
        if address == nil, !Task.isCancelled { try served.get() }
        try store.close()
    }

    private func look(
        at address: ServerAddress, history: HistoryStore,
        _ body: @escaping @MainActor @Sendable ([any Feed], ManagedPool, HistoryStore) async -> Void
    ) async throws {
        let url = "http://\(address)"
        let door = try HTTPClientDoor(base: url, environment: [:])
        let world = SandboxWorld(door: door, time: time, seed: seed)
        let open = try OpenSource.metal(
            Config.Metal(name: Self.source.text, url: url), time: time, cadence: Cadence(busy: 10, quiet: 30))
        let clouds = self.clouds
        let clusters = SandboxPcluster.regions.map { region in
            // A demo is looked at many times as fast as it runs: it is asked more rarely by its own clock.
            OpenSource.cluster(
                .init(id: SourceID(region), region: region, cadence: Cadence(busy: 10, quiet: 30)), door: clouds,
                history: history, time: time)
        }
        let deployments = OpenSource.deployments(
            .init(
                id: SourceID(SandboxKordent.context), context: SandboxKordent.context,
                reading: .init(preferred: { Self.namespaces }), gathering: 5,
                cadence: Cadence(busy: 30, quiet: 60)),
            door: kubernetes.door(user: KubeUser.ops.name), history: history, time: time)
        let managed = Self.managed(training, time: time)
        let practice = OpenSource.pool(
            .init(
                id: Self.poolSource, context: SandboxPool.context, reading: .init(namespaces: SandboxPool.namespaces),
                gathering: 5, cadence: Cadence(busy: 30, quiet: 60)),
            managed, door: training.door(user: KubeUser.ops.name), history: history)
        let images = ImageSources.feed(
            builders,
            .init(id: Self.builderSource, place: "builders", cadence: Cadence(busy: 10, quiet: 30), gathering: 5),
            history: history, time: time)
        let (kordent, pool) = (self.kordent, self.pool)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await world.run() }
            group.addTask { await kordent.run() }
            group.addTask { await pool.run() }
            await body([open.feed, deployments.feed, practice.feed, images] + clusters.map(\.feed), managed, history)
            group.cancelAll()
        }
        await open.close()
        await door.close()
    }

    /// The demo's pool, as whoever sits at the demo may manage it.
    static func managed(_ training: SandboxKubernetes, time: TimeSource) -> ManagedPool {
        ManagedPool(
            context: SandboxPool.context,
            api: KubeAPI(name: SandboxPool.context, door: training.door(user: KubeUser.poolManager.name)),
            settings: PoolSettings(
                source: poolSource, identity: ManagedPool.identity, clusters: SandboxPool.namespaces,
                // By a clock that runs fast.
                lease: 600),
            guest: PoolGuest(.init(context: SandboxPool.context), commands: SandboxVirtctl()), time: time)
    }
}
