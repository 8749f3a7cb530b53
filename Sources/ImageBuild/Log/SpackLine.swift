/// What one line of a build's log means, whichever installer and runner wrote it.
public enum SpackLine: Sendable, Equatable {
    /// A classic package starts; number and total when Spack counts them.
    case installing(PackageID, number: Int?, total: Int?)
    /// Something that only Spack itself needs: its solver, a patch tool.
    case bootstrapping(String)
    case environment(String)
    /// What will be installed, as `spack spec` and `spack concretize` list it.
    case planned(PackageID, isRoot: Bool, isPresent: Bool)
    case fromSource(PackageID)
    case fromBinary(PackageID)
    case fetching(String)
    /// Percent of a download.
    case fetched(Int)
    case cached
    /// A stage directory or something in it.
    case staged(String)
    /// No patches, patched; the name when it was told.
    case prepared(String?)
    /// `Building NAME [AutotoolsPackage]`, up to 0.16.
    case buildSystem(name: String, word: String)
    case phase(name: String?, phase: String)
    case installed(PackageID)
    case timing([SpackTiming])
    /// `[+] PREFIX`: installed now, or long ago.
    case present(PackageID?, prefix: String, isExternal: Bool)
    case alreadyInstalled
    /// A line of the new installer.
    case status(PackageID, SpackStatus)
    /// The new installer's header: packages that are finished, and all of them.
    case header(done: Int, total: Int)
    case following(PackageID)
    case warning(String)
    case skipped(PackageID, because: String)
    case error(SpackError)
    /// `N errors found in build log:`, and whose log it is, where that is told.
    case digest(PackageID?)
    /// One line of the digest: its number in the build log, its text and the column in which that begins.
    case quoted(line: Int, text: String, column: Int, isError: Bool)
    /// `-- lines 12 to 20 --`: as many lines of the build log of a failed package follow.
    case block(from: Int, to: Int)
    /// `See build log for details:`, with the path where it stands on the same line.
    case logHint(String?)
    /// A path of a build log on a line of its own, or behind the package that it belongs to.
    case logPath(String, PackageID?)
    /// What follows repeats the build log of a package that has failed.
    case replay
    /// `[12/345] Building C object x.c.o`
    case compiled(done: Int, total: Int, file: String?)
    /// `[ 42%] Building C object x.c.o`
    case compiledPercent(Int, file: String?)
    /// A compiler was called with this file.
    case compiling(String)
    case waiting(String)
    case pctl(PctlMarker)
    /// What our own driver writes between Spack's lines.
    case driver(DriverMarker)
    /// A sign of trouble in a build's own output; not yet a failure.
    case sign(BuildTrouble)
    /// Another `==>` line, as it stands there.
    case message(String)
    case output
}

/// A name and seconds, from a timing line: `Build: 58m 42.00s.`
public struct SpackTiming: Sendable, Equatable {
    /// In lower case: `stage`, `autoreconf`, `post-install`, `total`.
    public var name: String
    /// Seconds.
    public var seconds: Double

    public init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}

/// What the new installer says of a package.
public struct SpackStatus: Sendable, Equatable {
    public enum Mark: Sendable { case running, finished, failed, external }

    public var mark: Mark
    /// `starting`, `staging`, a phase; empty where a prefix stands.
    public var word: String
    public var prefix: String?
    /// Seconds since the package started.
    public var seconds: Double?
    /// Percent of a download.
    public var percent: Int?
    /// The build log of a package that has failed.
    public var log: String?

    public init(
        mark: Mark, word: String = "", prefix: String? = nil, seconds: Double? = nil, percent: Int? = nil,
        log: String? = nil
    ) {
        self.mark = mark
        self.word = word
        self.prefix = prefix
        self.seconds = seconds
        self.percent = percent
        self.log = log
    }
}

/// What an `==> Error:` line says.
public struct SpackError: Sendable, Equatable {
    public enum Shape: Sendable {
        /// A failure of its own.
        case failure
        /// Says again at the end what has failed before.
        case summary
        /// The reasons stand on the following lines.
        case reasons
        /// Packages and their logs stand on the following lines.
        case list
        /// One more of the reasons that an error before has announced.
        case reason
    }

    public var trouble: BuildTrouble
    public var shape: Shape
    public var package: PackageID?
    public var text: String

    public init(_ text: String, trouble: BuildTrouble = .other, shape: Shape = .failure, package: PackageID? = nil) {
        self.text = text
        self.trouble = trouble
        self.shape = shape
        self.package = package
    }
}

/// What pctl's bootstrap script tells. Source: wire-formats 4.3, 4.4.
public enum PctlMarker: Sendable, Equatable {
    case progress(PctlProgress)
    case packageStart(PackageID, number: Int, total: Int)
    case packageInfo(PackageID, dependencies: Int)
    case packageEnd(PackageID, isSuccess: Bool)
    /// The figures stand on the next line.
    case diskFollows
    case disk(BuildDisk)
    case verbose
    case failed(PackageID)
}
