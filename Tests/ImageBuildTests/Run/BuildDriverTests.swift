import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("The driver builds packages without us", .serialized)
struct BuildDriverTests {
    @Test func packagesAreBuiltInOrderAndTheLastOneIsChecked() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["zlib@1.0", "hdf5 +mpi %gcc@12", "cmake"])).id
        let known = try #require(try await rig.until(id) { $0.isOver })
        guard case .ended(let end) = known.life else { Issue.record("\(known.life)"); return }
        #expect(end.status == 0 && abs(end.at.timeIntervalSinceNow) < 60)
        let log = try await rig.log(id)
        #expect(log.driven?.isVerified == true && log.outcome == .succeeded)
        #expect(log.roots.map(\.spec) == ["zlib@1.0", "hdf5 +mpi %gcc@12", "cmake"])
        #expect(log.packages.map(\.state) == [.done, .done, .done])
        let starts = log.roots.compactMap(\.startedAt)
        #expect(starts.count == 3 && starts == starts.sorted())
        #expect(log.samples.disks.first?.place == "/" && (log.samples.disks.first?.total ?? 0) > 1e9)
        #expect(try await rig.isClean(id), "nothing of it is left")
        await rig.remove()
    }

    @Test func wordsReachSpackAsTheyAre() async throws {
        let rig = try BuildRig()
        let spec = "told@1 cflags=\"-O2 $(touch oops) `id` *\" ^zlib'x"
        let id = try await rig.builds.start(BuildRig.request([spec])).id
        _ = try await rig.until(id) { $0.isOver }
        #expect(rig.text(id, "log").contains("\n2\n--verbose\n\(spec)\n"))
        await rig.remove()
    }

    @Test func aFailureStopsTheBuildAndSaysWhy() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["zlib", "rig-broken", "cmake"])).id
        let known = try #require(try await rig.until(id) { $0.isOver })
        #expect(known.life == .ended(BuildEnd(status: 1, at: known.heardAt ?? .distantPast)))
        let log = try await rig.log(id)
        #expect(log.outcome == .failed && log.failures.first?.package?.name == "rig-broken")
        #expect(log.failures.first?.line == 13)
        #expect(!rig.text(id, "log").contains("cmake"))
        await rig.remove()
    }

    @Test func aPackageThatIsNotFoundAfterwardsIsAFailure() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["lost"])).id
        _ = try await rig.until(id) { $0.isOver }
        let log = try await rig.log(id)
        #expect(log.outcome == .failed && log.driven?.isVerified == false && log.driven?.status == BuildEnd.unverified)
        #expect(log.failures.first?.text == "lost was installed, but Spack does not find it")
        await rig.remove()
    }

    @Test func itGoesOnWhenWhatStartedItIsKilled() async throws {
        let rig = try BuildRig()
        let request = BuildRig.request(["zlib", "cmake"])
        let record = request.record(now: Date(), chance: 7)
        let words = try BuildStart.words(request, record, folder: rig.builds.folder + "/" + record.id)
        // Everything in the starter's session is killed as soon as the build has begun.
        let result = try await BuildRig.commands.run(
            Command(
                "/bin/sh",
                ["-c", #"script=$1; shift; sh -c "$script" sh "$@"; kill -s KILL 0"#, "sh", BuildShell.start] + words),
            deadline: 20, limit: 1 << 16)
        #expect(result.status == -9)
        let found = try #require(try await rig.others.builds().first)
        // It may be over by now; then it came to its end without its starter.
        #expect(found.record.packages == ["zlib", "cmake"] && found.life != .lost)
        let pieces = Pieces()
        try await rig.others.follow(found.id, from: .start) { pieces.add($0) }
        #expect(pieces.text.contains("SLIPWAY_VERIFIED") && pieces.text.contains("SLIPWAY_OVER"))
        await rig.remove()
    }

    @Test func stoppingEndsEverything() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["stubborn", "zlib"])).id
        try await rig.untilLog(id, has: "Executing phase")
        #expect(try await !rig.left(of: id).isEmpty)
        try await rig.others.stop(id)
        let known = try #require(try await rig.known(id))
        #expect(known.life == .ended(BuildEnd(status: BuildEnd.stopped, at: known.heardAt ?? .distantPast)))
        #expect(try await rig.isClean(id), "neither its children nor what hid in another session")
        let log = try await rig.log(id)
        #expect(log.driven?.stop == .byHand && log.outcome != .failed)
        #expect(!rig.text(id, "log").contains("BEGIN 2"))
        await rig.remove()
    }

    @Test func whatADriverThatWasKilledLeftIsStoppedToo() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["slow"])).id
        try await rig.untilLog(id, has: "Executing phase")
        let pid = rig.text(id, "pid").filter(\.isNumber)
        _ = try await BuildRig.commands.run(
            Command("/bin/sh", ["-c", "kill -s KILL \"$1\"", "sh", pid]), deadline: 5, limit: 100)
        #expect(try await rig.until(id) { $0.isOver }?.life == .lost)
        try await rig.builds.stop(id)
        #expect(try await rig.isClean(id))
        await rig.remove()
    }

    @Test func itEndsAtItsDeadline() async throws {
        let rig = try BuildRig()
        let id = try await rig.builds.start(BuildRig.request(["slow"], deadline: 1)).id
        let known = try #require(try await rig.until(id) { $0.isOver })
        guard case .ended(let end) = known.life else { Issue.record("\(known.life)"); return }
        #expect(end.status == BuildEnd.late)
        #expect(try await rig.log(id).driven?.stop == .late)
        #expect(try await rig.isClean(id))
        await rig.remove()
    }

    @Test func whatEndedLongAgoIsRemovedWhenAnotherIsStarted() async throws {
        let rig = try BuildRig()
        for (id, second) in [
            ("20200101-0000-aaaa", 1_577_836_800), ("20261101-0000-bbbb", Int(Date().timeIntervalSince1970)),
        ] {
            let folder = "\(rig.builds.folder)/\(id)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "0 \(second)\n".write(toFile: folder + "/end", atomically: true, encoding: .utf8)
        }
        let id = try await rig.builds.start(BuildRig.request(["zlib"])).id
        let names = try FileManager.default.contentsOfDirectory(atPath: rig.builds.folder)
        #expect(Set(names) == [id, "20261101-0000-bbbb"])
        await rig.remove()
    }

    @Test func whatIsMissingIsSaid() async throws {
        let rig = try BuildRig()
        var request = BuildRig.request(["zlib"])
        request.program = "/nowhere/spack"
        let problem = await #expect(throws: UpstreamProblem.self) { try await rig.builds.start(request) }
        #expect(problem?.sentence == "The build cannot be started: there is no program /nowhere/spack.")
        request = BuildRig.request([])
        await #expect(throws: UpstreamProblem.self) { try await rig.builds.start(request) }
        request = BuildRig.request(["zlib"])
        request.options = ["-j 2"]
        await #expect(throws: UpstreamProblem.self) { try await rig.builds.start(request) }
        await #expect(throws: UpstreamProblem.self) { try await rig.builds.stop("../../etc") }
        #expect(try await rig.builds.builds().isEmpty)
        await rig.remove()
    }
}
