import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that is known of the clusters of one context, put together from what is told. Pure; what changed is noted until it is taken.
struct PoolIndex: Sendable {
    /// More clusters than this are no pool.
    static let clusterLimit = 5000

    struct Entry: Sendable {
        var reading: PoolReading
        /// Whether time alone can change what is said of it.
        var isMoving = true
    }

    private(set) var entries: [String: Entry] = [:]
    /// Everything that there is has been told once, or cannot be.
    private(set) var isSettled = false
    /// What is not told at present, and why.
    private(set) var lost: [PoolNews.Part: UpstreamProblem] = [:]
    private var synced: Set<PoolNews.Part> = []
    private var sessions: (told: [WireSession], at: Date)?
    private var changed: Set<String> = []
    private var gone: Set<String> = []
    /// While a part is told from the beginning: what has been told of it so far.
    private var named: [PoolNews.Part: Set<KubeName>] = [:]

    /// Why no cluster is told; that of one namespace does not count while others are told.
    var problem: UpstreamProblem? {
        let parts = lost.filter { $0.key.isClusters }
        return parts[.clusters(name: nil)] ?? (entries.isEmpty ? parts.values.first : nil)
    }

    /// What could not be read of a cluster, one sentence each.
    func troubles(of name: String) -> [String] {
        lost.filter { $0.key.namespace == nil || $0.key.namespace == name }
            .map { "\($0.key.name): \($0.value.sentence)" }.sorted()
    }

    /// - Returns: what has changed and what has gone since this was asked last.
    mutating func news() -> (changed: Set<String>, gone: Set<String>) {
        defer { (changed, gone) = ([], []) }
        return (changed, gone)
    }

    var hasNews: Bool { !changed.isEmpty || !gone.isEmpty }

    // MARK: taking in

    mutating func take(_ news: PoolNews, now: Date) {
        switch news {
        case .begins(let part): named[part] = []
        case .cluster(let namespace): take(namespace, now: now)
        case .gone(let name): remove(name)
        case .object(let object): take(object, now: now)
        case .objectGone(let kind, let name): remove(kind, name, now: now)
        case .synced(let part): sync(part, now: now)
        case .settled: isSettled = true
        case .sessions(let sessions): take(sessions, now: now)
        case .lost(let part, _, let problem):
            // Told once; that it goes on is no news.
            if lost.updateValue(problem, forKey: part) != problem { touch(part) }
        case .resumed(let part): if lost.removeValue(forKey: part) != nil { touch(part) }
        }
    }

    /// Looks at it again, though nothing was told of it.
    mutating func remind(of name: String, now: Date) {
        entries[name]?.reading.note(now: now)
        changed.insert(name)
    }

    /// It was not told to have changed, by a server that would have said so: it is as it was.
    mutating func confirm(_ name: String, now: Date) {
        entries[name]?.reading.readAt = now
        remind(of: name, now: now)
    }

    mutating func note(_ name: String, isMoving: Bool) {
        entries[name]?.isMoving = isMoving
        entries[name]?.reading.forgetFinished()
    }

    private mutating func touch(_ part: PoolNews.Part) {
        changed.formUnion(entries.keys.filter { part.namespace == nil || part.namespace == $0 })
    }

    private mutating func change(_ name: String, now: Date, _ edit: (inout PoolReading) -> Void) {
        guard var entry = entries[name] else { return }
        // Out of the table while it is edited, so that nothing is copied.
        entries[name] = nil
        edit(&entry.reading)
        entry.reading.note(now: now)
        entries[name] = entry
        changed.insert(name)
    }

