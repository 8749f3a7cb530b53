import Fleet

/// The command line by which another host is reached: the user's own `ssh`, with its configuration, agent and jump hosts. Nothing that comes
/// from outside is a word of a remote command without being quoted for the shell there.
public struct SSHLine: Sendable, Equatable {
    /// `user@host`, or a name of the user's ssh configuration.
    public var host: String
    /// Further options, each as one word behind `-o`: `IdentityFile=…`.
    public var options: [String]
    /// A socket of a connection that a person has signed in to; nil for a connection that a key is enough for.
    public var control: String?

    /// Who cannot be reached for so long is not there. Seconds.
    public static let connectTimeout = 10

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

    /// The arguments of an `ssh` behind which nobody sits. It never becomes the master of a shared connection, which would outlive it.
    ///
    /// - Parameter more: further options of this call.
    public func arguments(_ more: [String] = []) -> [String] {
        let words =
            [
                // Nobody is there to be asked for a password. Banners are left out: only what failed is said.
                "BatchMode=yes", "LogLevel=ERROR",
                // A connection that is dead is noticed within a minute.
                "ServerAliveInterval=15", "ServerAliveCountMax=3",
                "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes",
                // A command of the user's configuration would stand in the way of ours.
                "RemoteCommand=none", "RequestTTY=no", "ControlMaster=no",
            ] + more + common
        return Self.options(words) + ["--", host]
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
}
