import Fleet
import Upstream

/// Finding and starting the slipway of another host, and reading what comes instead of a greeting when that fails.
public struct FarProgram: Sendable, Equatable {
    /// Where it is there; nil looks in `PATH`, then in `~/.local/bin`.
    public var path: String?

    /// What the script says when there is none, before the system's name.
    static let absent = "slipway-is-absent"

    public init(path: String? = nil) { self.path = path }

    /// One command for whatever shell the user has there: one line, and for `sh` in one pair of quotes.
    ///
    /// What start files print without an end of line is ended first, so that the first frame has a line of its own.
    public var command: String {
        let places = path.map { [Self.word($0)] } ?? ["slipway", #""$HOME/.local/bin/slipway""#]
        let script =
            #"echo; for p in \#(places.joined(separator: " ")); do if command -v "$p" >/dev/null 2>&1; "#
            + #"then exec "$p" agent --stdio; fi; done; echo "\#(Self.absent) $(uname -sm)""#
        return "exec sh -c \(ShellText.quoted(script))"
    }

    /// A shell opens `~/` only where it is not quoted.
    private static func word(_ path: String) -> String {
        path.hasPrefix("~/") ? #""$HOME"/"# + ShellText.quoted(String(path.dropFirst(2))) : ShellText.quoted(path)
    }

    /// Why nobody greeted, from what was said; nil when it was not about the program.
    func problem(said: [String], host: String) -> UpstreamProblem? {
        let shown = SafeText.line(host, limit: 80)
        let install = Self.install(on: host)
        if let line = said.last(where: { $0.hasPrefix(Self.absent) }) {
            let system = SafeText.line(String(line.dropFirst(Self.absent.count + 1)), limit: 60)
            let place = path.map { " at \(SafeText.line($0, limit: 120))" } ?? ""
            return UpstreamProblem(
                .misconfigured, "There is no slipway\(place) on \(shown).",
                advice: "Put one there: `\(install)` (it runs \(system)), or name it with --program.")
        }
        let isOld = said.contains { line in
            line.hasPrefix("slipway: There is no command agent") || line.contains("Unexpected argument 'agent'")
                || line.contains("Unknown option '--stdio'")
        }
        guard isOld else { return nil }
        return UpstreamProblem(
            .misconfigured, "The slipway on \(shown) is too old to be attached to.",
            advice: "Put this one there: `\(install)`.")
    }

    /// The line that copies the slipway of this machine.
    static func install(on host: String) -> String {
        let host = ShellText.word(host)
        return #"ssh \#(host) mkdir -p .local/bin && scp "$(command -v slipway)" \#(host):.local/bin/"#
    }
}
