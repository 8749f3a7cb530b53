import Collector
import Dashboard
import Fleet
import Foundation
import Screen
import Terminal

/// Turns what comes from the terminal and the collector into messages, the state into frames, and effects into deeds.
@MainActor
final class ScreenDriver {
    /// Data is painted at most so often, in seconds; keys at once.
    private static let framePeriod = 0.033
    /// A window that is being dragged is painted when it has been still for so long, in seconds.
    private static let resizePause = 0.08
    /// A cursor that has not moved for so long rests, in seconds.
    private static let restPause = 0.12

    /// Memory is given back when the fleet has been read for the first time, once more for slow sources, and then now and again: pauses in
    /// seconds.
    private static let firstReleases: [Double] = [3, 7, 20]
    private static let releasePeriod: Double = 300

    /// Earlier runs of an item that are looked up.
    private static let earlierRuns = 20

    private let screen: TerminalScreen
    private var state: State
    private let theme: Theme
    private let time: TimeSource
    /// Nil while nothing may be changed.
    private var deed: (@Sendable (Action) async -> Action.Outcome)?
    private var fleet: (any FleetPublisher)?
    /// Reads the fleet as it was, at an instant or at a change, and tells what is wrong with what is kept.
    private let past: @Sendable (Moment) async -> (past: Past?, why: String?)
    private var runsWanted: ItemID?
    private var resizes = 0
    private var moves = 0
    private var isOver = false
    private var over: CheckedContinuation<Void, Never>?
    private var deeds: AsyncStream<Effect>.Continuation?

    init(
        screen: TerminalScreen, state: State, theme: Theme, time: TimeSource,
        past: @escaping @Sendable (Moment) async -> (past: Past?, why: String?)
    ) {
        self.past = past
        self.screen = screen
        self.state = state
        self.theme = theme
        self.time = time
    }

    /// Paints the first frame and begins to listen to keys.
    func start(notice: String?) {
        take(.resized(screen.size))
        take(.tick(time.now()))
        if let notice { take(.notice(notice)) }
        paint()
        screen.start { [weak self] inputs in self?.take(inputs) }
    }

    /// Waits until a source is configured or found; nil if the person leaves before that.
    func find(_ config: Config) async -> Config? {
        if config.isConfigured { return config }
        return await withTaskGroup(of: Config?.self) { group in
            group.addTask {
                var isFirst = true
                while !Task.isCancelled {
                    let found = await SourceDetection.complete(config, asksKubernetes: isFirst)
                    if found.hasSources { return found }
                    isFirst = false
                    guard (try? await TimeSource.system.sleep(5)) != nil else { break }
                }
                return nil
            }
            group.addTask {
                await self.untilOver()
                return nil
            }
            group.addTask {
                await self.keepTicking()
                return nil
            }
            let found = await group.next() ?? nil
            group.cancelAll()
            return found
        }
    }

