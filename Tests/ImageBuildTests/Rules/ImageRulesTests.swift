import Fleet
import Foundation
import Testing

@testable import ImageBuild

@Suite("A reading of a build becomes an item")
struct ImageRulesTests {
    private static let start = Date(timeIntervalSince1970: 1_795_270_000)
    private static let hash = "abcdefghijklmnopqrstuvwxyz234567"
    private let rules = ImageRules(source: SourceID("here"), place: "this machine")

    private static func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    private static func known(
        _ life: KnownBuild.Life = .running, image: BuildImage? = nil, imageName: String? = nil, host: String? = nil
    ) -> KnownBuild {
        KnownBuild(
            record: BuildRecord(
                id: "20261121-1530-ab12", name: "starter", origin: .slipway, template: "starter",
                file: "/t/starter.yaml",
                packages: ["gcc@11.3.0", "openmpi@4.1.4 +pmi", "git"], host: host, startedAt: start,
                deadline: 28_800, imageName: imageName), life: life, image: image)
    }

    private static func marker(_ event: DriverMarker.Event, _ seconds: Double) -> String {
        DriverMarker(event, at: at(seconds)).line + "\n"
    }

    /// gcc is being compiled since the tenth second.
    private static let compiling: [(Double, String)] = [
        (0, marker(.begin(number: 1, total: 3, spec: "gcc@11.3.0"), 0)),
        (2, "[+] /opt/gmp-6.2.1-\(hash)\n"), (5, "==> Installing gcc-11.3.0-b\(hash.dropLast()) [2/2]\n"),
        (6, "==> gcc: Executing phase: 'configure'\n"), (10, "==> gcc: Executing phase: 'build'\n"),
        (600, "[4823/12450] Building C object gcc/tree-ssa-loop.c\n"),
    ]

    private func item(
        _ known: KnownBuild, _ lines: [(Double, String)], memory: BuildMemory = BuildMemory(), now: Double
    ) -> Item {
        var reading = BuildReading(known)
        for (second, text) in lines {
            reading.take(
                .bytes([UInt8](text.utf8), place: .start, written: Self.at(second), isPast: false), now: Self.at(second)
            )
            reading.advance(memory, now: Self.at(second))
        }
        reading.take(known, now: Self.at(now))
        if known.isOver { reading.finish(now: Self.at(now)) }
        reading.advance(memory, now: Self.at(now))
        return rules.item(reading, memory: memory, now: Self.at(now))
    }

    private func detail(_ item: Item) throws -> ImageDetail {
        guard case .image(let detail) = item.detail else { throw CancellationError() }
        return detail
    }

    /// Runs in which gcc took so many minutes.
    private static func runs(_ minutes: [Double]) -> [Run] {
        minutes.enumerated().map { index, minutes in
            Run(
                item: ItemID(kind: .image, source: SourceID("here"), key: "\(index)"), kind: .image,
                name: "build\(index)",
                source: SourceID("here"), profile: "starter", startedAt: at(-86_400 * Double(index + 1)),
                endedAt: at(-86_400 * Double(index + 1) + minutes * 60), outcome: .done, word: "complete",
                phases: [PhaseDuration(name: "gcc@11.3.0", seconds: minutes * 60, outcome: .done)],
                parts: [
                    RunPart(name: "gcc@11.3.0/total", seconds: minutes * 60, count: 1),
                    RunPart(name: "gcc@11.3.0/build", seconds: minutes * 50, count: 1),
                    RunPart(name: "gcc@11.3.0/silence", seconds: minutes * 15, count: 1),
                ])
        }
    }

