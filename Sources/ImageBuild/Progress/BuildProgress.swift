import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How far a build is, kept from look to look: it never falls, a failure freezes it, and it is 100 only when somebody has checked
/// the result. Source: wire-formats 5.4, design 6.
public struct BuildProgress: Sendable, Equatable {
    /// One root's part of the bar.
    public struct Share: Sendable, Equatable {
        public var spec: String
        /// Its part of the whole, 0…1.
        public var share: Double
        /// How much of that is done, 0…1.
        public var fraction: Double
    }

    /// Seconds that a package of the log usually takes to be built from source; nil where nothing was recorded. It is given `name@version`.
    public typealias Usual = (_ spec: String) -> Double?
    /// The same of one of its phases.
    public typealias UsualPhase = (_ spec: String, _ phase: String) -> Double?

    /// 0…100.
    public private(set) var percent = 0
    public private(set) var shares: [Share] = []
    private var best = 0.0

    /// pctl's percents between which its packages lie. Source: wire-formats 4.3.
    private static let pctlPackages = 20.0...80.0

    private static let mostWithoutRoots = 95.0

    public init() {}

    /// - Parameter isVerified: whether the last package is installed and that was checked; until then there are 99.
    /// - Returns: the percent that is to be shown.
    @discardableResult
    public mutating func update(
        _ log: BuildLog, usual: @escaping Usual = { _ in nil }, usualPhase: @escaping UsualPhase = { _, _ in nil },
        isVerified: Bool = false,
        now: Date
    ) -> Int {
        // A failure that is read long after it happened is looked at once.
        guard log.outcome != .failed || best == 0 else { return percent }
        let work = BuildWork(log, usual: usual, usualPhase: usualPhase, now: now)
        shares = work.shares
        var value = work.fraction * 100
        // Without a template nobody knows whether another `spack install` follows the one that ends.
        if log.roots.isEmpty { value = min(value, Self.mostWithoutRoots) }
        if let pctl = log.pctl { value = Self.mapped(pctl, work, usual: usual, now: now) }
        best = max(best, min(value, 99))
        if log.outcome == .succeeded { best = 99 }
        percent = max(percent, log.outcome == .succeeded && isVerified ? 100 : Int(best))
        return percent
    }

    /// With what it counts: roots of the template, else packages of the running `spack install`.
    public func progress(_ log: BuildLog) -> Fleet.Progress {
        if !log.roots.isEmpty {
            return Fleet.Progress(percent: percent, done: log.settledRoots, total: log.roots.count, unit: "packages")
        }
        let done = log.settledCount
        return Fleet.Progress(
            percent: percent, done: done, total: max(done, log.total ?? 0, log.packages.count), unit: "packages")
    }

    /// pctl's percent and what is known of the packages, on pctl's scale. Its tag stands still at 20 while they are installed, and its
    /// console line comes before the package that it counts; 100 comes before the clean-up.
    private static func mapped(_ pctl: BuildLog.Pctl, _ work: BuildWork, usual: Usual, now: Date) -> Double {
        let told = Double(pctl.progress.percent ?? pctl.highest ?? 0)
        let isInPackages = pctl.packagesAt != nil || pctl.number != nil
        let isBehind =
            Double(pctl.highest ?? 0) > pctlPackages.upperBound
            || pctl.progress.message.hasPrefix("Package installation")
        guard isInPackages, !isBehind else { return isBehind ? max(told, Double(pctl.highest ?? 0)) : told }
        let width = pctlPackages.upperBound - pctlPackages.lowerBound
        return pctlPackages.lowerBound + width
            * min(1, max(0, max(work.fraction, work.told(pctl, usual: usual, now: now))))
    }
}
