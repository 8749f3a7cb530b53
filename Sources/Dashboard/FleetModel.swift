import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The fleet as the screen holds it: items and sources, the rows of each list pane, what needs a person, and counts.
/// Applying a change costs what changed, however many items there are.
public struct FleetModel: Sendable {
    /// How many items there are of each urgency, and how many run in each phase.
    struct Tally: Sendable, Equatable {
        var urgencies: [Urgency: Int] = [:]
        var phases: [String: Int] = [:]

        var total: Int { urgencies.values.reduce(0, +) }

        func count(_ urgencies: Urgency...) -> Int { urgencies.reduce(0) { $0 + (self.urgencies[$1] ?? 0) } }
    }

    private(set) var items: [ItemID: Item] = [:]
    /// Items by their names, of the kinds in which several may have the same: deployments in other namespaces and contexts, builds of one
    /// template.
    private(set) var names: [String: Set<ItemID>] = [:]
    private(set) var sources: [SourceID: Source] = [:]
    /// Oldest first, bounded as a snapshot's are.
    private(set) var events: [Event] = []
    private(set) var tallies: [Kind: Tally] = [:]
    /// What needs a person, most urgent first, of all kinds.
    private(set) var needs = OrderedRows<RowKey>()
    /// What runs and needs nobody, longest first, of the panes whose overview panel names it.
    private(set) var running: [Tab: OrderedRows<RowKey>] = [:]
    var panes: [Tab: PaneModel]

    /// How each item was counted, so that it can be taken out again.
    private var filed: [ItemID: (key: RowKey, kind: Kind, phase: String?)] = [:]

    init() {
        panes = Dictionary(uniqueKeysWithValues: Tab.lists.map { ($0, PaneModel(kinds: $0.kinds)) })
    }

    func orderedSources(of kinds: [Kind]) -> [Source] {
        sources.values.filter { kinds.contains($0.kind) }.sorted { $0.id < $1.id }
    }

    /// Sources that do not answer, and those whose first answer is still to come: of neither is it known whether all is well.
    func silentSources(at now: Date) -> (away: Int, unread: Int) {
        let away = sources.values.count { $0.state(at: now) != .live }
        return (away, sources.values.count { $0.lastSuccess == nil && $0.state(at: now) == .live })
    }

    func attention(_ item: Item, now: Date) -> Attention? { item.attention(at: now, source: sources[item.source]) }

    mutating func apply(_ change: Change, now: Date) {
        switch change {
        case .item(let item):
            let earlier = items.updateValue(item, forKey: item.id)
            if earlier?.name != item.name || earlier?.kind != item.kind {
                if let earlier { forgetName(of: earlier) }
                if item.kind == .deployment || item.kind == .image { names[item.name, default: []].insert(item.id) }
            }
            if let earlier { panes[Tab(kind: item.kind)]?.followLog(from: earlier, to: item) }
            file(item, now: now)
        case .gone(let id):
            guard let item = items.removeValue(forKey: id) else { return }
            forgetName(of: item)
            unfile(id)
            panes[Tab(kind: item.kind)]?.remove(id)
        case .event(let event):
            events.append(event)
            if events.count >= 2 * Snapshot.eventLimit { events.removeFirst(events.count - Snapshot.eventLimit) }
        case .source(let source):
            let earlier = sources.updateValue(source, forKey: source.id)
            // Silence means nothing while a source is away: its items are judged anew when that changes.
            if earlier?.state != source.state { refile(where: { $0.source == source.id }, now: now) }
        }
    }

    mutating func replace(with snapshot: Snapshot, now: Date) {
        for id in items.keys where snapshot.items[id] == nil { apply(.gone(id), now: now) }
        sources = sources.filter { snapshot.sources[$0.key] != nil }
        for source in snapshot.sources.values { apply(.source(source), now: now) }
        for item in snapshot.items.values { apply(.item(item), now: now) }
        events = snapshot.events
    }

    mutating func editPane(_ tab: Tab, _ change: (inout PaneModel) -> Void) {
        change(&panes[tab, default: PaneModel(kinds: tab.kinds)])
    }

    /// Files anew what time alone moves: running items that became overdue, silent or slow.
    mutating func review(now: Date) { refile(where: { $0.state == .running }, now: now) }

    /// Brings the rows of a pane in line after its filter or order was changed, and the cursor onto a row.
    ///
    /// - Parameter closesPages: of items that are not there.
    mutating func settle(now: Date, closesPages: Bool = false) {
        for tab in Tab.lists {
            panes[tab]?.rebuildIfNeeded(items.values, now: now, sources: sources)
            panes[tab]?.settle(closesPage: closesPages)
        }
    }

    private mutating func forgetName(of item: Item) {
        names[item.name]?.remove(item.id)
        if names[item.name]?.isEmpty == true { names[item.name] = nil }
    }

    private mutating func refile(where isMeant: (Item) -> Bool, now: Date) {
        for item in items.values where isMeant(item) { file(item, now: now) }
    }

    private mutating func file(_ item: Item, now: Date) {
        let source = sources[item.source]
        panes[Tab(kind: item.kind)]?.file(item, now: now, source: source)
        let key = RowKey(item, sorting: .attention, now: now, source: source)
        let phase = item.state == .running ? item.currentPhase?.name ?? item.word : nil
        if let present = filed[item.id], present.key == key, present.key.urgency == key.urgency, present.phase == phase
        {
            return
        }
        unfile(item.id)
        filed[item.id] = (key, item.kind, phase)
        tallies[item.kind, default: Tally()].urgencies[key.urgency, default: 0] += 1
        if let phase { tallies[item.kind, default: Tally()].phases[phase, default: 0] += 1 }
        if key.urgency.needsYou { needs.insert(key) }
        let tab = Tab(kind: item.kind)
        if key.urgency == .running, tab.namesRunning { running[tab, default: OrderedRows()].insert(key) }
    }

    private mutating func unfile(_ id: ItemID) {
        guard let present = filed.removeValue(forKey: id) else { return }
        tallies[present.kind]?.urgencies[present.key.urgency, default: 1] -= 1
        if let phase = present.phase, let count = tallies[present.kind]?.phases[phase] {
            tallies[present.kind]?.phases[phase] = count > 1 ? count - 1 : nil
        }
        if present.key.urgency.needsYou { needs.remove(present.key) }
        if present.key.urgency == .running { running[Tab(kind: present.kind)]?.remove(present.key) }
    }
}
