import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What one look cannot tell: what earlier looks at a deployment have seen.
public struct DeploymentMemory: Sendable, Equatable {
    /// When it was seen for the first time.
    public let firstLook: Date
    /// When each phase was first seen to be reached. Not the one of the first look: that had begun before.
    public private(set) var firstSeen: [ProvisioningPhase: Date] = [:]
    /// The highest percent of the present run before it was Ready.
    public private(set) var percent: Int?
    /// The first number of services of the present run.
    public private(set) var servicesFirst: Int?
    /// Since when it was Ready, the last time it was.
    public private(set) var readySince: Date?
    /// When it last stopped being Ready: the run since then is a change, not the creation.
    public private(set) var leftReadyAt: Date?
    /// When its dry run was seen to end: what is built begins there, however long it was only checked before.
    public private(set) var checkedUntil: Date?
    /// When it was last seen to be only checked.
    public private(set) var checkedAt: Date?
    /// When our own clock first saw the present Ready of the present spec; nil while it is not Ready.
    public private(set) var readySeen: Date?
    /// When its object was last seen to change.
    public internal(set) var changedAt: Date?
    private var firstPhase: ProvisioningPhase?
    private var wasDryRun = false
    /// The Ready that `readySeen` tells of.
    private var readySaid: Saying?
    private var hasLooked = false

    /// What is ready as a dry run is not ready when it is built, though the condition stays as it is.
    private struct Saying: Equatable, Sendable {
        var at: Date?
        var isDryRun: Bool
    }

    public init(firstLook: Date) { self.firstLook = firstLook }

    /// Takes in whether it says Ready, before anything is made of that.
    mutating func see(_ wire: WireDeployment, now: Date) {
        defer { hasLooked = true }
        guard let ready = wire.condition(WireWords.ready), ready.isTrue, !PhaseDetector.isStale(wire) else {
            readySeen = nil
            return
        }
        let said = Saying(at: ready.lastTransitionTime, isDryRun: wire.isDryRun)
        if let seen = readySeen, said == readySaid {
            // A wall clock that was set back must not make it wait longer.
            readySeen = min(seen, now)
            return
        }
        readySeen = hasLooked ? now : PhaseDetector.firstSeen(ready, now: now)
        readySaid = said
    }

    mutating func note(
        _ wire: WireDeployment, standing: DeploymentStanding, milestones: [DeploymentDetail.Milestone], now: Date
    ) {
        let ready = wire.condition(WireWords.ready)
        let health = DeploymentHealth(wire)
        if standing.isDryRun {
            // That all its conditions hold is no readiness that could be lost.
            (wasDryRun, checkedAt) = (true, now)
            return
        }
        if wasDryRun {
            (wasDryRun, checkedUntil) = (false, now)
        }
        if standing.phase == .ready {
            // It stays Ready through any number of looks; only the way back is another beginning.
            if readySince == nil || leftReadyAt.map({ $0 >= readySince ?? $0 }) == true {
                readySince = max(ready?.lastTransitionTime ?? now, leftReadyAt ?? .distantPast)
            }
        } else if !standing.isDeleting {
            // Ready of an older generation: it was, and now its spec has changed.
            if readySince == nil, standing.isStale, health.isComplete, ready?.isTrue == true {
                readySince = ready?.lastTransitionTime ?? now
            }
            leave(ready, now: now)
        }
        let services = DeploymentServices(wire)
        let phase = standing.reached
        if firstPhase == nil { firstPhase = phase }
        if phase != firstPhase, phase.place != nil, firstSeen[phase] == nil { firstSeen[phase] = now }
        // A Ready may be read late and yet be taken back: that it counts whole is not kept.
        if phase != .ready {
            let reached = DeploymentProgress.percent(
                phase, health: health.lines, services: services, milestones: milestones)
            percent = max(percent ?? 0, reached)
        }
        if servicesFirst == nil, let total = services.total, total > 0 { servicesFirst = total }
    }

    private mutating func leave(_ ready: KubeCondition?, now: Date) {
        guard let since = readySince, leftReadyAt.map({ $0 < since }) ?? true else { return }
        // The condition's own time, if it is that of the change and not an older one.
        let told = ready?.isTrue == false ? ready?.lastTransitionTime : nil
        let at = told.flatMap { $0 > since ? $0 : nil } ?? now
        if leftReadyAt == nil, at.timeIntervalSince(since) < PhaseDetector.freshFor {
            // Ready for a moment only: the creation goes on.
            readySince = nil
            return
        }
        leftReadyAt = at
        firstSeen = [:]
        percent = nil
        servicesFirst = nil
    }
}
