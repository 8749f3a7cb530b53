import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A process that a story has started. What it prints goes into files, so that no pipe can fill up.
///
/// Foundation's `Process` takes a program for running as long as anything it has left behind runs, as tmux's server does.
final class Child: Sendable {
    let pid: pid_t
    private let status = Mutex<Int32?>(nil)
    private let out: String
    private let err: String

    var printed: String { Self.text(out) }
    var complained: String { Self.text(err) }

    init(_ program: String, _ arguments: [String], environment: [String: String], files: URL) throws {
        let name = UUID().uuidString
        out = files.appendingPathComponent("\(name).out").path
        err = files.appendingPathComponent("\(name).err").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What the test runner ignores or blocks is not for the program.
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let settings = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, program, &actions, &attributes, words, settings)
        guard error == 0 else { throw StoryProblem("\(program) did not start: \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    func send(_ signal: Int32) { if exitStatus == nil { kill(pid, signal) } }

    /// - Returns: its exit code; 128 and the signal's number if a signal ended it.
    func ended(within seconds: Double = 30) async throws -> Int32 {
        do {
            let status = try await eventually(
                "The end of process \(pid)", within: seconds, seen: { printed + complained }, { exitStatus })
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        } catch {
            send(SIGKILL)
            throw error
        }
    }

    /// How it ended, in the way of `waitpid`; nil while it runs.
    private var exitStatus: Int32? {
        status.withLock { known in
            var now: Int32 = 0
            if known == nil, waitpid(pid, &now, WNOHANG) == pid { known = now }
            return known
        }
    }

    private static func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
}

/// What a command did.
struct Outcome: Sendable {
    let code: Int32
    let out: String
    let err: String
}
