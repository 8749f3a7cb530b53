#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One step of a package's build.
public struct BuildPhase: Sendable, Equatable {
    /// In Spack's words: `stage`, `configure`, `build`, `install`, `post-install`.
    public var name: String
    public var startedAt: Date?
    public var endedAt: Date?
    /// Seconds as Spack measured them; they are told when the package is done, and are right even where the log was read later.
    public var told: Double?
    /// Whether the package failed in it.
    public var hasFailed = false
    /// Seconds between the package's start and this one's, where the installer tells them.
    var offset: Double?

    public init(name: String, startedAt: Date? = nil) {
        self.name = name
        self.startedAt = startedAt
    }

    /// Seconds it took: as told, else between its lines; nil while it runs.
    public var seconds: Double? {
        if let told { return told }
        guard let startedAt, let endedAt else { return nil }
        return max(0, endedAt.timeIntervalSince(startedAt))
    }

    /// Seconds it has taken so far.
    public func elapsed(at now: Date) -> Double? {
        if let seconds { return seconds }
        return startedAt.map { max(0, now.timeIntervalSince($0)) }
    }
}

/// How far a package's build tool says it is.
public struct CompileProgress: Sendable, Equatable {
    /// Steps or files; nil where only a percentage is told.
    public var done: Int?
    public var total: Int?
    /// 0…1, the furthest that was told in this phase: a build within the build begins again at one.
    public var fraction: Double?
    /// Files that a compiler was called with, where no build tool counts: there is no total then.
    public var files = 0
    /// The largest total that was told in this phase; a build within the build has a smaller one.
    var most = 0

    public init() {}
}

/// One package of a build: asked for in the template, or needed by one that was.
public struct BuildPackage: Sendable, Equatable {
    public enum State: String, Sendable {
        case waiting, running, done, failed
        /// It was installed before, or belongs to the system.
        case present
        /// It was not tried, because something it needs failed.
        case skipped
    }

    public enum Origin: String, Sendable { case source, binary, external, installed }

    public var id: PackageID
    public var state: State
    /// How it comes to be there; nil while nothing says so.
    public var origin: Origin?
    /// The number of the root package it was installed for, in `BuildLog.roots`; nil when none was going on.
    public var root: Int?
    /// Whether it is one of the roots itself.
    public var isRoot: Bool
    public var startedAt: Date?
    public var endedAt: Date?
    /// Seconds in all, as Spack measured them.
    public var told: Double?
    public var phases: [BuildPhase] = []
    public var compile: CompileProgress?
    /// `gcc/tree-ssa-loop.c`
    public var file: String?
    /// Percent of a download, while it is fetched.
    public var fetched: Int?
    /// `AutotoolsPackage`, where the log says it.
    public var buildSystem: String?
    /// Whether no binary was found for it; it is built then, where that is allowed.
    var hasNoBinary = false
    /// Where it is being built.
    public var stage: String?
    /// Where it is installed.
    public var prefix: String?
    public var log: String?
    /// The longest time in which nothing was written while it was built, in seconds.
    public var silence: Double = 0

    public init(id: PackageID, state: State, isRoot: Bool = false) {
        self.id = id
        self.state = state
        self.isRoot = isRoot
    }

    public var spec: String { id.spec }

    /// The phase that runs, or in which it failed.
    public var phase: BuildPhase? {
        state == .running ? phases.last { $0.endedAt == nil } : phases.last { $0.hasFailed }
    }

    /// Whether nothing more is to be done for it.
    public var isSettled: Bool { state == .done || state == .present }

    /// Seconds it took: as told, else between its lines; nil while it runs.
    public var seconds: Double? {
        if let told { return told }
        guard let startedAt, let endedAt else { return nil }
        return max(0, endedAt.timeIntervalSince(startedAt))
    }
}
