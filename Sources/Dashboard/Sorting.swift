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
    let id: ItemID
    let urgency: Urgency
    private let rank: Int
    private let number: Double
    private let text: String
    private let order: RowOrder

    init(_ item: Item, sorting: Sorting, now: Date, source: Source?) {
        id = item.id
        order = RowOrder(item, at: now, source: source)
        urgency = order.urgency
        switch sorting {
        case .attention:
            // `order` alone decides.
            (rank, number, text) = (0, 0, "")
        case .name:
            (rank, number, text) = (0, 0, item.name)
        case .progress:
            (rank, number, text) = (0, Double(item.progress?.percent ?? -1), "")
        case .started:
            (rank, number, text) = (
                item.startedAt == nil ? 1 : 0, item.startedAt?.timeIntervalSinceReferenceDate ?? 0, ""
            )
        }
    }

    static func < (left: RowKey, right: RowKey) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.number != right.number { return left.number < right.number }
        if left.text != right.text { return left.text < right.text }
        return left.order < right.order
    }

    static func == (left: RowKey, right: RowKey) -> Bool { left.id == right.id && !(left < right) && !(right < left) }
}
