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

    init(store: HistoryStore?, firstFrame: FirstFrameFile?) {
        self.store = store
        self.firstFrame = firstFrame
    }

    mutating func note(_ change: Change) {
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
    mutating func batch() -> Batch? {
        guard !items.isEmpty || !gone.isEmpty || !events.isEmpty || !runs.isEmpty else { return nil }
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

    mutating func frame(of snapshot: Snapshot) -> FirstFrame? {
        guard firstFrame != nil, frameIsOld else { return nil }
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
        for run in batch.runs { try? await store.record(run) }
        if !batch.events.isEmpty { try? await store.record(batch.events) }
        try? await store.keep(items: batch.items, gone: batch.gone, sources: batch.sources)
    }

    /// Without it the next start shows nothing until the sources answer, which is no reason to stop anything now.
    func write(_ frame: FirstFrame) { try? firstFrame?.write(frame) }
}
