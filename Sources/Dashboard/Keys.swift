import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What keys do to the state. The topmost layer gets them first, then the register of bindings.
extension State {
    mutating func press(_ key: Key) -> [Effect] {
        notice = nil
        switch layers.last {
        case .help(let top): return pressHelp(key, top: top)
        case .filter(let text, let earlier):
            pressFilter(key, text: text, earlier: earlier)
            return []
        case .search(let text, let before):
            pressSearch(key, text: text, before: before)
            return []
        case .yank: return pressYank(key)
        case .actions(let menu): return pressActions(key, menu)
        case .prompt(let prompt): return pressPrompt(key, prompt)
        case .command(let text): return pressCommand(key, text)
        case nil: break
        }
        guard let binding = setting.keymap.binding(for: key, scopes: scopes) else { return [] }
        if let reason = binding.disabled(self) {
            notice = Notice("\(key.name) \(text(of: binding)): \(reason)")
            return []
        }
        return perform(binding.command)
    }

    mutating func perform(_ command: Command) -> [Effect] {
        switch command {
        case .tab(let tab): open(tab)
        case .nextTab: open(tab.moved(by: 1))
        case .previousTab: open(tab.moved(by: -1))
        case .up: move(by: -1)
        case .down: move(by: 1)
        case .pageUp: move(by: -page)
        case .pageDown: move(by: page)
        case .halfUp: move(by: -max(1, page / 2))
        case .halfDown: move(by: max(1, page / 2))
        case .first: move(by: -1_000_000)
        case .last: move(by: 1_000_000)
        case .open: openSelected()
        case .back: goBack()
        case .filter where isFindingText: beginSearch()
        case .filter:
            let text = listPane?.filter ?? ""
            layers.append(.filter(text: text, earlier: text))
        case .sort: editPane(tab) { $0.sorting = $0.sorting.next }
        case .zoom: isZoomed.toggle()
        case .log: openLog()
        case .nextMatch: stepMatch(down: true)
        case .previousMatch: stepMatch(down: false)
        case .fold: editPane(tab) { $0.isFolded.toggle() }
        case .pause, .play: pressPause()
        case .minuteBack: return step(by: -60)
        case .minuteOn: return step(by: 60)
        case .leapBack: return step(by: -600)
        case .leapOn: return step(by: 600)
        case .changeBefore: return stepChange(-1)
        case .changeAfter: return stepChange(1)
        case .oldest: return seekOldest()
        case .newest: return seekEnd()
        case .yank: layers.append(.yank)
        case .actions: openActions()
        case .command: layers.append(.command(""))
        case .refresh: return refreshEffects()
        case .help: layers.append(.help(top: 0))
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .quit: return [.quit]
        }
        return []
    }

    private mutating func open(_ tab: Tab) {
        self.tab = tab
        restingItem = nil
        if tab == .inbox, travel == nil { inbox.markAllRead(now: now) }
    }

    private mutating func move(by step: Int) {
        switch tab {
        case .overview:
            let needs = shown.needs
            guard needs.count > 0 else { return }
            let index = needsIndex ?? 0
            isNeedsTouched = true
            needsCursor = needs[max(0, min(needs.count - 1, index + step))]?.id
            travel?.needsCursor = needsCursor
        case .inbox: inbox.top = max(0, min(max(0, shown.events.count - 1), inbox.top + step))
        case .pool, .clusters, .metal, .images:
            if reading != nil {
                moveLog(by: step)
                return
            }
            let isOpen = listPane?.isOpen ?? false
            let last = isOpen ? lastPageTop : 0
            editPane(tab) { pane in
                if isOpen { pane.detailTop = max(0, min(last, pane.detailTop + step)) } else { pane.move(by: step) }
            }
        }
    }

    /// Where the cursor stands in the needs-you list.
    var needsIndex: Int? {
        guard let id = needsCursor, let item = shown.items[id] else { return nil }
        let key = RowKey(item, sorting: .attention, now: shownAt, source: shown.sources[item.source])
        let index = shown.needs.index(of: key)
        return shown.needs[index]?.id == id ? index : nil
    }

