import Fleet
import Foundation
import GRDB
import Synchronization
import Testing

@testable import History

/// A clock that stands until it is set.
private final class ManualClock: Sendable {
    private let instant: Mutex<Date>

    init(_ date: Date) { instant = Mutex(date) }

    func advance(days: Double) { instant.withLock { $0 += days * 86_400 } }

    var source: TimeSource {
        TimeSource(now: { self.instant.withLock { $0 } }, uptime: { 0 }, sleep: { _ in })
    }
}

/// A folder of its own, gone when the test ends.
private final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "slipway-history-\(UUID().uuidString)")
    var database: String { url.appending(path: "state/history.sqlite").path }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.appending(path: "state").path).sorted()
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

struct HistoryStoreTests {
    private let start = Date(timeIntervalSince1970: 1_760_000_000.25)
    private let clock = ManualClock(Date(timeIntervalSince1970: 1_760_000_000))

    private func run(_ key: String = "1", after days: Double = 0, profile: String? = nil, word: String = "deployed")
        -> Run
    {
        Run(
            item: ItemID(text: "metal/lab/\(key)"), kind: .metal, name: "n\(key)", source: SourceID("lab"),
            profile: profile, startedAt: start + days * 86_400, endedAt: start + days * 86_400 + 600, outcome: .failed,
            word: word, cause: "No image.",
            phases: [
                PhaseDuration(name: "pxe_boot", seconds: 90.5, outcome: .done),
                PhaseDuration(name: "installation", seconds: 509.5, outcome: .failed),
            ], parts: [RunPart(name: "network and IAM", seconds: 12.5, count: 18)])
    }

    private func event(_ number: Int, item: String? = "1", after days: Double = 0) -> Event {
        Event(
            at: start + days * 86_400 + Double(number), kind: .metal, source: SourceID("lab"),
            item: item.map { ItemID(text: "metal/lab/\($0)") }, name: "n1", level: .warning, text: "event \(number)")
    }

    private func item(_ key: Int, state: Item.State = .running) -> Item {
        Item(
            id: ItemID(text: "metal/lab/\(key)"), kind: .metal, name: "n\(key)", source: SourceID("lab"), state: state,
            word: "installing", startedAt: start,
            phases: [Phase(name: "installation", state: .running, startedAt: start, usual: 300, limit: 900)],
            evidence: Evidence(at: start, from: "status API lab"),
            detail: .metal(MetalDetail(node: key, message: "50 %")))
    }

