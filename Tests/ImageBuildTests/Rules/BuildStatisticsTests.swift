import Fleet
import Foundation
import Testing

@testable import ImageBuild

@Suite("What the history of builds says")
struct BuildStatisticsTests {
    private static func run(
        _ key: String, template: String = "starter", day: Double, minutes: Double, gcc: Double? = nil,
        failed trouble: BuildTrouble? = nil
    ) -> Run {
        let end = SpackLogs.at(-day * 86_400)
        var parts = gcc.map { [RunPart(name: "gcc@11.3.0/total", seconds: $0 * 60, count: 1)] } ?? []
        parts.append(RunPart(name: BuildStatistics.diskPart, seconds: 0, count: Int(minutes) << 30))
        if let trouble { parts.append(RunPart(name: BuildStatistics.failurePart(trouble), seconds: 0, count: 1)) }
        return Run(
            item: ItemID(kind: .image, source: SourceID("here"), key: key), kind: .image, name: key,
            source: SourceID("here"), profile: template, startedAt: end.addingTimeInterval(-minutes * 60), endedAt: end,
            outcome: trouble == nil ? .done : .failed, word: trouble == nil ? "complete" : "failed", parts: parts)
    }

    private static let runs = [
        run("a", day: 1, minutes: 80, gcc: 58), run("b", day: 2, minutes: 90, gcc: 61.5),
        run("c", day: 3, minutes: 100, gcc: 65),
        run("d", day: 4, minutes: 150, gcc: 100), run("e", day: 5, minutes: 28, failed: .diskFull),
        run("f", day: 6, minutes: 10, failed: .diskFull), run("g", day: 7, minutes: 5, failed: .network),
        run("h", template: "other", day: 8, minutes: 40), run("i", day: 60, minutes: 70, gcc: 60),
        Run(
            item: ItemID(text: "metal/x/1"), kind: .metal, name: "x", source: SourceID("x"),
            startedAt: SpackLogs.at(-9),
            endedAt: SpackLogs.at(-1), outcome: .done, word: "deployed"),
    ]

    @Test func theLastThirtyDaysCount() {
        let all = BuildStatistics(runs: Self.runs, now: SpackLogs.at(0))
        #expect(all.total == 8 && all.succeeded == 5 && all.failed == 3)
        #expect(all.templates.map(\.name) == ["other", "starter"])
        #expect(all.failures.map { "\($0.trouble) \($0.count)" } == ["disk_full 2", "network 1"])
        #expect(BuildStatistics(runs: Self.runs, days: 90, now: SpackLogs.at(0)).total == 9)
        let one = BuildStatistics(runs: Self.runs, template: "starter", now: SpackLogs.at(0))
        #expect(one.total == 7 && one.peakDisk == 150 << 30 && one.peakMemory == nil)
    }

    @Test func meanDeviationAndPercentilesAreRight() throws {
        let one = BuildStatistics(runs: Self.runs, template: "starter", now: SpackLogs.at(0))
        let whole = try #require(one.seconds)
        #expect(whole.count == 4 && whole.mean == 105 * 60 && abs(whole.deviation / 60 - 31.09) < 0.01)
        #expect(whole.p50 == 95 * 60 && abs(whole.p90 / 60 - 135) < 0.01)
        let gcc = try #require(one.packages.first)
        #expect(gcc.spec == "gcc@11.3.0" && gcc.seconds.count == 4 && abs(gcc.seconds.mean / 60 - 71.125) < 0.01)
        #expect(BuildStatistics.Figures([]) == nil && BuildStatistics.Figures([5])?.deviation == 0)
    }

    @Test func whatTookHalfAsLongAgainIsUnusual() {
        let all = BuildStatistics(runs: Self.runs, now: SpackLogs.at(0))
        #expect(
            all.anomalies.map(\.text) == ["gcc@11.3.0 took 1h40m in d; 1h01m is usual (n=3)"])
    }

    @Test func noHistoryIsNoError() {
        let none = BuildStatistics(runs: [], now: SpackLogs.at(0))
        #expect(none.total == 0 && none.seconds == nil && none.packages.isEmpty)
    }
}