    /// Rows that a page moves by.
    private var page: Int {
        if listPane?.isOpen == true { return max(1, pageRows) }
        return max(1, tab == .inbox ? size.rows - 4 : listHeight(tab))
    }

    mutating func openSelected() {
        restingItem = nil
        switch tab {
        case .overview:
            guard let item = selectedItem else { return }
            open(Tab(kind: item.kind))
            editPane(tab) { pane in
                pane.filter = ""
                pane.selection = .item(item.id)
                pane.isOpen = true
                pane.log = nil
            }
        case .inbox: return
        case .pool, .clusters, .metal, .images:
            editPane(tab) { pane in
                if pane.selection == .fold { pane.isFolded = false } else { pane.isOpen = true }
            }
        }
    }

    private mutating func goBack() {
        let pane = listPane
        if let reading {
            // What was searched goes first, then the log, then the page.
            editPane(tab) { pane in
                if reading.search.isEmpty { pane.log = nil } else { pane.log?.endSearch() }
            }
        } else if pane?.isOpen == true {
            editPane(tab) { $0.isOpen = false }
        } else if isZoomed {
            isZoomed = false
        } else if pane?.filter.isEmpty == false {
            editPane(tab) { $0.filter = "" }
        } else {
            resume()
        }
    }

    /// In a list: the source of the row under the cursor, and those that do not answer, for they may have no row to go
    /// to. A region that is well and was not meant is not asked: each question costs.
    private mutating func refreshEffects() -> [Effect] {
        if isReplay {
            notice = Notice("refresh: this is a recording")
            return []
        }
        let sources = tab.kinds.isEmpty ? [] : fleet.orderedSources(of: tab.kinds)
        let selected = selectedItem?.source
        let meant = sources.filter { selected == nil || $0.id == selected || $0.state(at: now) != .live }
        guard !meant.isEmpty else {
            notice = Notice("asking the sources now")
            return [.refresh(nil)]
        }
        notice = Notice("asking \(meant.map(\.id.text).joined(separator: ", ")) now")
        return meant.map { .refresh($0.id) }
    }

    // MARK: layers

    private mutating func pressHelp(_ key: Key, top: Int) -> [Effect] {
        let last = max(0, HelpLayer.lines(self).count - 1)
        let step: Int? =
            switch setting.keymap.binding(for: key)?.command {
            case .up: -1
            case .down: 1
            case .pageUp, .halfUp: -max(1, size.rows - 4)
            case .pageDown, .halfDown: max(1, size.rows - 4)
            case .first: -last
            case .last: last
            case .quit where key == .control("c"): nil
            default: nil
            }
        if let step {
            layers[layers.count - 1] = .help(top: max(0, min(last, top + step)))
            return []
        }
        layers.removeLast()
        return key == .control("c") ? [.quit] : []
    }

    private mutating func pressFilter(_ key: Key, text: String, earlier: String) {
        switch key {
        case .enter:
            layers.removeLast()
            return
        case .escape, .control("c"):
            layers.removeLast()
            editPane(tab) { $0.filter = earlier }
            return
        case .down: editPane(tab) { $0.move(by: 1) }
        case .up: editPane(tab) { $0.move(by: -1) }
        default: break
        }
        guard let filter = TextEntry.edited(text, by: key) else { return }
        layers[layers.count - 1] = .filter(text: filter, earlier: earlier)
        editPane(tab) { pane in
            if pane.filter != filter { pane.filter = filter }
        }
    }

    private mutating func pressYank(_ key: Key) -> [Effect] {
        layers.removeLast()
        guard case .character(let character) = key, let item = selectedItem,
            let choice = YankLayer.choices(item, attention: attention(of: item)).first(where: { $0.key == character })
        else { return key == .control("c") ? [.quit] : [] }
        notice = Notice("copied: \(choice.text.prefix(60))")
        return [.copy(choice.text)]
    }
}