    /// Shows what the fleet holds until the person leaves; it has ended and written everything down when this returns.
    ///
    /// - Parameters:
    ///   - perform: carries out what is asked for; nil where nothing may be changed.
    ///   - links: what is told of the hosts that are attached.
    func run(
        _ fleet: any FleetPublisher, perform: (@Sendable (Action) async -> Action.Outcome)? = nil,
        links: AsyncStream<(host: String, state: LinkState)>? = nil
    ) async {
        self.fleet = fleet
        self.deed = perform
        let (effects, deeds) = AsyncStream.makeStream(of: Effect.self, bufferingPolicy: .bufferingNewest(64))
        self.deeds = deeds
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            group.addTask { await self.follow(fleet) }
            group.addTask { await self.keepTicking() }
            group.addTask { await self.keepReleasing() }
            group.addTask { for await effect in effects { await self.perform(effect, fleet) } }
            if let links { group.addTask { for await link in links { await self.take(link.host, link.state) } } }
            await untilOver()
            // The terminal is given back first: what is left to write takes a moment.
            screen.close()
            deeds.finish()
            group.cancelAll()
        }
    }

    /// Shows what `past` gives, and nothing else, until the person leaves.
    func replay() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepTicking() }
            group.addTask { await self.keepReleasing() }
            await untilOver()
            screen.close()
            group.cancelAll()
        }
    }

    // MARK: what comes in

    private func take(_ inputs: [TerminalScreen.Input]) {
        var isResized = false
        for input in inputs {
            switch input {
            case .key(let key):
                take(.tick(time.now()))
                take(.key(key))
            case .resized(let size):
                take(.resized(size))
                isResized = true
            case .continued: take(.tick(time.now()))
            case .end: leave()
            }
        }
        if isResized { paintWhenStill() } else { paint() }
    }

    private func take(_ message: Message) {
        for effect in update(&state, message) {
            switch effect {
            case .quit: leave()
            case .copy(let text):
                if !screen.copy(text) { take(.notice("this terminal takes no copies")) }
            case .suspend: screen.suspend()
            case .restSoon: restSoon()
            case .redraw: screen.redraw()
            case .loadRuns(let item):
                runsWanted = item
                deeds?.yield(effect)
            case .refresh: deeds?.yield(effect)
            case .perform(let action): perform(action)
            case .seek(let moment): seek(moment)
            }
        }
    }

    /// Beside everything else: it may take seconds, and each one is answered.
    private func perform(_ action: Action) {
        Task {
            let outcome =
                await deed?(action)
                ?? Action.Outcome(
                    isGood: false, "nothing may be changed from here", advice: "Start with --allow-writes.")
            take(.outcome(action, outcome))
            paint()
        }
    }

    /// Beside everything else, too: a long history takes a moment to read. There is one such question at a time.
    private func seek(_ moment: Moment) {
        Task {
            let answer = await past(moment)
            var why = answer.why
            // Where nothing is kept, whoever cannot write it knows why.
            if answer.past == nil, let trouble = await fleet?.notice() { why = trouble }
            take(.past(answer.past, of: moment, why: why))
            paint()
        }
    }

    private func take(_ host: String, _ state: LinkState) {
        take(.tick(time.now()))
        take(.link(host, state))
        paint()
    }

    private func follow(_ fleet: any FleetPublisher) async {
        let (snapshot, subscription) = await fleet.subscribe()
        take(.snapshot(snapshot))
        paint()
        for await _ in subscription.signals {
            take(.tick(time.now()))
            take(.changes(subscription.take()))
            paint()
            // What comes meanwhile waits in the subscription, the newest value of each item only.
            guard (try? await TimeSource.system.sleep(Self.framePeriod)) != nil else { break }
        }
        await fleet.unsubscribe(subscription)
    }

    private func keepTicking() async {
        var told: String?
        while (try? await TimeSource.system.sleep(1)) != nil {
            take(.tick(time.now()))
            // Trouble with our own disk belongs to no source: it is told once, when it begins.
            let notice = await fleet?.notice()
            if notice != told {
                told = notice
                take(.notice(notice))
            }
            paint()
        }
    }

    /// Beside the ticks: those wait for a disk that is busy, as it is at the start, when there is most to give back.
    private func keepReleasing() async {
        var first = Self.firstReleases[...]
        while (try? await TimeSource.system.sleep(first.popFirst() ?? Self.releasePeriod)) != nil {
            screen.releaseMemory()
        }
    }

    private func perform(_ effect: Effect, _ fleet: any FleetPublisher) async {
        switch effect {
        case .refresh(let source): await fleet.refresh(source)
        case .loadRuns(let item):
            // A held key leaves many behind; only the item that the cursor is on now is looked up.
            guard item == runsWanted else { return }
            take(.runs(item, await fleet.runs(of: item, limit: Self.earlierRuns)))
            paint()
        case .quit, .copy, .suspend, .redraw, .restSoon, .perform, .seek: break
        }
    }

    // MARK: what goes out

    private func paint() {
        guard !isOver else { return }
        screen.paint(view(state, size: screen.size), theme: theme)
    }

    private func restSoon() {
        moves += 1
        let mine = moves
        Task {
            try? await TimeSource.system.sleep(Self.restPause)
            guard mine == moves else { return }
            let wanted = runsWanted
            take(.rested)
            // Where runs were asked for, one paint shows them with the rest in a moment, instead of taking the old ones away first.
            if runsWanted == wanted { paint() }
        }
    }

    private func paintWhenStill() {
        resizes += 1
        let mine = resizes
        Task {
            try? await TimeSource.system.sleep(Self.resizePause)
            if mine == resizes { paint() }
        }
    }

    // MARK: the end

    private func leave() {
        guard !isOver else { return }
        isOver = true
        endWaiting()
    }

    /// Returns when the person leaves, or when the task is cancelled.
    private func untilOver() async {
        await withTaskCancellationHandler {
            if isOver || Task.isCancelled { return }
            await withCheckedContinuation { over = $0 }
        } onCancel: {
            Task { @MainActor in endWaiting() }
        }
    }

    private func endWaiting() {
        over?.resume()
        over = nil
    }
}
