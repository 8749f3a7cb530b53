import Fleet
import Synchronization
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Monitoring subscriptions: many clients follow deployments, each through a `MonitorMachine` of its own. What happens is told by `take`;
/// the timers run in `run`, of which there is one.
///
/// A stream that nobody reads any longer is given up at the next input. One that is read slowly loses its oldest updates, never its last.
public actor DeploymentMonitor {
    /// Updates that wait for a slow reader.
    static let waiting = 32
    /// Signals that are kept for a subscription whose first look is under way.
    private static let early = 256
    /// Seconds of sleep when nothing is due.
    private static let idle: Double = 3600

    private struct Session {
        var client: String
        var key: DeploymentKey
        var machine: MonitorMachine
        /// What came while the first look was under way; nil once it is there.
        var early: [DeploymentSignal]?
        var stream: AsyncStream<ProgressUpdate>.Continuation
    }

    /// The streams whose readers have gone. They say so on whatever thread they end.
    private final class Abandoned: Sendable {
        private let ids = Mutex<Set<Int>>([])

        func insert(_ id: Int) { ids.withLock { _ = $0.insert(id) } }

        func take() -> Set<Int> {
            ids.withLock { ids in
                defer { ids = [] }
                return ids
            }
        }
    }

    private let time: TimeSource
    private let filter: NamespaceFilter?
    private let lookup: any DeploymentLookup
    private let perClient: Int
    private let overall: Int
    private var sessions: [Int: Session] = [:]
    private var followers: [DeploymentKey: Set<Int>] = [:]
    private var scope = EventScope()
    private var next = 0
    private var hasStopped = false
    private let abandoned = Abandoned()
    private let nap = Nap()
    /// When the nap ends by itself, in uptime; nil while nobody naps.
    private var wakesAt: Double?

    /// Updates that were given to a stream. A counter for metrics.
    public private(set) var published = 0
    /// Subscriptions that ended because their time was over. A counter for metrics.
    public private(set) var timeouts = 0

    /// - Parameters:
    ///   - filter: which namespaces may be subscribed to; nil for all.
    ///   - perClient: the most subscriptions of one client.
    ///   - overall: the most of all clients.
    public init(
        time: TimeSource, filter: NamespaceFilter?, lookup: any DeploymentLookup, perClient: Int = 10,
        overall: Int = 100
    ) {
        self.time = time
        self.filter = filter
        self.lookup = lookup
        self.perClient = perClient
        self.overall = overall
    }

    /// How many subscriptions there are. A gauge for metrics.
    public var active: Int {
        sweep()
        return sessions.count
    }

    // MARK: subscriptions

    /// Follows a deployment; the stream begins with its state and ends after a terminal update, or without one when it is unsubscribed.
    ///
    /// A client that subscribes to the same deployment again gets another stream, which counts as one more.
    ///
    /// - Parameter timeout: seconds after which the subscription ends, positive.
    public func subscribe(
        client: String, key: DeploymentKey, timeout: Double = 3600
    ) async throws(MonitorProblem) -> AsyncStream<ProgressUpdate> {
        sweep()
        guard !hasStopped else { throw .stopped }
        try check(key)
        guard timeout > 0, timeout.isFinite else { throw .invalidTimeout(Self.text(timeout)) }
        guard sessions.values.count(where: { $0.client == client }) < perClient else { throw .clientLimit(perClient) }
        guard sessions.count < overall else { throw .overallLimit(overall) }
        let (stream, continuation) = AsyncStream.makeStream(
            of: ProgressUpdate.self, bufferingPolicy: .bufferingNewest(Self.waiting))
        // Its place is taken before the first look, so that others cannot take it meanwhile.
        let id = next
        next += 1
        sessions[id] = Session(
            client: client, key: key, machine: MonitorMachine(timeout: timeout), early: [], stream: continuation)
        followers[key, default: []].insert(id)
        continuation.onTermination = { [abandoned] _ in abandoned.insert(id) }
        do throws(MonitorProblem) {
            try await look(id, key)
        } catch {
            drop(id)
            throw error
        }
        return stream
    }

    /// One look at a deployment, without following it.
    public func state(of key: DeploymentKey) async throws(MonitorProblem) -> ProgressUpdate {
        try check(key)
        let found = try await find(key).deployment
        let now = time.now()
        return MonitorView(found, now: now).state(now)
    }

    private func check(_ key: DeploymentKey) throws(MonitorProblem) {
        guard filter?.allows(key.namespace) ?? true else { throw .namespaceNotAllowed(key.namespace) }
    }

    private func find(
        _ key: DeploymentKey
    ) async throws(MonitorProblem) -> (deployment: WireDeployment, events: [WireEvent]) {
        do throws(UpstreamProblem) {
            if let found = try await lookup.state(of: key) { return found }
        } catch {
            throw .upstream(error)
        }
        throw .notFound(key)
    }

    private func look(_ id: Int, _ key: DeploymentKey) async throws(MonitorProblem) {
        let found = try await find(key)
        scope.insert(key)
        // Unsubscribed, or everything stopped, while it was looked for.
        guard let early = sessions[id]?.early else { return }
        sessions[id]?.early = nil
        let events = found.events.filter { scope.owner(of: $0) == key }
        apply(to: [id]) { $0.start(found.deployment, events: events, at: $1) }
        for signal in early { tell(signal, to: [id]) }
        reschedule()
    }

    /// Ends this client's streams of a deployment.
    public func unsubscribe(client: String, key: DeploymentKey) {
        for id in followers[key] ?? [] where sessions[id]?.client == client { drop(id) }
    }

    /// Ends all streams of a client, as when its session ends.
    public func unsubscribeAll(client: String) {
        for (id, session) in sessions where session.client == client { drop(id) }
    }

    // MARK: inputs

    public func take(_ signal: DeploymentSignal) {
        sweep()
        switch signal {
        case .deployment(let wire):
            scope.insert(wire.key)
            tell(signal, to: followers[wire.key] ?? [])
        case .event(let event):
            guard !followers.isEmpty, let owner = scope.owner(of: event) else { return }
            tell(signal, to: followers[owner] ?? [])
        case .gone(let key):
            tell(signal, to: followers[key] ?? [])
            scope.remove(key)
        case .lost(let namespace, _, _), .resumed(let namespace):
            let told = sessions.filter { namespace == nil || $0.value.key.namespace == namespace }
            tell(signal, to: Set(told.keys))
        }
        reschedule()
    }

    /// Does what is due, until the task is cancelled; then all streams end.
    public func run() async {
        while !Task.isCancelled {
            sweep()
            apply(to: Set(sessions.keys)) { $0.tick(at: $1) }
            await rest()
        }
        hasStopped = true
        apply(to: Set(sessions.keys)) { $0.stopped(at: $1) }
        for id in sessions.keys { drop(id) }
    }

    private func tell(_ signal: DeploymentSignal, to ids: Set<Int>) {
        for id in ids {
            guard let waiting = sessions[id]?.early?.count else { continue }
            if waiting < Self.early { sessions[id]?.early?.append(signal) }
        }
        apply(to: ids) { machine, moment in
            switch signal {
            case .deployment(let wire): machine.changed(wire, at: moment)
            case .event(let event): machine.happened(event, at: moment)
            case .gone: machine.deleted(at: moment)
            case .lost(_, let failures, let problem): machine.lost(failures: failures, problem, at: moment)
            case .resumed: machine.resumed(at: moment)
            }
        }
    }

    // MARK: machines

    /// Gives an input to machines and does what they ask for. One that has not started asks for nothing.
    private func apply(
        to ids: Set<Int>, _ input: (inout MonitorMachine, MonitorMoment) -> [MonitorMachine.Action]
    ) {
        let moment = MonitorMoment(time)
        for id in ids.sorted() {
            guard var session = sessions[id] else { continue }
            let actions = input(&session.machine, moment)
            sessions[id] = session
            for action in actions {
                switch action {
                case .publish(let update):
                    session.stream.yield(update)
                    published += 1
                case .end(let end):
                    if end == .timedOut { timeouts += 1 }
                    drop(id)
                }
            }
        }
    }

    private func drop(_ id: Int) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        followers[session.key]?.remove(id)
        if followers[session.key]?.isEmpty == true { followers[session.key] = nil }
        session.stream.onTermination = nil
        session.stream.finish()
    }

    private func sweep() { for id in abandoned.take() { drop(id) } }

    private static func text(_ timeout: Double) -> String {
        timeout == timeout.rounded() && abs(timeout) < 1e15 ? String(Int(timeout)) : String(timeout)
    }

    // MARK: sleep

    private var nextDeadline: Double { sessions.values.compactMap(\.machine.nextDeadline).min() ?? .infinity }

    /// What is due earlier than was thought ends it.
    private func rest() async {
        let now = time.uptime()
        let seconds = min(max(0, nextDeadline - now), Self.idle)
        wakesAt = now + seconds
        await nap.sleep(seconds, time)
        wakesAt = nil
    }

    private func reschedule() {
        if let wakesAt, nextDeadline < wakesAt { nap.breakOff() }
    }
}
