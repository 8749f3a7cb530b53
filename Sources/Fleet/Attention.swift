#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why an item needs a person.
public struct Attention: Codable, Sendable, Equatable {
    public enum Reason: String, Codable, Sendable, Comparable {
        case failed, overdue, silent
        /// Still running, but slower than usual, or its system sees a danger.
        case atRisk

        /// For people.
        public var word: String { self == .atRisk ? "at risk" : rawValue }

        private var rank: Int {
            switch self {
            case .failed: 0
            case .overdue: 1
            case .silent: 2
            case .atRisk: 3
            }
        }

        public static func < (left: Reason, right: Reason) -> Bool { left.rank < right.rank }
    }

    public var reason: Reason
    /// What was exceeded, in seconds, if it is overdue.
    public var limit: Double?
    /// One sentence.
    public var cause: String
    public var signs: [String]
    public var next: [String]

    public init(
        reason: Reason, limit: Double? = nil, cause: String, signs: [String] = [], next: [String] = []
    ) {
        self.reason = reason
        self.limit = limit
        self.cause = cause
        self.signs = signs
        self.next = next
    }
}

extension Item {
    /// Why this item needs a person at `now`, or nil. Pure: the same item, source and instant give the same answer.
    ///
    /// - Parameter source: the item's source. While it does not answer, silence of the item means nothing.
    public func attention(at now: Date, source: Source?) -> Attention? {
        if state == .failed { return failedAttention(at: now) }
        // What rests may be in danger all the same, if its rules say so: a lock that nobody holds, a free cluster whose machine is down.
        if state == .held || state == .done { return diagnosis.map(riskAttention) }
        guard state == .running, endedAt == nil else { return nil }
        return overdueAttention(at: now) ?? silentAttention(at: now, source: source) ?? riskAttention(at: now)
    }

    /// What its place in every list is: failed, overdue, silent, at risk, running, held, unknown, waiting, done.
    public func urgency(at now: Date, source: Source?) -> Urgency {
        Urgency(reason: attention(at: now, source: source)?.reason, state: state)
    }

    private func failedAttention(at now: Date) -> Attention {
        Attention(
            reason: .failed, cause: diagnosis?.cause ?? "It says \(word) and gives no cause.",
            signs: diagnosis?.signs ?? [], next: diagnosis?.next ?? advice)
    }

    private func overdueAttention(at now: Date) -> Attention? {
        // Not only the newest: a word that is said in the middle of a phase does not stop that phase's clock.
        for phase in phases where phase.state == .running {
            guard let limit = phase.limit, let taken = phase.elapsed(at: now), taken > limit else { continue }
            return overdue("\(phase.name) has taken longer than its limit of \(DurationText.short(limit)).", limit)
        }
        if let limit, let taken = elapsed(at: now), taken > limit {
            return overdue("The whole run has taken longer than its limit of \(DurationText.short(limit)).", limit)
        }
        return nil
    }

    private func overdue(_ cause: String, _ limit: Double) -> Attention {
        Attention(
            reason: .overdue, limit: limit, cause: cause, signs: diagnosis?.signs ?? [], next: diagnosis?.next ?? advice
        )
    }

    private func silentAttention(at now: Date, source: Source?) -> Attention? {
        guard let patience = evidence.patience, source.map({ $0.state(at: now) == .live }) ?? true,
            now.timeIntervalSince(evidence.at) > patience
        else { return nil }
        return Attention(
            reason: .silent,
            cause: "Nothing was heard of it for more than \(DurationText.short(patience)).",
            signs: ["last sign from \(evidence.from)"] + (diagnosis?.signs ?? []), next: diagnosis?.next ?? advice)
    }

    /// One phase in ten takes longer than its 90th percentile: that is slow, and its row says so, but it needs nobody yet.
    /// It does at half as much again, and when at least a minute is lost.
    private static let riskFactor = 1.5
    private static let riskLeast: Double = 60

    private func riskAttention(at now: Date) -> Attention? {
        if let diagnosis { return riskAttention(diagnosis) }
        guard let phase = currentPhase, let usual = phase.usual, let high = phase.usualHigh,
            let count = phase.usualCount, count >= 3, let taken = phase.elapsed(at: now),
            taken > Self.riskFactor * high, taken > high + Self.riskLeast
        else { return nil }
        return Attention(
            reason: .atRisk, cause: "\(phase.name) is slow: usual \(DurationText.band(usual, high)), n=\(count).",
            next: advice)
    }

    private func riskAttention(_ diagnosis: Diagnosis) -> Attention {
        Attention(
            reason: .atRisk, cause: diagnosis.cause, signs: diagnosis.signs,
            next: diagnosis.next.isEmpty ? advice : diagnosis.next)
    }
}

/// The order of every list, most urgent first.
public enum Urgency: Int, Comparable, Sendable, CaseIterable {
    case failed, overdue, silent, atRisk, running, held, unknown, waiting, done

    public init(reason: Attention.Reason?, state: Item.State) {
        switch (reason, state) {
        case (.failed, _): self = .failed
        case (.overdue, _): self = .overdue
        case (.silent, _): self = .silent
        case (.atRisk, _): self = .atRisk
        case (nil, .running): self = .running
        case (nil, .held): self = .held
        case (nil, .waiting): self = .waiting
        case (nil, .done): self = .done
        case (nil, .failed): self = .failed
        case (nil, .unknown): self = .unknown
        }
    }

    /// For people: the first of the three carriers of a status, before mark and colour.
    public var word: String { self == .atRisk ? Attention.Reason.atRisk.word : "\(self)" }

    /// One column wide, the same everywhere.
    public var mark: String {
        switch self {
        case .failed, .overdue: "!"
        case .silent, .unknown: "?"
        case .atRisk, .running: ">"
        case .held: "="
        case .waiting: "."
        case .done: "+"
        }
    }

    /// Whether a person is needed.
    public var needsYou: Bool { self <= .atRisk }

    public static func < (left: Urgency, right: Urgency) -> Bool { left.rawValue < right.rawValue }
}
