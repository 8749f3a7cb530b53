import Fleet
import Foundation
import ImageBuild
import TestSupport
import Testing

/// The logs of the demo's builders from beginning to end, read by the grammar that reads real ones.
@Suite struct ImageBuilderLogTests {
    struct Ending: Sendable {
        let builder: String
        let life: Int
        var trouble: BuildTrouble?
        var package: String?
        var phase: String?
        var line: Int?
        var status = 0
    }

    static let endings = [
        Ending(builder: "starter-usw2", life: 0), Ending(builder: "starter-usw2", life: 1),
        Ending(builder: "genomics-eu", life: 0), Ending(builder: "genomics-eu", life: 1),
        Ending(
            builder: "cfd-stack", life: 0, trouble: .diskFull, package: "openfoam@2306", phase: "build", line: 48_212,
            status: 3), Ending(builder: "cfd-stack", life: 1),
        Ending(
            builder: "md-tools", life: 0, trouble: .configure, package: "gromacs@2023.1", phase: "cmake", line: 417,
            status: 1), Ending(builder: "md-tools", life: 1),
        Ending(builder: "visual-lab", life: 0, trouble: .conflict, package: "paraview", status: 1),
        Ending(builder: "visual-lab", life: 1), Ending(builder: "foundation-v1", life: 0),
    ]

