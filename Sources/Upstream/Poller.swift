import Fleet

/// Asks one source again and again, in the rhythm its `PollMachine` gives, until the task is cancelled. Tells the source's state after each answer.
public actor Poller {
    private var machine = PollMachine.idle
    private var source: Source
    private let cadence: Cadence
    private let backoff: Backoff
    private let time: TimeSource
    private let chance: @Sendable () -> Double
    private let nap = Nap()
    /// A refresh that came when an answer was there and the rest had not begun.
    private var skipsRest = false

    /// - Parameter chance: 0..<1, for the jitter of the backoff.
    public init(
        source: Source, cadence: Cadence, backoff: Backoff = Backoff(), time: TimeSource,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.source = source
        self.cadence = cadence
        self.backoff = backoff
        self.time = time
        self.chance = chance
    }

    /// - Parameters:
    ///   - ask: one question; returns whether something runs, which sets the rhythm.
    ///   - tell: takes the source as it is after each question.
    public func run(
        ask: @Sendable () async throws(UpstreamProblem) -> Bool, tell: @Sendable (Source) async -> Void
    ) async {
        while !Task.isCancelled {
            guard machine.rested() == .ask else { break }
            let action: PollMachine.Action
            do throws(UpstreamProblem) {
                let isBusy = try await ask()
                action = succeeded(isBusy: isBusy)
            } catch {
                // A question that was given up because we stop is not the source's fault.
                if Task.isCancelled { break }
                action = failed(error)
            }
            await tell(source)
            if case .rest(let seconds) = action { await rest(seconds) }
        }
        machine.stop()
    }

    /// Asks now rather than later.
    public func refresh() {
        guard machine.refresh() == .rest(0) else { return }
        if !nap.breakOff() { skipsRest = true }
    }

    private func succeeded(isBusy: Bool) -> PollMachine.Action {
        let period = cadence.period(busy: isBusy)
        let action = machine.answered(period: period)
        let now = time.now()
        source.state = .live
        source.lastSuccess = now
        source.error = nil
        source.advice = nil
        source.nextTry = now.addingTimeInterval(period)
        source.period = period
        return action
    }

    private func failed(_ problem: UpstreamProblem) -> PollMachine.Action {
        let action = machine.failed(backoff, chance: chance())
        source.state = machine.sourceState
        source.error = problem.sentence
        source.advice = problem.advice
        if case .rest(let seconds) = action { source.nextTry = time.now().addingTimeInterval(seconds) }
        return action
    }

    private func rest(_ seconds: Double) async {
        defer { skipsRest = false }
        guard seconds > 0, !skipsRest else { return }
        await nap.sleep(seconds, time)
    }
}
