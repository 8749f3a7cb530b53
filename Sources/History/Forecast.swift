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

/// What remains of a run, by the runs of a table.
///
/// Every earlier run is replayed whole from the item's current phase on: it took so long for that phase and so long for all that came after
/// it, skipped phases counting nothing. Taking a run's durations together, instead of drawing each phase from another run, keeps
/// what makes bands wide: a slow machine is slow throughout, and skipping happens as often as it happened. Then:
///
/// 1. **Pace.** How far the item's finished phases were above or below the mean, on a log scale, shifts every earlier run's remaining
///    durations by the regression on the same figure of that run (`Pace`).
/// 2. **Few runs.** Each run stands for a bundle of possible ones around it, so spread out that all together are as wide as the
///    prediction interval `t(0.9, n - 1) * deviation * sqrt(1 + 1/n)`.
/// 3. **Condition.** Only what took longer than the current phase has taken already counts. Beyond the longest, `Tail` goes on.
struct Forecast {
    /// Deviation of a duration's logarithm below which nothing is believed to be steady: 5 %.
    static let leastSpread = 0.05
    /// The share of runs taken to go beyond all that is known.
    private static let beyondShare = 0.005
    private static let tailPoints = 16

    /// Nil when too few of the table's runs can be compared with the item.
    private(set) var band: Band?
    /// The runs behind the band.
    private(set) var runs = 0

    init(_ item: Item, table: RunTable, now: Date) {
        let track = Track(item, table: table, now: now)
        let rows = track.rows
        runs = rows.count
        guard runs >= Durations.fewestRuns else { return }
        var current = track.current.map { Margin(rows.map($0)) }
        var later = Margin(rows.map { track.later[$0] })
        if let pace = Pace(track: track, table: table, rows: rows) {
            current?.follow(pace)
            later.follow(pace)
        }
        band = Self.band(current: current, later: later, elapsed: track.elapsed)
    }

    private static func band(current: Margin?, later: Margin, elapsed: Double) -> Band {
        var points: [Point] = []
        let grid = NormalGrid.points(for: later.seconds.count)
        points.reserveCapacity(grid.count * later.seconds.count + tailPoints)
        let laterFactors = later.factors(grid)
        guard let current else {
            for seconds in later.seconds {
                for factor in laterFactors { points.append(Point(seconds: seconds * factor, weight: 1)) }
            }
            return Point.band(&points)
        }
        let factors = current.factors(grid)
        var edge = 0.0
        for row in current.seconds.indices {
            let seconds = current.seconds[row]
            for place in factors.indices {
                let taken = seconds * factors[place]
                edge = max(edge, taken)
                if taken > elapsed {
                    points.append(Point(seconds: taken - elapsed + later.seconds[row] * laterFactors[place], weight: 1))
                }
            }
        }
        let spread = max(leastSpread, current.spread)
        let tail = Tail(edge: edge, spread: spread, deviations: (log(edge) - current.mean) / spread)
        let all = Double(grid.count * current.seconds.count)
        let weight =
            max(1e-12, all * beyondShare / (1 - beyondShare) * tail.share(beyond: elapsed)) / Double(tailPoints)
        for place in 0..<tailPoints {
            let taken = tail.duration((Double(place) + 0.5) / Double(tailPoints), beyond: elapsed)
            let row = place * later.seconds.count / tailPoints
            points.append(Point(seconds: taken - elapsed + later.seconds[row], weight: weight))
        }
        return Point.band(&points)
    }
}

/// One possible remaining time.
private struct Point {
    var seconds: Double
    var weight: Double

    /// Percentiles of weighted points, linear between their middles.
    static func band(_ points: inout [Point]) -> Band {
        points.sort { $0.seconds < $1.seconds }
        let total = points.reduce(0) { $0 + $1.weight }
        var shares = [0.1, 0.5, 0.9].map { $0 * total }[...]
        var values: [Double] = []
        var before = 0.0
        var last = (middle: 0.0, seconds: points.first?.seconds ?? 0)
        for point in points {
            let middle = before + point.weight / 2
            while let share = shares.first, share <= middle {
                let part = middle > last.middle ? (share - last.middle) / (middle - last.middle) : 1
                values.append(last.seconds + (point.seconds - last.seconds) * part)
                shares.removeFirst()
            }
            before += point.weight
            last = (middle, point.seconds)
        }
        while values.count < 3 { values.append(last.seconds) }
        return Band(p10: max(0, values[0]), p50: max(0, values[1]), p90: max(0, values[2]))
    }
}

