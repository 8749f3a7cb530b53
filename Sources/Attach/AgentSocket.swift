import Fleet
import Upstream

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where an agent of this user is met on this machine: a socket in a folder that nobody else can enter.
public struct AgentSocket: Sendable, Equatable {
    /// A socket's path may have 107 bytes.
    private static let longest = 107

    public let path: String

    public init(path: String) { self.path = path }

    public var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    /// All places where an agent may be, the one for a new agent first: who comes over ssh may lack the variable that the agent had, and
    /// looks where it usually points to.
    ///
    /// - Parameter state: the folder of Slipway's state.
    public static func places(environment: [String: String], state: String) -> [AgentSocket] {
        let runtime =
            environment["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/run/user/\(geteuid())"
        var paths = isOurs(runtime) ? [runtime + "/slipway/agent.sock"] : []
        paths.append(state + "/run/agent.sock")
        return paths.filter { $0.utf8.count <= longest }.map(AgentSocket.init(path:))
    }

    /// The first of them where an agent answers, and that agent's process.
    public static func running(_ places: [AgentSocket]) -> (socket: AgentSocket, pid: Int32)? {
        for place in places { if let pid = place.answering() { return (place, pid) } }
        return nil
    }

    /// Listens there until the task is cancelled, and lets `serve` talk with each who connects. The socket is gone afterwards.
    ///
    /// - Parameter ready: called when others can connect.
    /// - Throws: `UpstreamProblem` when an agent is there already, or the folder is not ours alone.
    public func listen(
        ready: () -> Void = {}, _ serve: @escaping @Sendable (any Conversation) async -> Void
    ) async throws(UpstreamProblem) {
        let lock = try open()
        defer { close(lock) }
        let path = self.path
        defer { unlink(path) }
        do {
            try await SocketTalk.listen(
                path,
                bound: {
                    // The folder keeps others out; this is for who looks at the socket alone.
                    chmod(path, 0o600)
                    ready()
                }, serve)
        } catch is CancellationError {
        } catch {
            throw UpstreamProblem(
                .misconfigured, "Nobody can be let in at \(path): \(SafeText.line("\(error)", limit: 160))",
                advice: "Set XDG_RUNTIME_DIR to a folder of yours that sockets can be made in.")
        }
    }

    // MARK: who is there

    /// The process that listens; nil when nobody does, or somebody else would.
    func answering() -> Int32? {
        guard Self.isOurs(folder) else { return nil }
        let descriptor = Self.connection(path)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return Self.peer(of: descriptor)
    }

    #if os(Linux)
    /// What Linux calls `ucred`; the C library shows it to GNU programs only.
    private struct Peer {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private static func peer(of descriptor: Int32) -> Int32? {
        var peer = Peer()
        var size = socklen_t(MemoryLayout<Peer>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0, peer.user == geteuid() else {
            return nil
        }
        return peer.process
    }
    #else
    private static func peer(of descriptor: Int32) -> Int32? {
        var (user, group): (uid_t, gid_t) = (0, 0)
        guard getpeereid(descriptor, &user, &group) == 0, user == geteuid() else { return nil }
        var process: pid_t = 0
        var size = socklen_t(MemoryLayout<pid_t>.size)
        return getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, &process, &size) == 0 ? process : nil
    }
    #endif

    private static func connection(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count <= longest else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// A folder of this user that nobody else may change.
    private static func isOurs(_ folder: String) -> Bool {
        var status = stat()
        guard lstat(folder, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    // MARK: making it

    /// Makes the folder, and keeps others away from it: two agents that start at the same moment must not both find the place free.
    ///
    /// - Returns: a descriptor; the place is ours until it is closed, by whatever way the process ends.
    private func open() throws(UpstreamProblem) -> Int32 {
        guard path.utf8.count <= Self.longest else {
            throw UpstreamProblem(
                .misconfigured, "The path of the socket is too long: \(path)", advice: "Set XDG_RUNTIME_DIR.")
        }
        var parent = folder
        var missing: [String] = []
        while !parent.isEmpty, access(parent, F_OK) != 0 {
            missing.append(parent)
            parent = AgentSocket(path: parent).folder
        }
        for folder in missing.reversed() { mkdir(folder, 0o700) }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw UpstreamProblem(
                .misconfigured, "The folder \(folder) for the agent's socket cannot be made.",
                advice: "Set XDG_RUNTIME_DIR to a folder that you may write to.")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            let fault = status.st_uid == geteuid() ? "can be changed by others" : "is somebody else's"
            throw UpstreamProblem(
                .untrusted, "The folder \(folder) \(fault): no socket is put there.",
                advice: status.st_uid == geteuid() ? "chmod 700 \(ShellText.quoted(folder))" : "Set XDG_RUNTIME_DIR.")
        }
        // Only ours from now on, also where it was made by something else.
        chmod(folder, 0o700)
        let descriptor = Self.descriptor(folder)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw Self.occupied(by: answering())
        }
        if let pid = answering() {
            close(descriptor)
            throw Self.occupied(by: pid)
        }
        // Left behind by one that was killed.
        unlink(path)
        return descriptor
    }

    private static func descriptor(_ folder: String) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #elseif canImport(Musl)
        Musl.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #else
        Darwin.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #endif
    }

    private static func occupied(by pid: Int32?) -> UpstreamProblem {
        UpstreamProblem(
            .misconfigured, "An agent already runs" + (pid.map { " (pid \($0))." } ?? "."),
            advice: "It serves all screens of this user; end it first if another one is meant.")
    }
}
