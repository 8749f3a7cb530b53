import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that is known of one build: what its place says, what its log has told, how far it was.
public struct BuildReading: Sendable {
    public internal(set) var known: KnownBuild
    public internal(set) var log: BuildLog
    public private(set) var progress = BuildProgress()
    /// What rows and history call the packages that were asked for: `gcc@11.3.0`.
    public internal(set) var names: [String]
    /// When each stage was first seen, in the order in which they were.
    public internal(set) var stages: [(stage: KnownBuild.Stage, since: Date)] = []
    /// What kept its log from being read whole, one sentence each.
    public internal(set) var troubles: [String] = []

    /// Whether its log was given to its end.
    private var isRead = false
    /// The last line of a log that has nothing more to tell, once it has been silent for long enough.
    private var quietSince: Date?

    private static let mostTroubles = 6
    /// A log of which nobody knows the end is taken for whole after so many seconds of silence.
    private static let quiet: Double = 60

    public init(_ known: KnownBuild, tailLines: Int = 120) {
        self.known = known
        log = BuildLog(roots: known.record.packages, tailLines: tailLines)
        names = Self.names(known.record.packages)
    }

    // MARK: what comes in

    /// What the place says now.
    public mutating func take(_ known: KnownBuild, now: Date) {
        self.known = known
        if let stage = known.stage, stages.last?.stage != stage {
            // What is seen first began with the build, if it is the first stage.
            let isFirst = stages.isEmpty && stage == .launching
            stages.append((stage, isFirst ? known.record.startedAt ?? now : now))
        }
        if let told = known.told.map({ PctlProgress($0) }), told.percent != nil || told.spec != nil {
            log.told(told, at: min(now, known.heardAt ?? now))
        }
        settle(now: now)
    }

    /// A piece of its log.
    public mutating func take(_ piece: BuildPiece, now: Date) {
        switch piece {
        case .bytes(let bytes, _, let written, let isPast): log.feed(bytes, at: written, isPast: isPast)
        case .restarted(let restart):
            log.cut(at: now)
            note(restart.sentence)
        case .missing(let sentence): note(sentence)
        case .caughtUp: break
        }
        nameRoots()
    }

    public mutating func note(_ trouble: String) {
        let trouble = SafeText.line(trouble, limit: 300)
        troubles.removeAll { $0 == trouble }
        troubles.append(trouble)
        if troubles.count > Self.mostTroubles { troubles.removeFirst() }
    }

    /// What is no longer so.
    mutating func forget(_ trouble: String) {
        let trouble = SafeText.line(trouble, limit: 300)
        troubles.removeAll { $0 == trouble }
    }

    /// The log was read to its end.
    public mutating func finish(now: Date) {
        isRead = true
        settle(now: now)
    }

    /// What is over is said to its log too, where the log had no room for its end.
    private mutating func settle(now: Date) {
        if case .ended(let end) = known.life, !log.isEnded, isRead || !known.hasLog {
            let isStopped = log.driven?.stop != nil || end.status == BuildEnd.stopped || end.status == BuildEnd.late
            log.end(exitStatus: isStopped ? nil : end.status, at: end.at)
        }
        nameRoots()
    }

    /// A log may tell of packages that nobody has asked for before.
    private mutating func nameRoots() {
        while names.count < log.roots.count { names.append(log.packages[log.roots[names.count].package].spec) }
    }

    /// Moves the bar; it never falls.
    public mutating func advance(_ memory: BuildMemory, now: Date) {
        log.tail.settle()
        quietSince = isQuietlyDone(at: now) ? log.lastLineAt : nil
        // What has ended does not move on with time.
        let now = endedAt.map { min($0, now) } ?? now
        progress.update(
            log, usual: { memory.usual(package: $0)?.median },
            usualPhase: { memory.usual($1, of: $0)?.median }, isVerified: isVerified, now: log.time(at: now))
    }

    // MARK: what follows from it

    /// Whether somebody has looked that the last package is there: our driver; Spack itself, where the log is all there is; pctl's image.
    var isVerified: Bool {
        if let driven = log.driven { return driven.isVerified }
        return known.image?.state == .available || isQuietlyDone(at: log.lastLineAt?.addingTimeInterval(Self.quiet))
    }

    /// Whether a log of which nothing else is known has nothing more to tell: the last of its packages is there.
    func isQuietlyDone(at now: Date?) -> Bool {
        guard known.life == .unknown, let now, let last = log.lastLineAt, let number = log.number ?? log.finished,
            number == log.total, now.timeIntervalSince(last) >= Self.quiet
        else { return false }
        return !log.packages.contains { $0.state == .running || $0.state == .failed } && log.outcome != .failed
    }

    /// When it ended, if it has.
    var endedAt: Date? {
        switch known.life {
        case .ended(let end): known.image?.endedAt ?? end.at
        case .lost: log.lastLineAt ?? known.heardAt
        case .running, .unknown: log.isEnded || log.outcome == .failed ? log.lastLineAt : quietSince
        }
    }

    /// Short names that are unlike each other: phases are found by them in the history.
    private static func names(_ specs: [String]) -> [String] {
        var seen: Set<String> = []
        return specs.prefix(BuildLog.rootLimit).map { text in
            let short = (try? PackageSpec(text))?.short ?? String(text.prefix { !" %+~^".contains($0) })
            let name = SafeText.line(seen.contains(short) || short.isEmpty ? text : short, limit: 120)
            seen.insert(name)
            return name
        }
    }
}
