import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The pool in a line: how many clusters have which status, and when the next one is free.
struct PoolTotals {
    /// Rows that are looked at for the next free one; those that move or are lent stand first.
    private static let forecastLimit = 500

    private let total: Int
    private let counts: [String: Int]
    private let next: Estimate?

    /// - Parameter pane: its rows are what is counted; a filter makes them fewer.
    init(_ pane: PaneModel, _ state: State) {
        total = pane.total
        var counts: [String: Int] = [:]
        for index in 0..<pane.total {
            guard let item = pane.rows[index].flatMap({ state.shown.items[$0.id] }) else { continue }
            counts[item.poolStatus, default: 0] += 1
        }
        self.counts = counts
        next = Self.nextFree(pane, state)
    }

    /// The shortest of what remains until a cluster is free that is not free now.
    static func nextFree(_ pane: PaneModel, _ state: State) -> Estimate? {
        (0..<min(forecastLimit, pane.total)).lazy
            .compactMap { pane.rows[$0].flatMap { state.shown.items[$0.id] }?.untilFree }
            .min { ($0.p50 ?? .infinity) < ($1.p50 ?? .infinity) }
    }

    /// `: 3 available, 3 locked, 1 resetting, 1 error`; `: +3 =3 >1 !1` where there is no room for words.
    func line(width: Int) -> Line {
        let known = (PoolLook.words + ["deleting"]).filter { counts[$0] != nil }
        let others = total - known.reduce(0) { $0 + (counts[$1] ?? 0) }
        var parts = known.map { (PoolLook($0), $0, counts[$0] ?? 0) }
        if others > 0 { parts.append((PoolLook(""), "other", others)) }
        guard !parts.isEmpty else { return Line() }
        let long = joined(parts.map { ($0.0, "\($0.2) \($0.1)") }, by: ", ")
        return long.width <= width ? long : joined(parts.map { ($0.0, "\($0.0.mark)\($0.2)") }, by: " ")
    }

    private func joined(_ parts: [(look: PoolLook, text: String)], by separator: String) -> Line {
        parts.enumerated().reduce(Line(": ", Style(.title, .bold))) { line, part in
            line + Line(part.offset == 0 ? "" : separator, Style(.muted))
                + Line(part.element.text, Style(part.element.look.role))
        }
    }

    /// `next free in 2-3m n=61`
    var forecast: Line { Self.forecast(next) }

    static func forecast(_ next: Estimate?) -> Line {
        next.map { Line("next free in ", Style(.muted)) + Line($0.text, Style(.text)) } ?? Line()
    }
}

extension Item {
    /// One of the five words of a pool, or `deleting`; without what the item's word adds to it: `locked, no session`.
    var poolStatus: String {
        guard case .pool(let detail) = detail, !isBeingDeleted else { return word }
        return detail.status
    }

    /// Its namespace is being taken down; the status is what it was before.
    var isBeingDeleted: Bool { kind == .pool && state == .running && word == "deleting" }

    /// Available, while one of its machines does not run: who gets it may have nothing of it.
    var isLimping: Bool {
        guard case .pool(let detail) = detail, state == .done else { return false }
        return detail.machines.contains { $0.state != .done }
    }

    /// What remains until a cluster that is not free becomes so by itself; nil when that cannot be told.
    var untilFree: Estimate? {
        guard case .pool(let detail) = detail, state == .held || state == .running, !detail.isForgotten,
            !isBeingDeleted
        else { return nil }
        let estimate = detail.free ?? (state == .running ? estimate : nil)
        return estimate?.basis == Estimate.Basis.none || estimate?.p50 == nil ? nil : estimate
    }
}

extension PoolDetail {
    /// It is locked for a session that is not there any more: nobody will give it back.
    var isForgotten: Bool { status == "locked" && session?.isLive == false }

    /// Golden snapshots that can be restored from, of those that there should be: one for each machine.
    var goldenText: String { "\(goldenReady)/\(goldenTotal)" }
    var goldenReady: Int { snapshots.count(where: \.isReady) }
    var goldenTotal: Int { max(2, snapshots.count) }

    func machine(_ role: Role) -> Machine? { machines.first { $0.role == role } }
}
