import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the history of builds says of them: how many went well, how long they and their packages take, what they fail of, what was
/// unusual. Pure. Source: wire-formats 4.6.
public struct BuildStatistics: Sendable, Equatable, Encodable {
    /// Durations in seconds.
    public struct Figures: Sendable, Equatable, Encodable {
        public var count: Int
        public var mean: Double
        /// The standard deviation of a sample; 0 for a single one.
        public var deviation: Double
        public var p10: Double
        public var p50: Double
        public var p90: Double

        /// Nil when there is none.
        public init?(_ seconds: [Double]) {
            let sorted = seconds.filter(\.isFinite).sorted()
            guard !sorted.isEmpty else { return nil }
            count = sorted.count
            let sum = sorted.reduce(0, +)
            let mean = sum / Double(sorted.count)
            self.mean = mean
            let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            deviation = sorted.count > 1 ? (squares / Double(sorted.count - 1)).squareRoot() : 0
            p10 = BuildStatistics.quantile(0.1, of: sorted)
            p50 = BuildStatistics.quantile(0.5, of: sorted)
            p90 = BuildStatistics.quantile(0.9, of: sorted)
        }
    }

    /// All builds of one template.
    public struct Template: Sendable, Equatable, Encodable {
        public var name: String
        public var succeeded: Int
        public var failed: Int
        /// Of those that succeeded.
        public var seconds: Figures?
    }

    /// One package, built from source by itself.
    public struct Package: Sendable, Equatable, Encodable {
        public var spec: String
        public var seconds: Figures
    }

    /// So many builds failed of the same.
    public struct Failures: Sendable, Equatable, Encodable {
        /// `BuildTrouble`'s word, as `disk_full`; `other` where none was recorded.
        public var trouble: String
        public var count: Int
    }

    /// A package that took much longer than it does on average.
    public struct Anomaly: Sendable, Equatable, Encodable {
        public var build: String
        public var endedAt: Date
        public var spec: String
        public var seconds: Double
        /// The mean of the other builds.
        public var usual: Double
        public var count: Int

        /// `gcc@11.3.0 took 1h40m in starter-usw2; 1h01m is usual (n=3)`
        public var text: String {
            "\(spec) took \(DurationText.short(seconds)) in \(build); \(DurationText.short(usual)) is usual (n=\(count))"
        }
    }

    /// Beyond so many times the average a duration is unusual. Source: wire-formats 4.6.
    public static let unusual = 1.5
    /// Days that are looked at, and days that are kept.
    public static let window = 30
    public static let retention = 90
    private static let mostAnomalies = 20

    public var days: Int
    public var total: Int
    public var succeeded: Int
    public var failed: Int
    /// Of the builds that succeeded.
    public var seconds: Figures?
    /// By name.
    public var templates: [Template]
    /// The one that takes longest first.
    public var packages: [Package]
    /// The most frequent first.
    public var failures: [Failures]
    /// Newest first.
    public var anomalies: [Anomaly]
    /// The most that was used of a disk in one build, in bytes; nil where nothing was sampled.
    public var peakDisk: Int?
    public var peakMemory: Int?

    /// - Parameters:
    ///   - runs: of any kind, in any order; those of images count.
    ///   - template: only its builds; nil for all.
    ///   - days: only builds that ended within them.
    public init(runs: [Run], template: String? = nil, days: Int = Self.window, now: Date) {
        let first = now.addingTimeInterval(-Double(days) * 86_400)
        let builds = runs.filter {
            $0.kind == .image && $0.endedAt >= first && (template == nil || $0.profile == template)
        }.sorted { $0.endedAt > $1.endedAt }
        self.days = days
        total = builds.count
        succeeded = builds.count { $0.outcome == .done }
        failed = total - succeeded
        seconds = Figures(builds.filter { $0.outcome == .done }.map(\.seconds))
        templates = Dictionary(grouping: builds) { $0.profile ?? $0.name }.map { name, builds in
            let good = builds.filter { $0.outcome == .done }
            return Template(
                name: name, succeeded: good.count, failed: builds.count - good.count,
                seconds: Figures(good.map(\.seconds)))
        }.sorted { $0.name < $1.name }
        let times = Self.packageTimes(builds)
        packages = Dictionary(grouping: times, by: \.spec).compactMap { spec, times in
            Figures(times.map(\.seconds)).map { Package(spec: spec, seconds: $0) }
        }.sorted { ($1.seconds.mean, $0.spec) < ($0.seconds.mean, $1.spec) }
        failures = Dictionary(grouping: builds.filter { $0.outcome == .failed }, by: Self.trouble).map {
            Failures(trouble: $0, count: $1.count)
        }.sorted { ($1.count, $0.trouble) < ($0.count, $1.trouble) }
        anomalies = Self.anomalies(times)
        peakDisk = builds.flatMap(\.parts).filter { $0.name == Self.diskPart }.map(\.count).max()
        peakMemory = builds.flatMap(\.parts).filter { $0.name == Self.memoryPart }.map(\.count).max()
    }

    /// - Parameter sorted: ascending, and not empty; between two values it is a straight line.
    static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        guard low + 1 < sorted.count else { return sorted.last ?? 0 }
        return sorted[low] + (sorted[low + 1] - sorted[low]) * (place - Double(low))
    }

    // MARK: the names of parts

    /// The parts in which a run keeps what is no duration; their counts are bytes.
    static let diskPart = "peak/disk"
    static let memoryPart = "peak/memory"

    static func failurePart(_ trouble: BuildTrouble) -> String { "failure/\(trouble.rawValue)" }

    private static func trouble(_ run: Run) -> String {
        run.parts.first { $0.name.hasPrefix("failure/") }.map { String($0.name.dropFirst(8)) }
            ?? BuildTrouble.other.rawValue
    }

    private struct Time {
        var spec: String
        var seconds: Double
        var run: Run
    }

    private static func packageTimes(_ builds: [Run]) -> [Time] {
        builds.flatMap { run in
            run.parts.compactMap { part in
                guard part.name.hasSuffix("/total"), part.seconds > 0 else { return nil }
                return Time(spec: String(part.name.dropLast(6)), seconds: part.seconds, run: run)
            }
        }
    }

    private static func anomalies(_ times: [Time]) -> [Anomaly] {
        let groups = Dictionary(grouping: times, by: \.spec)
        var found: [Anomaly] = []
        for time in times {
            let others = (groups[time.spec] ?? []).filter { $0.run.item != time.run.item }.map(\.seconds)
            guard others.count >= BuildMemory.fewest, let usual = Figures(others)?.mean,
                time.seconds > unusual * usual, time.seconds > usual + 60
            else { continue }
            found.append(
                Anomaly(
                    build: time.run.name, endedAt: time.run.endedAt, spec: time.spec, seconds: time.seconds,
                    usual: usual, count: others.count))
            if found.count == mostAnomalies { break }
        }
        return found
    }
}
