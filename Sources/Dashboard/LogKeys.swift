import Fleet
import Screen

/// Opening the log of an item, scrolling and searching in it.
extension State {
    /// How the log that fills the page is read; nil while the page or the list is there.
    var reading: LogReading? {
        guard let pane = listPane, pane.isOpen, let log = pane.log, let item = selectedItem, item.id == log.item,
            KindParts.hasLog(item)
        else { return nil }
        return log
    }

    /// Why no log can be opened; nil when one can.
    var logRefusal: String? {
        guard let item = selectedItem else { return "nothing is selected" }
        return KindParts.hasLog(item) ? nil : "\(Text.truncated(item.name, to: 40, glyphs: setting.glyphs)) has no log"
    }

    /// `/` looks for text in a log, rather than for rows.
    var isFindingText: Bool { listPane?.isOpen == true && logRefusal == nil }

    /// Why there is no next match; nil when there may be one.
    var matchRefusal: String? {
        guard let reading else { return "no log is open" }
        return reading.search.isEmpty ? "no text is looked for" : nil
    }

    /// Opens the log of the item under the cursor, or closes it.
    mutating func openLog() {
        guard logRefusal == nil, let item = selectedItem else { return }
        if reading != nil {
            editPane(tab) { $0.log = nil }
        } else {
            if tab == .overview { openSelected() }
            editPane(tab) { pane in
                pane.isOpen = true
                pane.log = LogReading(item: item.id)
            }
        }
        restingItem = nil
    }

    mutating func moveLog(by step: Int) {
        let count = selectedItem.map { KindParts.logs($0, self).count } ?? 0
        let rows = LogPage.rows(self)
        editPane(tab) { $0.log?.move(by: step, count: count, rows: rows) }
    }

    // MARK: search

    mutating func beginSearch() {
        let before = reading
        if before == nil { openLog() }
        layers.append(.search(text: "", before: before))
    }

    mutating func pressSearch(_ key: Key, text: String, before: LogReading?) {
        switch key {
        case .enter: layers.removeLast()
        case .escape, .control("c"):
            layers.removeLast()
            editPane(tab) { $0.log = before }
        case .down: stepMatch(down: true)
        case .up: stepMatch(down: false)
        default:
            guard let text = TextEntry.edited(text, by: key), let item = selectedItem else { return }
            layers[layers.count - 1] = .search(text: text, before: before)
            let lines = logTexts
            let rows = LogPage.rows(self)
            let earlier = before ?? LogReading(item: item.id)
            editPane(tab) { $0.log?.find(text, from: earlier, in: lines, rows: rows) }
        }
    }

    mutating func stepMatch(down: Bool) {
        let lines = logTexts
        let rows = LogPage.rows(self)
        editPane(tab) { $0.log?.step(down: down, in: lines, rows: rows) }
    }

    private var logTexts: [String] { selectedItem.map { KindParts.logs($0, self).map(\.text) } ?? [] }
}
