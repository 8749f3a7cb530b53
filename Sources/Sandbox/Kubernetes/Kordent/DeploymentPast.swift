import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SandboxPast {
    /// The deployments that came up before the demo began, for each template: what their history would hold after a month.
    ///
    /// - Parameters:
    ///   - source: the source the runs belong to, as the demo names it.
    ///   - now: the newest run ended an hour before.
    public static func deploymentRuns(source: SourceID, seed: UInt64, now: Date) -> [Run] {
        let providers: [KordentProvider] = [.azure, .aws, .vsphere, .gcp, .openstack]
        return providers.flatMap { provider in
            var chance = SeededGenerator(named: "past/\(provider.name)", seed: seed)
            return (0..<14).map { index in
                let end = now.addingTimeInterval(-3600 - Double(index) * 86_400 * 2.1 * chance.factor(spread: 0.08))
                let pace = provider.pace * chance.factor(spread: 0.04)
                let phases = usualPhases.map {
                    PhaseDuration(
                        name: $0.name, seconds: $0.seconds * pace * chance.factor(spread: $0.spread), outcome: .done)
                }
                let name = "\(provider.name)-\(index % 3 == 0 ? "test" : "dev")-\(index)"
                return Run(
                    item: ItemID(kind: .deployment, source: source, key: "kcm-system/\(name)"), kind: .deployment,
                    name: name, source: source, profile: profile(of: provider.template),
                    startedAt: end.addingTimeInterval(-phases.reduce(0) { $0 + $1.seconds }), endedAt: end,
                    outcome: .done, word: "Ready", phases: phases)
            }
        }
    }

    /// As the sandbox's own deployments go.
    private static let usualPhases: [(name: String, seconds: Double, spread: Double)] = [
        ("Initializing", 8, 0.15), ("Provisioning", 235, 0.05), ("Bootstrapping", 21, 0.12), ("Scaling", 114, 0.08),
        ("Installing", 52, 0.12),
    ]

    /// The template without its version: `azure-standalone-cp-1-0-15` gives `azure-standalone-cp`.
    private static func profile(of template: String) -> String {
        var parts = template.split(separator: "-")
        while let last = parts.last, last.allSatisfy(\.isNumber) { parts.removeLast() }
        return parts.joined(separator: "-")
    }
}
