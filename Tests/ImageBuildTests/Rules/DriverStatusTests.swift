import Fleet
import Foundation
import TestSupport
import Testing

@testable import ImageBuild

/// Statuses of Spack that look like the driver's own.
@Suite("A status is the driver's or Spack's", .serialized)
struct DriverStatusTests {
    /// Spack ends with 3 where something surprises it; 124 and 143 where somebody has ended it.
    @Test(arguments: [(3, 1), (124, 1), (143, 1), (2, 2)])
    func whatSpackEndsWithIsNotTakenForOurs(spack: Int, driver: Int) async throws {
        let rig = try BuildRig()
        let program = rig.state + "/spack"
        let words = "==> Error: [Errno 28] No space left on device"
        try "#!/bin/sh\necho '\(words)'\nexit \(spack)\n".write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let request = BuildRequest(
            name: "starter", template: "starter", packages: ["zlib"], program: program, deadline: 60, period: 1)
        let id = try await rig.builds.start(request).id
        let found = try await rig.until(id) { if case .ended = $0.life { true } else { false } }
        let known = try #require(found)
        guard case .ended(let end) = known.life else { Issue.record("\(known.life)"); return }
        #expect(end.status == driver)
        let log = try await rig.log(id)
        #expect(log.driven?.status == driver && log.driven?.stop == nil && log.failures.map(\.trouble) == [.diskFull])
        #expect(rig.text(id, "log").contains("1/1 \(spack) zlib\n"), "what Spack ended with is kept")
        let item = item(known, log: rig.text(id, "log"))
        #expect(
            item.state == .failed && item.word == "failed" && item.diagnosis?.next.first?.contains("volume") == true)
        await rig.remove()
    }

    @Test func ourOwnSaysThatThePackageWasNotFound() throws {
        let record = BuildRecord(
            id: "20261121-1530-ab12", name: "starter", origin: .slipway, packages: ["gcc", "openmpi@4.1.4"],
            startedAt: SpackLogs.at(0))
        let known = KnownBuild(
            record: record, life: .ended(BuildEnd(status: BuildEnd.unverified, at: SpackLogs.at(9))))
        let alone = item(known, log: "")
        #expect(
            alone.diagnosis?.cause
                == "All packages were installed, but Spack does not find the last of them (openmpi@4.1.4).")
        let told = item(
            known,
            log: """
                SLIPWAY_BEGIN 1795000001 1/2 gcc
                SLIPWAY_END 1795000002 1/2 0 gcc
                SLIPWAY_BEGIN 1795000002 2/2 openmpi@4.1.4
                SLIPWAY_END 1795000003 2/2 0 openmpi@4.1.4
                SLIPWAY_MISSING 1795000004 openmpi@4.1.4
                SLIPWAY_OVER 1795000004 3

                """)
        #expect(told.diagnosis?.cause.contains("openmpi@4.1.4 was installed, but Spack does not find it") == true)
        #expect(told.diagnosis?.next.first?.contains("spack find -lv") == true)
        // A driver of before: 3 was Spack's.
        let before = item(
            known,
            log: "SLIPWAY_BEGIN 1795000001 1/2 gcc\nSLIPWAY_END 1795000002 1/2 3 gcc\nSLIPWAY_OVER 1795000002 3\n")
        #expect(before.diagnosis?.cause == "Build failed in gcc: spack ended with status 3")
    }

    private func item(_ known: KnownBuild, log: String) -> Item {
        var reading = BuildReading(known)
        reading.take(
            .bytes([UInt8](log.utf8), place: .start, written: SpackLogs.at(5), isPast: true), now: SpackLogs.at(5))
        reading.finish(now: SpackLogs.at(10))
        reading.advance(BuildMemory(), now: SpackLogs.at(10))
        return ImageRules(source: SourceID("here"), place: "this machine").item(
            reading, memory: BuildMemory(), now: SpackLogs.at(10))
    }
}
