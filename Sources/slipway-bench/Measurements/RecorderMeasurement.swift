import Foundation

/// What recording costs: the same fleet is followed by two programs at the same time, of which one records.
struct RecorderMeasurement {
    /// Length of the watch, in seconds.
    let seconds: Double
    private static let nodes = 500
    private static let running = 200
    /// Each node that is being deployed says something new every half minute.
    private static let rate = Double(running) / 30
    private static let warmUpRate = 40.0
    private static let settling = 5.0
    private static let day = 86_400.0
    /// A whole fleet is written each quarter of an hour, or when so many times its bytes of changes have been.
    private static let wholePeriod = 900.0
    private static let wholeShare = 3.0

    private static let cost = Budget("recorder, 500 nodes: CPU of a core", .share, most: 0.01)
    private static let without = Budget("recorder, 500 nodes: CPU without it", .share)
    private static let whole = Budget("recording, 500 nodes: the whole fleet", .memory)
    private static let changes = Budget("recording, 500 nodes: changes", .bytesPerSecond)
    private static let daily = Budget("recording, 500 nodes: a day of that", .memory)

    private static let part = Data(#"{"fleet":"#.utf8)
    private static let change = Data(#"{"change":"#.utf8)

    /// What was used until a moment.
    private struct Use {
        /// CPU seconds of who only follows, and of who records.
        var plain: Double
        var recording: Double
        /// Bytes of the largest whole fleet, and of all changes.
        var whole = 0.0
        var changes = 0.0
    }

    func findings(program: String) throws -> [Finding] {
        let home = try Place(program: program)
        let service = try StatusService(home)
        defer { service.process.end() }
        try service.fill(Self.nodes, running: Self.running)
        let file = home.folder + "/seen.slipway"
        let places = try [Place(program: program), Place(program: program)]
        // A place goes with its last use, and its folder with it.
        defer { withExtendedLifetime((home, places)) {} }
        for place in places { try place.configure(port: service.port) }
        let plain = try ChildProcess(places[0].launch(["--plain"]))
        let recording = try ChildProcess(places[1].launch(["--plain", "--record", file]))
        defer { for process in [plain, recording] { process.end() } }
        // Until all is read and recorded whole, and each node has said something: its first word changes more than the next ones.
        try service.change(Self.running, rate: Self.warmUpRate)
        Clock.sleep(Self.settling)
        let before = try use(plain, recording, file)
        let start = Clock.now
        try service.change(Int(Self.rate * seconds), rate: Self.rate)
        let after = try use(plain, recording, file)
        let time = Clock.now - start
        let bytes = (after.changes - before.changes) / time
        let whole = after.whole
        let wholes = Self.day / min(Self.wholePeriod, Self.wholeShare * whole / max(1, bytes))
        let alone = (after.plain - before.plain) / time
        return [
            Finding(Self.without, alone), Finding(Self.cost, (after.recording - before.recording) / time - alone),
            Finding(Self.whole, whole), Finding(Self.changes, bytes),
            Finding(Self.daily, Self.day * bytes + wholes * whole),
        ]
    }

    private func use(_ plain: ChildProcess, _ recording: ChildProcess, _ file: String) throws -> Use {
        guard let one = Clock.processorTime(of: plain.id), let other = Clock.processorTime(of: recording.id) else {
            throw BenchProblem("slipway ended while it was measured.")
        }
        var use = Use(plain: one, recording: other)
        var current = 0.0
        for line in try Data(contentsOf: URL(fileURLWithPath: file)).split(separator: UInt8(ascii: "\n")) {
            // The lines of a whole fleet follow each other.
            current = line.starts(with: Self.part) ? current + Double(line.count + 1) : 0
            use.whole = max(use.whole, current)
            if line.starts(with: Self.change) { use.changes += Double(line.count + 1) }
        }
        return use
    }
}
