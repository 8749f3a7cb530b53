import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What Slipway remembers between starts, in SQLite: ended runs with their phases, events, and the last known values.
///
/// A damaged database is moved aside and started anew. A disk that is full or may not be written to never stops the caller: what could not be
/// recorded is lost, and `notice` says so.
public actor HistoryStore {
    /// Events beyond so many are dropped, oldest first, however young they are.
    public static let mostEvents = 200_000
    /// The database never takes more than this on disk, in bytes; at the limit it behaves as on a full disk.
    public static let mostBytes = 1 << 30

    private let path: String
    private let time: TimeSource
    private let retention: Double
    private let mostBytes: Int
    private var queue: DatabaseQueue
    private var damage: String?
    private var problem: String?
    private var eventsSinceTrim = 0

    /// What a person should know about the history: that it was damaged and started anew, or that it cannot be written. Nil when all is well.
    public var notice: String? { problem ?? damage }

    /// - Parameters:
    ///   - path: of the database file, whose folder is made if it is missing; `:memory:` keeps everything in memory.
    ///   - retentionDays: how long runs and events are kept.
    /// - Throws: `HistoryError` if the database was written by a newer Slipway. If it cannot be opened, everything is kept in memory and
    ///   `notice` says so.
    public init(path: String, time: TimeSource, retentionDays: Int = 90) throws {
        try self.init(path: path, time: time, retentionDays: retentionDays, mostBytes: Self.mostBytes)
    }

    init(path: String, time: TimeSource, retentionDays: Int, mostBytes: Int) throws {
        self.path = path
        self.time = time
        self.mostBytes = mostBytes
        retention = Double(retentionDays) * 86_400
        do {
            queue = try HistoryFile.open(path, mostBytes: mostBytes)
        } catch let error as DatabaseError where HistoryFile.isDamage(error) {
            (queue, damage) = try HistoryFile.startAnew(path, at: time.now(), mostBytes: mostBytes)
        } catch let error as HistoryError {
            throw error
        } catch {
            queue = try HistoryFile.open(":memory:", mostBytes: mostBytes)
            problem = HistoryFile.sentence(error, doing: "opened", path: path)
        }
    }

    /// Keeps an ended run. The same run, told by its item and start, is kept once with its newest values.
    public func record(_ run: Run) { recording { try RunRows.write(run, in: $0) } }

    /// Keeps events, in the order they are given.
    public func record(_ events: [Event]) {
        guard !events.isEmpty else { return }
        eventsSinceTrim += events.count
        let trims = eventsSinceTrim >= Self.mostEvents / 100
        if trims { eventsSinceTrim = 0 }
        recording { db in
            for event in events { try EventRows.write(event, in: db) }
            if trims { try EventRows.trim(to: Self.mostEvents, in: db) }
        }
    }

    /// The newest events, oldest first.
    ///
    /// - Parameters:
    ///   - item: nil for those of everything.
    ///   - since: leaves out older ones.
    public func events(item: ItemID? = nil, since: Date? = nil, limit: Int) throws -> [Event] {
        try reading { try EventRows.read(item: item, since: since, limit: limit, in: $0) } ?? []
    }

    /// The runs of one item, newest first.
    public func runs(item: ItemID, limit: Int) throws -> [Run] {
        try reading { try RunRows.read(item: item, limit: limit, in: $0) } ?? []
    }

    /// The runs of a kind, newest first; with a profile or a source, only theirs.
    public func runs(kind: Kind, profile: String? = nil, source: SourceID? = nil, limit: Int) throws -> [Run] {
        try reading { try RunRows.read(kind: kind, profile: profile, source: source, limit: limit, in: $0) } ?? []
    }

    /// Keeps last known values in one transaction; what is not named stays as it was.
    public func keep(items upserted: [Item], gone: [ItemID], sources: [Source]) {
        let rows = LastValueRows(items: upserted, gone: gone, sources: sources)
        let now = time.now()
        recording { try rows.write(at: now, in: $0) }
    }

    /// The last known values with the newest events, dated with the last `keep`; nil before the first one.
    public func lastSnapshot() throws -> Snapshot? {
        try reading { db in
            guard var snapshot = try LastValueRows.read(in: db) else { return nil }
            snapshot.events = try EventRows.read(item: nil, since: nil, limit: Snapshot.eventLimit, in: db)
            return snapshot
        } ?? nil
    }

    /// Drops what is older than the retention, and events beyond the most that are kept.
    public func prune() {
        let oldest = time.now().addingTimeInterval(-retention)
        recording { db in
            try RunRows.drop(before: oldest, in: db)
            try EventRows.drop(before: oldest, in: db)
            try EventRows.trim(to: Self.mostEvents, in: db)
        }
    }

    /// Writes in one transaction. What goes wrong becomes the notice and ends with the next write that works.
    private func recording(_ write: (Database) throws -> Void) {
        do {
            try mending { try queue.write(write) }
            // What was in memory from the start is still not on disk.
            if queue.path == path { problem = nil }
        } catch {
            problem = HistoryFile.sentence(error, doing: "written", path: path)
        }
    }

    private func reading<Value>(_ read: (Database) throws -> Value) throws -> Value? {
        do {
            return try mending { try queue.read(read) }
        } catch let error as DatabaseError {
            throw HistoryError(HistoryFile.sentence(error, doing: "read", path: path))
        }
    }

    /// Runs `body`, and once more on a new database if the old one turns out to be damaged.
    private func mending<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError where HistoryFile.isDamage(error) && queue.path == path {
            // Its files cannot be replaced while it holds them open.
            try? queue.close()
            (queue, damage) = try HistoryFile.startAnew(path, at: time.now(), mostBytes: mostBytes)
            return try body()
        }
    }
}

/// The history cannot be used; the text is for people: what failed, and what to do.
public struct HistoryError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
