#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a build's log has told so far. Feed it bytes as they come; nothing in it grows without bound, and nothing in it can crash it.
public struct BuildLog: Sendable, Equatable {
    public enum Outcome: String, Sendable { case running, succeeded, failed }

    /// A package of the template.
    public struct Root: Sendable, Equatable {
        /// As the template writes it: `openmpi@4.1.4 +pmi %gcc@11`.
        public var spec: String
        /// Where it is in `packages`.
        public var package: Int
        /// The dependencies that pctl counted for it.
        public var dependencies: Int?
        /// When its `spack install` began, or its own installation, where another root needed it before.
        public var startedAt: Date?
        public var endedAt: Date?
        /// Whether it was there before its `spack install` began.
        var isEarly = false
        /// Whether `spack install` was told to have succeeded for it.
        public var isTold = false
    }

    /// What pctl's script says of itself.
    public struct Pctl: Sendable, Equatable {
        public var progress: PctlProgress
        public var at: Date
        /// When its packages began: the 20 % at which its tag stands still until they are done.
        public var packagesAt: Date?
        /// Packages it says are installed, and all of them.
        public var number: Int?
        public var total: Int?
        /// When the package that is being installed began.
        public var numberAt: Date?
        /// The highest percent told.
        public var highest: Int?
        public var isVerbose = false
    }

    /// What our driver says of a build.
    public struct Driven: Sendable, Equatable {
        public enum Stop: Sendable, Equatable { case byHand, late }

        public var startedAt: Date
        public var endedAt: Date?
        /// All packages it has to install.
        public var total: Int?
        /// Whether the last package was found after it was installed.
        public var isVerified = false
        /// Why it was ended before its end.
        public var stop: Stop?
        /// The driver's exit status.
        public var status: Int?
    }

    static let packageLimit = 5000
    static let listLimit = 50
    static let phaseLimit = 24
    static let rootLimit = 500

    /// Roots first, in the order of the template, then whatever was met.
    public internal(set) var packages: [BuildPackage] = []
    public internal(set) var roots: [Root] = []
    /// Failures, oldest first.
    public internal(set) var failures: [BuildFailure] = []
    /// Spack's warnings, the last of them.
    public internal(set) var warnings: [String] = []
    public internal(set) var tail: BuildTail
    public internal(set) var outcome = Outcome.running
    public internal(set) var pctl: Pctl?
    public internal(set) var disk: BuildDisk?
    /// The builder's disks by place, as they were sampled.
    public internal(set) var samples = BuildSamples()
    /// What our driver says of the whole.
    public internal(set) var driven: Driven?
    /// What Spack waits for: another process's lock.
    public internal(set) var waitingFor: String?
    /// What it does between packages: the environment's name, a tool of its own that it installs.
    public internal(set) var activity: String?
    /// The package that the last line was about, in `packages`.
    public internal(set) var current: Int?
    /// The root that is being installed, in `roots`.
    public internal(set) var currentRoot: Int?
    /// The last counter `[n/m]`: this package's number in the running `spack install`, and all of its packages.
    public internal(set) var number: Int?
    public internal(set) var total: Int?
    /// Packages of the running `spack install` that the new installer counts as finished.
    public internal(set) var finished: Int?
    public internal(set) var lineCount = 0
    public internal(set) var firstLineAt: Date?
    public internal(set) var lastLineAt: Date?
    /// When something last happened that is more than a line of output.
    public internal(set) var lastProgressAt: Date?
    /// Whether the stream has ended.
    public internal(set) var isEnded = false

    /// What the lines before decide about the next ones.
    enum Context: Equatable {
        case none, replay
        /// What an error says on indented lines below it.
        case below(failure: Int, left: Int)
        /// Quoted lines of the build log of the failure at this place, and the column of their text.
        case digest(failure: Int?, column: Int, isError: Bool)
        case reasons(failure: Int, left: Int)
        case list
        /// The path of a build log stands on the next line.
        case hint
        /// Lines of a build log, from this one to the last.
        case block(failure: Int?, line: Int, last: Int)
    }

