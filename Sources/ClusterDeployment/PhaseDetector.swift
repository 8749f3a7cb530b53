import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which phase a deployment is in. Pure. Source: the recommended detector of wire-formats 7.4, design 6.
public enum PhaseDetector {
    /// Seconds for which Ready is fresh.
    public static let freshFor: Double = 30
    /// A Ready that has lasted for so many seconds by its own time when it is first looked at is not from the first seconds any more,
    /// however far the two clocks are apart.
    private static let settledFor: Double = 600
    /// How the controller begins the message once the cluster was not complete for 30 minutes.
    static let stalledPrefix = "Cluster is not ready. Check the provider logs"

    /// What must hold before anything is built.
    static let prerequisites: Set<String> = [
        "CredentialReady", "TemplateReady", "HelmChartReady", "ClusterDataSourceReady", "DataSourceReady",
        "ClusterAuthenticationReady", "ClusterAuditPolicyReady", "PredeclaredSecretsExist",
        "ServicesReferencesValidation", "ServicesDependencyValidation",
    ]

    public static func phase(of wire: WireDeployment, seen: Date? = nil, now: Date) -> ProvisioningPhase {
        standing(of: wire, seen: seen, now: now).phase
    }

    /// - Parameters:
    ///   - seen: when our own clock first saw that Ready, see `DeploymentReading.standing(now:)`; nil when this is the first look.
    ///   - now: only tells for how long it has been ready.
    public static func standing(of wire: WireDeployment, seen: Date? = nil, now: Date) -> DeploymentStanding {
        let health = DeploymentHealth(wire)
        let ready = wire.condition(WireWords.ready)
        let isStale = isStale(wire)
        let isFresh = settles(wire, seen: seen, now: now).map { now < $0 } ?? false
        let reached = reached(wire, health: health, ready: ready, isStale: isStale, isFresh: isFresh)
        let isDeleting = isDeleting(wire, ready)
        var standing = DeploymentStanding(phase: reached)
        // What is taken down is broken on purpose.
        if !isDeleting, reached != .ready, let failure = failure(wire, health: health, ready: ready) {
            standing.phase = .failed
            standing.failure = failure
        }
        standing.isDeleting = isDeleting
        standing.isPaused = wire.condition(WireWords.paused)?.isTrue == true
        // A deployment that stands and whose further changes are only checked is more than a dry run; its detail still says so.
        standing.isDryRun = wire.isDryRun && !health.isBuilt
        standing.isFresh = standing.phase == .ready && isFresh
        standing.isStale = isStale
        standing.message = message(standing, wire, health: health)
        return standing
    }

    // MARK: readiness

    /// Ready said of an older generation is no news of this one. Where either number is not known, it counts.
    static func isStale(_ wire: WireDeployment) -> Bool {
        guard let generation = wire.metadata.generation,
            let observed = wire.condition(WireWords.ready)?.observedGeneration ?? wire.observedGeneration
        else { return false }
        return observed < generation
    }

    /// Controllers are known to say Ready in the first seconds, before they have looked: the aggregate of nothing is true. One without both
    /// times may be such a one.
    static func isEager(_ wire: WireDeployment) -> Bool {
        guard let since = wire.condition(WireWords.ready)?.lastTransitionTime,
            let created = wire.metadata.creationTimestamp
        else { return true }
        return since.timeIntervalSince(created) < freshFor
    }

    /// Since when a Ready counts as seen that is there at the first look.
    static func firstSeen(_ ready: KubeCondition, now: Date) -> Date {
        guard let since = ready.lastTransitionTime, now.timeIntervalSince(since) >= settledFor else { return now }
        return since
    }

    /// When a Ready is no longer fresh. An eager one for which nothing else speaks counts from when our own clock first saw it: its own
    /// time says nothing, for the clocks may differ and the look may be late. Any other counts from its transition, or from our first look
    /// where their clock is ahead.
    ///
    /// - Returns: nil when it does not say that it is Ready.
    static func settles(_ wire: WireDeployment, seen: Date?, now: Date) -> Date? {
        guard let ready = wire.condition(WireWords.ready), ready.isTrue else { return nil }
        let seen = seen ?? firstSeen(ready, now: now)
        let mustLast = isEager(wire) && !DeploymentHealth(wire).isComplete
        return (mustLast ? seen : min(seen, ready.lastTransitionTime ?? seen)).addingTimeInterval(freshFor)
    }

