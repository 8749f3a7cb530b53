import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the pool of one kube context: its namespaces, and in those its machines, snapshots, restores and disks. It tells what it reads
/// as it comes and keeps nothing but what is needed to go on.
public actor PoolWatch {
    public struct Options: Sendable {
        /// Namespaces to try where they cannot be listed; empty tries `cluster1` to `cluster3`.
        public var namespaces: [String]

        public init(namespaces: [String] = []) { self.namespaces = namespaces }
    }

    /// Rights are given and taken; what may be read is looked at again after so many seconds.
    private static let rescope: Double = 900
    /// Clusters come one after the other when a pool is made; their objects are watched together after so many seconds.
    private static let gathering: Double = 1
    /// From so many clusters on, one watch for all namespaces is cheaper than one in each.
    static let wideFrom = 6
    /// More namespaces are not watched one by one.
    static let namespaceLimit = 40

    private let api: KubeAPI
    private let options: Options
    private let time: TimeSource
    private let backoff = Backoff()
    private var wakers: [@Sendable () async -> Void] = []
    private let nap = Nap()
    /// The namespaces of the pool as they are known.
    private var clusters: Set<String> = []
    /// Parts that have not been told or refused once.
    private var unsettled: Set<PoolNews.Part> = []
    private var hasSettled = false
    /// Which objects are to be told is not known yet.
    private var isLooking = true
    /// Wakes the one who waits for the clusters to become others.
    private var alert: AsyncStream<Void>.Continuation?

    public init(_ api: KubeAPI, options: Options = Options(), time: TimeSource) {
        self.api = api
        self.options = options
        self.time = time
    }

    /// Breaks off what rests after a failure.
    public func wake() async {
        nap.breakOff()
        for waker in wakers { await waker() }
    }

    /// Tells until the task is cancelled.
    public func run(_ tell: @escaping @Sendable (PoolNews) async -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do throws(UpstreamProblem) {
                let resources = try await api.poolResources()
                let place = try await PoolPlace.find(api, preferred: options.namespaces)
                if failures > 0 { await tell(.resumed(.clusters(name: nil))) }
                failures = 0
                await follow(place, resources, tell)
            } catch {
                if Task.isCancelled { return }
                failures += 1
                await tell(.lost(.clusters(name: nil), failures: failures, error))
                await nap.sleep(backoff.wait(failures: failures, chance: Double.random(in: 0..<1)), time)
            }
        }
    }

    // MARK: namespaces

    private func follow(
        _ place: PoolPlace, _ resources: [PoolKind: KubeResource],
        _ tell: @escaping @Sendable (PoolNews) async -> Void
    ) async {
        clusters = []
        isLooking = true
        let watched = place.watched
        unsettled = Set(watched.map { .clusters(name: $0.name) })
        await withTaskGroup(of: Bool.self) { group in
            for (name, selector) in watched {
                group.addTask { await self.followClusters(name, selector, tell) }
            }
            group.addTask { await self.followObjects(resources, tell) }
            group.addTask { await self.hasChanged(place) }
            while let isOver = await group.next(), !isOver {}
            group.cancelAll()
        }
        wakers = []
    }

    /// - Returns: true when the namespaces are to be found in another way.
    private func hasChanged(_ place: PoolPlace) async -> Bool {
        guard case .named = place else { return false }
        while (try? await time.sleep(Self.rescope)) != nil {
            if let now = try? await PoolPlace.find(api, preferred: options.namespaces), now != place { return true }
        }
        return true
    }

    private func followClusters(
        _ name: String?, _ selector: KubeSelector, _ tell: @escaping @Sendable (PoolNews) async -> Void
    ) async -> Bool {
        let part = PoolNews.Part.clusters(name: name)
        let watch = KubeWatch<WirePoolNamespace>(api, .namespaces, selector: selector, time: time)
        wakers.append { await watch.wake() }
        await tell(.begins(part))
        await watch.run { told in
            switch told {
            case .object(let namespace):
                if namespace.isPool {
                    await self.insert(namespace.name)
                    await tell(.cluster(namespace))
                } else {
                    await self.remove(namespace.name)
                    await tell(.gone(namespace.name))
                }
            case .gone(let name):
                await self.remove(name.name)
                await tell(.gone(name.name))
            case .synced:
                await tell(.synced(part))
                await self.settle(part, tell)
            case .lost(let failures, let problem):
                await tell(.lost(part, failures: failures, problem))
                // What one namespace does not tell must not hold up the others; without any of them there is nothing to tell.
                if name != nil { await self.settle(part, tell) }
            case .resumed: await tell(.resumed(part))
            }
        }
        return false
    }

    private func insert(_ name: String) {
        clusters.insert(name)
        alert?.yield()
    }

    private func remove(_ name: String) {
        clusters.remove(name)
        alert?.yield()
    }

    private func isCluster(_ name: String) -> Bool { clusters.contains(name) }

    private func settle(_ part: PoolNews.Part?, _ tell: @Sendable (PoolNews) async -> Void) async {
        if let part { unsettled.remove(part) }
        alert?.yield()
        guard !hasSettled, !isLooking, unsettled.isEmpty else { return }
        hasSettled = true
        await tell(.settled)
    }

    /// Returns when it is so; looks again whenever clusters come, go or are all told.
    private func until(_ isSo: () -> Bool) async {
        // A stream ends with the task that waits on it, so that each waiting has its own.
        let (changes, alert) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.alert = alert
        if isSo() { return }
        for await _ in changes where isSo() { return }
    }

    // MARK: objects

    /// Follows the objects of all clusters, and begins anew with other clusters.
    ///
    /// - Returns: true when there may be more to read than was found.
    private func followObjects(
        _ resources: [PoolKind: KubeResource], _ tell: @escaping @Sendable (PoolNews) async -> Void
    ) async -> Bool {
        await until { !unsettled.contains(where: \.isClusters) }
        let clusterWakers = wakers.count
        while !Task.isCancelled {
            let names = clusters
            let (parts, isWhole) = await self.parts(resources, names, tell)
            unsettled.formUnion(parts.keys)
            isLooking = false
            await settle(nil, tell)
            if await follow(parts, of: names, isWhole: isWhole, tell) { return true }
            wakers.removeLast(max(0, wakers.count - clusterWakers))
        }
        return false
    }

    /// - Returns: true when it is to be looked again at what may be read; false when there are other clusters.
    private func follow(
        _ parts: [PoolNews.Part: KubeResource], of names: Set<String>, isWhole: Bool,
        _ tell: @escaping @Sendable (PoolNews) async -> Void
    ) async -> Bool {
        enum End { case never, others, rescope }
        let isWide = parts.keys.contains { $0.namespace == nil }
        return await withTaskGroup(of: End.self) { group in
            for (part, resource) in parts {
                guard case .objects(let kind, let namespace) = part else { continue }
                group.addTask {
                    await self.followObjects(kind, resource, in: namespace, tell)
                    return .never
                }
            }
            group.addTask {
                await self.untilOther(than: names, isWide: isWide)
                return .others
            }
            if !isWhole {
                group.addTask {
                    try? await self.time.sleep(Self.rescope)
                    return .rescope
                }
            }
            var end = End.never
            while end == .never, let next = await group.next() { end = next }
            group.cancelAll()
            return end == .rescope
        }
    }

    private func untilOther(than names: Set<String>, isWide: Bool) async {
        // What is watched everywhere needs no other watch because a cluster has gone.
        await until { isWide ? !clusters.isSubset(of: names) : clusters != names }
        try? await time.sleep(Self.gathering)
    }

    /// What may be watched of the objects of these clusters, and whether that is all; what is not is told.
    private func parts(
        _ resources: [PoolKind: KubeResource], _ names: Set<String>, _ tell: @Sendable (PoolNews) async -> Void
    ) async -> (parts: [PoolNews.Part: KubeResource], isWhole: Bool) {
        guard !names.isEmpty else { return ([:], true) }
        var parts: [PoolNews.Part: KubeResource] = [:]
        var isWhole = true
        for kind in PoolKind.allCases {
            guard let resource = resources[kind] else {
                // Disks are shown where there are some; without snapshots no cluster can be reset.
                guard kind != .disk else { continue }
                isWhole = false
                await tell(.lost(.objects(kind, namespace: nil), failures: 1, absent(kind)))
                continue
            }
            if names.count >= Self.wideFrom, (try? await api.may("watch", resource, namespace: nil)) ?? false {
                parts[.objects(kind, namespace: nil)] = resource
                continue
            }
            for (place, name) in names.sorted().enumerated() {
                let part = PoolNews.Part.objects(kind, namespace: name)
                // Where the question itself fails, the watch will tell why.
                if place < Self.namespaceLimit, (try? await api.may("watch", resource, namespace: name)) ?? true {
                    parts[part] = resource
                } else {
                    isWhole = false
                    await tell(.lost(part, failures: 1, forbidden(resource, name)))
                }
            }
        }
        return (parts, isWhole)
    }

    private func absent(_ kind: PoolKind) -> UpstreamProblem {
        UpstreamProblem(
            .status(404), "\(api.name) has no \(kind.plural).\(kind.group).",
            advice: "Switch on the snapshots of KubeVirt there.")
    }

    private func forbidden(_ resource: KubeResource, _ namespace: String) -> UpstreamProblem {
        UpstreamProblem(
            .status(403), "\(api.name) does not let you watch \(resource.plural).\(resource.group) in \(namespace).",
            advice: "Ask for the right to list and watch them.")
    }

    private func followObjects(
        _ kind: PoolKind, _ resource: KubeResource, in namespace: String?,
        _ tell: @escaping @Sendable (PoolNews) async -> Void
    ) async {
        switch kind {
        case .machine: await follow(kind, resource, in: namespace, tell) { PoolObject.machine($0) }
        case .instance: await follow(kind, resource, in: namespace, tell) { PoolObject.instance($0) }
        case .snapshot: await follow(kind, resource, in: namespace, tell) { PoolObject.snapshot($0) }
        case .restore: await follow(kind, resource, in: namespace, tell) { PoolObject.restore($0) }
        case .disk: await follow(kind, resource, in: namespace, tell) { PoolObject.disk($0) }
        }
    }

    private func follow<Object: KubeObject>(
        _ kind: PoolKind, _ resource: KubeResource, in namespace: String?,
        _ tell: @escaping @Sendable (PoolNews) async -> Void, _ made: @escaping @Sendable (Object) -> PoolObject
    ) async {
        let part = PoolNews.Part.objects(kind, namespace: namespace)
        let watch = KubeWatch<Object>(api, resource, namespace: namespace, time: time)
        wakers.append { await watch.wake() }
        await tell(.begins(part))
        await watch.run { change in
            switch change {
            case .object(let object):
                // A watch for all namespaces tells of machines that are none of the pool's.
                if await self.isCluster(object.metadata.namespace) { await tell(.object(made(object))) }
            case .gone(let name): await tell(.objectGone(kind, name))
            case .synced:
                await tell(.synced(part))
                await self.settle(part, tell)
            case .lost(let failures, let problem):
                await tell(.lost(part, failures: failures, problem))
                await self.settle(part, tell)
            case .resumed: await tell(.resumed(part))
            }
        }
    }
}
