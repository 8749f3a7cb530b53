import Glibc

/// What following k0rdent's ClusterDeployments costs: fifty of them at work, thousands listed, one that changes among few and among many.
///
/// The budgets are those of slipway itself; what its child, `kubectl proxy`, uses is told beside them.
struct DeploymentMeasurement {
    /// Length of each watch.
    let seconds: Double
    /// How many deployments the long list has.
    let large: Int
    private static let running = 50
    private static let small = 100
    private static let eventRate = 100.0
    /// So few that each is a change of its own, and a frame of its own.
    private static let changeRate = 20.0
    /// Of a core: who uses less has done what there was to do.
    private static let still = 0.05
    /// What was read is written to the disk some seconds later; until that is done nothing is at rest.
    private static let keeping = 15.0

    private static let more = Budget(
        "50 deployments, 100 events/s: memory more than without", .memory, most: 50_000_000)
    private static let idle = Budget("50 deployments, no events: CPU of a core", .share, most: 0.05)
    private static let loaded = Budget("50 deployments, 100 events/s: CPU of a core", .share, most: 0.30)
    private static let idleProxy = Budget("50 deployments, no events: CPU of kubectl proxy", .share)
    private static let loadedProxy = Budget("50 deployments, 100 events/s: CPU of kubectl proxy", .share)
    private static let proxyMemory = Budget("50 deployments, 100 events/s: memory of kubectl proxy", .memory)
    private static let ratio = Budget("CPU per changed deployment, large to small", .ratio, most: 1.5)

    /// A dashboard that has read everything, with the list on its screen.
    private struct Loaded {
        /// Its folder is there as long as this.
        let place: Place
        let pty: Pty
        /// Bytes.
        let resident: Double
        /// CPU seconds since its start, those of what it has started, and those that came when all was there: what was read is also kept.
        let used: Double
        let usedByChildren: Double
        let usedAfterwards: Double
    }

    /// What was used between two moments.
    private struct Use {
        /// CPU of slipway itself and of what it has started, in seconds a second.
        var own: Double
        var children: Double
    }

    func findings(program: String) throws -> [Finding] {
        guard let kubernetes = try FakeKubernetes.installed() else {
            throw BenchProblem(
                "The deployments need kubectl and python3 in PATH, and the checkout as current folder.")
        }
        defer { kubernetes.end() }
        let cost = Budget("CPU per changed deployment, \(Self.small) there", .seconds)
        let among = Budget("CPU per changed deployment, \(large) there", .seconds)
        let without = try load(0, kubernetes, program).resident
        var findings = try working(kubernetes, program, without: without)
        findings += listed(try load(large, streams: false, kubernetes, program), "in pages")
        let streamed = try load(large, kubernetes, program)
        findings += listed(streamed, "streamed")
        let many = try costOfChange(kubernetes, streamed)
        streamed.pty.process.end()
        let few = try costOfChange(kubernetes, try load(Self.small, kubernetes, program))
        let ratio = few.flatMap { few in many.map { $0 / few } }
        return findings + [Finding(cost, few), Finding(among, many), Finding(Self.ratio, ratio)]
    }
}

// MARK: - The parts

extension DeploymentMeasurement {
    /// Fifty that are provisioned: at rest, and with events.
    private func working(
        _ kubernetes: FakeKubernetes, _ program: String, without: Double
    ) throws -> [Finding] {
        let dashboard = try load(Self.running, kubernetes, program)
        let pty = dashboard.pty
        defer { pty.process.end() }
        let idle = try use(of: pty)
        try kubernetes.sendEvents(rate: Self.eventRate)
        let start = Clock.now
        // Caches and buffers take their size.
        _ = pty.collect(for: 10)
        let loaded = try use(of: pty)
        let memory = Memory(of: pty.process.id)
        let proxy = ProcessTree(pty.process.id).childrenMemory
        guard Double(try kubernetes.stop()) > 0.9 * Self.eventRate * (Clock.now - start) else {
            throw BenchProblem("The machine is too busy for \(Int(Self.eventRate)) events a second.")
        }
        return [
            Finding(Self.more, memory.map { $0.resident - without }), Finding(Self.idle, idle.own),
            Finding(Self.loaded, loaded.own), Finding(Self.idleProxy, idle.children),
            Finding(Self.loadedProxy, loaded.children), Finding(Self.proxyMemory, proxy),
        ]
    }

