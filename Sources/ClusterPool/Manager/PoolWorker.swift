import Fleet
import Synchronization
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Carries out one operation on one cluster, from wherever it stands to its end. Each step is written down before it is begun, so that
/// another worker can go on; every write is refused when somebody else has taken the work over meanwhile.
actor PoolWorker {
    /// How it ended for us.
    enum Ending: Sendable, Equatable {
        case done
        case failed(String)
        /// It is no longer ours: taken over, broken off, or gone.
        case lost
    }

    /// Steps that are tried again after these many seconds (wire-formats 9.4).
    private static let retries: [Double] = [10, 20, 40]
    private static let retried: Set<PoolStep> = [
        .createControlPlaneSecret, .createControlPlane, .joinCommand, .createWorkerSecret, .createWorker,
    ]
    /// How long it rests at most before it looks again, in seconds; a change of the cluster wakes it sooner.
    private static let rest: Double = 2
    private static let errorLimit = 400

    private let desk: PoolDesk
    private let errands: PoolErrands
    private let time: TimeSource
    private let read: @Sendable () async -> PoolReading?
    private let record: @Sendable (Run) async -> Void
    private let nap = Nap()
    /// Changes of the cluster, counted, so that one that comes while something is written is not slept through.
    private let news = Mutex(0)
    private let log: @Sendable (String) -> Void

    /// The namespace as we know it best: from our last write, or from the reading.
    private var namespace: WirePoolNamespace
    private var operation: PoolDetail.Operation
    private var startedAt: Date
    private var step: PoolStep
    private var stepAt: Date
    /// Since when it is ours: the time in which nobody worked counts against no limit.
    private var oursSince: Date
    private var durations: [PhaseDuration] = []
    /// Whether all steps were carried out here, so that their durations are known.
    private var isWhole: Bool
    private var obstacle: (text: String, since: Double)?

    /// - Parameters:
    ///   - read: the cluster as it is known now; nil when it has gone.
    ///   - record: takes the run when it has ended.
    ///   - log: one sentence for the log.
    init?(
        _ namespace: WirePoolNamespace, desk: PoolDesk, errands: PoolErrands, time: TimeSource,
        read: @escaping @Sendable () async -> PoolReading?, record: @escaping @Sendable (Run) async -> Void,
        log: @escaping @Sendable (String) -> Void
    ) {
        guard let operation = namespace.ordered else { return nil }
        self.namespace = namespace
        self.operation = operation
        self.desk = desk
        self.errands = errands
        self.time = time
        self.read = read
        self.record = record
        self.log = log
        let now = time.now()
        oursSince = now
        isWhole = namespace.text(PoolAnnotations.operationStarted) == nil
        startedAt = namespace.time(PoolAnnotations.operationStarted) ?? now
        step = namespace.step.flatMap { $0.operation == operation ? $0 : nil } ?? PoolStep.steps(of: operation)[0]
        stepAt = namespace.time(PoolAnnotations.stepStarted) ?? now
    }

    /// Something of the cluster has changed.
    nonisolated func wake() {
        news.withLock { $0 += 1 }
        nap.breakOff()
    }

    /// Rests until something changes, unless something has since `seen`.
    private func rest(since seen: Int) async {
        if news.withLock({ $0 }) == seen { await nap.sleep(Self.rest, time) }
    }

    func run() async -> Ending {
        guard await begin() else { return .lost }
        while !Task.isCancelled {
            switch await carryOut() {
            case nil: continue
            case .done:
                // After a bootstrap come the golden snapshots.
                guard operation == .bootstrap else { return await finish() }
                guard await finishBuilding() else { return .lost }
            case .failed(let text): return await fail(text)
            case .lost: return .lost
            }
        }
        return .lost
    }

    // MARK: steps

    private func begin() async -> Bool {
        let notes: PoolNotes =
            isWhole
            ? .begun(operation, holder: desk.settings.identity, now: time.now())
            : .taken(over: desk.settings.identity, now: time.now())
        guard await write(notes, expecting: nil) else { return false }
        if isWhole {
            startedAt = namespace.time(PoolAnnotations.operationStarted) ?? startedAt
            stepAt = startedAt
        }
        let verb = isWhole ? "begins" : "goes on"
        log("\(namespace.name): \(operation.rawValue) \(verb) at \(step.rawValue)")
        return true
    }

    /// One step to its end.
    ///
    /// - Returns: nil when the next step was reached; `.done` after the last.
    private func carryOut() async -> Ending? {
        obstacle = nil
        var failures = 0
        var isBegun = false
        while !Task.isCancelled {
            let seen = news.withLock { $0 }
            guard let reading = await ours() else { return .lost }
            if let text = timeIsOver(reading) {
                // Time that passed while the server was away is not the step's.
                guard let now = try? await desk.look(at: namespace.name) else {
                    await rest(since: seen)
                    continue
                }
                guard move(now) == .done else { return .failed(text) }
            }
            do {
                if !isBegun {
                    guard try await isStillOurs() else { return .lost }
                    try await errands.perform(step, reading)
                    isBegun = true
                }
                guard let move = move(reading) else { return await goOn() }
                switch move {
                case .done:
                    // What another step rests on is not taken from a watch that may be behind.
                    guard await isConfirmed(move) else {
                        await rest(since: seen)
                        continue
                    }
                    try await errands.conclude(step, reading)
                    return await goOn()
                case .failed(let text):
                    if await isConfirmed(move) { return .failed(text) }
                    await rest(since: seen)
                case .write(let writes):
                    for write in writes {
                        guard try await isStillOurs() else { return .lost }
                        try await errands.write(write, reading)
                    }
                    failures = 0
                    // What was written is seen when it comes back.
                    await rest(since: seen)
                case .wait(let obstacle):
                    failures = 0
                    if let text = hasLasted(obstacle), await isConfirmed(move) { return .failed(text) }
                    await rest(since: seen)
                }
            } catch let refusal as PoolRefusal {
                return .failed(refusal.sentence)
            } catch let problem as UpstreamProblem {
                if Task.isCancelled { return .lost }
                failures += 1
                let text = problem.sentence
                if !problem.mayPass, !Self.retried.contains(step) { return .failed(text) }
                if problem.isForbidden { return .failed(text) }
                if [.joinCommand, .waitMachines].contains(step), problem.reason != .misconfigured {
                    // The machine runs long before its first boot has ended; the step's limit ends this.
                    obstacle = (text, time.uptime())
                    await nap.sleep(Self.retries[0], time)
                } else if Self.retried.contains(step), !problem.isAway {
                    guard failures <= Self.retries.count else { return .failed(text) }
                    await nap.sleep(Self.retries[failures - 1], time)
                } else {
                    await nap.sleep(Backoff().wait(failures: failures, chance: Double.random(in: 0..<1)), time)
                }
            } catch {
                return .lost
            }
        }
        return .lost
    }

    private func move(_ reading: PoolReading) -> PoolMove? {
        PoolProcedure(reading: reading, step: step, startedAt: startedAt, now: time.now()).move
    }

    /// A watch may be behind: before anything is given up, the server is asked how it is now.
    private func isConfirmed(_ move: PoolMove) async -> Bool {
        // Who does not answer confirms nothing.
        guard let now = try? await desk.look(at: namespace.name) else { return false }
        return self.move(now) == move
    }

    private func goOn() async -> Ending? {
        let now = time.now()
        durations.append(
            PhaseDuration(name: step.title, seconds: max(0, now.timeIntervalSince(stepAt)), outcome: .done))
        let steps = PoolStep.steps(of: operation)
        guard let place = steps.firstIndex(of: step), place + 1 < steps.count else { return .done }
        let next = steps[place + 1]
        guard await write(.reached(next, now: now), expecting: step) else { return .lost }
        step = next
        stepAt = now
        return nil
    }

    /// The step's own limit, or that of the whole operation.
    private func timeIsOver(_ reading: PoolReading) -> String? {
        let now = time.now()
        let isLate = now.timeIntervalSince(max(startedAt, oursSince)) > operation.limit
        guard isLate || step.limit.map({ now.timeIntervalSince(max(stepAt, oursSince)) > $0 }) ?? false else {
            return nil
        }
        let limit = isLate ? operation.limit : step.limit ?? operation.limit
        let waits =
            obstacle?.text
            ?? PoolProcedure(reading: reading, step: step, startedAt: startedAt, now: time.now()).waitsFor
        let what = isLate ? "the \(operation.rawValue)" : step.title
        return "\(what) took longer than \(DurationText.short(limit))" + (waits.isEmpty ? "" : ": \(waits)")
    }

    private func hasLasted(_ obstacle: PoolObstacle?) -> String? {
        guard let obstacle else {
            self.obstacle = nil
            return nil
        }
        let now = time.uptime()
        guard let known = self.obstacle, known.text == obstacle.text else {
            self.obstacle = (obstacle.text, now)
            return nil
        }
        return obstacle.patience.map { now - known.since >= $0 } ?? false ? obstacle.text : nil
    }

    // MARK: ends

    private func finishBuilding() async -> Bool {
        guard await write(.built(now: time.now()), expecting: step) else { return false }
        await recordRun(.done, nil)
        operation = .snapshot
        step = PoolStep.steps(of: .snapshot)[0]
        durations = []
        isWhole = true
        startedAt = time.now()
        return await begin()
    }

    private func finish() async -> Ending {
        let isAvailable = namespace.status == .available
        let notes = PoolNotes.done(operation, isAvailable: isAvailable, now: time.now())
        guard await write(notes, expecting: step) else { return .lost }
        await recordRun(.done, nil)
        log("\(namespace.name): \(operation.rawValue) is done")
        return .done
    }

    private func fail(_ text: String) async -> Ending {
        let text = SafeText.line(text, limit: Self.errorLimit)
        guard await write(.failed(text, now: time.now()), expecting: step) else { return .lost }
        durations.append(
            PhaseDuration(
                name: step.title, seconds: max(0, time.now().timeIntervalSince(stepAt)), outcome: .failed))
        await recordRun(.failed, text)
        log("\(namespace.name): \(operation.rawValue) failed at \(step.rawValue): \(text)")
        return .failed(text)
    }

    private func recordRun(_ outcome: Run.Outcome, _ cause: String?) async {
        let source = desk.settings.source
        await record(
            Run(
                item: ItemID(kind: .pool, source: source, key: namespace.name), kind: .pool, name: namespace.name,
                source: source, profile: operation.rawValue, startedAt: startedAt, endedAt: time.now(),
                outcome: outcome, word: outcome == .done ? PoolStatus.available.rawValue : PoolStatus.error.rawValue,
                cause: cause, phases: durations))
    }

    // MARK: whose it is

    /// The cluster, while the operation is ours.
    private func ours() async -> PoolReading? {
        guard var reading = await read() else { return nil }
        if !isOurs(reading.namespace) {
            // What is read may be older than what we wrote: the server knows.
            guard let now = try? await current(), isOurs(now) else { return nil }
            namespace = now
        }
        reading.take(namespace, now: reading.readAt)
        return reading
    }

    /// Asked before anything is changed: who was suspended for a while may have lost the work without knowing.
    private func isStillOurs() async throws(UpstreamProblem) -> Bool {
        guard let now = try await current() else { return false }
        return isOurs(now)
    }

    private func current() async throws(UpstreamProblem) -> WirePoolNamespace? {
        try await desk.api.get(.namespaces, namespace: nil, name: namespace.name)
    }

    private func isOurs(_ other: WirePoolNamespace) -> Bool {
        other.operation == operation && other.text(PoolAnnotations.operationHolder) == desk.settings.identity
            && other.time(PoolAnnotations.operationStarted) == startedAt && other.status != .error
    }

    /// Writes while the operation is ours. Somebody else's change of another annotation is no reason to stop.
    ///
    /// - Parameter expected: the step that must be written there; nil when the work is begun or taken over.
    private func write(_ notes: PoolNotes, expecting expected: PoolStep?) async -> Bool {
        var failures = 0
        while !Task.isCancelled {
            do throws(UpstreamProblem) {
                namespace = try await desk.write(notes, to: namespace)
                return true
            } catch {
                if error.isConflict {
                    guard let now = try? await current() else { return false }
                    let isSame =
                        expected == nil
                        ? now.operation == namespace.operation && now.status == namespace.status
                            && now.text(PoolAnnotations.operationHolder)
                                == namespace.text(PoolAnnotations.operationHolder)
                            && now.text(PoolAnnotations.operationStarted)
                                == namespace.text(PoolAnnotations.operationStarted)
                        : isOurs(now) && now.step == expected
                    guard isSame else { return false }
                    namespace = now
                    continue
                }
                guard error.mayPass else {
                    log("\(namespace.name): \(error.sentence)")
                    return false
                }
                failures += 1
                await nap.sleep(Backoff().wait(failures: failures, chance: Double.random(in: 0..<1)), time)
            }
        }
        return false
    }
}

extension UpstreamProblem {
    /// The server is not there, or not able to answer: nothing is said about what was asked.
    var isAway: Bool {
        switch reason {
        case .unreachable, .timedOut, .cut: true
        case .status(let status): status == 429 || status >= 500
        case .untrusted, .tooLarge, .unreadable, .misconfigured: false
        }
    }

    /// Whether the same question may be answered otherwise later.
    var mayPass: Bool { isAway || reason == .status(409) || reason == .unreadable }
}
