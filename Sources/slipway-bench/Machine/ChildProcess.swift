import Foundation
import Glibc

/// A program that the bench started; only such are ever ended by it.
final class ChildProcess {
    /// What a program is started with.
    struct Launch {
        var program: String
        var arguments: [String] = []
        var environment: [String: String]

        /// The same on one core, where the machine has `taskset`.
        var pinned: Launch {
            guard let taskset = Self.find("taskset") else { return self }
            var pinned = self
            pinned.program = taskset
            pinned.arguments = ["-c", "0", program] + arguments
            return pinned
        }

        /// Where a program lies in `PATH`.
        static func find(_ name: String) -> String? {
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
                .first { access($0, X_OK) == 0 }
        }
    }

    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which hides it unless `_GNU_SOURCE` is set.
    private static let newSession: Int16 = 0x80

    let id: pid_t
    private var hasEnded = false

    /// - Parameters:
    ///   - terminal: the path of a terminal that becomes standard input, output and error, and the controlling terminal of a new session.
    ///   - input: where standard input comes from without a terminal; from nowhere without it.
    ///   - output: where standard output goes without a terminal; nowhere without it.
    ///   - errors: the same for standard error.
    init(
        _ launch: Launch, terminal: String? = nil, input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if let terminal {
            // A leader of a session without a terminal gets the first one that it opens: that is how Linux hands out controlling terminals.
            posix_spawnattr_setflags(&attributes, Self.newSession)
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else {
            for (file, place) in [(input, 0), (output, 1), (errors, 2)] as [(Int32?, Int32)] {
                if let file {
                    posix_spawn_file_actions_adddup2(&actions, file, place)
                } else {
                    posix_spawn_file_actions_addopen(&actions, place, "/dev/null", O_RDWR, 0)
                }
            }
        }
        let words = Words([launch.program] + launch.arguments)
        let environment = Words(launch.environment.map { "\($0.key)=\($0.value)" })
        var id: pid_t = 0
        let status = posix_spawn(&id, launch.program, &actions, &attributes, words.pointers, environment.pointers)
        guard status == 0 else {
            throw BenchProblem("\(launch.program) cannot be started: \(String(cString: strerror(status))).")
        }
        self.id = id
    }

    deinit { end() }

    /// Asks it to end, and after five seconds makes it.
    func end() {
        guard !hasEnded else { return }
        kill(id, SIGTERM)
        if !hasEnded(within: 5) {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
            hasEnded = true
        }
    }

    /// Whether it ended by itself in that many seconds.
    func hasEnded(within patience: Double) -> Bool {
        let deadline = Clock.now + patience
        while !hasEnded {
            hasEnded = waitpid(id, nil, WNOHANG) == id
            if hasEnded || Clock.now >= deadline { break }
            Clock.sleep(0.01)
        }
        return hasEnded
    }

    func stop() { kill(id, SIGSTOP) }

    func goOn() { kill(id, SIGCONT) }

    /// Words as C has them, ended by a null pointer.
    private final class Words {
        let pointers: [UnsafeMutablePointer<CChar>?]

        init(_ words: [String]) { pointers = words.map { strdup($0) } + [nil] }

        deinit { for pointer in pointers { free(pointer) } }
    }
}

/// Why nothing can be measured.
struct BenchProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
