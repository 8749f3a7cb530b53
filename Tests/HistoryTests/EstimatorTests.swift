import Fleet
import Foundation
import History
import Testing

struct EstimatorTests {
    private let start = Date(timeIntervalSince1970: 1_760_000_000)

    private func run(
        _ phases: [(String, Double)], profile: String? = "small", source: String = "lab", gap: Double = 0,
        outcome: Run.Outcome = .done
    ) -> Run {
        Run(
            item: ItemID(text: "metal/lab/1"), kind: .metal, name: "n1", source: SourceID(source), profile: profile,
            startedAt: start, endedAt: start + phases.reduce(gap) { $0 + $1.1 }, outcome: outcome, word: "deployed",
            phases: phases.map { PhaseDuration(name: $0.0, seconds: $0.1, outcome: .done) })
    }

    private func item(_ phases: [Phase], state: Item.State = .running, profile: String? = "small") -> Item {
        Item(
            id: ItemID(text: "metal/lab/1"), kind: .metal, name: "n1", source: SourceID("lab"), state: state,
            word: "deploying", startedAt: start, phases: phases, evidence: Evidence(at: start, from: "test"),
            profile: profile)
    }

    private func running(_ name: String) -> Phase { Phase(name: name, state: .running, startedAt: start) }

    private static let percentiles: [([Double], Double, Double)] = [
        ([10, 20, 30, 40, 50, 60, 70, 80, 90], 50.0, 90.0),
        (Array(stride(from: 10.0, through: 190.0, by: 10.0)), 100.0, 180.0),
        ([100, 100, 100, 100], 100.0, 100.0),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90, 1000], 55.0, 909.0),
    ]

    @Test(arguments: percentiles)
    func usualIsMedianAndNinetiethPercentile(_ seconds: [Double], _ median: Double, _ high: Double) throws {
        let durations = Durations(runs: seconds.shuffled().map { run([("install", $0)]) })
        let usual = try #require(
            durations.usual(phase: "install", kind: .metal, profile: "small", source: SourceID("lab")))
        #expect(abs(usual.median - median) < 0.001)
        #expect(abs(usual.p90 - high) < 0.001)
        #expect(usual.n == seconds.count)
    }

    @Test func threeRunsAreUsualWithAWideUpperEndAndTwoAreNot() throws {
        var durations = Durations(runs: [run([("install", 100)]), run([("install", 400)])])
        #expect(durations.usual(phase: "install", kind: .metal, profile: "small", source: SourceID("lab")) == nil)
        durations.add(run([("install", 200)], outcome: .failed))
        #expect(durations.usual(phase: "install", kind: .metal, profile: "small", source: SourceID("lab")) == nil)
        durations.add(run([("install", 200)]))
        let usual = try #require(
            durations.usual(phase: "install", kind: .metal, profile: "small", source: SourceID("lab")))
        #expect(usual.median == 200)
        #expect(usual.p90 > 400, "one run of four is longer than the longest of three")
    }

    @Test func theClosestGroupWithThreeRunsAnswers() {
        var durations = Durations()
        func median(_ profile: String?, _ source: String) -> Double? {
            durations.usual(phase: "install", kind: .metal, profile: profile, source: SourceID(source))?.median
        }
        for _ in 0..<3 { durations.add(run([("install", 900)], profile: "large", source: "far")) }
        #expect(median("small", "lab") == 900)
        for _ in 0..<3 { durations.add(run([("install", 300)], profile: "small", source: "far")) }
        #expect(median("small", "lab") == 300)
        for _ in 0..<3 { durations.add(run([("install", 100)], profile: "small", source: "lab")) }
        #expect(median("small", "lab") == 100)
        #expect(median("small", "elsewhere") == 200)
        #expect(durations.usual(phase: "install", kind: .image, profile: "small", source: SourceID("lab")) == nil)
    }

    @Test func onlyTheNewestTwoHundredRunsCount() throws {
        var durations = Durations()
        for seconds in [100.0, 500] {
            for _ in 0..<200 { durations.add(run([("install", seconds), ("odd-\(seconds)", 5)])) }
        }
        let usual = try #require(
            durations.usual(phase: "install", kind: .metal, profile: "small", source: SourceID("lab")))
        #expect(usual.n == 200)
        #expect(usual.median == 500 && usual.p90 == 500)
        #expect(durations.usual(phase: "odd-100.0", kind: .metal, profile: "small", source: SourceID("lab")) == nil)
    }

    /// Durations of 10, 20 … 1000 s: what remains after so many seconds is half of what is left up to 1000.
    @Test(arguments: [(0.0, 500.0), (250, 375), (500, 250), (800, 100)])
    func whatRemainsDependsOnWhatWasTaken(_ taken: Double, _ remains: Double) throws {
        let durations = Durations(runs: (1...100).map { run([("install", Double($0) * 10)]) })
        let estimate = try #require(
            Estimator.estimate(item([running("install")]), durations: durations, now: start + taken))
        #expect(estimate.n == 100 && estimate.basis == .history)
        let middle = try #require(estimate.p50)
        #expect(abs(middle - remains) < 0.25 * remains + 5, "p50 \(middle) for \(remains)")
        let (low, high) = (try #require(estimate.p10), try #require(estimate.p90))
        #expect(low < middle && middle < high)
    }

    @Test func skippedPhasesCountAsOftenAsTheyHappened() throws {
        let runs = (0..<40).map { number in
            run(number % 4 == 0 ? [("boot", 100), ("firmware", 1000)] : [("boot", 100)])
        }
        let estimate = try #require(
            Estimator.estimate(
                item([running("boot"), Phase(name: "firmware")]), durations: Durations(runs: runs), now: start))
        #expect(try #require(estimate.p50) < 150, "three runs of four skip the firmware")
        #expect(try #require(estimate.p90) > 900, "one run of four does not")
    }

    @Test func aSlowMachineIsExpectedToStaySlow() throws {
        let runs = (0..<60).map { number in
            let pace = 1 + Double(number % 7) / 3
            return run([("boot", 100 * pace), ("install", 600 * pace), ("ready", 60 * pace)])
        }
        let durations = Durations(runs: runs)
        func middle(boot: Double) throws -> Double {
            let done = Phase(name: "boot", state: .done, startedAt: start, endedAt: start + boot)
            let now = Phase(name: "install", state: .running, startedAt: start + boot)
            let estimate = Estimator.estimate(
                item([done, now, Phase(name: "ready")]), durations: durations, now: start + boot)
            return try #require(estimate?.p50)
        }
        #expect(try middle(boot: 280) > 1.7 * middle(boot: 110))
    }

    @Test func timeBetweenPhasesAndPhasesOffTheTrackAreCounted() throws {
        let pauses = Durations(runs: (0..<20).map { _ in run([("boot", 100), ("install", 500)], gap: 600) })
        let boots = item([running("boot"), Phase(name: "install")])
        let withPauses = try #require(Estimator.estimate(boots, durations: pauses, now: start)?.p50)
        #expect(withPauses > 900)
        let extra = Durations(
            runs: (0..<20).map { _ in run([("boot", 100), ("site_check", 800), ("install", 500)]) })
        let withExtra = try #require(Estimator.estimate(boots, durations: extra, now: start)?.p50)
        #expect(abs(withExtra - 1400) < 140)
    }

    /// What takes longer than ever is never promised to end soon, and the longer it takes the less is promised.
    @Test(arguments: [3, 30, 200])
    func pastEverythingKnownTheBandWidensAndStaysFinite(_ count: Int) throws {
        let durations = Durations(
            runs: (0..<count).map { run([("install", 100 + Double($0 % 10)), ("ready", 10)]) })
        var width = 0.0
        for taken in [150.0, 300, 1000, 10_000, 1_000_000] {
            let estimate = try #require(
                Estimator.estimate(
                    item([running("install"), Phase(name: "ready")]), durations: durations, now: start + taken))
            let (low, high) = (try #require(estimate.p10), try #require(estimate.p90))
            #expect(low > 0 && high.isFinite && high < 20 * taken)
            #expect(high - low > width, "after \(taken) s")
            width = high - low
        }
    }

    @Test func typicalValuesAreUsedUntilThreeRunsAreKnown() throws {
        let track = [
            Phase(name: "install", state: .running, startedAt: start, usual: 600, usualHigh: 900, usualCount: 0),
            Phase(name: "ready", usual: 60, usualHigh: 120, usualCount: 0),
        ]
        var durations = Durations(runs: [run([("install", 100)]), run([("install", 100)])])
        let typical = try #require(Estimator.estimate(item(track), durations: durations, now: start))
        #expect(typical.basis == .typical && typical.n == 0)
        #expect(abs(try #require(typical.p50) - 660) < 1)
        #expect(abs(try #require(typical.p90) - 1020) < 1)
        let late = try #require(Estimator.estimate(item(track), durations: durations, now: start + 20_000))
        #expect(try #require(late.p90) > 1020 && late.p90?.isFinite == true)
        durations.add(run([("install", 100)]))
        #expect(Estimator.estimate(item(track), durations: durations, now: start)?.basis == .history)
        let laid = Estimator.overlay(item(track), durations: durations)
        #expect(laid.phases[0].usual == 100 && laid.phases[0].usualCount == 3)
        #expect(laid.phases[1].usual == 60 && laid.phases[1].usualCount == 0)
    }

    @Test func nothingKnownIsToldAndWhatDoesNotRunHasNoEstimate() {
        let unknown = Estimator.estimate(item([running("install")]), durations: Durations(), now: start)
        #expect(unknown == Estimate(n: 0, basis: .none, at: start))
        for state in Item.State.allCases where state != .running {
            #expect(Estimator.estimate(item([], state: state), durations: Durations(), now: start) == nil)
        }
    }

    @Test func anItemWithoutPhasesIsComparedAsAWhole() throws {
        let durations = Durations(runs: (0..<20).map { _ in run([("install", 600)]) })
        let estimate = try #require(Estimator.estimate(item([]), durations: durations, now: start + 200))
        #expect(abs(try #require(estimate.p50) - 400) < 60)
    }

    @Test func theSameQuestionHasTheSameAnswer() {
        var history = RecordedHistory(.init(name: "site", seed: 9))
        let runs = (0..<50).map { _ in history.next() }
        let asked = history.next().seen(after: 400)
        let answers = (0..<3).map { _ in
            Estimator.estimate(asked, durations: Durations(runs: runs.shuffled()), now: asked.evidence.at)
        }
        #expect(answers[0] == answers[1] && answers[1] == answers[2])
    }
}