/// The durations of one part of all runs, with mean and deviation of their logarithms.
private struct Margin {
    /// Zero where the run skipped this part.
    private(set) var seconds: [Double]
    private(set) var mean = 0.0
    private(set) var spread = 0.0
    private var freedom = 1.0
    private var logs: [Double]

    init(_ seconds: [Double]) {
        self.seconds = seconds
        logs = seconds.map { $0 > 0 ? log($0) : .nan }
        measure(taken: 1)
    }

    private mutating func measure(taken: Double) {
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        for value in logs where !value.isNaN {
            sum += value
            squares += value * value
            count += 1
        }
        mean = count > 0 ? sum / count : 0
        freedom = max(1, count - taken)
        spread = max(0, (squares - sum * mean) / freedom).squareRoot()
    }

    /// Shifts every run to the pace of the item.
    mutating func follow(_ pace: Pace) {
        let slope = pace.slope(of: logs)
        guard slope != 0 else { return }
        for row in logs.indices where !logs[row].isNaN {
            logs[row] += slope * (pace.item - pace.rows[row])
            seconds[row] = exp(logs[row])
        }
        measure(taken: 2)
    }

    /// What the points of a bundle around one run are multiplied with: the variance that is missing to the prediction interval's.
    func factors(_ grid: [Double]) -> [Double] {
        let n = Double(seconds.count)
        let wide = Quantiles.prediction(n, freedom: freedom)
        let missing = max(0, wide * wide - (n - 1) / n).squareRoot() * max(Forecast.leastSpread, spread)
        return grid.map { exp(missing * $0) }
    }
}

/// How fast the item and the earlier runs were in the phases that the item has finished: the mean of their logarithms' distances from
/// the phases' means, steady phases weighing more.
private struct Pace {
    /// The item's own, kept within three deviations of the runs', because nothing is known beyond.
    private(set) var item = 0.0
    /// One per row.
    private(set) var rows: [Double]

    /// Nil when the item has finished nothing that can be compared.
    init?(track: Track, table: RunTable, rows places: [Int]) {
        rows = Array(repeating: 0, count: places.count)
        var weights = rows
        var total = 0.0
        for done in track.done {
            let column = table.columns[done.column]
            let weight = 1 / max(Forecast.leastSpread * Forecast.leastSpread, column.variance)
            let mean = column.mean
            item += weight * (done.log - mean)
            total += weight
            for place in places.indices {
                let log = column.logs[places[place]]
                guard !log.isNaN else { continue }
                rows[place] += weight * (log - mean)
                weights[place] += weight
            }
        }
        guard total > 0 else { return nil }
        item /= total
        var squares = 0.0
        for place in rows.indices where weights[place] > 0 {
            rows[place] /= weights[place]
            squares += rows[place] * rows[place]
        }
        let reach = 3 * (squares / Double(rows.count)).squareRoot()
        item = min(max(item, -reach), reach)
    }

    /// The regression of `logs` on the pace, from 0 (the pace says nothing) to 1.5. It is drawn towards 0 while runs are few.
    func slope(of logs: [Double]) -> Double {
        var (count, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for row in logs.indices where !logs[row].isNaN {
            count += 1
            x += rows[row]
            y += logs[row]
            xx += rows[row] * rows[row]
            xy += rows[row] * logs[row]
        }
        let spread = xx - x * x / max(1, count)
        guard count > 3, spread > 1e-9 else { return 0 }
        return min(1.5, max(0, (xy - x * y / count) / spread)) * (count - 3) / (count + 5)
    }
}

/// Normal quantiles in the middle of equal shares.
private enum NormalGrid {
    private static let grids: [[Double]] = (0...6).map { power in
        let count = 1 << power
        return (0..<count).map { Quantiles.normal(above: 1 - (Double($0) + 0.5) / Double(count)) }
    }

    /// So many that all runs together stand for about 200 possible ones: 64 around each of three runs, one around each of 200.
    static func points(for runs: Int) -> [Double] {
        grids.first { $0.count * runs >= 192 } ?? grids[grids.count - 1]
    }
}
