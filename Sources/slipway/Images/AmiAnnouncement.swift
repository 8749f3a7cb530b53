import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is known before a build begins: its packages, which of them take long, how long the whole will take. Pure.
struct AmiAnnouncement: Sendable {
    private static let mostSimilar = 3
    /// An image and its snapshot, in seconds. Source: wire-formats 4.1.
    private static let image = UsualTime(low: 600, high: 1200)

    /// How long the whole takes.
    struct Total: Sendable, Equatable {
        /// Seconds.
        var low: Double
        var high: Double
        /// The builds or packages it was measured in; 0 for typical values.
        var count: Int
        /// Whether it was measured in whole builds of the same template.
        var isWhole: Bool

        var text: String {
            DurationText.band(low, high) + (count > 0 ? " n=\(count)" : " typical")
        }
    }

    let template: String
    /// In the order in which they are built.
    let packages: [String]
    /// Nil for this machine.
    let builder: String?
    let imageName: String?
    let total: Total
    let slow: [SlowPackages.Announcement]
    let similar: [ImageDetail.Similar]
    private let now: Date

    /// - Parameters:
    ///   - packages: `gcc@11.3.0`, in the order in which they are built.
    ///   - imageName: of the image that is made afterwards; nil for none.
    init(
        template: String, packages: [String], memory: BuildMemory, builder: String? = nil, imageName: String? = nil,
        now: Date
    ) {
        self.template = SafeText.line(template, limit: 80)
        self.packages = packages.map { SafeText.line($0, limit: 120) }
        self.builder = builder
        self.imageName = imageName
        self.now = now
        slow = SlowPackages.announcements(packages, history: memory.time)
        // The build that is announced is none of them yet.
        similar = memory.similar(to: template, besides: ItemID(text: ""))
        total = Self.total(packages, memory, similar, hasImage: imageName != nil)
    }

    private static func total(
        _ packages: [String], _ memory: BuildMemory, _ similar: [ImageDetail.Similar], hasImage: Bool
    ) -> Total {
        let good = similar.filter(\.isGood).map(\.seconds)
        if good.count >= BuildMemory.fewest, let figures = BuildStatistics.Figures(good) {
            return Total(low: figures.p50, high: figures.p90, count: good.count, isWhole: true)
        }
        let names = packages + (hasImage ? ["image"] : [])
        let times = names.map { name -> UsualTime in
            if let usual = memory.usual(root: name), usual.count >= BuildMemory.fewest {
                return UsualTime(low: usual.median, high: usual.high, count: usual.count)
            }
            return hasImage && name == "image" ? image : TypicalDurations.usual(name)
        }
        return Total(
            low: times.reduce(0) { $0 + $1.low }, high: times.reduce(0) { $0 + $1.high },
            count: times.map(\.count).min() ?? 0, isWhole: false)
    }

    /// - Parameter columns: of a terminal; nil for a pipe, where nothing is wrapped.
    func lines(columns: Int? = nil, glyphs: AmiGlyphs = .box) -> [String] {
        let columns = max(20, columns ?? .max)
        func line(_ text: String, _ lead: String) -> [String] {
            AmiColumns.wrapped(glyphs.plain(text), to: columns, lead: lead)
        }
        var lines = line(template + (builder.map { " on \($0)" } ?? ""), "Template: ")
        lines += line("\(packages.joined(separator: ", ")) (\(packages.count) total)", "  Packages: ")
        if let imageName { lines += line(imageName, "  Image: ") }
        let basis = total.isWhole ? ", of earlier builds of this template" : ""
        lines += line((packages.isEmpty ? "nothing to build" : total.text) + basis, "  Estimated: ")
        for announcement in slow { lines += line(announcement.text, "  > ") }
        if !similar.isEmpty {
            lines.append("  Similar builds:")
            for build in similar.prefix(Self.mostSimilar) { lines += line(Self.text(build, now: now), "  ") }
        }
        return lines
    }

    /// `+ gromacs: 58m (3 days ago)`
    static func text(_ build: ImageDetail.Similar, now: Date) -> String {
        let failed = build.isGood ? "" : "failed after "
        return "\(build.isGood ? "+" : "!") \(build.name): \(failed)\(DurationText.short(build.seconds)) "
            + "(\(AmiWords.ago(build.endedAt, now: now)))"
    }
}
