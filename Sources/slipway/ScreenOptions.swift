import ArgumentParser
import Collector
import Dashboard
import Fleet
import Foundation
import History
import Screen
import Terminal

#if canImport(Glibc)
import Glibc
#endif

/// How the screen looks, for all commands that open one; and opening it.
struct ScreenOptions: ParsableArguments {
    @Option(help: "A theme by name instead of the configured one.")
    var theme: String?

    @Flag(help: "Draw with ASCII characters only.")
    var ascii = false

    @Flag(help: "Print lines instead, for screen readers; also when the output is not a terminal.")
    var plain = false

    /// No screen is opened.
    var isPlain: Bool { plain || isatty(1) == 0 }

    /// Opens the screen, and gives the terminal back when `body` is done.
    ///
    /// - Parameters:
    ///   - past: the fleet as it was, for going back.
    ///   - firstFrame: what the first frame shows before anything is read.
    ///   - change: what is special about this screen.
    @MainActor
    func open(
        _ config: Config, _ paths: Paths, past: PastFleet, time: TimeSource = .system,
        firstFrame: FirstFrameFile? = nil,
        change: (inout State.Setting) -> Void = { _ in },
        _ body: @MainActor (ScreenDriver, LogFile) async throws -> Void
    ) async throws {
        let log = LogFile(path: paths.log)
        let screen = try terminal(config)
        defer { screen.close() }
        if let descriptor = log.descriptor { screen.divertErrors(to: descriptor) }
        var setting = setting(config, screen: screen)
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

    /// Opens the screen on a fleet that somebody else collects; returns when the person has left and `fleet` has ended.
    ///
    /// - Parameters:
    ///   - hosts: where it is collected, as the names of its sources begin; none for an agent of this machine.
    ///   - kept: where whoever collects it keeps its past; nil keeps it here for as long as the screen is open.
    ///   - links: how the links to them stand; nil where that is told by the sources alone.
    ///   - perform: carries out what is asked for, where the config lets anything be changed.
    @MainActor
    func show(
        _ fleet: any FleetPublisher, _ config: Config, _ paths: Paths, hosts: [String], kept: String? = nil,
        links: AsyncStream<(host: String, state: LinkState)>? = nil, recording: RecordOptions,
        perform: @escaping @Sendable (Action) async -> Action.Outcome
    ) async throws {
        let own = KeptForNow()
        defer { own.remove() }
        let recorders = try await recording.recorders(kept: kept == nil ? own.folder : nil, time: .system)
        try await open(
            config, paths, past: PastFleet(folder: kept ?? own.folder),
            firstFrame: kept == nil ? nil : FirstFrameFile(path: paths.firstFrame), change: { $0.attached = hosts }
        ) { driver, _ in
            await driver.run(
                RecordedFleet(fleet, by: recorders), perform: config.allowWrites ? perform : nil, links: links)
        }
    }

    @MainActor
    private func setting(_ config: Config, screen: TerminalScreen) -> State.Setting {
        let glyphs: Glyphs =
            switch ascii ? .ascii : config.glyphs {
            case .ascii: .ascii
            case .box: .box
            case .auto: screen.glyphs
            }
        // Remapped keys were checked when the config was read.
        let keymap = (try? Keymap.remapped(config.keys).get()) ?? .standard
        return State.Setting(
            host: DashboardCommand.hostName, isReadOnly: !config.allowWrites, zone: .current, glyphs: glyphs,
            keymap: keymap, configPath: Paths.short(config.path ?? Paths().config))
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
}

extension PastFleet {
    /// What the dashboard asks for, nil when nothing can be shown; and what is wrong with what is kept.
    func past(_ moment: Moment) -> (past: Past?, why: String?) {
        let found =
            switch moment {
            case .at(let date): past(at: date)
            case .change(let count, let date): past(change: count, from: date)
            }
        return (found.map { Past(snapshot: $0.snapshot, range: $0.range, gap: $0.gap) }, notice)
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
