import Fleet
import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs programs as child processes.
public struct SubprocessDoor: CommandDoor {
    /// Of the error output no more is kept, in bytes.
    private static let errorLimit = 64 << 10
    /// How long a program that is asked to end may take before it is killed, in milliseconds.
    private static let grace = 500

    private let time: TimeSource

    public init(time: TimeSource = .system) { self.time = time }

    /// A session of its own keeps it away from our terminal, and lets the whole group be ended: a child of the child must not survive.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(grace))
        ]
        return options
    }

    private static func configuration(_ command: Command) -> Configuration {
        Configuration(
            executable: command.program.contains("/") ? .path(.init(command.program)) : .name(command.program),
            arguments: Arguments(command.arguments),
            environment: .inherit.updating(
                Dictionary(
                    uniqueKeysWithValues: command.environment.compactMap { name, value in
                        Environment.Key(rawValue: name).map { ($0, value) }
                    })),
            platformOptions: options)
    }

    public func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
        let time = self.time
        let outcome = await withTaskGroup(of: Result<CommandResult, CommandProblem>.self) { group in
            group.addTask { await Self.result(of: command, limit: limit) }
            group.addTask {
                try? await time.sleep(deadline)
                return .failure(.timedOut(deadline))
            }
            let first = await group.next() ?? .failure(.timedOut(deadline))
            // Waits for the program to be gone: its task returns only then.
            group.cancelAll()
            return first
        }
        // A cancelled run returns normally, with whatever was there.
        if Task.isCancelled { throw .failed("it was given up") }
        return try outcome.get()
    }

    private static func result(of command: Command, limit: Int) async -> Result<CommandResult, CommandProblem> {
        do {
            let ended = try await Subprocess.run(
                configuration(command), input: .none, output: .sequence, error: .sequence
            ) { execution in
                async let errors = first(errorLimit, of: execution.standardError)
                var output: [UInt8] = []
                for try await piece in execution.standardOutput {
                    output.append(contentsOf: bytes(piece))
                    guard output.count <= limit else { throw CommandProblem.tooLarge(limit) }
                }
                return (output, try await errors)
            }
            let status: Int =
                switch ended.terminationStatus {
                case .exited(let code): Int(code)
                case .signaled(let signal): -Int(signal)
                }
            let (output, errors) = ended.closureResult
            return .success(
                CommandResult(
                    status: status, output: Data(output), errors: String(decoding: errors, as: UTF8.self)))
        } catch {
            return .failure(problem(error))
        }
    }

    public func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem) {
        do {
            _ = try await Subprocess.run(
                Self.configuration(command), input: .inputWriter, output: .sequence, error: .discarded
            ) { execution in
                try await body(Talk(input: execution.standardInputWriter, output: execution.standardOutput))
                // The program may go on for ever: it is ended, not waited for.
                await execution.teardown(using: Self.options.teardownSequence)
            }
        } catch {
            throw Self.problem(error)
        }
    }

    private struct Talk: Conversation {
        let input: StandardInputWriter
        let output: SubprocessOutputSequence

        func write(_ bytes: [UInt8]) async throws { _ = try await input.write(bytes) }

        func read(_ take: @Sendable ([UInt8]) async throws -> Void) async throws {
            for try await piece in output { try await take(SubprocessDoor.bytes(piece)) }
        }
    }

    /// Reads to the end, so that a program that complains a lot is not held up, and keeps the beginning.
    private static func first(_ count: Int, of sequence: SubprocessOutputSequence) async throws -> [UInt8] {
        var kept: [UInt8] = []
        for try await piece in sequence where kept.count < count {
            kept.append(contentsOf: bytes(piece).prefix(count - kept.count))
        }
        return kept
    }

    private static func bytes(_ piece: SubprocessOutputSequence.Buffer) -> [UInt8] {
        piece.withUnsafeBytes { Array($0) }
    }

    private static func problem(_ error: any Error) -> CommandProblem {
        switch error {
        case let problem as CommandProblem: return problem
        case let error as SubprocessError where error.code == .executableNotFound: return .missing
        case let error as SubprocessError where error.code == .spawnFailed: return .missing
        default: return .failed(SafeText.line("\(error)", limit: 200))
        }
    }
}
