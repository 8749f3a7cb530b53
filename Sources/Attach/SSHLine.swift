import Fleet
import Upstream

/// The command line by which another host is reached: the user's own `ssh`, with its configuration, agent and jump hosts.
public struct SSHLine: Sendable, Equatable {
    /// `user@host`, or a name of the user's ssh configuration.
    public var host: String
    /// Further options, each as one word behind `-o`.
    public var options: [String]
    /// A socket of a connection that a person has signed in to; nil for a connection that a key is enough for.
    public var control: String?

    /// Who cannot be reached for so long is not there. Seconds.
    private static let connectTimeout = 10

    public init(host: String, options: [String] = [], control: String? = nil) {
        self.host = host
        self.options = options
        self.control = control
    }

    /// What is wrong with the host, in one sentence; nil if it can be asked for.
    public var fault: String? {
        let isPlain = !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } && host.utf8.count <= 300
        return isPlain && !host.hasPrefix("-") ? nil : "\(SafeText.line(host, limit: 80)) is no host; write user@host."
    }

    /// Starts a program there and talks with it. What ssh itself says comes with the output: it is the only place where it says why.
    ///
    /// Nobody is asked for anything, for a screen may be open. It never becomes the master of a shared connection, which would outlive it.
    func talk(_ remote: String) -> Command {
        let words =
            [
                "BatchMode=yes", "LogLevel=ERROR", "ServerAliveInterval=15", "ServerAliveCountMax=3", "ForwardAgent=no",
                "ForwardX11=no", "ClearAllForwardings=yes", "RemoteCommand=none", "RequestTTY=no", "ControlMaster=no",
                "Compression=yes",
            ] + common
        return Command(
            "/bin/sh", ["-c", #"exec "$@" 2>&1"#, "slipway", "ssh"] + Self.options(words) + ["--", host, remote])
    }

    /// The arguments of an `ssh` that a person answers, in the terminal, before a screen is open: host keys, passwords, second factors.
    /// What was signed in to stays open behind `control` until `farewell`, or two minutes longer than it is used.
    public var signIn: [String] {
        let words = control == nil ? common : common + ["ControlMaster=auto", "ControlPersist=120"]
        return Self.options(words + ["RemoteCommand=none", "ClearAllForwardings=yes"]) + ["--", host, "true"]
    }

    /// The arguments of an `ssh` that closes what `signIn` has left open; nil when it has left nothing.
    public var farewell: [String]? { control.map { ["-o", "ControlPath=\($0)", "-O", "exit", "--", host] } }

    private var common: [String] {
        ["ConnectTimeout=\(Self.connectTimeout)"] + (control.map { ["ControlPath=\($0)"] } ?? []) + options
    }

    private static func options(_ words: [String]) -> [String] { words.flatMap { ["-o", $0] } }

    // MARK: what ssh says

    /// Why nobody greeted, from what ssh said, as a person reads it. The words are those of OpenSSH's `ssh`.
    func problem(said: [String]) -> UpstreamProblem {
        let text = SafeText.line(said.last ?? "it said nothing", limit: 200)
        let all = said.joined(separator: "\n").lowercased()
        func has(_ words: String...) -> Bool { words.contains { all.contains($0) } }
        let command = "ssh \(ShellText.word(host))"
        let host = SafeText.line(self.host, limit: 80)
        if has("exec: ssh: not found", "ssh: command not found") {
            return UpstreamProblem(
                .misconfigured, "There is no program ssh on this machine.", advice: "Install openssh-client.")
        }
        if has("remote host identification has changed", "revoked host key") {
            // Somebody else may answer in its place, so that nothing is done about it without a person.
            return UpstreamProblem(
                .untrusted, "\(host) shows another host key than the one that is known.",
                advice:
                    "Ask who runs it whether it was made anew; `\(command)` says which line of known_hosts to remove.")
        }
        if has("host key verification failed", "no matching host key") {
            return UpstreamProblem(
                .untrusted, "The host key of \(host) is not known yet.",
                advice: "Connect once by hand with `\(command)` and compare the key.")
        }
        if has("permission denied", "too many authentication failures") {
            return UpstreamProblem(
                .untrusted, "\(host) does not let us in: \(text)",
                advice: "Try `\(command)`; a key must be enough while the screen is open.")
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
}
