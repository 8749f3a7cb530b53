import ArgumentParser
import Attach
import Collector
import Dashboard
import Fleet
import Foundation
import History
import Logging
import Screen
import Terminal

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

    @Option(help: "A theme by name instead of the configured one.")
    var theme: String?

    @Flag(help: "Offer actions that change something, as `allow-writes: true` in the config does.")
    var allowWrites = false

    @Flag(help: "Draw with ASCII characters only.")
    var ascii = false

    @Flag(help: "Print one line for each change instead, for screen readers; also when the output is not a terminal.")
    var plain = false

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
            guard plain || isatty(1) == 0 else { return try await open(config, paths) }
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
            return try await show(fleet, hosts: [], kept: paths.changes) { await fleet.perform($0) }
        }
        let firstFrame = FirstFrameFile(path: paths.firstFrame)
        let recorders = try await recording.recorders(kept: paths.changes, time: .system)
        try await onScreen(config, paths, past: PastFleet(folder: paths.changes), firstFrame: firstFrame) {
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
        try await onScreen(config, paths, past: PastFleet(folder: kept.folder), time: time) { driver, log in
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

    /// Opens the screen, and gives the terminal back when `body` is done.
    ///
    /// - Parameters:
    ///   - past: the fleet as it was, for going back.
    ///   - firstFrame: what the first frame shows before anything is read.
    ///   - change: what is special about this screen.
    @MainActor
    func onScreen(
        _ config: Config, _ paths: Paths, past: PastFleet, time: TimeSource = .system,
        firstFrame: FirstFrameFile? = nil,
        change: (inout State.Setting) -> Void = { _ in },
        _ body: @MainActor (ScreenDriver, LogFile) async throws -> Void
    ) async throws {
        let log = LogFile(path: paths.log)
        let screen = try terminal(config)
        defer { screen.close() }
        if let descriptor = log.descriptor { screen.divertErrors(to: descriptor) }
        var setting = setting(config, paths, screen: screen)
        change(&setting)
        var state = State(setting: setting, now: time.now())
        if let frame = firstFrame?.read() { state.restore(frame) }
        let (theme, themeNotice) = ThemeChoice(paths: paths).load(self.theme ?? config.theme)
        let driver = ScreenDriver(screen: screen, state: state, theme: theme, time: time) { await past.past($0) }
        let unknown = screen.unknownTerm.map {
            "the terminal type \($0) is not known here; \(screen.term) stands in for it"
        }
        driver.start(notice: themeNotice ?? unknown)
        try await body(driver, log)
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
            }
        }
        let recording = recording
        try await OneLook(options: sources).collecting { collector, _ in
            try await recording.recording(collector) { await PlainLines(fleet: collector, time: .system).follow() }
        }
    }

    @MainActor
    private func setting(_ config: Config, _ paths: Paths, screen: TerminalScreen) -> State.Setting {
        let glyphs: Glyphs =
            switch ascii ? .ascii : config.glyphs {
            case .ascii: .ascii
            case .box: .box
            case .auto: screen.glyphs
            }
        // Remapped keys were checked when the config was read.
        let keymap = (try? Keymap.remapped(config.keys).get()) ?? .standard
        return State.Setting(
            host: Self.hostName, isReadOnly: !config.allowWrites, demoSpeed: demo ? speed : nil, zone: .current,
            glyphs: glyphs, keymap: keymap, configPath: Paths.short(sources.config ?? paths.config))
    }

    @MainActor
    private func terminal(_ config: Config) throws -> TerminalScreen {
        let depth: ColorDepth? =
            switch config.color {
            case .auto: nil
            case .mono: .mono
            case .ansi8: .ansi8
            case .ansi16: .ansi16
            case .indexed256: .indexed256
            case .direct: .direct
            }
        do {
            return try TerminalScreen(
                options: .init(depth: depth, environment: ProcessInfo.processInfo.environment))
        } catch {
            throw CommandFailure(
                "\(error)", advice: "`slipway status` and `slipway watch` need no terminal.", status: .usage)
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

extension PastFleet {
    /// What the dashboard asks for; nil when nothing is kept.
    func past(_ moment: Moment) -> Past? {
        let found =
            switch moment {
            case .at(let date): past(at: date)
            case .change(let count, let date): past(change: count, from: date)
            }
        return found.map { Past(snapshot: $0.snapshot, range: $0.range) }
    }
}

extension State {
    /// The head that was kept, with what it leaves out as counts.
    mutating func restore(_ frame: FirstFrame) {
        var unread = frame.tallies
        for entry in frame.report.items { unread[entry.item.kind]?[entry.item.state, default: 1] -= 1 }
        restore(frame.snapshot, unread: unread.mapValues { $0.filter { $0.value > 0 } })
    }
}
