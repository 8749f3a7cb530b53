import Foundation
import Testing

@testable import ImageBuild

/// Whatever comes: the same result however it is cut and whatever stands in front, nothing dangerous, nothing without bound.
@Suite struct BuildLogFuzzTests {
    /// Everything that a person is shown of a log.
    private func shown(_ log: BuildLog) -> [String] {
        var texts = log.warnings + log.tail.lines + [log.activity, log.waitingFor].compactMap { $0 }
        for package in log.packages {
            texts += [package.spec, package.id.hash]
            texts += [package.file, package.stage, package.prefix, package.log, package.buildSystem].compactMap { $0 }
            texts += package.phases.map(\.name)
        }
        for failure in log.failures {
            texts += [failure.text, failure.fix] + failure.signs.map(\.text)
            texts += [failure.command, failure.log, failure.phase, failure.package?.spec].compactMap { $0 }
        }
        return texts
    }

    private func expectHarmless(_ log: BuildLog) {
        for text in shown(log) {
            #expect(
                !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) },
                "\(text.debugDescription)")
            #expect(text.utf8.count <= 4000)
        }
        #expect(log.packages.count <= BuildLog.packageLimit && log.failures.count <= BuildLog.listLimit)
        #expect(
            log.warnings.count <= BuildLog.listLimit
                && log.packages.allSatisfy { $0.phases.count <= BuildLog.phaseLimit })
        #expect(log.failures.allSatisfy { $0.signs.count <= BuildFailure.signLimit })
    }

    @Test(arguments: SpackLogs.names)
    func theSameHoweverTheStreamIsCut(name: String) throws {
        let bytes = try SpackLogs.bytes(name)
        var whole = BuildLog(roots: ["rig-app"])
        whole.feed(bytes, at: SpackLogs.at(0))
        for size in [1, 7, 100] {
            var cut = BuildLog(roots: ["rig-app"])
            for start in stride(from: 0, to: bytes.count, by: size) {
                cut.feed(Array(bytes[start..<min(bytes.count, start + size)]), at: SpackLogs.at(0))
            }
            #expect(cut == whole, "in pieces of \(size)")
        }
        let windows = SpackLogs.log(try SpackLogs.lines(name).map { $0 + "\r" }, roots: ["rig-app"])
        #expect(windows == whole)
        expectHarmless(whole)
    }

    @Test(arguments: (SpackFailureTranscript.early + SpackFailureTranscript.late).map(\.name))
    func failuresAreTheSameHoweverTheyCome(name: String) throws {
        let all = SpackFailureTranscript.early + SpackFailureTranscript.late
        let text = try #require(all.first { $0.name == name }).text
        let whole = SpackLogs.log(text, roots: ["hdf5"])
        var cut = BuildLog(roots: ["hdf5"])
        for byte in (text + "\n").utf8 { cut.feed([byte], at: SpackLogs.at(0)) }
        #expect(cut.failures == whole.failures && cut.packages == whole.packages)
        let lines = text.components(separatedBy: "\n")
        for prefix in [
            "Nov 20 10:00:00 ip-10-0-0-1 pctl-bootstrap: ", "PCTL_SPACK_OUTPUT: ", "2025-11-20T10:00:00.1Z ",
        ] {
            let log = SpackLogs.log(lines.map { prefix + $0 }, roots: ["hdf5"])
            #expect(log.failures == whole.failures && log.packages == whole.packages, "\(prefix)")
        }
        expectHarmless(whole)
    }

    @Test(arguments: SpackLogs.names)
    func theSameWhateverStandsInFrontOfEveryLine(name: String) throws {
        let lines = try SpackLogs.lines(name)
        let plain = SpackLogs.log(lines, roots: ["rig-app"])
        for prefix in [
            "Nov 20 10:00:00 ip-10-0-0-1 pctl-bootstrap: ", "12345: ", "PCTL_SPACK_OUTPUT: ",
            "[   12.3456] cloud-init[99]: ",
            "2025-11-20T10:00:00.1Z ",
            "\u{1B}[2m2025-11-20T10:00:00.1Z\u{1B}[0m host pctl-bootstrap[7]: PCTL_SPACK_OUTPUT: ",
        ] {
            let log = SpackLogs.log(lines.map { prefix + $0 }, roots: ["rig-app"])
            #expect(
                log.packages == plain.packages && log.failures == plain.failures && log.outcome == plain.outcome,
                "\(prefix)")
            #expect(log.tail == plain.tail && log.number == plain.number, "\(prefix)")
        }
    }

    @Test func noiseOfAllKindsIsSurvived() throws {
        var dice = SpackLogs.Dice(state: 42)
        let logs =
            try SpackLogs.names.map(SpackLogs.bytes)
            + (SpackFailureTranscript.early + SpackFailureTranscript.late).map { [UInt8]($0.text.utf8) }
        let spice: [[UInt8]] = [
            [0x1B], Array("\u{1B}]0;".utf8), Array("\u{1B}[".utf8), [0], [0xFF], [0x0D], [0x0A],
            Array("==> Error: ".utf8), Array("[+] ".utf8),
            Array("[ ] abcdefg ".utf8), Array("==> Installing ".utf8), Array("-".utf8), Array("  >> 99999999999 ".utf8),
            Array("99 errors found in build log:\n".utf8), Array("PCTL_PKG_START:::/".utf8),
            Array("Total: 99999999h 1s".utf8),
            Array("[9/0] x".utf8), Array("[4000000000/5000000000] x".utf8), Array("\u{1B}]8;;".utf8),
            Array("\u{9B}31m\u{202E}".utf8), Array("\n-- lines 3 to 9 --\n> x.c:1: error: y\n".utf8),
            Array("\n[x] abcdefg p@1 failed: /t/p.log\n".utf8), Array("\nabcdefg p@1: build\n".utf8),
            Array("\n==> Error: failed to concretize `a`, `b` for the following reasons:\n   1. ".utf8),
            Array("\n==> Error:    2. Cannot satisfy '".utf8), Array("\nspack.x.YError: ".utf8),
            Array("\nSee build log for details:\n".utf8),
        ]
        for round in 0..<150 {
            var log = BuildLog(roots: round % 2 == 0 ? [] : ["rig-app", "rig-broken", ""])
            var progress = BuildProgress()
            var last = 0
            for _ in 0..<30 {
                var bytes: [UInt8] = []
                let source = logs[Int.random(in: 0..<logs.count, using: &dice)]
                let start = Int.random(in: 0..<source.count, using: &dice)
                bytes += source[start..<min(source.count, start + Int.random(in: 1...400, using: &dice))]
                for _ in 0..<Int.random(in: 0...6, using: &dice) {
                    let place = Int.random(in: 0...bytes.count, using: &dice)
                    bytes.insert(contentsOf: spice[Int.random(in: 0..<spice.count, using: &dice)], at: place)
                }
                if round % 3 == 0 { bytes += (0..<200).map { _ in UInt8.random(in: 0...255, using: &dice) } }
                log.feed(bytes, at: SpackLogs.at(Double(last)))
                let percent = progress.update(log, now: SpackLogs.at(Double(last)))
                #expect(percent >= last && percent < 100)
                last = percent
            }
            log.end(exitStatus: round % 5, at: SpackLogs.at(100))
            expectHarmless(log)
        }
    }

    @Test func nothingGrowsWithoutBound() {
        var log = BuildLog()
        let long = String(repeating: "w", count: 3000)
        for index in 0..<(BuildLog.packageLimit + 500) {
            let hash = String(1_000_000 + index) + String(repeating: "a", count: 25)
            log.feed(line: "==> Installing p\(index)-1.0-\(hash)", at: SpackLogs.at(0))
            guard index % 50 == 0 else { continue }
            log.feed(line: "==> Warning: \(index) \(long)", at: SpackLogs.at(0))
            log.feed(line: "==> Error: \(index) \(long)", at: SpackLogs.at(0))
        }
        expectHarmless(log)
        #expect(log.packages.count == BuildLog.packageLimit && log.failures.count == BuildLog.listLimit)
        var phases = BuildLog()
        phases.feed(line: "==> Installing p-1.0-ph7pbnhl334wuhogmugriohcwempqry2", at: SpackLogs.at(0))
        for index in 0..<1000 { phases.feed(line: "==> p: Executing phase: 'p\(index)'", at: SpackLogs.at(0)) }
        #expect(phases.packages[0].phases.count == BuildLog.phaseLimit)
    }

    @Test func veryLongLinesAreReadFromTheirBeginning() {
        var log = BuildLog()
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000)
        log.feed(Array("==> Error: No space left on device ".utf8) + long + [0x0A], at: SpackLogs.at(0))
        log.feed(
            Array("[".utf8) + [UInt8](repeating: UInt8(ascii: "9"), count: 1_000_000) + Array("/1] x\n".utf8),
            at: SpackLogs.at(0))
        log.feed([UInt8](repeating: 0, count: 5_000_000), at: SpackLogs.at(0))
        log.feed(Array("\n==> Installing environment x\n".utf8), at: SpackLogs.at(0))
        #expect(log.failures.first?.trouble == .diskFull && log.activity == "environment x")
        expectHarmless(log)
    }
}
