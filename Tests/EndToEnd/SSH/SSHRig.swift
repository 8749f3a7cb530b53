import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A real sshd on this machine, as another machine that is reached by the real ssh. It has a home folder of its own, and so has whoever
/// logs in. The person's own ssh settings are neither read nor touched.
///
/// ssh finds its files by the password database, not by `HOME`: what a story finds as `ssh` is the real one with another configuration.
final class SSHRig: Sendable {
    /// What the story's ssh configuration calls it.
    let host = "builder"
    /// The home folder of whoever logs in. What lies in its `bin` is found by name there.
    let home: URL
    /// For programs that are to reach it.
    let environment: [String: String]
    /// For programs that are started there by somebody who sits at it.
    let thereEnvironment: [String: String]
    private let stage: Stage
    private let folder: URL
    let port: UInt16
    private let names: Mutex<[(name: String, port: UInt16)]>
    private let listener = Mutex<Child?>(nil)
    /// Processes of connections whose listener has ended.
    private let orphans = Mutex<[pid_t]>([])

    private static let client = path("ssh")
    private static let server = path("sshd")
    private static let keygen = path("ssh-keygen")

    /// Whether its programs are installed.
    static var isInstalled: Bool { client != nil && server != nil && keygen != nil }

    /// sshd is not in everybody's path.
    private static func path(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return (folders.map(String.init) + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }

    /// Returns when it answers. It is ended with the story.
    static func start(_ stage: Stage) async throws -> SSHRig {
        let rig = try SSHRig(stage)
        try await rig.furnish()
        try await rig.open()
        return rig
    }

    private init(_ stage: Stage) throws {
        self.stage = stage
        folder = stage.home.appendingPathComponent("ssh")
        home = stage.home.appendingPathComponent("far")
        let port = (0..<200).lazy.map { _ in UInt16.random(in: 20_000..<32_000) }.first(where: Ports.isFree)
        guard let port else { throw StoryProblem("There is no free port.") }
        self.port = port
        names = Mutex([(host, port)])
        environment = [
            "PATH": "\(folder.path)/bin:" + (stage.environment["PATH"] ?? "/usr/bin:/bin")
        ]
        thereEnvironment = [
            "HOME": home.path, "PATH": "\(home.path)/bin:/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR": home.path,
            "XDG_CONFIG_HOME": home.path + "/.config", "XDG_STATE_HOME": home.path + "/.local/state",
        ]
    }

    // MARK: what may happen to it

    /// Listens, and lets in who has the key.
    func open() async throws {
        guard let server = Self.server else { throw StoryProblem("There is no sshd.") }
        // sshd wants the whole path of itself: it starts itself again for each connection.
        let child = try stage.start(server, ["-D", "-e", "-f", folder.path + "/sshd_config"])
        listener.withLock { $0 = child }
        // Before the listener itself is ended: then its connections are nobody's.
        stage.atEnd { [self] in
            cut()
            try? await close()
            cut()
            // Builds go on without a connection: a story that has failed leaves none behind.
            for pid in (try? processes) ?? [] { kill(pid, SIGKILL) }
        }
        try await eventually("sshd", seen: { child.complained }) {
            child.complained.contains("Server listening") ? () : nil
        }
    }

    /// Listens no more; connections go on.
    func close() async throws {
        guard
            let child = listener.withLock({ listener in
                defer { listener = nil }
                return listener
            })
        else { return }
        let connections = Self.servers(below: child.pid)
        orphans.withLock { $0 += connections }
        child.send(SIGTERM)
        _ = try await child.ended()
    }

    /// Ends all connections at once, without a word of ssh's, as when somebody between pulls the plug. What was started through them is left
    /// alone.
    func cut() {
        let connections = listener.withLock { $0.map { Self.servers(below: $0.pid) } ?? [] }
        for pid in connections + orphans.withLock({ $0 }) where Self.isServer(pid) { kill(pid, SIGKILL) }
    }

    /// A host whose slipway reads a status API.
    static func collecting(_ stage: Stage) async throws -> (rig: SSHRig, service: Service) {
        let rig = try await start(stage)
        guard let program = Program.slipway else { throw StoryProblem("There is no built slipway.") }
        try FileManager.default.createSymbolicLink(
            atPath: rig.home.path + "/bin/slipway", withDestinationPath: program)
        let service = try await Service.start(stage)
        let folder = rig.home.path + "/.config/slipway"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("metal: {name: lab, url: '\(service.url)'}\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/config.yaml"))
        return (rig, service)
    }

    /// The same machine under another name, for stories with several of them, and for ways to it that are not straight.
    ///
    /// - Parameter port: of something in between; nil goes straight there.
    func name(_ other: String, by port: UInt16? = nil) throws {
        try write(
            names.withLock { names in
                names.append((other, port ?? self.port))
                return names
            })
    }

    /// How many connections there are.
    var connections: Int {
        listener.withLock { $0.map { Self.children(of: $0.pid).count } ?? 0 }
    }