    @Test func aRunningBuildShowsItsPackagesAndWhatIsCompiled() throws {
        let item = item(Self.known(), Self.compiling, memory: BuildMemory(runs: Self.runs([58, 61, 65])), now: 610)
        #expect(item.state == .running && item.word == "installing" && item.name == "starter")
        #expect(item.phases.map(\.name) == ["gcc@11.3.0", "openmpi@4.1.4", "git"])
        #expect(item.phases.map(\.state) == [.running, .waiting, .waiting])
        #expect(item.phases[0].usual == 61 * 60 && item.phases[0].usualCount == 3)
        #expect(item.phases[1].usual == 20 * 60 && item.phases[1].usualCount == 0)
        #expect(item.progress?.done == 0 && item.progress?.total == 3 && (item.progress?.percent ?? 0) > 10)
        #expect(item.evidence.at == Self.at(600) && item.evidence.patience == 65 * 15)
        #expect(item.diagnosis == nil && item.limit == 28_800 && item.profile == "starter")
        let detail = try detail(item)
        #expect(detail.packages.map(\.spec) == ["gcc@11.3.0", "openmpi@4.1.4", "git", "gmp@6.2.1"])
        #expect(detail.packages.map(\.isRoot) == [true, true, true, false])
        let current = try #require(detail.current)
        #expect(current.spec == "gcc@11.3.0" && current.number == 1 && current.total == 3)
        #expect(current.filesDone == 4823 && current.filesTotal == 12_450 && current.file == "gcc/tree-ssa-loop.c")
        #expect(current.phases.map(\.name) == ["stage", "configure", "build", "install"])
        #expect(current.phases[2].state == .running && current.phases[2].usual == 61 * 50)
        #expect(current.dependencies == [.init(spec: "gmp@6.2.1", isThere: true)])
        #expect(detail.similar.map(\.name) == ["build0", "build1", "build2"])
        #expect(
            detail.notices == [
                "gcc@11.3.0 builds from source: 58-65 minutes (3 builds here)",
                "openmpi@4.1.4 builds from source: 15-25 minutes",
            ])
    }

    @Test func silenceThatIsNormalDependsOnThePackage() {
        // Nothing is compiled aloud: such a build says nothing until its phase is over.
        let quiet = Array(Self.compiling.dropLast())
        #expect(item(Self.known(), quiet, now: 20).evidence.patience == 1.5 * 90 * 60)
        #expect(item(Self.known(), Self.compiling, now: 610).evidence.patience == 600)
        #expect(item(Self.known(), Array(Self.compiling.prefix(2)), now: 20).evidence.patience == 300)
    }

    @Test func aSlowPackageIsToldAtHalfAsMuchAgain() {
        let memory = BuildMemory(runs: Self.runs([58, 61, 65]))
        #expect(item(Self.known(), Self.compiling, memory: memory, now: 90 * 60).diagnosis == nil)
        let slow = item(Self.known(), Self.compiling, memory: memory, now: 93 * 60)
        #expect(slow.diagnosis?.cause == "gcc@11.3.0 is slow: usual 58-65m (n=3)")
        #expect(slow.attention(at: Self.at(93 * 60), source: nil)?.reason == .silent, "silence comes first")
        #expect(item(Self.known(), Self.compiling, now: 93 * 60).diagnosis == nil, "nobody knows what is usual")
    }

    @Test func aDiskThatWillNotLastIsADanger() throws {
        var lines = Self.compiling
        for index in 0...40 {
            let used = 32_505_856 + index * 157_286
            let second = 600 + Double(index) * 15
            lines.append((second, Self.marker(.disk(used: used, total: 47_185_920, place: "/"), second)))
        }
        let item = item(Self.known(), lines, now: 1200)
        let cause = try #require(item.diagnosis?.cause)
        #expect(cause.hasPrefix("disk will not last: peak ") && cause.hasSuffix(" of 48 GB in about 13m"))
        #expect(item.diagnosis?.signs == ["/: 40 GB of 48 GB used, +0.64 GB/min"])
        #expect(item.attention(at: Self.at(1200), source: nil)?.reason == .atRisk)
        let disk = try #require(try detail(item).disks.first)
        #expect(disk.used == 38_797_296 * 1024 && disk.total == 45 << 30 && (disk.peak ?? 0) > disk.total)
        #expect(try detail(item).notices.first == cause)
    }

    @Test func aFailureNamesPackagePhaseLogLineAndFix() throws {
        let lines =
            Self.compiling.dropLast() + [
                (690, "checking for gcc\n"),
                (
                    700,
                    """
                    ==> Error: ProcessError: Command exited with status 1:
                        '/tmp/x/configure'

                    1 error found in build log:
                      >> 145    configure: error: no acceptable C compiler found in $PATH

                    See build log for details:
                      /tmp/spack-stage/spack-stage-gcc-11.3.0-b\(Self.hash.dropLast())/spack-build-out.txt

                    """
                ), (701, Self.marker(.end(number: 1, total: 3, status: 1, spec: "gcc@11.3.0"), 701)),
                (702, Self.marker(.over(status: 1), 702)),
            ]
        let before = item(Self.known(), Array(lines.prefix(6)), now: 690).progress?.percent
        let item = item(
            Self.known(.ended(BuildEnd(status: 1, at: Self.at(702))), host: "me@far"), Array(lines), now: 9000)
        #expect(item.state == .failed && item.word == "failed" && item.endedAt == Self.at(702))
        #expect(item.progress?.percent == before, "a failure freezes it")
        #expect(item.phases.map(\.state) == [.failed, .waiting, .waiting])
        let diagnosis = try #require(item.diagnosis)
        #expect(
            diagnosis.cause
                == "Build failed in gcc@11.3.0, phase build: configure: error: no acceptable C compiler found in $PATH")
        let log = "/tmp/spack-stage/spack-stage-gcc-11.3.0-b\(Self.hash.dropLast())/spack-build-out.txt"
        #expect(diagnosis.signs.first == "log \(log):145")
        #expect(diagnosis.signs.contains("145: configure: error: no acceptable C compiler found in $PATH"))
        #expect(
            diagnosis.next == [
                "Install a compiler on the builder (gcc, gcc-c++), then run `spack compiler find`.",
                "ssh -t me@far less +145 \(log)", "slipway ami build -t /t/starter.yaml --on me@far",
            ])
        let run = try #require(Run(item: item))
        #expect(run.outcome == .failed && run.phases.map(\.name) == ["gcc@11.3.0"])
        #expect(try detail(item).parts?.first?.name == "failure/no_compiler")
    }

    /// All three packages are built in a second.
    private static let whole: [(Double, String)] = {
        var lines: [(Double, String)] = []
        for (index, name) in ["gcc-11.3.0", "openmpi-4.1.4", "git-2.39"].enumerated() {
            let second = Double(index)
            let spec = ["gcc@11.3.0", "openmpi@4.1.4 +pmi", "git"][index]
            let own = "\(name)-\(index + 3)\(hash.dropLast())"
            lines.append((second, marker(.begin(number: index + 1, total: 3, spec: spec), second)))
            lines.append(
                (second, "==> Installing \(own) [1/1]\n==> No binary for \(own) found: installing from source\n"))
            lines.append((second + 1, "==> x: Successfully installed \(own)\n  Build: 30.00s.  Total: 1m 1.00s\n"))
            lines.append((second + 1, marker(.end(number: index + 1, total: 3, status: 0, spec: spec), second + 1)))
        }
        return lines
    }()

    @Test func aHundredPercentNeedsSomebodyWhoHasLooked() throws {
        #expect(item(Self.known(), Self.whole, now: 4).progress?.percent == 99)
        let over =
            Self.whole + [
                (4, Self.marker(.verified(spec: "git"), 4)), (4, Self.marker(.over(status: 0), 4)),
            ]
        let ended = KnownBuild.Life.ended(BuildEnd(status: 0, at: Self.at(4)))
        let item = item(Self.known(ended), over, now: 4)
        #expect(item.state == .done && item.word == "complete" && item.progress?.text == "100% (3/3 packages)")
        #expect(item.endedAt == Self.at(4) && item.phases.allSatisfy { $0.state == .done })
        let parts = try #require(try detail(item).parts)
        #expect(parts.contains(RunPart(name: "gcc@11.3.0/total", seconds: 61, count: 1)))
        #expect(parts.contains(RunPart(name: "gcc@11.3.0/build", seconds: 30, count: 1)))
    }

    @Test func anImageIsTheLastPhase() {
        let over =
            Self.whole + [
                (4, Self.marker(.verified(spec: "git"), 4)), (4, Self.marker(.over(status: 0), 4)),
            ]
        let ended = KnownBuild.Life.ended(BuildEnd(status: 0, at: Self.at(4)))
        let waited = item(Self.known(ended, imageName: "ami"), over, now: 60)
        #expect(waited.state == .running && waited.word == "creating image")
        #expect(waited.phases.last?.name == "image" && waited.phases.last?.state == .running)
        #expect(waited.progress?.percent == 95)
        let pending = BuildImage(id: "ami-1", state: .pending, percent: 60, startedAt: Self.at(10))
        #expect(item(Self.known(ended, image: pending, imageName: "ami"), over, now: 60).progress?.percent == 98)
        var made = pending
        (made.state, made.endedAt) = (.available, Self.at(500))
        let done = item(Self.known(ended, image: made, imageName: "ami"), over, now: 600)
        #expect(done.state == .done && done.progress?.percent == 100 && done.endedAt == Self.at(500))
        let forgotten = item(Self.known(ended, imageName: "ami"), over, now: 1000)
        #expect(forgotten.state == .failed && forgotten.word == "no image")
    }

    @Test(
        arguments: [
            (KnownBuild.Life.ended(BuildEnd(status: 143, at: at(700))), "stopped", Item.State.unknown, nil),
            (
                .ended(BuildEnd(status: 124, at: at(700))), "failed", .failed, "Ended at its deadline of 8h00m."
            ),
            (
                .lost, "lost", .failed,
                "Nothing of it runs any more, and it left no end: it was killed, or its machine went down."
            ),
        ] as [(KnownBuild.Life, String, Item.State, String?)])
    func otherEnds(life: KnownBuild.Life, word: String, state: Item.State, cause: String?) {
        var lines = Self.compiling
        if case .ended(let end) = life {
            lines.append((700, Self.marker(end.status == 124 ? .late(28_800) : .stopped, 700)))
            lines.append((700, Self.marker(.over(status: end.status), 700)))
        }
        let item = item(Self.known(life), lines, now: 9000)
        #expect(item.word == word && item.state == state && item.diagnosis?.cause == cause)
        #expect(item.endedAt != nil && item.phases[0].state == .failed)
        #expect((item.progress?.percent ?? 99) < 50, "time moves nothing that has ended")
    }

    @Test func aLogThatIsOnlyFollowedIsDoneWhenItsLastPackageIsThere() throws {
        let known = KnownBuild(record: BuildRecord(id: "/l", name: "l", origin: .log), life: .unknown)
        let lines = [(0.0, String(decoding: try SpackLogs.bytes("install-plain.txt"), as: UTF8.self))]
        let running = item(known, lines, now: 10)
        #expect(running.state == .running && running.progress?.percent == 95)
        let done = item(known, lines, now: 90)
        #expect(done.state == .done && done.word == "complete" && done.progress?.percent == 100)
        let empty = item(known, [], now: 10)
        #expect(empty.state == .waiting && empty.progress == nil)
        let failed = item(
            known, [(0, String(decoding: try SpackLogs.bytes("install-failing.txt"), as: UTF8.self))], now: 10)
        #expect(failed.state == .failed && failed.diagnosis?.signs.contains { $0.hasPrefix("13: ") } == true)
    }

    @Test func pctlsWordsAreShownAsStages() throws {
        var known = KnownBuild(
            record: BuildRecord(id: "b", name: "starter", origin: .pctl, startedAt: Self.start), life: .running,
            stage: .launching, packageCount: 5, hasLog: false)
        var reading = BuildReading(known)
        reading.take(known, now: Self.at(10))
        known.stage = .installing
        known.told = "20% - Starting package installation"
        reading.take(known, now: Self.at(130))
        reading.advance(BuildMemory(), now: Self.at(130))
        let item = rules.item(reading, memory: BuildMemory(), now: Self.at(130))
        #expect(item.phases.map(\.name) == ["Launch", "Software", "Image"])
        #expect(item.phases.map(\.state) == [.done, .running, .waiting])
        #expect(item.phases[0].startedAt == Self.start && item.phases[0].endedAt == Self.at(130))
        #expect(item.progress?.text == "20% (0/5 packages)" && item.evidence.patience == nil)
    }
}
