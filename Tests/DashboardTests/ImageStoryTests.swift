import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person sees of image builds.
@Suite struct ImageStoryTests {
    static func state(_ items: [Item] = ImageSample.items, size: Size = Size(columns: 80, rows: 24)) -> State {
        Sample.state(
            Snapshot(
                at: Sample.now, items: items,
                sources: [ImageSample.source(ImageSample.here), ImageSample.source(ImageSample.pctl)]), size: size)
    }

    static func changed(_ item: Item, _ change: (inout Item, inout ImageDetail) -> Void) -> Item {
        var item = item
        guard case .image(var detail) = item.detail else { return item }
        change(&item, &detail)
        item.detail = .image(detail)
        return item
    }

    /// The page of one build, in one piece.
    static func page(_ item: Item, columns: Int = 80) -> State {
        var state = state([item], size: Size(columns: columns, rows: 140))
        state.press("5 Enter")
        return state
    }

    // MARK: the list

    @Test(arguments: [
        ("gcc13-base", [" ! ", "failed ", "█───", "12% gcc@11.3.0 ", "failed 1h ago   27%"]),
        ("llvm-big", [" > ", "installing", "61% [3/5] ", "35-50m n=3     !91%"]),
        ("mpi-stack", [" > ", "creating ", "96% Image 4m ", "5-8m typical"]),
        ("gromacs 4f1c", [" > ", "installing", "32% [1/5] gcc@11.3.0", "25-47m n=3      27%"]),
        ("spack…ut.txt", [" > ", "40% hdf5@1.14.0", "no history"]), ("gromacs 91d2", [" > ", "launching"]),
        ("3 more", [" + ", "complete", "Space unfolds"]),
    ])
    func aRowSaysWhatIsBuiltHowFarItIsAndWhetherTheDiskLasts(name: String, parts: [String]) {
        var state = Self.state()
        state.press("5 z")
        for part in parts { #expect(state.line(name)?.contains(part) == true, "\(part): \(state.line(name) ?? "")") }
    }

    @Test func aWideListSaysPhaseDiskAndPlaceInWords() {
        var state = Self.state(size: Size(columns: 200, rows: 50))
        state.press("5 z")
        for (name, parts) in [
            (
                "llvm-big",
                ["[3/5] python@3.10.8", "build 21m", "!91% fills up", "build-7.example", "20261121-2030-0c9e"]
            ),
            ("mpi-stack", ["creating image", "i-0a9f31c6c4de8b701 us-west-2"]),
            ("gcc13-base", ["failed at gcc@11.3.0", "configure"]), ("gromacs 4f1c", ["this machine", "20m"]),
        ] {
            for part in parts { #expect(state.line(name)?.contains(part) == true, "\(part) of \(name)") }
        }
    }

    @Test func anOldRowHasItsAgeBeforeItsWord() {
        var away = ImageSample.source(ImageSample.here)
        (away.state, away.lastSuccess, away.error) = (.unreachable, ImageSample.ago(240), "no answer from the builder")
        var state = Sample.state(Snapshot(at: Sample.now, items: [ImageSample.building], sources: [away]))
        state.press("5 z")
        #expect(state.line("~> gromacs")?.contains("~4m installing") == true)
        #expect(state.line("IMAGES 1")?.contains("no answer from the builder") == true)
    }

    @Test(arguments: [("openmpi", 4), ("starter-usw2 !gcc@", 1), ("i-0a9f", 1), ("us-west", 2), ("ami-0abc", 3)])
    func filterFindsByPackageBuilderAndRegion(words: String, count: Int) {
        let items = [ImageSample.building, ImageSample.imaging, ImageSample.launching, ImageSample.followed]
        var state = Self.state(words.hasPrefix("ami") ? ImageSample.items : items + [ImageSample.failed])
        state.press("5 /")
        state.type(words)
        #expect(state.shown.panes[.images]?.total == count)
    }

    // MARK: one build, from the first package to the end

    @Test func thePageOfABuildTellsWhatIsCompiledWhatIsThereAndWhatIsToCome() {
        let state = Self.page(ImageSample.building)
        for part in [
            "> installing  32% (0/5 packages)  for 20m  left 25-47m n=3",
            "> note                 gcc@11.3.0 builds from source: 60-90 minutes",
            "> Software              18m+     1h (2h) n=3", ". Image                    -   10m (13m) n=3",
            "> [1/5] gcc@11.3.0  for 18m, usual 1h01m n=3",
            "+ configure            2m15s     2m (2m) n=3", "> build                 15m+    58m (1h) n=3",
            "  └─ Compiling: gcc/tree-ssa-loop.c (4823 of 12450 files)",
            ". install                  -   45s (54s) n=3      -  pending",
            "+ 4/4 needed there     gmp@6.2.1, mpfr@4.1.0, mpc@1.2.1, zlib@1.2.13",
            "log                  /var/log/spack/gcc-11.3.0-build.log",
            "stage                /tmp/spack-stage/spack-stage-gcc-11.3.0-abc123", "packages 0/5",
            ". openmpi@4.1.4            -         18m n=3", ". cmake@3.24.0             -          5m typ",
            "what they need       4 of 4 there, 4 from a cache",
            "disk /               12.3 GB of 45 GB, 27%, +0.2 GB/min, peak 28 GB",
            "disk /opt/spack      holds 8.2 GB", "disk /tmp            holds 4.1 GB, +0.2 GB/min",
            "similar builds       + foundation-v1 58m, 3d ago; + test-build 1h05m, 7d ago",
            "21:42:00 gcc@11.3.0                   began       source",
        ] { #expect(state.text.contains(part), "\(part)") }
        #expect(state.line("> gcc@11.3.0            18m+          1h n=3")?.contains("▒▒▒") == true)
        #expect(state.line("LOG OF gromacs") != nil && state.text.contains(" -o tree-ssa-dse.o gcc/tree-ssa-dse.c"))
    }

    @Test func aBuildGoesFromPackageToPackageToItsImage() {
        var state = Self.page(ImageSample.launching)
        #expect(state.line("> launching")?.contains("left no history") == true)
        #expect(state.line("packages 0/5") != nil && state.line(". gcc@11.3.0") != nil)
        let third = Self.changed(ImageSample.launching) { item, detail in
            (item.word, item.progress) = ("installing", Progress(percent: 71, done: 2, total: 5, unit: "packages"))
            detail.packages = ImageSample.packages(2, since: 100)
            detail.current = .init(
                spec: "python@3.10.8", number: 3, total: 5, startedAt: ImageSample.ago(100),
                phases: ImageSample.steps(0, [90]),
                dependencies: [
                    .init(spec: "libffi@3.4.2", isThere: true), .init(spec: "sqlite@3.39.4", isThere: false),
                ])
        }
        _ = update(&state, .changes([.item(third)]))
        for part in [
            "> [3/5] python@3.10.8", ". 1 missing            sqlite@3.39.4", "+ 1/2 needed there     libffi@3.4.2",
            "packages 2/5", "+ gcc@11.3.0           1h01m", "+ openmpi@4.1.4          18m",
        ] { #expect(state.text.contains(part), "\(part)") }
        let done = Self.changed(third) { item, detail in
            (item.word, item.state, item.endedAt) = ("complete", .done, ImageSample.ago(0))
            item.progress = Progress(percent: 100, done: 5, total: 5, unit: "packages")
            (detail.current, detail.imageID) = (nil, "ami-0abc1234567890def")
            detail.packages = ImageSample.packages(4, since: 190, .done)
        }
        _ = update(&state, .changes([.item(done)]))
        #expect(state.line("+ complete  100% (5/5 packages)") != nil && state.line("packages 5/5") != nil)
        #expect(state.line("image                ami-0abc1234567890def") != nil && state.line("[3/5]") == nil)
        state.press("Esc")
        #expect(state.line("▌ + gromacs")?.contains("ami-0abc") == true)
    }

    @Test func aBuildThatIsNothingButPackagesShowsThemOnce() {
        let item = Self.changed(ImageSample.building) { item, detail in
            item.phases = detail.packages.filter(\.isRoot).map { Phase(name: $0.spec, state: $0.state) }
        }
        let state = Self.page(item)
        #expect(state.lines.count { $0.hasPrefix(" . openmpi@4.1.4") } == 1 && state.line("packages 0/5") == nil)
    }

    @Test func aSlowPackageSaysSo() {
        let item = Self.changed(ImageSample.building) { _, detail in
            detail.packages = ImageSample.packages(0, since: 6000)
        }
        #expect(Self.page(item).line("> gcc@11.3.0          1h40m+")?.contains("slow") == true)
    }

    // MARK: what goes wrong

    @Test func aFailureStaysOnItsRowAndOpensToCauseEvidenceAndNextStep() {
        var state = Self.state()
        #expect(state.line("gcc13-base")?.contains("gcc@11.3.0 failed in configure") == true)
        state.press("5")
        #expect(state.selectedItem?.name == "gcc13-base")
        state.press("Enter")
        state.press("Esc")
        let page = Self.page(ImageSample.failed)
        let wanted = [
            "failed   gcc@11.3.0 failed in configure", "next     1 Check that the dependencies are available.",
            "         2 spack install gmp mpfr mpc", "! gcc@11.3.0, configure",
            "  /tmp/spack-stage/spack-stage-gcc-11.3.0-abc123/spack-build-out.txt:417",
            "  │ checking for the correct version of gmp.h... no", "  │ configure: error: Building GCC requires GMP",
            "? warning              Skipping build of openmpi@4.1.4", "? not read             The disks of the builder",
            "! gcc@11.3.0              8m",
        ]
        let rows = wanted.map { part in page.lines.firstIndex { $0.contains(part) } }
        for (part, row) in zip(wanted, rows) { #expect(row != nil, "\(part)") }
        // In the order in which they are asked for.
        #expect(rows.compactMap { $0 } == rows.compactMap { $0 }.sorted())
    }

    @Test func aDiskThatWillNotLastIsSaidInWords() {
        var state = Self.state()
        #expect(state.line("llvm-big")?.contains("at risk  The disk will not last") == true)
        state.press("5 j")
        _ = update(&state, .rested)
        #expect(state.line("! disk /")?.contains("fills up, 41.1 GB of 45 GB, 91%, +1.1 GB/min, peak 52 GB") == true)
        #expect(state.line("next     1 spack clean --stage") != nil)
    }

    @Test(
        arguments: [
            (12.3, 28.0, nil), (37, 37, "full"), (30, 44, "tight"), (12, 46, "fills up"), (41, 52, "fills up"),
        ] as [(Double, Double, String?)])
    func aDiskIsJudgedByWhatItHoldsAndWhatItWillHold(used: Double, peak: Double, word: String?) {
        #expect(ImageSample.disks(used: used, peak: peak)[0].danger?.word == word)
    }

    @Test(arguments: [
        (0.0, "0 B"), (999, "999 B"), (850e6, "850 MB"), (999.9e6, "1 GB"), (12.34e9, "12.3 GB"), (45e9, "45 GB"),
        (152.6e9, "153 GB"), (-1, "0 B"), (.nan, "-"), (1e300, "1000000 TB"),
    ])
    func sizesAreReadAtAGlance(bytes: Double, text: String) { #expect(ByteText.size(bytes) == text) }

    @Test(
        arguments: [
            (2e8, "+0.2 GB/min"), (1.2e7, "+12 MB/min"), (-3e8, "-0.3 GB/min"), (1000, nil), (.infinity, nil),
            (nil, nil),
        ] as [(Double?, String?)])
    func ratesToo(rate: Double?, text: String?) { #expect(ByteText.rate(rate) == text) }

    // MARK: elsewhere

    @Test(arguments: [
        (ImageSample.building, "n", "gromacs"), (ImageSample.building, "l", "/var/log/spack/gcc-11.3.0-build.log"),
        (ImageSample.building, "c", "slipway ami watch 20261121-2140-4f1c"),
        (ImageSample.complete(1), "i", "ami-0abc123456789001"),
        (ImageSample.failed, "l", String(ImageSample.place.dropLast(4))),
        (ImageSample.failed, "2", "spack install gmp mpfr mpc"),
        (ImageSample.followed, "c", "slipway ami watch --log /home/ops/build.log"),
        (
            changed(ImageSample.imaging) { item, detail in (item.name, detail.origin) = ("a;rm", .pcluster) }, "c",
            "pcluster describe-image -i 'a;rm' -r us-west-2"
        ),
    ])
    func yankGivesNameImageLogAndCommand(item: Item, key: String, text: String) {
        var state = Self.state([item])
        state.press("5 y")
        #expect(state.press(key) == [.copy(text)])
    }

    @Test func theOverviewNamesBuildsThatRunAndCountsTheOthers() {
        let state = Sample.state(ImageSample.withNodes, size: Size(columns: 200, rows: 50))
        #expect(state.line("IMAGES 9") != nil && state.line("> gromacs 4f1c")?.contains("32% 0/5  25-47m n=3") == true)
        #expect(state.line("+ done         3") != nil)
    }

    @Test func withoutASourceItSaysHowToGetABuild() {
        var state = Sample.state()
        state.press("5")
        for line in ["No image build is read.", "slipway ami build -t FILE", "  images: ..."] {
            #expect(state.text.contains(line), "\(line)")
        }
    }

    @Test func theSameNameIsToldApart() {
        let twin = Self.changed(ImageSample.followed) { item, _ in
            item.id = ItemID(kind: .image, source: ImageSample.here, key: "/tmp/stage-2/spack-build-out.txt")
        }
        var state = Self.state([ImageSample.followed, twin, ImageSample.building, ImageSample.launching])
        state.press("5")
        for name in ["gromacs 4f1c", "gromacs 91d2", "stage…ut.txt", "ops/b…ld.log"] {
            #expect(state.line(name) != nil, "\(name)")
        }
    }

    // MARK: many, and bad input

    @Test func aThousandPackagesAreNamedWhereTheyMatterAndElseCounted() {
        let item = Self.changed(ImageSample.building) { _, detail in
            detail.packages = (0..<1000).map { number in
                .init(
                    spec: "lib\(number)@1.0", state: number < 600 ? .done : number == 600 ? .running : .waiting,
                    isRoot: true, seconds: number < 600 ? 10 : nil)
            }
        }
        let state = Self.page(item)
        for part in [
            "packages 600/1000", "+ 600 done, 1h40m", "> lib600@1.0", ". lib601@1.0", "and 389 more to come",
        ] { #expect(state.text.contains(part), "\(part)") }
    }

    @Test func whatWasLeftOutIsNotCountedAsThere() {
        let item = Self.changed(ImageSample.failed) { _, detail in
            detail.packages = [
                .init(spec: "zlib@1.3", state: .skipped, isRoot: true, way: "external", startedAt: ImageSample.ago(9)),
                .init(spec: "openmpi@4.1.4", state: .skipped, isRoot: true, startedAt: ImageSample.ago(8)),
            ]
        }
        let state = Self.page(item)
        #expect(state.line("packages 1/2") != nil && state.line("- zlib@1.3")?.contains("external") == true)
        #expect(state.line("openmpi@4.1.4                left out") != nil)
    }

    /// No size makes it trap, and nothing is drawn outside.
    @Test func everySizeUpTo130x40() {
        var state = Self.state()
        for keys in ["1", "5", "5 j j j", "Enter", "L", "/ c", "Enter k"] {
            state.press(keys)
            for columns in stride(from: 1, through: 130, by: 6) {
                for rows in stride(from: 1, through: 40, by: 2) {
                    _ = update(&state, .resized(Size(columns: columns, rows: rows)))
                    #expect(view(state, size: state.size).grid.size == state.size)
                }
            }
        }
    }

    static let hostile: Item = {
        let long = String(repeating: "名前\u{FFFD}x", count: 25)
        return changed(ImageSample.building) { item, detail in
            (item.name, item.word, item.progress) = (long, long, Progress(percent: 50, done: -1, total: 0, unit: long))
            item.phases = (0..<5000).map { _ in
                Phase(name: long, state: .running, startedAt: .distantFuture, usual: .nan)
            }
            (detail.template, detail.builder, detail.region, detail.imageID) = (long, long, long, long)
            detail.packages = (0..<5000).map { number in
                .init(
                    spec: "\(long)\(number)", state: .failed, isRoot: number % 2 == 0, way: long,
                    startedAt: .distantPast, seconds: .nan, usual: number % 3 == 0 ? .infinity : -1, usualCount: -5)
            }
            detail.current = .init(
                spec: long, number: .max, total: .min, startedAt: .distantFuture,
                phases: Array(repeating: Phase(name: long, state: .running, usual: -1, usualHigh: .nan), count: 5000),
                file: long, filesDone: .max, filesTotal: -1,
                dependencies: Array(repeating: .init(spec: long, isThere: false), count: 5000), log: long, stage: long)
            detail.disks = [(0, 0), (.max, 1), (-1, .max), (1, .min), (.max, .max)].map { used, total in
                .init(
                    place: long, used: used, total: total, held: .max, growth: .nan, peak: .max, at: .distantPast)
            }
            detail.failures = Array(
                repeating: .init(
                    package: long, phase: long, text: long, place: long, lines: Array(repeating: long, count: 500),
                    fix: long), count: 500)
            detail.tail = (0..<5000).map { "\($0 % 7 == 0 ? "" : long)\(long)" }
            detail.similar = Array(
                repeating: .init(name: long, seconds: .nan, endedAt: .distantFuture, isGood: false), count: 500)
            (detail.notices, detail.warnings) = (
                Array(repeating: long, count: 3000), Array(repeating: long, count: 3000)
            )
            detail.troubles = detail.notices
        }
    }()

    @Test(.timeLimit(.minutes(5)), arguments: [1, 40, 80, 200], [1, 24, 50])
    func aHostileBuildStaysInsideTheScreen(columns: Int, rows: Int) {
        var state = Self.state([Self.hostile], size: Size(columns: columns, rows: rows))
        for keys in ["1", "5", "z Enter", "L", "/ x", "Enter N g"] {
            state.press(keys)
            let frame = view(state, size: state.size)
            #expect(frame.grid.size == state.size)
            for line in frame.grid.text().split(separator: "\n") { #expect(TextWidth.of(line) <= columns) }
        }
        _ = update(&state, .changes([.item(ImageSample.going(on: Self.hostile, ["a"]))]))
        _ = view(state, size: state.size)
    }
}
