import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A reading of a build becomes an item. Pure.
public struct ImageRules: Sendable {
    /// How long a build may write nothing, in seconds: compilers of compilers longer than others. Source: wire-formats 5.4.
    private static let patience: Double = 300
    private static let longPatience: Double = 600
    /// How long nobody may have looked at an image that is made, in seconds: a look every 15.
    private static let imagePatience: Double = 120
    /// The bar's last part belongs to the image, where one is made.
    private static let imageShare = 5

    let source: SourceID
    private let place: String

    /// - Parameter place: where the builds are, for people: `this machine`.
    public init(source: SourceID, place: String) {
        self.source = source
        self.place = SafeText.line(place, limit: 80)
    }

    public func itemID(_ id: String) -> ItemID {
        ItemID(kind: .image, source: source, key: SafeText.line(id, limit: 300))
    }

    /// - Parameter reading: `advance` has moved its bar.
    public func item(_ reading: BuildReading, memory: BuildMemory, now: Date) -> Item {
        let known = reading.known
        let id = itemID(known.id)
        let verdict = BuildVerdict(reading, now: now)
        let track = BuildTrack(reading, verdict, memory: memory, now: now)
        let diagnosis = BuildDiagnosis(reading: reading, memory: memory, now: now)
            .diagnosis(verdict, remaining: track.remaining)
        let picture = BuildPicture(reading, memory: memory, now: now)
        let isOver = verdict.state == .done || verdict.state == .failed || verdict.state == .unknown
        return Item(
            id: id, kind: .image, name: SafeText.line(known.record.name, limit: 80), source: source,
            state: verdict.state, word: verdict.word,
            startedAt: known.record.startedAt ?? reading.log.driven?.startedAt ?? reading.log.firstLineAt,
            endedAt: isOver ? reading.endedAt : nil, limit: known.record.deadline,
            progress: progress(reading, verdict), phases: track.phases,
            evidence: evidence(reading, verdict, memory: memory, now: now), diagnosis: diagnosis,
            advice: verdict.state == .running ? advice(reading) : [], profile: known.record.template,
            detail: .image(
                picture.detail(
                    id, verdict: verdict, track: track,
                    danger: verdict.state == .running ? diagnosis?.cause : nil)))
    }

    private func progress(_ reading: BuildReading, _ verdict: BuildVerdict) -> Progress? {
        var progress = reading.progress.progress(reading.log)
        if let count = reading.known.packageCount, progress.total < count {
            progress.total = count
            if reading.log.roots.isEmpty { progress.done = verdict.state == .done ? count : 0 }
        }
        if verdict.state == .done {
            progress.percent = 100
        } else if let image = reading.known.image ?? promised(reading) {
            let most = 100 - Self.imageShare
            progress.percent = min(progress.percent, most)
            if image.state == .pending, progress.percent >= most || verdict.word == "creating image" {
                progress.percent = min(99, most + Self.imageShare * max(0, image.percent ?? 0) / 100)
            }
        } else {
            progress.percent = min(progress.percent, 99)
        }
        // Nothing is counted and nothing is known.
        return progress.total == 0 && progress.percent == 0 ? nil : progress
    }

    /// An image that will be made.
    private func promised(_ reading: BuildReading) -> BuildImage? {
        reading.known.record.imageName.map { BuildImage(name: $0, state: .pending) }
    }

    private func evidence(
        _ reading: BuildReading, _ verdict: BuildVerdict, memory: BuildMemory, now: Date
    ) -> Evidence {
        let heard = [reading.log.lastLineAt, reading.known.heardAt].compactMap { $0 }.max()
        let at = min(now, heard ?? reading.known.record.startedAt ?? now)
        let from = reading.known.hasLog ? "the log on \(place)" : place
        guard verdict.state == .running, reading.known.hasLog else { return Evidence(at: at, from: from) }
        if verdict.word == KnownBuild.Stage.creating.rawValue {
            // Somebody has to ask AWS for us to know: whoever began may be gone.
            guard reading.known.image?.seenAt != nil else { return Evidence(at: at, from: from) }
            return Evidence(at: at, from: "AWS", patience: Self.imagePatience)
        }
        return Evidence(at: at, from: from, patience: patience(reading, memory: memory))
    }

    private func patience(_ reading: BuildReading, memory: BuildMemory) -> Double {
        let log = reading.log
        guard let package = log.current.map({ log.packages[$0] }), package.state == .running else {
            return Self.patience
        }
        if let longest = memory.silence(of: package.spec) { return max(Self.patience, longest) }
        let isLong = PackageSpec.compilerNames.contains(package.id.name) && package.phase?.name == "build"
        let patience = isLong ? Self.longPatience : Self.patience
        guard package.compile == nil, package.phase?.name == "build" || package.phase?.name == "install" else {
            return patience
        }
        // Without `--verbose` Spack says nothing while a phase goes on.
        let usual = memory.usual(package: package.spec)?.high ?? TypicalDurations.usual(package.spec).high
        return max(patience, BuildStatistics.unusual * usual)
    }

    private func advice(_ reading: BuildReading) -> [String] {
        let known = reading.known
        switch known.record.origin {
        case .slipway:
            let on = known.record.host.map { " --on \(ShellText.word($0))" } ?? ""
            return ["slipway ami watch \(ShellText.word(known.id))\(on) --verbose"]
        case .log: return ["slipway ami watch --log \(ShellText.quoted(SafeText.line(known.id)))"]
        case .pctl, .petal: return ["pctl ami status \(ShellText.word(known.id)) --watch"]
        case .pcluster:
            let region = known.record.region.map { " -r \(ShellText.word($0))" } ?? ""
            return ["pcluster describe-image -i \(ShellText.word(known.id))\(region)"]
        }
    }
}
