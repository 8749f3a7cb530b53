import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How long things take here: the successful runs in memory, grouped by what they may be compared with. Pure.
///
/// Each group keeps its newest 200 runs. Failed runs are not counted: they end early, and a phase that was stuck says nothing about
/// how long it usually takes.
public struct Durations: Sendable {
    /// A group with fewer runs says nothing; the next wider one is asked.
    public static let fewestRuns = 3

    private enum Group: Hashable {
        case exact(Kind, String?, SourceID)
        case profile(Kind, String?)
        case kind(Kind)
    }

    private var tables: [Group: RunTable] = [:]

    /// - Parameter runs: in any order.
    public init(runs: [Run] = []) {
        for run in runs.sorted(by: { $0.endedAt < $1.endedAt }) { add(run) }
    }

    /// Takes in the newest run, at a cost of its phases only. The same run must not be added twice.
    public mutating func add(_ run: Run) {
        guard run.outcome == .done, run.seconds > 0 else { return }
        for group in Self.groups(run.kind, run.profile, run.source) {
            tables[group, default: RunTable()].add(run)
        }
    }

    /// What is usual for a phase, in seconds, from the closest group in which at least three runs had it: the same kind, profile and
    /// source; the same kind and profile; the same kind.
    ///
    /// - Returns: the median, the 90th percentile (widened for few runs, see `Quantiles.high`) and the number of runs; nil when no
    ///   group has three.
    public func usual(
        phase: String, kind: Kind, profile: String?, source: SourceID
    ) -> (median: Double, p90: Double, n: Int)? {
        Self.usual(phase: phase, in: closest(kind, profile, source))
    }

    /// The same for all phases of an item at once.
    func usual(for item: Item) -> [(median: Double, p90: Double, n: Int)?] {
        let tables = closest(item.kind, item.profile, item.source)
        return item.phases.map { Self.usual(phase: $0.name, in: tables) }
    }

    private static func usual(phase: String, in tables: [RunTable]) -> (median: Double, p90: Double, n: Int)? {
        for table in tables {
            guard let column = table.column(phase), let usual = table.columns[column].usual else { continue }
            return (usual.median, usual.high, table.columns[column].sorted.count)
        }
        return nil
    }

    private func closest(_ kind: Kind, _ profile: String?, _ source: SourceID) -> [RunTable] {
        Self.groups(kind, profile, source).compactMap { tables[$0] }
    }

    /// The runs that an item is compared with: the closest group with at least three runs that had its current phase; where no group
    /// knows that phase, the closest with three runs.
    func table(for item: Item, phase: String?) -> RunTable? {
        var closest: RunTable?
        for table in self.closest(item.kind, item.profile, item.source) where table.count >= Self.fewestRuns {
            guard let phase else { return table }
            if let column = table.column(phase), table.columns[column].sorted.count >= Self.fewestRuns { return table }
            if closest == nil { closest = table }
        }
        return closest
    }

    /// Closest first.
    private static func groups(_ kind: Kind, _ profile: String?, _ source: SourceID) -> [Group] {
        [.exact(kind, profile, source), .profile(kind, profile), .kind(kind)]
    }
}
