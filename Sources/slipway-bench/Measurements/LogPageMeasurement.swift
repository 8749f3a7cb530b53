/// What a running build costs whose log is read on the dashboard's page: how soon a line is there, and what it costs.
struct LogPageMeasurement {
    /// Lines whose way to the screen is timed.
    let lines: Int
    /// Length of each watch, in seconds.
    let seconds: Double
    /// A line that was not shown counts as one that took so long, in seconds.
    private static let patience = 2.0

    private static let median = Budget("log line → screen, 2/s, median", .seconds)
    private static let slowest = Budget("log line → screen, 2/s, slowest", .seconds, most: 0.2)
    private static let busyMedian = Budget("log line → screen, 20/s, median", .seconds)
    private static let busySlowest = Budget("log line → screen, 20/s, slowest", .seconds)
    private static let quiet = Budget("log page: bytes while nothing is printed", .bytesPerSecond)
    private static let full = Budget("log page: a line of full width, 1/s, median", .bytes)
    private static let beyond = Budget("log page: of it more than its own text", .bytes, most: 80)
    private static let calm = Budget("log page: a line as they come, 1/s, mean", .bytes)
    private static let busy = Budget("log page: a line as they come, 20/s, mean", .bytes, most: 200)
    private static let fast = Budget("log page: a line as they come, 50/s, mean", .bytes)
    private static let use = Budget("log page: CPU of a core, 50 lines/s", .share)

    func findings(program: String) throws -> [Finding] {
        let place = try Place(program: program)
        let build = try RunningBuild(place)
        defer { build.end() }
        var log = SpackLog()
        // So many that the page is full and every further line scrolls it.
        for _ in 0..<Int(2 * Subject.rows) { try build.write(log.line()) }
        let pty = try open(place)
        defer { pty.process.end() }

        let calmWays = Samples(
            try (0..<lines).map { number in
                _ = pty.collect(for: .random(in: 0.45...0.55))
                return try latency(of: number, log.command(), build, pty)
            })
        // Changes are told a few times a second: what comes right after others waits for the next time.
        let busyWays = Samples(
            try (0..<lines).map { number in
                for _ in 0..<10 {
                    try build.write(log.line())
                    _ = pty.collect(for: .random(in: 0.045...0.055))
                }
                return try latency(of: lines + number, log.command(), build, pty)
            })
        _ = pty.collect(for: 1)
        let quiet = Double(pty.collect(for: seconds).count) / seconds
        let full = try (0..<Int(seconds)).map { _ in try bytes(of: log.command(), build, pty) }
        let calm = try (0..<Int(seconds)).map { _ in try bytes(of: log.line(), build, pty) }
        let busy = try stream(rate: 20, build, pty) { log.line() }
        guard let before = Clock.processorTime(of: pty.process.id) else { throw Self.ended }
        let start = Clock.now
        let fast = try stream(rate: 50, build, pty) { log.line() }
        guard let after = Clock.processorTime(of: pty.process.id) else { throw Self.ended }
        let use = (after - before) / (Clock.now - start)
        // Command lines are cut at the width of the page.
        let beyond = Samples(full).median.map { $0 - Double(Subject.columns) }
        return [
            Finding(Self.median, calmWays.median), Finding(Self.slowest, calmWays.most),
            Finding(Self.busyMedian, busyWays.median), Finding(Self.busySlowest, busyWays.most),
            Finding(Self.quiet, quiet), Finding(Self.full, Samples(full).median), Finding(Self.beyond, beyond),
            Finding(Self.calm, calm.reduce(0, +) / Double(max(1, calm.count))), Finding(Self.busy, busy),
            Finding(Self.fast, fast), Finding(Self.use, use),
        ]
    }

    private func open(_ place: Place) throws -> Pty {
        let pty = try Pty(place.launch([]), columns: Subject.columns, rows: Subject.rows)
        guard pty.wait(for: RunningBuild.name, atMost: 60) != nil else {
            throw BenchProblem("slipway showed no build in 60 s.")
        }
        pty.settle(quiet: 1, atMost: 5)
        pty.write("5")
        pty.settle()
        pty.write("L")
        guard pty.wait(for: "follows its end", atMost: 10) != nil else {
            throw BenchProblem("slipway opened no log in 10 s.")
        }
        // What was read is written to the disk some seconds later.
        _ = pty.collect(for: 10)
        return pty
    }

    /// From the write of a line into the log to its text on the terminal.
    private func latency(of number: Int, _ line: String, _ build: RunningBuild, _ pty: Pty) throws -> Double {
        let mark = Self.mark(number)
        let written = Clock.now
        try build.write(mark + " " + line)
        return pty.wait(for: mark, atMost: Self.patience).map { $0 - written } ?? Self.patience
    }

    /// What is written in the second after a line.
    private func bytes(of line: String, _ build: RunningBuild, _ pty: Pty) throws -> Double {
        try build.write(line)
        return Double(pty.collect(for: 1).count)
    }

    /// Bytes a line, while so many come each second.
    private func stream(rate: Double, _ build: RunningBuild, _ pty: Pty, _ line: () -> String) throws -> Double {
        let count = Int(seconds * rate)
        let start = Clock.now
        var bytes = 0
        for number in 0..<count {
            bytes += pty.collect(for: start + Double(number) / rate - Clock.now).count
            try build.write(line())
        }
        // The last ones are still on their way.
        bytes += pty.collect(for: 1).count
        return Double(bytes) / Double(max(1, count))
    }

    /// Letters of which no two marks have one at the same place: what is there already is not written again.
    private static func mark(_ number: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return "line-" + String((0..<12).map { letters[(number * 7 + $0 * $0 * 11) % letters.count] })
    }

    private static var ended: BenchProblem { BenchProblem("The dashboard ended while it was measured.") }
}
