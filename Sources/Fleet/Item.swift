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

    /// What an item holds lies behind a reference that its copies share: collector, subscriptions, screen and journal hold the same
    /// thousands of items, and half a kilobyte of its own in each of them would be most of what the program needs.
    /// A box never changes; an item that is changed gets another one, so that it stays a value.
    private final class Box: Sendable {
        let fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private var box: Box

    private var fields: Fields {
        get { box.fields }
        set { box = Box(newValue) }
    }

    private struct Fields: Sendable, Equatable {
        var id: ItemID
        var kind: Kind
        var name: String
        var source: SourceID
        var state: State
        var word: String
        var startedAt: Date?
        var endedAt: Date?
        var limit: Double?
        var progress: Progress?
        var phases: [Phase]
        var estimate: Estimate?
        var evidence: Evidence
        var diagnosis: Diagnosis?
        var advice: [String]
        var profile: String?
        var detail: Detail
    }

    public var id: ItemID {
        get { fields.id }
        set { fields.id = newValue }
    }
    public var kind: Kind {
        get { fields.kind }
        set { fields.kind = newValue }
    }
    public var name: String {
        get { fields.name }
        set { fields.name = newValue }
    }
    public var source: SourceID {
        get { fields.source }
        set { fields.source = newValue }
    }
    public var state: State {
        get { fields.state }
        set { fields.state = newValue }
    }
    /// The system's own word for its state; this is what the screen shows.
    public var word: String {
        get { fields.word }
        set { fields.word = newValue }
    }
    /// When the present run began.
    public var startedAt: Date? {
        get { fields.startedAt }
        set { fields.startedAt = newValue }
    }
    public var endedAt: Date? {
        get { fields.endedAt }
        set { fields.endedAt = newValue }
    }
    /// The longest a whole run may take, in seconds.
    public var limit: Double? {
        get { fields.limit }
        set { fields.limit = newValue }
    }
    public var progress: Progress? {
        get { fields.progress }
        set { fields.progress = newValue }
    }
    public var phases: [Phase] {
        get { fields.phases }
        set { fields.phases = newValue }
    }
    public var estimate: Estimate? {
        get { fields.estimate }
        set { fields.estimate = newValue }
    }
    public var evidence: Evidence {
        get { fields.evidence }
        set { fields.evidence = newValue }
    }
    /// What the system's rules say of a failure or a danger; nil when all is well.
    public var diagnosis: Diagnosis? {
        get { fields.diagnosis }
        set { fields.diagnosis = newValue }
    }
    /// What to do in its present phase, should it turn out to need a person; commands are given whole.
    public var advice: [String] {
        get { fields.advice }
        set { fields.advice = newValue }
    }
    /// What runs of this item may be compared with: template, profile or region.
    public var profile: String? {
        get { fields.profile }
        set { fields.profile = newValue }
    }
    public var detail: Detail {
        get { fields.detail }
        set { fields.detail = newValue }
    }

    public init(
        id: ItemID, kind: Kind, name: String, source: SourceID, state: State, word: String, startedAt: Date? = nil,
        endedAt: Date? = nil, limit: Double? = nil, progress: Progress? = nil, phases: [Phase] = [],
        estimate: Estimate? = nil, evidence: Evidence, diagnosis: Diagnosis? = nil, advice: [String] = [],
        profile: String? = nil, detail: Detail = .none
    ) {
        box = Box(
            Fields(
                id: id, kind: kind, name: name, source: source, state: state, word: word, startedAt: startedAt,
                endedAt: endedAt, limit: limit, progress: progress, phases: phases, estimate: estimate,
                evidence: evidence, diagnosis: diagnosis, advice: advice, profile: profile, detail: detail))
    }

    public static func == (left: Item, right: Item) -> Bool {
        left.box === right.box || left.fields == right.fields
    }

    enum CodingKeys: String, CodingKey {
        case id, kind, name, source, state, word, startedAt, endedAt, limit, progress, phases, estimate, evidence
        case diagnosis, advice, profile, detail
    }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try box.decode(Kind.self, forKey: .kind)
        self.init(
            id: try box.decode(ItemID.self, forKey: .id), kind: kind, name: try box.decode(String.self, forKey: .name),
            source: try box.decode(SourceID.self, forKey: .source), state: try box.decode(State.self, forKey: .state),
            word: try box.decode(String.self, forKey: .word),
            startedAt: try box.decodeIfPresent(Date.self, forKey: .startedAt),
            endedAt: try box.decodeIfPresent(Date.self, forKey: .endedAt),
            limit: try box.decodeIfPresent(Double.self, forKey: .limit),
            progress: try box.decodeIfPresent(Progress.self, forKey: .progress),
            phases: try box.decodeIfPresent([Phase].self, forKey: .phases) ?? [],
            estimate: try box.decodeIfPresent(Estimate.self, forKey: .estimate),
            evidence: try box.decode(Evidence.self, forKey: .evidence),
            diagnosis: try box.decodeIfPresent(Diagnosis.self, forKey: .diagnosis),
            advice: try box.decodeIfPresent([String].self, forKey: .advice) ?? [],
            profile: try box.decodeIfPresent(String.self, forKey: .profile),
            detail: try Detail(kind: kind, in: box, forKey: .detail))
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
        var same = fields
        same.progress = other.progress
        same.estimate = other.estimate
        return same == other.fields
    }

    /// Whether nothing differs but what can be worked out again: percent, estimate, and what is usual for its phases.
    public func differsInWorkingOnly(from other: Item) -> Bool {
        guard phases.count == other.phases.count else { return false }
        var same = self
        same.phases = zip(phases, other.phases).map { phase, other in
            var phase = phase
            phase.usual = other.usual
            phase.usualHigh = other.usualHigh
            phase.usualCount = other.usualCount
            return phase
        }
        return same.differsInTimeOnly(from: other)
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
