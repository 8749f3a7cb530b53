/// What `slipway attach` costs on the way to the other host, how soon it shows something, and whether keys care for the link.
struct AttachMeasurement {
    /// Length of the watch, in seconds, and what is waited before it.
    let seconds: Double
    let warmUp: Double
    /// Starts on each link.
    let starts: Int
    /// A name that did not come counts as one that took so long.
    let patience: Double
    let keys: KeyMeasurement

    private static let rest = Budget("attach, fleet at rest: both directions", .bytesPerSecond, most: 200)
    private static let calm = Budget("attach, demo: both directions", .bytesPerSecond, most: 5000)
    private static let busy = Budget("attach, demo at speed 20: both directions", .bytesPerSecond, most: 5000)
    private static let median = Budget("attach, slow link: key → first byte, median", .seconds, most: 0.002)
    private static let slow = Budget("attach, slow link: key → first byte, p99", .seconds, most: 0.008)
    /// The fleet: sources that ask one service, each for all its nodes.
    private static let sources = 5
    private static let nodes = 100

    /// A link between two hosts, in seconds and bytes a second.
    private struct Way {
        let name: String
        let roundTrip: Double
        let rate: Double?
        /// One round trip, and what both programs take.
        var budget: Double { roundTrip + 0.1 }
    }

    private static let quickWay = Way(name: "quick link", roundTrip: 0.002, rate: nil)
    private static let farWay = Way(name: "far link", roundTrip: 0.3, rate: nil)
    private static let slowWay = Way(name: "slow link", roundTrip: 0.3, rate: 4000)

    func findings(program: String) throws -> [Finding] {
        let place = try Place(program: program)
        // A place goes with its last use, and its folder with it.
        defer { withExtendedLifetime(place) {} }
        let service = try StatusService(place)
        defer { service.process.end() }
        try service.fill(Self.nodes, running: 0)
        let resting = try Link(program: program)
        try resting.far.configure(port: service.port, sources: Self.sources)
        try resting.startAgent()
        var findings: [Finding] = []
        for way in [Self.quickWay, Self.farWay, Self.slowWay] { findings += try firstNames(resting, way) }
        resting.set(roundTrip: Self.quickWay.roundTrip)

        let calm = try Link(program: program)
        try calm.startAgent(["--demo"])
        let busy = try Link(program: program)
        try busy.startAgent(["--demo", "--speed", "20"])
        let links = [resting, calm, busy]
        let rates = try traffic(links)
        findings += zip([Self.rest, Self.calm, Self.busy], rates).map { Finding($0, $1) }
        return findings + (try pressed(busy))
    }

    /// Bytes a second of each link, in the same time.
    private func traffic(_ links: [Link]) throws -> [Double] {
        defer { withExtendedLifetime(links) {} }
        let ptys = try links.map { try $0.attach() }
        defer { for pty in ptys { pty.process.end() } }
        Pty.drain(ptys, for: warmUp)
        let start = Clock.now
        let before = links.map(\.bytes)
        Pty.drain(ptys, for: seconds)
        let passed = Clock.now - start
        guard ptys.allSatisfy({ !$0.isClosed }) else {
            throw BenchProblem("slipway attach ended while it was measured.")
        }
        return zip(links, before).map { ($0.bytes - $1) / passed }
    }

    /// A key each 50 ms while more comes than the link can carry.
    private func pressed(_ link: Link) throws -> [Finding] {
        link.set(roundTrip: Self.quickWay.roundTrip)
        defer { withExtendedLifetime(link) {} }
        let pty = try link.attach()
        defer { pty.process.end() }
        guard pty.wait(for: "METAL", atMost: patience) != nil else {
            throw BenchProblem("slipway attach showed nothing in \(patience) s.")
        }
        pty.write("4")
        _ = pty.collect(for: 2)
        link.set(roundTrip: Self.slowWay.roundTrip, rate: Self.slowWay.rate)
        _ = pty.collect(for: 3)
        let subject = Subject.slipway(link.near, nodes: 24)
        let samples = keys.latencies(subject, in: pty, isLong: false)
        return [Finding(Self.median, samples.median), Finding(Self.slow, samples.quantile(0.99))]
    }

    /// From when ssh is there until the first node's name is on the screen.
    private func firstNames(_ link: Link, _ way: Way) throws -> [Finding] {
        link.set(roundTrip: way.roundTrip, rate: way.rate)
        var times: [Double] = []
        var bytes: [Double] = []
        while times.count < starts, times.allSatisfy({ $0 < patience / 3 }) {
            let before = link.bytes
            let pty = try link.attach()
            defer { pty.process.end() }
            let seen = pty.wait(for: "-unit", atMost: patience)
            guard let up = link.upAt else { throw BenchProblem("slipway attach did not start ssh.") }
            times.append(seen.map { $0 - up } ?? patience)
            bytes.append(link.bytes - before)
        }
        return [
            Finding(
                Budget("attach, \(way.name): first name after ssh is up, median", .seconds, most: way.budget),
                Samples(times).median),
            Finding(Budget("attach, \(way.name): bytes until then", .bytes), Samples(bytes).median),
        ]
    }
}
