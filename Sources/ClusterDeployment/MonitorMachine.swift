import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The life of one subscription. Pure: every input names the moment and returns what is to be done, in this order. After an `end` all
/// inputs return nothing. Source: wire-formats 7.6 and tasks 8 to 16 of the seed.
public struct MonitorMachine: Sendable {
    public enum Action: Sendable, Equatable {
        case publish(ProgressUpdate)
        /// The subscription is over; the last update has said so.
        case end(End)
    }

    /// Why a subscription is over; the raw value is the reason of the last update where the system says so.
    public enum End: String, Sendable, Equatable {
        case ready = "Ready"
        case failed = "Failed"
        case deleted = "Deleted"
        /// It was only checked, and the checks are done: nothing is built, and nothing is ready.
        case dryRun = "DryRun"
        case timedOut = "TimedOut"
        case lost = "WatchLost"
        /// The monitor itself ended.
        case stopped = "Stopped"
    }

    /// Seconds of events that a new subscriber is told, and how many of them.
    static let snapshotAge: Double = 300
    static let snapshotEvents = 5
    /// Seconds before the limit at which it is announced; half of the limit where that is less.
    static let warning: Double = 300
    /// So many tries in a row, and a lost watch is given up.
    static let tries = 3

    private enum State {
        case idle
        case running(MonitorView)
        case ended
    }

    private let timeout: Double
    private var state = State.idle
    private var pacing = MonitorPacing()
    private var limit = Double.infinity
    private var warnAt: Double?
    private var lookAt: Double?
    private var isLost = false
    /// The last state that was published, without its time.
    private var told: ProgressUpdate?

    /// - Parameter timeout: seconds from the start, positive.
    public init(timeout: Double) { self.timeout = timeout }

    /// When `tick` is to be called at the latest, in uptime; nil when there is nothing to wait for.
    public var nextDeadline: Double? {
        guard case .running = state else { return nil }
        return [limit, warnAt, lookAt, pacing.deadline].compactMap { $0 }.min()
    }

    // MARK: inputs

    /// The first look: its state, and the newest events that matter. A state with which everything is over comes last.
    ///
    /// - Parameter events: of this deployment, in any order; those that are older than five minutes are not told.
    public mutating func start(_ wire: WireDeployment, events: [WireEvent], at moment: MonitorMoment) -> [Action] {
        guard case .idle = state else { return [] }
        var view = MonitorView(wire, now: moment.date)
        limit = moment.uptime + timeout
        warnAt = limit - min(Self.warning, timeout / 2)
        var updates: [ProgressUpdate] = []
        for event in EventFold.byTime(events) {
            guard let milestone = view.take(event, now: moment.date),
                moment.date.timeIntervalSince(milestone.at) <= Self.snapshotAge
            else { continue }
            updates.append(view.event(milestone, of: event))
        }
        state = .running(view)
        let first = publishState(view, moment)
        // They are history: their phase is that of today.
        let newest = updates.suffix(Self.snapshotEvents).flatMap { publish($0, view, moment) }
        if view.isChecked { return first + newest + checked(moment) }
        return view.isTerminal ? newest + first : first + newest
    }

    /// The deployment, whether it differs from what was seen before or not.
    public mutating func changed(_ wire: WireDeployment, at moment: MonitorMoment) -> [Action] {
        guard case .running(var view) = state else { return [] }
        for early in view.take(wire, now: moment.date) { pacing.hold(early) }
        return looked(view, moment)
    }

    /// An event of this deployment.
    public mutating func happened(_ event: WireEvent, at moment: MonitorMoment) -> [Action] {
        guard case .running(var view) = state else { return [] }
        let before = view.phase
        let milestone = view.take(event, now: moment.date)
        state = .running(view)
        guard let milestone else { return [] }
        pacing.hold(view.event(milestone, of: event))
        guard view.phase != before || pacing.mayPublish(at: moment.uptime) else { return [] }
        return publish(pacing.releaseEvents(), view, moment)
    }

    public mutating func deleted(at moment: MonitorMoment) -> [Action] {
        finish(.deleted, "ClusterDeployment deleted", .warning, moment)
    }

    /// - Parameter failures: tries in a row that have failed, 1 at the first.
    public mutating func lost(failures: Int, _ problem: UpstreamProblem, at moment: MonitorMoment) -> [Action] {
        guard case .running(let view) = state else { return [] }
        let why = SafeText.line(problem.sentence)
        guard failures < Self.tries else {
            return finish(.lost, "Cluster watch lost, subscription terminated: \(why)", .error, moment)
        }
        guard !isLost else { return [] }
        isLost = true
        return publish(view.system("Cluster watch lost, trying again: \(why)", .warning, moment.date), view, moment)
    }

