import ClusterPool
import Collector
import Fleet
import History
import Upstream

/// Carries out what a person asks for on the screen. Whatever takes long is done here for as long as the screen is open, unless a running
/// manager is faster; then it stays where it is until a manager goes on with it.
actor ActionRunner {
    /// Who may go on with unfinished work is not looked for longer, in seconds: the person has left.
    private static let patience: Double = 2

    private struct Place {
        let pool: ManagedPool
        let manager: PoolManager
        let life: Task<Void, Never>
        /// Clusters that something was ordered for.
        var ordered: Set<String> = []
    }

    private let pools: [ManagedPool]
    private let history: HistoryStore?
    private let log: @Sendable (String) -> Void
    private var places: [SourceID: Place] = [:]

    init(pools: [ManagedPool], history: HistoryStore?, log: @escaping @Sendable (String) -> Void) {
        self.pools = pools
        self.history = history
        self.log = log
    }

    func perform(_ action: Action) async -> Action.Outcome {
        guard let (pool, cluster) = target(of: action.item) else {
            return Action.Outcome(isGood: false, "nothing can be done to it from here")
        }
        do {
            let manager = try manager(of: pool)
            // Before it is ordered: who leaves in this moment has to be told of it.
            places[pool.source]?.ordered.insert(cluster)
            let ordered = try await manager.order(
                action.verb, cluster, argument: action.argument, isConfirmed: action.isConfirmed)
            return Action.Outcome(isGood: true, Self.sentence(action, ordered))
        } catch let refusal as PoolRefusal {
            return Action.Outcome(isGood: false, refusal.sentence, advice: refusal.advice)
        } catch let failure as CommandFailure {
            return Action.Outcome(isGood: false, failure.sentence, advice: failure.advice)
        } catch {
            return Action.Outcome(isGood: false, "it could not be done", advice: SafeText.line("\(error)", limit: 200))
        }
    }

    /// Ends what is being done here; what is unfinished is left to others at once.
    ///
    /// - Returns: what is left and who goes on with it, for the terminal after the screen is closed.
    func end() async -> [String] {
        var left: [(place: Place, items: [Item])] = []
        for place in places.values {
            var items: [Item] = []
            for cluster in place.ordered.sorted(by: PoolNames.precedes) {
                guard let item = await place.manager.item(cluster), item.isBeingWorkedOn else { continue }
                items.append(item)
            }
            if !items.isEmpty { left.append((place, items)) }
            place.life.cancel()
        }
        for place in places.values { await place.life.value }
        places = [:]
        var lines: [String] = []
        for (place, items) in left {
            for item in items {
                let step = item.currentPhase.map { " at \"\($0.name)\"" } ?? ""
                lines.append("slipway: The \(item.operationWord) of \(item.name) is left\(step).")
            }
            let desk = place.manager.desk
            let keeper = await TimeSource.system.within(Self.patience) { try? await desk.keeper() }
            let context = ShellText.quoted(place.pool.context)
            lines.append(
                (keeper ?? nil).map { "  \($0) goes on with it." }
                    ?? "  No manager runs: `slipway pool maintain --once --context \(context)` goes on with it.")
        }
        return lines
    }

    // MARK: parts

    /// The pool of an item, and what it calls the cluster. Names of sources may hold slashes, those of clusters do not.
    private func target(of item: ItemID) -> (ManagedPool, String)? {
        for pool in pools {
            let prefix = ItemID(kind: .pool, source: pool.source, key: "").text
            guard item.text.hasPrefix(prefix) else { continue }
            let key = item.text.dropFirst(prefix.count)
            if !key.isEmpty, !key.contains("/") { return (pool, String(key)) }
        }
        return nil
    }

    private func manager(of pool: ManagedPool) throws -> PoolManager {
        if let known = places[pool.source] { return known.manager }
        let manager = try pool.manager(.own, history: history, log: log)
        places[pool.source] = Place(pool: pool, manager: manager, life: Task { await manager.run() })
        return manager
    }

    private static func sentence(_ action: Action, _ cluster: PoolCluster) -> String {
        switch action.verb {
        case .assign: "lent to session \(cluster.assignedSession ?? action.argument ?? "")"
        case .release: "taken back, and is being reset"
        case .reset: "the reset has been ordered and begins"
        case .bootstrap: "the bootstrap has been ordered and begins"
        case .snapshot: "the golden snapshots have been ordered and are taken"
        case .markAvailable: "marked available"
        case .markError: "marked error"
        }
    }
}

extension Item {
    /// Something is being done to a practice cluster, or is to be done.
    var isBeingWorkedOn: Bool {
        guard case .pool(let detail) = detail, detail.operation != nil, endedAt == nil else { return false }
        return state == .running || state == .waiting
    }

    /// What is being done to a practice cluster.
    var operationWord: String {
        if case .pool(let detail) = detail, let operation = detail.operation { operation.rawValue } else { "work" }
    }
}

extension TimeSource {
    /// What `ask` answers, or nil when it takes longer than so many seconds.
    func within<Answer: Sendable>(_ seconds: Double, _ ask: @escaping @Sendable () async -> Answer) async -> Answer? {
        await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await ask() }
            group.addTask {
                try? await sleep(seconds)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
