import ArgumentParser
import Attach
import Collector
import Fleet
import Foundation
import History
import Upstream

/// Collects without a screen; screens attach to it.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Collect once for all dashboards of this user, and for those attached over ssh.",
        discussion: """
            It runs in the foreground and listens on a Unix socket that only this user can reach. Dashboards use it when it is there.
            `slipway agent --unit > ~/.config/systemd/user/slipway-agent.service` lets systemd run it.
            """)

    @OptionGroup var sources: SourceOptions

    @Flag(help: "Let attached screens change something, as `allow-writes: true` in the config does.")
    var allowWrites = false

    @Flag(help: "Print a systemd user unit that runs it, and exit.")
    var unit = false

    @Flag(help: "Talk over input and output instead; this is what `slipway attach` starts on the other host.")
    var stdio = false

    @Flag(help: "Collect from a built-in world of nodes instead.")
    var demo = false

    @Option(help: "How many times as fast as the real world the demo runs, 1 to 200.")
    var speed = 1.0

    @Option(help: "Which of the demo's worlds.")
    var seed: UInt64 = 7

    @OptionGroup var recording: RecordOptions

    func validate() throws {
        guard (1...200).contains(speed) else { throw ValidationError("--speed must be between 1 and 200.") }
    }

    func run() async throws {
        try await telling {
            if unit { return Output.text(unitText) }
            _ = try await GracefulEnd.run { if stdio { try await talk() } else { try await listen() } }
        }
    }

    // MARK: who is served

    private func listen() async throws {
        let paths = Paths()
        let places = paths.agentSockets
        guard let socket = places.first else {
            throw CommandFailure(
                "The path of the agent's socket would be too long.", advice: "Set XDG_RUNTIME_DIR.", status: .usage)
        }
        // The one that runs may have been started with another environment.
        if let other = AgentSocket.running(places) {
            throw CommandFailure(
                "An agent already runs (pid \(other.pid)).",
                advice: "It serves all screens of this user; end it first if another one is meant.", status: .usage)
        }
        try await collecting(paths) { server in
            do throws(UpstreamProblem) {
                try await AgentDesk.keep(server, at: socket, time: .system) {
                    Output.error("slipway: the agent listens at \(Paths.short(socket.path)); Ctrl-C ends it.")
                }
            } catch {
                throw CommandFailure(error.sentence, advice: error.advice, status: .usage)
            }
        }
    }

    /// Over input and output: with the agent's fleet where there is one, else with a fleet collected for as long as somebody looks.
    private func talk() async throws {
        let paths = Paths()
        do throws(UpstreamProblem) {
            if !demo, !sources.isSpecial, let agent = AgentSocket.running(paths.agentSockets) {
                return try await AgentDesk.relayStarter(to: agent.socket, time: .system)
            }
        } catch {
            throw CommandFailure(error.sentence, advice: error.advice, status: .failed)
        }
        do {
            try await collecting(paths) { server in
                do throws(UpstreamProblem) {
                    try await AgentDesk.serveStarter(server, time: .system)
                } catch {
                    throw CommandFailure(error.sentence, advice: error.advice, status: .failed)
                }
            }
        } catch let failure as CommandFailure {
            // Who looks is far away: it is told there.
            try? await AgentDesk.excuse(
                failure.sentence, advice: failure.advice, setting: Self.setting, time: .system)
        }
    }

    private static var setting: AttachServer.Setting {
        AttachServer.Setting(program: "slipway \(SlipwayCommand.version)", host: DashboardCommand.hostName)
    }

    // MARK: collecting

    /// Runs a collector while `body` works with a server of its fleet.
    private func collecting(
        _ paths: Paths, _ body: @escaping @Sendable (AttachServer) async throws -> Void
    ) async throws {
        if demo { return try await collectingDemo(paths, body) }
        var config = try sources.read(paths)
        if allowWrites { config.allowWrites = true }
        config = await SourceDetection.complete(config)
        guard config.hasSources else {
            throw CommandFailure(
                "No source is configured on \(DashboardCommand.hostName), and none was found.",
                advice: "`slipway doctor` there says what was looked for, `slipway config init` writes a config.",
                status: .usage)
        }
        try? paths.makeStateFolder()
        let time = TimeSource.system
        let history = try HistoryStore.open(paths, time: time)
        let open = try await OpenSource.open(config, history: history, time: time)
        let collector = FleetCollector(
            feeds: open.map(\.feed), history: history, firstFrame: FirstFrameFile(path: paths.firstFrame), time: time)
        let actions = config.allowWrites ? runner(open.compactMap(\.pool), history, paths) : nil
        let recorders = try await recording.recorders(kept: paths.changes)
        let ended = await Self.serving(RecordedFleet(collector, by: recorders), actions, time: time, body)
        await RecordOptions.complain(recorders)
        for line in await actions?.end() ?? [] { Output.error(line) }
        for source in open { await source.close() }
        try ended.get()
    }

    private func collectingDemo(
        _ paths: Paths, _ body: @escaping @Sendable (AttachServer) async throws -> Void
    ) async throws {
        let demo = TimeSource.scaled(by: speed, past: DemoWorld.past, catchUp: 1.5)
        // What is shown follows the demo's clock; who is silent is judged by the real one.
        let time = TimeSource(now: demo.now, uptime: TimeSource.system.uptime, sleep: TimeSource.system.sleep)
        let world = try DemoWorld(
            time: demo, seed: seed, folder: nil, logger: DashboardCommand.logger(LogFile(path: paths.log)))
        let recorders = try await recording.recorders(time: demo)
        let (results, result) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        try await world.run { feeds, pool, history in
            let collector = FleetCollector(feeds: feeds, history: history, firstFrame: nil, time: demo)
            let actions = allowWrites ? runner([pool], history, paths) : nil
            result.yield(await Self.serving(RecordedFleet(collector, by: recorders), actions, time: time, body))
            result.finish()
            _ = await actions?.end()
        }
        for await ended in results { try ended.get() }
    }

    private func runner(_ pools: [ManagedPool], _ history: HistoryStore, _ paths: Paths) -> ActionRunner {
        let logger = DashboardCommand.logger(LogFile(path: paths.log))
        return ActionRunner(pools: pools, history: history) { logger.info("\($0)") }
    }

    private static func serving(
        _ fleet: any FleetPublisher, _ actions: ActionRunner?, time: TimeSource,
        _ body: @escaping @Sendable (AttachServer) async throws -> Void
    ) async -> Result<Void, any Error> {
        var perform: AttachServer.Perform?
        if let actions { perform = { await actions.perform($0) } }
        let server = AttachServer(fleet, setting: setting, time: time, perform: perform)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            defer { group.cancelAll() }
            do { return .success(try await body(server)) } catch { return .failure(error) }
        }
    }

    // MARK: systemd

    private var unitText: String {
        let program = Bundle.main.executablePath ?? CommandLine.arguments.first ?? "slipway"
        var words = [program, "agent"]
        if allowWrites { words.append("--allow-writes") }
        if let config = sources.config { words += ["--config", URL(fileURLWithPath: config).path] }
        return """
            # slipway agent --unit > ~/.config/systemd/user/slipway-agent.service
            # systemctl --user enable --now slipway-agent
            # loginctl enable-linger    (it runs while nobody is logged in, too)
            [Unit]
            Description=Slipway agent: collects once for all dashboards of this user

            [Service]
            ExecStart=\(words.map(Self.unitWord).joined(separator: " "))
            Restart=on-failure
            RestartSec=5

            [Install]
            WantedBy=default.target

            """
    }

    /// systemd reads quotes, backslashes, per cent and dollar signs in its own way.
    static func unitWord(_ word: String) -> String {
        let text = word.flatMap { character -> [Character] in
            switch character {
            case "%", "$": [character, character]
            case "\"", "\\": ["\\", character]
            default: [character]
            }
        }
        let isPlain = !word.isEmpty && word.allSatisfy { !$0.isWhitespace && !"\"'\\;".contains($0) }
        return isPlain ? String(text) : "\"\(String(text))\""
    }
}

extension Paths {
    /// All places where an agent of this user may be.
    var agentSockets: [AgentSocket] {
        AgentSocket.places(environment: ProcessInfo.processInfo.environment, state: state)
    }
}

extension SourceOptions {
    /// Something else is meant than what the agent of this user collects.
    var isSpecial: Bool { config != nil || region != nil || context != nil || namespaces != nil || metal != nil }
}
