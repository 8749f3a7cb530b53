import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SandboxPast {
    /// The clusters that were created before the demo began, in both regions: what their history would hold after a
    /// month.
    ///
    /// - Parameters:
    ///   - source: the source the runs belong to, as the demo names it.
    ///   - now: the newest run ended an hour before.
    public static func clusterRuns(source: SourceID, seed: UInt64, now: Date) -> [Run] {
        SandboxRegion.all.flatMap { region in
            var chance = SeededGenerator(named: "past/\(region.name)", seed: seed)
            // A file system makes a creation so long that it says nothing about the others.
            let names = region.clusters.filter { $0.fate != .slowStorage }.map(\.name)
            return (0..<14).map { index in
                let end = now.addingTimeInterval(-3600 - Double(index) * 86_400 * 2.1 * chance.factor(spread: 0.08))
                let pace = chance.factor(spread: 0.05)
                let phases = usualPhases.map {
                    PhaseDuration(
                        name: $0.name, seconds: $0.seconds * pace * chance.factor(spread: $0.spread), outcome: .done)
                }
                let name = names[index % names.count]
                return Run(
                    item: ItemID(kind: .cluster, source: source, key: name), kind: .cluster,
                    name: name, source: source,
                    startedAt: end.addingTimeInterval(-phases.reduce(0) { $0 + $1.seconds }), endedAt: end,
                    outcome: .done, word: "CREATE_COMPLETE", phases: phases)
            }
        }
    }

    /// As the sandbox's own creations go.
    private static let usualPhases: [(name: String, seconds: Double, spread: Double)] = [
        ("infrastructure", 260, 0.08), ("head node bootstrap", 300, 0.12), ("stack completion", 14, 0.2),
        ("compute fleet", 60, 0.15),
    ]
}
