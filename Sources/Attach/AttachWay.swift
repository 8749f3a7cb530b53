import Fleet
import Upstream

/// A way to a host that collects.
public protocol AttachWay: Sendable {
    /// What a person calls the host.
    var place: String { get }

    /// Talks with the slipway there until `body` returns, or the task is cancelled; then nothing of it is left on this side.
    func open(_ body: @escaping @Sendable (any Conversation) async throws -> Void) async throws(UpstreamProblem)

    /// Why nobody has greeted.
    ///
    /// - Parameter said: the lines that came instead, harmless.
    func problem(said: [String]) -> UpstreamProblem
}

/// The agent of this machine.
public struct SocketWay: AttachWay {
    public let socket: AgentSocket
    public let place: String

    public init(_ socket: AgentSocket, place: String = "this machine") {
        self.socket = socket
        self.place = place
    }

    public func open(
        _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(UpstreamProblem) {
        do {
            try await SocketTalk.connect(socket.path, body)
        } catch let problem as UpstreamProblem {
            throw problem
        } catch {
            throw problem(said: [])
        }
    }

    public func problem(said: [String]) -> UpstreamProblem {
        UpstreamProblem(
            .unreachable, "No agent answers at \(socket.path).",
            advice: "Start `slipway agent`, or open the dashboard again: it collects by itself then.")
    }
}

/// A host behind ssh.
public struct SSHWay: AttachWay {
    public let line: SSHLine
    public let program: FarProgram
    private let commands: any CommandDoor

    public var place: String { line.host }

    public init(_ line: SSHLine, program: FarProgram, commands: any CommandDoor) {
        self.line = line
        self.program = program
        self.commands = commands
    }

    public func open(
        _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(UpstreamProblem) {
        if let fault = line.fault { throw UpstreamProblem(.misconfigured, fault, advice: "Name a host.") }
        do throws(CommandProblem) {
            try await commands.converse(line.talk(program.command)) { talk in
                // ssh has ended, or we do not want it any more: why is known from what was said.
                do { try await body(talk) } catch {}
            }
        } catch {
            guard error == .missing else { throw problem(said: []) }
            throw UpstreamProblem(
                .misconfigured, "The shell /bin/sh cannot be run.", advice: "It is needed to start ssh.")
        }
    }

    public func problem(said: [String]) -> UpstreamProblem {
        program.problem(said: said, host: line.host) ?? line.problem(said: said)
    }
}

extension SSHLine {
    /// Starts a program there and talks with it. What ssh itself says comes with the output: it is the only place where it says why.
    func talk(_ remote: String) -> Command {
        Command(
            "/bin/sh", ["-c", #"exec "$@" 2>&1"#, "slipway", "ssh"] + arguments(["Compression=yes"]) + [remote])
    }
}
