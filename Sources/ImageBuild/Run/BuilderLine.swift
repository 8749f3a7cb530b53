import Fleet
import Upstream

/// The command line by which a builder is reached. Nothing that comes from outside is a word of the remote command: scripts and their words
/// go through its input, quoted for the shell there (`BuildShell.text`).
public struct BuilderLine: Sendable, Equatable {
    /// `user@host`, or a name of the user's ssh configuration.
    public var host: String
    public var port: Int?
    /// Further options of ssh, each as one word behind `-o`: `IdentityFile=…`.
    public var options: [String]
    /// A socket by which several calls share one connection; nil for a connection each. `%C` stands for host, port and user.
    public var control: String?

    /// Who cannot be reached for so long is not there. Seconds.
    static let connectTimeout = 10

    public init(host: String, port: Int? = nil, options: [String] = [], control: String? = nil) {
        self.host = host
        self.port = port
        self.options = options
        self.control = control
    }

    /// What is wrong with the host, in one sentence; nil if it can be asked for.
    public var fault: String? {
        let isPlain = !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } && host.utf8.count <= 300
        return isPlain && !host.hasPrefix("-") ? nil : "\(SafeText.line(host, limit: 80)) is no host; write user@host."
    }

    /// A shell there that reads its script from its input.
    public var shell: Command { Command("ssh", arguments + ["sh", "-s"]) }

    /// Does nothing: tells whether it can be reached, and what ssh says if not.
    public var greeting: Command { Command("ssh", arguments + ["true"]) }

    private var arguments: [String] {
        var words = [
            // Nobody is there to be asked for a password.
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=\(Self.connectTimeout)",
            // A connection that is dead is noticed within a minute.
            "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
            "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ClearAllForwardings=yes", "-T",
        ]
        if let control {
            words += ["-o", "ControlMaster=auto", "-o", "ControlPath=\(control)", "-o", "ControlPersist=60"]
        }
        for option in options { words += ["-o", option] }
        if let port { words += ["-p", String(port)] }
        return words + ["--", host]
    }

    /// What ssh says when it fails, as a person reads it.
    static func problem(_ errors: String, host: String) -> UpstreamProblem {
        let host = SafeText.line(host, limit: 80)
        let lines = errors.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        let text = SafeText.line(lines.last.map(String.init) ?? "it said nothing", limit: 200)
        let lower = errors.lowercased()
        func has(_ words: String...) -> Bool { words.contains { lower.contains($0) } }
        if has("permission denied", "too many authentication failures") {
            return UpstreamProblem(
                .misconfigured, "\(host) does not let us in: \(text)",
                advice:
                    "Try `ssh -o BatchMode=yes \(ShellText.word(host)) true`; a key must be enough, without a password."
            )
        }
        if has("host key verification failed", "remote host identification has changed") {
            return UpstreamProblem(
                .untrusted, "The key of \(host) is not known, or is another one.",
                advice: "Connect once by hand with `ssh \(ShellText.word(host))` and compare the key.")
        }
        if has("could not resolve", "name or service not known") {
            return UpstreamProblem(
                .unreachable, "There is no host \(host).", advice: "Check the name; `slipway doctor` tries it too.")
        }
        return UpstreamProblem(
            .unreachable, "\(host) cannot be reached: \(text)",
            advice: "Check that it runs and that ssh is allowed; it is tried again by itself.")
    }
}
