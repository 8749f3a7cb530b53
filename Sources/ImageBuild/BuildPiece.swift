#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How far a log was read.
public struct BuildPlace: Sendable, Equatable {
    /// Bytes from the beginning of the file.
    public var offset: Int
    /// Which file it was, so that another one under the same name is noticed: an inode number here. Nil where that is not known.
    public var file: UInt64?

    public init(offset: Int, file: UInt64? = nil) {
        self.offset = offset
        self.file = file
    }

    /// Nothing was read.
    public static let start = BuildPlace(offset: 0)
}

/// What following a log gives.
public enum BuildPiece: Sendable, Equatable {
    /// The most bytes of one piece.
    public static let largest = 256 << 10

    /// The next bytes of the log.
    ///
    /// - Parameters:
    ///   - place: where they end.
    ///   - written: when they were written, as well as that is known: now for what has just been added, the last change of the file for
    ///     what was there already. Where the log has the driver's markers, those are believed for what is past.
    ///   - isPast: whether they were there when following began, or came in a heap after a pause.
    case bytes([UInt8], place: BuildPlace, written: Date, isPast: Bool)
    /// The log begins anew.
    case restarted(BuildRestart)
    /// What was there when following began has been given whole. A place that cannot tell leaves it out; the build is then shown while it
    /// is still being read.
    case caughtUp
    /// The log is not there, or no longer; one sentence. It is waited for.
    case missing(String)
}

/// Why a log begins anew. What was read before stays true, but lines may be missing in between.
public enum BuildRestart: String, Sendable, Equatable {
    /// It has become shorter.
    case truncated
    /// Another file stands under its name; the old one was read to its end.
    case rotated
    /// It was deleted, and is there again.
    case returned

    /// For people.
    public var sentence: String {
        switch self {
        case .truncated: "The log was cut short; lines may be missing."
        case .rotated: "The log was rotated."
        case .returned: "The log was deleted and is there again; lines may be missing."
        }
    }
}
