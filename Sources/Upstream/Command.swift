#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A program to run. Arguments are handed over as they are, never through a shell.
public struct Command: Sendable, Equatable {
    /// A path, or a name that is looked for in `PATH`.
    public var program: String
    public var arguments: [String]
    /// Added to our own environment; these may hold secrets and are never told.
    public var environment: [String: String]

    public init(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}

/// What a program that has ended left behind.
public struct CommandResult: Sendable, Equatable {
    /// The exit status; the signal's number below zero when one ended it.
    public var status: Int
    public var output: Data
    /// The first part of its error output.
    public var errors: String

    public init(status: Int, output: Data, errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }
}

/// Why a program gave no result.
public enum CommandProblem: Error, Sendable, Equatable {
    /// It does not exist or may not be run.
    case missing
    /// It did not end within so many seconds, and was ended.
    case timedOut(Double)
    /// It wrote more than so many bytes, and was ended.
    case tooLarge(Int)
    /// It could not be started or read for another reason, in the system's words.
    case failed(String)
}

/// Where programs are run. Each runs in a session of its own, so that it cannot ask for a password on our screen, and is ended with
/// everything it started.
public protocol CommandDoor: Sendable {
    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - deadline: seconds after which it is ended.
    ///   - limit: the most bytes of output that are read.
    func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult

    /// Runs a program that is talked to while it runs, until `body` returns; then it is ended.
    func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem)
}

/// A running program: what is written goes to its input; what it writes comes in pieces of any size.
public protocol Conversation: Sendable {
    func write(_ bytes: [UInt8]) async throws
    /// Ends by returning when the program closes its output.
    func read(_ take: @Sendable ([UInt8]) async throws -> Void) async throws
}
