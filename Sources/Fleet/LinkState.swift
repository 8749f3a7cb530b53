#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How the link to a host stands that collects for this screen.
public enum LinkState: Sendable, Equatable {
    /// It was never there yet.
    case connecting
    /// It is there, and its fleet is being read for the first time.
    ///
    /// - Parameters:
    ///   - items: how many are here.
    ///   - of: how many there are; nil when that is not told.
    case arriving(items: Int, of: Int?)
    /// What happens there is seen here.
    ///
    /// - Parameter roundTrip: seconds to the host and back; nil before it was measured.
    case live(roundTrip: Double?)
    /// It is gone, and is tried again by itself.
    ///
    /// - Parameters:
    ///   - since: when the host was last heard of, or the first try began.
    ///   - nextTry: nil while one is under way.
    ///   - sentence: what failed.
    ///   - advice: what to do about it, in one sentence; may be empty.
    case lost(since: Date, nextTry: Date?, sentence: String, advice: String)
    /// It is back, and everything is as it is there.
    ///
    /// - Parameters:
    ///   - gap: seconds during which nothing was seen.
    ///   - reread: how many items differ, came or went meanwhile.
    case resumed(gap: Double, reread: Int)
}
