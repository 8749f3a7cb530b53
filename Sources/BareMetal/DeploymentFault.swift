import Fleet
import GRDB

/// Puts what SQLite says into a sentence of what failed and one of what to do.
enum DeploymentFault {
    static func damaged(_ path: String, _ detail: String) -> DeploymentError {
        .unusable(
            "The database \(path) is damaged (\(SafeText.line(detail, limit: 120))). "
                + "It is left as it is: put a backup in its place, or move it away to start with an empty one.")
    }

    static func opening(_ path: String, _ error: DatabaseError) -> DeploymentError {
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: return damaged(path, describe(error))
        case .SQLITE_CANTOPEN:
            return .unusable("The database \(path) cannot be opened. Check that its folder exists and may be written.")
        default:
            return .unusable("The database \(path) cannot be used: \(describe(error)). \(remedy(error))")
        }
    }

    static func writing(_ error: any Error) -> DeploymentError {
        guard let error = error as? DatabaseError else {
            return .unavailable("The report could not be stored. Send it again.")
        }
        return .unavailable("The database cannot be written: \(describe(error)). \(remedy(error))")
    }

    static func reading(_ error: DatabaseError) -> DeploymentError {
        .unavailable("The database cannot be read: \(describe(error)). \(remedy(error))")
    }

    /// SQLite's own words, without the statement and its arguments, which may hold anything that was posted.
    private static func describe(_ error: DatabaseError) -> String {
        SafeText.line(error.message ?? "error \(error.resultCode.rawValue)", limit: 160)
    }

    private static func remedy(_ error: DatabaseError) -> String {
        switch error.resultCode {
        case .SQLITE_FULL: "Make room on the disk, then send it again."
        case .SQLITE_READONLY: "Make its file and folder writable, then send it again."
        case .SQLITE_BUSY, .SQLITE_LOCKED: "Another program holds it; send it again."
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: "Stop the service and put a backup in its place."
        default: "Look at the disk and the file's permissions, then try again."
        }
    }
}