    @Test(arguments: endings) func aLogEndsAsTheTableSays(_ ending: Ending) async throws {
        let builders = ImageBuilders(at: ImageBuilderTests.opening)
        let build = try await builders.ended(ending.builder, life: ending.life)
        guard case .ended(let end) = build.life else { throw Missing(ending.builder) }
        #expect(end.status == ending.status)
        let bytes = try await builders.bytes(of: build.id)
        var log = BuildLog(roots: build.record.packages)
        var progress = BuildProgress()
        var last = 0
        for start in stride(from: 0, to: bytes.count, by: 4000) {
            log.feed(Array(bytes[start..<min(start + 4000, bytes.count)]), at: end.at, isPast: true)
            progress.update(log, isVerified: log.driven?.isVerified ?? false, now: log.driven?.endedAt ?? end.at)
            #expect(progress.percent >= last)
            last = progress.percent
        }
        #expect(log.driven?.status == ending.status)
        let over = try #require(log.driven?.endedAt)
        #expect(abs(over.timeIntervalSince(end.at)) <= 1)
        guard let trouble = ending.trouble else {
            #expect(log.outcome == .succeeded && log.failures.isEmpty && log.driven?.isVerified == true)
            #expect(log.settledRoots == build.record.packages.count && progress.percent == 100)
            #expect(log.packages.allSatisfy { $0.isSettled && !$0.id.version.isEmpty })
            return
        }
        #expect(log.outcome == .failed && progress.percent < 100 && log.driven?.isVerified == false)
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1)
        #expect(failure.trouble == trouble)
        #expect(failure.package?.spec == ending.package)
        #expect(failure.phase == ending.phase && failure.line == ending.line)
        #expect(ending.line == nil || failure.log?.hasSuffix("/spack-build-out.txt") == true)
        // What comes behind it was never begun.
        #expect(log.roots.last?.startedAt == nil)
    }

    @Test func packagesTakeTheirUsualTimeInTheOrderOfTheirPhases() async throws {
        let builders = ImageBuilders(at: ImageBuilderTests.opening)
        let usual: [String: ClosedRange<Double>] = [
            "gcc": 3300...3900, "openmpi": 960...1200, "python": 650...800, "cmake": 260...340, "git": 160...210,
        ]
        for life in 0...1 {
            let build = try await builders.ended("starter-usw2", life: life)
            let log = try await builders.log(of: build.id)
            for root in log.roots {
                let package = log.packages[root.package]
                let seconds = try #require(package.seconds)
                #expect(usual[package.id.name]?.contains(seconds) == true, "\(package.spec): \(seconds)")
                // What Spack tells of its time is what went by on the clock.
                let started = try #require(package.startedAt)
                #expect(abs(try #require(package.endedAt).timeIntervalSince(started) - seconds) < 32)
            }
            let gcc = log.packages[log.roots[0].package]
            #expect(gcc.phases.map(\.name) == ["stage", "autoreconf", "configure", "build", "install", "post-install"])
            let phases = gcc.phases.map { $0.seconds ?? 0 }
            #expect(
                (100...150).contains(phases[2]) && (3000...3600).contains(phases[3]) && (50...90).contains(phases[4]))
            #expect(abs(phases.reduce(0, +) - (gcc.seconds ?? 0)) < 3)
            let needed = log.packages.filter { !$0.isRoot }
            #expect(needed.count > 35)
            #expect(Set(needed.compactMap(\.origin)) == [.source, .binary, .external])
            for package in needed where package.origin != .external {
                #expect((0.5...195).contains(try #require(package.seconds)), "\(package.spec)")
            }
        }
        let slow = try await builders.log(of: try await builders.ended("genomics-eu", life: 0).id)
        #expect((5600...6400).contains(slow.packages[slow.roots[0].package].seconds ?? 0))
    }

    @Test func buildToolsAreHeardOnlyWhereSpackIsAskedToBeVerbose() async throws {
        let builders = ImageBuilders(at: ImageBuilderTests.opening)
        func text(_ name: String) async throws -> String {
            String(decoding: try await builders.bytes(of: try await builders.ended(name, life: 1).id), as: UTF8.self)
        }
        let (verbose, quiet) = try await (text("genomics-eu"), text("starter-usw2"))
        #expect(verbose.contains("\n[ 42%] Building CXX object src/CMakeFiles/salmon.dir/"))
        #expect(verbose.contains("\nchecking for sys/stat.h... yes\n"))
        #expect(!quiet.contains("checking ") && !quiet.contains("%]"))
        // Nothing but Spack and the driver speaks there.
        for line in quiet.split(separator: "\n") {
            let isSpacks = ["==> ", "[+] /", "  Stage: ", "  Search: ", "gpg: ", "SLIPWAY_"].contains {
                line.hasPrefix($0)
            }
            #expect(isSpacks, "\(line)")
        }
    }

    // MARK: disks

    @Test func theFullDiskIsForeseenTwentyMinutesBefore() async throws {
        let builders = ImageBuilders(at: ImageBuilderTests.opening)
        let build = try await builders.ended("cfd-stack", life: 0)
        guard case .ended(let end) = build.life else { throw Missing("cfd-stack") }
        var log = BuildLog(roots: build.record.packages)
        var foreseen: Date?
        var left: Double?
        for line in try await builders.bytes(of: build.id).split(separator: 0x0A) {
            log.feed(Array(line) + [0x0A], at: end.at, isPast: true)
            // An hour and a half is what paraview and the rest of OpenFOAM take.
            guard foreseen == nil, case .full(let disk, _, let seconds)? = log.samples.warning(remaining: 5400) else {
                continue
            }
            foreseen = disk.at
            left = seconds
        }
        let warned = try #require(foreseen)
        #expect((960...1380).contains(end.at.timeIntervalSince(warned)))
        #expect(abs(try #require(left) - end.at.timeIntervalSince(warned)) < 90)
        #expect(log.samples.disks.allSatisfy { $0.highest > 0.995 * $0.total })
        // The screen shows it from the beginning on.
        #expect(warned < ManualTime.start.addingTimeInterval(ImageBuilderTests.opening))

        // The larger disk of the next life lasts.
        let next = try await builders.log(of: try await builders.ended("cfd-stack", life: 1).id)
        #expect(next.samples.disks.allSatisfy { $0.highest < 0.7 * $0.total })
    }

    @Test func theStageGrowsWithAPackageAndIsEmptiedBehindIt() async throws {
        let builders = ImageBuilders(at: ImageBuilderTests.opening)
        let build = try await builders.ended("starter-usw2", life: 0)
        var log = BuildLog(roots: build.record.packages)
        var stage: [Double] = []
        var tree: [Double] = []
        for line in try await builders.bytes(of: build.id).split(separator: 0x0A) {
            log.feed(Array(line) + [0x0A], at: builders.now, isPast: true)
            guard line.starts(with: Array("SLIPWAY_HELD".utf8)) else { continue }
            let disks = log.samples.disks
            #expect(disks.map(\.place) == ["/", "/opt/spack/opt/spack", "/tmp"])
            if line.suffix(4).elementsEqual("/tmp".utf8) { stage.append(disks[2].held ?? 0) }
            if line.suffix(4).elementsEqual("pack".utf8) { tree.append(disks[1].held ?? 0) }
        }
        let largest = try #require(stage.max())
        let place = try #require(stage.firstIndex(of: largest))
        #expect((4e9...4.6e9).contains(largest))
        // gcc's stage has grown for nearly an hour, sample by sample, and is gone with it.
        #expect(zip(stage[(place - 45)...place], stage[(place - 46)..<place]).allSatisfy { $0 >= $1 })
        #expect(stage[(place + 1)...].allSatisfy { $0 < largest / 4 })
        #expect(tree == tree.sorted() && tree.last ?? 0 > (tree.first ?? 0) + 1.5e9)
        #expect(log.samples.memory != nil && log.samples.load != nil)
    }
}
