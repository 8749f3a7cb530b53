import Fleet
import Foundation
import Testing

@testable import slipway

/// The block that is written over on a terminal: the seed's screens.
@Suite struct AmiScreenTests {
    private static let now = AmiSamples.start + 1080

    private func text(
        _ level: AmiLevel, _ columns: Int, _ item: Item, rows: Int? = nil, glyphs: AmiGlyphs = .box
    ) -> String {
        AmiScreen(level: level, columns: columns, rows: rows, glyphs: glyphs).lines(item, now: Self.now)
            .joined(separator: "\n")
    }

    /// With three places of one file system, of which the first has room.
    private static let whole = AmiSamples.item(
        disks: [
            AmiSamples.disk(peak: 28), AmiSamples.disk("/opt/spack", held: 8.2), AmiSamples.disk("/tmp", held: 4.1),
        ], notices: ["openmpi@4.1.4 builds from source: 15-25 minutes"],
        tail: ["checking for gcc... gcc", "the compiler’s ‘cc1’"])

    @Test func theBeginnersScreenIsTheSeeds() {
        #expect(
            text(.summary, 100, Self.whole) == """
                Installing software: gromacs (estimated 38-49m n=3)
                  [1/5] gcc@11.3.0         ████████░░░░░░░░░░ 40% (18m elapsed, ~20-31m remaining, n=3)
                        └─ Phase: build, 15m (compiling from source, this takes a while)

                  Disk: 12.3 GB used / 45 GB total (27% full)
                  > openmpi@4.1.4 builds from source: 15-25 minutes
                """)
        #expect(
            text(.summary, 80, Self.whole, glyphs: .ascii) == """
                Installing software: gromacs (estimated 38-49m n=3)
                  [1/5] gcc@11.3.0 ########---------- 40% (18m elapsed, ~20-31m remaining, n=3)
                        `- Phase: build, 15m (compiling from source, this takes a while)

                  Disk: 12.3 GB used / 45 GB total (27% full)
                  > openmpi@4.1.4 builds from source: 15-25 minutes
                """)
        #expect(
            text(.summary, 40, Self.whole) == """
                Installing, estimated 38-49m n=3
                  [1/5] gcc@11.3.0 ████░░░░░░ 40%
                  18m elapsed, ~20-31m remaining, n=3
                  └─ Phase: build, 15m (compiling from
                     source, this takes a while)

                  Disk: 12.3 GB / 45 GB (27% full)
                  > openmpi@4.1.4 builds from source:
                    15-25 minutes
                """)
    }

    @Test func progressNamesAllPackages() {
        let item = AmiSamples.item(
            percent: 62, done: 1, current: ImageDetail.Current(spec: "openmpi@4.1.4", number: 2, total: 5),
            packages: AmiSamples.packages(done: 1))
        #expect(
            text(.packages, 80, item) == """
                Installing software: gromacs (estimated 38-49m n=3)
                  + gcc@11.3.0     25m
                  > [2/5] openmpi@4.1.4 ████████████░░░░░░ 62% (18m elapsed, left 20-31m n=3)
                          └─ Phase: getting ready
                  . python@3.11.0  typical 10-20m
                  . cmake@3.24.3   usual 5m06s n=3
                  . git@2.38.1     typical 2-4m

                  Disk: 12.3 GB used / 45 GB total (27% full)
                """)
        #expect(
            text(.packages, 40, item, glyphs: .ascii) == """
                Installing, estimated 38-49m n=3
                  + gcc@11.3.0     25m
                  > [2/5] openmpi@4.1.4 #######--- 62%
                  18m elapsed, ~20-31m remaining, n=3
                  `- Phase: getting ready
                  . python@3.11.0  typical 10-20m
                  . cmake@3.24.3   usual 5m06s n=3
                  . git@2.38.1     typical 2-4m

                  Disk: 12.3 GB / 45 GB (27% full)
                """)
    }

    @Test func verboseIsTheSeedsBlock() {
        #expect(
            text(.everything, 80, Self.whole) == """
                Installing software packages: gromacs (estimated 38-49m n=3)
                ════════════════════════════════════════════════════════════

                [1/5] gcc@11.3.0 (4 dependencies)
                  ████████░░░░░░░░░░ 40% (18m elapsed, ~20-31m remaining, n=3)
                  Dependencies: gmp@6.2.1 ✓, mpfr@4.1.0 ✓, mpc@1.2.1 ✓, zlib@1.2.13
                  ┌─ Phase: configure (2m15s) ✓
                  ├─ Phase: build     (15m) ← CURRENT
                  │  └─ Compiling: gcc/tree-ssa-loop.c (4823 of 12450 files)
                  └─ Phase: install   (pending)

                Real-time log: /var/log/spack/gcc-11.3.0-build.log
                  │ checking for gcc... gcc
                  │ the compiler’s ‘cc1’
                Build directory: /tmp/spack-stage/gcc-11.3.0-abc123

                Disk usage:
                  /:          12.3 GB used / 45 GB total (27% full)
                  /opt/spack: 8.2 GB (Spack installations)
                  /tmp:       4.1 GB (build artifacts)
                  Free space: 32.7 GB
                  Projected peak: 28 GB of 45 GB (+0.2 GB/min)
                  > openmpi@4.1.4 builds from source: 15-25 minutes
                """)
        #expect(
            text(.everything, 40, Self.whole, glyphs: .ascii) == """
                Installing, estimated 38-49m n=3
                ========================================

                [1/5] gcc@11.3.0 (4 dependencies)
                  ####------ 40% (18m, left 20-31m n=3)
                  Dependencies: gmp@6.2.1 +,
                                mpfr@4.1.0 +,
                                mpc@1.2.1 +, zlib@1.2.13
                  ,- Phase: configure (2m15s) +
                  |- Phase: build     (15m) <- CURRENT
                  |  `- Compiling: 4823 of 12450 files
                  `- Phase: install   (pending)

                Real-time log:
                  /var/log/spack/gcc-11.3.0-build.log
                  | checking for gcc... gcc
                  | the compiler's 'cc1'
                Build directory:
                  /tmp/spack-stage/gcc-11.3.0-abc123

                Disk usage:
                  / 27%
                  /opt/spack: 8.2 GB
                  /tmp:       4.1 GB (build artifacts)
                  Free space: 32.7 GB
                  Projected peak: 28 GB of 45 GB
                  > openmpi@4.1.4 builds from source:
                    15-25 minutes
                """)
    }

    @Test func whatRemainsIsNeverANumberAlone() {
        let band = Estimate(p10: 900, p50: 1200, p90: 1860, n: 0, basis: .typical)
        let typical = text(.summary, 100, AmiSamples.item(estimate: band))
        #expect(typical.contains("(estimated 38-49m typical)"))
        #expect(typical.contains("(18m elapsed, ~20-31m remaining, typical)"))
        let unknown = text(.summary, 100, AmiSamples.item(estimate: nil))
        #expect(unknown.contains("gromacs (no history)"))
        #expect(unknown.contains("40% (18m elapsed, no history)"))
    }

    /// What somebody else needs is said to be so, and a phase that takes longer than nine of ten says it.
    @Test(arguments: [
        (
            Phase(name: "configure", state: .running, startedAt: now - 90),
            "configure, 1m30s (checking what the builder has)"
        ),
        (
            Phase(name: "gmp@6.2.1 build", state: .running, startedAt: now - 30),
            "gmp@6.2.1 build, 30s (compiling, needed by gcc@11.3.0)"
        ),
        (
            Phase(
                name: "build", state: .running, startedAt: now - 1000, usual: 3480, usualHigh: 3900, usualCount: 3),
            "build, 16m (compiling, usual 58-65m n=3)"
        ),
        (
            Phase(name: "build", state: .running, startedAt: now - 1000, usual: 480, usualHigh: 900, usualCount: 3),
            "build, 16m (compiling, slow: usual 8-15m n=3)"
        ),
    ])
    func aPhaseSaysWhatItMeans(phase: Phase, says: String) {
        let item = AmiSamples.item(current: AmiSamples.gcc([phase]))
        #expect(text(.summary, 120, item).contains("└─ Phase: \(says)\n"))
    }

    @Test func aDiskThatWillNotLastIsToldWithWhatToDo() {
        let disks = [AmiSamples.disk(), AmiSamples.disk("/scratch", used: 38, peak: 52)]
        let item = AmiSamples.item(
            disks: disks,
            diagnosis: Diagnosis(
                cause: "disk will not last", next: ["Free space on the builder with `spack clean -a`."]))
        let told = text(.summary, 100, item)
        #expect(told.contains("  Disk /scratch: 38 GB used / 45 GB total (84% full)"))
        #expect(
            told.hasSuffix("! at risk: disk will not last\n    next Free space on the builder with `spack clean -a`."))
        #expect(
            text(.summary, 100, AmiSamples.item(disks: disks)).contains(
                "! disk /scratch will be full before the build is done: peak 52 GB of 45 GB"))
    }

    /// Whatever comes from outside, and however narrow: a line that wrapped would break what is written over.
    @Test func noLineIsWiderThanTheTerminal() {
        let wide = String(repeating: "漢字", count: 80)
        var current = AmiSamples.gcc()
        current.file = wide + "/long.c"
        current.log = "/home/" + wide
        current.dependencies = (0..<60).map { .init(spec: "a-package-with-a-name-\($0)@1.2.3", isThere: $0 < 40) }
        let items = [
            Self.whole,
            AmiSamples.item(
                current: current, packages: AmiSamples.packages(done: 3),
                disks: [AmiSamples.disk("/" + wide, used: 44, held: 1, peak: 99)], notices: [wide], tail: [wide],
                name: wide),
            AmiSamples.item(.waiting, "no log yet", percent: 0, estimate: nil, current: nil, packages: [], disks: []),
            AmiSamples.item(.done, "complete", percent: 100, done: 5, current: nil, endedAfter: 900),
        ]
        for item in items {
            for columns in [1, 5] + Array(20...200) {
                for level in [AmiLevel.summary, .packages, .everything] {
                    for glyphs in [AmiGlyphs.box, .ascii] {
                        let lines = AmiScreen(level: level, columns: columns, glyphs: glyphs)
                            .lines(item, now: Self.now)
                        #expect(!lines.isEmpty)
                        #expect(lines.allSatisfy { AmiColumns.width($0) <= columns }, "\(columns) \(level)")
                        #expect(!glyphs.isASCII || lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
                    }
                }
            }
        }
    }

    @Test func aLowTerminalKeepsWhatMatters() {
        let lines = text(.everything, 80, Self.whole, rows: 6).split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.contains { $0.contains("40% (18m elapsed") })
        #expect(lines.contains { $0.contains("CURRENT") })
        #expect(lines.contains { $0.contains("Free space") })
        let many = AmiSamples.item(
            packages: (0..<80).map {
                .init(spec: "p\($0)@1", state: $0 < 30 ? .done : $0 == 30 ? .running : .waiting, isRoot: true)
            })
        let list = text(.packages, 80, many)
        #expect(list.contains("+ 25 packages before these"))
        #expect(list.contains(". 41 packages more to come"))
        #expect(list.split(separator: "\n").count < 24)
    }

    @Test(arguments: [(0, 0), (1, 1), (20, 4), (40, 8), (99, 17), (100, 18)])
    func aBarIsFullOnlyAtTheEnd(percent: Int, cells: Int) {
        #expect(AmiGlyphs.box.bar(percent).count == 18)
        #expect(AmiGlyphs.box.bar(percent).filter { $0 == "█" }.count == cells)
    }

    @Test func theBlockIsWrittenOverAndGivesWayToTheEnd() {
        var text = ""
        var columns = 80
        var painter = AmiPainter(level: .summary, glyphs: .ascii, size: { (columns, 24) }) { text += $0 }
        let snapshot = Snapshot(at: Self.now)
        painter.show(AmiSamples.item(), snapshot)
        #expect(!text.contains("\u{1B}[5A"), "there is nothing to write over yet")
        text = ""
        painter.show(AmiSamples.item(), snapshot)
        #expect(text.isEmpty, "nothing has changed")
        painter.show(AmiSamples.item(percent: 41), snapshot)
        #expect(text.hasPrefix("\r\u{1B}[5A\u{1B}[K"), "back over five lines")
        #expect(text.contains(" 41% "))
        text = ""
        // The terminal has wrapped what was wider.
        columns = 50
        painter.show(AmiSamples.item(percent: 42), snapshot)
        #expect(text.hasPrefix("\r\u{1B}[8A"))
        text = ""
        let done = AmiSamples.item(
            .done, "complete", percent: 100, done: 5, current: nil, packages: AmiSamples.packages(done: 5),
            endedAfter: 7500)
        painter.end(done, snapshot, .done)
        #expect(text.contains("\u{1B}[J+ complete: gromacs, 5 packages in 2h05m\n  + gcc@11.3.0     25m\n"))
    }
}

