import Foundation
import Testing

/// All stories of the real program, in a real terminal and over real HTTP. One after the other: several of them measure time.
/// Only what hangs meets the time limit: on a busy machine, one that starts twenty processes takes minutes.
@Suite("End to end", .serialized, .timeLimit(.minutes(10)))
enum EndToEnd {}

/// Programs that the stories need.
enum Program {
    /// The built `slipway`: named by `SLIPWAY_PROGRAM`, or beside the test bundle, where the build puts both.
    static let slipway: String? = {
        if let named = ProcessInfo.processInfo.environment["SLIPWAY_PROGRAM"], !named.isEmpty { return named }
        let starts = [CommandLine.arguments.first, Bundle.main.executablePath].compactMap { $0 }
        for start in starts {
            var folder = URL(fileURLWithPath: start).resolvingSymlinksInPath().deletingLastPathComponent()
            for _ in 0..<4 {
                let program = folder.appendingPathComponent("slipway").path
                if isProgram(program) { return program }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }()

    static let tmux = find("tmux")
    static let curl = find("curl")
    static let kubectl = find("kubectl")

    private static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}

extension Trait where Self == ConditionTrait {
    /// The story needs a terminal and posts as a node's script does.
    static var needsTerminal: Self {
        .enabled("tmux or curl is not installed; the README's test command installs both") {
            Program.tmux != nil && Program.curl != nil
        }
    }

    static var needsCurl: Self {
        .enabled("curl is not installed; the README's test command installs it") { Program.curl != nil }
    }
}

/// What went wrong in a story, with what was seen instead.
struct StoryProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Asks again until there is an answer.
///
/// - Parameter seconds: when to give up on an idle machine. It is given five times as long, because it may be busy with other tests; what
///   has a budget is measured, not waited for.
func eventually<Answer>(
    _ what: String, within seconds: Double = 20, seen: () async throws -> String = { "" },
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(5 * seconds))
    while true {
        if let answer = try await ask() { return answer }
        guard clock.now < end else {
            throw StoryProblem("\(what) did not come within \(5 * seconds) s. Seen instead:\n\(try await seen())")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
