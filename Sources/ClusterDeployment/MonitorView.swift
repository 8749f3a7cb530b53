import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a deployment stands in the eyes of one subscription: what was read, what its events add up to, and which phase is shown.
struct MonitorView: Sendable {
    /// Event times are whole seconds: one may seem to be older than what it follows.
    private static let slack: Double = 2

    private(set) var reading: DeploymentReading
    private(set) var standing: DeploymentStanding
    private var fold = EventFold()
    /// The furthest phase that an event has spoken of since the object's own phase last went back. Releases of k0rdent without a summary
    /// condition tell it by events only.
    private var evidenced: ProvisioningPhase?
    private var changedAt: Date
    private var percent = 0

    init(_ wire: WireDeployment, now: Date) {
        reading = DeploymentReading(wire: wire, now: now)
        standing = PhaseDetector.standing(of: wire, now: now)
        changedAt = now
        note(now)
    }

    var phase: ProvisioningPhase {
        guard standing.phase != .failed, let evidenced else { return standing.phase }
        return max(standing.phase, evidenced)
    }

    mutating func take(_ wire: WireDeployment, now: Date) {
        guard wire.metadata.uid == reading.wire.metadata.uid else {
            // Deleted and created anew under the same name.
            self = MonitorView(wire, now: now)
            return
        }
        reading.take(wire, now: now)
        look(now)
    }

    /// Looks again without news: some readings change with time alone.
    mutating func look(_ now: Date) {
        let next = PhaseDetector.standing(of: reading.wire, now: now)
        if next.phase != standing.phase { changedAt = now }
        // Going on, the object only catches up with its events; going back, they are no longer true.
        if next.phase < standing.phase { evidenced = nil }
        standing = next
        note(now)
    }

    /// - Returns: what of it is told; nil for what is not.
    mutating func take(_ event: WireEvent, now: Date) -> DeploymentDetail.Milestone? {
        guard case .milestone(let milestone) = fold.take(event, phase: phase, now: now) else { return nil }
        reading.milestones = fold.milestones
        reading.suppressed = fold.suppressed
        if let spoken = ProvisioningPhase(rawValue: milestone.phase), spoken.place != nil,
            milestone.at >= changedAt.addingTimeInterval(-Self.slack)
        {
            // Only the object itself is ready: an event of the cluster comes before its services are.
            evidenced = max(evidenced ?? .unknown, min(spoken, .installing))
        }
        note(now)
        return milestone
    }

    private mutating func note(_ now: Date) {
        reading.note(now: now)
        percent = max(percent, reading.memory.percent ?? 0)
        guard let evidenced, evidenced > standing.phase else { return }
        let services = DeploymentServices(reading.wire)
        percent = max(percent, DeploymentProgress.percent(evidenced, health: [], services: services))
    }

    // MARK: ends

    /// Whether nothing is to be waited for. A Ready within the first seconds of a deployment is not believed until it has lasted.
    var isTerminal: Bool {
        // What is taken down is followed until it is gone.
        guard !standing.isDeleting else { return false }
        switch standing.phase {
        case .failed: return true
        case .ready: return !(standing.isFresh && isYoung)
        default: return false
        }
    }

    private var isYoung: Bool {
        guard let since = reading.wire.condition(WireWords.ready)?.lastTransitionTime,
            let created = reading.wire.metadata.creationTimestamp
        else { return true }
        return since.timeIntervalSince(created) < PhaseDetector.freshFor
    }

    /// Seconds until a Ready that is not believed yet is to be looked at again; nil when there is none.
    func patience(_ now: Date) -> Double? {
        guard !isTerminal, let ready = reading.wire.condition(WireWords.ready), ready.isTrue,
            let since = ready.lastTransitionTime
        else { return nil }
        let age = now.timeIntervalSince(since)
        guard age < PhaseDetector.freshFor else { return nil }
        // Their clock may be ahead of ours; and one look at a time is enough.
        return min(max(PhaseDetector.freshFor - age, 0.1), PhaseDetector.freshFor)
    }

    // MARK: updates

    /// - Parameter isWhole: with all conditions.
    func state(_ now: Date, isWhole: Bool = true) -> ProgressUpdate {
        let wire = reading.wire
        let services = DeploymentServices(wire)
        var update = update(.condition, now)
        update.message = standing.message.isEmpty ? standing.word : standing.message
        update.reason = wire.flatPhase ?? wire.condition(WireWords.ready)?.reason ?? ""
        let hasTrouble = standing.isDeleting || standing.isPaused || !services.failures.isEmpty
        update.severity = standing.phase == .failed ? .error : hasTrouble ? .warning : .info
        if isWhole { update.conditions = wire.conditions.map { ProgressUpdate.Condition($0) } }
        update.services = (wire.services ?? []).map { ProgressUpdate.Service($0) }
        update.isTerminal = isTerminal
        return update
    }

    func event(_ milestone: DeploymentDetail.Milestone, of event: WireEvent) -> ProgressUpdate {
        var update = update(.event, milestone.at)
        update.message = milestone.text
        update.reason = milestone.reason
        update.severity = ProgressUpdate.Severity(rawValue: milestone.severity.rawValue)
        update.relatedObject = ProgressUpdate.RelatedObject(
            kind: event.object.kind, name: event.object.name, namespace: event.namespace, uid: event.object.uid)
        return update
    }

    func system(_ message: String, _ severity: ProgressUpdate.Severity, _ now: Date) -> ProgressUpdate {
        var update = update(.system, now)
        update.message = message
        update.severity = severity
        return update
    }

    private func update(_ source: ProgressUpdate.Source, _ date: Date) -> ProgressUpdate {
        ProgressUpdate(
            timestamp: date, phase: phase, progress: phase == .ready && isTerminal ? 100 : percent, source: source,
            metadata: ProgressUpdate.Metadata(reading.wire))
    }
}