/// Builds as the rules of the room make them, for what prints them.
enum AmiSamples {
    static let start = Date(timeIntervalSince1970: 1_795_212_000)
    static let id = ItemID(kind: .image, source: SourceID("here"), key: "20261120-2200-ab12")

    static func disk(_ place: String = "/", used: Double = 12.3, held: Double? = nil, peak: Double? = nil)
        -> ImageDetail.Disk
    {
        ImageDetail.Disk(
            place: place, used: Int(used * 1e9), total: 45_000_000_000, held: held.map { Int($0 * 1e9) },
            growth: peak == nil ? nil : 2e8, peak: peak.map { Int($0 * 1e9) }, at: start)
    }

    /// The packages of the seed's mock-ups; the first `done` are installed, the next one is built if it `isBuilding`.
    static func packages(done: Int = 0, isBuilding: Bool = true, failed: Int? = nil) -> [ImageDetail.Package] {
        let usual: [(String, Double, Int)] = [
            ("gcc@11.3.0", 3690, 3), ("openmpi@4.1.4", 1092, 3), ("python@3.11.0", 900, 0), ("cmake@3.24.3", 306, 3),
            ("git@2.38.1", 180, 0),
        ]
        return usual.enumerated().map { index, entry in
            let state: Phase.State =
                index == failed ? .failed : index < done ? .done : index == done && isBuilding ? .running : .waiting
            return ImageDetail.Package(
                spec: entry.0, state: state, isRoot: true, way: index < done ? "source" : nil,
                startedAt: state == .waiting ? nil : start + Double(index) * 1500,
                seconds: state == .waiting ? nil : state == .done ? 1500 : 1080, usual: entry.1, usualCount: entry.2)
        }
    }

