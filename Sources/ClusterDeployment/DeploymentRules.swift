import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Readings of a deployment become an item. Pure.
public struct DeploymentRules: Sendable {
    /// Seconds that a creation or a change may take as a whole. Source: the monitoring limit of the seed.
    public static let usualLimit: Double = 3600
    /// Seconds without a sign that are normal. The controller's helper warns after 10 minutes without change (wire-formats 7.6); an
    /// initialisation takes seconds.
    private static let patience: [ProvisioningPhase: Double] = [.initializing: 180]
    private static let usualPatience: Double = 600
    /// The taking down of machines is told by nothing for longer.
    private static let deletionPatience: Double = 900

    let source: SourceID
    /// The kube context, as commands are given it.
    let context: String
    /// Seconds.
    let limit: Double
    private let origin: String
    /// How commands begin that a person can copy.
    private let command: String

    /// - Parameter kubeconfig: where the context is, if kubectl does not look there by itself.
    public init(
        source: SourceID, context: String, kubeconfig: String? = nil, limit: Double = DeploymentRules.usualLimit
    ) {
        self.source = source
        command = KubectlProxy.Access(context: context, kubeconfig: kubeconfig).commandLine
        self.context = context
        self.limit = limit
        origin = "Kubernetes \(SafeText.line(context, limit: 60))"
    }

    public func itemID(_ key: DeploymentKey) -> ItemID {
        ItemID(kind: .deployment, source: source, key: SafeText.line(key.text, limit: 330))
    }

    /// - Parameter runs: earlier runs of this source, newest first; they say how long silence is normal.
    public func item(_ reading: DeploymentReading, runs: [Run], now: Date) -> Item {
        let wire = reading.wire
        let standing = reading.standing(now: now)
        let activity = DeploymentActivity(reading, standing: standing, limit: limit)
        let phases = DeploymentTrack(reading: reading, standing: standing, activity: activity).phases
        let health = DeploymentHealth(wire)
        let services = DeploymentServices(wire)
        let place = DeploymentPlace(wire)
        let profile = profile(wire, activity)
        let state = state(standing)
        let trouble = DeploymentTrouble(
            reading: reading, standing: standing, health: health, services: services,
            advice: DeploymentAdvice(command: command, wire: wire, place: place))
        return Item(
            id: itemID(reading.key), kind: .deployment, name: SafeText.line(wire.metadata.name, limit: 80),
            source: source, state: state, word: standing.word, startedAt: activity.startedAt,
            endedAt: standing.isFresh ? nil : activity.endedAt,
            limit: activity.kind == .deletion || state == .held ? nil : limit,
            progress: progress(reading, standing, activity, health, services), phases: phases,
            evidence: evidence(reading, standing, state, runs: runs, profile: profile, now: now),
            diagnosis: trouble.diagnosis(state, now: now), advice: state == .done ? [] : trouble.advice.steps(standing),
            profile: profile,
            detail: .deployment(detail(reading, standing, health, services, place)))
    }

    /// When the item has to be made again although nothing was heard: a fresh Ready grows old, the 30 minutes run out.
    ///
    /// - Returns: nil when only news can change it.
    public func nextLook(_ reading: DeploymentReading, now: Date) -> Date? {
        let summary = reading.wire.condition(WireWords.summary)
        let moments = [
            PhaseDetector.settles(reading.wire, seen: reading.memory.readySeen, now: now),
            summary?.isFalse == true
                ? summary?.lastTransitionTime?.addingTimeInterval(DeploymentTrouble.warnAfter) : nil,
        ]
        return moments.compactMap { $0 }.filter { $0 > now }.min()
    }

    private func state(_ standing: DeploymentStanding) -> Item.State {
        if standing.isDeleting { return .running }
        // A failure is shown through a pause: it is what a person must know.
        if standing.phase == .failed { return .failed }
        if standing.isPaused || standing.isDryRun { return .held }
        switch standing.phase {
        // Until it has stayed ready it has not ended, and is no run to learn from.
        case .ready: return standing.isFresh ? .running : .done
        case .unknown: return .unknown
        default: return .running
        }
    }

