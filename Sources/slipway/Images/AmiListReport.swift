import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `slipway ami list`: the builds of the places that were read and those of the history, as a table and as public JSON. Times are RFC 3339
/// in UTC, durations seconds, absent means unknown.
struct AmiListReport: Encodable, Sendable, Equatable {
    struct Build: Encodable, Sendable, Equatable {
        var id: String
        var name: String
        var template: String?
        var state: Item.State
        var word: String
        var progress: Progress?
        var startedAt: Date?
        var endedAt: Date?
        /// What it took, or has taken so far.
        var seconds: Double?
        var builder: String?
        var region: String?
        var imageID: String?
        var imageName: String?
        var cause: String?

        /// Where it is built. The region of a build of our own is that of its image.
        fileprivate var place: String? { builder ?? (origin == .slipway ? nil : region) }
        fileprivate var origin: ImageDetail.Origin?

        private enum CodingKeys: String, CodingKey {
            case id, name, template, state, word, progress, startedAt, endedAt, seconds, builder, region, imageID
            case imageName, cause
        }
    }

    /// Fields may be added without a new version, never taken away or changed.
    static let version = 1

    let version: Int
    let at: Date
    /// Those that run first, then the newest.
    let builds: [Build]

    /// - Parameters:
    ///   - items: of any kind; they know more than the history does of the same build.
    ///   - runs: of any kind.
    ///   - template: only its builds; nil for all.
    init(items: [Item], runs: [Run], template: String? = nil, now: Date) {
        version = Self.version
        at = now
        let present = items.compactMap { Self.build($0, now: now) }
        let known = Set(items.map(\.id))
        let past = runs.filter { $0.kind == .image && !known.contains($0.item) }.map(Self.build)
        builds = (present + past).filter { template == nil || $0.template == template }.sorted {
            let (left, right) = ($0.endedAt == nil, $1.endedAt == nil)
            if left != right { return left }
            let (one, other) = ($0.startedAt ?? .distantPast, $1.startedAt ?? .distantPast)
            return one == other ? $0.id < $1.id : one > other
        }
    }

    private static func build(_ item: Item, now: Date) -> Build? {
        guard case .image(let image) = item.detail else { return nil }
        return Build(
            id: key(item.id, source: item.source), name: item.name, template: image.template, state: item.state,
            word: item.word, progress: item.progress, startedAt: item.startedAt, endedAt: item.endedAt,
            seconds: item.elapsed(at: now), builder: image.builder, region: image.region, imageID: image.imageID,
            imageName: image.imageName, cause: item.state == .failed ? item.diagnosis?.cause : nil, origin: image.origin
        )
    }

    private static func build(_ run: Run) -> Build {
        Build(
            id: key(run.item, source: run.source), name: run.name, template: run.profile,
            state: run.outcome == .done ? .done : .failed, word: run.word, startedAt: run.startedAt,
            endedAt: run.endedAt, seconds: run.seconds, cause: run.cause)
    }

    /// What its place calls it, and `slipway ami watch` takes.
    private static func key(_ id: ItemID, source: SourceID) -> String {
        let prefix = "\(Kind.image.rawValue)/\(source.text)/"
        return id.text.hasPrefix(prefix) ? String(id.text.dropFirst(prefix.count)) : id.text
    }

    // MARK: as a table

    static let titles = ["ID", "TEMPLATE", "STATE", "PROGRESS", "STARTED", "TOOK", "BUILDER", "IMAGE"]

    var rows: [[String]] {
        builds.map { build in
            let isOver = build.endedAt != nil
            let took = build.seconds.map { DurationText.short($0) + (isOver ? "" : "+") }
            return [
                build.id, build.template ?? build.name, build.word, build.progress?.text ?? "-",
                build.startedAt.map { AmiWords.ago($0, now: at) } ?? "-", took ?? "-",
                build.place ?? "-", build.imageID ?? "-",
            ]
        }
    }

    var lines: [String] { builds.isEmpty ? ["No builds are known."] : PlainTable.lines(Self.titles, rows) }
}
