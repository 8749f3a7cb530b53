import Foundation
import Synchronization

/// Where one story happens: a home folder of its own, and everything that was started for it. All of it is ended when
/// the story is over, however it ends.
final class Stage: Sendable {
    let home: URL
    private let endings = Mutex<[@Sendable () async -> Void]>([])

    static func play(_ story: (Stage) async throws -> Void) async throws {
        let stage = try Stage()
        do {
            try await story(stage)
            await stage.end()
        } catch {
            await stage.end()
            throw error
        }
    }

    private init() throws {
        // Short: the path of tmux's socket must fit into 107 bytes.
        home = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    }

    /// Nothing of the person's own settings reaches the program.
    var environment: [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home.path,
            "XDG_CONFIG_HOME": home.path + "/config", "XDG_STATE_HOME": home.path + "/state", "TMUX_TMPDIR": home.path,
            // An agent that the person runs is not this story's.
            "XDG_RUNTIME_DIR": home.path,
            "LANG": "C.UTF-8", "TZ": "UTC",
        ]
    }

    func configure(_ yaml: String) throws {
        let folder = home.appendingPathComponent("config/slipway")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(yaml.utf8).write(to: folder.appendingPathComponent("config.yaml"))
    }

    /// The text of a file in the home folder; nil while it is not there or empty.
    func text(_ name: String) -> String? {
        guard let data = try? Data(contentsOf: home.appendingPathComponent(name)), !data.isEmpty else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    /// Removes files from the home folder.
    func forget(_ names: String...) throws {
        for name in names { try FileManager.default.removeItem(at: home.appendingPathComponent(name)) }
    }

    /// Starts a program that is ended with the story.
    func start(_ program: String?, _ arguments: [String], environment more: [String: String] = [:]) throws -> Child {
        guard let program else {
            throw StoryProblem("There is no built slipway beside the tests. Run `swift build`, or set SLIPWAY_PROGRAM.")
        }
        let child = try Child(program, arguments, environment: environment.merging(more) { $1 }, files: home)
        atEnd {
            child.send(SIGKILL)
            _ = try? await child.ended()
        }
        return child
    }

    /// Runs a program to its end.
    func run(_ program: String?, _ arguments: [String], environment more: [String: String] = [:]) async throws
        -> Outcome
    {
        let child = try start(program, arguments, environment: more)
        return Outcome(code: try await child.ended(), out: child.printed, err: child.complained)
    }

    func slipway(_ arguments: String..., environment more: [String: String] = [:]) async throws -> Outcome {
        try await run(Program.slipway, arguments, environment: more)
    }

    func atEnd(_ ending: @escaping @Sendable () async -> Void) { endings.withLock { $0.append(ending) } }

    private func end() async {
        let home = self.home
        let endings = self.endings.withLock { $0 }
        // A task of its own: a story that was cancelled for taking too long must clean up as well.
        await Task {
            for ending in endings.reversed() { await ending() }
            try? FileManager.default.removeItem(at: home)
        }.value
    }
}
