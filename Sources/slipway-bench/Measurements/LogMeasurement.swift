import Foundation

/// What it costs to read a log of Spack from its beginning to its end, as `slipway ami watch --log` does.
struct LogMeasurement {
    /// Size of the log in bytes; the time may grow with it, the memory may not.
    let size: Int
    private static let packages = 200
    /// What reading 500 MB may cost.
    private static let most = (seconds: 25.0, bytes: 500_000_000.0)

    func findings(program: String) throws -> [Finding] {
        let place = try Place(program: program)
        let path = place.folder + "/spack.log"
        try SpackLog.write(to: path, bytes: size, packages: Self.packages)
        let pty = try Pty(
            place.launch(["ami", "watch", "--log", path, "-o", "json"]), columns: Subject.columns, rows: Subject.rows)
        defer { pty.process.end() }
        var peak: Double?
        var anonymous: Double?
        var used: Double?
        // Asked while it runs: nothing is left of a process that has ended. What it had used last is all that it has used.
        let end = pty.wait(for: #""percent":100,"#, atMost: 600) {
            peak = Memory.peak(of: pty.process.id) ?? peak
            anonymous = [anonymous, Memory.anonymous(of: pty.process.id)].compactMap { $0 }.max()
            used = Clock.processorTime(of: pty.process.id) ?? used
        }
        guard let end else { throw BenchProblem("slipway ami watch did not read its log to the end in 600 s.") }
        let share = Double(size) / Self.most.bytes
        let name = "log of \(size / 1_000_000) MB"
        return [
            Finding(Budget("\(name): CPU to its end", .seconds, most: Self.most.seconds * share), used),
            Finding(Budget("\(name): time to its end", .seconds), end - pty.start),
            Finding(Budget("\(name): memory at its peak", .memory, most: 50_000_000), peak),
            Finding(Budget("\(name): of which no program, no files", .memory), anonymous),
        ]
    }
}
