import Fleet

/// The durations of up to 200 runs of one group, a column for every phase, so that a question about all runs is a walk along arrays.
struct RunTable: Sendable {
    /// More runs would sharpen nothing, and older ones describe machines that have changed since.
    static let capacity = 200
    /// The wire's times have a resolution of about a second; shorter durations would only make noise on a log scale.
    static let shortest = 1.0

    struct Column: Sendable {
        /// One value per row in seconds; NaN where the run skipped the phase.
        var seconds: [Double]
        /// Natural logarithms of `seconds`.
        var logs: [Double]
        /// The known durations, ascending.
        var sorted: [Double] = []
        var sum = 0.0
        var sumOfSquares = 0.0
        /// Median and upper end of the known durations in seconds; nil while too few runs know the phase.
        private(set) var usual: (median: Double, high: Double)?
        /// Of the places at which the phase stood in its runs; the mean orders phases that are not on an item's track.
        var sumOfPlaces = 0.0

        init(rows: Int) {
            seconds = Array(repeating: .nan, count: rows)
            logs = seconds
        }

        var place: Double { sorted.isEmpty ? 0 : sumOfPlaces / Double(sorted.count) }
        /// Mean of the logarithms.
        var mean: Double { sorted.isEmpty ? 0 : sum / Double(sorted.count) }
        /// Variance of the logarithms.
        var variance: Double {
            let n = Double(sorted.count)
            return n < 2 ? 0 : max(0, (sumOfSquares - sum * sum / n) / (n - 1))
        }

        fileprivate mutating func set(_ value: Double, place: Double, row: Int) {
            let value = max(RunTable.shortest, value)
            let log = Quantiles.log(value)
            seconds[row] = value
            logs[row] = log
            sorted.insert(value, at: Quantiles.place(of: value, in: sorted))
            sum += log
            sumOfSquares += log * log
            sumOfPlaces += place
            measure()
        }

        /// Asked far more often than a run ends, so it is worked out when one does.
        private mutating func measure() {
            usual =
                sorted.count < Durations.fewestRuns
                ? nil : (Quantiles.at(0.5, of: sorted), Quantiles.high(of: sorted))
        }

        fileprivate mutating func clear(row: Int, place: Double) {
            let value = seconds[row]
            guard !value.isNaN else { return }
            sorted.remove(at: Quantiles.place(of: value, in: sorted))
            sum -= logs[row]
            sumOfSquares -= logs[row] * logs[row]
            sumOfPlaces -= place
            seconds[row] = .nan
            logs[row] = .nan
            measure()
        }
    }

    private(set) var count = 0
    private(set) var columns: [Column] = []
    private(set) var names: [String] = []
    /// Seconds of each whole run.
    private(set) var totals: [Double] = []
    /// A run's seconds per second of its phases: above 1 where time passes between phases, below 1 where phases overlap.
    private(set) var stretch: [Double] = []
    private var index: [String: Int] = [:]
    private var places: [[Double]] = []
    /// The row that the next run overwrites once all rows are taken.
    private var oldest = 0

    func column(_ phase: String) -> Int? { index[phase] }

    /// Takes in a successful run in place of the oldest one once the table is full.
    mutating func add(_ run: Run) {
        let row = nextRow()
        var inPhases = 0.0
        for (place, phase) in run.phases.enumerated() {
            inPhases += phase.seconds
            guard phase.outcome == .done, phase.seconds.isFinite else { continue }
            let column = columnAdding(phase.name)
            // A phase that was gone through twice counts with its last time only.
            columns[column].clear(row: row, place: places[column][row])
            columns[column].set(phase.seconds, place: Double(place), row: row)
            places[column][row] = Double(place)
        }
        totals[row] = max(Self.shortest, run.seconds)
        stretch[row] = inPhases > 0 ? run.seconds / inPhases : 1
    }

    private mutating func nextRow() -> Int {
        guard count == Self.capacity else {
            for column in columns.indices {
                columns[column].seconds.append(.nan)
                columns[column].logs.append(.nan)
                places[column].append(0)
            }
            totals.append(0)
            stretch.append(1)
            count += 1
            return count - 1
        }
        let row = oldest
        oldest = (oldest + 1) % Self.capacity
        for column in columns.indices { columns[column].clear(row: row, place: places[column][row]) }
        return row
    }

    private mutating func columnAdding(_ name: String) -> Int {
        if let known = index[name] { return known }
        index[name] = columns.count
        names.append(name)
        columns.append(Column(rows: count))
        places.append(Array(repeating: 0, count: count))
        return columns.count - 1
    }
}
