import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Upstream

/// Programs that behave as told.
final class ScriptedCommands: CommandDoor {
    private struct State {
        var result: Result<CommandResult, CommandProblem> = .failure(.missing)
        /// What each conversation writes after it was started; the last one serves for all that follow.
        var talks: [@Sendable ([UInt8]) -> [UInt8]] = []
        var greeting: [UInt8] = []
        var started = 0
        var ran: [Command] = []
    }

    private let state = Mutex(State())

    func result(_ result: Result<CommandResult, CommandProblem>) { state.withLock { $0.result = result } }
    func greet(_ text: String) { state.withLock { $0.greeting = Array(text.utf8) } }
    var started: Int { state.withLock { $0.started } }
    var ran: [Command] { state.withLock { $0.ran } }
    /// What is answered to each line that is written; nil ends the conversation.
    let reply = Mutex<@Sendable (String) -> String?>({ _ in nil })

    func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
        state.withLock { $0.ran.append(command) }
        return try state.withLock { $0.result }.get()
    }

    func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem) {
        let greeting = state.withLock { state in
            state.started += 1
            return state.greeting
        }
        guard !greeting.isEmpty else { throw .missing }
        let (pieces, output) = AsyncStream.makeStream(of: [UInt8].self)
        output.yield(greeting)
        let talk = Talk(pieces: pieces) { bytes in
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                guard let answer = self.reply.withLock({ $0 })(String(line)) else { return output.finish() }
                output.yield(Array(answer.utf8))
            }
        }
        do { try await body(talk) } catch { throw .failed("\(error)") }
    }

    struct Talk: Conversation {
        let pieces: AsyncStream<[UInt8]>
        let take: @Sendable ([UInt8]) -> Void

        func write(_ bytes: [UInt8]) async throws { take(bytes) }
        func read(_ take: @Sendable ([UInt8]) async throws -> Void) async throws {
            for await piece in pieces { try await take(piece) }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct PclusterTests {
    private static let ready = "0 ready 21\n{\"version\": \"3.16.1\"}"

    /// A frame that answers the line's question.
    private static func frame(_ line: String, _ outcome: String, _ body: String) -> String {
        struct Line: Decodable { var id: Int }
        let id = (try? JSONDecoder().decode(Line.self, from: Data(line.utf8)))?.id ?? -1
        return "\(id) \(outcome) \(body.utf8.count)\n\(body)"
    }

    private func warm(_ commands: ScriptedCommands) -> WarmInterpreter {
        WarmInterpreter(interpreter: "/venv/bin/python", environment: [:], commands: commands, time: .system)
    }

    private let question = PclusterQuestion(.listClusters, region: "us-east-1")

    @Test func questionsGoToTheInterpreterAndAnswersComeBack() async throws {
        let commands = ScriptedCommands()
        commands.greet(Self.ready)
        commands.reply.withLock { $0 = { Self.frame($0, "ok", #"{"clusters": []}"#) } }
        let warm = warm(commands)
        let answer = try await warm.ask(question)
        #expect(String(decoding: answer, as: UTF8.self) == #"{"clusters": []}"#)
        #expect(await warm.condition == .ready(version: "3.16.1"))
        await warm.close()
    }

    @Test(arguments: [
        ("refused", #"{"message": "Rate exceeded"}"#, PclusterProblem.refused(message: "Rate exceeded")),
        ("timeout", "", .timedOut(20)), ("died", #"{"message": "killed"}"#, .died("killed")),
        ("large", "9000000", .tooLarge(9_000_000)),
    ])
    func failuresKeepTheirReason(outcome: String, body: String, problem: PclusterProblem) async {
        let commands = ScriptedCommands()
        commands.greet(Self.ready)
        commands.reply.withLock { $0 = { Self.frame($0, outcome, body) } }
        let warm = warm(commands)
        await #expect(throws: problem) { try await warm.ask(question) }
        await warm.close()
    }

    @Test func anInterpreterThatDiesIsStartedAgain() async throws {
        let commands = ScriptedCommands()
        commands.greet(Self.ready)
        let warm = warm(commands)
        await #expect(throws: PclusterProblem.self) { try await warm.ask(question) }
        commands.reply.withLock { $0 = { Self.frame($0, "ok", "{}") } }
        _ = try await warm.ask(question)
        #expect(commands.started >= 2)
        await warm.close()
    }

    @Test func aLibraryThatCannotBeLoadedIsReplacedByTheCommandLine() async throws {
        let commands = ScriptedCommands()
        let reason = #"{"message": "No module named 'pcluster'"}"#
        commands.greet("0 unfit \(reason.utf8.count)\n\(reason)")
        commands.result(.success(CommandResult(status: 0, output: Data("{}".utf8))))
        let program = PclusterProgram(
            PclusterInstallation(path: "/opt/pcluster", interpreter: "/usr/bin/python3"), commands: commands,
            time: .system)
        _ = try await program.ask(PclusterQuestion(.describeCluster, region: "eu-west-1", cluster: "a"))
        #expect(commands.ran.first?.arguments == ["describe-cluster", "--cluster-name", "a", "--region", "eu-west-1"])
        guard case .commandLine(_, let reason) = await program.way() else {
            Issue.record("it is not known how it is asked")
            return
        }
        #expect(reason.contains("No module named"))
        await program.close()
    }

    @Test func framesMayComeByteByByte() throws {
        let bytes = Array("0 ready 2\n{}12 ok 0\n3 refused 5\nwhy\n!".utf8)
        var frames = WorkerFrames()
        var found: [WorkerFrames.Frame] = []
        for byte in bytes { found += try frames.take([byte]) }
        #expect(found.map(\.id) == [0, 12, 3])
        #expect(found.map { String(decoding: $0.body, as: UTF8.self) } == ["{}", "", "why\n!"])
        var whole = WorkerFrames()
        #expect(try whole.take(bytes) == found)
    }

    @Test(arguments: ["what is this\n", "1 ok -5\n", "1 ok 99999999999\n", String(repeating: "x", count: 200)])
    func whatIsNoFrameIsRefused(text: String) {
        var frames = WorkerFrames()
        #expect(throws: PclusterProblem.self) { try frames.take(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("err-bad-region", "does not know this region", "us-east-1"),
        ("err-no-credentials", "no AWS credentials", "AWS_PROFILE"),
        ("err-expired-token", "have expired", "aws sso login"), ("err-no-network", "cannot be reached", "network"),
        ("err-throttled-list", "throttling", "less often"), ("err-no-region", "does not know this region", "--region"),
        ("err-unknown-cluster", "does not exist", "major version"),
        ("err-invalid-cluster-name", "does not match", "begins with a letter"),
        ("err-unknown-log-stream", "logging is not enabled", "Monitoring"),
    ])
    func theProgramsMessagesBecomeSentences(fixture: String, sentence: String, advice: String) throws {
        let text = try Fixtures.text("pcluster/\(fixture).json")
        let problem = PclusterProblem.refused(
            message: PclusterCommandLine.message(of: CommandResult(status: 1, output: Data(text.utf8))))
        #expect(problem.sentence.contains(sentence), "\(problem.sentence)")
        #expect(problem.advice.contains(advice), "\(problem.advice)")
        #expect(problem.sentence.hasSuffix(".") && !problem.sentence.contains("\n"))
    }

    @Test func usageErrorsAreFoundAtTheEndOfTheErrorOutput() throws {
        let text = try Fixtures.text("pcluster/err-missing-argument.stderr.txt")
        let message = PclusterCommandLine.message(of: CommandResult(status: 2, output: Data(), errors: text))
        #expect(message.hasSuffix("the following arguments are required: -n/--cluster-name"))
    }

    @Test(arguments: [
        ("#!/opt/venv/bin/python3\nimport sys\n", "/opt/venv/bin/python3"), ("#!/usr/bin/env python3\n", "python3"),
        ("#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\n", "/a b/python"), ("\u{7F}ELF", nil),
        ("#!/bin/sh\nexec pcluster\n", nil), ("", nil),
    ])
    func theInterpreterStandsInTheFirstLine(script: String, interpreter: String?) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pcluster-\(UUID())")
        try Data(script.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        #expect(PclusterInstallation.interpreter(of: path.path) == interpreter)
    }
}
