import ArgumentParser
import Attach
import Collector
import Fleet
import Foundation
import Upstream

#if canImport(Glibc)
import Glibc
#endif

/// The screen here, the collecting on other hosts.
struct AttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach", abstract: "Open the dashboard here on what other hosts collect, over ssh.",
        discussion: """
            ssh is the one of this machine, with its configuration, agent and jump hosts. A running `slipway agent` there is used; without
            one, collecting is done there for as long as the screen is open. A link that is lost is connected again by itself.
            """)

    @Argument(help: ArgumentHelp("[USER@]HOST, or a name of the ssh configuration.", valueName: "host"))
    var hosts: [String]

    @Option(help: ArgumentHelp("The slipway there, if it is neither in PATH nor in ~/.local/bin.", valueName: "path"))
    var program: String?

    @Option(help: "The config file instead of the usual one; of the screen.")
    var config: String?

    @OptionGroup var screen: ScreenOptions

    @Flag(help: "Offer actions that change something; the other side must allow them, too.")
    var allowWrites = false

    @OptionGroup var recording: RecordOptions

    func validate() throws {
        if let twice = Dictionary(grouping: hosts, by: \.self).first(where: { $0.value.count > 1 })?.key {
            throw ValidationError("\(SafeText.line(twice, limit: 80)) is named twice.")
        }
        for host in hosts { if let fault = SSHLine(host: host).fault { throw ValidationError(fault) } }
        guard hosts.count <= 16 else { throw ValidationError("No more than 16 hosts can be attached at a time.") }
    }

    @MainActor
    func run() async throws {
        try await telling {
            let paths = Paths()
            var config = try Config.read(self.config, paths)
            if allowWrites { config.allowWrites = true }
            try? paths.makeStateFolder()
            let names = HostNames.short(hosts)
            let fleet = AttachedFleet(zip(hosts, names).map(link), time: .system)
            let signIn = SignIn()
            let ended: Result<Void, any Error>
            do {
                // Who leaves now leaves no ssh behind either.
                let signal = try await GracefulEnd.run {
                    try await withTaskCancellationHandler {
                        try await connect(fleet, names, signIn)
                    } onCancel: {
                        Task { await fleet.stop() }
                    }
                }
                if let signal { throw ExitCode(128 + signal.rawValue) }
                ended = .success(try await show(fleet, names, config, paths))
            } catch {
                ended = .failure(error)
            }
            await fleet.stop()
            await signIn.end()
            try ended.get()
        }
    }

    private func way(_ line: SSHLine) -> SSHWay {
        SSHWay(line, program: FarProgram(path: program), commands: SubprocessDoor())
    }

    private func link(_ host: String, _ name: String) -> AttachLink {
        AttachLink(
            host: name, way: way(SSHLine(host: host)), program: "slipway \(SlipwayCommand.version)",
            ownHost: DashboardCommand.hostName, time: .system)
    }

    // MARK: before the screen

    /// Returns when at least one host is there. What a person must answer is asked now: later a screen is in the way.
    private func connect(_ fleet: AttachedFleet, _ names: [String], _ signIn: SignIn) async throws {
        if isatty(2) == 1 { Output.error("slipway: connecting to \(names.joined(separator: ", "))") }
        await fleet.start()
        var outcomes = await fleet.firstOutcomes()
        for (host, outcome) in zip(hosts, outcomes) where outcome.problem?.reason == .untrusted && isatty(0) == 1 {
            if Task.isCancelled { return }
            guard let line = await signIn.run(SSHLine(host: host)) else { continue }
            await fleet.retry(outcome.host, by: way(line))
        }
        outcomes = await fleet.firstOutcomes()
        let problems = outcomes.compactMap(\.problem)
        guard problems.count == outcomes.count, let last = problems.last else { return }
        for problem in problems.dropLast() { Output.error("slipway: \(problem.sentence)\n  \(problem.advice)") }
        throw CommandFailure(last.sentence, advice: last.advice, status: .unreachable)
    }

    @MainActor
    private func show(_ fleet: AttachedFleet, _ names: [String], _ config: Config, _ paths: Paths) async throws {
        guard screen.isPlain else {
            return try await screen.show(
                fleet, config, paths, hosts: names, links: fleet.linkStates, recording: recording
            ) { await fleet.perform($0) }
        }
        // A summary of half a fleet would be wrong.
        _ = await fleet.firstOutcomes(isWhole: true)
        let recorders = try await recording.recorders()
        let recorded = RecordedFleet(fleet, by: recorders)
        let signal = try await GracefulEnd.run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    var told: [String: String] = [:]
                    for await (host, state) in fleet.linkStates {
                        guard let line = Self.line(host, state), told[host] != line else { continue }
                        told[host] = line
                        Output.line(line)
                    }
                }
                await PlainLines(fleet: recorded, time: .system).run()
                group.cancelAll()
            }
        }
        await RecordOptions.complain(recorders)
        if let signal { throw ExitCode(128 + signal.rawValue) }
    }

    private static func line(_ host: String, _ state: LinkState) -> String? {
        switch state {
        case .connecting, .arriving, .live: nil
        // The tries after the first one say the same.
        case .lost(_, nil, _, _): nil
        case .lost(_, _, let sentence, _): "link \(host) lost: \(sentence)"
        case .resumed(let gap, let reread): "link \(host) back after \(DurationText.short(gap)), \(reread) re-read"
        }
    }

    /// A fleet that an agent of this machine collects.
    static func here(_ socket: AgentSocket) -> AttachedFleet {
        AttachedFleet(
            [
                AttachLink(
                    host: DashboardCommand.hostName, way: SocketWay(socket),
                    program: "slipway \(SlipwayCommand.version)", ownHost: DashboardCommand.hostName, time: .system)
            ], time: .system)
    }
}

/// Lets a person sign in to hosts, in the terminal, before a screen is open. What was signed in to is closed in the end.
actor SignIn {
    private var folder: URL?
    private var open: [SSHLine] = []

    /// - Returns: the line that uses what was signed in to; nil when that failed, and ssh has said why.
    func run(_ line: SSHLine) async -> SSHLine? {
        guard let folder = folder ?? makeFolder() else { return nil }
        self.folder = folder
        var line = line
        line.control = folder.appendingPathComponent("\(open.count)").path
        open.append(line)
        return await Self.foreground(["ssh"] + line.signIn, isSilent: false) == 0 ? line : nil
    }

    func end() async {
        for line in open {
            if let arguments = line.farewell { _ = await Self.foreground(["ssh"] + arguments, isSilent: true) }
        }
        open = []
        if let folder { try? FileManager.default.removeItem(at: folder) }
    }

    private func makeFolder() -> URL? {
        // Short: a socket's path may have 107 bytes, and ssh adds some of its own.
        let name = "slipway-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        let isMade: Void? = try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return isMade == nil ? nil : folder
    }

    /// Runs a program with our terminal, in our own process group: any other one would be stopped when it asks for a password.
    private static func foreground(_ words: [String], isSilent: Bool) async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: wait(for: words, isSilent: isSilent)) }
        }
    }

    private static func wait(for words: [String], isSilent: Bool) -> Int32 {
        var arguments = words.map { strdup($0) } + [nil]
        var environment = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Our threads leave signals to others, and what they start would: Ctrl-C is for ssh, too.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        if isSilent {
            for descriptor: Int32 in 0...2 {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            }
        }
        var child: pid_t = 0
        guard let program = words.first,
            posix_spawnp(&child, program, &actions, &attributes, &arguments, &environment) == 0
        else { return 127 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { if errno != EINTR { return 127 } }
        // Not ended by a signal, and the exit status.
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128
    }
}
