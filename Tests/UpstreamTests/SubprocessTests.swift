import Foundation
import Synchronization
import Testing

@testable import Upstream

/// Real programs.
@Suite(.timeLimit(.minutes(5))) struct SubprocessTests {
    private let door = SubprocessDoor()
    /// Hundreds of tests run beside these, and two cores may be busy with them for a minute; no program here takes that long.
    private static let patience: Double = 240

    private func shell(_ script: String, deadline: Double = patience, limit: Int = 1 << 20) async throws(CommandProblem)
        -> CommandResult
    {
        try await door.run(Command("/bin/sh", ["-c", script]), deadline: deadline, limit: limit)
    }

    @Test func outputErrorsAndStatusComeBack() async throws {
        let result = try await shell("echo out; echo err >&2; exit 3")
        #expect(result.status == 3)
        #expect(String(decoding: result.output, as: UTF8.self) == "out\n" && result.errors == "err\n")
    }

    @Test func argumentsAreNotReadByAShell() async throws {
        let result = try await door.run(
            Command("echo", ["$HOME; rm -rf *", "a b"]), deadline: Self.patience, limit: 1000)
        #expect(String(decoding: result.output, as: UTF8.self) == "$HOME; rm -rf * a b\n")
    }

    @Test func theEnvironmentIsAddedToOurs() async throws {
        let result = try await door.run(
            Command("/bin/sh", ["-c", "echo $SLIPWAY_X $PATH"], environment: ["SLIPWAY_X": "y"]),
            deadline: Self.patience,
            limit: 9999)
        #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("y /"))
    }

    @Test func aProgramThatHangsIsEndedWithAllItStarted() async throws {
        let mark = "98\(getpid()).25"
        await #expect(throws: CommandProblem.timedOut(0.3)) {
            try await shell("trap '' TERM; sleep \(mark) & sleep \(mark)", deadline: 0.3)
        }
        let left = try await shell("pgrep -fx 'sleep \(mark)' || true")
        #expect(left.output.isEmpty, "\(String(decoding: left.output, as: UTF8.self))")
    }

    @Test func whatIsTooLargeIsNotRead() async {
        await #expect(throws: CommandProblem.tooLarge(1 << 20)) { try await shell("head -c 50000000 /dev/zero") }
    }

    @Test(arguments: ["/nonexistent/pcluster", "no-such-program-here", "/etc/hostname"])
    func whatCannotBeRunIsMissing(program: String) async {
        await #expect(throws: CommandProblem.missing) {
            try await door.run(Command(program), deadline: Self.patience, limit: 1000)
        }
    }

    @Test func aConversationGoesBothWaysAndEndsWithItsBody() async throws {
        let heard = Mutex("")
        try await door.converse(Command("cat")) { talk in
            try await talk.write(Array("hello\n".utf8))
            try? await talk.read { bytes in
                heard.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                throw CancellationError()
            }
        }
        #expect(heard.withLock { $0 } == "hello\n")
    }
}
