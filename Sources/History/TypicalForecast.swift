import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What remains by the typical values that an item's phases carry, for when too few runs are known.
///
/// Each phase is taken as log-normal with the median `usual` and the 90th percentile `usualHigh`. Ends of bands are added end to end, as if
/// a run that is slow in one phase were slow in all: wider than independent phases, and that is what a slow machine does.
enum TypicalForecast {
    /// Where only the median is known, one run of ten is taken to need twice as long.
    private static let highPerUsual = 2.0
    /// Deviations above the mean up to which the log-normal form is trusted.
    private static let trusted = 3.0

    /// Nil when no phase that runs or waits carries a typical value.
    static func band(_ item: Item, now: Date) -> Band? {
        var band = Band(p10: 0, p50: 0, p90: 0)
        var isKnown = false
        let current = item.currentPhase
        if let current, let shape = shape(of: current) {
            let elapsed = current.elapsed(at: now) ?? 0
            band.p10 += remaining(0.1, of: shape, after: elapsed)
            band.p50 += remaining(0.5, of: shape, after: elapsed)
            band.p90 += remaining(0.9, of: shape, after: elapsed)
            isKnown = true
        }
        for phase in item.phases where phase.state == .waiting {
            guard let shape = shape(of: phase) else { continue }
            band.p10 += exp(shape.mean - shape.spread * Quantiles.z90)
            band.p50 += exp(shape.mean)
            band.p90 += exp(shape.mean + shape.spread * Quantiles.z90)
            isKnown = true
        }
        return isKnown ? band : nil
    }

    /// Mean and deviation of the logarithm of the phase's duration.
    static func shape(of phase: Phase) -> (mean: Double, spread: Double)? {
        guard let usual = phase.usual, usual.isFinite, usual > 0 else { return nil }
        let high = phase.usualHigh.flatMap { $0.isFinite ? $0 : nil } ?? usual * highPerUsual
        let spread = log(max(high, usual) / usual) / Quantiles.z90
        return (log(usual), max(Forecast.leastSpread, spread))
    }

    /// The seconds that `share` of those still need at most that have taken `elapsed` seconds.
    private static func remaining(_ share: Double, of shape: (mean: Double, spread: Double), after elapsed: Double)
        -> Double
    {
        let deviations = elapsed > 0 ? (log(elapsed) - shape.mean) / shape.spread : -.infinity
        guard deviations < trusted else {
            let tail = Tail(edge: exp(shape.mean + trusted * shape.spread), spread: shape.spread, deviations: trusted)
            return tail.duration(share, beyond: elapsed) - elapsed
        }
        let longer = Quantiles.above(deviations)
        return max(0, exp(shape.mean + shape.spread * Quantiles.normal(above: longer * (1 - share))) - elapsed)
    }
}
