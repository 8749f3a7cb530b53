import Fleet
import Synchronization
import TestSupport
import Testing

@testable import Upstream

@Suite struct BackoffTests {
    @Test(arguments: [(1, 1.0), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (1000, 60)])
    func doublesToAMinute(failures: Int, wait: Double) {
        #expect(Backoff().wait(failures: failures, chance: 0) == wait)
        #expect(Backoff().wait(failures: failures, chance: 0.999) >= wait * 0.8)
    }
}

@Suite struct PollMachineTests {
    enum Input { case rested, answered(Double), failed, refresh, stop }

    /// Gives inputs one after the other; what each says is to be done, and what the source is then.
    static func run(_ inputs: [Input]) -> [(PollMachine.Action, Source.State)] {
        var machine = PollMachine.idle
        return inputs.map { input in
            var action = PollMachine.Action.nothing
            switch input {
            case .rested: action = machine.rested()
            case .answered(let period): action = machine.answered(period: period)
            case .failed: action = machine.failed(Backoff(), chance: 0)
            case .refresh: action = machine.refresh()
            case .stop: machine.stop()
            }
            return (action, machine.sourceState)
        }
    }

    @Test func goesFromLiveToLateToUnreachableAndBack() {
        let steps = Self.run([
            .rested, .answered(2), .rested, .failed, .rested, .failed, .rested, .answered(15), .stop, .rested,
        ])
        #expect(
            steps.map(\.0) == [
                .ask, .rest(2), .ask, .rest(1), .ask, .rest(2), .ask, .rest(15), .nothing, .nothing,
            ])
        #expect(
            steps.map(\.1) == [
                .live, .live, .live, .late, .late, .unreachable, .unreachable, .live, .stopped, .stopped,
            ])
    }

    @Test func aRefreshDuringAQuestionIsFollowedByAnother() {
        let steps = Self.run([.rested, .refresh, .answered(15), .rested, .answered(15), .refresh])
        #expect(steps.map(\.0) == [.ask, .nothing, .rest(0), .ask, .rest(15), .rest(0)])
    }

    @Test func inputsThatDoNotFitDoNothing() {
        #expect(
            Self.run([.answered(1), .failed, .refresh, .rested, .rested]).map(\.0) == [
                .nothing, .nothing, .nothing, .ask, .nothing,
            ])
    }
}

@Suite struct PollerTests {
    /// Asks at 0, 2, 4 … while busy, then every 15 s; on a clock moved by hand.
    @Test func keepsTheRhythmAndBacksOff() async {
        let time = ManualTime()
        let asked = Mutex<[Double]>([])
        let answers = Mutex<[Result<Bool, UpstreamProblem>]>([
            .success(true), .success(true), .success(false), .failure(.init(.timedOut, "slow", advice: "wait")),
            .failure(.init(.timedOut, "slow", advice: "wait")), .success(false),
        ])
        let told = Mutex<[Source.State]>([])
        let poller = Poller(
            source: Source(id: SourceID("s"), kind: .metal, state: .live), cadence: Cadence(busy: 2, quiet: 15),
            time: time.source, chance: { 0 })
        let task = Task {
            await poller.run(
                ask: { () async throws(UpstreamProblem) -> Bool in
                    asked.withLock { $0.append(time.now.timeIntervalSince(ManualTime.start)) }
                    return try answers.withLock { $0.isEmpty ? .success(false) : $0.removeFirst() }.get()
                }, tell: { source in told.withLock { $0.append(source.state) } })
        }
        for step in [2.0, 2, 15, 1, 2] {
            await time.untilAsleep()
            time.advance(by: step)
        }
        await time.untilAsleep()
        #expect(asked.withLock { $0 } == [0, 2, 4, 19, 20, 22])
        #expect(told.withLock { $0 } == [.live, .live, .live, .late, .unreachable, .live])
        await poller.refresh()
        await time.untilAsleep()
        #expect(asked.withLock { $0.last } == 22)
        #expect(asked.withLock { $0.count } == 7)
        task.cancel()
        await task.value
        #expect(time.sleepers == 0)
    }
}
