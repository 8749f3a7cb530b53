/// From the start of a program to its first useful frame.
struct StartMeasurement {
    let starts: Int
    private static let median = Budget("start → first useful frame, median", .seconds, most: 0.05)
    private static let worst = Budget("start → first useful frame, worst", .seconds)

    /// Ours is started before, so that it has a frame to begin with.
    func findings(_ subject: Subject) throws -> [Finding] {
        var times: [Double] = []
        for _ in 0..<starts {
            let pty = try Pty(subject.launch, columns: Subject.columns, rows: Subject.rows)
            guard let shown = pty.wait(for: subject.sign, atMost: 10) else {
                throw BenchProblem("\(subject.launch.program) showed nothing useful within 10 s of its start.")
            }
            times.append(shown - pty.start)
            // What it does after its first frame must not slow down the next start.
            pty.settle(quiet: 0.3, atMost: 2)
            pty.process.end()
        }
        let samples = Samples(times)
        return [Finding(Self.median, samples.median), Finding(Self.worst, samples.most)]
    }

    /// Lets the dashboard learn everything and leave, so that it keeps the head for its next start.
    static func prepare(_ subject: Subject, warmUp: Double) throws {
        let pty = try subject.openList(after: warmUp)
        pty.write("q")
        pty.settle(quiet: 1, atMost: 15)
        guard pty.process.hasEnded(within: 15) else { throw BenchProblem("The dashboard did not leave in 15 s.") }
    }
}
