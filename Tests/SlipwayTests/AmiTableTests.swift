import Fleet
import Foundation
import ImageBuild
import Testing

@testable import slipway

/// What is told before a build, and what the history says of those before it.
@Suite struct AmiTableTests {
    private static let now = AmiSamples.start + 1080

    /// Four good builds, the newest with a slow gcc, and a failed one after them.
    private static let runs =
        [AmiSamples.run("f", minutes: 12, daysAgo: 0.2, outcome: .failed, trouble: "disk_full", now: now)]
        + [120.0, 62, 63, 64].enumerated().map { index, gcc in
            let minutes = Double(60 + index)
            return AmiSamples.run("r\(index)", minutes: minutes, daysAgo: Double(index + 1), gcc: gcc, now: now)
        }

    @Test func slowPackagesAreAnnouncedBeforeABuild() {
        let names = AmiSamples.packages().map(\.spec)
        let first = AmiAnnouncement(template: "gromacs", packages: names, memory: BuildMemory(), now: Self.now)
        #expect(
            first.lines(columns: 80) == [
                "Template: gromacs",
                "  Packages: gcc@11.3.0, openmpi@4.1.4, python@3.11.0, cmake@3.24.3, git@2.38.1",
                "            (5 total)",
                "  Estimated: 1h31m-2h25m typical",
                "  > gcc@11.3.0 builds from source: 60-90 minutes",
                "  > openmpi@4.1.4 builds from source: 15-25 minutes",
                "  > python@3.11.0 builds from source: 10-20 minutes",
            ])
        #expect(first.slow.allSatisfy { AmiWords.isAnnouncement($0.text) })
        let later = AmiAnnouncement(
            template: "gromacs", packages: ["gcc@11.3.0"], memory: BuildMemory(runs: Self.runs),
            builder: "builder@10.0.0.7", imageName: "gromacs-7", now: Self.now)
        #expect(
            later.lines() == [
                "Template: gromacs on builder@10.0.0.7",
                "  Packages: gcc@11.3.0 (1 total)",
                "  Image: gromacs-7",
                "  Estimated: 62-63m n=4, of earlier builds of this template",
                "  > gcc@11.3.0 builds from source: 62-120 minutes (4 builds here)",
                "  Similar builds:",
                "  ! gromacs: failed after 12m (4h ago)",
                "  + gromacs: 1h00m (1 day ago)",
                "  + gromacs: 1h01m (2 days ago)",
            ])
        // The image takes its time too, where nothing was measured.
        let image = AmiAnnouncement(
            template: "new", packages: ["gcc@11.3.0"], memory: BuildMemory(), imageName: "i", now: Self.now)
        #expect(image.total == .init(low: 4200, high: 6600, count: 0, isWhole: false))
    }

    @Test func theListHasWhatRunsFirst() throws {
        let running = AmiSamples.item(startedAt: AmiSamples.start - 600, builder: "builder@10.0.0.7")
        let done = AmiSamples.item(
            .done, "complete", percent: 100, done: 5, current: nil, endedAfter: 900, imageID: "ami-0123",
            id: ItemID(kind: .image, source: SourceID("here"), key: "r0"))
        let report = AmiListReport(items: [done, running], runs: Self.runs, now: Self.now)
        #expect(
            report.lines.prefix(5) == [
                "ID                  TEMPLATE  STATE       PROGRESS             STARTED     TOOK   BUILDER           IMAGE",
                "20261120-2200-ab12  gromacs   installing  40% (0/5 packages)   28m ago     28m+   builder@10.0.0.7  -",
                "r0                  gromacs   complete    100% (5/5 packages)  18m ago     15m    -                 ami-0123",
                "f                   gromacs   failed      -                    5h ago      12m    -                 -",
                "r1                  gromacs   complete    -                    2 days ago  1h01m  -                 -",
            ])
        #expect(AmiListReport(items: [done], runs: Self.runs, template: "other", now: Self.now).builds.isEmpty)
        let json = String(decoding: try FleetCoder.encoder().encode(report), as: UTF8.self)
        #expect(json.hasPrefix(#"{"at":"2026-11-20T22:18:00.000Z","builds":[{"builder":"builder@10.0.0.7","id":"2026"#))
        #expect(json.hasSuffix(#""version":1}"#))
        #expect(json.contains(#""imageID":"ami-0123""#))
    }

    @Test func statisticsAreTemplatesPackagesAndFailures() throws {
        let report = AmiStatisticsReport(runs: Self.runs, now: Self.now)
        #expect(
            report.lines() == [
                "Builds in the last 30 days: 5, 4 of 5 (80%) succeeded",
                "",
                "TEMPLATE  BUILDS  SUCCEEDED     MEAN ± DEVIATION  P50    P90    LAST",
                "gromacs   5       4 of 5 (80%)  1h01m ± 1m17s     1h01m  1h02m  4h ago, failed",
                "",
                "PACKAGE     MEAN ± DEVIATION  P50    P90    N",
                "gcc@11.3.0  1h17m ± 28m       1h03m  1h43m  4",
                "",
                "FAILED OF  BUILDS",
                "disk full  1",
                "",
                "Unusual:",
                "  ! gcc@11.3.0 took 2h00m in gromacs; 1h03m is usual (n=3), 1 day ago",
            ])
        #expect(report.lines(glyphs: .ascii).contains { $0.contains("1h17m +- 28m") })
        #expect(
            AmiStatisticsReport(runs: [], template: "new", now: Self.now).lines() == [
                "No builds of new in the last 30 days."
            ])
        let json = String(decoding: try FleetCoder.encoder().encode(report), as: UTF8.self)
        for part in [
            #""at":"2026-11-20T22:18:00.000Z","days":30,"failed":1,"failures":[{"count":1,"trouble":"disk_full"}]"#,
            #""last":{"gromacs":{"endedAt":"2026-11-20T17:30:00.000Z","outcome":"failed","seconds":720,"word":"failed"}}"#,
            #""succeeded":4"#, #""version":1}"#,
        ] { #expect(json.contains(part)) }
    }
}
