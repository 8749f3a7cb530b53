#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a place says of a build beside its log. Everything but the record may be unknown; then the log decides.
public struct KnownBuild: Sendable, Equatable, Identifiable {
    /// Whether it goes on.
    public enum Life: Sendable, Equatable {
        /// It runs, or nothing speaks against it.
        case running
        /// It has ended: with 0 all packages are there.
        case ended(BuildEnd)
        /// Nothing of it runs, and nobody wrote down how it ended: its machine was switched off, it was killed.
        case lost
        /// Only its log is known.
        case unknown
    }

    /// Where it is, in the words of who runs it.
    public enum Stage: String, Sendable, Equatable {
        case launching, installing
        case creating = "creating image"
    }

    public var record: BuildRecord
    public var life: Life
    /// Nil where the log says it, which is so for builds of our own.
    public var stage: Stage?
    /// The text of pctl's progress tag, file or console: `32% - Installing compiler gcc@11.2.0 (1/5 packages, 32%)`.
    public var told: String?
    public var image: BuildImage?
    /// How many packages are asked for, where the record does not name them.
    public var packageCount: Int?
    /// Why it failed, in the words of who runs it, else why its image did; one sentence.
    public var failure: String? {
        get { ownFailure ?? (image?.state == .failed ? image?.failure : nil) }
        set { ownFailure = newValue }
    }
    /// Steps beside the packages, such as the resources of a stack, in their order.
    public var steps: [BuildStep]
    /// What is to be known of what is shown here: files that are not to be taken at their word. One sentence each.
    public var troubles: [String] {
        get { ownTroubles + [image?.trouble].compactMap { $0 } }
        set { ownTroubles = newValue }
    }
    /// What to do about a failure, whole commands or sentences, most useful first.
    public var next: [String] {
        get {
            let isFailed = image?.state == .failed
            let canAgain = lacksImage || isFailed && image?.wish != nil
            return ownNext + (isFailed ? image?.next ?? [] : []) + (canAgain ? [ImageMaker.again(record)] : [])
        }
        set { ownNext = newValue }
    }
    /// When the place, or AWS for its image, was last heard of it; nil for now.
    public var heardAt: Date? {
        get { [ownHeardAt, image?.seenAt].compactMap { $0 }.max() }
        set { ownHeardAt = newValue }
    }
    /// Whether it has a log that can be followed.
    public var hasLog: Bool

    private var ownFailure: String?
    private var ownTroubles: [String] = []
    private var ownNext: [String] = []
    private var ownHeardAt: Date?

    public init(
        record: BuildRecord, life: Life, stage: Stage? = nil, told: String? = nil, image: BuildImage? = nil,
        packageCount: Int? = nil, failure: String? = nil, steps: [BuildStep] = [], troubles: [String] = [],
        next: [String] = [],
        heardAt: Date? = nil, hasLog: Bool = true
    ) {
        self.record = record
        self.life = life
        self.stage = stage
        self.told = told
        self.image = image
        self.packageCount = packageCount
        self.steps = steps
        self.hasLog = hasLog
        ownFailure = failure
        ownTroubles = troubles
        ownNext = next
        ownHeardAt = heardAt
    }

    public var id: String { record.id }

    /// Whether its packages are all there, and Slipway was asked for an image that nobody has begun.
    public var lacksImage: Bool {
        guard case .ended(let end) = life, end.status == 0 else { return false }
        return record.image != nil && image == nil
    }

    /// Whether nothing more will come.
    public var isOver: Bool {
        switch life {
        case .ended, .lost: true
        case .running, .unknown: false
        }
    }
}

/// How a build ended.
public struct BuildEnd: Sendable, Equatable, Codable {
    /// The driver's exit status: 0 is success.
    public var status: Int
    public var at: Date

    /// It was stopped by hand: 128 and the number of SIGTERM, as shells say it.
    public static let stopped = 143
    /// Its deadline passed: what `timeout` gives.
    public static let late = 124
    /// All packages were installed, but the last one was not found afterwards.
    public static let unverified = 3

    public init(status: Int, at: Date) {
        self.status = status
        self.at = at
    }
}

/// The image that is made of a build.
public struct BuildImage: Sendable, Equatable, Codable {
    public enum State: String, Sendable, Equatable, Codable { case pending, available, failed }

    public var id: String?
    public var name: String?
    public var state: State
    /// How much of its snapshot is written, 0 to 100; it never falls.
    public var percent: Int?
    public var startedAt: Date?
    public var endedAt: Date?
    /// Why it failed, in one sentence, and what to do then.
    public var failure: String?
    public var next: [String]?
    /// What it is made of; nil where others make it.
    public var wish: ImageWish?
    /// When AWS was last asked about it with success.
    public var seenAt: Date?
    /// What keeps it from being looked at now, or its percent from being known; one sentence.
    public var trouble: String?

    public init(
        id: String? = nil, name: String? = nil, state: State, percent: Int? = nil, startedAt: Date? = nil,
        endedAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.percent = percent
        self.startedAt = startedAt
        self.endedAt = endedAt
    }

    /// Where it is; nil where others make it.
    public var region: String? { wish?.region }
}

/// A step that is no package.
public struct BuildStep: Sendable, Equatable {
    public var name: String
    public var startedAt: Date?
    public var endedAt: Date?
    public var hasFailed: Bool

    public init(name: String, startedAt: Date? = nil, endedAt: Date? = nil, hasFailed: Bool = false) {
        self.name = name
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.hasFailed = hasFailed
    }
}
