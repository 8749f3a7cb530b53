import Foundation
import Testing

@testable import ImageBuild

/// The bar of a build.
@Suite struct BuildProgressTests {
    private static let hash = "ph7pbnhl334wuhogmugriohcwempqry2"

    private func feed(_ log: inout BuildLog, _ lines: [String], at seconds: Double = 0) {
        for line in lines { log.feed(line: line, at: SpackLogs.at(seconds)) }
    }

    @Test(arguments: SpackLogs.names)
    func itNeverFallsAndIsNotWholeBeforeItWasChecked(name: String) throws {
        for roots in [[], ["rig-app"], ["rig-app", "git"]] {
            var log = BuildLog(roots: roots)
            var progress = BuildProgress()
            var last = 0
            for (index, line) in try SpackLogs.lines(name).enumerated() {
                log.feed(line: line, at: SpackLogs.at(Double(index)))
                let percent = progress.update(log, now: SpackLogs.at(Double(index)))
                #expect(percent >= last && percent <= 99, "\(line)")
                last = percent
            }
        }
    }

    @Test func aHundredNeedsACheck() throws {
        let log = SpackLogs.log(try SpackLogs.lines("install-plain.txt"), roots: ["rig-app"])
        var progress = BuildProgress()
        #expect(progress.update(log, now: SpackLogs.at(1)) == 99)
        #expect(progress.update(log, isVerified: true, now: SpackLogs.at(2)) == 100)
        #expect(progress.progress(log).text == "100% (1/1 packages)")
        var running = BuildProgress()
        #expect(running.update(BuildLog(roots: ["gcc"]), isVerified: true, now: SpackLogs.at(0)) == 0)
    }

    @Test func packagesWeighWhatTheyUsuallyTake() {
        // gcc 75 minutes of 100 by the typical table, openmpi 20, cmake 5.
        var log = BuildLog(roots: ["gcc@11.3.0", "openmpi@4.1.4", "cmake@3.24"])
        var progress = BuildProgress()
        feed(&log, ["[+] /opt/gcc-11.3.0-\(Self.hash)"])
        #expect(progress.update(log, now: SpackLogs.at(0)) == 75)
        #expect(progress.shares.map { ($0.share * 100).rounded() } == [75, 20, 5])
        var history = BuildProgress()
        let percent = history.update(log, usual: { $0.hasPrefix("gcc") ? 60 : 120 }, now: SpackLogs.at(0))
        #expect(percent == 20, "history is believed before the table")
        var broken = BuildProgress()
        #expect(broken.update(log, usual: { _ in .nan }, now: SpackLogs.at(0)) == 75, "what is no number is no history")
    }

