import Foundation

/// A temporary folder with configuration and state of its own, and the program that is measured there.
final class Place {
    let folder: String
    let program: String

    init(program: String) throws {
        self.program = program
        folder = NSTemporaryDirectory() + "slipway-bench-" + UUID().uuidString.prefix(8)
        for name in ["config/slipway", "tmp"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Points the dashboard at a service.
    func configure(port: UInt16) throws {
        try "metal: http://127.0.0.1:\(port)\n".write(
            toFile: folder + "/config/slipway/config.yaml", atomically: true, encoding: .utf8)
    }

    /// The same with several sources, all of which are this service.
    func configure(port: UInt16, sources: Int) throws {
        let entries = (1...sources).map { "  - {name: lab\($0), url: 'http://127.0.0.1:\(port)'}\n" }
        try ("metal:\n" + entries.joined()).write(
            toFile: folder + "/config/slipway/config.yaml", atomically: true, encoding: .utf8)
    }

    func launch(_ arguments: [String]) -> ChildProcess.Launch {
        .init(program: program, arguments: arguments, environment: Self.environment(folder))
    }

    /// What a program sees that is started in a folder; the person's own settings stay unread and unchanged.
    static func environment(_ folder: String) -> [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
            "XDG_CONFIG_HOME": folder + "/config", "XDG_STATE_HOME": folder + "/state", "TMPDIR": folder + "/tmp",
            // There is no such folder: an agent of the person's own is not met, and one of ours is in the state.
            "XDG_RUNTIME_DIR": folder + "/run", "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC",
        ]
    }
}