    /// The watch is back.
    public mutating func resumed(at moment: MonitorMoment) -> [Action] {
        guard case .running(let view) = state, isLost else { return [] }
        isLost = false
        return publish(view.system("Cluster watch resumed", .info, moment.date), view, moment)
    }

    /// Whatever is due by now.
    public mutating func tick(at moment: MonitorMoment) -> [Action] {
        guard case .running(var view) = state else { return [] }
        if moment.uptime >= limit {
            return finish(.timedOut, "Monitoring timeout exceeded, subscription terminated", .warning, moment)
        }
        var actions: [Action] = []
        if let due = warnAt, moment.uptime >= due {
            warnAt = nil
            let left = GoDuration.text(limit - moment.uptime)
            let text = "Provisioning timeout approaching (\(left) remaining)"
            actions += publish(view.system(text, .warning, moment.date), view, moment)
        }
        if let due = lookAt, moment.uptime >= due {
            view.look(moment.date)
            actions += looked(view, moment)
        }
        guard case .running = state else { return actions }
        switch pacing.due(at: moment.uptime) {
        case .event(let update): actions += publish(update, view, moment)
        case .state where isNews(view, moment): actions += publishState(view, moment)
        case .state, nil: break
        }
        return actions
    }

    /// The monitor ends.
    public mutating func stopped(at moment: MonitorMoment) -> [Action] {
        finish(.stopped, "Monitoring stopped", .warning, moment)
    }

    // MARK: what is done

    /// After a look: the state is told now, later or not at all.
    private mutating func looked(_ view: MonitorView, _ moment: MonitorMoment) -> [Action] {
        state = .running(view)
        if view.isChecked { return checked(moment) }
        lookAt = view.patience(moment.date).map { moment.uptime + $0 }
        guard isNews(view, moment) else {
            pacing.releaseState()
            return []
        }
        if view.isTerminal || view.phase != told?.phase { return publishState(view, moment) }
        pacing.holdState()
        guard pacing.mayPublish(at: moment.uptime) else { return [] }
        return publishState(view, moment)
    }

    private func isNews(_ view: MonitorView, _ moment: MonitorMoment) -> Bool {
        Self.essence(view.state(moment.date, isWhole: false)) != told
    }

    /// What makes a state another one. Conditions change their wording with every look of the controller; only what is shown of them
    /// counts.
    private static func essence(_ update: ProgressUpdate) -> ProgressUpdate {
        var update = update
        update.timestamp = .distantPast
        update.conditions = []
        update.services = update.services.map { service in
            var service = service
            service.conditions = []
            return service
        }
        return update
    }

    private mutating func publishState(_ view: MonitorView, _ moment: MonitorMoment) -> [Action] {
        let update = view.state(moment.date)
        lookAt = view.patience(moment.date).map { moment.uptime + $0 }
        told = Self.essence(update)
        pacing.releaseState()
        guard update.isTerminal else { return publish(update, view, moment) }
        let rest = publish(pacing.releaseEvents(), view, moment)
        state = .ended
        return rest + [.publish(update), .end(view.standing.phase == .ready ? .ready : .failed)]
    }

    /// - Parameter update: with the phase and percent of now, however long it has waited.
    private mutating func publish(
        _ update: ProgressUpdate?, _ view: MonitorView, _ moment: MonitorMoment
    ) -> [Action] {
        guard var update else { return [] }
        let now = view.system("", .info, moment.date)
        update.phase = now.phase
        update.progress = now.progress
        told?.phase = now.phase
        told?.progress = now.progress
        pacing.published(at: moment.uptime)
        return [.publish(update)]
    }

    private mutating func checked(_ moment: MonitorMoment) -> [Action] {
        finish(.dryRun, MonitorView.checked, .info, moment)
    }

    private mutating func finish(
        _ end: End, _ text: String, _ severity: ProgressUpdate.Severity, _ moment: MonitorMoment
    ) -> [Action] {
        guard case .running(let view) = state else { return [] }
        var update = view.system(text, severity, moment.date)
        update.isTerminal = true
        update.reason = end.rawValue
        let rest = publish(pacing.releaseEvents(), view, moment)
        state = .ended
        return rest + [.publish(update), .end(end)]
    }
}