    private func profile(_ wire: WireDeployment, _ activity: DeploymentActivity) -> String? {
        guard !wire.template.isEmpty else { return nil }
        let template = DeploymentPlace.unversioned(wire.template)
        // Changes and deletions are no creations, and must not be compared with them.
        return switch activity.kind {
        case .creation: template
        case .change: template + " update"
        case .deletion: template + " deletion"
        }
    }

    /// Of creations only: how much of a running cluster a change touches is nowhere told. A failure and a deletion leave the percent where it
    /// was.
    private func progress(
        _ reading: DeploymentReading, _ standing: DeploymentStanding, _ activity: DeploymentActivity,
        _ health: DeploymentHealth, _ services: DeploymentServices
    ) -> Progress? {
        guard !standing.isDryRun else { return nil }
        let memory = reading.memory
        if standing.phase == .ready, activity.kind != .deletion {
            // One that may still be withdrawn does not count whole: percent never falls again.
            let percent = standing.isFresh ? max(memory.percent ?? 0, DeploymentProgress.almost) : 100
            return DeploymentProgress.progress(percent, phase: .ready)
        }
        switch activity.kind {
        case .change: return nil
        case .deletion:
            guard memory.readySince == nil, let percent = memory.percent, percent < 100 else { return nil }
            return DeploymentProgress.progress(percent, phase: standing.reached)
        case .creation:
            let percent = DeploymentProgress.percent(
                standing.reached, health: health.lines, services: services, milestones: reading.milestones)
            return DeploymentProgress.progress(max(percent, memory.percent ?? 0), phase: standing.reached)
        }
    }

    private func evidence(
        _ reading: DeploymentReading, _ standing: DeploymentStanding, _ state: Item.State, runs: [Run],
        profile: String?, now: Date
    ) -> Evidence {
        // Of what rests, the last answer is the sign; of what moves, its last movement.
        guard state == .running else { return Evidence(at: reading.readAt, from: origin) }
        var patience =
            standing.isDeleting
            ? Self.deletionPatience : Self.patience[standing.reached] ?? Self.usualPatience
        // Where the longest run of its kind was in this phase for longer, that much silence was seen before.
        let name = standing.isDeleting ? "Deletion" : standing.reached.rawValue
        for run in runs where run.profile == profile && run.outcome == .done {
            for phase in run.phases where phase.name == name { patience = max(patience, phase.seconds) }
        }
        // Without events, minutes pass in which nothing can be heard.
        if !reading.troubles.isEmpty { patience *= 2 }
        return Evidence(at: min(now, reading.lastSign ?? reading.readAt), from: origin, patience: patience)
    }

    private func detail(
        _ reading: DeploymentReading, _ standing: DeploymentStanding, _ health: DeploymentHealth,
        _ services: DeploymentServices, _ place: DeploymentPlace
    ) -> DeploymentDetail {
        let wire = reading.wire
        let first = reading.memory.servicesFirst
        return DeploymentDetail(
            context: SafeText.line(context, limit: 120),
            namespace: SafeText.line(wire.metadata.namespace, limit: 80), template: wire.template,
            credential: wire.credential, provider: place.provider, region: place.region,
            kubernetesVersion: wire.kubernetesVersion, generation: wire.metadata.generation,
            observedGeneration: wire.observedGeneration ?? wire.condition(WireWords.ready)?.observedGeneration,
            isDryRun: wire.isDryRun, isPaused: standing.isPaused, isDeleting: standing.isDeleting,
            isFresh: standing.isFresh, health: health.lines, services: services.entries,
            servicesReady: services.ready, servicesTotal: services.total,
            servicesGrewFrom: services.total.flatMap { total in first.flatMap { $0 < total ? $0 : nil } },
            conditions: wire.conditions.map {
                DeploymentDetail.Condition(
                    type: $0.type, status: $0.status, reason: $0.reason, message: SafeText.line($0.message),
                    changedAt: $0.lastTransitionTime, observedGeneration: $0.observedGeneration,
                    isBroken: PhaseDetector.isBroken($0) ? true : nil)
            }, milestones: reading.milestones, suppressed: reading.suppressed, events: reading.events,
            objects: reading.tree.objects, troubles: reading.troubles.map { SafeText.line($0, limit: 200) })
    }
}
