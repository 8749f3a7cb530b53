import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("Builds on a builder behind ssh", .serialized)
struct RemoteBuildsTests {
    /// In the place of ssh, a shell here with another home: what is written into it is what a builder would be given.
    private struct Shell: CommandDoor {
        let home: String
        var refusal: String?
        /// bash reads a script line by line, dash in blocks.
        var shell = "sh"
        /// A program through which goes what a shell there answers.
        var cut: String?
        var status = 255

        private func here(_ command: Command) -> Command {
            guard command.program == "ssh" else { return command }
            if let refusal {
                return Command("/bin/sh", ["-c", "echo \"$1\" >&2; exit $2", "sh", refusal, "\(status)"])
            }
            var words = Array(command.arguments.drop { $0 != "--" }.dropFirst(2))
            if words.first == "sh" { words[0] = shell }
            if let cut, words.count > 1 { words = ["sh", "-c", "\(words.joined(separator: " ")) | \(cut)"] }
            return Command("/usr/bin/env", words, environment: ["HOME": home])
        }

        func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
            try await BuildRig.commands.run(here(command), deadline: deadline, limit: limit)
        }

        func converse(
            _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
        ) async throws(CommandProblem) {
            try await BuildRig.commands.converse(here(command), body)
        }
    }

    private func place(_ rig: BuildRig, _ shape: (inout Shell) -> Void = { _ in }) -> RemoteBuilds {
        var shell = Shell(home: rig.state + "/far")
        shape(&shell)
        return RemoteBuilds(
            line: SSHLine(host: "builder@far"), local: rig.builds, commands: shell, time: .patient)
    }

    @Test(arguments: ["sh", "bash"])
    func aBuildIsStartedFoundFollowedAndDone(shell: String) async throws {
        let rig = try BuildRig()
        try FileManager.default.createDirectory(atPath: rig.state + "/far", withIntermediateDirectories: true)
        let far = place(rig) { $0.shell = shell }
        #expect(try await far.builds().isEmpty)
        let record = try await far.start(BuildRig.request(["zlib", "it's +x"]))
        let pieces = Pieces()
        try await place(rig) { $0.shell = shell }.follow(record.id, from: .start) { pieces.add($0) }
        #expect(pieces.text.contains("SLIPWAY_END") && pieces.text.contains("0 it's +x\n"))
        #expect(pieces.text.hasSuffix(" 0\n"), "to its end")
        let known = try #require(try await far.builds().first)
        guard case .ended(let end) = known.life else { Issue.record("\(known.life)"); return }
        #expect(end.status == 0 && known.record.host == "builder@far" && known.record.packages == ["zlib", "it's +x"])
        #expect(await rig.builds.hosts() == ["builder@far"])
        #expect(try await rig.builds.builds().isEmpty, "it is the builder's")
        // Whoever comes back goes on where he was.
        let offset = pieces.text.utf8.count - 10
        let rest = Pieces()
        try await far.follow(record.id, from: BuildPlace(offset: offset)) { rest.add($0) }
        #expect(rest.text == String(pieces.text.suffix(10)))
        await rig.remove()
    }

    @Test func aBuildIsStopped() async throws {
        let rig = try BuildRig()
        try FileManager.default.createDirectory(atPath: rig.state + "/far", withIntermediateDirectories: true)
        let far = place(rig)
        let id = try await far.start(BuildRig.request(["slow"])).id
        #expect(try await far.builds().first?.life == .running)
        try await far.stop(id)
        guard case .ended(let end)? = try await far.builds().first?.life else { Issue.record("not ended"); return }
        #expect(end.status == BuildEnd.stopped)
        #expect(try await rig.isClean(id))
        let nothing = await #expect(throws: UpstreamProblem.self) { try await far.stop("20261121-1530-ab12") }
        #expect(nothing?.sentence == "There is no build 20261121-1530-ab12 on builder@far.")
        await rig.remove()
    }

    @Test func aStartWhoseAnswerIsLostIsFoundAgain() async throws {
        let rig = try BuildRig()
        try FileManager.default.createDirectory(atPath: rig.state + "/far", withIntermediateDirectories: true)
        // The word that it has started never comes; what else is asked is answered.
        let far = place(rig) { $0.cut = "sed '/^started$/d'" }
        let id = try await far.start(BuildRig.request(["slow"])).id
        #expect(try await far.builds().map(\.id) == [id])
        try await far.stop(id)
        await rig.remove()
    }

    /// How many are there at the same time.
    private final class Crowd: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func come() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }

        func go() { counts.withLock { $0.now -= 1 } }
    }

    /// sshd refuses some by chance when more than ten have not yet said who they are.
    @Test func fewConnectionsAreOpenedAtATime() async throws {
        let queue = BuilderQueue()
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let turn = await queue.enter()
                    crowd.come()
                    await Task.yield()
                    crowd.go()
                    turn.leave()
                    turn.leave()
                }
            }
        }
        #expect((1...4).contains(crowd.most))
    }

    @Test(
        arguments: [
            (
                "user@far: Permission denied (publickey).",
                "builder@far does not let us in: user@far: Permission denied (publickey)."
            ),
            ("Host key verification failed.", "The host key of builder@far is not in known_hosts yet."),
            (
                """
                @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
                Offending ED25519 key in /home/me/.ssh/known_hosts:3
                Host key verification failed.
                """,
                "builder@far shows another host key than the one in /home/me/.ssh/known_hosts:3."
            ),
            (
                """
                Load key "/home/me/key": bad permissions
                user@far: Permission denied (publickey).
                """,
                "builder@far does not let us in: Load key \"/home/me/key\": bad permissions"
            ),
            (
                "ssh: Could not resolve hostname far: Name or service not known", "There is no host builder@far."
            ),
            (
                "ssh: connect to host far port 22: Connection refused",
                "builder@far cannot be reached: ssh: connect to host far port 22: Connection refused."
            ),
        ])
    func whatSshSaysIsTold(says: String, sentence: String) async throws {
        let rig = try BuildRig()
        let far = place(rig) { $0.refusal = says }
        #expect(await #expect(throws: UpstreamProblem.self) { try await far.builds() }?.sentence == sentence)
        #expect(
            await #expect(throws: UpstreamProblem.self) { try await far.start(BuildRig.request(["zlib"])) }?.sentence
                == sentence)
        #expect(
            await #expect(throws: UpstreamProblem.self) {
                try await far.follow("20261121-1530-ab12", from: .start) { _ in }
            }?.sentence == sentence)
        await rig.remove()
    }

    @Test func anAccountWithoutAShellIsNotUnreachable() async throws {
        let rig = try BuildRig()
        let far = place(rig) {
            $0.refusal = "This account is currently not available."
            $0.status = 1
        }
        let problem = await #expect(throws: UpstreamProblem.self) { try await far.builds() }
        #expect(
            problem?.sentence
                == "builder@far lets us in, but runs no command: This account is currently not available.")
        await rig.remove()
    }

    @Test func theCommandLineIsWords() {
        var line = SSHLine(host: "me@far")
        #expect(
            line.shell.arguments == [
                "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ServerAliveInterval=15", "-o",
                "ServerAliveCountMax=3", "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o",
                "ClearAllForwardings=yes", "-o", "RemoteCommand=none", "-o", "RequestTTY=no", "-o", "ControlMaster=no",
                "-o", "ConnectTimeout=10", "--", "me@far", "sh", "-s",
            ])
        line.options = ["IdentityFile=/a b"]
        line.control = "/run/me"
        #expect(
            Array(line.greeting.arguments.suffix(7)) == [
                "-o", "ControlPath=/run/me", "-o", "IdentityFile=/a b", "--", "me@far", "true",
            ])
        for host in ["", "-oProxyCommand=x", "a b", "a\nb"] { #expect(SSHLine(host: host).fault != nil) }
        #expect(line.fault == nil)
        #expect(BuildShell.text("echo", ["it's", "$(x)", ""]) == "{\necho\nset -- 'it'\\''s' '$(x)' ''\necho\n}\n")
    }

    @Test func theLogsHeaderIsFoundBehindWhatAShellPrints() {
        let log = RemoteLog(from: 4, time: ManualTime().source)
        #expect(log.take([UInt8]("Welcome!\nsi".utf8)) == [])
        let pieces = log.take([UInt8]("ze 6 0\nab".utf8))
        #expect(
            pieces == [
                .bytes([0x61, 0x62], place: BuildPlace(offset: 6), written: ManualTime.start, isPast: true), .caughtUp,
            ])
        #expect(
            log.take([0x63])
                == [.bytes([0x63], place: BuildPlace(offset: 7), written: ManualTime.start, isPast: false)])
        let cut = RemoteLog(from: 400, time: ManualTime().source)
        #expect(cut.take([UInt8]("size 0 1\n".utf8)) == [.restarted(.truncated), .caughtUp] && cut.wasEnded)
    }
}
