import Fleet
import ImageBuild

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a build's states, steps and times are called, in plain words.
enum AmiWords {
    static func mark(_ state: Phase.State) -> String {
        switch state {
        case .waiting: "."
        case .running: ">"
        case .done: "+"
        case .failed: "!"
        case .skipped: "-"
        }
    }

    /// What the build does as a whole.
    static func work(_ item: Item) -> String {
        switch (item.state, item.word) {
        case (.running, "creating image"): "Creating the image"
        case (.running, "launching"): "Starting the builder"
        case (.running, _): "Installing software"
        case (.waiting, _): "Waiting"
        case (.done, _): "Software is installed"
        case (.failed, _): "Build \(item.word)"
        case (.held, _), (.unknown, _): item.word.prefix(1).uppercased() + item.word.dropFirst()
        }
    }

    // MARK: times

    /// `20-31m` and `n=3`, or `typical`; nil where nothing is known.
    static func band(_ estimate: Estimate?, after elapsed: Double = 0) -> (band: String, basis: String)? {
        guard let estimate, estimate.basis != .none, let p50 = estimate.p50, let p90 = estimate.p90 else { return nil }
        let basis = estimate.basis == .history ? "n=\(estimate.n)" : "typical"
        return (DurationText.band(elapsed + p50, elapsed + p90), basis)
    }

    /// `estimated 38-49m n=3`, the whole build; `no history`.
    static func total(_ item: Item, now: Date) -> String? {
        guard item.state == .running || item.state == .waiting else { return nil }
        guard let total = band(item.estimate, after: item.elapsed(at: now) ?? 0) else { return "no history" }
        return "estimated \(total.band) \(total.basis)"
    }

    /// Time taken and time left, the longest way to say it first: `18m elapsed, ~20-31m remaining, n=3`.
    static func times(_ item: Item, now: Date) -> [String] {
        let taken = item.elapsed(at: now).map(DurationText.short)
        guard item.state == .running || item.state == .waiting else { return taken.map { ["took \($0)"] } ?? [] }
        let elapsed = taken.map { "\($0) elapsed, " } ?? ""
        guard let left = band(item.estimate) else { return ["\(elapsed)no history", "no history"] }
        let short = "left \(left.band) \(left.basis)"
        return [
            "\(elapsed)~\(left.band) remaining, \(left.basis)", elapsed + short,
            (taken.map { "\($0), " } ?? "") + short, short,
        ]
    }

    /// `20m`, `3 days ago` as people say it.
    static func ago(_ at: Date, now: Date) -> String {
        let seconds = max(0, now.timeIntervalSince(at))
        let days = Int(min(seconds / 86_400, 1e6))
        if days >= 14 { return "\(days / 7) weeks ago" }
        if days >= 7 { return "1 week ago" }
        if days >= 1 { return days == 1 ? "1 day ago" : "\(days) days ago" }
        return "\(DurationText.age(seconds)) ago"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    // MARK: packages

    /// What a package took, or usually takes; empty where nothing is known.
    static func time(_ package: ImageDetail.Package) -> String {
        let took = package.seconds.map(DurationText.short)
        switch package.state {
        case .done:
            switch package.way {
            case "installed": return "was there"
            case "external": return "outside Spack"
            case "binary": return ["binary", took].compactMap { $0 }.joined(separator: ", ")
            default: return took ?? ""
            }
        case .failed: return took.map { "failed after \($0)" } ?? "failed"
        case .skipped: return "left out"
        case .running: return took ?? ""
        case .waiting: return usual(package) ?? ""
        }
    }

    /// `usual 1h01m n=3`, `typical 60-90m`: never a number alone.
    static func usual(_ package: ImageDetail.Package) -> String? {
        if let usual = package.usual, package.usualCount > 0 {
            return "usual \(DurationText.short(usual)) n=\(package.usualCount)"
        }
        guard package.way != "binary", package.usual != nil else { return nil }
        let typical = TypicalDurations.usual(package.spec)
        return "typical \(DurationText.band(typical.low, typical.high))"
    }

    /// Whether a notice announces a package that takes long, and is none of the many things that Spack says of itself.
    static func isAnnouncement(_ notice: String) -> Bool { notice.contains(" builds from source: ") }

    // MARK: phases

    /// The step of a package that runs, or in which it failed.
    static func phase(_ current: ImageDetail.Current) -> Phase? {
        current.phases.last { $0.state == .running } ?? current.phases.last { $0.state == .failed }
    }

    /// `build, 15m (compiling from source, this takes a while)`
    static func phase(_ current: ImageDetail.Current, _ package: ImageDetail.Package?, now: Date) -> String {
        guard let phase = phase(current) else { return "getting ready" }
        let taken = phase.elapsed(at: now).map { ", \(DurationText.short($0))" } ?? ""
        let hint = hint(phase, of: package?.spec ?? current.spec, way: package?.way, now: now)
        return phase.name + taken + (hint.map { " (\($0))" } ?? "")
    }

    /// - Parameter spec: the package that was asked for; the phase of another one, which it needs, bears that one's name too.
    private static func hint(_ phase: Phase, of spec: String, way: String?, now: Date) -> String? {
        let words = phase.name.split(separator: " ")
        var parts: [String] = []
        if let word = words.last, let meaning = meanings[String(word)] { parts.append(meaning) }
        if words.count > 1 { parts.append("needed by \(spec)") }
        if let usual = usual(phase) {
            parts.append(phase.isSlow(at: now) ? "slow: \(usual)" : usual)
        } else if words.last == "build", words.count == 1, way != "binary",
            TypicalDurations.usual(spec).high >= SlowPackages.threshold
        {
            parts = ["compiling from source, this takes a while"]
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func usual(_ phase: Phase) -> String? {
        guard let usual = phase.usual, let count = phase.usualCount, count > 0 else { return nil }
        return "usual \(DurationText.band(usual, phase.usualHigh ?? usual)) n=\(count)"
    }

    /// A build's place that does not answer: what is shown stands still, while the build may go on. Nil while it answers.
    static func silence(_ source: Source?, now: Date) -> String? {
        guard let source, source.state(at: now) != .live, let error = source.error else { return nil }
        let age = source.age(at: now).map { ", last heard of \(DurationText.short($0)) ago" } ?? ""
        return "\(error) The build goes on there\(age)."
    }

    private static let meanings = [
        "stage": "fetching its source", "fetch": "fetching it", "patch": "changing its source where Spack has to",
        "autoreconf": "preparing configure", "configure": "checking what the builder has",
        "cmake": "checking what the builder has", "meson": "checking what the builder has",
        "qmake": "checking what the builder has", "edit": "setting up its makefiles",
        "bootstrap": "building what it is built with", "build": "compiling", "install": "putting it into its place",
        "extract": "unpacking a binary", "relocate": "fitting a binary to its place", "check": "running its tests",
        "test": "running its tests", "post-install": "finishing",
    ]
}
