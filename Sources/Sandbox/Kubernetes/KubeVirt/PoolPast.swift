import ClusterPool
import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SandboxPast {
    /// The resets and bootstraps of the pool before the demo began: what its history would hold after three weeks.
    ///
    /// - Parameters:
    ///   - source: the source the runs belong to, as the demo names it.
    ///   - now: the newest run ended an hour before.
    public static func poolRuns(source: SourceID, seed: UInt64, now: Date) -> [Run] {
        var chance = SeededGenerator(named: "past/pool", seed: seed)
        let resets = (0..<48).map { index -> Run in
            // One in sixteen has met a machine that did not stop.
            let isStuck = index % 16 == 9
            var phases = durations(resetPhases, &chance)
            if isStuck {
                phases = [
                    PhaseDuration(name: PoolStep.stop.title, seconds: 120, outcome: .done),
                    PhaseDuration(name: PoolStep.cleanup.title, seconds: 10, outcome: .done),
                    PhaseDuration(name: PoolStep.restoreControlPlane.title, seconds: 302, outcome: .failed),
                ]
            }
            return run(
                "reset", phases, cluster: (index * 5 + 2) % 8, source: source,
                end: now.addingTimeInterval(-3600 - Double(index) * 37_000 * chance.factor(spread: 0.05)),
                failure: isStuck ? "Restore target failed to be ready within 5m0s" : nil)
        }
        let bootstraps = (0..<12).map { index in
            run(
                "bootstrap", durations(bootstrapPhases, &chance), cluster: index % 8, source: source,
                end: now.addingTimeInterval(-9000 - Double(index) * 150_000 * chance.factor(spread: 0.05)), failure: nil
            )
        }
        return resets + bootstraps
    }

    private static func run(
        _ profile: String, _ phases: [PhaseDuration], cluster: Int, source: SourceID, end: Date, failure: String?
    ) -> Run {
        let name = SandboxPool.namespaces[cluster]
        return Run(
            item: ItemID(kind: .pool, source: source, key: name), kind: .pool, name: name, source: source,
            profile: profile, startedAt: end.addingTimeInterval(-phases.reduce(0) { $0 + $1.seconds }), endedAt: end,
            outcome: failure == nil ? .done : .failed, word: failure == nil ? "available" : "error", cause: failure,
            phases: phases)
    }

    private static func durations(
        _ phases: [(step: PoolStep, seconds: Double)], _ chance: inout SeededGenerator
    ) -> [PhaseDuration] {
        phases.map {
            PhaseDuration(
                name: $0.step.title, seconds: max($0.step.least, $0.seconds * chance.factor(spread: 0.14)),
                outcome: .done)
        }
    }

    /// As the sandbox's own resets go.
    private static let resetPhases: [(step: PoolStep, seconds: Double)] = [
        (.stop, 24), (.cleanup, 10), (.restoreControlPlane, 20), (.startControlPlane, 28), (.restoreWorker, 20),
        (.startWorker, 28),
    ]

    private static let bootstrapPhases: [(step: PoolStep, seconds: Double)] = [
        (.deleteOldMachines, 12), (.verifyKubeVirt, 1), (.createNamespace, 2), (.createQuota, 2), (.validateImage, 2),
        (.createControlPlaneSecret, 1), (.createControlPlane, 2), (.waitControlPlane, 186), (.joinCommand, 60),
        (.createWorkerSecret, 2), (.createWorker, 2), (.waitMachines, 186),
    ]
}
