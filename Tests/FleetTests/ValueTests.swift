import Foundation
import Testing

@testable import Fleet

@Suite struct WireTimeTests {
    /// Every format met on the wire, and what it means in UTC.
    @Test(arguments: [
        ("2025-11-20T14:23:15.000Z", "2025-11-20T14:23:15.000Z"),
        ("2025-11-09T09:46:04Z", "2025-11-09T09:46:04.000Z"),
        ("2025-11-09T09:46:04.123456Z", "2025-11-09T09:46:04.123Z"),
        ("2025-05-30T22:22:57.123456789+01:00", "2025-05-30T21:22:57.123Z"),
        ("2025-05-30T22:22:57-0330", "2025-05-31T01:52:57.000Z"),
        ("2025-08-04T15:12:07.135421", "2025-08-04T15:12:07.135Z"),
        ("2025-08-04 15:12:07", "2025-08-04T15:12:07.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ("1969-12-31T23:59:59.500Z", "1969-12-31T23:59:59.500Z"),
    ])
    func reads(text: String, utc: String) throws {
        #expect(WireTime.text(try #require(WireTime.date(text))) == utc)
    }

    @Test(arguments: [
        "", "now", "2025-13-01T00:00:00Z", "2025-01-01", "2025-01-01T25:00:00Z", "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00.1234567891Z", "2025-01-01T00:00:00Zx", "0001-01-01T00:00:00Z", "2025-01-01T00:00:00+1",
    ])
    func refuses(text: String) { #expect(WireTime.date(text) == nil) }

    /// A time without a zone is the server's, also across the change to winter time.
    @Test(arguments: [
        ("2025-08-04T15:00:00", "2025-08-04T13:00:00.000Z"), ("2025-12-04T15:00:00", "2025-12-04T14:00:00.000Z"),
        ("2025-10-26T01:30:00", "2025-10-25T23:30:00.000Z"), ("2025-10-26T03:30:00", "2025-10-26T02:30:00.000Z"),
    ])
    func readsNaiveTimesInTheServersZone(text: String, utc: String) throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let date = try #require(WireTime.date(text, zone: berlin))
        #expect(WireTime.text(date) == utc)
        #expect(WireTime.naiveText(date, zone: berlin) == text)
    }
}

@Suite struct TextTests {
    @Test(arguments: [
        (0.0, "0s"), (59.9, "59s"), (60, "1m"), (250, "4m10s"), (601, "10m"), (3900, "1h05m"), (200_000, "2d"),
        (-5, "0s"), (.nan, "-"), (.infinity, "-"), (1e300, "34722d"),
    ])
    func durations(seconds: Double, text: String) { #expect(DurationText.short(seconds) == text) }

    @Test(arguments: [
        (540.0, 840.0, "9-14m"), (50.0, 110.0, "50s-2m"), (12.0, 40.0, "12-40s"), (3900.0, 5400.0, "1h05m-1h30m"),
        (540.0, 540.0, "9m"), (10.0, 5.0, "10s"),
    ])
    func bands(low: Double, high: Double, text: String) { #expect(DurationText.band(low, high) == text) }

    @Test func textFromOutsideCanDoNothing() {
        #expect(SafeText.line("a\u{1B}[31mred\u{07}\u{9B}2J") == "a\u{FFFD}[31mred\u{FFFD}\u{FFFD}2J")
        #expect(SafeText.line("two\r\nlines\tand \u{202E}more") == "two  lines and \u{FFFD}more")
        #expect(SafeText.line(String(repeating: "é", count: 500), limit: 10) == String(repeating: "é", count: 10) + "…")
        #expect(SafeText.line("naïve 日本 ✓") == "naïve 日本 ✓")
    }
}

@Suite struct AttentionTests {
    static let now = Date(timeIntervalSince1970: 1_795_212_000)
    static let source = Source(id: SourceID("s"), kind: .metal, state: .live, lastSuccess: now, period: 2)

    static func item(_ state: Item.State, phase taken: Double, limit: Double? = 300, high: Double? = 100, n: Int = 10)
        -> Item
    {
        Item(
            id: ItemID(text: "metal/s/1"), kind: .metal, name: "n", source: source.id, state: state, word: "w",
            startedAt: now.addingTimeInterval(-taken), limit: 4000,
            phases: [
                Phase(
                    name: "installation", state: .running, startedAt: now.addingTimeInterval(-taken), usual: 60,
                    usualHigh: high, usualCount: n, limit: limit)
            ], evidence: Evidence(at: now.addingTimeInterval(-taken), from: "x", patience: 1800))
    }

    /// State, seconds in the phase, its limit, the reason.
    @Test(
        arguments: [
            (Item.State.running, 50.0, 300.0, nil), (.running, 120, 300, nil), (.running, 170, 300, .atRisk),
            (.running, 301, 300, .overdue), (.running, 4100, 9000, .overdue), (.failed, 10, 300, .failed),
            (.waiting, 9000, 300, nil), (.done, 9000, 300, nil), (.held, 9000, 300, nil),
        ] as [(Item.State, Double, Double, Attention.Reason?)])
    func reasons(state: Item.State, taken: Double, limit: Double, reason: Attention.Reason?) {
        let item = Self.item(state, phase: taken, limit: limit)
        #expect(item.attention(at: Self.now, source: Self.source)?.reason == reason)
    }

    @Test func silenceCountsOnlyWhileTheSourceAnswers() {
        let item = Self.item(.running, phase: 2000, limit: nil, high: nil)
        #expect(item.attention(at: Self.now, source: Self.source)?.reason == .silent)
        var away = Self.source
        away.state = .unreachable
        #expect(item.attention(at: Self.now, source: away) == nil)
    }

    @Test func withoutThreeRunsNothingIsCalledSlow() {
        #expect(Self.item(.running, phase: 290, n: 2).attention(at: Self.now, source: Self.source) == nil)
    }

    @Test func percentNeverFallsWithinARun() {
        var before = Self.item(.running, phase: 10)
        before.progress = Progress(percent: 44, done: 5, total: 9, unit: "phases")
        var after = before
        after.progress = Progress(percent: 0, done: 0, total: 9, unit: "phases")
        #expect(after.following(before).progress?.percent == 44)
        after.startedAt = Self.now
        #expect(after.following(before).progress?.percent == 0)
    }
}

@Suite struct ItemTests {
    /// Copies share what they hold, and still are values.
    @Test func aCopyThatIsChangedChangesNoOther() {
        let item = AttentionTests.item(.running, phase: 10)
        var copy = item
        copy.word = "another"
        copy.phases[0].endedAt = AttentionTests.now
        #expect(item.word == "w" && item.phases[0].endedAt == nil)
        #expect(copy.word == "another" && copy.phases[0].endedAt == AttentionTests.now)
        #expect(copy != item)
        copy.word = item.word
        copy.phases[0].endedAt = nil
        #expect(copy == item)
    }

    /// What a step lacks stays lacking, also next to values that mean nothing.
    @Test(
        arguments: [
            Phase(name: "a"), Phase(name: "a", state: .done, startedAt: AttentionTests.now, usual: 0, usualCount: 0),
            Phase(name: "a", usual: -1, usualHigh: .greatestFiniteMagnitude, usualCount: .max, limit: 0),
        ])
    func stepsComeBackAsTheyWere(phase: Phase) throws {
        let json = try FleetCoder.encoder().encode(phase)
        #expect(try FleetCoder.decoder().decode(Phase.self, from: json) == phase)
        let said = String(decoding: json, as: UTF8.self)
        #expect(said.contains("endedAt") == false && said.contains("startedAt") == (phase.startedAt != nil))
        #expect(said.contains("usualCount") == (phase.usualCount != nil))
    }

    @Test func whatIsUsualIsNoNewsOfTheItem() {
        let item = AttentionTests.item(.running, phase: 10)
        var other = item
        other.phases[0].usual = 70
        other.phases[0].usualCount = 11
        other.estimate = Estimate(n: 11, basis: .none)
        #expect(other.differsInWorkingOnly(from: item))
        other.phases[0].state = .done
        #expect(!other.differsInWorkingOnly(from: item))
    }
}

/// The public format. A change here breaks other people's scripts.
@Suite struct StatusReportTests {
    @Test func namesAndFormsAreStable() throws {
        var item = AttentionTests.item(.failed, phase: 90)
        item.progress = Progress(percent: 44, done: 5, total: 9, unit: "phases")
        item.estimate = Estimate(p10: 60, p50: 90.5, p90: 200, n: 4, basis: .history)
        item.diagnosis = Diagnosis(cause: "disk", signs: ["a"], next: ["b"])
        item.detail = .metal(MetalDetail(node: 1, managementIP: "10.0.0.1"))
        let report = StatusReport(Snapshot(at: AttentionTests.now, items: [item], sources: [AttentionTests.source]))
        let json = String(decoding: try FleetCoder.encoder().encode(report), as: UTF8.self)
        #expect(
            json == """
                {"at":"2026-11-20T22:00:00.000Z","attention":["metal/s/1"],"items":[{"attention":{"cause":"disk","next":["b"],\
                "reason":"failed","signs":["a"]},"detail":{"managementIP":"10.0.0.1","message":"","node":1,"reports":[]},\
                "diagnosis":{"cause":"disk","next":["b"],"signs":["a"]},"estimate":{"basis":"history","n":4,"p10":60,"p50":90.5,\
                "p90":200},"evidence":{"at":"2026-11-20T21:58:30.000Z","from":"x","patience":1800},"id":"metal/s/1","kind":"metal",\
                "limit":4000,"name":"n","phases":[{"limit":300,"name":"installation","startedAt":"2026-11-20T21:58:30.000Z",\
                "state":"running","usual":60,"usualCount":10,"usualHigh":100}],"progress":{"done":5,"percent":44,"total":9,\
                "unit":"phases"},"source":"s","startedAt":"2026-11-20T21:58:30.000Z","state":"failed","word":"w"}],\
                "sources":[{"id":"s","kind":"metal","lastSuccess":"2026-11-20T22:00:00.000Z","period":2,"state":"live"}],"version":1}
                """)
        let back = try FleetCoder.decoder().decode(StatusReport.self, from: Data(json.utf8))
        #expect(back == report)
        #expect(back.snapshot == Snapshot(at: AttentionTests.now, items: [item], sources: [AttentionTests.source]))
    }

    @Test func changesGoOverTheWireAndBack() throws {
        let item = AttentionTests.item(.running, phase: 1)
        let event = Event(
            at: AttentionTests.now, kind: .metal, source: SourceID("s"), item: item.id, name: "n", level: .bad,
            text: "t")
        for change in [Change.item(item), .gone(item.id), .event(event), .source(AttentionTests.source)] {
            let data = try FleetCoder.encoder().encode(change)
            #expect(try FleetCoder.decoder().decode(Change.self, from: data) == change)
        }
    }

    @Test func applyingChangesGivesTheNextSnapshot() {
        let item = AttentionTests.item(.running, phase: 1)
        var snapshot = Snapshot(at: AttentionTests.now, items: [item])
        var other = item
        other.word = "other"
        snapshot.apply(.item(other))
        #expect(snapshot.items[item.id]?.word == "other")
        snapshot.apply(.gone(item.id))
        #expect(snapshot.items.isEmpty)
        let event = Event(
            at: AttentionTests.now, kind: .metal, source: SourceID("s"), name: "n", level: .info, text: "t")
        for _ in 0..<5000 { snapshot.apply(.event(event)) }
        #expect(snapshot.events.count < 2 * Snapshot.eventLimit)
    }

    @Test func listsAreOrderedByUrgencyThenLongestThenNewest() {
        func item(_ name: String, _ state: Item.State, start: Double, end: Double? = nil) -> Item {
            var item = AttentionTests.item(state, phase: 1, high: nil)
            item.id = ItemID(text: name)
            item.name = name
            item.startedAt = AttentionTests.now.addingTimeInterval(-start)
            item.endedAt = end.map { AttentionTests.now.addingTimeInterval(-$0) }
            return item
        }
        let items = [
            item("done-old", .done, start: 900, end: 500), item("run-short", .running, start: 10),
            item("wait", .waiting, start: 0),
            item("done-new", .done, start: 900, end: 100), item("run-long", .running, start: 3000),
            item("failed", .failed, start: 50, end: 20), item("held", .held, start: 5),
        ]
        let names = Snapshot(at: AttentionTests.now, items: items).ranked().map(\.name)
        #expect(names == ["failed", "run-long", "run-short", "held", "wait", "done-new", "done-old"])
    }
}
