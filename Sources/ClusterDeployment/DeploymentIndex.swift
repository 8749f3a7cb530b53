import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that is known of the deployments of one context, put together from what is told. Pure; what changed is noted until it is taken.
struct DeploymentIndex: Sendable {
    struct Entry: Sendable {
        var reading: DeploymentReading
        var fold = EventFold()
        /// The newest events whole, for the one that follows under the same name: its first events may come before itself.
        fileprivate var recent: [WireEvent] = []
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
    private var orphans = EventOrphans()
    private var objects: [DeploymentKey: [ObjectKey: WireClusterObject]] = [:]
    /// Whose each object is: of one that is gone only its name is told.
    private var homes: [ObjectHome: DeploymentKey] = [:]
    /// Deployments whose tree is not what their objects are any more.
    private var overgrown: Set<DeploymentKey> = []
    /// When something was told last.
    private var told = Date.distantPast
    /// While everything is told from the beginning: what has been told so far.
    private var named: Set<DeploymentKey>?

    private struct ObjectKey: Hashable {
        var kind: ClusterKind
        var name: String
    }

    private struct ObjectHome: Hashable {
        var namespace: String
        var object: ObjectKey
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

    /// - Returns: what has changed and what has gone since this was asked last. The readings have their trees from here on.
    mutating func news() -> (changed: Set<DeploymentKey>, gone: Set<DeploymentKey>) {
        settle(now: told)
        defer { (changed, gone) = ([], []) }
        return (changed, gone)
    }

    var hasNews: Bool { !changed.isEmpty || !gone.isEmpty }

    /// Builds the trees of what has new objects, each once, however many were told.
    mutating func settle(now: Date) {
        // While everything is told anew, a part of the objects would make a part of a tree.
        guard named == nil else { return }
        for key in overgrown where entries[key] != nil {
            let tree = ClusterTree(objects[key].map { Array($0.values) } ?? [], cluster: key.name)
            entries[key]?.reading.tree = tree
            entries[key]?.reading.note(now: now)
            changed.insert(key)
        }
        overgrown = []
    }

    // MARK: taking in

    mutating func take(_ news: DeploymentNews, now: Date) {
        told = max(told, now)
        switch news {
        case .begins: begin()
        case .deployment(let wire): take(wire, now: now)
        case .gone(let key): remove(key)
        case .events(let events): for event in events { take(event, now: now) }
        case .object(let kind, let object): take(object, kind)
        case .objectGone(let kind, let name): remove(kind, name)
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

    /// What can be read now is told anew; of what cannot be, nothing is kept.
    private mutating func begin() {
        named = []
        for part in lost.keys { touch(part) }
        lost = [:]
        for key in objects.keys { replant(key) }
        (objects, homes) = ([:], [:])
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
        if var entry = entries[key], entry.reading.wire.metadata.uid == wire.metadata.uid {
            entry.reading.take(wire, now: now)
            entries[key] = entry
            return
        }
        // New, or created anew under the same name: then what was told of the other one is not its own, but for what came too early.
        let recent = entries[key]?.recent ?? []
        var entry = Entry(reading: DeploymentReading(wire: wire, now: now))
        scope.insert(key)
        let early = orphans.take(for: key) { scope.owner(of: $0) == key && EventScope.isOf(wire, $0) }
        for event in EventFold.byTime(recent + early) where EventScope.isOf(wire, event) {
            entry.take(event, now: now)
        }
        entries[key] = entry
        if objects[key] != nil { replant(key) }
    }

    private mutating func remove(_ key: DeploymentKey) {
        guard entries.removeValue(forKey: key) != nil else { return }
        scope.remove(key)
        changed.remove(key)
        overgrown.remove(key)
        gone.insert(key)
    }

    private mutating func take(_ event: WireEvent, now: Date) {
        guard let key = scope.owner(of: event), let wire = entries[key]?.reading.wire, EventScope.isOf(wire, event)
        else { return orphans.keep(event) }
        entries[key]?.take(event, now: now)
        changed.insert(key)
    }

    private mutating func take(_ object: WireClusterObject, _ kind: ClusterKind) {
        let name = kind == .cluster ? object.metadata.name : object.clusterName
        guard let name else { return }
        let key = DeploymentKey(namespace: object.metadata.namespace, name: name)
        let objectKey = ObjectKey(kind: kind, name: object.metadata.name)
        let home = ObjectHome(namespace: object.metadata.namespace, object: objectKey)
        if let before = homes.updateValue(key, forKey: home), before != key { uproot(objectKey, before) }
        objects[key, default: [:]][objectKey] = object
        replant(key)
    }

    private mutating func remove(_ kind: ClusterKind, _ name: KubeName) {
        let objectKey = ObjectKey(kind: kind, name: name.name)
        // Its cluster is not told with it.
        guard let key = homes.removeValue(forKey: ObjectHome(namespace: name.namespace, object: objectKey)) else {
            return
        }
        uproot(objectKey, key)
    }

    private mutating func uproot(_ object: ObjectKey, _ key: DeploymentKey) {
        objects[key]?[object] = nil
        if objects[key]?.isEmpty == true { objects[key] = nil }
        replant(key)
    }

    private mutating func replant(_ key: DeploymentKey) {
        guard entries[key] != nil else { return }
        overgrown.insert(key)
        changed.insert(key)
    }
}

extension DeploymentIndex.Entry {
    /// An event older than this, in seconds, was told late: the deployment has moved on since.
    private static let present: Double = 30
    /// Seconds for which events are kept whole, and how many of them.
    private static let handover: Double = 300
    private static let recentLimit = 40

    fileprivate mutating func take(_ event: WireEvent, now: Date) {
        // Where it is now says nothing about what an event of an hour ago meant.
        let isPresent = event.at.map { now.timeIntervalSince($0) < Self.present } ?? true
        let phase = isPresent ? reading.standing(now: now).phase : nil
        guard fold.take(event, phase: phase, now: now) != .seen else { return }
        keep(event, now: now)
        reading.milestones = fold.milestones
        reading.suppressed = fold.suppressed
        reading.events = fold.events
        reading.note(now: now)
    }

    private mutating func keep(_ event: WireEvent, now: Date) {
        forgetRecent(now: now)
        guard event.at.map({ now.timeIntervalSince($0) < Self.handover }) ?? true else { return }
        recent.append(event)
        if recent.count > Self.recentLimit { recent.removeFirst() }
    }

    /// Only the newest can be of one that is not told yet.
    private mutating func forgetRecent(now: Date) {
        recent.removeAll { $0.at.map { now.timeIntervalSince($0) >= Self.handover } ?? false }
    }

    /// Kubernetes keeps events for an hour; of thousands of deployments at rest, theirs would be most of what is held.
    fileprivate mutating func forget(now: Date) {
        forgetRecent(now: now)
        guard let last = reading.events.last?.at, now.timeIntervalSince(last) > 3600 else { return }
        fold.forget()
        reading.events = fold.events
    }
}
