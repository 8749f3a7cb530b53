import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tables `lastItems`, `lastSources` and `lastKept`: what was known last, each value in the public JSON form.
struct LastValueRows {
    private let items: [(id: String, json: Data)]
    private let gone: [String]
    private let sources: [(id: String, json: Data)]

    init(items: [Item], gone: [ItemID], sources: [Source]) throws {
        let encoder = StoredCoder.encoder()
        self.items = try items.map { ($0.id.text, try encoder.encode($0)) }
        self.gone = gone.map(\.text)
        self.sources = try sources.map { ($0.id.text, try encoder.encode($0)) }
    }

    func write(at now: Date, in db: Database) throws {
        let item = try db.cachedStatement(sql: "INSERT OR REPLACE INTO lastItems (id, item) VALUES (?, ?)")
        for row in items { try item.execute(arguments: [row.id, row.json]) }
        let drop = try db.cachedStatement(sql: "DELETE FROM lastItems WHERE id = ?")
        for id in gone { try drop.execute(arguments: [id]) }
        let source = try db.cachedStatement(sql: "INSERT OR REPLACE INTO lastSources (id, source) VALUES (?, ?)")
        for row in sources { try source.execute(arguments: [row.id, row.json]) }
        try db.execute(
            sql: "INSERT OR REPLACE INTO lastKept (one, at) VALUES (1, ?)", arguments: [now.milliseconds])
    }

    /// Values that this version cannot read are left out; their system will tell them anew.
    static func read(in db: Database) throws -> Snapshot? {
        guard let at = try Int64.fetchOne(db, sql: "SELECT at FROM lastKept") else { return nil }
        let decoder = StoredCoder.decoder()
        let items = try Data.fetchAll(db, sql: "SELECT item FROM lastItems")
        let sources = try Data.fetchAll(db, sql: "SELECT source FROM lastSources")
        return Snapshot(
            at: Date(milliseconds: at), items: items.compactMap { try? decoder.decode(Item.self, from: $0) },
            sources: sources.compactMap { try? decoder.decode(Source.self, from: $0) })
    }
}
