import Foundation

/// How long it takes until the screen shows another time: in a recording of a day, and in what the dashboard has kept.
///
/// The time is from the key until the name of that minute's item is on the screen.
struct SeekMeasurement {
    /// Instants that are gone to in each.
    let places: Int
    /// What is recorded.
    let hours: Int
    /// Of the kept history: a folder holds no whole day of so large a fleet.
    let keptHours: Int
    private static let most = 0.2
    private static let steps = 12
    private static let patience = 20.0

    private func budget(_ what: String, _ unit: Budget.Unit, most: Double? = nil) -> Budget {
        Budget("replay, \(hours) h of 500 nodes: \(what)", unit, most: most)
    }

    private func keptBudget(_ what: String, most: Double? = nil) -> Budget {
        Budget("kept history, \(keptHours) h: \(what)", .seconds, most: most)
    }

    func findings(program: String) throws -> [Finding] { try replayed(program) + kept(program) }

    private func replayed(_ program: String) throws -> [Finding] {
        let place = try Place(program: program)
        // A place goes with its last use, and its folder with it.
        defer { withExtendedLifetime(place) {} }
        let day = RecordedDay(start: Self.start(hours: hours))
        let path = place.folder + "/day.slipway"
        // As a recording is rotated: the newest has the name that was asked for.
        let share = hours * 60 / 4
        let size = try (0..<4).reduce(0) { size, part in
            let end = part == 3 ? path : "\(path).\(3 - part)"
            return size + (try day.write(to: end, minutes: part * share..<(part + 1) * share))
        }
        let pty = try Pty(place.launch(["replay", path]), columns: Subject.columns, rows: Subject.rows)
        defer { pty.process.end() }
        guard let opened = pty.wait(for: "seek-", atMost: Self.patience) else {
            throw BenchProblem("slipway replay showed nothing in \(Self.patience) s.")
        }
        pty.write("p")
        pty.settle(quiet: 0.5)
        pty.write("4")
        pty.settle(quiet: 0.5)
        let (times, used, last) = try seek(in: pty, day, minutes: 1..<hours * 60)
        let back = try (1...Self.steps).compactMap { step -> Double? in
            let minute = last - step
            guard minute > 0, RecordedDay.differ(minute, minute + 1) else {
                pty.write("h")
                pty.settle(quiet: 0.5)
                return nil
            }
            return try shown(minute, in: pty) { pty.write("h") }
        }
        let resident = Memory(of: pty.process.id)?.resident
        return [
            Finding(budget("size of the files", .memory), Double(size)),
            Finding(budget("start → first name", .seconds), opened - pty.start),
            Finding(budget("going to a time, mean", .seconds, most: Self.most), Self.mean(times)),
            Finding(budget("going to a time, worst", .seconds, most: Self.most), times.max()),
            Finding(budget("going to a time, CPU", .seconds), used),
            Finding(budget("a minute back, worst", .seconds, most: Self.most), back.max()),
            Finding(budget("memory, resident", .memory), resident),
        ]
    }

    private func kept(_ program: String) throws -> [Finding] {
        let place = try Place(program: program)
        // A place goes with its last use, and its folder with it.
        defer { withExtendedLifetime(place) {} }
        let service = try StatusService(place)
        defer { service.process.end() }
        try place.configure(port: service.port)
        try service.fill(24)
        let day = RecordedDay(start: Self.start(hours: keptHours))
        let folder = place.folder + "/state/slipway/changes"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for hour in 0..<keptHours {
            let stamp = RecordedNode.time(day.start + Double(hour) * 3600).replacing(":", with: "-")
            try day.write(to: "\(folder)/\(stamp).jsonl", minutes: hour * 60..<(hour + 1) * 60)
        }
        let pty = try Subject.slipway(place, nodes: 24).openList(after: 3)
        defer { pty.process.end() }
        pty.write("p")
        pty.settle()
        let (times, used, _) = try seek(in: pty, day, minutes: 1..<keptHours * 60)
        return [
            Finding(keptBudget("going to a time, mean", most: Self.most), Self.mean(times)),
            Finding(keptBudget("going to a time, worst", most: Self.most), times.max()),
            Finding(keptBudget("going to a time, CPU"), used),
        ]
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

    /// So many hours before the minute before this one.
    private static func start(hours: Int) -> Double { Double((time(nil) / 60 - 1 - hours * 60) * 60) }

    /// Goes to many instants as a person does who types them.
    ///
    /// - Returns: seconds of each; CPU seconds of one; and the minute that is on the screen in the end.
    private func seek(
        in pty: Pty, _ day: RecordedDay, minutes: Range<Int>
    ) throws -> (times: [Double], used: Double?, last: Int) {
        var last = 0
        var used: Double? = 0
        let times = try (0..<places).map { _ in
            var minute = Int.random(in: minutes)
            while !RecordedDay.differ(minute, last) { minute = .random(in: minutes) }
            last = minute
            let instant = RecordedNode.time(day.start + Double(minute) * 60 + .random(in: 2...58))
            pty.write(":at \(instant.prefix(19).replacing("T", with: " "))")
            pty.settle()
            let before = Clock.processorTime(of: pty.process.id)
            let time = try shown(minute, in: pty) { pty.write("\r") }
            let after = Clock.processorTime(of: pty.process.id)
            used = used.flatMap { used in before.flatMap { before in after.map { used + $0 - before } } }
            return time
        }
        return (times, used.map { $0 / Double(places) }, last)
    }

    private func shown(_ minute: Int, in pty: Pty, after press: () -> Void) throws -> Double {
        let pressed = Clock.now
        press()
        guard let seen = pty.wait(for: RecordedDay.sign(minute: minute), atMost: Self.patience) else {
            throw BenchProblem("The screen did not show the time that was gone to in \(Self.patience) s.")
        }
        pty.settle()
        return seen - pressed
    }
}
