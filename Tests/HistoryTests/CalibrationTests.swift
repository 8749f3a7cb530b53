import Fleet
import Foundation
import History
import Testing

/// The promise made to the reader of a band: the truth lies in p10…p90 8 times of 10, and below p90 9 times of 10.
struct CalibrationTests {
    private static let instants = [0.02, 0.2, 0.4, 0.6, 0.8, 0.95]

    static let shapes = [
        RecordedHistory.Shape(name: "ordinary site", seed: 1),
        RecordedHistory.Shape(name: "machines alike", seed: 2, machineSpread: 0),
        RecordedHistory.Shape(name: "machines very unlike", seed: 3, machineSpread: 0.6, phaseSpread: 0.6),
        RecordedHistory.Shape(name: "erratic phases", seed: 4, machineSpread: 0.2, phaseSpread: 2),
        RecordedHistory.Shape(name: "steady", seed: 5, machineSpread: 0.08, phaseSpread: 0.25, skipped: 0),
        RecordedHistory.Shape(name: "phase skipped every other time", seed: 6, skipped: 0.5),
        RecordedHistory.Shape(name: "sometimes stuck", seed: 7, stuck: 0.08),
    ]

    @Test(arguments: shapes)
    func bandHoldsTheTruthEightTimesOfTen(_ shape: RecordedHistory.Shape) throws {
        var history = RecordedHistory(shape)
        var durations = Durations()
        var score = Score()
        for number in 0..<250 {
            let run = history.next()
            if number >= 30 { try score.replay(run, durations) }
            durations.add(run)
        }
        #expect((0.72...0.90).contains(score.inBand), "\(shape.name): \(score)")
        #expect(score.underHigh >= 0.82, "\(shape.name): \(score)")
    }

    /// With this few runs nobody can promise 80 %; what is promised is that the band is not far off, and rather too wide.
    @Test(arguments: 3...8)
    func bandOfFewRunsIsWideEnough(_ runs: Int) throws {
        var score = Score()
        for seed in 0..<120 {
            var shape = RecordedHistory.Shape(name: "few", seed: UInt64(1000 + seed))
            shape.machines = 48
            var history = RecordedHistory(shape)
            var durations = Durations()
            var counts: [String: Int] = [:]
            while true {
                let run = history.next()
                let profile = run.profile ?? ""
                guard counts[profile, default: 0] == runs else {
                    counts[profile, default: 0] += 1
                    durations.add(run)
                    continue
                }
                try score.replay(run, durations)
                break
            }
        }
        #expect((0.70...0.94).contains(score.inBand), "n=\(runs): \(score)")
        #expect(score.underHigh >= 0.80, "n=\(runs): \(score)")
    }

    /// Counts how often the truth was where the band said.
    private struct Score: CustomStringConvertible {
        private var asked = 0
        private var inside = 0
        private var under = 0
        private var width = 0.0

        var inBand: Double { Double(inside) / Double(max(1, asked)) }
        var underHigh: Double { Double(under) / Double(max(1, asked)) }
        var description: String {
            "\(asked) asked, in band \(inBand), under p90 \(underHigh), mean width \(Int(width / Double(max(1, asked)))) s"
        }

        mutating func replay(_ run: Run, _ durations: Durations) throws {
            for share in CalibrationTests.instants {
                let taken = run.seconds * share
                let now = run.startedAt + taken
                let estimate = try #require(Estimator.estimate(run.seen(after: taken), durations: durations, now: now))
                #expect(estimate.basis == .history)
                let (low, high) = (try #require(estimate.p10), try #require(estimate.p90))
                let truth = run.seconds - taken
                asked += 1
                if truth <= high { under += 1 }
                if (low...high).contains(truth) { inside += 1 }
                width += high - low
            }
        }
    }
}
