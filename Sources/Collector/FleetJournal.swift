import Fleet
import History

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the collector keeps on disk, written in batches: last values, ended runs, events, and the head for the next first frame.
/// A disk that does not take it stops nothing; the store remembers why and the screen says so.
struct FleetJournal {
    private let store: HistoryStore?
    private let firstFrame: FirstFrameFile?
    private var items: [ItemID: Item] = [:]
    private var gone: Set<ItemID> = []
    private var sources: [SourceID: Source] = [:]
    private var events: [Event] = []
    private var runs: [Run] = []
    private var frameIsOld = false
    private let keepsRunsOnly: Bool

    init(store: HistoryStore?, firstFrame: FirstFrameFile?, keepsRunsOnly: Bool) {
        self.keepsRunsOnly = keepsRunsOnly
        self.store = store
        self.firstFrame = firstFrame
    }

    /// - Parameter isMinor: nothing changed but what can be worked out again, which is not worth a write of its own: when one run ends, what
    ///   is usual changes for thousands that go on.
    mutating func note(_ change: Change, isMinor: Bool = false) {
        if keepsRunsOnly || isMinor { return }
        switch change {
        case .item(let item):
            items[item.id] = item
            gone.remove(item.id)
            frameIsOld = true
        case .gone(let id):
            items[id] = nil
            gone.insert(id)
            frameIsOld = true
        case .source(let source): sources[source.id] = source
        case .event(let event): events.append(event)
        }
    }

    mutating func note(_ run: Run) { runs.append(run) }

    /// Takes what waits, to be written by `write(_:)` while new changes come in.
    ///
    /// - Parameter isLast: also what alone is not worth a write: how recently each source answered.
    mutating func batch(isLast: Bool = false) -> Batch? {
        guard isLast && !sources.isEmpty || !items.isEmpty || !gone.isEmpty || !events.isEmpty || !runs.isEmpty else {
            return nil
        }
        defer {
            items = [:]
            gone = []
            sources = [:]
            events = []
            runs = []
        }
        return Batch(
            items: Array(items.values), gone: Array(gone), sources: Array(sources.values), events: events, runs: runs)
    }

    mutating func frame(of snapshot: Snapshot, isLast: Bool = false) -> FirstFrame? {
        guard firstFrame != nil, frameIsOld || isLast else { return nil }
        frameIsOld = false
        return FirstFrame(snapshot: snapshot)
    }

    struct Batch: Sendable {
        let items: [Item]
        let gone: [ItemID]
        let sources: [Source]
        let events: [Event]
        let runs: [Run]
    }

    func write(_ batch: Batch) async {
        guard let store else { return }
        for run in batch.runs { await store.record(run) }
        if !batch.events.isEmpty { await store.record(batch.events) }
        if !keepsRunsOnly { await store.keep(items: batch.items, gone: batch.gone, sources: batch.sources) }
    }

    /// Without it the next start shows nothing until the sources answer, which is no reason to stop anything now.
    func write(_ frame: FirstFrame) { try? firstFrame?.write(frame) }
}
