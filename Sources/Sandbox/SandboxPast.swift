import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The runs that were before the demo began: what a team would have recorded in two months.
public enum SandboxPast {
    /// - Parameters:
    ///   - source: the source the runs belong to, as the demo names it.
    ///   - now: the newest run ended an hour before.
    public static func runs(source: SourceID, seed: UInt64, now: Date, count: Int = 40) -> [Run] {
        var chance = SeededGenerator(seed: seed &+ 1)
        return (0..<count).map { index in
            let end = now.addingTimeInterval(-3600 - Double(index) * 86_400 * 1.4 * chance.factor(spread: 0.1))
            let pace = chance.factor(spread: 0.12)
            let phases = NodeScript.phases.map {
                PhaseDuration(name: $0.name, seconds: $0.seconds * pace * chance.factor(spread: 0.2), outcome: .done)
            }
            let failsAt = chance.unit() < 0.1 ? 3 : nil
            let kept = failsAt.map { Array(phases.prefix($0)) } ?? phases
            let taken = kept.reduce(95) { $0 + $1.seconds }
            let node = index % 18
            return Run(
                item: ItemID(kind: .metal, source: source, key: String(node + 1)), kind: .metal,
                name: "rack\(node / 6 + 1)-u\(node % 6 * 2 + 10)", source: source,
                profile: node / 6 % 2 == 0 ? "bx2d-metal-48x192" : "bx2d-metal-96x384",
                startedAt: end.addingTimeInterval(-taken), endedAt: end, outcome: failsAt == nil ? .done : .failed,
                word: failsAt == nil ? "deployed" : "failed",
                cause: failsAt == nil ? nil : "storage_discovery: a disk is missing", phases: kept)
        }
    }
}
