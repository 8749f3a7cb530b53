import Fleet
import Foundation
import Testing

#if canImport(AmiText)
@testable import AmiText
// Swift Testing has one of its own.
@testable import enum AmiText.ExitStatus
#else
@testable import slipway
@testable import enum slipway.ExitStatus
#endif

/// What a pipe and the log of a CI job get: a line a change.
@Suite struct AmiLinesTests {
    private static let slow = [
        "gcc@11.3.0 builds from source: 60-90 minutes", "openmpi@4.1.4 builds from source: 15-25 minutes",
    ]
    private static let configure = AmiSamples.gcc([
        Phase(name: "configure", state: .running, startedAt: AmiSamples.start + 5)
    ])

    /// What is printed of items that are seen so many seconds after the start; the last one may end the command.
    private func printed(
        _ items: [(Double, Item)], level: AmiLevel = .summary, end: ExitStatus? = nil
    ) -> [String] {
        var text: [String] = []
        var lines = AmiLines(level: level, zone: .gmt) { text.append($0) }
        for (seconds, item) in items { lines.show(item, Snapshot(at: AmiSamples.start + seconds)) }
        if let end, let (seconds, item) = items.last {
            lines.end(item, Snapshot(at: AmiSamples.start + seconds), end)
        }
        return text
    }

    private static let openmpi = ImageDetail.Current(
        spec: "openmpi@4.1.4", number: 2, total: 5, startedAt: AmiSamples.start + 1500,
        phases: [Phase(name: "configure", state: .running, startedAt: AmiSamples.start + 1500)])

