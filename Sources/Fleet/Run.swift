#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One ended deployment, creation or build, with how long each of its phases took.
public struct Run: Codable, Sendable, Equatable {
    public enum Outcome: String, Codable, Sendable { case done, failed }

    public var item: ItemID
    public var kind: Kind
    public var name: String
    public var source: SourceID
    /// What the run may be compared with: template, profile or region.
    public var profile: String?
    public var startedAt: Date
    public var endedAt: Date
    public var outcome: Outcome
    /// The system's own word for how it ended.
    public var word: String
    /// Why it failed, in one sentence.
    public var cause: String?
    /// In the order of the track. Phases that were skipped or never ended are not among them.
    public var phases: [PhaseDuration]
    /// What was built beside the phases, in groups; not in any order of time.
    public var parts: [RunPart]

    public init(
        item: ItemID, kind: Kind, name: String, source: SourceID, profile: String? = nil, startedAt: Date,
        endedAt: Date, outcome: Outcome, word: String, cause: String? = nil, phases: [PhaseDuration] = [],
        parts: [RunPart] = []
    ) {
        self.item = item
        self.kind = kind
        self.name = name
        self.source = source
        self.profile = profile
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.word = word
        self.cause = cause
        self.phases = phases
        self.parts = parts
    }

    /// The run that `item` shows, or nil while it has not ended as done or failed with both its times known.
    public init?(item: Item) {
        guard let startedAt = item.startedAt, let endedAt = item.endedAt else { return nil }
        let outcome: Outcome
        switch item.state {
        case .done: outcome = .done
        case .failed: outcome = .failed
        case .waiting, .running, .held, .unknown: return nil
        }
        self.init(
            item: item.id, kind: item.kind, name: item.name, source: item.source, profile: item.profile,
            startedAt: startedAt, endedAt: endedAt, outcome: outcome, word: item.word,
            cause: outcome == .failed ? item.diagnosis?.cause : nil,
            phases: item.phases.compactMap { PhaseDuration(phase: $0) }, parts: RunPart.all(of: item.detail))
    }

    /// Seconds from start to end; 0 when a clock was set back in between.
    public var seconds: Double { max(0, endedAt.timeIntervalSince(startedAt)) }
}

/// How long one phase of an ended run took.
public struct PhaseDuration: Codable, Sendable, Equatable {
    /// The phase's name in the system's own words.
    public var name: String
    public var seconds: Double
    public var outcome: Run.Outcome

    public init(name: String, seconds: Double, outcome: Run.Outcome) {
        self.name = name
        self.seconds = seconds
        self.outcome = outcome
    }

    /// Nil for a phase that did not end, or whose times are not known.
    init?(phase: Phase) {
        guard let startedAt = phase.startedAt, let endedAt = phase.endedAt else { return nil }
        switch phase.state {
        case .done: outcome = .done
        case .failed: outcome = .failed
        case .waiting, .running, .skipped: return nil
        }
        name = phase.name
        seconds = max(0, endedAt.timeIntervalSince(startedAt))
    }
}

/// A group of things that one run built, side by side with other groups: how long the whole group took, and how many it was.
public struct RunPart: Codable, Sendable, Equatable {
    public var name: String
    public var seconds: Double
    public var count: Int

    public init(name: String, seconds: Double, count: Int) {
        self.name = name
        self.seconds = seconds
        self.count = count
    }

    /// The groups that are complete.
    static func all(of detail: Detail) -> [RunPart] {
        if case .image(let image) = detail { return image.parts ?? [] }
        guard case .cluster(let cluster) = detail, cluster.operation == .create else { return [] }
        return cluster.groups.compactMap { group in
            guard group.state == .done, let start = group.startedAt, let end = group.endedAt else { return nil }
            return RunPart(name: group.name, seconds: max(0, end.timeIntervalSince(start)), count: group.total)
        }
    }
}
