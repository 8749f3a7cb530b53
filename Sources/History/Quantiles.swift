#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Percentiles of samples, and the few functions of the normal distribution that the forecasts need.
enum Quantiles {
    static func log(_ value: Double) -> Double {
        #if canImport(Glibc)
        Glibc.log(value)
        #elseif canImport(Musl)
        Musl.log(value)
        #else
        Darwin.log(value)
        #endif
    }

    /// - Parameters:
    ///   - share: 0…1.
    ///   - sorted: ascending, not empty.
    /// - Returns: the value below which `share` of further samples are expected: rank `share * (n + 1)`, between two samples
    ///   linearly, and never beyond the outermost ones.
    static func at(_ share: Double, of sorted: [Double]) -> Double {
        let rank = share * Double(sorted.count + 1) - 1
        let low = min(max(0, Int(rank.rounded(.down))), sorted.count - 1)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (sorted[high] - sorted[low]) * min(1, max(0, rank - Double(low)))
    }

    /// The 90th percentile of `sorted`, for telling that something is slow.
    ///
    /// The longest of fewer than nine samples is exceeded by more than one run in ten. There the upper end of the prediction interval
    /// on a log scale is used where it is higher: `exp(mean + t(0.9, n - 1) * deviation * sqrt(1 + 1/n))`.
    static func high(of sorted: [Double]) -> Double {
        let sample = at(0.9, of: sorted)
        guard (2...8).contains(sorted.count) else { return sample }
        let logs = sorted.map { log(max(RunTable.shortest, $0)) }
        let n = Double(logs.count)
        let mean = logs.reduce(0, +) / n
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        return max(sample, exp(mean + prediction(n, freedom: n - 1) * z90 * variance.squareRoot()))
    }

    /// The first place in ascending `sorted` whose value is not below `value`.
    static func place(of value: Double, in sorted: [Double]) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The 90th percentile of the standard normal distribution.
    static let z90 = 1.2815515655446004

    /// How many times wider than the deviation of a sample of `n` the 80 % prediction interval of the next value is, compared with a
    /// known normal distribution: `t(0.9, freedom) * sqrt(1 + 1/n) / z90`. 1.7 for three runs, 1.04 for thirty.
    static func prediction(_ n: Double, freedom: Double) -> Double {
        // Student's t by its expansion around the normal quantile (Abramowitz and Stegun 26.7.5).
        let z = z90
        let v = max(1, freedom)
        let z2 = z * z
        let first = (z2 + 1) * z / 4
        let second = ((5 * z2 + 16) * z2 + 3) * z / 96
        let third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384
        let t = z + first / v + second / (v * v) + third / (v * v * v)
        return t * (1 + 1 / n).squareRoot() / z
    }

    /// The share of a standard normal distribution above `z`.
    static func above(_ z: Double) -> Double { 0.5 * erfc(z / 2.0.squareRoot()) }

    /// The `z` above which `share` of a standard normal distribution lies, for 1e-300 < share < 1.
    static func normal(above share: Double) -> Double {
        // Bisection: it is asked a handful of times, and erfc is exact in the far tail, where rational approximations are not.
        var low = -38.0
        var high = 38.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if above(middle) > share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
