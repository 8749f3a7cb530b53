import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How often what time alone moves is filed anew, in seconds.
private let reviewPeriod: Double = 5

/// Takes one message into the state. Pure: what is to be done outside comes back as effects.
public func update(_ state: inout State, _ message: Message) -> [Effect] {
    var effects: [Effect] = []
    switch message {
    case .key(let key):
        let before = state.selectedItem?.id
        effects = state.press(key)
        if state.selectedItem?.id != before, state.isListMoving(from: before) {
            state.restingItem = state.restingItem ?? before
            effects.append(.restSoon)
        }
    case .rested: state.restingItem = nil
    case .resized(let size): state.size = size
    case .snapshot(let snapshot):
        state.take(snapshot)
    case .changes(let changes):
        state.take(changes)
    case .tick(let now):
        state.now = now
        if abs(now.timeIntervalSince(state.lastReview)) >= reviewPeriod {
            state.lastReview = now
            state.fleet.review(now: now)
        }
        state.reviewActions()
        effects = state.travelOn()
    case .past(let past, let moment, let why):
        effects = state.take(past, of: moment, why: why.map { SafeText.line($0) })
    case .link(let host, let link): state.take(link, of: host)
    case .runs(let item, let runs):
        if state.runsAsked == item { state.runs = (item, runs) }
    case .notice(let text):
        // That a trouble of the program is over takes no outcome away.
        if let text { state.notice = Notice(text) } else if state.notice?.sort == .plain { state.notice = nil }
    case .outcome(let action, let outcome): state.take(outcome, of: action)
    }
    state.settle()
    return effects + state.runsEffect()
}

extension State {
    mutating func take(_ snapshot: Snapshot) {
        fleet.replace(with: links.seen(snapshot), now: now)
        inbox.markAllRead(now: now)
        unread = [:]
    }

    mutating func take(_ changes: [Change]) {
        for change in changes {
            fleet.apply(links.seen(change), now: now)
            if case .event(let event) = change { inbox.note(event) }
        }
        if tab == .inbox, travel == nil { inbox.markAllRead(now: now) }
        travel?.changes += changes.count { if case .source = $0 { false } else { true } }
    }

    /// Brings cursors and scrolling in line with what is there now.
    mutating func settle() {
        fleet.settle(now: now)
        let shownAt = self.shownAt
        travel?.fleet.settle(now: shownAt, closesPages: true)
        settleNeeds()
        settleActions()
        for tab in Tab.lists {
            let height = listHeight(tab)
            editShownPane(tab) { pane in
                pane.top = Scroll.top(
                    current: pane.top, cursor: pane.index(of: pane.selection), count: pane.visibleCount, height: height)
            }
        }
    }

    private mutating func settleNeeds() {
        let needs = shown.needs
        // Who went through time comes back to what was chosen, as soon as it needs somebody again.
        if let kept = travel?.needsCursor { needsCursor = kept }
        if isNeedsTouched, let id = needsCursor, let item = shown.items[id], attention(of: item) != nil { return }
        needsCursor = needs[0]?.id
    }

    func attention(of item: Item) -> Attention? { shown.attention(item, now: shownAt) }

    /// Earlier runs are asked for when the cursor comes to an item in a list.
    mutating func runsEffect() -> [Effect] {
        guard !isReplay, listPane != nil, restingItem == nil, let id = selectedItem?.id, id != runsAsked else {
            return []
        }
        runsAsked = id
        runs = nil
        return [.loadRuns(id)]
    }

    /// Whether the cursor moved within what is on the screen, rather than to another pane or page.
    func isListMoving(from before: ItemID?) -> Bool {
        guard let before, let item = shown.items[before] else { return false }
        return tab == .overview || (tab == Tab(kind: item.kind) && listPane?.isOpen == false)
    }

    /// The list pane that has the keys; nil on the overview and in the inbox.
    var listPane: PaneModel? {
        tab.kinds.isEmpty || shown.orderedSources(of: tab.kinds).isEmpty ? nil : shown.panes[tab]
    }

    var canGoBack: Bool {
        let isPaused = travel != nil && !isReplay
        guard let pane = listPane else { return isPaused }
        return pane.isOpen || isZoomed || !pane.filter.isEmpty || isPaused
    }

    /// Changes a pane where it is shown, and remembers what was set there, so that nothing is lost at another instant.
    mutating func editPane(_ tab: Tab, _ change: (inout PaneModel) -> Void) {
        let before = travel?.fleet.panes[tab]?.place
        editShownPane(tab, change)
        travel?.note(tab, from: before)
    }

    private mutating func editShownPane(_ tab: Tab, _ change: (inout PaneModel) -> Void) {
        // In place, for a pane holds thousands of rows.
        let isShown: Void? = travel?.fleet.editPane(tab, change)
        if isShown == nil { fleet.editPane(tab, change) }
    }
}
