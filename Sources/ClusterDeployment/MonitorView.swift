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
    /// The newest events, for one that follows under the same name: its first events may come before itself.
    private var recent: [Recent] = []
    private static let recentLimit = 40

    private struct Recent {
        var event: WireEvent
        /// Taken as one of this deployment's.
        var isOwn: Bool
    }

    init(_ wire: WireDeployment, now: Date) {
        reading = DeploymentReading(wire: wire, now: now)
        standing = reading.standing(now: now)
        changedAt = now
        note(now)
    }

    var phase: ProvisioningPhase {
        // What is only checked comes no further.
        if standing.isDryRun, standing.phase != .failed { return min(standing.phase, .initializing) }
        guard standing.phase != .failed, let evidenced else { return standing.phase }
        return max(standing.phase, evidenced)
    }

    /// - Returns: updates about events that came before the object that they are about.
    mutating func take(_ wire: WireDeployment, now: Date) -> [ProgressUpdate] {
        guard wire.metadata.uid == reading.wire.metadata.uid else {
            // Deleted and created anew under the same name.
            let early = recent.filter { EventScope.isOf(wire, $0.event) }
            self = MonitorView(wire, now: now)
            return early.compactMap { early in
                take(early.event, now: now).flatMap { early.isOwn ? nil : event($0, of: early.event) }
            }
        }
        reading.take(wire, now: now)
        look(now)
        return []
    }

    /// Looks again without news: some readings change with time alone.
    mutating func look(_ now: Date) {
        let next = reading.standing(now: now)
        if next.phase != standing.phase { changedAt = now }
        // Going on, the object only catches up with its events; going back, they are no longer true.
        if next.phase < standing.phase { evidenced = nil }
        standing = next
        note(now)
    }

    /// - Returns: what of it is told; nil for what is not.
    mutating func take(_ event: WireEvent, now: Date) -> DeploymentDetail.Milestone? {
        let isOwn = EventScope.isOf(reading.wire, event)
        recent.append(Recent(event: event, isOwn: isOwn))
        if recent.count > Self.recentLimit { recent.removeFirst() }
        guard isOwn, case .milestone(let milestone) = fold.take(event, phase: phase, now: now) else { return nil }
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
        if standing.phase == .ready, !standing.isFresh, !standing.isDryRun { percent = 100 }
        guard let evidenced, evidenced > standing.phase else { return }
        let services = DeploymentServices(reading.wire)
        percent = max(percent, DeploymentProgress.percent(evidenced, health: [], services: services))
    }

    /// What is said of a dry run whose checks are done.
    static let checked = "only checked (dry run)"

    // MARK: ends

    /// Whether nothing is to be waited for. A Ready within the first seconds of a deployment is not believed until it has lasted.
    var isTerminal: Bool {
        // What is taken down is followed until it is gone.
        guard !standing.isDeleting else { return false }
        switch standing.phase {
        case .failed: return true
        case .ready: return !standing.isDryRun && !(standing.isFresh && PhaseDetector.isEager(reading.wire))
        default: return false
        }
    }

    /// A dry run whose checks are done.
    var isChecked: Bool { standing.isChecked }

    /// Seconds until a Ready that is not believed yet is to be looked at again; nil when there is none.
    func patience(_ now: Date) -> Double? {
        guard !isTerminal, let due = PhaseDetector.settles(reading.wire, seen: reading.memory.readySeen, now: now),
            due > now
        else { return nil }
        // One look at a time is enough.
        return min(max(due.timeIntervalSince(now), 0.1), PhaseDetector.freshFor)
    }

    // MARK: updates

    /// - Parameter isWhole: with all conditions.
    func state(_ now: Date, isWhole: Bool = true) -> ProgressUpdate {
        let wire = reading.wire
        let services = DeploymentServices(wire)
        var update = update(.condition, now)
        update.message = standing.message.isEmpty ? standing.word : standing.message
        if standing.isChecked { update.message = Self.checked }
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
        // Nothing of a dry run is built.
        let progress: Int? = standing.isDryRun ? nil : phase == .ready && isTerminal ? 100 : percent
        return ProgressUpdate(
            timestamp: date, phase: phase, progress: progress, source: source,
            metadata: ProgressUpdate.Metadata(reading.wire))
    }
}
