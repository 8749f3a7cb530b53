import Foundation

/// What a pool of practice clusters costs on the screen, and how long it takes to lend one.
struct PoolMeasurement {
    let clusters: Int
    let keys: KeyMeasurement
    /// Length of each watch, in seconds.
    let seconds: Double
    private static let lent = 40
    private static let changeRate = 5.0

    private static let median = Budget("pool: key → first byte, median", .seconds, most: 0.002)
    private static let slow = Budget("pool: key → first byte, p99", .seconds, most: 0.008)
    private static let more = Budget("pool: memory more than without", .memory, most: 30_000_000)
    private static let idle = Budget("pool: CPU of a core, nothing changes", .share, most: 0.005)
    private static let loaded = Budget("pool: CPU of a core, 5 changes/s", .share)
    private static let assign = Budget("assign over HTTP, median", .seconds, most: 0.2)
    private static let slowAssign = Budget("assign over HTTP, slowest", .seconds)

    func findings(program: String) throws -> [Finding] {
        guard let pool = try FakePool.installed() else {
            throw BenchProblem("The pool needs kubectl and python3 in PATH, and the checkout as current folder.")
        }
        defer { pool.end() }
        let without = try memory(of: try open(0, pool, program).pty)
        let (place, pty) = try open(clusters, pool, program)
        let with = try memory(of: pty)
        let subject = Subject.slipway(place, nodes: clusters)
        let pressed = keys.latencies(subject, in: pty, isLong: true)
        let idle = try use(of: pty)
        try pool.change(rate: Self.changeRate)
        let loaded = try use(of: pty)
        try pool.stop()
        pty.process.end()
        return [
            Finding(Self.median, pressed.median), Finding(Self.slow, pressed.quantile(0.99)),
            Finding(Self.more, with - without), Finding(Self.idle, idle), Finding(Self.loaded, loaded),
        ] + (try lending(place))
    }

    /// A manager on the same pool, asked for one cluster after the other.
    private func lending(_ place: Place) throws -> [Finding] {
        let service = try StatusService(place, pool: FakePool.context)
        defer { service.process.end() }
        let connection = try HTTPConnection(port: service.port)
        let patience = Clock.now + 60
        while try !connection.get("/api/v1/pool").body.contains(#""availableClusters":\#(clusters)"#) {
            guard Clock.now < patience else { throw BenchProblem("slipway serve did not read the pool in 60 s.") }
            usleep(200_000)
        }
        let taken = Samples(
            try (0..<Self.lent).map { session in
                let start = Clock.now
                let answer = try connection.post("/api/v1/pool/assign", #"{"sessionId":"bench-\#(session)"}"#)
                guard answer.status == 200 else { throw BenchProblem("A cluster was not lent: \(answer.body)") }
                return Clock.now - start
            })
        return [Finding(Self.assign, taken.median), Finding(Self.slowAssign, taken.quantile(1))]
    }

    private func open(_ count: Int, _ pool: FakePool, _ program: String) throws -> (place: Place, pty: Pty) {
        try pool.fill(count)
        let place = try Place(program: program)
        try pool.configure(place)
        let pty = try Pty(place.launch([]), columns: Subject.columns, rows: Subject.rows)
        guard pty.wait(for: FakePool.context, atMost: 60) != nil else {
            throw BenchProblem("slipway showed no pool in 60 s.")
        }
        pty.settle(quiet: 1, atMost: 5)
        pty.write("2")
        guard count == 0 || pty.wait(for: "cluster1", atMost: 60) != nil else {
            throw BenchProblem("slipway showed no practice cluster in 60 s.")
        }
        // What was read is written to the disk some seconds later.
        _ = pty.collect(for: 15)
        return (place, pty)
    }

    private func memory(of pty: Pty) throws -> Double {
        guard let memory = Memory(of: pty.process.id) else { throw Self.ended }
        return memory.resident
    }

    private func use(of pty: Pty) throws -> Double {
        let start = Clock.now
        guard let before = Clock.processorTime(of: pty.process.id) else { throw Self.ended }
        _ = pty.collect(for: seconds)
        guard let after = Clock.processorTime(of: pty.process.id) else { throw Self.ended }
        return (after - before) / (Clock.now - start)
    }

    private static var ended: BenchProblem { BenchProblem("The dashboard ended while it was measured.") }
}
