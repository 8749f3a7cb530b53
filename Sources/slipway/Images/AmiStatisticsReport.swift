import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `slipway ami stats`: what the history says of builds and packages, as text and as public JSON. Times are RFC 3339 in UTC, durations
/// seconds, sizes bytes, absent means unknown.
struct AmiStatisticsReport: Encodable, Sendable, Equatable {
    /// How the newest build of a template ended.
    struct Last: Encodable, Sendable, Equatable {
        var endedAt: Date
        var word: String
        var seconds: Double
        var outcome: Run.Outcome
    }

    /// Fields may be added without a new version, never taken away or changed.
    static let version = 1

    let version: Int
    let at: Date
    /// The template that was asked for; nil for all.
    let template: String?
    let statistics: BuildStatistics
    /// By template.
    let last: [String: Last]

    private enum CodingKeys: String, CodingKey { case version, at, template, last }

    /// - Parameters:
    ///   - runs: of any kind, in any order; those of images count.
    ///   - template: only its builds; nil for all.
    ///   - days: only builds that ended within them.
    init(runs: [Run], template: String? = nil, days: Int = BuildStatistics.window, now: Date) {
        version = Self.version
        at = now
        self.template = template
        statistics = BuildStatistics(runs: runs, template: template, days: days, now: now)
        let names = Set(statistics.templates.map(\.name))
        last = runs.filter { $0.kind == .image }.reduce(into: [:]) { last, run in
            let name = run.profile ?? run.name
            guard names.contains(name), run.endedAt > last[name]?.endedAt ?? .distantPast else { return }
            last[name] = Last(endedAt: run.endedAt, word: run.word, seconds: run.seconds, outcome: run.outcome)
        }
    }

    /// The fields of the statistics stand beside those of the report.
    func encode(to encoder: any Encoder) throws {
        try statistics.encode(to: encoder)
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(version, forKey: .version)
        try box.encode(at, forKey: .at)
        try box.encodeIfPresent(template, forKey: .template)
        try box.encode(last, forKey: .last)
    }

    // MARK: as text

    func lines(glyphs: AmiGlyphs = .box) -> [String] {
        let of = template.map { " of \(SafeText.line($0, limit: 80))" } ?? ""
        guard statistics.total > 0 else { return ["No builds\(of) in the last \(statistics.days) days."] }
        var lines = [
            "Builds\(of) in the last \(statistics.days) days: \(statistics.total), "
                + "\(Self.rate(statistics.succeeded, statistics.total)) succeeded"
        ]
        lines += section(
            "", ["TEMPLATE", "BUILDS", "SUCCEEDED", title(glyphs), "P50", "P90", "LAST"], templates(glyphs))
        lines += section(
            "", ["PACKAGE", title(glyphs), "P50", "P90", "N"],
            statistics.packages.map { package in
                [package.spec] + times(package.seconds, glyphs) + ["\(package.seconds.count)"]
            })
        lines += section("", ["FAILED OF", "BUILDS"], statistics.failures.map { [words($0.trouble), "\($0.count)"] })
        if !statistics.anomalies.isEmpty {
            lines += ["", "Unusual:"]
            lines += statistics.anomalies.map { "  ! \($0.text), \(AmiWords.ago($0.endedAt, now: at))" }
        }
        let peaks = [
            statistics.peakDisk.map { "disk \(AmiDisk.size($0))" },
            statistics.peakMemory.map { "memory \(AmiDisk.size($0))" },
        ].compactMap { $0 }
        if !peaks.isEmpty { lines += ["", "Most used in one build: \(peaks.joined(separator: ", "))"] }
        return lines.map(glyphs.plain)
    }

    private func title(_ glyphs: AmiGlyphs) -> String { "MEAN \(glyphs.plusMinus) DEVIATION" }

    private func section(_ lead: String, _ titles: [String], _ rows: [[String]]) -> [String] {
        rows.isEmpty ? [] : [lead] + PlainTable.lines(titles, rows)
    }

    private func templates(_ glyphs: AmiGlyphs) -> [[String]] {
        statistics.templates.map { template in
            let total = template.succeeded + template.failed
            let last = last[template.name].map { "\(AmiWords.ago($0.endedAt, now: at)), \($0.word)" } ?? "-"
            let taken = template.seconds.map { times($0, glyphs) } ?? ["-", "-", "-"]
            return [template.name, "\(total)", Self.rate(template.succeeded, total)] + taken + [last]
        }
    }

    /// `1h01m ± 5m12s`, then the percentiles. A single one has no deviation.
    private func times(_ figures: BuildStatistics.Figures, _ glyphs: AmiGlyphs) -> [String] {
        let deviation = figures.count > 1 ? " \(glyphs.plusMinus) \(DurationText.short(figures.deviation))" : ""
        return [
            DurationText.short(figures.mean) + deviation, DurationText.short(figures.p50),
            DurationText.short(figures.p90),
        ]
    }

    /// `10 of 12 (83%)`
    private static func rate(_ part: Int, _ total: Int) -> String {
        "\(part) of \(total) (\(total > 0 ? part * 100 / total : 0)%)"
    }

    /// `disk full`
    private func words(_ trouble: String) -> String { trouble.replacing("_", with: " ") }
}
