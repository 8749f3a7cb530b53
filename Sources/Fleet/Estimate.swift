#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What remains of an item's run, never as a bare number: a band, the runs it rests on, and where it comes from.
public struct Estimate: Codable, Sendable, Equatable {
    public enum Basis: String, Codable, Sendable {
        /// Runs recorded here.
        case history
        /// Values that are usual elsewhere, because fewer than three runs were recorded.
        case typical
        /// Nothing is known.
        case none
    }

    /// Seconds that remain: nine runs of ten take longer than `p10`, half of them longer than `p50`, one of ten longer than `p90`.
    public var p10: Double?
    public var p50: Double?
    public var p90: Double?
    /// The number of recorded runs behind the band.
    public var n: Int
    public var basis: Basis
    /// When the band was worked out.
    public var at: Date?

    /// Seconds are taken to the tenth: fifteen digits of each would be a quarter of what is told of an item that runs.
    public init(p10: Double? = nil, p50: Double? = nil, p90: Double? = nil, n: Int, basis: Basis, at: Date? = nil) {
        func tenths(_ seconds: Double?) -> Double? { seconds.map { ($0 * 10).rounded() / 10 } }
        self.p10 = tenths(p10)
        self.p50 = tenths(p50)
        self.p90 = tenths(p90)
        self.n = n
        self.basis = basis
        self.at = at
    }

    /// `9-14m n=14`, `9-14m typical`, `no history`.
    public var text: String {
        guard let p50, let p90, basis != .none else { return "no history" }
        return DurationText.band(p50, p90) + (basis == .history ? " n=\(n)" : " typical")
    }

    /// Whether a person would see another text; used to keep changes that nobody can see off the stream.
    public func reads(as other: Estimate?) -> Bool { text == other?.text }
}
