#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an image build adds to an item. Field sources: the build's log (Spack, pctl), its state file, samples of its builder's disks, and
/// AWS for the image itself; folded by the rules of the room ImageBuild.
public struct ImageDetail: Codable, Sendable, Equatable {
    /// Whose build it is.
    public enum Origin: String, Codable, Sendable {
        case slipway, pctl, petal
        /// A log that is followed; nothing else is known of it.
        case log
        /// `pcluster build-image`.
        case pcluster
    }

    public var origin: Origin
    /// The template's name; nil when only a log is known.
    public var template: String?
    /// Where it is built: a host, an EC2 instance; nil for this machine.
    public var builder: String?
    public var region: String?
    public var imageID: String?
    public var imageName: String?
    /// The packages that were asked for, in the order in which they are built, then their dependencies as they were met.
    public var packages: [Package]
    /// What is being built.
    public var current: Current?
    /// By place: the root file system first.
    public var disks: [Disk]
    /// The first that was not overcome stands first.
    public var failures: [Failure]
    public var warnings: [String]
    /// The last lines of the log, oldest first.
    public var tail: [String]
    /// Earlier builds of the same template, newest first.
    public var similar: [Similar]
    /// What is worth knowing before it hurts: packages that take long, disk that will not last. One sentence each.
    public var notices: [String]
    /// What could not be read of it and why, one sentence each.
    public var troubles: [String]
    /// Of a build that has ended: how long each package took by itself (`gcc@11.3.0/total`), each of its phases (`gcc@11.3.0/build`), and
    /// the longest time it wrote nothing (`gcc@11.3.0/silence`); nil while it runs. They become the parts of its `Run`.
    public var parts: [RunPart]?

    public init(
        origin: Origin, template: String? = nil, builder: String? = nil, region: String? = nil, imageID: String? = nil,
        imageName: String? = nil, packages: [Package] = [], current: Current? = nil, disks: [Disk] = [],
        failures: [Failure] = [], warnings: [String] = [], tail: [String] = [], similar: [Similar] = [],
        notices: [String] = [], troubles: [String] = [], parts: [RunPart]? = nil
    ) {
        self.origin = origin
        self.template = template
        self.builder = builder
        self.region = region
        self.imageID = imageID
        self.imageName = imageName
        self.packages = packages
        self.current = current
        self.disks = disks
        self.failures = failures
        self.warnings = warnings
        self.tail = tail
        self.similar = similar
        self.notices = notices
        self.troubles = troubles
        self.parts = parts
    }
}

extension ImageDetail {
    public struct Package: Codable, Sendable, Equatable {
        /// `gcc@11.3.0`
        public var spec: String
        public var state: Phase.State
        /// Whether the template asks for it; else something needs it.
        public var isRoot: Bool
        /// `source`, `binary`, `external` or `installed`; nil while nothing says so.
        public var way: String?
        public var startedAt: Date?
        /// Seconds it took, or has taken so far when the log was last read.
        public var seconds: Double?
        /// Seconds it usually takes, of so many runs; none of them is a typical value from elsewhere.
        public var usual: Double?
        public var usualCount: Int

        public init(
            spec: String, state: Phase.State, isRoot: Bool, way: String? = nil, startedAt: Date? = nil,
            seconds: Double? = nil, usual: Double? = nil, usualCount: Int = 0
        ) {
            self.spec = spec
            self.state = state
            self.isRoot = isRoot
            self.way = way
            self.startedAt = startedAt
            self.seconds = seconds
            self.usual = usual
            self.usualCount = usualCount
        }
    }

    /// The package that is being built.
    public struct Current: Codable, Sendable, Equatable {
        public var spec: String
        /// Its number among the packages that were asked for, from 1, and how many those are.
        public var number: Int?
        public var total: Int?
        public var startedAt: Date?
        /// Its steps: `configure`, `build`, `install`.
        public var phases: [Phase]
        /// The file that is being compiled.
        public var file: String?
        public var filesDone: Int?
        public var filesTotal: Int?
        /// What it needs that is there already, or not yet.
        public var dependencies: [Dependency]
        public var log: String?
        public var stage: String?

        public init(
            spec: String, number: Int? = nil, total: Int? = nil, startedAt: Date? = nil, phases: [Phase] = [],
            file: String? = nil, filesDone: Int? = nil, filesTotal: Int? = nil, dependencies: [Dependency] = [],
            log: String? = nil, stage: String? = nil
        ) {
            self.spec = spec
            self.number = number
            self.total = total
            self.startedAt = startedAt
            self.phases = phases
            self.file = file
            self.filesDone = filesDone
            self.filesTotal = filesTotal
            self.dependencies = dependencies
            self.log = log
            self.stage = stage
        }
    }

    public struct Dependency: Codable, Sendable, Equatable {
        public var spec: String
        public var isThere: Bool

        public init(spec: String, isThere: Bool) {
            self.spec = spec
            self.isThere = isThere
        }
    }

    public struct Disk: Codable, Sendable, Equatable {
        /// A path on the builder: `/`, Spack's tree, the stage.
        public var place: String
        /// Bytes of its file system.
        public var used: Int
        public var total: Int
        /// Bytes that the place itself holds, where that was counted.
        public var held: Int?
        /// Bytes a minute by which it fills; nil while too few samples are there.
        public var growth: Double?
        /// The most it will hold by the end, if it goes on so.
        public var peak: Int?
        public var at: Date

        public init(
            place: String, used: Int, total: Int, held: Int? = nil, growth: Double? = nil, peak: Int? = nil, at: Date
        ) {
            self.place = place
            self.used = used
            self.total = total
            self.held = held
            self.growth = growth
            self.peak = peak
            self.at = at
        }
    }

    public struct Failure: Codable, Sendable, Equatable {
        public var package: String?
        public var phase: String?
        public var text: String
        /// `/tmp/…/spack-build-out.txt:417`
        public var place: String?
        /// The lines of that log that tell why.
        public var lines: [String]
        public var fix: String

        public init(
            package: String? = nil, phase: String? = nil, text: String, place: String? = nil, lines: [String] = [],
            fix: String
        ) {
            self.package = package
            self.phase = phase
            self.text = text
            self.place = place
            self.lines = lines
            self.fix = fix
        }
    }

    public struct Similar: Codable, Sendable, Equatable {
        public var name: String
        public var seconds: Double
        public var endedAt: Date
        public var isGood: Bool

        public init(name: String, seconds: Double, endedAt: Date, isGood: Bool) {
            self.name = name
            self.seconds = seconds
            self.endedAt = endedAt
            self.isGood = isGood
        }
    }
}