    var context = Context.none
    var lines = LogLines()
    var grammar = SpackGrammar()
    var byHash: [String: Int] = [:]
    var byName: [String: Int] = [:]
    /// The package whose own output is printed: the new installer prints that of one, and states of the others in between.
    var followed: Int?
    /// Whether this Spack gives the hash of what it installs: then a name alone is another program's.
    var givesHashes = false
    /// Whether a state of the new installer was seen: then its header is Spack's.
    var givesStates = false
    /// The package that was finished last, for the timing line that follows.
    var lastDone: Int?
    /// The last block of a build log, and the failure that it belongs to.
    var lastBlock: LogBlock?
    /// The `spack install` that runs, counted; packages of earlier ones do not count in its total.
    var request = 0
    var requests: [Int: Int] = [:]
    /// Signs of trouble in the output of the current phase, as they stand there.
    var signs: [BuildFailure.Sign] = []
    var signTrouble: BuildTrouble?
    var exitStatus: Int?
    struct LogBlock: Equatable {
        var failure: Int?
        var last: Int
    }

    /// The log's own clock: what its last marker said, and when that came here; nil if it was not heard when it was written.
    struct Clock: Equatable {
        var told: Date
        var heardAt: Date?
    }

    var clock: Clock?
    private var isPast = false

    /// - Parameters:
    ///   - roots: the template's packages in its order; empty when a log is only followed.
    ///   - tailLines: how many of the last lines are kept.
    public init(roots: [String] = [], tailLines: Int = 200) {
        tail = BuildTail(lines: tailLines)
        for spec in roots.prefix(Self.rootLimit) {
            var text = spec
            let id = text.withUTF8 { PackageID.spec(LineBytes(base: $0).trimmed) } ?? PackageID(name: spec)
            self.roots.append(Root(spec: spec, package: packages.count))
            var package = BuildPackage(id: id, state: .waiting, isRoot: true)
            package.root = self.roots.count - 1
            if byName[id.name] == nil { byName[id.name] = packages.count }
            packages.append(package)
        }
    }

    /// - Parameters:
    ///   - now: when the bytes were written, as well as that is known.
    ///   - isPast: whether they were written some time before `now`. The driver's markers then say when, so that a log that is read again
    ///     has the times that it had at first.
    /// - Returns: what is no longer as it was.
    @discardableResult
    public mutating func feed(_ bytes: UnsafeRawBufferPointer, at now: Date, isPast: Bool = false) -> BuildChange {
        self.isPast = isPast
        var change: BuildChange = []
        // The cutter is taken out, because what it cuts goes into the rest.
        var lines = lines
        self.lines = LogLines()
        lines.feed(bytes) { change.formUnion(take($0, at: now)) }
        self.lines = lines
        return change
    }

    @discardableResult
    public mutating func feed(_ bytes: [UInt8], at now: Date, isPast: Bool = false) -> BuildChange {
        bytes.withUnsafeBytes { feed($0, at: now, isPast: isPast) }
    }

    /// The log begins anew: a line that was cut off will not be ended.
    public mutating func cut(at now: Date) { _ = flush(at: now) }

    /// `now` on the clock of the builder, which may be another than ours.
    public func time(at now: Date) -> Date {
        guard let clock, let heardAt = clock.heardAt else { return now }
        return clock.told.addingTimeInterval(max(0, now.timeIntervalSince(heardAt)))
    }

    /// When something was written that came at `now`.
    private func written(_ now: Date) -> Date {
        guard isPast else { return time(at: now) }
        return clock?.told ?? now
    }

    /// One whole line.
    @discardableResult
    public mutating func feed(line: String, at now: Date) -> BuildChange {
        feed(Array(line.utf8) + [0x0A], at: now)
    }

    /// The `spack install` of this root begins. Who runs the builds himself says so; else it is guessed from the log.
    @discardableResult
    public mutating func begin(root index: Int, at now: Date) -> BuildChange {
        guard roots.indices.contains(index) else { return [] }
        currentRoot = index
        if packages[roots[index].package].isSettled, roots[index].startedAt != nil {
            // Another root needed it: it took the time that it took then.
            roots[index].isEarly = true
        } else {
            roots[index].isEarly = false
            roots[index].startedAt = now
            roots[index].endedAt = nil
        }
        newRequest()
        lastProgressAt = now
        return .packages
    }

