import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds the dozen events that matter among the hundreds that a deployment makes. One value for each deployment; whose an event is, is
/// asked of `EventScope` before. Rules: `Rules/event-patterns.yaml`.
public struct EventFilter: Sendable {
    public enum Verdict: Sendable, Equatable {
        case milestone(DeploymentDetail.Milestone)
        case suppressed(Cause)
        /// The very event was taken before, as after a new list.
        case seen
    }

    public enum Cause: Sendable, Equatable {
        /// Known to say nothing.
        case noise
        /// Not among those that are known to say something.
        case unlisted
        /// Told already, by this event or by another.
        case duplicate
        /// To be expected in a phase as early as this.
        case early
    }

    /// How many events were remembered; the oldest are forgotten first. An event that comes back after that is judged anew.
    static let memory = 256

    /// How many events were kept back, each as often as it happened.
    public private(set) var suppressed = 0
    /// The furthest phase that a milestone has spoken of since the deployment was last ready.
    public private(set) var reached: ProvisioningPhase?
    /// When each reason of an object was last told, by a digest of both: the texts would cost five times as much.
    private var told: [UInt64: Date] = [:]
    /// What is told once and was.
    private var news: Set<String> = []
    /// How often each event had happened when it was last seen, by a digest of its uid.
    private var counts: [UInt64: Int] = [:]
    private var order: [UInt64] = []
    private var oldest = 0

    public init() {}

    /// - Parameters:
    ///   - event: of this deployment; those of a list by their time, oldest first.
    ///   - phase: where the deployment is known to be, for what means nothing before a certain phase.
    ///   - now: stands in for the time of an event that has none.
    public mutating func take(_ event: WireEvent, phase: ProvisioningPhase? = nil, now: Date) -> Verdict {
        let digest = Self.digest(event.metadata.uid.isEmpty ? event.metadata.name : event.metadata.uid)
        let before = counts[digest]
        let times = event.count - (before ?? 0)
        guard times > 0 else { return .seen }
        remember(digest, event.count)
        let verdict = judge(event, isKnown: before != nil, phase: phase, at: event.at ?? now)
        if case .milestone = verdict { suppressed += times - 1 } else { suppressed += times }
        return verdict
    }

    private mutating func judge(
        _ event: WireEvent, isKnown: Bool, phase: ProvisioningPhase?, at: Date
    ) -> Verdict {
        guard let rules = EventPatterns.shared, !rules.isNoise(event) else { return .suppressed(.noise) }
        guard let pattern = rules.pattern(for: event) else { return .suppressed(.unlisted) }
        if let from = pattern.from, let place = [phase, reached].compactMap({ $0?.place }).max(),
            place < from.place ?? 0
        {
            return .suppressed(.early)
        }
        // Good news does not get newer by being repeated; a warning that still comes after its window does.
        if isKnown && pattern.severity == .info { return .suppressed(.duplicate) }
        if let once = pattern.once, !news.insert(once).inserted { return .suppressed(.duplicate) }
        let key = Self.topic(event, pattern)
        // Older than what was told is no news either.
        if let last = told[key], at.timeIntervalSince(last) < pattern.window { return .suppressed(.duplicate) }
        tell(key, at: at)
        advance(to: pattern.phase)
        return .milestone(
            DeploymentDetail.Milestone(
                at: at, phase: pattern.phase.rawValue, text: pattern.text(for: event), reason: event.reason,
                object: event.object.text, severity: pattern.severity))
    }

    /// What the milestone of an event speaks of: events of one topic say the same.
    static func topic(of event: WireEvent) -> UInt64? {
        EventPatterns.shared?.pattern(for: event).map { topic(event, $0) }
    }

    /// Some controllers have one reason for everything: there the words that were looked for are part of the topic.
    private static func topic(_ event: WireEvent, _ pattern: EventPattern) -> UInt64 {
        let shared = pattern.message == nil ? "" : "/\(pattern.id)"
        return digest("\(event.reason)/\(event.object.kind)/\(event.object.name)\(shared)".lowercased())
    }

    /// Forgets single events; what they added up to stays.
    mutating func forget() {
        (told, counts, order, oldest) = ([:], [:], [], 0)
    }

    private mutating func advance(to phase: ProvisioningPhase) {
        guard phase.place != nil else { return }
        if phase == .ready {
            // What comes after is another run, and its news are news.
            news = []
            reached = nil
        } else {
            reached = max(reached ?? phase, phase)
        }
    }

    private mutating func tell(_ key: UInt64, at: Date) {
        told[key] = at
        guard told.count > Self.memory, let first = told.min(by: { $0.value < $1.value }) else { return }
        told[first.key] = nil
    }

    private mutating func remember(_ digest: UInt64, _ count: Int) {
        if counts.updateValue(count, forKey: digest) != nil { return }
        guard order.count == Self.memory else { return order.append(digest) }
        counts[order[oldest]] = nil
        order[oldest] = digest
        oldest = (oldest + 1) % Self.memory
    }

    /// FNV-1a
    private static func digest(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
