import Foundation

/// What is measured in which order, so that each fleet has to be set up only once.
struct Plan {
    let program: String
    let groups: Set<SlipwayBench.Group>
    let sizes: [Int]
    let minutes: Double
    let isQuick: Bool

    private static let anchors = ["htop", "btop"]
    /// What is measured with each size of the fleet, and of the programs to compare with.
    private static let fleetGroups: Set<SlipwayBench.Group> = [.key, .start, .idle, .bytes, .memory]
    /// Seconds until a dashboard has asked its source a few times.
    private var warmUp: Double { isQuick ? 3 : 10 }

    func run() throws -> Results {
        let ours = sizes.map { Results.Column(name: "\($0) nodes", isOurs: true) }
        let others = Self.anchors.map { Results.Column(name: $0, isOurs: false) }
        let clusters = Results.Column(name: "20 clusters", isOurs: true)
        let deployments = Results.Column(name: "deployments", isOurs: true)
        let pool = Results.Column(name: "500 practice clusters", isOurs: true)
        let images = Results.Column(name: "images", isOurs: true)
        let streams = Results.Column(name: "stream", isOurs: true)
        let watched =
            (groups.contains(.clusters) ? [clusters] : []) + (groups.contains(.deployments) ? [deployments] : [])
            + (groups.contains(.pool) ? [pool] : []) + (groups.contains(.images) ? [images] : [])
            + (groups.isDisjoint(with: [.attach, .agent, .recording]) ? [] : [streams])
        var results = Results(columns: ours + watched + others)
        for (size, column) in zip(sizes, ours) where !groups.isDisjoint(with: Self.fleetGroups) {
            try measure(size, into: &results, column)
        }
        for column in others where !isQuick && !groups.isDisjoint(with: Self.fleetGroups) {
            try compare(column, &results)
        }
        if groups.contains(.change) {
            say("cost of a change")
            let sizes = isQuick ? (small: 100, large: 1000) : (small: 100, large: 10_000)
            let measurement = ChangeMeasurement(sizes: sizes, seconds: isQuick ? 6 : 30)
            results.note(try measurement.findings(program: program), in: ours[0])
        }
        if groups.contains(.clusters) {
            say("clusters")
            let measurement = ClusterMeasurement(seconds: isQuick ? 20 : 60)
            results.note(try measurement.findings(program: program), in: clusters)
        }
        if groups.contains(.deployments) {
            say("deployments")
            let measurement = DeploymentMeasurement(seconds: isQuick ? 10 : 30, large: isQuick ? 1000 : 5000)
            results.note(try measurement.findings(program: program), in: deployments)
        }
        if groups.contains(.pool) {
            say("pool")
            let measurement = PoolMeasurement(
                clusters: 500, keys: KeyMeasurement(presses: isQuick ? 60 : 240), seconds: isQuick ? 5 : 30)
            results.note(try measurement.findings(program: program), in: pool)
        }
        if groups.contains(.images) {
            say("images")
            let log = LogMeasurement(size: isQuick ? 50_000_000 : 500_000_000)
            results.note(try log.findings(program: program), in: images)
            let page = LogPageMeasurement(lines: isQuick ? 10 : 40, seconds: isQuick ? 5 : 30)
            results.note(try page.findings(program: program), in: images)
        }
        if groups.contains(.attach) {
            say("attach")
            let measurement = AttachMeasurement(
                seconds: isQuick ? 8 : 60, warmUp: isQuick ? 12 : 25, starts: isQuick ? 2 : 5,
                patience: isQuick ? 8 : 30, keys: KeyMeasurement(presses: isQuick ? 60 : 240))
            results.note(try measurement.findings(program: program), in: streams)
        }
        if groups.contains(.agent) {
            say("agent")
            let measurement = AgentMeasurement(rounds: isQuick ? 2 : 8, seconds: isQuick ? 4 : 10)
            results.note(try measurement.findings(program: program), in: streams)
        }
        if groups.contains(.recording) {
            say("recording")
            let recorder = RecorderMeasurement(seconds: isQuick ? 6 : 60)
            results.note(try recorder.findings(program: program), in: streams)
            say("going through a recorded day")
            let seek = SeekMeasurement(
                places: isQuick ? 8 : 50, hours: isQuick ? 4 : 24, keptHours: isQuick ? 2 : 10)
            results.note(try seek.findings(program: program), in: streams)
        }
        if groups.contains(.ingest) {
            say("ingest")
            let measurement = IngestMeasurement(seconds: isQuick ? 3 : 10)
            results.note(try measurement.findings(program: program), in: ours[0])
        }
        return results
    }

