import Foundation
import Testing

@testable import ImageBuild

@Suite("What the driver writes between Spack's lines")
struct DriverMarkerTests {
    private static let start = Date(timeIntervalSince1970: 1_795_270_000)
    private static let hash = "abcdefghijklmnopqrstuvwxyz234567"

    private static let markers: [(DriverMarker.Event, String)] = [
        (.started(id: "20261121-1530-ab12", total: 3), "BUILD 1795270000 20261121-1530-ab12 3"),
        (.begin(number: 1, total: 3, spec: "hdf5 +mpi %gcc@12"), "BEGIN 1795270000 1/3 hdf5 +mpi %gcc@12"),
        (.end(number: 2, total: 3, status: 137, spec: "zlib"), "END 1795270000 2/3 137 zlib"),
        (.verified(spec: "git"), "VERIFIED 1795270000 git"), (.missing(spec: "git"), "MISSING 1795270000 git"),
        (
            .disk(used: 12_000_000, total: 47_185_920, place: "/opt/my spack"),
            "DISK 1795270000 12000000 47185920 /opt/my spack"
        ),
        (.held(8_200_000, place: "/opt"), "HELD 1795270000 8200000 /opt"),
        (.memory(used: 1, total: 2), "MEMORY 1795270000 1 2"), (.load(1.5), "LOAD 1795270000 1.5"),
        (.stopped, "STOPPED 1795270000"), (.late(28_800), "LATE 1795270000 28800"),
        (.over(status: 1), "OVER 1795270000 1"),
    ]

    @Test(arguments: markers.indices)
    func everyMarkerIsReadAsItWasWritten(index: Int) {
        let (event, text) = Self.markers[index]
        let marker = DriverMarker(event, at: Self.start)
        #expect(marker.line == "SLIPWAY_\(text)")
        #expect(SpackGrammar.line(marker.line) == .driver(marker))
    }

    @Test(
        arguments: [
            "SLIPWAY_", "SLIPWAY_BEGIN", "SLIPWAY_BEGIN x 1/3 a", "SLIPWAY_BEGIN 1795270000 0/3 a",
            "SLIPWAY_BEGIN 1795270000 4/3 a", "SLIPWAY_BEGIN 1795270000 1/3", "SLIPWAY_DISK 1795270000 1 0 /",
            "SLIPWAY_DISK 1795270000 99999999999999999999 1 /", "SLIPWAY_END 1795270000 1/3 x a",
            "SLIPWAY_WHAT 1795270000",
            "SLIPWAY_OVER 0 1", "SLIPWAY_OVER -4 1",
        ])
    func whatIsNoMarkerIsALine(text: String) { #expect(SpackGrammar.line(text) == .output) }

    /// A build of two packages as its driver writes it: seconds since the start, and the text.
    private static let story: [(Double, String)] = [
        (0, "SLIPWAY_BUILD 1795270000 b 2\n"), (0, "SLIPWAY_BEGIN 1795270000 1/2 zlib\n"),
        (4, "==> Installing zlib-1.3-\(hash) [1/1]\n"), (5, "==> zlib: Executing phase: 'build'\n"),
        (15, "SLIPWAY_DISK 1795270015 10485760 47185920 /\n"), (21, "==> zlib: Executing phase: 'install'\n"),
        // In the middle of a line that is being written.
        (30, "checking forSLIPWAY_DISK 1795270030 10485760 47185920 /\n things\n"),
        (33, "==> zlib: Successfully installed zlib-1.3-\(hash)\n"), (33, "SLIPWAY_END 1795270033 1/2 0 zlib\n"),
        (33, "SLIPWAY_BEGIN 1795270033 2/2 git@2.39\n"), (40, "==> Installing git-2.39.1-b\(hash.dropLast()) [1/1]\n"),
        (93, "==> git: Successfully installed git-2.39.1-b\(hash.dropLast())\n"),
        (94, "SLIPWAY_END 1795270094 2/2 0 git@2.39\n"),
        (95, "SLIPWAY_VERIFIED 1795270095 git@2.39\n"), (95, "SLIPWAY_OVER 1795270095 0\n"),
    ]

    @Test func aLogThatIsReadAgainHasTheSameTimes() {
        var live = BuildLog(roots: ["zlib", "git@2.39"])
        for (second, text) in Self.story { live.feed([UInt8](text.utf8), at: Self.start.addingTimeInterval(second)) }
        var again = BuildLog(roots: ["zlib", "git@2.39"])
        let later = Self.start.addingTimeInterval(86_400)
        again.feed([UInt8](Self.story.map(\.1).joined().utf8), at: later, isPast: true)
        for log in [live, again] {
            #expect(log.outcome == .succeeded && log.driven?.isVerified == true && log.isEnded)
            #expect(log.roots.map { $0.startedAt?.timeIntervalSince(Self.start) } == [0, 33])
            #expect(log.roots.map { $0.endedAt?.timeIntervalSince(Self.start) } == [33, 94])
            #expect(log.driven?.endedAt == Self.start.addingTimeInterval(95))
            #expect(!log.tail.lines.contains { $0.contains("SLIPWAY") } && log.tail.lines.contains("checking for"))
        }
        let installs = [live, again].map { log in
            log.packages[0].phases.first { $0.name == "install" }?.startedAt?.timeIntervalSince(Self.start)
        }
        #expect(installs == [21, 15], "between markers the last one tells")
        #expect(again.samples == live.samples)
    }

    @Test(arguments: 0..<4)
    func damagedMarkersDoNoHarm(seed: UInt64) {
        var dice = SpackLogs.Dice(state: seed &+ 1)
        let whole = [UInt8]((Self.story.map(\.1).joined() + Self.markers.map { "SLIPWAY_\($0.1)\n" }.joined()).utf8)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<8 {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                bytes[place] = UInt8.random(in: 0x20...0x7F, using: &dice)
                if Bool.random(using: &dice) { bytes.insert(0x39, at: place) }
            }
            var log = BuildLog(roots: ["zlib", "git"])
            log.feed(bytes, at: Self.start, isPast: true)
            var progress = BuildProgress()
            #expect((0...100).contains(progress.update(log, now: Self.start.addingTimeInterval(1000))))
            #expect(log.roots.count <= BuildLog.rootLimit && log.samples.disks.count <= 8)
        }
    }

    @Test func theClockOfABuilderMayBeAnother() {
        var log = BuildLog(roots: ["zlib"])
        // It is an hour ahead of ours.
        let here = Self.start.addingTimeInterval(-3600)
        log.feed(line: "SLIPWAY_BEGIN 1795270000 1/1 zlib", at: here)
        log.feed(line: "==> Installing zlib-1.3-\(Self.hash) [1/1]", at: here.addingTimeInterval(10))
        #expect(log.packages[0].startedAt == Self.start.addingTimeInterval(10))
        #expect(log.time(at: here.addingTimeInterval(70)) == Self.start.addingTimeInterval(70))
    }

    @Test func aLogAloneSaysWhatIsAskedFor() {
        var log = BuildLog()
        for (second, text) in Self.story.prefix(4) {
            log.feed([UInt8](text.utf8), at: Self.start.addingTimeInterval(second))
        }
        #expect(log.roots.map(\.spec) == ["zlib"] && log.driven?.total == 2 && log.packages[0].state == .running)
        var progress = BuildProgress()
        #expect(progress.update(log, now: Self.start.addingTimeInterval(6)) < 50, "another one is to come")
    }
}
