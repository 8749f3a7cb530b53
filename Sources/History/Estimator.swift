import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What remains of a run, and what is usual for its phases. Pure: the same item, durations and instant give the same answer.
public enum Estimator {
    /// What remains of a running item's run, in seconds; nil for an item that is not running.
    ///
    /// With three comparable runs or more the band comes from them (`Forecast`), with fewer from the typical values that the phases
    /// carry (`TypicalForecast`), and with neither its basis is `.none`.
    public static func estimate(_ item: Item, durations: Durations, now: Date) -> Estimate? {
        guard item.state == .running else { return nil }
        let current = item.currentPhase
        if let table = durations.table(for: item, phase: current?.name) {
            let forecast = Forecast(item, table: table, now: now)
            if let band = forecast.band {
                return Estimate(
                    p10: band.p10, p50: band.p50, p90: band.p90, n: forecast.runs, basis: .history, at: now)
            }
        }
        guard let band = TypicalForecast.band(item, now: now) else { return Estimate(n: 0, basis: .none, at: now) }
        return Estimate(p10: band.p10, p50: band.p50, p90: band.p90, n: 0, basis: .typical, at: now)
    }

    /// The item with what is usual here laid over the typical values of its phases, where three runs or more know the phase.
    public static func overlay(_ item: Item, durations: Durations) -> Item {
        var phases = item.phases
        for (index, usual) in durations.usual(for: item).enumerated() {
            guard let usual else { continue }
            phases[index].usual = usual.median
            phases[index].usualHigh = usual.p90
            phases[index].usualCount = usual.n
        }
        // What is told as it came goes on sharing what it holds.
        guard phases != item.phases else { return item }
        var item = item
        item.phases = phases
        return item
    }
}

/// Ends and middle of what remains, in seconds.
struct Band: Equatable {
    var p10: Double
    var p50: Double
    var p90: Double
}