    /// What sshd has said since it listens.
    var log: String { listener.withLock { $0?.complained ?? "" } }

    /// Nobody has the right key any more.
    func refuse() throws { try Data().write(to: folder.appendingPathComponent("authorized_keys")) }

    func allow() throws {
        try Data(contentsOf: folder.appendingPathComponent("key.pub"))
            .write(to: folder.appendingPathComponent("authorized_keys"))
    }

    /// Another machine answers in its place, as it seems to who has been there before.
    func forge() async throws {
        let other = folder.appendingPathComponent("other")
        try await key(other)
        try know(other)
    }

    /// Nobody has ever been there.
    func forget() throws { try Data().write(to: folder.appendingPathComponent("known_hosts")) }

    /// What runs there: processes whose command line or environment names its home folder, which nothing here does.
    var processes: [pid_t] { get throws { try Self.processes(naming: home.path, in: ["cmdline", "environ"]) } }

    /// The ssh of whoever is logged in or about to be.
    var clients: [pid_t] {
        get throws { try Self.processes(naming: folder.path + "/ssh_config", in: ["cmdline"]) }
    }

    private static func processes(naming text: String, in files: [String]) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(pid_t.init).filter { pid in
            files.contains { name in
                let content = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data()
                return String(decoding: content, as: UTF8.self).contains(text)
            }
        }
    }

    // MARK: its files

    private func furnish() async throws {
        for place in [folder, home].map({ $0.appendingPathComponent("bin") }) {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        }
        try await key(folder.appendingPathComponent("hostkey"))
        try await key(folder.appendingPathComponent("key"))
        try allow()
        try know(folder.appendingPathComponent("hostkey"))
        // Only root's sshd shuts a part of itself away, in a folder that init makes where there is an init.
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        let server = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(folder.path)/hostkey
            AuthorizedKeysFile \(folder.path)/authorized_keys
            PidFile none
            UsePAM no
            StrictModes no
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            # More than five who have not said who they are yet are refused; usually it is ten, and by chance.
            MaxStartups 6:100:6
            # An agent that the person runs is not this machine's.
            SetEnv \(["HOME", "PATH", "XDG_RUNTIME_DIR"].map { "\($0)=\(thereEnvironment[$0] ?? "")" }.joined(separator: " "))

            """
        try Data(server.utf8).write(to: folder.appendingPathComponent("sshd_config"))
        try write(names.withLock { $0 })
        let wrapper = "#!/bin/sh\nexec '\(Self.client ?? "ssh")' -F '\(folder.path)/ssh_config' \"$@\"\n"
        let program = folder.appendingPathComponent("bin/ssh")
        try Data(wrapper.utf8).write(to: program)
        chmod(program.path, 0o755)
    }

    /// The configuration of whoever logs in.
    private func write(_ names: [(name: String, port: UInt16)]) throws {
        let hosts = names.map { name, port in
            """
            Host \(name)
              HostName 127.0.0.1
              Port \(port)\(port == self.port ? "" : "\n  HostKeyAlias [127.0.0.1]:\(self.port)")
              IdentityFile \(folder.path)/key
              IdentitiesOnly yes
              UserKnownHostsFile \(folder.path)/known_hosts
              GlobalKnownHostsFile /dev/null

            """
        }
        try Data(hosts.joined().utf8).write(to: folder.appendingPathComponent("ssh_config"))
    }

    private func key(_ file: URL) async throws {
        let made = try await stage.run(Self.keygen, ["-q", "-t", "ed25519", "-N", "", "-C", "story", "-f", file.path])
        guard made.code == 0 else { throw StoryProblem("ssh-keygen: \(made.err)") }
    }

    /// Writes down which host key is expected.
    private func know(_ key: URL) throws {
        let line = "[127.0.0.1]:\(port) " + (try String(contentsOf: key.appendingPathExtension("pub"), encoding: .utf8))
        try Data(line.utf8).write(to: folder.appendingPathComponent("known_hosts"))
    }

    // MARK: its processes

    /// The processes of sshd below this one: one or two for each connection.
    private static func servers(below pid: pid_t) -> [pid_t] {
        children(of: pid).filter(isServer).flatMap { [$0] + servers(below: $0) }
    }

    /// What a process has started and still runs, whichever of its threads did.
    static func children(of pid: pid_t) -> [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.flatMap { task in
            let children = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(task)/children") ?? Data()
            return String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// `sshd`, and since OpenSSH 9.8 `sshd-session` and `sshd-auth`.
    private static func isServer(_ pid: pid_t) -> Bool {
        let name = FileManager.default.contents(atPath: "/proc/\(pid)/comm") ?? Data()
        return String(decoding: name, as: UTF8.self).hasPrefix("sshd")
    }
}

extension Trait where Self == ConditionTrait {
    /// The story needs another machine.
    static var needsSSH: Self {
        .enabled("ssh or sshd is not installed; the README's test command installs both") { SSHRig.isInstalled }
    }
}
