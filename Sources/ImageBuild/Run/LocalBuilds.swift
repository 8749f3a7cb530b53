import Fleet
import Foundation
import Upstream

/// The builds of this machine, each in a folder of its own below `STATE/builds`. They go on without us and are found again.
public actor LocalBuilds: BuildDoor {
    /// The newest builds that are looked at.
    static let most = 100
    /// A record is small; what is larger is none.
    static let largestRecord = 1 << 20
    /// Ended builds are kept so long, as in the history: their logs are large. Seconds.
    private static let retention: Double = Double(BuildStatistics.retention) * 86_400
    /// A driver that was just started has not written its number yet. Seconds.
    private static let grace: Double = 20

    /// `STATE/builds`
    public nonisolated let folder: String
    private let commands: any CommandDoor
    private let time: TimeSource
    /// Records never change, and neither does an end.
    private var records: [String: BuildRecord] = [:]
    private var ended: [String: KnownBuild] = [:]

    /// - Parameter state: Slipway's state folder, an absolute path.
    public init(state: String, commands: any CommandDoor, time: TimeSource) {
        folder = state + "/builds"
        self.commands = commands
        self.time = time
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        let names = try names()
        records = records.filter { names.contains($0.key) }
        ended = ended.filter { names.contains($0.key) }
        return names.compactMap { id in record(id).flatMap { $0.host == nil ? known($0) : nil } }
    }

    /// Builds that were started from here on other machines: which builders to ask.
    public func hosts() async -> [String] {
        let names = (try? names()) ?? []
        var hosts: [String] = []
        for host in names.compactMap({ record($0)?.host }) where !hosts.contains(host) { hosts.append(host) }
        return hosts
    }

    public nonisolated func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        let folder = try home(of: id)
        let follower = LogFollower(path: folder + "/log", time: time) { await self.isOver(id) }
        try await follower.follow(from: place, take)
    }

    public func stop(_ id: String) async throws(UpstreamProblem) {
        let home = try home(of: id)
        if let host = record(id)?.host {
            throw UpstreamProblem(
                .misconfigured, "The build \(id) runs on \(SafeText.line(host, limit: 80)).",
                advice: "`slipway ami stop \(ShellText.word(id)) --on \(ShellText.word(host))` ends it.")
        }
        let answer = try await run(BuildShell.stop, [home], deadline: 30)
        guard answer != "absent" else {
            throw UpstreamProblem(
                .misconfigured, "There is no build \(id).", advice: "`slipway ami list` names them.")
        }
        guard answer == "stopped" else {
            throw UpstreamProblem(
                .timedOut, "The build \(id) did not end within 15s.", advice: "Stop it again; then it is killed.")
        }
    }

    /// Starts a build and returns when it runs.
    ///
    /// - Throws: `.misconfigured` with what is missing: `spack`, `setsid`, room.
    public nonisolated func start(_ request: BuildRequest) async throws(UpstreamProblem) -> BuildRecord {
        let record = request.record(now: time.now(), chance: UInt32.random(in: 0...UInt32.max))
        let answer = try await run(
            BuildShell.start, try BuildStart.words(request, record, folder: folder + "/" + record.id), deadline: 30)
        try BuildStart.check(answer, on: nil)
        await prune()
        return record
    }

    /// Removes what ended long ago.
    private func prune() {
        let first = time.now().addingTimeInterval(-Self.retention)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where Self.isID(name) {
            guard let end = Self.read("\(folder)/\(name)/end").flatMap(BuildStart.end), end.at < first else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Writes down what is known of a build's image, also of a build that runs elsewhere.
    public nonisolated func note(_ image: BuildImage, of id: String) throws(UpstreamProblem) {
        let place = try home(of: id)
        let path = place + "/image.json"
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try FleetCoder.encoder().encode(image).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw UpstreamProblem(
                .misconfigured, "The image of \(id) cannot be written down.", advice: "Check the disk of \(folder).")
        }
    }

    /// What is known of a build's image.
    public nonisolated func image(of id: String) -> BuildImage? {
        guard let path = try? home(of: id), let bytes = Self.read(path + "/image.json") else { return nil }
        return try? FleetCoder.decoder().decode(BuildImage.self, from: bytes)
    }

    /// Writes down a build that runs elsewhere, so that its builder is known.
    nonisolated func note(_ record: BuildRecord) throws(UpstreamProblem) {
        let place = try home(of: record.id)
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try FleetCoder.encoder().encode(record).write(
                to: URL(fileURLWithPath: place + "/build.json"), options: .atomic)
        } catch {
            throw UpstreamProblem(
                .misconfigured, "The build \(record.id) cannot be written down.", advice: "Check the disk of \(folder)."
            )
        }
    }

    // MARK: files

    /// Newest first.
    private func names() throws(UpstreamProblem) -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw UpstreamProblem(
                .misconfigured, "The folder \(folder) cannot be read.", advice: "Check its permissions.")
        }
        return Array(names.filter(Self.isID).sorted(by: >).prefix(Self.most))
    }

    /// What a name may be made of: it becomes part of a path.
    static func isID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80 && text.utf8.allSatisfy { Ascii.isName($0) } && !text.hasPrefix(".")
    }

    private nonisolated func home(of id: String) throws(UpstreamProblem) -> String {
        guard Self.isID(id) else {
            throw UpstreamProblem(
                .misconfigured, "There is no build \(SafeText.line(id)).", advice: "`slipway ami list` names them.")
        }
        return folder + "/" + id
    }

    private func record(_ id: String) -> BuildRecord? {
        if let known = records[id] { return known }
        guard let bytes = Self.read("\(folder)/\(id)/build.json"), var record = BuildStart.record(bytes) else {
            return nil
        }
        record.id = id
        records[id] = record
        return record
    }

    private func known(_ record: BuildRecord) -> KnownBuild {
        if var known = ended[record.id] {
            known.image = image(of: record.id)
            return known
        }
        var build = KnownBuild(record: record, life: life(record), image: image(of: record.id))
        if case .ended(let end) = build.life {
            build.heardAt = end.at
            ended[record.id] = build
        }
        return build
    }

    private func life(_ record: BuildRecord) -> KnownBuild.Life {
        let place = "\(folder)/\(record.id)"
        if let end = Self.read(place + "/end").flatMap(BuildStart.end) { return .ended(end) }
        if let pid = Self.read(place + "/pid").flatMap({ Int(String(decoding: $0, as: UTF8.self).trimmed) }) {
            return Self.isDriver(pid, of: record.id) ? .running : .lost
        }
        let age = record.startedAt.map { time.now().timeIntervalSince($0) } ?? .infinity
        return age < Self.grace ? .running : .lost
    }

    private func isOver(_ id: String) -> Bool {
        if ended[id] != nil { return true }
        guard let record = record(id) else { return true }
        switch life(record) {
        case .ended, .lost: return true
        case .running, .unknown: return false
        }
    }

    /// Numbers of processes are given again after a restart: its command line says whose it is. Where that cannot be read, it is believed.
    private static func isDriver(_ pid: Int, of id: String) -> Bool {
        guard FileManager.default.fileExists(atPath: "/proc/self") else { return true }
        guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
        return String(decoding: line, as: UTF8.self).contains(id)
    }

    private static func read(_ path: String) -> Data? { try? BuildFiles.contents(path, limit: largestRecord) }

    private nonisolated func run(
        _ script: String, _ words: [String], deadline: Double
    ) async throws(UpstreamProblem) -> String {
        do throws(CommandProblem) {
            let result = try await commands.run(
                Command("/bin/sh", ["-c", script, "sh"] + words), deadline: deadline, limit: 1 << 20)
            return String(decoding: result.output, as: UTF8.self).trimmed
        } catch {
            throw UpstreamProblem(
                .misconfigured, "The shell could not be run: \(error).", advice: "Check /bin/sh on this machine.")
        }
    }
}

extension String {
    /// Without white space at either end.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
