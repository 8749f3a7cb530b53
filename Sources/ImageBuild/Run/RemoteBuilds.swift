import Fleet
import Synchronization
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The builds of a builder behind ssh. They run there detached, and go on when the connection or Slipway is gone.
public struct RemoteBuilds: BuildDoor {
    /// Seconds that an answer may take.
    private static let deadline: Double = 30
    private static let largest = 4 << 20

    public let line: SSHLine
    private let commands: any CommandDoor
    private let time: TimeSource
    private let folder: String
    /// Where builds that were started here are written down, and their images.
    private let local: LocalBuilds?
    private let queue = BuilderQueue()

    /// - Parameters:
    ///   - folder: where its builds are, on the builder; may begin with `~/`.
    ///   - local: remembers which builders there are.
    public init(
        line: SSHLine, folder: String = BuildShell.remoteFolder, local: LocalBuilds? = nil,
        commands: any CommandDoor, time: TimeSource
    ) {
        self.line = line
        self.folder = folder
        self.local = local
        self.commands = commands
        self.time = time
    }

    public func builds() async throws(UpstreamProblem) -> [KnownBuild] {
        let answer = try await ask(BuildShell.list, [folder]) { $0.hasSuffix("all\n") }
        return Self.builds(answer, host: line.host).map { build in
            var build = build
            build.image = local?.image(of: build.id)
            return build
        }
    }

    /// The answer of `BuildShell.list`.
    static func builds(_ answer: String, host: String) -> [KnownBuild] {
        var builds: [KnownBuild] = []
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.hasPrefix("build ") && index + 1 < lines.count {
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 3, LocalBuilds.isID(words[1]),
                var record = BuildStart.record(Data(lines[index + 1].utf8))
            else { continue }
            record.id = words[1]
            record.host = SafeText.line(host, limit: 120)
            var build = KnownBuild(record: record, life: words[2] == "1" ? .running : .lost)
            if words.count >= 5, let end = BuildStart.end(Data("\(words[3]) \(words[4])".utf8)) {
                build.life = .ended(end)
                build.heardAt = end.at
            }
            builds.append(build)
        }
        return builds
    }

    /// Starts a build there and returns when it runs.
    public func start(_ request: BuildRequest) async throws(UpstreamProblem) -> BuildRecord {
        let record = request.record(host: line.host, now: time.now(), chance: UInt32.random(in: 0...UInt32.max))
        let words = try BuildStart.words(request, record, folder: folder + "/" + record.id)
        do throws(UpstreamProblem) {
            let answer = try await ask(BuildShell.start, words) { $0.hasSuffix("started\n") || $0.contains("refused ") }
            try BuildStart.check(answer, on: SafeText.line(line.host, limit: 80))
        } catch {
            try await check(record, after: error)
        }
        try local?.note(record)
        return record
    }

    /// The connection may end between the beginning of a build and the word of it: the builder is asked, so that none runs unknown.
    private func check(_ record: BuildRecord, after problem: UpstreamProblem) async throws(UpstreamProblem) {
        guard problem.reason == .cut || problem.reason == .timedOut else { throw problem }
        let answer: [KnownBuild]
        do throws(UpstreamProblem) {
            answer = try await builds()
        } catch {
            throw UpstreamProblem(
                problem.reason, problem.sentence,
                advice: "The build may have begun: `slipway ami list --on \(ShellText.word(line.host))` tells.")
        }
        guard answer.contains(where: { $0.id == record.id }) else { throw problem }
    }

    public func stop(_ id: String) async throws(UpstreamProblem) {
        let answer = try await ask(BuildShell.stop, [try home(of: id)]) {
            $0.hasSuffix("stopped\n") || $0.hasSuffix("running\n") || $0.hasSuffix("absent\n")
        }
        guard !answer.hasSuffix("absent\n") else {
            throw UpstreamProblem(
                .misconfigured, "There is no build \(id) on \(SafeText.line(line.host, limit: 80)).",
                advice: "`slipway ami list --on \(ShellText.word(line.host))` names them.")
        }
        guard answer.hasSuffix("stopped\n") else {
            throw UpstreamProblem(
                .timedOut, "The build \(id) did not end within 15s.", advice: "Stop it again; then it is killed.")
        }
    }

