/// Whether one change costs the same in a small and in a large fleet.
///
/// The processor time of the dashboard is compared with nodes that report and without; instructions would be the finer measure, but many
/// machines do not let them be counted.
struct ChangeMeasurement {
    let sizes: (small: Int, large: Int)
    let seconds: Double
    private static let running = 50
    /// So few that the dashboard, which asks every two seconds, sees each as a change of its own.
    private static let rate = 20.0

    func findings(program: String) throws -> [Finding] {
        let small = try cost(nodes: sizes.small, program)
        let large = try cost(nodes: sizes.large, program)
        return [
            Finding(Budget("CPU per change, \(sizes.small) nodes", .seconds), small),
            Finding(Budget("CPU per change, \(sizes.large) nodes", .seconds), large),
            Finding(Budget("CPU per change, large to small", .ratio, most: 1.5), large / max(small, 1e-6)),
        ]
    }

    private func cost(nodes: Int, _ program: String) throws -> Double {
        let place = try Place(program: program)
        let service = try StatusService(place)
        defer { service.process.end() }
        try place.configure(port: service.port)
        try service.fill(nodes, running: Self.running)
        let pty = try Subject.slipway(place, nodes: nodes).openList(after: 12)
        defer { pty.process.end() }
        let quiet = try used(pty) { _ = pty.collect(for: seconds) }
        let changes = Int(Self.rate)
        let busy = try used(pty) {
            for _ in 0..<Int(seconds) {
                try service.change(changes, rate: Self.rate)
                _ = pty.collect(for: 0.01)
            }
        }
        return max(0, busy - quiet) / (Double(changes) * seconds.rounded(.down)) * seconds
    }

    /// Processor seconds a second.
    private func used(_ pty: Pty, _ body: () throws -> Void) throws -> Double {
        let start = Clock.now
        let before = Clock.processorTime(of: pty.process.id)
        try body()
        guard let before, let after = Clock.processorTime(of: pty.process.id) else {
            throw BenchProblem("The dashboard ended while it was measured.")
        }
        return (after - before) / (Clock.now - start)
    }
}
