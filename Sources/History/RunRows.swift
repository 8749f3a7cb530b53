import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables `runs`, `phases` and `parts`.
enum RunRows {
    private struct Key: Hashable {
        var item: String
        var startedAt: Int64

        init(_ row: Row) {
            item = row["item"]
            startedAt = row["startedAt"]
        }
    }

    static func write(_ run: Run, in db: Database) throws {
        let start = run.startedAt.milliseconds
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO runs
                (item, startedAt, endedAt, kind, name, source, profile, outcome, word, cause) VALUES (?,?,?,?,?,?,?,?,?,?)
                """
        ).execute(arguments: [
            run.item.text, start, run.endedAt.milliseconds, run.kind.rawValue, run.name, run.source.text, run.profile,
            run.outcome.rawValue, run.word, run.cause,
        ])
        try db.cachedStatement(sql: "DELETE FROM phases WHERE item = ? AND startedAt = ?")
            .execute(arguments: [run.item.text, start])
        let insert = try db.cachedStatement(
            sql: "INSERT INTO phases (item, startedAt, place, name, seconds, outcome) VALUES (?,?,?,?,?,?)")
        for (place, phase) in run.phases.enumerated() {
            try insert.execute(arguments: [
                run.item.text, start, place, phase.name, phase.seconds, phase.outcome.rawValue,
            ])
        }
        try db.cachedStatement(sql: "DELETE FROM parts WHERE item = ? AND startedAt = ?")
            .execute(arguments: [run.item.text, start])
        for part in run.parts {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO parts (item, startedAt, name, seconds, count) VALUES (?,?,?,?,?)"
            ).execute(arguments: [run.item.text, start, part.name, part.seconds, part.count])
        }
    }

    static func read(item: ItemID, limit: Int, in db: Database) throws -> [Run] {
        try read("item = ? ORDER BY startedAt DESC", arguments: [item.text], limit: limit, in: db)
    }

    static func read(
        kind: Kind, profile: String?, source: SourceID?, limit: Int, in db: Database
    ) throws -> [Run] {
        var condition = "kind = ?"
        var arguments: StatementArguments = [kind.rawValue]
        if let profile {
            condition += " AND profile = ?"
            arguments += [profile]
        }
        if let source {
            condition += " AND source = ?"
            arguments += [source.text]
        }
        return try read("\(condition) ORDER BY endedAt DESC", arguments: arguments, limit: limit, in: db)
    }

    static func drop(before oldest: Date, in db: Database) throws {
        let arguments: StatementArguments = [oldest.milliseconds]
        for table in ["phases", "parts"] {
            try db.execute(
                sql: """
                    DELETE FROM \(table) WHERE (item, startedAt) IN (SELECT item, startedAt FROM runs WHERE endedAt < ?)
                    """, arguments: arguments)
        }
        try db.execute(sql: "DELETE FROM runs WHERE endedAt < ?", arguments: arguments)
    }

    /// - Parameter condition: with the order that makes the limit keep the newest.
    private static func read(
        _ condition: String, arguments: StatementArguments, limit: Int, in db: Database
    ) throws -> [Run] {
        let chosen = "SELECT * FROM runs WHERE \(condition) LIMIT ?"
        let arguments = arguments + [max(0, limit)]
        var phases: [Key: [PhaseDuration]] = [:]
        let phaseRows = try Row.fetchCursor(
            db,
            sql: """
                SELECT phases.* FROM (\(chosen)) AS chosen JOIN phases USING (item, startedAt)
                ORDER BY phases.item, phases.startedAt, phases.place
                """, arguments: arguments)
        while let row = try phaseRows.next() {
            guard let outcome = Run.Outcome(rawValue: row["outcome"]) else { continue }
            phases[Key(row), default: []].append(
                PhaseDuration(name: row["name"], seconds: row["seconds"], outcome: outcome))
        }
        var parts: [Key: [RunPart]] = [:]
        let partRows = try Row.fetchCursor(
            db,
            sql: """
                SELECT parts.* FROM (\(chosen)) AS chosen JOIN parts USING (item, startedAt)
                ORDER BY parts.item, parts.startedAt, parts.name
                """, arguments: arguments)
        while let row = try partRows.next() {
            parts[Key(row), default: []].append(
                RunPart(name: row["name"], seconds: row["seconds"], count: row["count"]))
        }
        return try Row.fetchAll(db, sql: chosen, arguments: arguments).compactMap { row in
            guard let kind = Kind(rawValue: row["kind"]), let outcome = Run.Outcome(rawValue: row["outcome"]) else {
                return nil
            }
            return Run(
                item: ItemID(text: row["item"]), kind: kind, name: row["name"], source: SourceID(row["source"]),
                profile: row["profile"], startedAt: Date(milliseconds: row["startedAt"]),
                endedAt: Date(milliseconds: row["endedAt"]), outcome: outcome, word: row["word"], cause: row["cause"],
                phases: phases[Key(row)] ?? [], parts: parts[Key(row)] ?? [])
        }
    }
}