    private func measure(_ size: Int, into results: inout Results, _ column: Results.Column) throws {
        say("setting up \(size) nodes")
        let place = try Place(program: program)
        let service = try StatusService(place)
        defer { service.process.end() }
        try place.configure(port: service.port)
        try service.fill(size)
        let subject = Subject.slipway(place, nodes: size)
        let isLong = size > 4 * Int(Subject.rows)

        if groups.contains(.start) {
            say("start, \(size) nodes")
            try StartMeasurement.prepare(subject, warmUp: warmUp)
            // Nothing can come from a service that stands still: what is shown was kept.
            service.process.stop()
            defer { service.process.goOn() }
            results.note(try StartMeasurement(starts: isQuick ? 5 : 15).findings(subject), in: column)
        }
        guard !groups.isDisjoint(with: [.key, .idle, .bytes, .memory]) else { return }
        let pty = try subject.openList(after: warmUp)
        defer { pty.process.end() }
        if groups.contains(.key) {
            say("keys, \(size) nodes")
            let keys = KeyMeasurement(presses: isQuick ? 60 : 240)
            results.note(keys.findings(subject, in: pty, isLong: isLong), in: column)
        }
        let memory = MemoryMeasurement(minutes: minutes)
        if groups.contains(.memory) { results.note(memory.findings(of: pty), in: column) }
        if groups.contains(.idle) {
            say("idle, \(size) nodes")
            // Ages below a minute are shown in seconds, and here all nodes have reported just now: they would all tick.
            if !isQuick { _ = pty.collect(for: 60) }
            // As long as the slowest of what is done now and then, so that each is in it as often as it is done.
            results.note(IdleMeasurement(seconds: isQuick ? 5 : 60).findings(in: pty), in: column)
        }
        if groups.contains(.memory) {
            say("memory, \(size) nodes")
            results.note(try memory.growth(of: pty, service: service), in: column)
        }
        guard groups.contains(.bytes) || groups.contains(.idle) && !isQuick else { return }
        say("everything at rest, \(size) nodes")
        try service.finishAll()
        _ = pty.collect(for: warmUp)
        if groups.contains(.idle), !isQuick {
            // Ages below a minute are shown in seconds and move: only then does nothing change.
            _ = pty.collect(for: 60)
            results.note(IdleMeasurement(seconds: 20).stillFindings(in: pty), in: column)
        }
        if groups.contains(.bytes) {
            // Ended rows one by one, and back to the top, wherever the keys have led.
            pty.write(" g")
            results.note(BytesMeasurement().findings(subject, in: pty, isLong: isLong), in: column)
        }
    }

    private func compare(_ column: Results.Column, _ results: inout Results) throws {
        let place = try Place(program: program)
        guard let subject = Subject.anchor(column.name, folder: place.folder) else { return }
        say(column.name)
        if groups.contains(.start) {
            results.note(try StartMeasurement(starts: 5).findings(subject), in: column)
        }
        guard !groups.isDisjoint(with: [.key, .idle, .bytes, .memory]) else { return }
        let pty = try subject.openList(after: warmUp)
        defer { pty.process.end() }
        if groups.contains(.key) {
            results.note(KeyMeasurement(presses: 60).findings(subject, in: pty, isLong: false), in: column)
        }
        if groups.contains(.memory) { results.note(MemoryMeasurement(minutes: 0).findings(of: pty), in: column) }
        if groups.contains(.idle) {
            results.note(IdleMeasurement(seconds: isQuick ? 5 : 20).findings(in: pty), in: column)
        }
        if groups.contains(.bytes) {
            results.note(BytesMeasurement().findings(subject, in: pty, isLong: false), in: column)
        }
    }

    private func say(_ what: String) { FileHandle.standardError.write(Data("… \(what)\n".utf8)) }
}
