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

/// Where an item is on its track, told in the columns of a table of runs.
struct Track {
    /// Finished phases with the logarithm of their seconds.
    private(set) var done: [(column: Int, log: Double)] = []
    /// Seconds of each row in what runs now; NaN in rows that skipped it. Nil when nothing runs.
    private(set) var durations: [Double]?
    /// Seconds already taken by what runs now.
    private(set) var elapsed = 0.0
    /// Seconds of each row in all that comes later.
    private(set) var later: [Double]
    /// The rows that can be compared.
    private(set) var rows: [Int]

    var current: ((Int) -> Double)? { durations.map { durations in { durations[$0] } } }

    init(_ item: Item, table: RunTable, now: Date) {
        rows = Array(0..<table.count)
        later = Array(repeating: 0, count: table.count)
        var isNamed = Array(repeating: false, count: table.columns.count)
        var waiting: [Int] = []
        var reached = -1.0
        var isUnderWay = false
        for phase in item.phases {
            if phase.state == .waiting { isUnderWay = true }
            guard let column = table.column(phase.name) else { continue }
            isNamed[column] = true
            switch phase.state {
            case .waiting: waiting.append(column)
            case .done:
                reached = max(reached, table.columns[column].place)
                guard let seconds = phase.elapsed(at: now) else { continue }
                done.append((column, log(max(RunTable.shortest, seconds))))
            case .running: reached = max(reached, table.columns[column].place)
            case .failed, .skipped: break
            }
        }
        guard let phase = item.currentPhase else {
            // An item without phases that say more is compared as a whole.
            if isUnderWay {
                addLater(waiting, isNamed: isNamed, reached: reached, table: table)
            } else {
                durations = table.totals
                elapsed = item.elapsed(at: now) ?? 0
            }
            return
        }
        elapsed = phase.elapsed(at: now) ?? 0
        durations = Self.durations(of: phase, table: table)
        rows = rows.filter { durations?[$0].isNaN == false }
        addLater(waiting, isNamed: isNamed, reached: reached, table: table)
    }

    /// Adds the waiting phases, and those that runs had behind this point although the item's track does not name them.
    private mutating func addLater(_ waiting: [Int], isNamed: [Bool], reached: Double, table: RunTable) {
        let unnamed = table.columns.indices.filter { !isNamed[$0] && table.columns[$0].place > reached }
        for column in waiting + unnamed {
            let seconds = table.columns[column].seconds
            for row in later.indices where !seconds[row].isNaN { later[row] += seconds[row] }
        }
        for row in later.indices { later[row] *= table.stretch[row] }
    }

    /// Normal deviates for as many rows as a table has; the golden section spreads them evenly, whatever the rows' order.
    private static let scatter: [Double] = (0..<RunTable.capacity).map { row in
        let share = (Double(row + 1) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
        return Quantiles.normal(above: max(1e-3, share))
    }

    /// What runs now, in every row. A phase that too few runs know is spread by its typical values; without any it is taken to be as long as
    /// the run's phases are on average.
    private static func durations(of phase: Phase, table: RunTable) -> [Double] {
        if let column = table.column(phase.name), table.columns[column].sorted.count >= Durations.fewestRuns {
            return table.columns[column].seconds
        }
        if let shape = TypicalForecast.shape(of: phase) {
            return Self.scatter.prefix(table.count).map { exp(shape.mean + shape.spread * $0) }
        }
        return (0..<table.count).map { row in
            var (sum, count) = (0.0, 0.0)
            for column in table.columns where !column.seconds[row].isNaN {
                sum += column.seconds[row]
                count += 1
            }
            return count > 0 ? sum / count : table.totals[row]
        }
    }
}
