import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables of the history. Instants are whole milliseconds since 1970, durations are seconds.
enum HistorySchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs, phases, events, last values") { db in
            try db.execute(
                sql: """
                    CREATE TABLE runs (
                        item TEXT NOT NULL, startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL, kind TEXT NOT NULL,
                        name TEXT NOT NULL, source TEXT NOT NULL, profile TEXT, outcome TEXT NOT NULL, word TEXT NOT NULL,
                        cause TEXT, PRIMARY KEY (item, startedAt)) WITHOUT ROWID;
                    CREATE INDEX runsByKind ON runs (kind, endedAt);
                    CREATE INDEX runsByEnd ON runs (endedAt);
                    CREATE TABLE phases (
                        item TEXT NOT NULL, startedAt INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL,
                        seconds REAL NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (item, startedAt, place)) WITHOUT ROWID;
                    CREATE TABLE events (
                        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, item TEXT,
                        name TEXT NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL);
                    CREATE INDEX eventsByTime ON events (at);
                    CREATE INDEX eventsByItem ON events (item, at);
                    CREATE TABLE lastItems (id TEXT PRIMARY KEY, item BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE lastSources (id TEXT PRIMARY KEY, source BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE lastKept (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL);
                    """)
        }
        migrator.registerMigration("2 parts of runs") { db in
            try db.execute(
                sql: """
                    CREATE TABLE parts (
                        item TEXT NOT NULL, startedAt INTEGER NOT NULL, name TEXT NOT NULL, seconds REAL NOT NULL,
                        count INTEGER NOT NULL, PRIMARY KEY (item, startedAt, name)) WITHOUT ROWID;
                    """)
        }
        return migrator
    }
}

extension Date {
    /// As the tables hold it.
    var milliseconds: Int64 {
        // Far from overflow, for any date that a parser lets through.
        Int64((min(max(timeIntervalSince1970, -1e11), 1e12) * 1000).rounded())
    }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
