import ClusterDeployment
import Collector
import Fleet
import Foundation
import History
import Upstream

/// Follows one ClusterDeployment to its end: finds it, subscribes a monitor to it, and prints what the monitor publishes.
struct DeploymentFollower {
    let name: String
    let config: Config
    let format: WatchCommand.Format
    /// Seconds without an answer until the context counts as unreachable.
    let giveUp: Double
    /// Who records what is seen.
    let recorders: [Recorder]
    private let time = TimeSource.system

    /// A context and the way to it.
    private struct Place: Sendable {
        var id: String
        var context: String
        var entry: Config.Kubernetes
        var proxy: KubectlProxy

        var api: KubeAPI { KubeAPI(name: context, door: proxy) }

        func finder(_ time: TimeSource) -> DeploymentFinder {
            DeploymentFinder(api, filter: entry.namespaces, preferred: proxy.preferred, time: time)
        }
    }

    func run() async throws -> ExitStatus {
        let places = config.kubernetes.flatMap { entry in
            entry.sources.map { id, context in
                Place(
                    id: id, context: context, entry: entry,
                    proxy: KubectlProxy(entry.access(context), commands: SubprocessDoor(time: time), time: time))
            }
        }
        do {
            let (place, key) = try await find(in: places)
            let status = try await follow(key, in: place)
            for place in places { await place.proxy.close() }
            return status
        } catch {
            for place in places { await place.proxy.close() }
            throw error
        }
    }

    // MARK: finding

    private func find(in places: [Place]) async throws -> (Place, DeploymentKey) {
        var found: [(Place, DeploymentKey)] = []
        var others: [String] = []
        var silent: UpstreamProblem?
        for place in places {
            do throws(UpstreamProblem) {
                let keys = try await keys(in: place)
                found += keys.filter { $0.text == name || $0.name == name }.map { (place, $0) }
                others += keys.map(\.text)
            } catch {
                silent = silent ?? error
            }
        }
        if found.count > 1 {
            let names = found.map { "\($0.1.text) in \($0.0.context)" }.joined(separator: ", ")
            throw CommandFailure(
                "\(found.count) deployments are called \(name).",
                advice: "Say which with NS/NAME and --context: \(names).", status: .usage)
        }
        if let found = found.first { return found }
        // That nothing was found where nothing answered says nothing about the name.
        if let silent { throw CommandFailure(silent.sentence, advice: silent.advice, status: .unreachable) }
        let shown = others.prefix(12).joined(separator: ", ")
        throw CommandFailure(
            "There is no deployment \(SafeText.line(name, limit: 120)).",
            advice: others.isEmpty ? "There are none at all." : "There are: \(shown)\(others.count > 12 ? ", …" : "").",
            status: .usage)
    }

    /// With a namespace only the one that is meant is asked for: who may read it need not be allowed to list.
    private func keys(in place: Place) async throws(UpstreamProblem) -> [DeploymentKey] {
        let finder = place.finder(time)
        guard let key = DeploymentKey(text: name), place.entry.namespaces?.allows(key.namespace) ?? true else {
            return try await finder.all()
        }
        if try await finder.exists(key) { return [key] }
        // What there is instead is worth a try.
        return (try? await finder.all()) ?? []
    }

    // MARK: following

    private func follow(_ key: DeploymentKey, in place: Place) async throws -> ExitStatus {
        let paths = Paths()
        try? paths.makeStateFolder()
        let history = try HistoryStore.open(paths, time: time)
        let monitor = DeploymentMonitor(time: time, filter: place.entry.namespaces, lookup: place.finder(time))
        let open = OpenSource.deployments(
            .init(
                id: SourceID(place.id), context: place.context, kubeconfig: place.entry.kubeconfig,
                limit: place.entry.limit,
                reading: .init(filter: place.entry.namespaces, only: key)),
            door: place.proxy, history: history, time: time, tap: { await monitor.take($0) },
            renew: { await place.proxy.renew() })
        return try await OneLook.collecting([open], history: history, recorders: recorders) { collector, _ in
            try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
                group.addTask {
                    await monitor.run()
                    return nil
                }
                group.addTask { try await subscribe(to: key, monitor, collector, limit: place.entry.limit) }
                defer { group.cancelAll() }
                while let ended = try await group.next() { if let ended { return ended } }
                return .unreachable
            }
        }
    }

    /// Prints one subscription after the other: a watch that is lost ends a subscription, and is taken up by the next.
    private func subscribe(
        to key: DeploymentKey, _ monitor: DeploymentMonitor, _ collector: FleetCollector, limit: Double
    ) async throws -> ExitStatus {
        var printer = UpdatePrinter(key: key, format: format)
        var isDeleting = false
        // What is subscribed to is being read by then: its deletion cannot fall between the two.
        await OneLook.settled(collector)
        let startedAt = time.uptime()
        var lostAt: Double?
        while true {
            do throws(MonitorProblem) {
                let left = max(1, limit - (time.uptime() - startedAt))
                var last: ProgressUpdate?
                for await update in try await monitor.subscribe(client: "watch", key: key, timeout: left) {
                    let item = await collector.current().items.values.first
                    printer.show(update, item)
                    if case .deployment(let detail)? = item?.detail { isDeleting = detail.isDeleting }
                    if update.source != .system { lostAt = nil }
                    last = update
                }
                if let status = Self.status(last, isDeleting: isDeleting) { return status }
            } catch {
                guard case .upstream(let problem) = error else {
                    throw CommandFailure(error.sentence, advice: "It was there a moment ago.", status: .failed)
                }
                if let lostAt, time.uptime() - lostAt >= giveUp {
                    throw CommandFailure(problem.sentence, advice: problem.advice, status: .unreachable)
                }
            }
            lostAt = lostAt ?? time.uptime()
            try await time.sleep(2)
        }
    }

    /// How it ended, by the last that was said; nil when only the watch was lost. What the system says ends the stream, and is no news of the
    /// deployment but for its deletion.
    private static func status(_ last: ProgressUpdate?, isDeleting: Bool) -> ExitStatus? {
        guard let last else { return nil }
        guard last.source == .system else { return last.phase == .ready ? .done : .failed }
        switch MonitorMachine.End(rawValue: last.reason) {
        // What disappears while it is deleted has ended as it was meant to.
        case .deleted: return isDeleting ? .done : .failed
        case .timedOut: return .overdue
        // It was only checked, and nothing is wrong with it.
        case .dryRun: return .done
        case .ready, .failed, .lost, .stopped, nil: return nil
        }
    }
}