    @Test func aBuildIsALineForEachChange() {
        let begun = AmiSamples.item(
            percent: 0, current: nil, packages: AmiSamples.packages(isBuilding: false), notices: Self.slow)
        let text = printed([
            (0, begun), (2, begun),
            (5, AmiSamples.item(percent: 1, current: Self.configure, notices: Self.slow)),
            (200, AmiSamples.item(percent: 6, notices: Self.slow)),
            (210, AmiSamples.item(percent: 11, notices: Self.slow)),
            (231, AmiSamples.item(percent: 12, notices: Self.slow)),
            (300, AmiSamples.item(percent: 14, notices: Self.slow)),
            (
                1500,
                AmiSamples.item(percent: 62, done: 1, current: Self.openmpi, packages: AmiSamples.packages(done: 1))
            ),
        ])
        #expect(
            text == [
                "22:00:00  gromacs: installing, 5 packages, estimated 20-31m n=3",
                "22:00:00    > gcc@11.3.0 builds from source: 60-90 minutes",
                "22:00:00    > openmpi@4.1.4 builds from source: 15-25 minutes",
                "22:00:05  > [1/5] gcc@11.3.0 begins, usual 1h01m n=3",
                "22:00:05  > [1/5] gcc@11.3.0 phase configure",
                "22:03:20  > [1/5] gcc@11.3.0 phase build",
                "22:03:20  > 6% (0/5 packages)  gcc@11.3.0 build 35s  3m20s elapsed, ~20-31m remaining, n=3",
                "22:03:51  > 12% (0/5 packages)  gcc@11.3.0 build 1m06s  3m51s elapsed, ~20-31m remaining, n=3",
                "22:25:00  + [1/5] gcc@11.3.0 installed in 25m, usual 1h01m n=3",
                "22:25:00  > [2/5] openmpi@4.1.4 begins, usual 18m n=3",
                "22:25:00  > [2/5] openmpi@4.1.4 phase configure",
                "22:25:00  > 62% (1/5 packages)  openmpi@4.1.4 configure 0s  25m elapsed, ~20-31m remaining, n=3",
            ])
    }

    /// One change each: what was seen before, what is seen then, the lines it makes.
    @Test(arguments: [
        (AmiSamples.item(), AmiSamples.item(), []),
        (AmiSamples.item(), AmiSamples.item(percent: 44), []),
        (AmiSamples.item(), AmiSamples.item(disks: [AmiSamples.disk(used: 35)]), []),
        (
            AmiSamples.item(),
            // Three places of one file system.
            AmiSamples.item(disks: ["/", "/opt/spack", "/tmp"].map { AmiSamples.disk($0, used: 37) }),
            ["22:18:20  ! disk /: 37 GB used / 45 GB total (82% full), 8 GB free"]
        ),
        (AmiSamples.item(disks: [AmiSamples.disk(used: 37)]), AmiSamples.item(disks: [AmiSamples.disk(used: 38)]), []),
        (
            AmiSamples.item(disks: [AmiSamples.disk(used: 37)]), AmiSamples.item(disks: [AmiSamples.disk(used: 41)]),
            ["22:18:20  ! disk /: 41 GB used / 45 GB total (91% full), 4 GB free"]
        ),
        (
            AmiSamples.item(),
            AmiSamples.item(diagnosis: Diagnosis(cause: "disk will not last: peak 52 GB", next: ["spack clean -a"])),
            ["22:18:20  ! at risk: disk will not last: peak 52 GB", "          next  spack clean -a"]
        ),
        (
            AmiSamples.item(diagnosis: Diagnosis(cause: "disk will not last: peak 52 GB")),
            AmiSamples.item(diagnosis: Diagnosis(cause: "disk will not last: peak 53 GB")), []
        ),
        (
            AmiSamples.item(diagnosis: Diagnosis(cause: "disk will not last: peak 52 GB")), AmiSamples.item(),
            ["22:18:20  + no longer at risk"]
        ),
        (
            AmiSamples.item(),
            AmiSamples.item(
                .running, "creating image", current: nil, packages: AmiSamples.packages(done: 1, isBuilding: false)),
            ["22:18:20  + [1/5] gcc@11.3.0 installed in 25m, usual 1h01m n=3", "22:18:20  > gromacs: creating image"]
        ),
        (AmiSamples.item(), AmiSamples.item(notices: ["Spack prepares itself: clingo"]), []),
        (
            AmiSamples.item(), AmiSamples.item(notices: [slow[0]]),
            ["22:18:20    > gcc@11.3.0 builds from source: 60-90 minutes"]
        ),
    ])
    func changesBecomeLines(before: Item, after: Item, lines: [String]) {
        let past = printed([(1080, before)])
        #expect(Array(printed([(1080, before), (1100, after)]).dropFirst(past.count)) == lines)
    }

    @Test func namesAndDetailsComeWithTheLevels() {
        var packages = AmiSamples.packages()
        packages.append(.init(spec: "gmp@6.2.1", state: .done, isRoot: false, way: "source", seconds: 40))
        let item = AmiSamples.item(packages: packages, notices: ["Spack prepares itself: clingo"])
        let lines = [AmiLevel.summary, .packages, .everything].map { printed([(1080, item)], level: $0) }
        let names = "          packages: gcc@11.3.0, openmpi@4.1.4, python@3.11.0, cmake@3.24.3, git@2.38.1"
        let log = "          log: /var/log/spack/gcc-11.3.0-build.log"
        #expect(lines.map { $0.contains(names) } == [false, true, true])
        #expect(lines.map { $0.contains("22:18:00  +   gmp@6.2.1 installed in 40s") } == [false, true, true])
        #expect(lines.map { $0.contains("22:18:00    > Spack prepares itself: clingo") } == [false, true, true])
        #expect(lines.map { $0.contains(log) } == [false, false, true])
        #expect(lines.map { $0.contains { $0.contains("4823 of 12450 files") } } == [false, false, true])
        #expect(lines.map { $0.contains("          dependencies: 3 installed, 1 pending") } == [false, false, true])
    }

    private static let failure = ImageDetail.Failure(
        package: "gcc@11.3.0", phase: "configure", text: "ProcessError: Command exited with status 77",
        place: "/var/log/spack/gcc-build.log:417",
        lines: ["415: checking for gcc... no", "417: configure: error: no acceptable C compiler found in $PATH"],
        fix: "Check that required dependencies are available")

    /// What, where, why, how to go on; a fix that is also the next step is said once.
    @Test func aFailureEndsWithTheSeedsBlock() {
        let next = ["Check that required dependencies are available", "less +417 /var/log/spack/gcc-build.log"]
        let item = AmiSamples.item(
            .failed, "failed", percent: 55, done: 1, packages: AmiSamples.packages(done: 1, failed: 1),
            failures: [Self.failure], diagnosis: Diagnosis(cause: "It broke.", next: next), endedAfter: 1600)
        let text = printed(
            [(1500, AmiSamples.item(packages: AmiSamples.packages(done: 1))), (1600, item)], end: .failed)
        #expect(
            text.suffix(9) == [
                "22:26:40  ! [2/5] openmpi@4.1.4 failed after 18m",
                "22:26:40  Error: Build failed in gcc@11.3.0 configure phase",
                "            ProcessError: Command exited with status 77",
                "            Log: /var/log/spack/gcc-build.log:417",
                "              415: checking for gcc... no",
                "              417: configure: error: no acceptable C compiler found in $PATH",
                "            Fix: Check that required dependencies are available",
                "            Next: less +417 /var/log/spack/gcc-build.log",
                "            Took 26m; 1 of 5 packages installed, which the next build finds",
            ])
    }

    @Test func aFullDiskStandsBesideWhatItBroke() {
        let item = AmiSamples.item(
            .failed, "failed", disks: [AmiSamples.disk(used: 44.5)], failures: [Self.failure], endedAfter: 1600)
        #expect(
            AmiEnding(item, now: AmiSamples.start + 1600)?.lines(.failed, isListing: false).contains(
                "  Disk /: 44.5 GB used / 45 GB total (98% full), 500 MB free") == true)
    }

    @Test(arguments: [
        (
            AmiSamples.item(
                .done, "complete", percent: 100, done: 5, current: nil, endedAfter: 2520, imageID: "ami-0123"),
            ExitStatus.done,
            ["+ complete: gromacs, 5 packages in 42m", "  Image: ami-0123"]
        ),
        (
            AmiSamples.item(.unknown, "stopped", done: 2, endedAfter: 720), .failed,
            ["- stopped: gromacs after 12m", "  2 of 5 packages installed, which the next build finds"]
        ),
        (
            AmiSamples.item(diagnosis: Diagnosis(cause: "late", next: ["slipway ami stop x"])), .overdue,
            ["! still installing after its limit: gromacs", "  Next: slipway ami stop x"]
        ),
        (
            AmiSamples.item(
                .failed, "lost", done: 0, diagnosis: Diagnosis(cause: "Nothing of it runs.", next: ["Build it again."]),
                endedAfter: 720), .failed,
            ["Error: Nothing of it runs.", "  Next: Build it again.", "  Took 12m"]
        ),
    ])
    func everyEndHasItsWords(item: Item, status: ExitStatus, lines: [String]) {
        #expect(AmiEnding(item, now: AmiSamples.start + 3000)?.lines(status, isListing: false) == lines)
    }
}
