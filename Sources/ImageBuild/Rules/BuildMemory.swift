import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What earlier builds teach about the next ones, looked up by package. Pure; made anew when the history is read, not at every item.
public struct BuildMemory: Sendable {
    /// Durations of one thing, in seconds.
    public struct Usual: Sendable, Equatable {
        public var median: Double
        public var low: Double
        /// The 90th percentile; of few runs the longest.
        public var high: Double
        public var count: Int
    }

    /// Fewer runs say nothing. Source: design 6.
    public static let fewest = 3
    /// The newest that count.
    private static let most = 50
    private static let mostSimilar = 10

    /// The whole `spack install` of a package that was asked for, by its phase's name.
    private var roots: [String: [Double]] = [:]
    /// By the names of parts.
    private var parts: [String: [Double]] = [:]
    private let builds: [Run]

    /// - Parameter runs: of any kind, in any order; those of images count.
    public init(runs: [Run] = []) {
        builds = runs.filter { $0.kind == .image }.sorted { $0.endedAt > $1.endedAt }
        for run in builds {
            for phase in run.phases where phase.outcome == .done { Self.add(phase.seconds, to: &roots[phase.name]) }
            for part in run.parts { Self.add(part.seconds, to: &parts[part.name]) }
        }
    }

    private static func add(_ seconds: Double, to list: inout [Double]?) {
        guard seconds.isFinite, seconds >= 0, (list?.count ?? 0) < most else { return }
        list = (list ?? []) + [seconds]
    }

    /// The whole of a package that was asked for, with what it needed.
    public func usual(root name: String) -> Usual? { Self.usual(roots[name]) }

    /// A package alone, built from source.
    public func usual(package spec: String) -> Usual? { Self.usual(parts["\(spec)/total"]) }

    public func usual(_ phase: String, of spec: String) -> Usual? { Self.usual(parts["\(spec)/\(phase)"]) }

    /// The longest time a package ever wrote nothing, in seconds.
    public func silence(of spec: String) -> Double? { parts["\(spec)/silence"]?.max() }

    /// As announcements give it.
    public func time(_ spec: String) -> UsualTime? {
        (usual(package: spec) ?? usual(root: spec)).flatMap { usual in
            usual.count >= Self.fewest ? UsualTime(low: usual.low, high: usual.high, count: usual.count) : nil
        }
    }

    /// Builds of the same template that have ended, newest first.
    public func similar(to template: String?, besides id: ItemID) -> [ImageDetail.Similar] {
        guard let template else { return [] }
        return builds.lazy.filter { $0.profile == template && $0.item != id }.prefix(Self.mostSimilar).map {
            ImageDetail.Similar(
                name: $0.name, seconds: $0.seconds, endedAt: $0.endedAt, isGood: $0.outcome == .done)
        }
    }

    private static func usual(_ seconds: [Double]?) -> Usual? {
        guard let sorted = seconds?.sorted(), let longest = sorted.last, let shortest = sorted.first else { return nil }
        let isFew = sorted.count < 10
        return Usual(
            median: BuildStatistics.quantile(0.5, of: sorted),
            low: isFew ? shortest : BuildStatistics.quantile(0.1, of: sorted),
            high: isFew ? longest : BuildStatistics.quantile(0.9, of: sorted), count: sorted.count)
    }
}
