import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The table `events`.
enum EventRows {
    static func write(_ event: Event, in db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO events (at, kind, source, item, name, level, text) VALUES (?,?,?,?,?,?,?)"
        ).execute(arguments: [
            event.at.milliseconds, event.kind.rawValue, event.source.text, event.item?.text, event.name,
            event.level.rawValue, event.text,
        ])
    }

    /// The newest `limit`, oldest first.
    static func read(item: ItemID?, since: Date?, limit: Int, in db: Database) throws -> [Event] {
        var conditions = ["1"]
        var arguments: StatementArguments = []
        if let item {
            conditions.append("item = ?")
            arguments += [item.text]
        }
        if let since {
            conditions.append("at >= ?")
            arguments += [since.milliseconds]
        }
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT * FROM events WHERE \(conditions.joined(separator: " AND ")) ORDER BY at DESC, id DESC LIMIT ?",
            arguments: arguments + [max(0, limit)])
        return rows.reversed().compactMap { row in
            guard let kind = Kind(rawValue: row["kind"]), let level = Event.Level(rawValue: row["level"]) else {
                return nil
            }
            return Event(
                at: Date(milliseconds: row["at"]), kind: kind, source: SourceID(row["source"]),
                item: (row["item"] as String?).map { ItemID(text: $0) }, name: row["name"], level: level,
                text: row["text"])
        }
    }

    static func drop(before oldest: Date, in db: Database) throws {
        try db.execute(sql: "DELETE FROM events WHERE at < ?", arguments: [oldest.milliseconds])
    }

    /// Drops the oldest beyond `most`. Ids rise by one with every event, so that nothing has to be counted.
    static func trim(to most: Int, in db: Database) throws {
        try db.execute(sql: "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", arguments: [most])
    }
}
