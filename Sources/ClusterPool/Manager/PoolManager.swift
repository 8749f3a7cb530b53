import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Manages the pool of one kube context: knows its clusters by watches, carries out what is ordered, and keeps the pool in order under a
/// Lease. Any number of managers may run; whatever one leaves behind, another goes on with.
public actor PoolManager {
    /// Every cluster is looked at this often, in seconds (seed: the maintenance loop).
    static let round: Double = 300
    /// What seems ill is looked at again after so many seconds.
    static let secondLook: Double = 30
    private static let workLease = "cks-operation"
    static let roundLease = "cks-pool-maintenance"

    /// Whose work is taken up.
    public enum Duty: Sendable, Equatable {
        /// What is ordered through this manager and nothing else: a command that waits for its own order, a screen.
        case own
        /// All of it, by one manager at a time: the maintenance, too.
        case pool
    }

    public nonisolated let desk: PoolDesk
    let settings: PoolSettings
    private let duty: Duty
    private let templates: PoolTemplates
    private let guest: PoolGuest
    let time: TimeSource
    let rules: PoolRules
    private let watch: PoolWatch
    private let record: @Sendable (Run) async -> Void
    private let recall: @Sendable () async -> [Run]
    let log: @Sendable (String) -> Void
    let pace: PoolLease.Pace

    var index = PoolIndex()
    var runs: [Run] = []
    /// Clusters whose orders came from here, with the number of the last order.
    private(set) var own: [String: Int] = [:]
    private var orders = 0
    /// Those of them whose order has been seen in the cluster.
    private var seen: Set<String> = []
    private var workers: [String: PoolWorker] = [:]
    var busy: [String: PoolDetail.Operation] = [:]
    private var leases: [String: PoolLease] = [:]
    private var triedAt: [String: Double] = [:]
    /// Why no work can be begun.
    var leaseProblem: UpstreamProblem?
    /// Whether the maintenance of the pool is ours.
    public internal(set) var isLeader = false
    /// Rounds of maintenance that have ended here.
    public internal(set) var rounds = 0
    let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - recall: earlier runs of this pool, newest first.
    ///   - record: takes the runs that end here.
    ///   - log: takes one sentence for each thing done. No secret is among them.
    public init(
        _ api: KubeAPI, settings: PoolSettings, duty: Duty, templates: PoolTemplates = .init(), guest: PoolGuest,
        time: TimeSource, recall: @escaping @Sendable () async -> [Run] = { [] },
        record: @escaping @Sendable (Run) async -> Void = { _ in },
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        desk = PoolDesk(api, settings: settings, time: time)
        self.settings = settings
        self.duty = duty
        self.templates = templates
        self.guest = guest
        self.time = time
        pace = PoolLease.Pace(duration: settings.lease)
        self.recall = recall
        self.record = record
        self.log = log
        rules = PoolRules(source: settings.source, context: api.name)
        watch = PoolWatch(api, options: .init(namespaces: settings.clusters), time: time)
    }

    // MARK: living

    /// Works until the task is cancelled. What is being done then is left to others, at once.
    public func run() async {
        runs = await recall()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch.run { await self.take($0) } }
            group.addTask { while (try? await self.time.sleep(self.pace.retry)) != nil { await self.poke() } }
            if duty == .pool { group.addTask { await self.lead() } }
            for await _ in signals {
                for name in due() {
                    group.addTask { await self.work(on: name) }
                }
            }
        }
    }

    private func poke() { signal.yield() }

    func take(_ news: PoolNews) {
        index.take(news, now: time.now())
        let (changed, gone) = index.news()
        for name in changed.union(gone) {
            workers[name]?.wake()
            forgetEnded(name)
        }
        signal.yield()
    }

    /// Whoever has ended it: what was seen to be ordered and is no longer is not ours to do. News from before the order say nothing.
    private func forgetEnded(_ name: String) {
        guard own[name] != nil else { return }
        if index.entries[name]?.reading.namespace.ordered != nil {
            seen.insert(name)
        } else if busy[name] == nil, seen.remove(name) != nil {
            own[name] = nil
        }
    }

    // MARK: work

    /// The clusters whose work can be begun now.
    private func due() -> [String] {
        guard index.isSettled, !Task.isCancelled else { return [] }
        let now = time.uptime()
        var found: [String] = []
        // Of many clusters few have work; this is asked after every change.
        let ordered = index.entries.compactMap { name, entry in entry.reading.namespace.ordered.map { (name, $0) } }
        for (name, operation) in ordered.sorted(by: { PoolNames.precedes($0.0, $1.0) }) where busy[name] == nil {
            guard isLeader || own[name] != nil else { continue }
            guard triedAt[name].map({ now - $0 >= pace.retry }) ?? true else { continue }
            guard busy.count < settings.parallel else { break }
            if operation == .bootstrap, busy.values.contains(.bootstrap) { continue }
            busy[name] = operation
            found.append(name)
        }
        return found
    }

    private func work(on name: String) async {
        defer {
            busy[name] = nil
            workers[name] = nil
            triedAt[name] = time.uptime()
            forgetEnded(name)
            signal.yield()
        }
        let lease =
            leases[name]
            ?? PoolLease(
                desk.api, namespace: name, name: Self.workLease, identity: settings.identity, pace: pace, time: time)
        leases[name] = lease
        do throws(UpstreamProblem) {
            let isOurs = try await lease.acquire()
            leaseProblem = nil
            guard isOurs else { return }
        } catch {
            // Without the right to Leases nothing would ever be done, and nobody would know why.
            if leaseProblem != error { log("\(name): \(error.sentence)") }
            leaseProblem = error
            return
        }
        // Read now, not from the watch: who held it until a moment ago may have ended it.
        let namespace: WirePoolNamespace? = (try? await desk.api.get(.namespaces, namespace: nil, name: name)) ?? nil
        if let namespace, namespace.ordered != nil, let worker = worker(namespace) {
            workers[name] = worker
            let order = own[name]
            let ending = await withTaskGroup(of: PoolWorker.Ending.self) { group in
                group.addTask { await worker.run() }
                group.addTask {
                    await lease.hold()
                    return .lost
                }
                let first = await group.next() ?? .lost
                group.cancelAll()
                return first
            }
            // The next one may have been ordered between the last write and now: it is still to be done.
            if ending != .lost, own[name] == order { own[name] = nil }
        }
        // Also when we are cancelled: the next one should not have to wait.
        await Task { await lease.release() }.value
    }

    private func worker(_ namespace: WirePoolNamespace) -> PoolWorker? {
        let name = namespace.name
        return PoolWorker(
            namespace, desk: desk,
            errands: PoolErrands(desk: desk, templates: templates, guest: guest, cluster: name), time: time,
            read: { await self.reading(name) }, record: { await self.keep($0) }, log: log)
    }

    private func reading(_ name: String) -> PoolReading? { index.entries[name]?.reading }

    private func keep(_ run: Run) async {
        runs.insert(run, at: 0)
        if runs.count > 200 { runs.removeLast() }
        await record(run)
    }

    /// What was written is known here before the watch tells it: who asks next is told of it.
    func see(_ cluster: PoolCluster) async {
        let now: WirePoolNamespace? =
            (try? await desk.api.get(.namespaces, namespace: nil, name: cluster.namespace)) ?? nil
        if let now { take(.cluster(now)) }
    }

    /// Takes care that an order from here is carried out here. It has been seen by then, so that older news of the cluster say nothing any
    /// more.
    func claim(_ name: String) {
        orders += 1
        own[name] = orders
        seen.remove(name)
        signal.yield()
    }
}
