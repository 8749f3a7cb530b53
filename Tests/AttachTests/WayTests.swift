import Fleet
import Foundation
import Testing
import Upstream

@testable import Attach

/// How another host is reached, and what is said when it is not.
@Suite struct WayTests {
    @Test(
        arguments: [
            (["ssh: Could not resolve hostname nowhere: Name or service not known"], "There is no host ops."),
            (
                ["me@ops: Permission denied (publickey)."],
                "ops does not let us in: me@ops: Permission denied (publickey)."
            ),
            (["Host key verification failed."], "The host key of ops is not in known_hosts yet."),
            (
                ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "Host key verification failed."],
                "ops shows another host key than the one in known_hosts."
            ),
            (
                ["ssh: connect to host ops port 22: Connection refused"],
                "ops cannot be reached: ssh: connect to host ops port 22: Connection refused."
            ),
            (["slipway: 1: exec: ssh: not found"], "There is no program ssh on this machine."),
            (["slipway-is-absent Linux x86_64"], "There is no slipway on ops."),
            (
                ["slipway: There is no command agent.", "  There are: dashboard, status."],
                "The slipway on ops is too old to be attached to."
            ),
            ([], "ops cannot be reached: it said nothing."),
        ] as [([String], String)])
    func whatComesInsteadOfAGreeting(said: [String], sentence: String) {
        let way = SSHWay(SSHLine(host: "ops"), program: FarProgram(), commands: NoCommands())
        let problem = way.problem(said: said)
        #expect(problem.sentence == sentence)
        #expect(!problem.advice.isEmpty)
        if sentence.hasPrefix("There is no slipway") {
            #expect(problem.advice.contains(#"scp "$(command -v slipway)" ops:.local/bin/"#))
        }
    }

    @Test func aHostIsNeverAnOption() async {
        for host in ["-oProxyCommand=x", "", "a b", "a\nb"] {
            let way = SSHWay(SSHLine(host: host), program: FarProgram(), commands: NoCommands())
            do throws(UpstreamProblem) {
                try await way.open { _ in }
                Issue.record("\(host) was asked for")
            } catch {
                #expect(error.reason == .misconfigured)
            }
        }
        let command = SSHLine(host: "ops").talk("x")
        #expect(command.arguments.suffix(3) == ["--", "ops", "x"])
        // Nobody is asked for anything over a screen.
        #expect(command.arguments.contains("BatchMode=yes"))
        #expect(!SSHLine(host: "ops").signIn.contains("BatchMode=yes"))
    }

    private struct NoCommands: CommandDoor {
        func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
            throw .missing
        }
        func converse(
            _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
        ) async throws(CommandProblem) { throw .missing }
    }

    /// The command runs in a real shell, as sshd would run it.
    private static func run(_ program: FarProgram, home: URL, path: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", program.command]
        process.environment = ["HOME": home.path, "PATH": path + ":/usr/bin:/bin"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func theFarProgramIsFoundWhereItIs() throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("sw far-\(UUID())")
        defer { try? FileManager.default.removeItem(at: home) }
        func put(_ path: String) throws {
            let file = home.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("#!/bin/sh\necho \"\(path) $*\"\n".utf8).write(to: file)
            chmod(file.path, 0o755)
        }
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let path = home.path + "/bin"
        #expect(try Self.run(FarProgram(), home: home, path: path).first?.hasPrefix("slipway-is-absent ") == true)
        try put(".local/bin/slipway")
        #expect(try Self.run(FarProgram(), home: home, path: path) == [".local/bin/slipway agent --stdio"])
        try put("bin/slipway")
        #expect(try Self.run(FarProgram(), home: home, path: path) == ["bin/slipway agent --stdio"])
        try put("it's here/my slipway")
        #expect(
            try Self.run(FarProgram(path: "~/it's here/my slipway"), home: home, path: path)
                == ["it's here/my slipway agent --stdio"])
        #expect(
            try Self.run(FarProgram(path: "/no/such"), home: home, path: path).first?.hasPrefix("slipway-is-absent")
                == true)
    }
}
