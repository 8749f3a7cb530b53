import Glibc

/// What ten viewers cost an agent more than one.
///
/// The demo does more in one minute than in another, so one and ten take turns with the same agent, in an order that a slow drift favours
/// neither of, and the ratio is that of all their turns together.
struct AgentMeasurement {
    /// How often one and ten take turns; an even number.
    let rounds: Int
    /// Length of a turn, in seconds.
    let seconds: Double
    private static let many = 10
    /// Who comes is told the whole fleet; that is not what is measured.
    private static let settling = 2.5

    private static let ratio = Budget("agent: CPU with ten viewers, of that with one", .ratio, most: 1.2)
    private static let least = Budget("agent: the same in the rounds, least", .ratio)
    private static let most = Budget("agent: the same in the rounds, most", .ratio)
    private static let one = Budget("agent, one viewer: CPU of a core", .share)
    private static let ten = Budget("agent, ten viewers: CPU of a core", .share)

    func findings(program: String) throws -> [Finding] {
        let link = try Link(program: program)
        // With its last use the agent ends.
        defer { withExtendedLifetime(link) {} }
        let agent = try link.startAgent(["--demo", "--speed", "20"])
        let first = try StreamViewer(socket: link.socket)
        defer { first.end() }
        Clock.sleep(10)
        var alone: [Double] = []
        var together: [Double] = []
        for round in 0..<rounds {
            if round % 2 == 0 { alone.append(try use(of: agent)) }
            let more = try (1..<Self.many).map { _ in try StreamViewer(socket: link.socket) }
            defer { for viewer in more { viewer.end() } }
            Clock.sleep(Self.settling)
            let before = more.map(\.received)
            together.append(try use(of: agent))
            guard zip(more, before).allSatisfy({ $0.received > $1 }) else {
                throw BenchProblem("The agent did not tell all of its viewers what changed.")
            }
            for viewer in more { viewer.end() }
            if round % 2 == 1 {
                Clock.sleep(Self.settling)
                alone.append(try use(of: agent))
            }
        }
        let ratios = Samples(zip(alone, together).map { $1 / max($0, 1e-9) })
        let sums = (one: alone.reduce(0, +), ten: together.reduce(0, +))
        return [
            Finding(Self.one, sums.one / Double(rounds)), Finding(Self.ten, sums.ten / Double(rounds)),
            Finding(Self.ratio, sums.ten / sums.one), Finding(Self.least, ratios.least),
            Finding(Self.most, ratios.most),
        ]
    }

    private func use(of process: ChildProcess) throws -> Double {
        let start = Clock.now
        let before = Clock.processorTime(of: process.id)
        Clock.sleep(seconds)
        guard let before, let after = Clock.processorTime(of: process.id) else {
            throw BenchProblem("The agent ended while it was measured.")
        }
        return (after - before) / (Clock.now - start)
    }
}