    /// gcc in the middle of its build.
    static func gcc(_ phases: [Phase]? = nil) -> ImageDetail.Current {
        ImageDetail.Current(
            spec: "gcc@11.3.0", number: 1, total: 5, startedAt: start,
            phases: phases ?? [
                Phase(name: "configure", state: .done, startedAt: start + 30, endedAt: start + 165),
                Phase(name: "build", state: .running, startedAt: start + 165), Phase(name: "install"),
            ],
            file: "gcc/tree-ssa-loop.c", filesDone: 4823, filesTotal: 12450,
            dependencies: ["gmp@6.2.1", "mpfr@4.1.0", "mpc@1.2.1", "zlib@1.2.13"].enumerated().map {
                ImageDetail.Dependency(spec: $1, isThere: $0 < 3)
            },
            log: "/var/log/spack/gcc-11.3.0-build.log", stage: "/tmp/spack-stage/gcc-11.3.0-abc123")
    }

    static func item(
        _ state: Item.State = .running, _ word: String = "installing", percent: Int = 40, done: Int = 0,
        estimate: Estimate? = Estimate(p10: 900, p50: 1200, p90: 1860, n: 3, basis: .history),
        current: ImageDetail.Current? = gcc(), packages: [ImageDetail.Package] = packages(),
        disks: [ImageDetail.Disk] = [disk()], failures: [ImageDetail.Failure] = [], notices: [String] = [],
        tail: [String] = [], diagnosis: Diagnosis? = nil, endedAfter: Double? = nil, imageID: String? = nil,
        name: String = "gromacs", id: ItemID = id, startedAt: Date = start, builder: String? = nil
    ) -> Item {
        Item(
            id: id, kind: .image, name: name, source: SourceID("here"), state: state, word: word, startedAt: startedAt,
            endedAt: endedAfter.map { startedAt + $0 },
            progress: Progress(percent: percent, done: done, total: 5, unit: "packages"), estimate: estimate,
            evidence: Evidence(at: startedAt, from: "the log"), diagnosis: diagnosis, profile: "gromacs",
            detail: .image(
                ImageDetail(
                    origin: .slipway, template: "gromacs", builder: builder, imageID: imageID, packages: packages,
                    current: current, disks: disks, failures: failures, tail: tail, notices: notices)))
    }

    static func run(
        _ key: String, minutes: Double, daysAgo: Double, outcome: Run.Outcome = .done, trouble: String? = nil,
        gcc: Double? = nil, now: Date, template: String = "gromacs"
    ) -> Run {
        let end = now - daysAgo * 86_400
        var parts = gcc.map { [RunPart(name: "gcc@11.3.0/total", seconds: $0 * 60, count: 1)] } ?? []
        if let trouble { parts.append(RunPart(name: "failure/\(trouble)", seconds: 0, count: 1)) }
        return Run(
            item: ItemID(kind: .image, source: SourceID("here"), key: key), kind: .image, name: template,
            source: SourceID("here"), profile: template, startedAt: end - minutes * 60, endedAt: end, outcome: outcome,
            word: outcome == .done ? "complete" : "failed", cause: outcome == .done ? nil : "Build failed: it broke",
            parts: parts)
    }
}
