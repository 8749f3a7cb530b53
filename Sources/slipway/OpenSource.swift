import BareMetal
import ClusterCreation
import ClusterDeployment
import ClusterPool
import Fleet
import Foundation
import History
import Upstream

/// A feed with the door it holds, so that the door can be closed when the feed has ended.
struct OpenSource: Sendable {
    let feed: any Feed
    /// Knows nodes by more names than items show; nil for other systems.
    var client: StatusClient?
    /// What actions on its items work on; nil for systems without any.
    var pool: ManagedPool?
    let close: @Sendable () async -> Void

    /// - Parameters:
    ///   - history: what earlier runs have taught; nil learns nothing.
    ///   - kinds: what is read.
    ///   - cluster: the only ParallelCluster cluster that is read.
    /// - Throws: `CommandFailure` for a source that cannot be asked at all.
    static func open(
        _ config: Config, of kinds: Set<Kind> = Set(Kind.allCases), history: HistoryStore?, cluster: String? = nil,
        time: TimeSource
    ) async throws -> [OpenSource] {
        var open: [OpenSource] = []
        do {
            for metal in config.metal where kinds.contains(.metal) { open.append(try Self.metal(metal, time: time)) }
        } catch {
            for source in open { await source.close() }
            throw error
        }
        for pcluster in config.pcluster {
            open += Self.pcluster(
                pcluster, of: kinds, withImages: config.images.readsPcluster, history: history, cluster: cluster,
                time: time)
        }
        for kubernetes in config.kubernetes where kinds.contains(.deployment) {
            open += Self.kubernetes(kubernetes, history: history, time: time)
        }
        if kinds.contains(.image) { open += await images(config.images, history: history, time: time) }
        for pool in config.pool where kinds.contains(.pool) {
            open += try Self.pool(pool, history: history, time: time)
        }
        return open
    }

    private static func images(
        _ images: Config.Images, history: HistoryStore?, time: TimeSource
    ) async -> [OpenSource] {
        var open: [OpenSource] = []
        var builders = images.builders
        if images.readsThisMachine {
            open.append(ImageSources.here(Paths(), history: history, time: time))
            // Builders that builds were started on from here need not be named.
            for host in await ImageSources.local(Paths(), time: time).hosts() where !builders.contains(host) {
                builders.append(host)
            }
        }
        if !images.folders.isEmpty { open.append(ImageSources.pctl(images, history: history, time: time)) }
        return open + builders.map { ImageSources.builder($0, Paths(), history: history, time: time) }
    }

    static func metal(
        _ metal: Config.Metal, time: TimeSource, cadence: Cadence = StatusFeed.cadence
    ) throws -> OpenSource {
        do throws(UpstreamProblem) {
            let door = try HTTPClientDoor(base: metal.url, token: metal.token, certificateAuthority: metal.ca)
            let client = StatusClient(door: door, name: metal.name)
            let feed = StatusFeed(
                client: client,
                options: .init(
                    id: SourceID(metal.name), address: metal.url, zone: metal.zone, limits: metal.limits,
                    cadence: cadence),
                time: time)
            return OpenSource(feed: feed, client: client, close: { await door.close() })
        } catch {
            throw CommandFailure(error.sentence, advice: error.advice, status: .usage)
        }
    }

    /// The feeds of each region over one interpreter. That `pcluster` is missing is told by the sources, and nothing else stops.
    private static func pcluster(
        _ pcluster: Config.Pcluster, of kinds: Set<Kind>, withImages: Bool, history: HistoryStore?, cluster: String?,
        time: TimeSource
    ) -> [OpenSource] {
        let door = PclusterProgram.installed(pcluster, time: time)
        let close: @Sendable () async -> Void = { await door.close() }
        var open: [OpenSource] = []
        for (id, region) in pcluster.sources {
            if kinds.contains(.cluster) {
                open.append(
                    Self.cluster(
                        .init(id: SourceID(id), region: region, limit: pcluster.limit, only: cluster), door: door,
                        history: history, time: time, close: close))
            }
            if withImages, kinds.contains(.image) {
                open.append(
                    ImageSources.region(id, region, door: door, history: history, time: time, close: close))
            }
        }
        return open
    }

    static func cluster(
        _ options: CreationFeed.Options, door: any PclusterDoor, history: HistoryStore?, time: TimeSource,
        close: @escaping @Sendable () async -> Void = {}
    ) -> OpenSource {
        let feed = CreationFeed(door: door, options: options, time: time) {
            (try? await history?.runs(kind: .cluster, source: options.id, limit: 200)) ?? []
        }
        return OpenSource(feed: feed, close: close)
    }

