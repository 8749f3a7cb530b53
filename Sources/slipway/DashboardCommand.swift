import ArgumentParser
import Attach
import Collector
import Fleet
import Foundation
import History
import Logging

#if canImport(Glibc)
import Glibc
#endif

/// The full screen.
struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard", abstract: "Open the dashboard (this is what slipway does without a subcommand).")

    @OptionGroup var sources: SourceOptions

    @Flag(help: "Open it on a built-in world of nodes instead.")
    var demo = false

    @Option(help: "How many times as fast as the real world the demo runs, 1 to 200.")
    var speed = 20.0

    @Option(help: "Which of the demo's worlds.")
    var seed: UInt64 = 7

    @OptionGroup var screen: ScreenOptions

    @Flag(help: "Offer actions that change something, as `allow-writes: true` in the config does.")
    var allowWrites = false

    @OptionGroup var recording: RecordOptions

    func validate() throws {
        guard (1...200).contains(speed) else { throw ValidationError("--speed must be between 1 and 200.") }
    }

    @MainActor
    func run() async throws {
        try await telling {
            let paths = Paths()
            var config = try sources.read(paths)
            if allowWrites { config.allowWrites = true }
            try? paths.makeStateFolder()
            guard screen.isPlain else { return try await open(config, paths) }
            let (shown, world) = (config, paths)
            // What is recorded is written to its end, whoever ends it.
            let signal = try await GracefulEnd.run { try await printLines(shown, world) }
            if let signal { throw ExitCode(128 + signal.rawValue) }
        }
    }

    @MainActor
    private func open(_ config: Config, _ paths: Paths) async throws {
        if demo { return try await openDemo(config, paths) }
        // Where an agent collects for everybody, nothing is asked twice. No link is shown: it is this machine.
        if !sources.isSpecial, let agent = AgentSocket.running(paths.agentSockets) {
            let fleet = AttachCommand.here(agent.socket)
            return try await screen.show(
                fleet, config, paths, hosts: [], kept: paths.changes, recording: recording
            ) { await fleet.perform($0) }
        }
        let firstFrame = FirstFrameFile(path: paths.firstFrame)
        let recorders = try await recording.recorders(kept: paths.changes, time: .system)
        try await screen.open(config, paths, past: PastFleet(folder: paths.changes), firstFrame: firstFrame) {
            driver, log in
            let history = try HistoryStore.open(paths, time: .system)
            guard let config = await driver.find(config) else { return }
            let open = try await OpenSource.open(config, history: history, time: .system)
            let collector = FleetCollector(
                feeds: open.map(\.feed), history: history, firstFrame: firstFrame, time: .system)
            let actions = actions(open.compactMap(\.pool), config, history: history, log)
            await driver.run(RecordedFleet(collector, by: recorders), perform: actions?.performing)
            for line in await actions?.end() ?? [] { Output.error(line) }
            for source in open { await source.close() }
        }
    }

    @MainActor
    private func openDemo(_ config: Config, _ paths: Paths) async throws {
        let time = TimeSource.scaled(by: speed, past: DemoWorld.past, catchUp: 1.5)
        let kept = KeptForNow()
        defer { kept.remove() }
        let recorders = try await recording.recorders(kept: kept.folder, time: time)
        try await screen.open(
            config, paths, past: PastFleet(folder: kept.folder), time: time, change: { $0.demoSpeed = speed }
        ) { driver, log in
            let world = try DemoWorld(time: time, seed: seed, folder: nil, logger: Self.logger(log))
            try await world.run { feeds, pool, history in
                let collector = FleetCollector(feeds: feeds, history: history, firstFrame: nil, time: time)
                let actions = actions([pool], config, history: history, log)
                await driver.run(RecordedFleet(collector, by: recorders), perform: actions?.performing)
                // Nothing is left over of a world that ends.
                _ = await actions?.end()
            }
        }
    }

    private func actions(
        _ pools: [ManagedPool], _ config: Config, history: HistoryStore, _ log: LogFile
    ) -> ActionRunner? {
        guard config.allowWrites else { return nil }
        let logger = Self.logger(log)
        return ActionRunner(pools: pools, history: history) { logger.info("\($0)") }
    }

    /// The same collecting without a screen; ends with the terminal, a signal, or whoever reads the lines.
    private func printLines(_ config: Config, _ paths: Paths) async throws {
        if demo {
            let time = TimeSource.scaled(by: speed, past: DemoWorld.past, catchUp: 1.5)
            let recorders = try await recording.recorders(time: time)
            let world = try DemoWorld(
                time: time, seed: seed, folder: nil, logger: Self.logger(LogFile(path: paths.log)))
            return try await world.run { feeds, _, history in
                let collector = FleetCollector(feeds: feeds, history: history, firstFrame: nil, time: time)
                await PlainLines(fleet: RecordedFleet(collector, by: recorders), time: time).run()
                await RecordOptions.complain(recorders)
            }
        }
        try await OneLook(options: sources, recorders: try await recording.recorders()).collecting { collector, _ in
            await PlainLines(fleet: collector, time: .system).follow()
        }
    }

    /// The first part of the machine's name, asked of the kernel: the C library's own way may ask the network.
    static let hostName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return SafeText.line(text.split(separator: ".").first.map(String.init) ?? text, limit: 40)
    }()

    static func logger(_ log: LogFile) -> Logger {
        let now = TimeSource.system.now
        return Logger(label: "slipway") { FileLogHandler(file: log, label: $0, now: { WireTime.text(now()) }) }
    }
}

extension ActionRunner {
    nonisolated var performing: @Sendable (Action) async -> Action.Outcome { { await self.perform($0) } }
}
