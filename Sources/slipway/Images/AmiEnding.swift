import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is left to say of a build that is over: the whole of it in a line, or where it failed, why, and what to do. Pure.
struct AmiEnding: Sendable {
    private static let mostLines = 8
    private static let mostPackages = 60
    /// A disk that is so full may be the reason, whatever the log says.
    private static let tight = 0.9

    let item: Item
    let image: ImageDetail
    let now: Date

    /// Nil for an item that is no image build.
    init?(_ item: Item, now: Date) {
        guard case .image(let image) = item.detail else { return nil }
        self.item = item
        self.image = image
        self.now = now
    }

    /// - Parameters:
    ///   - status: how the command ends.
    ///   - isListing: with a line for each package, where none has been printed.
    func lines(_ status: ExitStatus, isListing: Bool) -> [String] {
        switch item.state {
        case .done: [done] + (isListing ? packages : []) + made
        case .failed: failed
        case .running, .waiting, .held, .unknown: status == .overdue ? overdue : stopped
        }
    }

    // MARK: well

    private var took: String { item.elapsed(at: now).map { " in \(DurationText.short($0))" } ?? "" }

    /// `+ complete: gromacs, 5 packages in 42m`
    private var done: String {
        let total = item.progress?.total ?? image.packages.count(where: \.isRoot)
        let packages = total > 0 ? ", \(AmiWords.count(total, "package"))" : ""
        return "+ \(item.word): \(item.name)\(packages)\(took)"
    }

    private var packages: [String] {
        let roots = image.packages.filter(\.isRoot)
        let width = min(40, roots.map { AmiColumns.width($0.spec) }.max() ?? 0)
        let lines = roots.prefix(Self.mostPackages).map { package in
            "  \(AmiWords.mark(package.state)) \(AmiColumns.padded(package.spec, to: width))  \(AmiWords.time(package))"
        }
        let rest = roots.count - Self.mostPackages
        return lines.map(AmiColumns.trimmed) + (rest > 0 ? ["    and \(rest) more"] : [])
    }

    /// The image that was made of it.
    private var made: [String] {
        guard let id = image.imageID else { return [] }
        let facts = [image.imageName, image.region].compactMap { $0 }.joined(separator: ", ")
        return ["  Image: \(id)\(facts.isEmpty ? "" : " (\(facts))")"]
    }

    // MARK: not well

    /// The seed's fourth principle: what, where, why, how to go on.
    private var failed: [String] {
        guard let failure = image.failures.first else {
            guard let diagnosis = item.diagnosis else { return ["Error: Build \(item.word): \(item.name)"] + rest }
            return ["Error: \(diagnosis.cause)"] + diagnosis.signs.prefix(Self.mostLines).map { "    \($0)" }
                + diagnosis.next.map { "  Next: \($0)" } + rest
        }
        let place = failure.package.map { " in \($0)" } ?? ""
        let phase = failure.phase.map { " \($0) phase" } ?? ""
        var lines = ["Error: Build failed\(place.isEmpty && !phase.isEmpty ? " in" : place)\(phase)"]
        if !failure.lines.contains(where: { $0.contains(failure.text) }) { lines.append("  \(failure.text)") }
        if let place = failure.place { lines.append("  Log: \(place)") }
        lines += failure.lines.suffix(Self.mostLines).map { "    \($0)" }
        if let disk = image.tellingDisk, disk.share > Self.tight {
            lines.append("  Disk \(disk.place): \(disk.usage), \(AmiDisk.size(disk.free)) free")
        }
        if !failure.fix.isEmpty { lines.append("  Fix: \(failure.fix)") }
        lines += (item.diagnosis?.next ?? []).filter { $0 != failure.fix }.map { "  Next: \($0)" }
        return lines + rest
    }

    /// What it took, and what is not lost.
    private var rest: [String] {
        let taken = item.elapsed(at: now).map { "Took \(DurationText.short($0))" }
        return [[taken, there].compactMap { $0 }.joined(separator: "; ")].filter { !$0.isEmpty }.map { "  \($0)" }
    }

    private var there: String? {
        guard let progress = item.progress, progress.done > 0, progress.done < progress.total else { return nil }
        return "\(progress.done) of \(AmiWords.count(progress.total, "package")) installed, which the next build finds"
    }

    private var stopped: [String] { ["- \(item.word): \(item.name)\(took.replacing(" in ", with: " after "))"] + kept }

    private var kept: [String] { there.map { ["  \($0)"] } ?? [] }

    private var overdue: [String] {
        let limit = item.limit.map { " of \(DurationText.short($0))" } ?? ""
        let next = item.diagnosis?.next ?? item.advice
        return ["! still \(item.word) after its limit\(limit): \(item.name)"] + next.map { "  Next: \($0)" }
    }
}
