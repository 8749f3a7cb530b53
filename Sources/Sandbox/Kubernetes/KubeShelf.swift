import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All objects of one type, and what has lately happened to them.
struct KubeShelf: Sendable {
    struct Change: Sendable {
        var key: KubeEntry.Key
        /// The state after the change; for a deletion the last one, with the deletion's revision.
        var entry: KubeEntry
        var previous: KubeEntry?
        var isDeletion: Bool
        var revision: Int { entry.revision }
    }

    let resource: KubeType
    /// At least so many changes are kept, if there were so many; at most an eighth more.
    let memory: Int
    private(set) var entries: [KubeEntry.Key: KubeEntry] = [:]
    private(set) var changes: [Change] = []
    /// What happened up to this revision is not known any more.
    private(set) var forgotten: Int
    /// The newest change that is not known any more: who was told of it misses nothing.
    private(set) var lost = 0
    /// When each object ends that does not live for ever, and the first of those times.
    private var ends: [KubeEntry.Key: Date] = [:]
    private(set) var firstEnd = Date.distantFuture

    init(_ resource: KubeType, memory: Int, revision: Int) {
        self.resource = resource
        self.memory = max(1, memory)
        forgotten = revision
    }

    mutating func put(_ value: JSONValue, at key: KubeEntry.Key, revision: Int, written: Date) {
        let entry = KubeEntry(value, revision: revision, of: resource)
        record(Change(key: key, entry: entry, previous: entries[key], isDeletion: false))
        entries[key] = entry
        if let lifetime = resource.lifetime {
            let end = written.addingTimeInterval(lifetime)
            ends[key] = end
            firstEnd = min(firstEnd, end)
        }
    }

    mutating func remove(_ key: KubeEntry.Key, revision: Int) {
        guard let previous = entries.removeValue(forKey: key) else { return }
        ends[key] = nil
        var value = previous.value
        var metadata = value["metadata"] ?? [:]
        metadata["resourceVersion"] = .text(String(revision))
        value["metadata"] = metadata
        let entry = KubeEntry(value, revision: revision, of: resource)
        record(Change(key: key, entry: entry, previous: previous, isDeletion: true))
    }

    /// The objects whose time is over, the oldest first. Each must be removed by the caller, who counts the revisions.
    mutating func ended(by now: Date) -> [KubeEntry.Key] {
        guard firstEnd <= now else { return [] }
        let over = ends.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        firstEnd = ends.values.filter { $0 > now }.min() ?? .distantFuture
        return over
    }

    mutating func forget(upTo revision: Int) {
        lost = changes.last { $0.revision <= revision }?.revision ?? lost
        changes.removeAll { $0.revision <= revision }
        forgotten = max(forgotten, revision)
    }

    /// Where the changes after a revision begin.
    func index(after revision: Int) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].revision > revision { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// All objects as they were at a revision that is not forgotten.
    func entries(at revision: Int) -> [KubeEntry.Key: KubeEntry] {
        var past = entries
        for change in changes[index(after: revision)...].reversed() { past[change.key] = change.previous }
        return past
    }

    private mutating func record(_ change: Change) {
        changes.append(change)
        // In portions: taking one away from the front each time would move all the others each time.
        let portion = max(1, memory / 8)
        guard changes.count >= memory + portion else { return }
        forgotten = changes[portion - 1].revision
        lost = forgotten
        changes.removeFirst(portion)
    }
}
