import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables `lastItems`, `lastSources` and `lastKept`: what was known last, each value in the public JSON form.
struct LastValueRows {
    let items: [Item]
    let gone: [ItemID]
    let sources: [Source]

    /// Each value is turned into JSON when its row is written: thousands at once would take as much memory again as the fleet itself.
    func write(at now: Date, in db: Database) throws {
        let encoder = StoredCoder.encoder()
        let item = try db.cachedStatement(sql: "INSERT OR REPLACE INTO lastItems (id, item) VALUES (?, ?)")
        for value in items {
            // JSON has no word for a number that is not finite; such a value is left out rather than all others.
            guard let json = try? encoder.encode(value) else { continue }
            try item.execute(arguments: [value.id.text, json])
        }
        let drop = try db.cachedStatement(sql: "DELETE FROM lastItems WHERE id = ?")
        for id in gone { try drop.execute(arguments: [id.text]) }
        let source = try db.cachedStatement(sql: "INSERT OR REPLACE INTO lastSources (id, source) VALUES (?, ?)")
        for value in sources {
            guard let json = try? encoder.encode(value) else { continue }
            try source.execute(arguments: [value.id.text, json])
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO lastKept (one, at) VALUES (1, ?)", arguments: [now.milliseconds])
    }

    /// Values that this version cannot read are left out; their system will tell them anew. They are read one by one, too, and what stays
    /// of them is no more than needed.
    static func read(in db: Database) throws -> Snapshot? {
        guard let at = try Int64.fetchOne(db, sql: "SELECT at FROM lastKept") else { return nil }
        let decoder = StoredCoder.decoder()
        var snapshot = Snapshot(at: Date(milliseconds: at))
        var texts = TextPool()
        let items = try Data.fetchCursor(db, sql: "SELECT item FROM lastItems")
        while let json = try items.next() {
            guard let item = try? decoder.decode(Item.self, from: json) else { continue }
            snapshot.items[item.id] = item.packed(in: &texts)
        }
        let sources = try Data.fetchCursor(db, sql: "SELECT source FROM lastSources")
        while let json = try sources.next() {
            guard let source = try? decoder.decode(Source.self, from: json) else { continue }
            snapshot.sources[source.id] = source
        }
        return snapshot
    }
}