    @Test func phasesShareAPackageAndABuildToolsCounterCountsInside() {
        var log = BuildLog(roots: ["llvm@16"])
        var progress = BuildProgress()
        func now(_ lines: [String]) -> Int {
            feed(&log, lines)
            return progress.update(log, now: SpackLogs.at(0))
        }
        #expect(now(["==> Installing llvm-16.0.2-\(Self.hash) [9/9]", "==> llvm: Executing phase: 'cmake'"]) == 0)
        #expect(now(["==> llvm: Executing phase: 'build'"]) == 6)
        #expect(now(["[1000/2000] Building CXX object x.o"]) == 48)
        #expect(
            now(["[10/300] Building CXX object runtimes/y.o"]) == 48, "a build within the build begins again at one")
        #expect(now(["==> llvm: Executing phase: 'install'"]) == 90)
    }

    @Test func redrawsMoveTheBar() {
        var log = BuildLog(roots: ["foo"])
        var progress = BuildProgress()
        feed(
            &log,
            [
                "==> Installing foo-1-\(Self.hash) [1/1]", "==> foo: Executing phase: 'cmake'",
                "==> foo: Executing phase: 'build'",
            ])
        log.feed(Array("[  1/100] Building a.o\r[ 50/100] Building b.o\r[ 51/100] Build".utf8), at: SpackLogs.at(1))
        #expect(progress.update(log, now: SpackLogs.at(1)) == 48 && log.packages[0].file == "b.o")
        #expect(log.tail.lines.count == 3, "what was drawn over is not a line")
    }

    @Test func timeAloneNeverEndsAPhase() {
        var log = BuildLog(roots: ["gcc@11.3.0"])
        var progress = BuildProgress()
        feed(
            &log,
            [
                "==> Installing gcc-11.3.0-\(Self.hash) [1/1]", "==> gcc: Executing phase: 'autoreconf'",
                "==> gcc: Executing phase: 'configure'", "==> gcc: Executing phase: 'build'",
            ])
        // The build phase is 80 % of 75 minutes.
        #expect(progress.update(log, now: SpackLogs.at(0)) == 10)
        #expect(progress.update(log, now: SpackLogs.at(1800)) == 50)
        #expect((75...84).contains(progress.update(log, now: SpackLogs.at(3600))))
        #expect((80...86).contains(progress.update(log, now: SpackLogs.at(360_000))), "however late it is")
        #expect(progress.update(log, now: SpackLogs.at(60)) >= 80, "a clock that was set back takes nothing away")
        var learned = BuildProgress()
        #expect(
            learned.update(log, usualPhase: { _, phase in phase == "build" ? 9000 : 500 }, now: SpackLogs.at(4500))
                == 52)
    }

    @Test func aFailureFreezesIt() {
        var log = BuildLog(roots: ["gcc@11.3.0"])
        var progress = BuildProgress()
        feed(
            &log,
            [
                "==> Installing gcc-11.3.0-\(Self.hash) [1/1]", "==> gcc: Executing phase: 'configure'",
                "==> gcc: Executing phase: 'build'",
            ])
        let before = progress.update(log, now: SpackLogs.at(600))
        feed(&log, ["==> Error: ProcessError: Command exited with status 2:"])
        #expect(progress.update(log, isVerified: true, now: SpackLogs.at(6000)) == before && before > 10)
    }

    @Test func dependenciesAreCountedBeforeTheyAreMet() {
        var log = BuildLog(roots: ["foo"])
        var progress = BuildProgress()
        feed(&log, ["==> Installing a-1-\(Self.hash) [1/10]"])
        #expect(progress.update(log, now: SpackLogs.at(0)) == 0)
        feed(&log, ["[+] /opt/a-1-\(Self.hash)"])
        // Two minutes of the first, of eight that are not met at one minute each, and of two for foo itself.
        #expect(progress.update(log, now: SpackLogs.at(0)) == 16)
    }

    @Test func pctlsBarDoesNotStandStillAtTwenty() throws {
        var log = BuildLog(roots: ["gcc@11.3.0", "openmpi@4.1.4"])
        var progress = BuildProgress()
        func tag(_ text: String, at seconds: Double) throws -> Int {
            log.told(try #require(PctlProgress(tag: text)), at: SpackLogs.at(seconds))
            return progress.update(log, now: SpackLogs.at(seconds))
        }
        #expect(try tag("10% - Installing Spack package manager", at: 0) == 10)
        #expect(try tag("20% - Starting package installation", at: 60) == 20)
        // 95 minutes are usual for both; the tag says nothing more for all of them.
        #expect((48...52).contains(progress.update(log, now: SpackLogs.at(60 + 47.5 * 60))))
        #expect((72...77).contains(progress.update(log, now: SpackLogs.at(86_400))))
        #expect(try tag("85% - Integrating Spack with Lmod", at: 86_500) == 85)
        #expect(try tag("100% - Installation complete", at: 86_600) == 99, "the clean-up is still to come")
        #expect(log.outcome == .succeeded && progress.update(log, isVerified: true, now: SpackLogs.at(86_700)) == 100)
    }

    @Test func pctlsConsoleCountsAPackageBeforeItStarts() {
        var log = BuildLog()
        var progress = BuildProgress()
        for number in 1...4 {
            feed(&log, ["PCTL_PROGRESS: Installing p\(number)@1 (\(number)/4 packages, \(20 + number * 15)%)"])
            #expect(progress.update(log, now: SpackLogs.at(0)) == 20 + (number - 1) * 15)
        }
        #expect(
            log.roots.map(\.spec) == ["p1@1", "p2@1", "p3@1", "p4@1"], "without a template, pctl says what is asked for"
        )
    }

    @Test func slowPackagesAreAnnounced() {
        let specs = ["gcc@11.3.0", "openmpi@4.1.4", "python@3.10", "cmake@3.24", "git@2.39", "llvm@16"]
        let typical = SlowPackages.announcements(specs) { _ in nil }
        #expect(
            typical.map(\.text) == [
                "gcc@11.3.0 builds from source: 60-90 minutes", "openmpi@4.1.4 builds from source: 15-25 minutes",
                "python@3.10 builds from source: 10-20 minutes", "llvm@16 builds from source: 90-120 minutes",
            ])
        let learned = SlowPackages.announcements(specs, hasBinary: { $0.hasPrefix("llvm") }) { spec in
            UsualTime(low: spec.hasPrefix("gcc") ? 3480 : 120, high: spec.hasPrefix("gcc") ? 3900 : 300, count: 3)
        }
        #expect(learned.map(\.text) == ["gcc@11.3.0 builds from source: 58-65 minutes (3 builds here)"])
        var log = BuildLog(roots: specs)
        feed(
            &log,
            [
                "==> Installing gcc-11.3.0-\(Self.hash) [1/1]",
                "==> Extracting gcc-11.3.0-\(Self.hash) from binary cache",
            ])
        #expect(SlowPackages.coming(log) { _ in nil }.map(\.spec) == ["openmpi@4.1.4", "python@3.10", "llvm@16"])
    }
}
