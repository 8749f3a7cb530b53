import Fleet
import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens the history's database file, and moves a damaged one aside.
enum HistoryFile {
    /// Fast on a good file: damage is not looked for, it is noticed when SQLite meets it.
    static func open(_ path: String, mostBytes: Int) throws -> DatabaseQueue {
        let isFile = path != ":memory:"
        if isFile {
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        var configuration = Configuration()
        // Another Slipway on the same history writes for moments only.
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { db in
            if isFile { try db.execute(sql: "PRAGMA journal_mode = WAL") }
            // In WAL mode a power cut may then lose the last writes, but never damages the file.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            // In KiB. What is read again is little, and the system keeps the file in memory anyhow.
            try db.execute(sql: "PRAGMA cache_size = -512")
            let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
            try db.execute(sql: "PRAGMA max_page_count = \(mostBytes / max(512, pageSize))")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let migrator = HistorySchema.migrator
        if try queue.read(migrator.hasBeenSuperseded) {
            throw HistoryError(
                "The history \(path) was written by a newer Slipway. Use that version, or move the file away to start a new one."
            )
        }
        // A file that may only be read is read all the same, as long as its schema is ours.
        if try queue.read(migrator.hasCompletedMigrations) == false { try migrator.migrate(queue) }
        return queue
    }

    /// Whether SQLite says that the file's contents are broken, or no database at all.
    static func isDamage(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }

    /// Moves the damaged database aside and opens a new one in its place.
    ///
    /// - Returns: the new database, and a sentence that tells of it.
    static func startAnew(_ path: String, at now: Date, mostBytes: Int) throws -> (DatabaseQueue, String) {
        let stamp = WireTime.text(now).filter { $0 != ":" }
        let aside = "\(path).damaged-\(stamp)"
        do {
            for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
                try? FileManager.default.removeItem(atPath: aside + suffix)
                try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
            }
            return (
                try open(path, mostBytes: mostBytes),
                "The history was damaged and starts anew. The damaged file was kept as \(aside)."
            )
        } catch {
            return (
                try open(":memory:", mostBytes: mostBytes),
                "The history \(path) is damaged and cannot be moved aside, so nothing is kept after this session. Move it away."
            )
        }
    }

    /// What failed and what to do.
    static func sentence(_ error: any Error, doing: String, path: String) -> String {
        let what = "The history \(path) cannot be \(doing): "
        guard let error = error as? DatabaseError else {
            return what + "its folder cannot be made. Check the folder's permissions."
        }
        switch error.resultCode {
        case .SQLITE_FULL: return what + "there is no room left. Free some space; recording then goes on by itself."
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return what + "it is read-only. Check the permissions of the file and its folder."
        case .SQLITE_CANTOPEN:
            return what + "the file cannot be opened. Check that its folder exists and may be written to."
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return what + "another program holds it. Close that program; recording then goes on by itself."
        case .SQLITE_IOERR: return what + "the disk reports an error. Check the disk."
        default:
            return what
                + "\(error.message ?? "SQLite error \(error.resultCode.rawValue)"). Check the file and its folder."
        }
    }
}
