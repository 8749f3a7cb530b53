import Fleet
import Foundation
import TestSupport
import Testing

@testable import Collector

/// What is recorded is there again, at each instant, however one gets there.
@Suite(.timeLimit(.minutes(5))) struct RecordingTests {
    @Test func eachInstantIsReadBackAsItWas() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()))
        let recording = try Recording(path: folder.file())
        #expect(recording.range.lowerBound == seen[0].at && recording.range.upperBound.tick == seen[60].at.tick)
        #expect(recording.troubles(now: seen[60].at).isEmpty)
        for snapshot in seen {
            let look = try recording.look(at: snapshot.at)
            #expect(look.snapshot.told == snapshot.told)
            #expect(look.trouble == nil)
        }
        // Between two steps nothing is different but the time.
        var later = seen[20]
        later.at += 0.5
        #expect(try recording.snapshot(at: later.at).told == later.told)
        let files = try FileManager.default.attributesOfItem(atPath: folder.file())
        #expect(files[.posixPermissions] as? Int == 0o600)
    }

    @Test func aFleetThatArrivesAtOnceIsRecordedWholeAndManyChangesInSlices() async throws {
        let folder = try TestFolder()
        let rig = await RecordingRig(.file(folder.file()))
        let now = rig.fleet.snapshot.at
        let news = (0..<300).map { number in
            Change.event(
                Event(
                    at: now, kind: .metal, source: RecordingRig.node(0, at: now).source, name: "node-\(number)",
                    level: .info, text: "found"))
        }
        await rig.step((0..<900).map { .item(RecordingRig.node($0, at: now)) } + news, after: 2)
        let arrived = rig.fleet.snapshot
        let changed = (0..<400).map { number in
            var item = RecordingRig.node(number, at: now)
            item.word = "deployed"
            return Change.item(item)
        }
        await rig.step(changed, after: 2)
        let over = rig.fleet.snapshot
        await rig.stop()
        let steps = try StreamFrame.all(in: folder.file()).compactMap { frame in
            if case .change(let step) = frame, !step.items.isEmpty { step.items.count } else { nil }
        }
        #expect(steps == [250, 150], "900 new ones are no changes, and 400 are not told at a time")
        let recording = try Recording(path: folder.file())
        #expect(recording.events(in: recording.range, limit: 400).count == 300, "what happened is there all the same")
        #expect(try recording.snapshot(at: arrived.at).told == arrived.told)
        #expect(try recording.snapshot(at: over.at).told == over.told)
    }

    @Test func goingOnAndBackGivesTheSameAsGoingThere() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()))
        let past = PastFleet(try Recording(path: folder.file()))
        let order = [0, 1, 2, 30, 31, 30, 29, 3, 60, 59, 58, 12, 13, 14, 14, 15, 40] + (0...60).reversed()
        for index in order {
            let found = try #require(await past.past(at: seen[index].at))
            #expect(found.snapshot.told == seen[index].told, "step \(index)")
            #expect(found.range.upperBound.tick == seen[60].at.tick)
        }
        // By changes: each step of the fleet is one.
        let on = try #require(await past.past(change: 3, from: seen[10].at))
        #expect(on.snapshot.told == seen[13].told)
        let back = try #require(await past.past(change: -2, from: seen[10].at))
        #expect(back.snapshot.told == seen[8].told)
        // Nothing is beyond the ends.
        #expect(await past.past(change: 5, from: seen[58].at)?.snapshot.at.tick == seen[60].at.tick)
        #expect(await past.past(change: -1, from: seen[0].at)?.snapshot.at == seen[0].at)
        #expect(await past.past(at: .distantPast)?.snapshot.told == seen[0].told)
        #expect(await past.past(at: .distantFuture)?.snapshot.told == seen[60].told)
    }

    @Test func eventsOfAStretchAreThere() async throws {
        let folder = try TestFolder()
        let seen = await RecordingRig.record(to: .file(folder.file()))
        let recording = try Recording(path: folder.file())
        let events = recording.events(in: seen[10].at...seen[24].at)
        #expect(events.map(\.text) == ["step 12", "step 16", "step 20", "step 24"])
        #expect(recording.events(in: recording.range, limit: 2).map(\.text) == ["step 56", "step 60"])
    }

    /// Wherever a read ends within a line, forwards and backwards the same lines are found.
    @Test func linesAreFoundInAnyPlace() throws {
        let folder = try TestFolder()
        let start = ManualTime.start
        let hello = StreamFrame.Hello(program: "t", host: "h", clock: start)
        var bytes = RecordingLine.bytes(.hello(hello))
        var starts: [Int] = [0]
        for second in 1...5000 {
            starts.append(bytes.count)
            bytes += RecordingLine.bytes(.ping(clock: start.addingTimeInterval(Double(second))))
        }
        let file = try RecordingFile(path: folder.write(bytes, to: "x"))
        var found: [Int] = []
        let _: Bool? = file.lastLine(before: bytes.count) { place, head in
            #expect(RecordingLine(start: head) != nil)
            found.append(place)
            return nil
        }
        #expect(found.reversed() == starts)
        for second in stride(from: 0, to: 5000, by: 97) {
            #expect(file.end(at: start.addingTimeInterval(Double(second) + 0.5)) == starts[second + 1])
            #expect(file.end(at: start.addingTimeInterval(Double(second)), isBefore: true) == starts[second])
        }
    }

    /// Each second at most one write; a line a minute while nothing changes; now and then a whole fleet.
    @Test func theFileHoldsWhatTheFormatSays() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let rig = await RecordingRig(.file(folder.file()), [RecordingRig.node(1, at: time.now)], time: time)
        await rig.step([.item(item("a", time))], after: 10)
        // Within the second: waits, and the last value counts.
        for word in ["b", "c", "d"] { rig.fleet.say([.item(item(word, time))]) }
        time.advance(by: 1)
        await time.untilAsleep(2)
        for _ in 0..<5 { await rig.pass(60) }
        // Without any difference nothing is written.
        await rig.step([.item(item("d", time, at: ManualTime.start))], after: 2)
        await rig.step([.item(item("e", time))], after: 700)
        await rig.stop()
        let sorts = try StreamFrame.all(in: folder.file()).map { frame in
            switch frame {
            case .hello: "hello"
            case .fleet: "fleet"
            case .change: "change"
            case .ping: "ping"
            case .unknown(let name): name
            default: "?"
            }
        }
        #expect(sorts.joined(separator: " ").hasPrefix("hello mark fleet fleet change change ping ping ping ping"))
        #expect(sorts.suffix(4) == ["change", "mark", "fleet", "fleet"], "a whole fleet after a quarter of an hour")
        #expect(sorts.count { $0 == "change" } == 4 || sorts.count { $0 == "change" } == 3)
    }

    private func item(_ word: String, _ time: ManualTime, at: Date? = nil) -> Item {
        var item = RecordingRig.node(1, at: ManualTime.start)
        item.word = word
        return item
    }

    /// From 22:00:00 to 23:00:16 UTC.
    @Test(arguments: [
        ("2026-11-20T22:10:00Z", "22:10:00"), ("2026-11-20T23:30:00+01:00", "22:30:00"), ("22:05", "22:05:00"),
        ("23:00:01", "23:00:01"), ("+90s", "22:01:30"), ("-1h", "22:00:16"), ("-0h30m", "22:30:16"),
        (
            "23:30",
            "The recording does not tell of 2026-11-20 23:30:00. It goes from 2026-11-20 22:00:00 to 2026-11-20 23:00:16."
        ),
        (
            "-3d",
            "The recording does not tell of 2026-11-17 23:00:16. It goes from 2026-11-20 22:00:00 to 2026-11-20 23:00:16."
        ),
        (
            "later",
            "later is not a time. Write 14:03, -2h (before the end), +10m (after the beginning) or 2026-11-20T14:03:00Z."
        ),
        (
            "-2",
            "-2 is not a time. Write 14:03, -2h (before the end), +10m (after the beginning) or 2026-11-20T14:03:00Z."
        ),
    ]) func timesAsAPersonWritesThem(text: String, expected: String) async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let rig = await RecordingRig(.file(folder.file()), time: time)
        await rig.step([.item(RecordingRig.node(1, at: time.now))], after: 3616)
        await rig.stop()
        let found: String
        do throws(RecordingProblem) {
            found = WireTime.clock(
                try Recording(path: folder.file()).instant(text, zone: .gmt), zone: .gmt, seconds: true)
        } catch {
            found = "\(error)"
        }
        #expect(found == expected)
    }

    @Test func nothingSecretIsWritten() async throws {
        let folder = try TestFolder()
        let time = ManualTime()
        let rig = await RecordingRig(.file(folder.file()), [planted(time.now, "0")], time: time)
        var source = Source(id: .lab, kind: .metal, state: .late, error: "GET https://me:hunter2c@host/ failed")
        source.advice = "try --token hunter2d"
        let event = Event(
            at: time.now, kind: .metal, source: .lab, name: "n", level: .bad,
            text: "Authorization: Bearer hunter2e refused")
        await rig.step([.item(planted(time.now, "1")), .source(source), .event(event)], after: 5)
        await rig.step([.item(planted(time.now, "2"))], after: 1000)
        await rig.stop()
        let text = String(decoding: try folder.bytes(), as: UTF8.self)
        for secret in ["hunter2", "AKIA4WNJ7AAAGXA4YH4S", "Bearer abc", "Signature"] { #expect(!text.contains(secret)) }
        let shown = try Recording(path: folder.file()).snapshot(at: time.now)
        let item = try #require(shown.items.values.first)
        #expect(item.diagnosis?.cause == "sent Authorization: Bearer … 2")
        #expect(item.diagnosis?.signs == ["https://bucket.example/key?… 2"])
        #expect(shown.events.map(\.text) == ["Authorization: Bearer … refused"])
    }

    private func planted(_ now: Date, _ mark: String) -> Item {
        var item = RecordingRig.node(1, at: now)
        item.diagnosis = Diagnosis(
            cause: "sent Authorization: Bearer abc \(mark)",
            signs: ["https://bucket.example/key?X-Amz-Signature=hunter2a&y=1 \(mark)"],
            next: ["export PASSWORD=hunter2b \(mark)", "key AKIA4WNJ7AAAGXA4YH4S \(mark)"])
        return item
    }
}
