#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When and from where an item last gave a sign of life. Its age is not the time elapsed, and not the age of our last poll.
public struct Evidence: Codable, Sendable, Equatable {
    public var at: Date
    /// Who says so, for people: `status API lab-orch`.
    public var from: String
    /// How many seconds without a sign are normal in the present phase; beyond it a running item is silent. Nil: silence means nothing.
    public var patience: Double?

    public init(at: Date, from: String, patience: Double? = nil) {
        self.at = at
        self.from = from
        self.patience = patience
    }
}

/// What the rules of a system make of its signs: the cause, what speaks for it, and what to do.
public struct Diagnosis: Codable, Sendable, Equatable {
    /// One sentence.
    public var cause: String
    public var signs: [String]
    /// Next steps, most useful first; commands are given whole so that they can be copied.
    public var next: [String]

    public init(cause: String, signs: [String] = [], next: [String] = []) {
        self.cause = cause
        self.signs = signs
        self.next = next
    }
}
