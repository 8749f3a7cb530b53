import Fleet
import Foundation
import TestSupport
import Testing

@testable import Collector

/// Recordings stay below their size, and what is kept below its age.
@Suite(.timeLimit(.minutes(5))) struct RecordingStoreTests {
    @Test func aRecordingRotatesAndEachFileIsReadAlone() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file(), limit: 400_000), steps: 400)
        let names = try folder.names()
        #expect(names == ["demo.slipway", "demo.slipway.1", "demo.slipway.2", "demo.slipway.3"])
        #expect(try folder.bytes().count < 400_000)
        let recording = try Recording(path: folder.file())
        #expect(recording.range.lowerBound > seen[0].at, "the oldest has gone")
        let kept = seen.filter { $0.at >= recording.range.lowerBound }
        #expect(kept.count > 20)
        for snapshot in kept { #expect(try recording.snapshot(at: snapshot.at).told == snapshot.told) }
        // Stepping does not notice where a file ends.
        var at = kept[0].at
        for snapshot in kept.dropFirst() {
            at = try #require(recording.next(after: at))
            #expect(at.tick == snapshot.at.tick)
        }
        for snapshot in kept.reversed().dropFirst() {
            at = try #require(recording.previous(before: at))
            #expect(at.tick == snapshot.at.tick)
        }
        for name in names {
            let alone = try Recording(path: folder.file(name))
            let inside = try #require(kept.last { alone.range.contains($0.at) })
            #expect(try alone.snapshot(at: inside.at).told == inside.told)
        }
    }

    @Test func aDayIsKept() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let rig = await RecordingRig(.folder(folder.path), time: time)
        let past = PastFleet(folder: folder.path)
        var seen: [Snapshot] = []
        for step in 1...200 {
            await rig.step(RecordingRig.change(step, from: rig.fleet.snapshot), after: 600)
            seen.append(rig.fleet.snapshot)
            // Also while it is being written.
            if step % 20 == 0 {
                let found = await past.past(at: seen[max(0, step - 10)].at)
                #expect(found?.snapshot.told == seen[max(0, step - 10)].told)
            }
        }
        await rig.stop()
        let range = try #require(await past.past(at: time.now)?.range)
        let kept = range.upperBound.timeIntervalSince(range.lowerBound)
        #expect(kept >= 24 * 3600 && kept < 26 * 3600)
        let day = seen.filter { range.contains($0.at) }
        for snapshot in day { #expect(await past.past(at: snapshot.at)?.snapshot.told == snapshot.told) }
    }

    @Test func whatIsKeptStaysBelowItsSize() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .folder(folder.path, limit: 400_000), steps: 600)
        #expect(try folder.bytes().count < 400_000)
        #expect(await PastFleet(folder: folder.path).past(at: .distantFuture)?.snapshot.told == seen.last?.told)
    }

    /// Two dashboards on one machine: one writes, both read, and when it ends the other goes on.
    @Test func oneProcessWrites() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let first = await RecordingRig(.folder(folder.path), time: time, epoch: "one")
        let other = ManualTime()
        let second = await RecordingRig(.folder(folder.path), time: other, epoch: "two")
        await first.step([.item(RecordingRig.node(1, at: time.now))], after: 5)
        await second.step([.item(RecordingRig.node(2, at: time.now))], after: 5)
        #expect(await second.recorder.notice == nil)
        let past = PastFleet(folder: folder.path)
        #expect(await past.past(at: time.now)?.snapshot.items.values.map(\.name) == ["n1"])
        await first.stop()
        await second.pass(60)
        await second.stop()
        #expect(await past.past(at: other.now)?.snapshot.items.values.map(\.name) == ["n2"])
        #expect(await past.past(at: time.now)?.snapshot.items.values.map(\.name) == ["n1"])
    }

    @Test func nothingKeptIsSaid() async throws {
        let past = PastFleet(folder: try TestFolder().file("none"))
        #expect(await past.past(at: ManualTime.start) == nil)
        #expect(await past.notice == "Nothing is kept of earlier times. It is from now on.")
    }

    /// That there is nothing is something else than that it cannot be read.
    @Test func whatIsKeptAndCannotBeReadIsSaid() async throws {
        let folder = try TestFolder()
        let file = try folder.write("x".utf8, to: "changes")
        let past = PastFleet(folder: file)
        #expect(await past.past(at: ManualTime.start) == nil)
        #expect(
            await past.notice?.hasSuffix(
                "/changes cannot be read: Not a directory. Check that folder and its permissions.") == true)

        _ = try folder.write("".utf8, to: "2026-11-20T21-00-00Z.jsonl")
        let empty = PastFleet(folder: folder.path)
        #expect(await empty.past(at: ManualTime.start) == nil)
        let notice = try #require(await empty.notice)
        #expect(
            notice.hasPrefix("The recording ")
                && notice.contains("/2026-11-20T21-00-00Z.jsonl is empty. Nothing before now"))
        // It is well as soon as something good is there.
        let rig = await RecordingRig(.folder(folder.path), time: ManualTime())
        await rig.step([.item(RecordingRig.node(1, at: ManualTime.start))], after: 5)
        await rig.stop()
        #expect(await empty.past(at: .distantFuture)?.snapshot.items.count == 1)
        #expect(await empty.notice == nil)
    }
}
