import Fleet
import Foundation
import TestSupport
import Testing

@testable import Collector

/// Whatever happened to a file or a disk: what can be read is read, and a sentence says the rest.
@Suite(.timeLimit(.minutes(5))) struct RecordingFaultTests {
    /// Cut anywhere, the recording is as it was at the last line that is whole.
    @Test func aRecordingThatIsCutEndsEarlier() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()), steps: 25)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.file())))
        var opened = 0
        for length in stride(from: 1, to: bytes.count, by: 173) {
            let path = try folder.write(bytes[..<length], to: "cut")
            do throws(RecordingProblem) {
                let recording = try Recording(path: path)
                let last = recording.range.upperBound
                let snapshot = try recording.snapshot(at: last)
                // Before the line of a step there may be one that says that time has gone on until then.
                let index = seen.lastIndex { $0.at.tick <= last.tick } ?? 0
                var before = seen[max(0, index - 1)]
                before.at = seen[index].at
                #expect([seen[index].told, before.told].contains(snapshot.told), "cut at \(length)")
                let isTorn = bytes[length - 1] != RecordingLine.newline
                #expect(recording.troubles(now: seen[25].at).isEmpty != isTorn)
                opened += 1
            } catch {
                #expect(length < 8000, "cut at \(length): \(error)")
                #expect(error.sentence.contains("cut off") && !error.advice.isEmpty)
            }
        }
        #expect(opened > 20)
    }

    @Test func damageIsPassedOverToTheNextWholeFleet() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()))
        var lines = try Data(contentsOf: URL(filePath: folder.file())).split(separator: UInt8(ascii: "\n"))
        // The first change behind the second whole fleet.
        let marks = lines.indices.filter { lines[$0].starts(with: RecordingLine.markStart) }
        try #require(marks.count > 3)
        let hit = try #require(lines[marks[1]...].firstIndex { $0.starts(with: Array(#"{"change""#.utf8)) })
        lines[hit] = Data(lines[hit].prefix(60)) + Data([0, 0xFF, 0x7B])
        let recording = try Recording(
            path: folder.write(Data(lines.joined(separator: Data([10]))) + Data([10]), to: "hit"))
        var states: [Bool] = []
        for snapshot in seen {
            let look = try recording.look(at: snapshot.at)
            let isRight = look.snapshot.told == snapshot.told
            // What is wrong is told.
            #expect(isRight == (look.trouble == nil))
            if states.last != isRight { states.append(isRight) }
        }
        #expect(states == [true, false, true])
    }

    /// A whole fleet that cannot be read costs nothing: the one before it and the changes since say the same.
    @Test func aDamagedWholeFleetIsPassedOver() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()))
        let lines = try Data(contentsOf: URL(filePath: folder.file())).split(separator: UInt8(ascii: "\n"))
        let fleets = lines.indices.filter { lines[$0].starts(with: Array(#"{"fleet""#.utf8)) }.dropFirst(2)
        let kept = lines.indices.map { fleets.contains($0) ? Data(lines[$0].dropLast(30)) : Data(lines[$0]) }
        let recording = try Recording(
            path: folder.write(Data(kept.joined(separator: Data([10]))) + Data([10]), to: "hit"))
        for snapshot in seen { #expect(try recording.snapshot(at: snapshot.at).told == snapshot.told) }
    }

    @Test func whatIsNoRecordingIsTold() async throws {
        let folder = try TestFolder()
        func sentence(_ path: String) -> String {
            do throws(RecordingProblem) {
                _ = try Recording(path: path)
                return "opened"
            } catch {
                return "\(error)".replacing(folder.path + "/", with: "")
            }
        }
        let other = " Name a file that was written with --record."
        #expect(
            sentence(try folder.write([], to: "x"))
                == "The recording x is empty. Record again; the disk may have been full.")
        #expect(sentence(try folder.write("a: 1\n".utf8, to: "x")) == "x is not a recording." + other)
        #expect(
            sentence(try folder.write(Array(repeating: 0, count: 300_000), to: "x")) == "x is not a recording." + other)
        #expect(
            sentence(try folder.write(Array(repeating: 0x7B, count: 300_000) + [10], to: "x"))
                == "x is not a recording." + other)
        #expect(sentence(folder.path).hasSuffix("is not a file." + other))
        #expect(
            sentence(folder.file("none"))
                == "The recording none cannot be opened: No such file or directory. Check the name and its permissions."
        )
        let hello = StreamFrame.Hello(version: "2.3", program: "slipway 9", host: "h", clock: ManualTime.start)
        #expect(
            sentence(try folder.write(RecordingLine.bytes(.hello(hello)), to: "x"))
                == "x was recorded in version 2.3 of the format, and this slipway reads 1. "
                + "Open it with the slipway that wrote it (slipway 9)."
        )
        // The name of a file may hold anything.
        #expect(!sentence(folder.file("a\u{1B}[31m")).contains("\u{1B}"))
    }

    @Test func aRecordingFromTheFutureIsToldAndRead() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()), steps: 3)
        let recording = try Recording(path: folder.file())
        let told = recording.troubles(now: seen[3].at.addingTimeInterval(-90_000))
        #expect(told.count == 1 && told[0].sentence.contains("later than this machine's clock"))
        #expect(try recording.snapshot(at: seen[3].at).told == seen[3].told)
    }

    /// A line that was cut off when the recorder was killed goes; the next run follows what is good.
    @Test func anotherRunGoesOnWithTheFile() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let first = await RecordingRig.record(to: .file(folder.file()), time: time, steps: 9)
        let file = try FileHandle(forWritingTo: URL(filePath: folder.file()))
        try file.seekToEnd()
        try file.write(contentsOf: Data(#"{"change":{"at":"2026-11-20T22:00:"#.utf8))
        try file.close()
        time.advance(by: 5000)
        let second = await RecordingRig.record(to: .file(folder.file()), time: time, steps: 9, epoch: "two")
        let recording = try Recording(path: folder.file())
        #expect(recording.troubles(now: time.now).isEmpty)
        let past = PastFleet(recording)
        for snapshot in first + second + first.reversed() {
            #expect(await past.past(at: snapshot.at)?.snapshot.told == snapshot.told)
            #expect(try recording.snapshot(at: snapshot.at).told == snapshot.told)
        }
        // That nobody looked is something else than that nothing changed.
        let gap = try #require(recording.gap(at: first[9].at.addingTimeInterval(2000)))
        #expect(gap.lowerBound.tick == first[9].at.tick && gap.upperBound.tick == second[0].at.tick)
        #expect(recording.gap(at: first[7].at) == nil)
        #expect(await past.past(at: first[9].at.addingTimeInterval(2000))?.gap == gap)
        #expect(await past.past(at: first[7].at)?.gap == nil)
    }

    @Test func whatIsNotOursIsNotWrittenOver() async throws {
        let folder = try TestFolder()
        let path = try folder.write("my letter\n".utf8, to: "letter")
        let recorder = Recorder(.file(path), program: "t", host: "h", epoch: "e", time: ManualTime().source)
        await #expect(throws: RecordingProblem.self) { try await recorder.begin() }
        #expect(await recorder.notice?.contains("Nothing is recorded over it.") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "my letter\n")
    }

    /// The disk does not take it: the fleet goes on, one sentence says so, and recording goes on by itself when it can.
    @Test func aDiskThatFailsCostsAGap() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let rig = await RecordingRig(.file(folder.file("sub/x")), time: time)
        let notice = try #require(await rig.recorder.notice)
        #expect(notice.contains("cannot be written: its folder is not there."))
        await rig.step([.item(RecordingRig.node(1, at: time.now))], after: 5)
        try FileManager.default.createDirectory(atPath: folder.file("sub"), withIntermediateDirectories: false)
        await rig.step([.item(RecordingRig.node(2, at: time.now))], after: 40)
        #expect(await rig.recorder.notice == nil)
        // Deleted under its hands, it is made anew.
        try FileManager.default.removeItem(atPath: folder.file("sub/x"))
        await rig.pass(60)
        await rig.stop()
        #expect(try Recording(path: folder.file("sub/x")).snapshot(at: time.now).items.count == 2)
    }

    /// In a process of its own, whose files may not grow beyond a size: what the disk takes of a line is taken back.
    @Test func aFullDiskLeavesNoHalfLine() async {
        await #expect(processExitsWith: .success) {
            // Told by an error rather than by ending the process.
            signal(SIGXFSZ, SIG_IGN)
            let folder = try TestFolder()
            let time = ManualTime()
            let rig = await RecordingRig(.file(folder.file()), time: time)
            var limit = rlimit()
            getrlimit(.init(RLIMIT_FSIZE.rawValue), &limit)
            limit.rlim_cur = 20_000
            setrlimit(.init(RLIMIT_FSIZE.rawValue), &limit)
            var kept: Snapshot?
            for number in 0..<100 where kept == nil {
                let before = rig.fleet.snapshot
                await rig.step([.item(RecordingRig.node(number, at: time.now))], after: 2)
                if await rig.recorder.notice != nil { kept = before }
            }
            #expect(await rig.recorder.notice?.contains("there is no room left. Free some space;") == true)
            let full = try folder.bytes()
            #expect(full.count > 15_000 && full.last == RecordingLine.newline)
            let last = try #require(kept)
            #expect(try Recording(path: folder.file()).snapshot(at: last.at).told == last.told)
            limit.rlim_cur = limit.rlim_max
            setrlimit(.init(RLIMIT_FSIZE.rawValue), &limit)
            await rig.step([.item(RecordingRig.node(200, at: time.now))], after: 40)
            #expect(await rig.recorder.notice == nil)
            let now = rig.fleet.snapshot
            await rig.stop()
            #expect(try Recording(path: folder.file()).snapshot(at: now.at).told == now.told)
            // Expectations of another process are not counted here.
            let isRight = try Recording(path: folder.file()).snapshot(at: last.at).told == last.told
            exit(isRight && now.items[RecordingRig.node(200, at: time.now).id] != nil ? 0 : 1)
        }
    }

    @Test func aClockThatIsSetBackBeginsAnotherFile() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let before = await RecordingRig.record(to: .file(folder.file()), time: time, steps: 9)
        let earlier = ManualTime()
        let after = await RecordingRig.record(to: .file(folder.file()), time: earlier, steps: 3, epoch: "two")
        #expect(try folder.names() == ["demo.slipway", "demo.slipway.1"])
        let recording = try Recording(path: folder.file())
        #expect(try recording.snapshot(at: after[2].at).told == after[2].told, "the newer one counts")
        #expect(try Recording(path: folder.file() + ".1").snapshot(at: before[9].at).told == before[9].told)
    }
}
