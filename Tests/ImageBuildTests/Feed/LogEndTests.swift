import Fleet
import Foundation
import TestSupport
import Testing

@testable import ImageBuild

@Suite("A log of which nothing else is known")
struct LogEndTests {
    private static func item(_ reading: inout BuildReading, at now: Date) -> Item {
        reading.advance(BuildMemory(), now: now)
        return ImageRules(source: SourceID("log"), place: "here").item(reading, memory: BuildMemory(), now: now)
    }

    @Test func itHasEndedAMinuteAfterItsLastPackageIsThereUnlessMoreComes() throws {
        let record = BuildRecord(id: "x", name: "x", origin: .log)
        var reading = BuildReading(KnownBuild(record: record, life: .unknown))
        let start = ManualTime.start
        let text = Array(try Fixtures.text("spack/install-plain.txt").utf8)
        reading.take(
            .bytes(text, place: BuildPlace(offset: text.count), written: start, isPast: false), now: start)
        #expect(Self.item(&reading, at: start.addingTimeInterval(59)).endedAt == nil)
        let ended = Self.item(&reading, at: start.addingTimeInterval(61))
        #expect(ended.state == .done && ended.endedAt == start && ended.progress?.percent == 100)

        let later = start.addingTimeInterval(90)
        let more = Array("==> Installing rig-next-1.0-abcdefghijklmnopqrstuvwxyz234567 [2/2]\n".utf8)
        reading.take(
            .bytes(more, place: BuildPlace(offset: text.count + more.count), written: later, isPast: false), now: later)
        let goesOn = Self.item(&reading, at: later)
        #expect(goesOn.state == .running && goesOn.endedAt == nil)
    }
}
