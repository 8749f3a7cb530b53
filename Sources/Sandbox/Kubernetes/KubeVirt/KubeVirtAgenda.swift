#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which object is to be looked at when. The first is found at once, however many there are.
struct KubeVirtAgenda: Sendable {
    private struct Entry: Sendable {
        let at: Date
        let ref: KubeVirtRef

        static func < (left: Self, right: Self) -> Bool { (left.at, left.ref) < (right.at, right.ref) }
    }

    private var due: [KubeVirtRef: Date] = [:]
    /// A heap; entries that an earlier date has overtaken stay in it until they come to the top.
    private var heap: [Entry] = []

    /// The first date.
    var next: Date? { heap.first?.at }

    /// Puts an object down for a date, unless it is down for an earlier one.
    mutating func add(_ ref: KubeVirtRef, at date: Date) {
        guard date < due[ref] ?? .distantFuture else { return }
        due[ref] = date
        heap.append(Entry(at: date, ref: ref))
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the first object out; of several at the same date, the first by name.
    mutating func take() -> KubeVirtRef? {
        guard let first = heap.first else { return nil }
        due[first.ref] = nil
        repeat { removeTop() } while heap.first.map { due[$0.ref] != $0.at } ?? false
        return first.ref
    }

    private mutating func removeTop() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