    /// From the start of the program until all deployments are there and nothing is left to do.
    private func listed(_ dashboard: Loaded, _ way: String) -> [Finding] {
        let name = "\(large) deployments \(way)"
        let peak = Memory.peak(of: dashboard.pty.process.id)
        return [
            Finding(Budget("\(name): CPU until they are there", .seconds, most: 1), dashboard.used),
            Finding(Budget("\(name): CPU of keeping them", .seconds), dashboard.usedAfterwards),
            Finding(Budget("\(name): most memory", .memory, most: 100_000_000), peak),
            Finding(Budget("\(name): CPU of kubectl proxy", .seconds), dashboard.usedByChildren),
        ]
    }

    private func costOfChange(_ kubernetes: FakeKubernetes, _ dashboard: Loaded) throws -> Double? {
        let pty = dashboard.pty
        let quiet = try use(of: pty)
        try kubernetes.change(rate: Self.changeRate)
        let start = Clock.now
        let busy = try use(of: pty)
        let changes = Double(try kubernetes.stop())
        // A change costs something: where it does not, the machine was too busy.
        guard changes > 0, busy.own > quiet.own else { return nil }
        return (busy.own - quiet.own) * (Clock.now - start) / changes
    }

    /// Starts the dashboard on so many deployments and waits until it has no more to do.
    private func load(
        _ count: Int, streams: Bool = true, _ kubernetes: FakeKubernetes, _ program: String
    ) throws -> Loaded {
        try kubernetes.fill(count, running: min(count, Self.running), streams: streams)
        let place = try Place(program: program)
        try kubernetes.configure(place)
        let pty = try Pty(place.launch([]), columns: Subject.columns, rows: Subject.rows)
        guard pty.wait(for: count > 0 ? "load-" : "", atMost: 60) != nil else {
            throw BenchProblem("slipway showed no deployment in 60 s.")
        }
        pty.write("3")
        var used = 0.0
        let patience = Clock.now + 60
        repeat {
            let before = Clock.processorTime(of: pty.process.id)
            _ = pty.collect(for: 1)
            guard let before, let after = Clock.processorTime(of: pty.process.id) else { throw Self.ended }
            used = after
            if after - before < Self.still { break }
        } while Clock.now < patience
        let tree = ProcessTree(pty.process.id)
        _ = pty.collect(for: Self.keeping)
        guard let memory = Memory(of: pty.process.id), let all = Clock.processorTime(of: pty.process.id) else {
            throw Self.ended
        }
        // The title of the list says how many there are.
        pty.write("\u{0C}")
        guard count == 0 || pty.wait(for: "\(count)", atMost: 5) != nil else {
            throw BenchProblem("slipway does not show all of \(count) deployments.")
        }
        return Loaded(
            place: place, pty: pty, resident: memory.resident, used: used,
            usedByChildren: tree.processorTime - tree.own, usedAfterwards: all - used)
    }

    private func use(of pty: Pty) throws -> Use {
        let start = Clock.now
        let before = (own: Clock.processorTime(of: pty.process.id), tree: ProcessTree(pty.process.id))
        _ = pty.collect(for: seconds)
        let after = (own: Clock.processorTime(of: pty.process.id), tree: ProcessTree(pty.process.id))
        guard let begin = before.own, let end = after.own else { throw Self.ended }
        let children = after.tree.processorTime - after.tree.own - (before.tree.processorTime - before.tree.own)
        let time = Clock.now - start
        return Use(own: (end - begin) / time, children: children / time)
    }

    private static var ended: BenchProblem { BenchProblem("The dashboard ended while it was measured.") }
}
