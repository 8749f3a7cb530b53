import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ImageBuild

@Suite("The feed of image builds")
struct ImageFeedTests {
    private static let hash = "abcdefghijklmnopqrstuvwxyz234567"

    private static func known(
        _ name: String, _ life: KnownBuild.Life = .running, started: Double = -60, hasLog: Bool = true
    ) -> KnownBuild {
        KnownBuild(
            record: BuildRecord(
                id: name, name: name, origin: .slipway, template: "t", packages: ["zlib@1.3"],
                startedAt: ManualTime.start.addingTimeInterval(started)), life: life, hasLog: hasLog)
    }

    private static func bytes(_ text: String, end: Int, isPast: Bool = false) -> BuildPiece {
        .bytes([UInt8](text.utf8), place: BuildPlace(offset: end), written: ManualTime.start, isPast: isPast)
    }

    /// A feed that runs on a clock of its own until `body` returns.
    private func running(
        _ door: any BuildDoor, cadence: Cadence = ImageFeed.here, runs: [Run] = [],
        _ body: (Reports, ManualTime, ImageFeed) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let feed = ImageFeed(
            door: door, options: ImageFeed.Options(id: SourceID("here"), place: "this machine", cadence: cadence),
            time: time.source
        ) { runs }
        let reports = Reports()
        let task = Task { await feed.run { reports.take($0) } }
        try await body(reports, time, feed)
        task.cancel()
        await task.value
    }

    /// Moves the clock in small steps until it is as asked; a hundred seconds of it at most.
    private func until(_ time: ManualTime, _ isThere: () -> Bool) async throws {
        for _ in 0..<1000 where !isThere() {
            time.advance(by: 0.1)
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test func aBuildIsShownWhenItsPastIsRead() async throws {
        let door = ScriptedBuilds()
        door.set([
            Self.known("a"), Self.known("old", .ended(BuildEnd(status: 0, at: ManualTime.start)), started: -2 * 86_400),
        ])
        door.write(Self.bytes("==> Installing zlib-1.3-\(Self.hash) [1/1]\n", end: 10, isPast: true), to: "a")
        try await running(door) { reports, time, _ in
            for _ in 0..<5 {
                time.advance(by: 0.05)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(reports.wholes == 0, "half a log would look like a build that begins")
            door.write(.caughtUp, to: "a")
            try await until(time) { reports.wholes == 1 }
            #expect(reports.names == ["a"], "what ended long ago is history")
            #expect(reports.item("a")?.word == "installing")
            door.write(Self.bytes("==> zlib: Executing phase: 'build'\n", end: 20), to: "a")
            try await until(time) { reports.changes > 0 }
            guard case .image(let detail) = reports.item("a")?.detail else { Issue.record("no image"); return }
            #expect(detail.current?.phases.first { $0.name == "build" }?.state == .running)
            #expect(detail.tail.last == "==> zlib: Executing phase: 'build'")
        }
    }

    @Test func aThousandLinesASecondAreFiveReports() async throws {
        let door = ScriptedBuilds()
        door.set([Self.known("a")])
        door.write(.caughtUp, to: "a")
        try await running(door) { reports, time, _ in
            try await until(time) { reports.wholes == 1 }
            let before = reports.changes
            for step in 0..<100 {
                for line in 0..<10 { door.write(Self.bytes("line \(step) \(line)\n", end: 1), to: "a") }
                time.advance(by: 0.01)
                try await Task.sleep(for: .milliseconds(2))
            }
            #expect((2...6).contains(reports.changes - before))
        }
    }

    @Test func aNewBuildIsSeenWithinTwoSecondsAndOneThatGoesIsGone() async throws {
        let door = ScriptedBuilds()
        door.set([])
        try await running(door) { reports, time, feed in
            try await until(time) { reports.wholes == 1 }
            door.set([Self.known("a", hasLog: false)])
            let before = time.now
            try await until(time) { reports.item("a") != nil }
            #expect(time.now.timeIntervalSince(before) <= 2.5)
            door.set([])
            await feed.refresh()
            try await until(time) { reports.names.isEmpty }
            #expect(reports.names.isEmpty && reports.source?.state == .live)
        }
    }

    @Test func aBrokenConnectionIsResumedWhereItBroke() async throws {
        let door = ScriptedBuilds()
        door.set([Self.known("a")])
        door.write(Self.bytes("==> Installing zlib-1.3-\(Self.hash) [1/1]\n", end: 55), to: "a")
        door.write(nil, to: "a")
        try await running(door) { reports, time, _ in
            try await until(time) { door.follows.count >= 2 }
            #expect(door.follows == [.start, BuildPlace(offset: 55)])
            guard case .image(let detail) = reports.item("a")?.detail else { Issue.record("no image"); return }
            #expect(detail.troubles == ["The connection was lost."])
        }
    }

    @Test func aPlaceThatDoesNotAnswerKeepsItsBuilds() async throws {
        let door = ScriptedBuilds()
        door.set([Self.known("a", hasLog: false)])
        try await running(door) { reports, time, _ in
            try await until(time) { reports.item("a") != nil }
            door.set([], problem: UpstreamProblem(.unreachable, "far is down.", advice: "Wait."))
            try await until(time) { reports.source?.state == .unreachable }
            #expect(reports.source?.error == "far is down." && reports.names == ["a"])
            door.set([Self.known("a", hasLog: false)])
            try await until(time) { reports.source?.state == .live }
            #expect(reports.wholes == 1)
        }
    }

    @Test func aBuildThatEndsIsDone() async throws {
        let door = ScriptedBuilds()
        door.set([Self.known("a")])
        let lines: [DriverMarker.Event] = [
            .begin(number: 1, total: 1, spec: "zlib@1.3"), .end(number: 1, total: 1, status: 0, spec: "zlib@1.3"),
            .verified(spec: "zlib@1.3"), .over(status: 0),
        ]
        try await running(door) { reports, time, _ in
            for line in lines {
                door.write(Self.bytes(DriverMarker(line, at: ManualTime.start).line + "\n", end: 1), to: "a")
            }
            door.set([Self.known("a", .ended(BuildEnd(status: 0, at: ManualTime.start)))])
            door.finish("a")
            try await until(time) { reports.item("a")?.state == .done }
            #expect(reports.item("a")?.progress?.percent == 100 && reports.item("a")?.endedAt == ManualTime.start)
        }
    }

    @Test func theRealDriverIsFollowedToItsEnd() async throws {
        let rig = try BuildRig()
        let feed = ImageFeed(
            door: rig.builds, options: ImageFeed.Options(id: SourceID("here"), place: "this machine"), time: .system
        ) { [] }
        let reports = Reports()
        let task = Task { await feed.run { reports.take($0) } }
        for _ in 0..<200 where reports.wholes == 0 { try await Task.sleep(for: .milliseconds(20)) }
        _ = try await rig.builds.start(BuildRig.request(["zlib", "cmake"]))
        await feed.refresh()
        for _ in 0..<500 where reports.item("starter")?.state != .done { try await Task.sleep(for: .milliseconds(20)) }
        let item = try #require(reports.item("starter"))
        #expect(item.state == .done && item.progress?.text == "100% (2/2 packages)")
        #expect(item.phases.map(\.name) == ["zlib", "cmake"] && Run(item: item)?.phases.count == 2)
        task.cancel()
        await task.value
        await rig.remove()
    }
}
