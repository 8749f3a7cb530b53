import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the ClusterDeployments of one kube context, their events and their Cluster API objects, and tells what it reads as it comes. It keeps
/// nothing but what is needed to go on.
public actor DeploymentWatch {
    public struct Options: Sendable {
        /// Leaves out namespaces; nil takes all.
        public var filter: NamespaceFilter?
        /// Only this one is read.
        public var only: DeploymentKey?
        /// Namespaces to try where they cannot be listed.
        public var preferred: @Sendable () async -> [String]

        public init(
            filter: NamespaceFilter? = nil, only: DeploymentKey? = nil,
            preferred: @escaping @Sendable () async -> [String] = { [] }
        ) {
            self.filter = filter
            self.only = only
            self.preferred = preferred
        }
    }

    /// Rights are given and taken; what may be read is looked at again after so many seconds.
    private static let rescope: Double = 900

    private let api: KubeAPI
    private let options: Options
    private let time: TimeSource
    private let backoff = Backoff()
    private var wakers: [@Sendable () async -> Void] = []
    private let nap = Nap()

    public init(_ api: KubeAPI, options: Options, time: TimeSource) {
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
    public func run(_ tell: @escaping @Sendable (DeploymentNews) async -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do throws(UpstreamProblem) {
                let resource = try await api.clusterDeployments()
                let scope = try await scope(resource)
                if failures > 0 { await tell(.resumed(.deployments(namespace: nil))) }
                failures = 0
                await tell(.begins)
                await follow(resource, scope, tell)
            } catch {
                if Task.isCancelled { return }
                failures += 1
                await tell(.lost(.deployments(namespace: nil), failures: failures, error))
                await nap.sleep(backoff.wait(failures: failures, chance: Double.random(in: 0..<1)), time)
            }
        }
    }

    // MARK: what is read

    private func scope(_ resource: KubeResource) async throws(UpstreamProblem) -> DeploymentScope {
        if let only = options.only { return .namespaces([only.namespace], of: 1) }
        return try await DeploymentScope.find(
            api, resource, filter: options.filter, preferred: await options.preferred())
    }

    /// The Cluster API objects that this server has and that we may watch there.
    private func objects(in namespace: String?) async throws(UpstreamProblem) -> [ClusterKind: KubeResource] {
        var found: [ClusterKind: KubeResource] = [:]
        for (group, kinds) in ClusterKind.groups {
            guard let version = try await api.preferredVersion(of: group) else { continue }
            let plurals = try await api.resources(of: group, version)
            for kind in kinds where plurals.contains(kind.plural) {
                let resource = KubeResource(group: group, version: version, plural: kind.plural)
                if try await api.may("watch", resource, namespace: namespace) { found[kind] = resource }
            }
        }
        return found
    }

    // MARK: following

    /// Follows everything of a scope until something else is to be read.
    private func follow(
        _ resource: KubeResource, _ scope: DeploymentScope, _ tell: @escaping @Sendable (DeploymentNews) async -> Void
    ) async {
        let round = DeploymentRound(scope.watched.count)
        await withTaskGroup(of: Bool.self) { group in
            for namespace in scope.watched {
                group.addTask { await self.followDeployments(resource, in: namespace, round, tell) }
                group.addTask { await self.followEvents(in: namespace, round, tell) }
                group.addTask { await self.followObjects(in: namespace, tell) }
            }
            group.addTask { await self.hasChanged(scope, resource) }
            group.addTask {
                for await _ in round.absences { return true }
                return false
            }
            while let isOver = await group.next(), !isOver {}
            group.cancelAll()
        }
        wakers = []
    }

    /// - Returns: true when something else is to be read.
    private func hasChanged(_ scope: DeploymentScope, _ resource: KubeResource) async -> Bool {
        // Who asked for one thing wants nothing else.
        guard options.only == nil else { return false }
        while (try? await time.sleep(Self.rescope)) != nil {
            guard let now = try? await api.clusterDeployments() else { continue }
            if now != resource { return true }
            if let found = try? await self.scope(now), found != scope { return true }
        }
        return true
    }

    /// One that is read alone is told with its siblings, if they may be read: without their names it could not be known whose an event is.
    private func selector(_ resource: KubeResource) async -> KubeSelector {
        guard let only = options.only,
            (try? await api.may("watch", resource, namespace: only.namespace)) == false
        else { return KubeSelector() }
        return KubeSelector(fields: "metadata.name=\(only.name)")
    }

    private func followDeployments(
        _ resource: KubeResource, in namespace: String?, _ round: DeploymentRound,
        _ tell: @escaping @Sendable (DeploymentNews) async -> Void
    ) async -> Bool {
        let part = DeploymentNews.Part.deployments(namespace: namespace)
        let filter = options.filter
        let selector = await selector(resource)
        let watch = KubeWatch<WireDeployment>(api, resource, namespace: namespace, selector: selector, time: time)
        wakers.append { await watch.wake() }
        await watch.run { change in
            switch change {
            case .object(let object):
                guard filter?.allows(object.key.namespace) ?? true else { return }
                await round.insert(object.key)
                await tell(.deployment(object))
            case .gone(let name): await tell(.gone(DeploymentKey(namespace: name.namespace, name: name.name)))
            case .synced: if await round.ends(namespace) { await tell(.synced) }
            case .lost(let failures, let problem):
                await tell(.lost(part, failures: failures, problem))
                // What one namespace does not tell must not hold up the others.
                if await round.ends(namespace) { await tell(.synced) }
                // The resource has gone, or has another version: it must be looked for.
                if problem.isAbsent { round.isAbsent() }
            case .resumed: await tell(.resumed(part))
            }
        }
        return false
    }

    private func followEvents(
        in namespace: String?, _ round: DeploymentRound, _ tell: @escaping @Sendable (DeploymentNews) async -> Void
    ) async -> Bool {
        let part = DeploymentNews.Part.events(namespace: namespace)
        let filter = options.filter
        let backlog = EventBacklog()
        // Whose an event is can be told when the deployments are known; most of a management cluster's events are nobody's.
        await round.waits()
        let watch = KubeWatch<WireEvent>(api, .events, namespace: namespace, tracksGone: false, time: time)
        wakers.append { await watch.wake() }
        await watch.run { change in
            switch change {
            case .object(let event):
                guard filter?.allows(event.namespace) ?? true else { return }
                if await backlog.isOver { return await tell(.events([event])) }
                if await round.owns(event) { await backlog.take(event) }
            case .synced:
                let earlier = await backlog.end()
                if !earlier.isEmpty { await tell(.events(earlier)) }
            case .lost(let failures, let problem): await tell(.lost(part, failures: failures, problem))
            case .resumed: await tell(.resumed(part))
            case .gone: break
            }
        }
        return false
    }

    /// Cluster API may come later, or the right to read it: what there is is looked for again and again.
    private func followObjects(
        in namespace: String?, _ tell: @escaping @Sendable (DeploymentNews) async -> Void
    ) async -> Bool {
        let part = DeploymentNews.Part.objects(namespace: namespace)
        var failures = 0
        while !Task.isCancelled {
            do throws(UpstreamProblem) {
                let found = try await objects(in: namespace)
                if failures > 0 { await tell(.resumed(part)) }
                failures = 0
                await follow(found, in: namespace, tell)
            } catch {
                failures += 1
                await tell(.lost(part, failures: failures, error))
                try? await time.sleep(backoff.wait(failures: failures, chance: Double.random(in: 0..<1)))
            }
        }
        return false
    }

    /// Follows these objects until others are there.
    private func follow(
        _ found: [ClusterKind: KubeResource], in namespace: String?,
        _ tell: @escaping @Sendable (DeploymentNews) async -> Void
    ) async {
        let part = DeploymentNews.Part.objects(namespace: namespace)
        let selector = KubeSelector(labels: options.only.map { "\(WireClusterObject.clusterLabel)=\($0.name)" })
        let filter = options.filter
        let time = self.time
        await withTaskGroup(of: Bool.self) { group in
            for (kind, resource) in found {
                // The cluster itself bears no label of its own.
                let selector =
                    kind == .cluster
                    ? KubeSelector(fields: options.only.map { "metadata.name=\($0.name)" }) : selector
                let watch = KubeWatch<WireClusterObject>(
                    api, resource, namespace: namespace, selector: selector, time: time)
                wakers.append { await watch.wake() }
                group.addTask {
                    await watch.run { change in
                        switch change {
                        case .object(let object):
                            guard filter?.allows(object.metadata.namespace) ?? true else { return }
                            await tell(.object(kind, object.known(as: kind)))
                        case .gone(let name): await tell(.objectGone(kind, name))
                        case .lost(let failures, let problem): await tell(.lost(part, failures: failures, problem))
                        case .resumed: await tell(.resumed(part))
                        case .synced: break
                        }
                    }
                    return false
                }
            }
            group.addTask {
                while (try? await time.sleep(Self.rescope)) != nil {
                    if let now = try? await self.objects(in: namespace), now != found { return true }
                }
                return true
            }
            while let isOver = await group.next(), !isOver {}
            group.cancelAll()
        }
    }
}

extension WireClusterObject {
    /// Lists leave the kind out.
    fileprivate func known(as kind: ClusterKind) -> WireClusterObject {
        var object = self
        if object.kind.isEmpty { object.kind = kind.rawValue }
        return object
    }
}