    /// A feed for each context, each over a `kubectl proxy` of its own. That kubectl is missing is told by the sources, and nothing else stops.
    private static func kubernetes(
        _ kubernetes: Config.Kubernetes, history: HistoryStore?, time: TimeSource
    ) -> [OpenSource] {
        kubernetes.sources.map { id, context in
            let proxy = KubectlProxy(kubernetes.access(context), commands: SubprocessDoor(time: time), time: time)
            return deployments(
                .init(
                    id: SourceID(id), context: context, kubeconfig: kubernetes.kubeconfig, limit: kubernetes.limit,
                    reading: .init(filter: kubernetes.namespaces, preferred: proxy.preferred)),
                door: proxy, history: history, time: time, renew: { await proxy.renew() },
                close: { await proxy.close() })
        }
    }

    private static func pool(_ pool: Config.Pool, history: HistoryStore?, time: TimeSource) throws -> [OpenSource] {
        try pool.sources.map { id, context in
            let proxy = KubectlProxy(pool.kubernetes.access(context), commands: SubprocessDoor(time: time), time: time)
            let backend: HTTPClientDoor?
            do throws(UpstreamProblem) {
                backend = try pool.sessions.map { url throws(UpstreamProblem) in try HTTPClientDoor(base: url) }
            } catch {
                throw CommandFailure(error.sentence, advice: error.advice, status: .usage)
            }
            return Self.pool(
                .init(
                    id: SourceID(id), context: context, reading: .init(namespaces: pool.clusters)),
                ManagedPool(PoolChoice(entry: pool, id: id, context: context), proxy: proxy, time: time), door: proxy,
                sessions: backend.map { SessionReader($0) }, history: history,
                close: {
                    await proxy.close()
                    await backend?.close()
                })
        }
    }

    /// - Parameters:
    ///   - pool: the same pool, for whoever manages it.
    ///   - door: for reading: it may be another one.
    static func pool(
        _ options: PoolFeed.Options, _ pool: ManagedPool, door: any HTTPStreamDoor, sessions: SessionReader? = nil,
        history: HistoryStore?, close: @escaping @Sendable () async -> Void = {}
    ) -> OpenSource {
        let feed = PoolFeed(
            api: KubeAPI(name: options.context, door: door), sessions: sessions, options: options, time: pool.time,
            recall: { (try? await history?.runs(kind: .pool, source: options.id, limit: 200)) ?? [] })
        return OpenSource(feed: feed, pool: pool, close: close)
    }

    static func deployments(
        _ options: DeploymentFeed.Options, door: any HTTPStreamDoor, history: HistoryStore?, time: TimeSource,
        tap: @escaping @Sendable (DeploymentSignal) async -> Void = { _ in },
        renew: @escaping @Sendable () async -> Void = {}, close: @escaping @Sendable () async -> Void = {}
    ) -> OpenSource {
        let feed = DeploymentFeed(
            api: KubeAPI(name: options.context, door: door), options: options, time: time,
            recall: { (try? await history?.runs(kind: .deployment, source: options.id, limit: 200)) ?? [] }, tap: tap,
            renew: renew)
        return OpenSource(feed: feed, close: close)
    }
}

extension KubectlProxy {
    /// The namespace that the kubeconfig means, to be tried where namespaces cannot be listed.
    nonisolated var preferred: @Sendable () async -> [String] {
        { await self.context?.namespace.map { [$0] } ?? [] }
    }
}

extension HistoryStore {
    /// The history of this user, or one in memory if it cannot be had; the store's notice says why.
    static func open(_ paths: Paths, time: TimeSource) throws -> HistoryStore {
        do {
            return try HistoryStore(path: paths.history, time: time)
        } catch {
            throw CommandFailure(
                "\(error)", advice: "Use that newer version, or move \(Paths.short(paths.history)) away.",
                status: .failed)
        }
    }
}

extension PclusterProgram {
    /// The program that a config names. One that is not there is asked all the same: it says so each time, and is found once it is installed.
    static func installed(_ config: Config.Pcluster, time: TimeSource) -> PclusterProgram {
        let environment = ProcessInfo.processInfo.environment
        return PclusterProgram(
            PclusterInstallation.find(config.program, environment: environment)
                ?? PclusterInstallation(path: config.program), profile: config.profile,
            commands: SubprocessDoor(time: time), time: time)
    }
}
