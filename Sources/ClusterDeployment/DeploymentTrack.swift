import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The phases of what is going on, with their times as far as something tells them.
struct DeploymentTrack {
    /// Seconds for which the summary may be False before the controller calls it failed. Source: wire-formats 6.4.
    static let stallLimit: Double = 1800

    let reading: DeploymentReading
    let standing: DeploymentStanding
    let activity: DeploymentActivity

    /// Typical seconds of each phase, from one recorded creation (wire-formats 6.8) and what services take on other providers; used until
    /// runs were recorded here.
    private static let typical: [ProvisioningPhase: Double] = [
        .initializing: 6, .provisioning: 240, .bootstrapping: 60, .scaling: 120, .installing: 60,
    ]
    /// The 30 minutes are for the three phases together; one of them alone can take no longer.
    private static let limited: Set<ProvisioningPhase> = [.provisioning, .bootstrapping, .scaling]

    var phases: [Phase] {
        switch activity.kind {
        case .creation: standing.isDryRun ? [] : creation
        case .change: activity.startedAt == nil ? [] : [single("Update")]
        case .deletion: [single("Deletion")]
        }
    }

    private func single(_ name: String) -> Phase {
        let state: Phase.State =
            standing.phase == .failed ? .failed : activity.endedAt == nil ? .running : .done
        return Phase(name: name, state: state, startedAt: activity.startedAt, endedAt: activity.endedAt)
    }

    private var creation: [Phase] {
        guard let place = standing.reached.place else {
            return ProvisioningPhase.track.map { phase($0, .waiting, nil, nil) }
        }
        let starts = starts(upTo: place)
        return ProvisioningPhase.track.enumerated().map { index, word in
            if index > place { return phase(word, .waiting, nil, nil) }
            let start = starts[index]
            if index == place {
                let hasFailed = standing.phase == .failed
                return phase(word, hasFailed ? .failed : .running, start, hasFailed ? activity.endedAt : nil)
            }
            let end = index + 1 < starts.count ? starts[index + 1] : nil
            // How long it took is only known with both ends.
            return end == nil || start == nil ? phase(word, .done, nil, nil) : phase(word, .done, start, end)
        }
    }

    private func phase(_ word: ProvisioningPhase, _ state: Phase.State, _ start: Date?, _ end: Date?) -> Phase {
        Phase(
            name: word.rawValue, state: state, startedAt: start,
            endedAt: start.flatMap { start in end.map { max(start, $0) } }, usual: Self.typical[word], usualCount: 0,
            limit: Self.limited.contains(word) ? Self.stallLimit : nil)
    }

    /// When each phase began, up to the one reached; for what is Ready, its end is the last. No later phase begins before an earlier one.
    private func starts(upTo place: Int) -> [Date?] {
        let words = ProvisioningPhase.track + [.ready]
        var starts = words.prefix(place + 1).map(start)
        var bound: Date?
        for index in starts.indices.reversed() {
            if let known = starts[index] {
                starts[index] = bound.map { min($0, known) } ?? known
                bound = starts[index]
            }
        }
        guard let created = activity.startedAt else { return starts }
        return starts.map { $0.map { max(created, $0) } }
    }

    /// The earliest sign of a phase: its event, the cluster's own conditions, ours, and when we saw it.
    private func start(_ word: ProvisioningPhase) -> Date? {
        if word == .initializing { return activity.startedAt }
        if word == .ready { return activity.endedAt }
        let wire = reading.wire
        // A warning moves on with each repetition, and may come before what it warns of has begun.
        var signs = [
            reading.memory.firstSeen[word],
            reading.milestones.first { $0.phase == word.rawValue && $0.severity == .info }?.at,
        ]
        func since(_ type: String) -> Date? {
            let own = wire.condition(type).flatMap { $0.isTrue ? $0.lastTransitionTime : nil }
            return [own, reading.tree.reached[type]].compactMap { $0 }.min()
        }
        let summary = wire.condition(WireWords.summary)
        switch word {
        case .provisioning:
            signs.append(since(WireWords.release))
            if summary?.isFalse == true { signs.append(summary?.lastTransitionTime) }
        case .bootstrapping: signs.append(since("InfrastructureReady"))
        case .scaling:
            // It waits for both, so that the later one counts.
            signs.append([since("ControlPlaneInitialized"), since("ControlPlaneAvailable")].compactMap { $0 }.max())
        case .installing:
            if summary?.isTrue == true { signs.append(summary?.lastTransitionTime) }
            if summary == nil {
                signs.append([since("WorkersAvailable"), since("WorkerMachinesReady")].compactMap { $0 }.max())
            }
        case .unknown, .initializing, .ready, .failed: break
        }
        return signs.compactMap { $0 }.min()
    }
}
