#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What there is to do in a log's build, weighed in seconds, and how much of it is done.
struct BuildWork {
    private static let unmet: Double = 60
    private static let least: Double = 30
    /// Time alone brings a phase no nearer to its end than this.
    private static let mostByTime = 0.95

    let log: BuildLog
    let usualPhase: BuildProgress.UsualPhase
    let now: Date
    private(set) var shares: [BuildProgress.Share] = []
    private(set) var fraction = 0.0
    private let usual: BuildProgress.Usual
    /// The packages that each root needed; looked for once, because there may be hundreds of roots and thousands of packages.
    private var needed: [[Int]] = []

    init(
        _ log: BuildLog, usual: @escaping BuildProgress.Usual, usualPhase: @escaping BuildProgress.UsualPhase, now: Date
    ) {
        self.log = log
        self.usual = usual
        self.usualPhase = usualPhase
        self.now = now
        guard !log.roots.isEmpty else {
            fraction = request(root: nil)
            return
        }
        needed = Array(repeating: [], count: log.roots.count)
        for (place, package) in log.packages.enumerated() {
            if let root = package.root, needed.indices.contains(root) { needed[root].append(place) }
        }
        let weights = log.roots.map { max(Self.least, seconds(log.packages[$0.package].spec)) }
        // Roots of the template that the runner counts and that are not known by name.
        let unnamed = max(0, (log.driven?.total ?? log.pctl?.total ?? 0) - log.roots.count)
        let sum = weights.reduce(0, +) + Double(unnamed) * TypicalDurations.unlisted.expected
        for (index, root) in log.roots.enumerated() {
            let fraction = request(root: index)
            shares.append(BuildProgress.Share(spec: root.spec, share: weights[index] / sum, fraction: fraction))
            self.fraction += fraction * weights[index] / sum
        }
    }

    /// How much of one `spack install` is done: of a root with everything it needs, or, without roots, of the one that runs.
    private func request(root: Int?) -> Double {
        var done = 0.0
        var all = 0.0
        var met = 0
        for place in root.map({ needed[$0] }) ?? log.packages.indices.filter(log.isInRequest) {
            if let root, log.roots[root].package == place { continue }
            let package = log.packages[place]
            met += 1
            let weight = weight(package)
            all += weight
            done += weight * Self.done(package, self)
        }
        if let root {
            let package = log.packages[log.roots[root].package]
            if package.isSettled { return 1 }
            guard package.state == .running || log.roots[root].startedAt != nil || met > 0 else { return 0 }
            let own = max(1, package.origin == .binary ? TypicalDurations.binary.expected : seconds(package.spec))
            all += own
            done += own * Self.done(package, self)
            met += 1
        }
        // Packages that Spack counts and that were not met yet; the last of them is the one that was asked for.
        if root == nil || root == log.activeRoot, let total = log.total {
            let behind = log.number.map { max(0, total - $0) } ?? max(0, total - met)
            let isOwnLeft = root != nil && log.packages[log.roots[root ?? 0].package].state == .waiting
            all += Double(max(0, behind - (isOwnLeft ? 1 : 0))) * Self.unmet
        }
        return all > 0 ? min(1, done / all) : 0
    }

    /// What the log's own runner counts, where the log has no line of Spack's: packages before this one, and time in this one.
    func told(_ pctl: BuildLog.Pctl, usual: BuildProgress.Usual, now: Date) -> Double {
        let weights = log.roots.map { max(Self.least, seconds(log.packages[$0.package].spec)) }
        let sum = weights.reduce(0, +)
        guard let number = pctl.number, let total = pctl.total, total > 0, let since = pctl.numberAt else {
            // The tag alone: nothing but time.
            guard let since = pctl.packagesAt, sum > 0 else { return 0 }
            return Self.byTime(now.timeIntervalSince(since), usual: sum)
        }
        let own =
            log.currentRoot.map { seconds(log.packages[log.roots[$0].package].spec) }
            ?? TypicalDurations.unlisted.expected
        let inner = Self.byTime(now.timeIntervalSince(since), usual: own)
        guard log.roots.count == total, let current = log.currentRoot else {
            return (Double(number - 1) + inner) / Double(total)
        }
        // Compilers come first there, in whatever order the template has them: those that were named before are done.
        let before = log.roots.indices.filter { $0 != current && log.roots[$0].startedAt != nil }
        return (before.reduce(0) { $0 + weights[$1] } + weights[current] * inner) / sum
    }

    private func seconds(_ spec: String) -> Double {
        guard let told = usual(spec), told.isFinite, told > 0 else { return TypicalDurations.usual(spec).expected }
        return told
    }

    private func weight(_ package: BuildPackage) -> Double {
        switch package.state {
        // What was there costs nothing, and neither does what is not built.
        case .present, .skipped: 0
        default: max(1, package.origin == .binary ? TypicalDurations.binary.expected : seconds(package.spec))
        }
    }

    private static func done(_ package: BuildPackage, _ work: BuildWork) -> Double {
        switch package.state {
        case .done, .present: return 1
        case .waiting, .skipped: return 0
        case .running, .failed: break
        }
        let shares = PhaseShares.shares(of: package, usual: work.usualPhase)
        guard let phase = package.phases.last(where: { $0.endedAt == nil }) ?? package.phases.last,
            let place = shares.firstIndex(where: { $0.phase == phase.name })
        else { return 0 }
        let before = shares[..<place].reduce(0) { $0 + $1.share }
        let share = shares[place].share
        let usual = work.usualPhase(package.spec, phase.name) ?? share * work.weight(package)
        return before + share * inside(package, phase, usual: usual, now: work.now)
    }

    /// How much of a phase is done: what the build tool counts, else time against what is usual.
    private static func inside(_ package: BuildPackage, _ phase: BuildPhase, usual: Double, now: Date) -> Double {
        if let fraction = package.compile?.fraction { return min(0.99, fraction) }
        if let percent = package.fetched, percent > 0 { return Double(min(99, percent)) / 100 }
        return byTime(phase.elapsed(at: now) ?? 0, usual: usual)
    }

    /// Straight up to four fifths of the usual time, then slower and slower.
    private static func byTime(_ elapsed: Double, usual: Double) -> Double {
        guard elapsed > 0, usual > 0 else { return 0 }
        let part = elapsed / usual
        guard part > 0.8 else { return part }
        return min(mostByTime, 0.8 + 0.15 * (1 - 1 / (1 + (part - 0.8) * 4)))
    }
}
