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
            // Nobody is there to be asked for a password. Banners are left out: only what failed is said.
            "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=\(Self.connectTimeout)",
            // A connection that is dead is noticed within a minute.
            "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
            "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ClearAllForwardings=yes",
            // A command of the user's configuration would stand in the way of ours.
            "-o", "RemoteCommand=none", "-T",
        ]
        if let control {
            words += ["-o", "ControlMaster=auto", "-o", "ControlPath=\(control)", "-o", "ControlPersist=60"]
        }
        for option in options { words += ["-o", option] }
        if let port { words += ["-p", String(port)] }
        return words + ["--", host]
    }

    /// What ssh says when it fails, as a person reads it. The words are those of OpenSSH's `ssh`.
    ///
    /// - Parameter status: 255 is ssh's own; every other one is that of the command there.
    static func problem(_ errors: String, status: Int = 255, host: String) -> UpstreamProblem {
        let lines = errors.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
        let said = SafeText.line(lines.last ?? "it said nothing", limit: 200)
        let text = said.hasSuffix(".") ? said : said + "."
        let lower = errors.lowercased()
        func has(_ words: String...) -> Bool { words.contains { lower.contains($0) } }
        let command = "ssh \(ShellText.word(host))"
        let host = SafeText.line(host, limit: 80)
        if status > 0, status != 255 {
            return UpstreamProblem(
                .unreadable, "\(host) lets us in, but runs no command: \(text)",
                advice: "Check the login shell of its user, and what its authorized_keys allows this key.")
        }
        if let key = lines.first(where: { $0.hasPrefix("Load key ") && $0.hasSuffix(": bad permissions") }) {
            return UpstreamProblem(
                .untrusted, "\(host) does not let us in: \(SafeText.line(key, limit: 200))",
                advice: "Others may read this key, so ssh leaves it out: `chmod 600` it.")
        }
        if has("permission denied", "too many authentication failures") {
            return UpstreamProblem(
                .untrusted, "\(host) does not let us in: \(text)",
                advice: "Try `\(command) -o BatchMode=yes true`; a key must be enough, without a password."
            )
        }
        if has("remote host identification has changed", "revoked host key") {
            return changed(lines, host: host)
        }
        if has("host key verification failed") {
            return UpstreamProblem(
                .untrusted, "The host key of \(host) is not in known_hosts yet.",
                advice: "Connect once by hand with `\(command)` and compare the key.")
        }
        if has("could not resolve", "name or service not known") {
            return UpstreamProblem(
                .unreachable, "There is no host \(host).",
                advice: "Check the name; it is looked for in ~/.ssh/config, too.")
        }
        return UpstreamProblem(
            .unreachable, "\(host) cannot be reached: \(text)",
            advice: "Check that it runs and that `\(command)` gets there.")
    }

    /// Somebody else may answer in its place, so that nothing is done about it without a person.
    private static func changed(_ lines: [String], host: String) -> UpstreamProblem {
        // `Offending ED25519 key in /home/me/.ssh/known_hosts:3`
        let place = lines.first { $0.hasPrefix("Offending ") }.flatMap { $0.components(separatedBy: " key in ").last }
        // `ssh-keygen -f "/home/me/.ssh/known_hosts" -R "far"`, behind `remove with:`.
        let remedy = lines.map { $0.drop { $0 == " " } }.first { $0.hasPrefix("ssh-keygen ") }
        let file = SafeText.line(place ?? "known_hosts", limit: 200)
        return UpstreamProblem(
            .untrusted, "\(host) shows another host key than the one in \(file).",
            advice: "Ask who runs it whether it was made anew; then "
                + (remedy.map { "`\(SafeText.line(String($0), limit: 300))`." } ?? "remove that line."))
    }
}