    /// The `spack install` of this root has ended with this exit status.
    @discardableResult
    public mutating func end(root index: Int, exitStatus: Int, at now: Date) -> BuildChange {
        guard roots.indices.contains(index) else { return [] }
        let change = flush(at: now)
        if !roots[index].isEarly || roots[index].endedAt == nil { roots[index].endedAt = now }
        lastProgressAt = now
        let place = roots[index].package
        if exitStatus == 0 {
            roots[index].isTold = true
            // What looked like a failure was none.
            for failure in failures.indices { failures[failure].isOver = true }
            if !packages[place].isSettled { settle(place, as: .done, at: now) }
        } else if !failures.contains(where: { !$0.isOver }) {
            stop(exitStatus, package: current.flatMap { packages[$0].state == .running ? $0 : nil } ?? place, at: now)
        } else if packages[place].state == .waiting {
            packages[place].state = .skipped
        }
        conclude()
        return change.union([.packages, .outcome, .failures])
    }

    /// The stream has ended.
    ///
    /// - Parameter exitStatus: that of the program that wrote it; nil when nobody knows.
    @discardableResult
    public mutating func end(exitStatus: Int?, at now: Date) -> BuildChange {
        let change = flush(at: now)
        isEnded = true
        self.exitStatus = exitStatus
        // Of a log in which nothing stands nobody knows whose status it is.
        if let exitStatus, exitStatus != 0, lineCount > 0 || driven != nil, !failures.contains(where: { !$0.isOver }) {
            stop(exitStatus, package: current.flatMap { packages[$0].state == .running ? $0 : nil }, at: now)
        }
        conclude()
        return change.union([.packages, .outcome, .failures])
    }

    /// The last line, when it has no end.
    private mutating func flush(at now: Date) -> BuildChange {
        var lines = lines
        self.lines = LogLines()
        var change: BuildChange = []
        lines.end { change.formUnion(take($0, at: now)) }
        return change
    }

    /// What is said of one line.
    private mutating func take(_ line: LogLines.Line, at now: Date) -> BuildChange {
        let bytes = LineBytes(base: line.bytes)
        // The driver may speak in the middle of a line that is being written.
        if let place = bytes.find("SLIPWAY_"), let marker = DriverMarker.read(bytes.part(place)) {
            let change = place > 0 ? take(bytes.part(0, place), isRedraw: line.isRedraw, at: written(now)) : []
            return change.union(take(marker, at: now))
        }
        return take(bytes, isRedraw: line.isRedraw, at: written(now))
    }

    private mutating func take(_ marker: DriverMarker, at now: Date) -> BuildChange {
        clock = Clock(told: marker.at, heardAt: isPast ? nil : now)
        let change = driven(marker)
        if change.isProgress, !change.subtracting(.disk).isEmpty { lastProgressAt = marker.at }
        return change
    }

    private mutating func take(_ bytes: LineBytes, isRedraw: Bool, at now: Date) -> BuildChange {
        let (meaning, start) = grammar.read(bytes)
        if isRedraw {
            // What was drawn over tells of progress, and of nothing else.
            switch meaning {
            case .fetched, .compiled, .compiledPercent, .status, .header, .waiting: break
            default: return []
            }
        } else {
            lineCount += 1
            if firstLineAt == nil { firstLineAt = now }
            tail.append(bytes.part(start))
        }
        if let lastLineAt, let current, packages[current].state == .running {
            let silence = now.timeIntervalSince(lastLineAt)
            if silence > packages[current].silence { packages[current].silence = silence }
        }
        lastLineAt = now
        let change = reduce(meaning, bytes.part(start), at: now)
        if change.isProgress { lastProgressAt = now }
        return isRedraw ? change : change.union(.tail)
    }
}

/// What a piece of the log has changed.
public struct BuildChange: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let tail = BuildChange(rawValue: 1)
    /// A package appeared, began or ended.
    public static let packages = BuildChange(rawValue: 2)
    public static let phase = BuildChange(rawValue: 4)
    /// The current file, a counter of a build tool, a download.
    public static let compile = BuildChange(rawValue: 8)
    public static let failures = BuildChange(rawValue: 16)
    public static let warnings = BuildChange(rawValue: 32)
    public static let outcome = BuildChange(rawValue: 64)
    /// pctl's percent or message.
    public static let pctl = BuildChange(rawValue: 128)
    public static let disk = BuildChange(rawValue: 256)
    /// What it does between packages, or waits for.
    public static let activity = BuildChange(rawValue: 512)

    var isProgress: Bool { !subtracting([.tail, .warnings]).isEmpty }
}
