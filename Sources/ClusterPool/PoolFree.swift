import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When a cluster is free again: what remains until its session ends, and what a reset takes then. Pure.
struct PoolFree {
    /// A reset takes two to three minutes, a bootstrap eight or more (wire-formats 9.4); used until three runs were recorded here. Seconds.
    private static let typical: [PoolDetail.Operation: (p50: Double, p90: Double)] = [
        .reset: (150, 240), .bootstrap: (480, 720), .snapshot: (60, 120),
    ]
    /// Fewer runs than this say nothing.
    private static let least = 3
    /// What is said in whole minutes changes no more often than that.
    private static let grain: Double = 60

    /// Earlier runs of this source.
    let runs: [Run]
    let now: Date

    /// - Parameter operation: what is being done to it, and since when.
    func estimate(_ standing: PoolStanding, operation: PoolMemory.Operation?) -> Estimate? {
        switch standing.status {
        case .locked:
            // An expired session is taken back within minutes; when, nobody says.
            guard let end = standing.session?.expiresAt, now.timeIntervalSince(end) < PoolTrouble.expiryGrace else {
                return nil
            }
            return band(.reset, after: max(0, end.timeIntervalSince(now)), taken: 0)
        case .resetting, .creating:
            guard let operation, operation.endedAt == nil else { return nil }
            return band(operation.kind, after: 0, taken: max(0, now.timeIntervalSince(operation.startedAt)))
        default: return nil
        }
    }

    /// - Parameters:
    ///   - after: seconds until it begins.
    ///   - taken: seconds that it has taken already: only longer runs say something about the rest.
    private func band(_ kind: PoolDetail.Operation, after: Double, taken: Double) -> Estimate {
        let all = runs.filter { $0.kind == .pool && $0.profile == kind.rawValue && $0.outcome == .done }
            .map(\.seconds)
        let longer = all.filter { $0 > taken }.map { $0 - taken }
        if let known = Self.quantiles(longer) {
            return Estimate(
                p50: round(after + known.p50), p90: round(after + known.p90), n: longer.count, basis: .history)
        }
        guard all.count < Self.least, let usual = Self.typical[kind], usual.p90 > taken else {
            return Estimate(n: 0, basis: .none)
        }
        return Estimate(
            p50: round(after + max(0, usual.p50 - taken)), p90: round(after + usual.p90 - taken), n: 0, basis: .typical)
    }

    private func round(_ seconds: Double) -> Double { (seconds / Self.grain).rounded(.up) * Self.grain }

    /// Nearest ranks; nil for fewer than three.
    static func quantiles(_ values: [Double]) -> (p50: Double, p90: Double)? {
        guard values.count >= least else { return nil }
        let sorted = values.sorted()
        func at(_ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
        return (at(0.5), at(0.9))
    }
}
