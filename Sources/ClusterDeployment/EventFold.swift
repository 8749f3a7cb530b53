import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the events of one deployment add up to. Bounded, whatever comes.
public struct EventFold: Sendable {
    static let milestoneLimit = 60
    static let eventLimit = 60

    /// Events that matter, oldest first.
    public private(set) var milestones: [DeploymentDetail.Milestone] = []
    /// The newest events as they came, oldest first; one that happens again moves to the end with its new count.
    public private(set) var events: [DeploymentDetail.KubeEvent] = []
    /// Beside each milestone.
    private var marks: [Mark] = []
    private var filter = EventFilter()
    private var evidence: [ProvisioningPhase: Date] = [:]

    /// What is known of a milestone beyond itself.
    private struct Mark {
        /// Of a warning or an error, which may come again.
        var topic: UInt64?
        var count = 1
    }

    public init() {}

    /// How many were kept back, each as often as it happened.
    public var suppressed: Int { filter.suppressed }

    /// The furthest phase that a milestone has spoken of since the deployment was last ready.
    public var reached: ProvisioningPhase? { filter.reached }

    /// When a milestone first spoke of this phase; still known when the milestone itself is not kept any longer.
    public func firstEvidence(of phase: ProvisioningPhase) -> Date? { evidence[phase] }

    /// Takes a list, whose order is that of the events' names, by its times.
    public mutating func take(all list: [WireEvent], phase: ProvisioningPhase? = nil, now: Date) {
        for event in Self.byTime(list) { take(event, phase: phase, now: now) }
    }

    /// - Parameters:
    ///   - event: of this deployment.
    ///   - phase: where the deployment is known to be.
    @discardableResult
    public mutating func take(
        _ event: WireEvent, phase: ProvisioningPhase? = nil, now: Date
    ) -> EventFilter.Verdict {
        let verdict = filter.take(event, phase: phase, now: now)
        guard verdict != .seen else { return verdict }
        keep(event, at: event.at ?? now)
        if case .milestone(let milestone) = verdict {
            add(milestone, of: event)
            if let phase = ProvisioningPhase(rawValue: milestone.phase) {
                evidence[phase] = min(evidence[phase] ?? milestone.at, milestone.at)
            }
        }
        return verdict
    }

    /// A warning that is told again takes the place of what it said before, with the time of now and how often it was told: sixty copies of
    /// it would leave no room for anything else.
    private mutating func add(_ milestone: DeploymentDetail.Milestone, of event: WireEvent) {
        var milestone = milestone
        var mark = Mark(topic: milestone.severity == .info ? nil : EventFilter.topic(of: event))
        if let topic = mark.topic, let before = marks.lastIndex(where: { $0.topic == topic }) {
            mark.count = marks[before].count + 1
            milestone.text += " x\(mark.count)"
            marks.remove(at: before)
            milestones.remove(at: before)
        }
        let place = milestones.lastIndex { $0.at <= milestone.at }.map { $0 + 1 } ?? 0
        milestones.insert(milestone, at: place)
        marks.insert(mark, at: place)
        guard milestones.count > Self.milestoneLimit else { return }
        milestones.removeFirst()
        marks.removeFirst()
    }

    /// Keeps the milestones, and forgets the events themselves.
    mutating func forget() {
        events = []
        filter.forget()
    }

    private mutating func keep(_ event: WireEvent, at: Date) {
        let kept = DeploymentDetail.KubeEvent(
            at: at, type: event.type, reason: event.reason, object: event.object.text, message: event.message,
            count: event.count)
        if event.count > 1,
            let last = events.lastIndex(where: {
                $0.reason == kept.reason && $0.object == kept.object && $0.message == kept.message
            })
        {
            events.remove(at: last)
        }
        events.insert(kept, at: events.lastIndex { $0.at <= at }.map { $0 + 1 } ?? 0)
        if events.count > Self.eventLimit { events.removeFirst() }
    }

    /// Oldest first; those without a time stay in front.
    static func byTime(_ list: [WireEvent]) -> [WireEvent] {
        list.sorted { ($0.at ?? .distantPast) < ($1.at ?? .distantPast) }
    }
}
