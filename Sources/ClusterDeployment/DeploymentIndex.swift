import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that is known of the deployments of one context, put together from what is told. Pure; what changed is noted until it is taken.
struct DeploymentIndex: Sendable {
    /// Events may come before the deployment that they are about.
    private static let orphanLimit = 1000

    struct Entry: Sendable {
        var reading: DeploymentReading
        var fold = EventFold()
        /// Whether time alone can change what is said of it.
        var isMoving = true
    }

    private(set) var entries: [DeploymentKey: Entry] = [:]
    /// Everything that there is has been told once.
    private(set) var isSynced = false
    /// What is not told at present, and why.
    private(set) var lost: [DeploymentNews.Part: UpstreamProblem] = [:]
    private var changed: Set<DeploymentKey> = []
    private var gone: Set<DeploymentKey> = []
    private var scope = EventScope()
    private var orphans: [WireEvent] = []
    private var objects: [DeploymentKey: [ObjectKey: WireClusterObject]] = [:]
    /// While everything is told from the beginning: what has been told so far.
    private var named: Set<DeploymentKey>?

    private struct ObjectKey: Hashable {
        var kind: ClusterKind
        var name: String
    }

    /// Why no deployment is told; that of one namespace does not count while others are told.
    var problem: UpstreamProblem? {
        let parts = lost.filter { if case .deployments = $0.key { true } else { false } }
        guard let problem = parts.values.first else { return nil }
        return parts.keys.contains(.deployments(namespace: nil)) || entries.isEmpty ? problem : nil
    }

    /// What could not be read of a deployment, one sentence each.
    func troubles(of key: DeploymentKey) -> [String] {
        lost.filter { $0.key.namespace == nil || $0.key.namespace == key.namespace }
            .map { "\($0.key.name): \($0.value.sentence)" }.sorted()
    }

    /// - Returns: what has changed and what has gone since this was asked last.
    mutating func news() -> (changed: Set<DeploymentKey>, gone: Set<DeploymentKey>) {
        defer { (changed, gone) = ([], []) }
        return (changed, gone)
    }

    var hasNews: Bool { !changed.isEmpty || !gone.isEmpty }

    // MARK: taking in

    mutating func take(_ news: DeploymentNews, now: Date) {
        switch news {
        case .begins: named = []
        case .deployment(let wire): take(wire, now: now)
        case .gone(let key): remove(key)
        case .events(let events): for event in events { take(event, now: now) }
        case .object(let kind, let object): take(object, kind, now: now)
        case .objectGone(let kind, let name): remove(kind, name, now: now)
        case .synced:
            if let named { for key in entries.keys where !named.contains(key) { remove(key) } }
            named = nil
            isSynced = true
        case .lost(let part, _, let problem):
            // Told once; that it goes on is no news.
            if lost.updateValue(problem, forKey: part) != problem { touch(part) }
        case .resumed(let part): if lost.removeValue(forKey: part) != nil { touch(part) }
        }
    }

    /// Looks at it again, though nothing was told of it.
    mutating func remind(of key: DeploymentKey, now: Date) {
        entries[key]?.reading.note(now: now)
        changed.insert(key)
    }

    /// It was not told to have changed, by a server that would have said so: it is as it was. What Kubernetes has forgotten of its events is
    /// forgotten here too.
    mutating func confirm(_ key: DeploymentKey, now: Date) {
        entries[key]?.reading.readAt = now
        entries[key]?.forget(now: now)
        changed.insert(key)
    }

    mutating func note(_ key: DeploymentKey, isMoving: Bool) { entries[key]?.isMoving = isMoving }

    private mutating func touch(_ part: DeploymentNews.Part) {
        changed.formUnion(entries.keys.filter { part.namespace == nil || part.namespace == $0.namespace })
    }

    private mutating func take(_ wire: WireDeployment, now: Date) {
        let key = wire.key
        named?.insert(key)
        changed.insert(key)
        gone.remove(key)
        guard var entry = entries[key] else {
            var entry = Entry(reading: DeploymentReading(wire: wire, now: now))
            scope.insert(key)
            for event in orphans where scope.owner(of: event) == key { entry.take(event, now: now) }
            orphans.removeAll { scope.owner(of: $0) == key }
            entry.reading.tree = tree(of: key)
            entry.reading.note(now: now)
            entries[key] = entry
            return
        }
        // Created anew under the same name: what was told of the other one is not its own.
        if entry.reading.wire.metadata.uid != wire.metadata.uid { entry.fold = EventFold() }
        entry.reading.take(wire, now: now)
        entries[key] = entry
    }

    private mutating func remove(_ key: DeploymentKey) {
        guard entries.removeValue(forKey: key) != nil else { return }
        scope.remove(key)
        changed.remove(key)
        gone.insert(key)
    }

    private mutating func take(_ event: WireEvent, now: Date) {
        guard let key = scope.owner(of: event), entries[key] != nil else {
            orphans.append(event)
            if orphans.count > Self.orphanLimit { orphans.removeFirst(Self.orphanLimit / 2) }
            return
        }
        entries[key]?.take(event, now: now)
        changed.insert(key)
    }

    private mutating func take(_ object: WireClusterObject, _ kind: ClusterKind, now: Date) {
        let name = kind == .cluster ? object.metadata.name : object.clusterName
        guard let name else { return }
        let key = DeploymentKey(namespace: object.metadata.namespace, name: name)
        objects[key, default: [:]][ObjectKey(kind: kind, name: object.metadata.name)] = object
        plant(key, now: now)
    }

    private mutating func remove(_ kind: ClusterKind, _ name: KubeName, now: Date) {
        let objectKey = ObjectKey(kind: kind, name: name.name)
        // Its cluster is not told with it. Most names begin with the cluster's.
        let owner =
            scope.owner(kind: kind.rawValue, name: name.name, namespace: name.namespace).flatMap {
                objects[$0]?[objectKey] == nil ? nil : $0
            } ?? objects.first { $0.key.namespace == name.namespace && $0.value[objectKey] != nil }?.key
        guard let owner else { return }
        objects[owner]?[objectKey] = nil
        if objects[owner]?.isEmpty == true { objects[owner] = nil }
        plant(owner, now: now)
    }

    private mutating func plant(_ key: DeploymentKey, now: Date) {
        guard entries[key] != nil else { return }
        let tree = tree(of: key)
        entries[key]?.reading.tree = tree
        entries[key]?.reading.note(now: now)
        changed.insert(key)
    }

    private func tree(of key: DeploymentKey) -> ClusterTree {
        ClusterTree(objects[key].map { Array($0.values) } ?? [], cluster: key.name)
    }
}

extension DeploymentIndex.Entry {
    /// An event older than this, in seconds, was told late: the deployment has moved on since.
    private static let present: Double = 30

    fileprivate mutating func take(_ event: WireEvent, now: Date) {
        // Where it is now says nothing about what an event of an hour ago meant.
        let isPresent = event.at.map { now.timeIntervalSince($0) < Self.present } ?? true
        let phase = isPresent ? PhaseDetector.phase(of: reading.wire, now: now) : nil
        guard fold.take(event, phase: phase, now: now) != .seen else { return }
        reading.milestones = fold.milestones
        reading.suppressed = fold.suppressed
        reading.events = fold.events
        reading.note(now: now)
    }

    /// Kubernetes keeps events for an hour; of thousands of deployments at rest, theirs would be most of what is held.
    fileprivate mutating func forget(now: Date) {
        guard let last = reading.events.last?.at, now.timeIntervalSince(last) > 3600 else { return }
        fold.forget()
        reading.events = fold.events
    }
}
