import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The vendor's Python library, loaded once and asked many times: 2 % of what a process for every question costs.
///
/// The interpreter runs `pcluster_worker.py` and is started anew when it ends, with the general backoff. Close it when it is no longer needed.
public actor WarmInterpreter: PclusterDoor {
    public enum Condition: Sendable, Equatable {
        case starting
        /// The library's version.
        case ready(version: String)
        /// It cannot load the library; asking again is of no use.
        case unfit(String)
        /// It ended or could not be started, and is tried again.
        case ended(String)
    }

    /// The worker keeps the deadlines; if it does not, it hangs itself, and is ended so many seconds later.
    private static let grace: Double = 5
    /// Loading takes a second on a quiet machine.
    private static let startLimit: Double = 60

    private let command: Command
    private let commands: any CommandDoor
    private let time: TimeSource
    private let backoff = Backoff()
    private(set) var condition = Condition.starting
    private var life: Task<Void, Never>?
    private var lines: AsyncStream<[UInt8]>.Continuation?
    private var waiting: [Int: CheckedContinuation<Result<Data, PclusterProblem>, Never>] = [:]
    /// Questions that came before the worker was ready.
    private var unsent: [(id: Int, line: [UInt8])] = []
    private var frames = WorkerFrames()
    private var lastID = 0
    private var failures = 0

    public init(interpreter: String, environment: [String: String], commands: any CommandDoor, time: TimeSource) {
        let script = String(decoding: PackageResources.pcluster_worker_py, as: UTF8.self)
        // Isolated from the folder it is started in, as the vendor's own script is.
        command = Command(interpreter, ["-c", script], environment: environment)
        self.commands = commands
        self.time = time
    }

    // MARK: questions

    public func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        struct Line: Encodable {
            var id: Int
            var region: String
            var command: String
            var arguments: [String: String]
            var deadline: Double
        }
        let arguments = Dictionary(
            question.parameters.map { ($0.name.replacing("-", with: "_"), $0.value) }, uniquingKeysWith: { $1 })
        return try await answer(deadline: question.deadline) { id in
            Line(
                id: id, region: question.region, command: question.command.rawValue.replacing("-", with: "_"),
                arguments: arguments, deadline: question.deadline)
        }
    }

    /// The worker's processes, for counting what they hold in memory; empty while it does not run.
    public func processes() async -> [Int] {
        struct Line: Encodable {
            var id: Int
            var command = "stats"
        }
        struct Stats: Decodable { var pids: [Int] }
        guard case .ready = condition, let data = try? await answer(deadline: 2, { Line(id: $0) }) else { return [] }
        return (try? JSONDecoder().decode(Stats.self, from: data).pids) ?? []
    }

    private func answer(
        deadline: Double, _ line: (Int) -> some Encodable
    ) async throws(PclusterProblem) -> Data {
        if case .unfit(let reason) = condition { throw .missing(reason) }
        start()
        lastID += 1
        let id = lastID
        guard let bytes = try? JSONEncoder().encode(line(id)) else { throw .unreadable }
        let time = self.time
        // Questions of one region wait for each other, and not more than two are under way.
        let limit = 2 * deadline + Self.grace
        return try await withTaskGroup(of: Void.self) { group in
            // Time runs from when it is sent: loading the library is not the question's fault.
            group.addTask {
                guard (try? await time.sleep(limit)) != nil else { return await self.giveUp(id, .timedOut(deadline)) }
                await self.expire(id, deadline: deadline)
            }
            let result = await withCheckedContinuation { continuation in
                waiting[id] = continuation
                send(id, Array(bytes) + [0x0A])
            }
            group.cancelAll()
            return result
        }.get()
    }

    private func send(_ id: Int, _ line: [UInt8]) {
        if case .ready = condition, let lines { lines.yield(line) } else { unsent.append((id, line)) }
    }

    private func giveUp(_ id: Int, _ problem: PclusterProblem) {
        unsent.removeAll { $0.id == id }
        waiting.removeValue(forKey: id)?.resume(returning: .failure(problem))
    }

    /// A question that the worker itself let go by: it hangs, and is started anew.
    private func expire(_ id: Int, deadline: Double) async {
        guard waiting[id] != nil else { return }
        if case .ready = condition {
            giveUp(id, .timedOut(deadline))
            lines?.finish()
        } else {
            guard (try? await time.sleep(Self.startLimit)) != nil else { return giveUp(id, .timedOut(deadline)) }
            giveUp(id, .timedOut(Self.startLimit))
            // It hangs while it loads: the conversation ends, and with it the process.
            lines?.finish()
        }
    }

    // MARK: life

    private func start() {
        guard life == nil else { return }
        life = Task { await self.live() }
    }

    /// Ends the interpreter and everything it started; waits until it is gone.
    public func close() async {
        life?.cancel()
        await life?.value
        life = nil
        fail(.died("it was closed"))
    }

    private func live() async {
        while !Task.isCancelled {
            condition = .starting
            frames = WorkerFrames()
            let (stream, lines) = AsyncStream.makeStream(of: [UInt8].self)
            self.lines = lines
            var reason = "it ended"
            do throws(CommandProblem) {
                try await commands.converse(command) { talk in try await self.talk(talk, stream) }
            } catch {
                reason = Self.sentence(error, program: command.program)
                if error == .missing { condition = .unfit(reason) }
            }
            self.lines = nil
            if case .unfit(let reason) = condition { return fail(.missing(reason)) }
            fail(.died(reason))
            if Task.isCancelled { return }
            condition = .ended(reason)
            failures += 1
            try? await time.sleep(backoff.wait(failures: failures, chance: 0))
        }
    }

    private func talk(_ talk: any Conversation, _ lines: AsyncStream<[UInt8]>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await line in lines { try await talk.write(line) } }
            group.addTask { try await talk.read { try await self.hear($0) } }
            // Whichever ends first ends the conversation.
            try await group.next()
            group.cancelAll()
        }
    }

    private func hear(_ piece: [UInt8]) throws {
        for frame in try frames.take(piece) { take(frame) }
    }

    private func take(_ frame: WorkerFrames.Frame) {
        struct Told: Decodable {
            var version: String?
            var message: String?
        }
        let told = try? JSONDecoder().decode(Told.self, from: frame.body)
        let result: Result<Data, PclusterProblem>
        switch frame.outcome {
        case .ready:
            condition = .ready(version: SafeText.line(told?.version ?? "unknown", limit: 20))
            failures = 0
            for (_, line) in unsent { lines?.yield(line) }
            unsent = []
            return
        case .unfit:
            condition = .unfit(SafeText.line(told?.message ?? "it gives no reason", limit: 200))
            lines?.finish()
            return
        case .ok, .stats: result = .success(frame.body)
        case .refused: result = .failure(.refused(message: SafeText.line(told?.message ?? "it gives no reason")))
        case .timeout: result = .failure(.timedOut(PclusterQuestion.usualDeadline))
        case .died: result = .failure(.died(SafeText.line(told?.message ?? "it gives no reason")))
        case .large: result = .failure(.tooLarge(Int(String(decoding: frame.body, as: UTF8.self)) ?? 0))
        }
        waiting.removeValue(forKey: frame.id)?.resume(returning: result)
    }

    private func fail(_ problem: PclusterProblem) {
        unsent = []
        let all = waiting
        waiting = [:]
        for continuation in all.values { continuation.resume(returning: .failure(problem)) }
    }

    static func sentence(_ problem: CommandProblem, program: String) -> String {
        switch problem {
        case .missing: "\(program) does not exist or may not be run"
        case .timedOut(let seconds): "\(program) did not end within \(DurationText.short(seconds))"
        case .tooLarge(let bytes): "\(program) wrote more than \(bytes >> 20) MB"
        case .failed(let reason): "\(program) could not be run: \(reason)"
        }
    }
}