    public func follow(
        _ id: String, from place: BuildPlace, _ take: @escaping @Sendable (BuildPiece) async -> Void
    ) async throws(UpstreamProblem) {
        let home = try home(of: id)
        var before = place.offset
        while true {
            let stream = RemoteLog(from: before, time: time)
            let turn = await queue.enter()
            defer { turn.leave() }
            if Task.isCancelled { return }
            try await converse(BuildShell.text(BuildShell.follow, [home, String(before)])) { bytes in
                turn.leave()
                for piece in stream.take(bytes) { await take(piece) }
                return false
            }
            turn.leave()
            if Task.isCancelled { return }
            guard stream.hasAnswered else { throw await line.reason(commands) }
            // A log that had ended before was given whole.
            if stream.wasEnded { return }
            // The connection may have ended before the log.
            if stream.offset == before { return try await rest(id) }
            before = stream.offset
        }
    }

    /// The log has not grown, and the tail has ended: with the build, or with the connection.
    private func rest(_ id: String) async throws(UpstreamProblem) {
        let isOver = try await builds().first { $0.id == id }?.isOver ?? true
        guard !isOver else { return }
        throw UpstreamProblem(
            .cut, "The connection to \(SafeText.line(line.host, limit: 80)) was lost.",
            advice: "The build goes on; it is connected again by itself.")
    }

    private func home(of id: String) throws(UpstreamProblem) -> String {
        guard LocalBuilds.isID(id) else {
            throw UpstreamProblem(
                .misconfigured, "There is no build \(SafeText.line(id)).", advice: "`slipway ami list` names them.")
        }
        return folder + "/" + id
    }

    // MARK: talking

    /// Runs a script there.
    ///
    /// - Parameter isWhole: whether the answer is there; the rest is not waited for.
    private func ask(
        _ script: String, _ words: [String], isWhole: @escaping @Sendable (String) -> Bool
    ) async throws(UpstreamProblem) -> String {
        let answer = Answer()
        let time = self.time
        let script = BuildShell.text(script, words)
        let outcome = await withTaskGroup(of: Result<Void, UpstreamProblem>.self) { group in
            group.addTask { @Sendable in
                do throws(UpstreamProblem) {
                    try await converse(script) { bytes in
                        isWhole(answer.add(bytes))
                    }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await time.sleep(Self.deadline)
                return .failure(
                    UpstreamProblem(
                        .timedOut,
                        "\(SafeText.line(line.host, limit: 80)) did not answer within \(DurationText.short(Self.deadline)).",
                        advice: "Check the network, and how busy it is."))
            }
            let first = await group.next() ?? .success(())
            group.cancelAll()
            return first
        }
        try outcome.get()
        let text = answer.add([])
        guard isWhole(text) || text.contains("refused ") else { throw await line.reason(commands) }
        return text
    }

    private struct Enough: Error {}

    /// What has come so far.
    private final class Answer: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func add(_ more: [UInt8]) -> String {
            bytes.withLock { bytes in
                if bytes.count < RemoteBuilds.largest { bytes += more }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    /// - Parameter take: returns whether it has heard enough.
    private func converse(
        _ text: String, _ take: @escaping @Sendable ([UInt8]) async -> Bool
    ) async throws(UpstreamProblem) {
        if let fault = line.fault { throw UpstreamProblem(.misconfigured, fault, advice: "Correct --on.") }
        do throws(CommandProblem) {
            try await commands.converse(line.shell) { talk in
                do {
                    try await talk.write([UInt8](text.utf8))
                    try await talk.read { bytes in
                        if await take(bytes) { throw Enough() }
                    }
                } catch is Enough {
                    return
                } catch {
                    // ssh has ended before it read everything: what it says is found out by asking again.
                    return
                }
            }
        } catch {
            if error == .missing {
                throw SSHLine.missing
            }
            throw await line.reason(commands)
        }
    }
}