    @Test func aRestartKeepsEverything() async throws {
        let folder = Folder()
        let source = Source(id: SourceID("lab"), kind: .metal, state: .live, lastSuccess: start)
        do {
            let store = try HistoryStore(path: folder.database, time: clock.source)
            await store.record(run())
            await store.record((0..<5).map { event($0) })
            await store.keep(items: [item(1), item(2), item(3)], gone: [], sources: [source])
            await store.keep(items: [item(2, state: .done)], gone: [ItemID(text: "metal/lab/3")], sources: [])
        }
        let store = try HistoryStore(path: folder.database, time: clock.source)
        #expect(await store.notice == nil)
        #expect(try await store.runs(item: ItemID(text: "metal/lab/1"), limit: 9) == [run()])
        #expect(try await store.events(limit: 9) == (0..<5).map { event($0) })
        let snapshot = try await store.lastSnapshot()
        #expect(
            snapshot
                == Snapshot(
                    at: clock.source.now(), items: [item(1), item(2, state: .done)], sources: [source],
                    events: (0..<5).map { event($0) }))
    }

    @Test func aNewHistoryHasNoSnapshot() async throws {
        let store = try HistoryStore(path: ":memory:", time: clock.source)
        #expect(try await store.lastSnapshot() == nil)
    }

    @Test func theSameRunIsKeptOnce() async throws {
        let store = try HistoryStore(path: ":memory:", time: clock.source)
        var corrected = run(word: "deployment_failed")
        corrected.phases.removeLast()
        await store.record(run())
        await store.record(corrected)
        await store.record(run(after: 1))
        #expect(try await store.runs(item: run().item, limit: 9) == [run(after: 1), corrected])
    }

    @Test func questionsKeepToTheirItemProfileAndLimit() async throws {
        let store = try HistoryStore(path: ":memory:", time: clock.source)
        for day in 0..<4 {
            await store.record(run("\(day % 2)", after: Double(day), profile: day < 3 ? "small" : "large"))
        }
        await store.record((0..<6).map { event($0, item: $0 % 2 == 0 ? "0" : nil) })
        let small = try await store.runs(kind: .metal, profile: "small", limit: 2)
        #expect(small.map(\.startedAt) == [2, 1].map { start + $0 * 86_400 })
        #expect(small.allSatisfy { $0.phases.count == 2 })
        #expect(try await store.runs(kind: .metal, source: SourceID("far"), limit: 9).isEmpty)
        #expect(try await store.runs(kind: .image, limit: 9).isEmpty)
        #expect(try await store.events(limit: 2) == [event(4, item: "0"), event(5, item: nil)])
        #expect(
            try await store.events(item: ItemID(text: "metal/lab/0"), since: start + 1, limit: 9)
                == [event(2, item: "0"), event(4, item: "0")])
    }

    @Test func whatIsOlderThanTheRetentionIsDropped() async throws {
        let store = try HistoryStore(path: ":memory:", time: clock.source, retentionDays: 90)
        await store.record(run("old"))
        await store.record(run("young", after: 20))
        await store.record([event(1), event(2, after: 20)])
        clock.advance(days: 100)
        await store.prune()
        #expect(try await store.runs(kind: .metal, limit: 9) == [run("young", after: 20)])
        #expect(try await store.events(limit: 9) == [event(2, after: 20)])
    }

    @Test func aFileThatIsNoDatabaseIsMovedAside() async throws {
        let folder = Folder()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "state"), withIntermediateDirectories: true)
        let garbage = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try garbage.write(to: URL(filePath: folder.database))
        let store = try HistoryStore(path: folder.database, time: clock.source)
        let notice = try #require(await store.notice)
        #expect(notice.contains("history.sqlite.damaged-2025-10-09T085320.000Z"))
        await store.record(run())
        #expect(try await store.runs(item: run().item, limit: 9) == [run()])
        let kept = try #require(try folder.names().first { $0.contains("damaged") })
        #expect(try Data(contentsOf: folder.url.appending(path: "state/\(kept)")) == garbage)
    }

    @Test(arguments: ["read", "write"])
    func damageThatShowsLaterIsMovedAsideToo(_ first: String) async throws {
        let folder = Folder()
        do {
            let store = try HistoryStore(path: folder.database, time: clock.source)
            await store.record((0..<2000).map { event($0) })
        }
        // The schema in the first page stays good, so that the file opens.
        let file = try FileHandle(forWritingTo: URL(filePath: folder.database))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
        try file.close()

        let store = try HistoryStore(path: folder.database, time: clock.source)
        if first == "read" {
            #expect(try await store.events(limit: 9).isEmpty)
        } else {
            await store.record([event(1)])
            #expect(try await store.events(limit: 9) == [event(1)])
        }
        #expect(try #require(await store.notice).contains("damaged"))
        await store.record([event(7)])
        #expect(try await store.events(limit: 1) == [event(7)])
        #expect(try folder.names().contains { $0.contains("damaged") })
    }

    /// `/proc` takes no folder from anybody, not even from root.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self"), "there is no /proc here"))
    func aPlaceThatCannotBeWrittenIsToldAndTheSessionGoesOn() async throws {
        let store = try HistoryStore(path: "/proc/slipway/history.sqlite", time: clock.source)
        await store.record(run())
        await store.record([event(1)])
        await store.keep(items: [item(1)], gone: [], sources: [])
        await store.prune()
        #expect(try #require(await store.notice).contains("/proc/slipway/history.sqlite cannot be opened"))
        #expect(try await store.events(limit: 9) == [event(1)])
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func aReadOnlyFolderIsToldAndTheSessionGoesOn() async throws {
        let folder = Folder()
        let state = folder.url.appending(path: "state").path
        do { _ = try HistoryStore(path: folder.database, time: clock.source) }
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder.database)
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: state)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: state) }
        let store = try HistoryStore(path: folder.database, time: clock.source)
        await store.record(run())
        #expect(await store.notice != nil)
    }

    @Test func aFullDiskIsToldAndWhatWasKeptStays() async throws {
        let folder = Folder()
        let store = try HistoryStore(
            path: folder.database, time: clock.source, retentionDays: 90, mostBytes: 128 * 1024)
        await store.record([event(1)])
        #expect(await store.notice == nil)
        for batch in 0..<20 { await store.record((0..<200).map { event(batch * 200 + $0) }) }
        #expect(try #require(await store.notice).contains("no room left"))
        #expect(try await store.events(limit: 10_000).contains(event(1)))
        clock.advance(days: 100)
        await store.prune()
        await store.record([event(1, after: 99)])
        #expect(await store.notice == nil, "recording goes on by itself once there is room")
    }

    @Test func aNewerSchemaIsRefusedAndLeftAlone() async throws {
        let folder = Folder()
        do { _ = try HistoryStore(path: folder.database, time: clock.source) }
        do {
            let queue = try DatabaseQueue(path: folder.database)
            try await queue.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
            }
        }
        let error = #expect(throws: HistoryError.self) {
            try HistoryStore(path: folder.database, time: clock.source)
        }
        #expect(error?.description.contains("newer Slipway") == true)
        #expect(try folder.names().contains("history.sqlite"))
    }
}
