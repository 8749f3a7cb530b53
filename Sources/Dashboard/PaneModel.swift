import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The view model of one list pane: its rows, and what a person has set there. It is kept for ever, so that coming back finds everything as it was left.
public struct PaneModel: Sendable {
    /// What the cursor is on.
    enum Selection: Equatable, Sendable {
        case item(ItemID)
        /// The row that stands for all ended ones.
        case fold
    }

    /// What a person has set here, without the rows.
    struct Place: Equatable, Sendable {
        var sorting: Sorting
        var filter: String
        var isFolded: Bool
        var selection: Selection?
        var isTouched: Bool
        var lastIndex: Int
        var top: Int
        var isOpen: Bool
        var detailTop: Int
        var log: LogReading?
    }

    let kinds: [Kind]
    var sorting = Sorting.attention { didSet { isOutdated = true } }
    /// Items whose name, word or details contain this are shown; empty shows all.
    var filter = "" {
        didSet {
            words = FilterText.Words(filter)
            isOutdated = true
        }
    }
    /// Ended rows are one row that counts them.
    var isFolded = true
    var selection: Selection? { didSet { isTouched = true } }
    /// The first visible row.
    var top = 0
    /// The item's own page is open.
    var isOpen = false
    /// The first visible line of that page.
    var detailTop = 0
    /// The item's log fills the page.
    var log: LogReading?

    private(set) var rows = OrderedRows<RowKey>()
    private(set) var counts: [Urgency: Int] = [:]
    private var keys: [ItemID: RowKey] = [:]
    private var isOutdated = false
    private var words = FilterText.Words("")
    /// A person has moved the cursor. Until then it is on the most urgent row, whichever that is.
    private var isTouched = false
    /// Where the selected row was last, so that the cursor stays near when it goes.
    private var lastIndex = 0

    init(kinds: [Kind]) { self.kinds = kinds }

    var place: Place {
        Place(
            sorting: sorting, filter: filter, isFolded: isFolded, selection: selection, isTouched: isTouched,
            lastIndex: lastIndex, top: top, isOpen: isOpen, detailTop: detailTop, log: log)
    }

    /// Sets everything as it was; rows are made anew only where that is needed.
    mutating func restore(_ place: Place) {
        if sorting != place.sorting { sorting = place.sorting }
        if filter != place.filter { filter = place.filter }
        isFolded = place.isFolded
        selection = place.selection
        isTouched = place.isTouched
        lastIndex = place.lastIndex
        top = place.top
        isOpen = place.isOpen
        detailTop = place.detailTop
        log = place.log
    }

    // MARK: rows

    /// All items in the rows, also the folded ones.
    var total: Int { rows.count }

    private var folds: Bool { isFolded && sorting == .attention && (counts[.done] ?? 0) > 1 }

    /// How many ended items the fold row stands for; 0 when there is no such row.
    var foldedCount: Int { folds ? counts[.done] ?? 0 : 0 }

    /// Rows on the screen.
    var visibleCount: Int { folds ? rows.count - foldedCount + 1 : rows.count }

    func row(at index: Int) -> Selection? {
        if folds, index == visibleCount - 1 { return .fold }
        guard index < visibleCount else { return nil }
        return rows[index].map { .item($0.id) }
    }

    func index(of selection: Selection?) -> Int? {
        switch selection {
        case nil: return nil
        case .fold: return folds ? visibleCount - 1 : nil
        case .item(let id):
            guard let key = keys[id] else { return nil }
            let index = rows.index(of: key)
            if folds, index >= visibleCount - 1 { return visibleCount - 1 }
            return index
        }
    }

    var selectedItem: ItemID? {
        if case .item(let id) = selection { return id }
        return nil
    }

    /// Moves the cursor by rows; stops at the ends.
    mutating func move(by step: Int) {
        guard visibleCount > 0 else { return }
        let index = index(of: selection) ?? (step > 0 ? -1 : visibleCount)
        select(index: max(0, min(visibleCount - 1, index + step)))
    }

    mutating func select(index: Int) {
        selection = row(at: max(0, min(visibleCount - 1, index)))
        lastIndex = max(0, index)
        detailTop = 0
        log = nil
    }

    // MARK: following the fleet

    /// Keeps what is read in a log where it is while the log goes on.
    mutating func followLog(from earlier: Item, to item: Item) {
        guard log?.item == item.id else { return }
        log?.follow(from: KindParts.tail(earlier), to: KindParts.tail(item))
    }

    mutating func file(_ item: Item, now: Date, source: Source?) {
        guard kinds.contains(item.kind) else { return }
        let wanted = matches(item) ? RowKey(item, sorting: sorting, now: now, source: source) : nil
        let present = keys[item.id]
        if let wanted, let present, wanted == present, wanted.urgency == present.urgency { return }
        remove(item.id)
        if let wanted {
            rows.insert(wanted)
            keys[item.id] = wanted
            counts[wanted.urgency, default: 0] += 1
        }
    }

    mutating func remove(_ id: ItemID) {
        guard let key = keys.removeValue(forKey: id) else { return }
        rows.remove(key)
        counts[key.urgency, default: 1] -= 1
    }

    /// Files everything anew, after the filter or the order was changed.
    mutating func rebuildIfNeeded(_ items: some Collection<Item>, now: Date, sources: [SourceID: Source]) {
        guard isOutdated else { return }
        isOutdated = false
        keys = [:]
        counts = [:]
        for item in items where kinds.contains(item.kind) && matches(item) {
            let key = RowKey(item, sorting: sorting, now: now, source: sources[item.source])
            keys[item.id] = key
            counts[key.urgency, default: 0] += 1
        }
        rows = OrderedRows(Array(keys.values))
    }

    /// Keeps the cursor on its item, also when that one is folded away; puts it near when the item has gone.
    ///
    /// - Parameter closesPage: the page of an item that is not there closes, rather than showing the one that is near.
    mutating func settle(closesPage: Bool = false) {
        let touched = isTouched
        defer { isTouched = touched }
        if !isTouched, !isOpen {
            selection = row(at: 0)
        } else if let index = index(of: selection) {
            lastIndex = index
        } else {
            // Rather an item than the row that counts the ended ones.
            let last = visibleCount - (folds && visibleCount > 1 ? 2 : 1)
            selection = visibleCount == 0 ? nil : row(at: min(lastIndex, last))
            if selection == nil || closesPage { isOpen = false }
        }
    }

    private func matches(_ item: Item) -> Bool {
        filter.isEmpty || FilterText.matches(item, words)
    }
}
