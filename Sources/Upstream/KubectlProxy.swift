import Fleet
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The way to the API server of one kube context: `kubectl proxy` on a Unix socket in a private folder. kubectl does all authentication, and no
/// port is opened; whatever kubectl can reach, this can.
///
/// It is started by the first question, and again, with backoff, by one that comes after it has ended. Close it when it is no longer needed.
public actor KubectlProxy: HTTPStreamDoor {
    /// Which cluster, and through which program.
    public struct Access: Sendable, Hashable {
        /// Nil for the kubeconfig's current one.
        public var context: String?
        /// Nil where kubectl itself looks.
        public var kubeconfig: String?
        public var program: String

        public init(context: String? = nil, kubeconfig: String? = nil, program: String = "kubectl") {
            self.context = context
            self.kubeconfig = kubeconfig
            self.program = program
        }

        /// What sentences call it.
        public var name: String { context ?? "the current context" }

        /// The beginning of a command that a person can copy: kubectl with this context.
        public var commandLine: String {
            (["kubectl"] + command([]).arguments).map(ShellText.quoted).joined(separator: " ")
        }

        /// kubectl with these arguments.
        public func command(_ arguments: [String]) -> Command {
            var all: [String] = []
            if let kubeconfig { all += ["--kubeconfig", kubeconfig] }
            if let context { all += ["--context", context] }
            return Command(program, all + arguments)
        }
    }

    /// Starting takes 50 ms on a quiet machine.
    private static let startLimit: Double = 15
    /// A proxy keeps the credentials that it was started with; refused ones are worth a new start, but not each second.
    private static let renewal: Double = 30
    /// A login program that failed may have opened a browser: it is not run again by itself for so many seconds.
    private static let loginRest: Double = 300
    /// Answers that go on hold a connection each; questions have their own, so that they never wait for those.
    private static let streams = 1024
    /// Ends the program, and takes its socket away, also when we are killed and nobody is left to do it: our end of its input closes then.
    /// Only the program keeps the output open, so its end is seen as well.
    private static let keeper =
        #"socket=$1; shift; "$@" 2>&1 & child=$!; exec >/dev/null 2>&1; while read -r _; do :; done; "#
        + #"kill "$child"; rm -f "$socket"; rmdir "${socket%/*}""#

    private let access: Access
    private let commands: any CommandDoor
    private let time: TimeSource
    private let backoff: Backoff
    private var stage = Stage.resting
    private var life: Task<Void, Never>?
    private var failures = 0
    private var startedAt: Double?
    private var output = Output()
    private var login: (problem: UpstreamProblem, until: Double)?
    private var waiting: [CheckedContinuation<Result<Doors, UpstreamProblem>, Never>] = []
    /// What the kubeconfig says of the context; nil before it was read.
    public private(set) var context: Kubeconfig.Context?

    private struct Doors: Sendable {
        var questions: HTTPClientDoor
        var streams: HTTPClientDoor

        func close() async {
            await questions.close()
            await streams.close()
        }
    }

    private enum Stage {
        case resting
        case starting
        case serving(Doors)
        /// Why it ended, and until when, by the clock that never runs backwards, it is left alone.
        case ended(UpstreamProblem, until: Double)
        case closed
    }

    public init(
        _ access: Access, commands: any CommandDoor, time: TimeSource, backoff: Backoff = Backoff()
    ) {
        self.access = access
        self.commands = commands
        self.time = time
        self.backoff = backoff
    }

    // MARK: questions

    public func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        let door = try await doors().questions
        let reply: HTTPReply
        do throws(UpstreamProblem) { reply = try await door.ask(question) } catch { throw told(error) }
        await look(at: reply)
        return reply
    }

    public func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        let door = try await doors().streams
        let reply: HTTPReply
        do throws(UpstreamProblem) {
            reply = try await door.follow(question, patience: patience, opened: opened, take)
        } catch {
            throw told(error)
        }
        await look(at: reply)
        return reply
    }

    /// Somebody wants to know now: a login that failed is tried again.
    public func renew() { login = nil }

    /// The door speaks of a service at an address; here it is kubectl on this machine.
    private func told(_ problem: UpstreamProblem) -> UpstreamProblem {
        guard problem.reason == .unreachable else { return problem }
        return UpstreamProblem(
            .unreachable, "kubectl proxy of \(access.name) has ended.", advice: "It is started again by itself.")
    }

    private func look(at reply: HTTPReply) async {
        if reply.status >= 500, String(decoding: reply.body.prefix(2000), as: UTF8.self).contains("getting credentials")
        {
            let problem = UpstreamProblem(
                .status(reply.status), "The login program of \(access.name) failed: \(Kubeconfig.said(output.text)).",
                advice:
                    "Run `\(access.commandLine) get ns` once by hand: it may want to ask you something; then press r.")
            login = (problem, time.uptime() + Self.loginRest)
        }
        // Credentials that are refused may have been renewed in the kubeconfig.
        guard reply.status == 401, let startedAt, time.uptime() - startedAt >= Self.renewal else { return }
        life?.cancel()
        await life?.value
    }

    private func doors() async throws(UpstreamProblem) -> Doors {
        if let login, time.uptime() < login.until { throw login.problem }
        switch stage {
        case .serving(let doors): return doors
        case .ended(let problem, let until) where time.uptime() < until: throw problem
        case .resting, .ended: start()
        case .starting: break
        case .closed:
            throw UpstreamProblem(.cut, "\(access.name) is no longer read.", advice: "Nothing is to be done.")
        }
        return try await withCheckedContinuation { waiting.append($0) }.get()
    }

    // MARK: life

    private func start() {
        stage = .starting
        startedAt = time.uptime()
        life = Task { await self.live() }
    }

    /// Ends the program; waits until it is gone. Nothing may be asked afterwards.
    public func close() async {
        life?.cancel()
        await life?.value
        life = nil
        stage = .closed
    }

    private func live() async {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-\(Self.word())")
        let problem: UpstreamProblem
        do throws(UpstreamProblem) {
            // A proxy starts with a kubeconfig that makes no sense, too; this says what is wrong with it.
            context = try await Kubeconfig.read(access, commands: commands).context(of: access)
            problem = try await serve(in: folder)
        } catch {
            problem = error
        }
        try? FileManager.default.removeItem(at: folder)
        if case .serving(let doors) = stage { await doors.close() }
        failures += 1
        stage =
            Task.isCancelled
            ? .resting : .ended(problem, until: time.uptime() + backoff.wait(failures: failures, chance: 0))
        settle(.failure(problem))
    }

    private func settle(_ result: Result<Doors, UpstreamProblem>) {
        let all = waiting
        waiting = []
        for continuation in all { continuation.resume(returning: result) }
    }

    /// - Returns: why it ended.
    private func serve(in folder: URL) async throws(UpstreamProblem) -> UpstreamProblem {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw UpstreamProblem(
                .misconfigured, "The folder \(folder.path) for kubectl's socket cannot be made.",
                advice: "Set TMPDIR to a folder that you may write to.")
        }
        let socket = folder.appendingPathComponent("api").path
        let proxy = access.command(["proxy", "--unix-socket", socket])
        let kept = Command("/bin/sh", ["-c", Self.keeper, "slipway", socket, proxy.program] + proxy.arguments)
        let output = Output()
        self.output = output
        let time = self.time
        do throws(CommandProblem) {
            try await commands.converse(kept) { talk in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        try await talk.read { piece in
                            if output.add(piece).contains("Starting to serve") { await self.serving(socket) }
                        }
                        return true
                    }
                    group.addTask {
                        try await time.sleep(Self.startLimit)
                        guard await self.isServing else { throw CommandProblem.timedOut(Self.startLimit) }
                        return false
                    }
                    while let hasEnded = try await group.next(), !hasEnded {}
                    group.cancelAll()
                }
            }
        } catch {
            throw Kubeconfig.problem(error, program: access.program)
        }
        return UpstreamProblem(
            .cut, "kubectl proxy of \(access.name) ended: \(Kubeconfig.said(output.text)).",
            advice: "It is started again by itself.")
    }

    private var isServing: Bool { if case .serving = stage { true } else { false } }

    private func serving(_ socket: String) {
        guard case .starting = stage else { return }
        do throws(UpstreamProblem) {
            let base = "http+unix://\(KubeResource.escaped(socket))"
            let doors = Doors(
                questions: try HTTPClientDoor(base: base, name: access.name, connections: 16, environment: [:]),
                streams: try HTTPClientDoor(base: base, name: access.name, connections: Self.streams, environment: [:]))
            failures = 0
            stage = .serving(doors)
            settle(.success(doors))
        } catch {
            settle(.failure(error))
        }
    }

    /// Hard to guess and short: a socket's path may have 107 bytes.
    private static func word() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }
}

extension KubectlProxy {
    /// The end of what it has printed: kubectl complains there of a login program that failed.
    private final class Output: Sendable {
        private static let limit = 8192
        private let bytes = Mutex<[UInt8]>([])

        var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

        func add(_ piece: [UInt8]) -> String {
            bytes.withLock { $0 = ($0 + piece).suffix(Self.limit) }
            return text
        }
    }
}