    /// A fresh Ready is believed when something else speaks for it, any other for itself.
    private static func isReady(
        _ ready: KubeCondition?, health: DeploymentHealth, isStale: Bool, isFresh: Bool
    ) -> Bool {
        guard let ready, ready.isTrue, !isStale else { return false }
        return !isFresh || health.isComplete
    }

    private static func isDeleting(_ wire: WireDeployment, _ ready: KubeCondition?) -> Bool {
        wire.metadata.deletionTimestamp != nil || wire.condition(WireWords.deleting)?.isTrue == true
            || ready?.isFalse == true && ready?.reason == "Deleting"
    }

    // MARK: the way

    private static func reached(
        _ wire: WireDeployment, health: DeploymentHealth, ready: KubeCondition?, isStale: Bool, isFresh: Bool
    ) -> ProvisioningPhase {
        if isReady(ready, health: health, isStale: isStale, isFresh: isFresh) { return .ready }
        // The controller has not looked at this spec yet.
        if isStale, health.isComplete { return .initializing }
        if !health.isSummed, let word = wire.flatPhase.flatMap({ ProvisioningPhase(word: $0) }), word != .unknown,
            word != .failed
        {
            return word
        }
        return health.phase
    }

    // MARK: failure

    /// Whether a condition alone says that nothing can come of it before somebody acts: a prerequisite that does not hold, or a chart that
    /// could not be installed. One that says it is still on its way is not broken.
    public static func isBroken(_ condition: KubeCondition) -> Bool {
        isBrokenPrerequisite(condition)
            || condition.type == WireWords.release && condition.isFalse && isFailure(condition.reason)
    }

    private static func isBrokenPrerequisite(_ condition: KubeCondition) -> Bool {
        condition.isFalse && prerequisites.contains(condition.type) && condition.reason != "Progressing"
    }

    private static func failure(
        _ wire: WireDeployment, health: DeploymentHealth, ready: KubeCondition?
    ) -> DeploymentStanding.Failure? {
        if let broken = wire.conditions.first(where: isBrokenPrerequisite) { return .prerequisite(broken.type) }
        if let release = wire.condition(WireWords.release), isBroken(release) { return .release }
        let hasFailed = ready?.isFalse == true && ready?.reason == "Failed"
        if hasFailed, ready?.message.hasPrefix(stalledPrefix) == true,
            wire.condition(WireWords.summary)?.isTrue != true
        {
            return .stalled
        }
        // Only the flat shape means it: releases of k0rdent before the 30 minutes' rule gave this reason to all that was not ready yet.
        guard !health.isSummed else { return nil }
        if wire.flatPhase.flatMap({ ProvisioningPhase(word: $0) }) == .failed { return .reported }
        let isFlat = health.isFlat || !wire.conditions.contains { prerequisites.contains($0.type) }
        return hasFailed && isFlat && !isHarmless(ready?.message ?? "") ? .reported : nil
    }

    /// Flux's words for a release that will not come by itself: `InstallFailed`, `UpgradeFailed`, `ArtifactFailed`, `RetriesExceeded`.
    private static func isFailure(_ reason: String) -> Bool {
        reason.hasSuffix("Failed") || reason.hasSuffix("Exceeded") || reason == "Stalled"
    }

    /// The probe fails as long as no API server answers, which is normal.
    private static func isHarmless(_ message: String) -> Bool {
        let lines = SummaryBullets.parse(message)
        if lines.isEmpty { return message.contains("Remote connection probe failed") }
        return lines.allSatisfy { $0.name == "RemoteConnectionProbe" }
    }

    // MARK: words

    private static func message(
        _ standing: DeploymentStanding, _ wire: WireDeployment, health: DeploymentHealth
    ) -> String {
        let ready = wire.condition(WireWords.ready)?.message ?? ""
        if standing.isDeleting {
            let message = wire.condition(WireWords.deleting)?.message ?? ""
            return SafeText.line(message.isEmpty ? ready : message)
        }
        switch standing.failure {
        case .prerequisite:
            let broken = wire.conditions.filter(isBrokenPrerequisite)
            return SafeText.line(broken.map { $0.message.isEmpty ? $0.type : $0.message }.joined(separator: ". "))
        case .release: return SafeText.line(wire.condition(WireWords.release)?.message ?? ready)
        case .stalled: return SafeText.line(health.firstTrouble ?? ready)
        case .reported: return SafeText.line(wire.flatMessage ?? (ready.isEmpty ? health.firstTrouble ?? "" : ready))
        case nil: break
        }
        if standing.phase == .installing || standing.phase == .ready { return SafeText.line(ready) }
        return SafeText.line(health.firstTrouble ?? wire.flatMessage ?? ready)
    }
}
