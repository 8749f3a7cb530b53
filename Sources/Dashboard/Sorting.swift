import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a pane's rows are ordered; `s` goes from one to the next.
public enum Sorting: String, CaseIterable, Sendable {
    /// What needs a person first; ended rows last, folded to a count.
    case attention
    case name
    /// The least advanced first.
    case progress
    /// The longest running first.
    case started

    var next: Sorting {
        let all = Self.allCases
        return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
}

/// Where one item is filed in a pane's rows. Kept beside the rows, because urgency changes with time and a row must be found where it was put.
struct RowKey: Comparable, Sendable {
    private let order: RowOrder
    /// What comes before `order` in the pane's own order; all keys of a pane are of the same one.
    private let number: Double
    private let isByName: Bool

    init(_ item: Item, sorting: Sorting, now: Date, source: Source?) {
        order = RowOrder(item, at: now, source: source)
        isByName = sorting == .name
        number =
            switch sorting {
            case .attention, .name: 0
            case .progress: Double(item.progress?.percent ?? -1)
            case .started: item.startedAt?.timeIntervalSinceReferenceDate ?? .infinity
            }
    }

    var id: ItemID { order.id }
    var urgency: Urgency { order.urgency }

    static func < (left: RowKey, right: RowKey) -> Bool {
        if left.number != right.number { return left.number < right.number }
        if left.isByName, left.order.name != right.order.name { return left.order.name < right.order.name }
        return left.order < right.order
    }

    static func == (left: RowKey, right: RowKey) -> Bool { left.id == right.id && !(left < right) && !(right < left) }
}
