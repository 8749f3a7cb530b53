import Foundation

/// Where files go, by the XDG rules: an absolute path in the variable, or the default below the home folder.
struct Paths {
    let home: String
    let config: String
    let state: String

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
        config = Self.folder("XDG_CONFIG_HOME", environment, default: home + "/.config") + "/slipway/config.yaml"
        state = Self.folder("XDG_STATE_HOME", environment, default: home + "/.local/state") + "/slipway"
    }

    var history: String { state + "/history.db" }
    var firstFrame: String { state + "/first-frame.json" }
    var statusDatabase: String { state + "/status.db" }
    var log: String { state + "/slipway.log" }
    /// Where a person's own themes are looked for before the built-in ones.
    var themes: String { (config as NSString).deletingLastPathComponent + "/themes" }

    /// Makes the state folder, for its owner only.
    func makeStateFolder() throws {
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// A path as people write it.
    static func short(_ path: String, environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        guard let home = environment["HOME"], !home.isEmpty, path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }

    private static func folder(_ name: String, _ environment: [String: String], default fallback: String) -> String {
        guard let path = environment[name], path.hasPrefix("/") else { return fallback }
        return path
    }
}
