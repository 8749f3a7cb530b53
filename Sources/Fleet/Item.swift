#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One thing being brought up.
public struct Item: Codable, Sendable, Equatable, Identifiable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case waiting, running, done, failed
        /// Locked or paused.
        case held
        case unknown
    }

    public var id: ItemID
    public var kind: Kind
    public var name: String
    public var source: SourceID
    public var state: State
    /// The system's own word for its state; this is what the screen shows.
    public var word: String
    /// When the present run began.
    public var startedAt: Date?
    public var endedAt: Date?
    /// The longest a whole run may take, in seconds.
    public var limit: Double?
    public var progress: Progress?
    public var phases: [Phase]
    public var estimate: Estimate?
    public var evidence: Evidence
    /// What the system's rules say of a failure or a danger; nil when all is well.
    public var diagnosis: Diagnosis?
    /// What to do in its present phase, should it turn out to need a person; commands are given whole.
    public var advice: [String]
    /// What runs of this item may be compared with: template, profile or region.
    public var profile: String?
    public var detail: Detail

    public init(
        id: ItemID, kind: Kind, name: String, source: SourceID, state: State, word: String, startedAt: Date? = nil,
        endedAt: Date? = nil, limit: Double? = nil, progress: Progress? = nil, phases: [Phase] = [],
        estimate: Estimate? = nil, evidence: Evidence, diagnosis: Diagnosis? = nil, advice: [String] = [],
        profile: String? = nil, detail: Detail = .none
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.source = source
        self.state = state
        self.word = word
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.limit = limit
        self.progress = progress
        self.phases = phases
        self.estimate = estimate
        self.evidence = evidence
        self.diagnosis = diagnosis
        self.advice = advice
        self.profile = profile
        self.detail = detail
    }

    enum CodingKeys: String, CodingKey {
        case id, kind, name, source, state, word, startedAt, endedAt, limit, progress, phases, estimate, evidence
        case diagnosis, advice, profile, detail
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        kind = try box.decode(Kind.self, forKey: .kind)
        id = try box.decode(ItemID.self, forKey: .id)
        name = try box.decode(String.self, forKey: .name)
        source = try box.decode(SourceID.self, forKey: .source)
        state = try box.decode(State.self, forKey: .state)
        word = try box.decode(String.self, forKey: .word)
        startedAt = try box.decodeIfPresent(Date.self, forKey: .startedAt)
        endedAt = try box.decodeIfPresent(Date.self, forKey: .endedAt)
        limit = try box.decodeIfPresent(Double.self, forKey: .limit)
        progress = try box.decodeIfPresent(Progress.self, forKey: .progress)
        phases = try box.decodeIfPresent([Phase].self, forKey: .phases) ?? []
        estimate = try box.decodeIfPresent(Estimate.self, forKey: .estimate)
        evidence = try box.decode(Evidence.self, forKey: .evidence)
        diagnosis = try box.decodeIfPresent(Diagnosis.self, forKey: .diagnosis)
        advice = try box.decodeIfPresent([String].self, forKey: .advice) ?? []
        profile = try box.decodeIfPresent(String.self, forKey: .profile)
        detail = try Detail(kind: kind, in: box, forKey: .detail)
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(id, forKey: .id)
        try box.encode(kind, forKey: .kind)
        try box.encode(name, forKey: .name)
        try box.encode(source, forKey: .source)
        try box.encode(state, forKey: .state)
        try box.encode(word, forKey: .word)
        try box.encodeIfPresent(startedAt, forKey: .startedAt)
        try box.encodeIfPresent(endedAt, forKey: .endedAt)
        try box.encodeIfPresent(limit, forKey: .limit)
        try box.encodeIfPresent(progress, forKey: .progress)
        try box.encode(phases, forKey: .phases)
        try box.encodeIfPresent(estimate, forKey: .estimate)
        try box.encode(evidence, forKey: .evidence)
        try box.encodeIfPresent(diagnosis, forKey: .diagnosis)
        if !advice.isEmpty { try box.encode(advice, forKey: .advice) }
        try box.encodeIfPresent(profile, forKey: .profile)
        try detail.encode(in: &box, forKey: .detail)
    }

    /// The step that runs now.
    public var currentPhase: Phase? { phases.last { $0.state == .running } }

    /// Seconds of the present run: until its end, or until `now`.
    public func elapsed(at now: Date) -> Double? {
        guard let startedAt else { return nil }
        return max(0, (endedAt ?? now).timeIntervalSince(startedAt))
    }

    /// Whether nothing further is expected of this run.
    public var isEnded: Bool { state == .done || state == .failed || endedAt != nil }

    /// Whether nothing differs but what the passing of time moves: percent and estimate.
    public func differsInTimeOnly(from other: Item) -> Bool {
        var same = self
        same.progress = other.progress
        same.estimate = other.estimate
        return same == other
    }

    /// This item as it may follow `earlier`: percent never falls within one run. A new run (another start) begins at its own percent.
    public func following(_ earlier: Item) -> Item {
        guard startedAt == earlier.startedAt, var now = progress, let before = earlier.progress,
            now.percent < before.percent, now.unit == before.unit
        else { return self }
        now.percent = before.percent
        var next = self
        next.progress = now
        return next
    }
}