    private mutating func take(_ namespace: WirePoolNamespace, now: Date) {
        let name = namespace.name
        for part in [PoolNews.Part.clusters(name: nil), .clusters(name: name)] where named[part] != nil {
            named[part]?.insert(KubeName(name: name))
        }
        gone.remove(name)
        // An answer to our own request may have come before older news of the watch.
        if let known = entries[name]?.reading.namespace.metadata, known.uid == namespace.metadata.uid,
            let present = Int(known.resourceVersion), let told = Int(namespace.metadata.resourceVersion), told < present
        {
            return
        }
        if entries[name] == nil {
            guard entries.count < Self.clusterLimit else { return }
            var reading = PoolReading(namespace: namespace, now: now)
            reading.unread = unread(in: name)
            Self.claim(sessions, &reading)
            reading.note(now: now)
            entries[name] = Entry(reading: reading)
            changed.insert(name)
        } else {
            let sessions = self.sessions
            change(name, now: now) {
                $0.take(namespace, now: now)
                Self.claim(sessions, &$0)
            }
        }
    }

    private mutating func remove(_ name: String) {
        guard entries.removeValue(forKey: name) != nil else { return }
        changed.remove(name)
        gone.insert(name)
        // Should it come again, its objects are told again.
        synced = synced.filter { $0.namespace != name }
        lost = lost.filter { $0.key.namespace != name }
    }

    private mutating func take(_ object: PoolObject, now: Date) {
        let name = object.name
        for part in [
            PoolNews.Part.objects(object.kind, namespace: nil), .objects(object.kind, namespace: name.namespace),
        ]
        where named[part] != nil {
            named[part]?.insert(name)
        }
        change(name.namespace, now: now) { $0.take(object, now: now) }
    }

    private mutating func remove(_ kind: PoolKind, _ name: KubeName, now: Date) {
        change(name.namespace, now: now) { $0.remove(kind, name.name, now: now) }
    }

    /// All of a part has been told: what was not has gone, and what is absent is absent.
    private mutating func sync(_ part: PoolNews.Part, now: Date) {
        lost = lost.filter { $0.key != part && !part.includes($0.key) }
        let told = named.removeValue(forKey: part)
        switch part {
        case .clusters(let name):
            guard let told else { return }
            for known in entries.keys where name == nil || known == name {
                if !told.contains(KubeName(name: known)) { remove(known) }
            }
        case .objects(let kind, let namespace):
            synced.insert(part)
            for name in Array(entries.keys) where namespace == nil || namespace == name {
                let absent = told.map { told in
                    entries[name]?.reading.names(of: kind).filter {
                        !told.contains(KubeName(namespace: name, name: $0))
                    } ?? []
                }
                let unread = unread(in: name)
                guard absent?.isEmpty == false || entries[name]?.reading.unread != unread else { continue }
                change(name, now: now) { reading in
                    for object in absent ?? [] { reading.remove(kind, object, now: now) }
                    reading.unread = unread
                }
            }
        case .sessions: break
        }
    }

    private func unread(in name: String) -> Set<PoolKind> {
        Set(
            PoolKind.allCases.filter {
                !synced.contains(.objects($0, namespace: nil)) && !synced.contains(.objects($0, namespace: name))
            })
    }

    // MARK: sessions

    private mutating func take(_ sessions: [WireSession], now: Date) {
        if lost.removeValue(forKey: .sessions) != nil { touch(.sessions) }
        self.sessions = (sessions, now)
        for name in Array(entries.keys) {
            guard var reading = entries[name]?.reading else { continue }
            let before = reading
            Self.claim(self.sessions, &reading)
            if reading != before { change(name, now: now) { $0 = reading } }
        }
    }

    /// Gives a cluster the sessions that name it.
    private static func claim(_ sessions: (told: [WireSession], at: Date)?, _ reading: inout PoolReading) {
        guard let sessions else { return }
        let id = reading.namespace.clusterID
        let name = reading.name
        reading.sessions = sessions.told.filter { $0.assignedCluster == id || $0.assignedCluster == name }
        reading.holder = reading.namespace.text(PoolAnnotations.assignedSession).map { holder in
            PoolReading.Holder(isLive: sessions.told.contains { $0.id == holder }, at: sessions.at)
        }
    }
}
