/// One template of the sandbox and the machine that builds it, again and again.
struct SandboxBuilder: Sendable {
    /// What becomes of a build.
    enum Fate: Sendable, Equatable {
        case good
        /// This package takes so many times its usual time.
        case slow(String, Double)
        /// The disk fills while this package is compiled.
        case fullDisk(String)
        /// This package does not find what it needs when it is configured.
        case failing(String)
        /// The packages do not go together: Spack says so before it installs anything.
        case conflict
    }

    /// What the first life has come to when the demo's screen opens. Seconds.
    enum Opening: Sendable {
        /// So long since this package began.
        case into(String, Double)
        /// So long until its end, or since then.
        case beforeEnd(Double)
        case afterEnd(Double)
    }

    /// The template's name.
    let name: String
    /// Nil for this machine.
    var host: String?
    /// What the template asks for, and what it asks for in every second life, once somebody has corrected it.
    let packages: [String]
    var corrected: [String]?
    /// That of every second life; the others are good.
    var fate = Fate.good
    let opening: Opening
    /// Seconds from the beginning of one life to that of the next.
    let period: Double
    /// Whether it is run with `--verbose`: then what configure, make and cmake say stands between Spack's own lines.
    var isVerbose = false
    /// Gigabytes of its disk, and of what lies on it beside Spack and its stage.
    var disk: Double = 45
    var system: Double = 10.2
    /// The disk of lives in which nothing goes wrong, where that is another one.
    var enlarged: Double?
    /// Packages that were installed by earlier builds.
    var installed: Set<String> = []
    /// Packages that come from a binary cache.
    var cached: Set<String> = SandboxBuilder.usualCache
    /// Whether an image is made of it.
    var makesImage = false

    /// Packages of the operating system: Spack finds them and builds none.
    static let externals: Set<String> = ["gmake", "perl", "diffutils"]
    private static let usualCache: Set<String> = ["gettext", "ncurses", "openssl", "texinfo", "sqlite", "boost"]
    /// Ended builds are shown for so long, in seconds.
    static let keeping: Double = 86_400
    static let tree = "/opt/spack/opt/spack"
    static let stage = "/tmp"

    /// - Parameter life: its number; lives before the first one have no faults that take longer than a build.
    func fate(of life: Int) -> Fate {
        if life >= 0 { return life % 2 == 0 ? fate : .good }
        guard life % 6 == -3 else { return .good }
        switch fate {
        case .fullDisk, .failing: return fate
        case .good, .slow, .conflict: return .good
        }
    }

    func packages(when fate: Fate) -> [String] { fate == .good ? corrected ?? packages : packages }

    /// The version that the template itself asks for, of a package that another one needs.
    func version(of name: String) -> String? {
        packages.first { $0.hasPrefix(name + "@") }.map { SpackRecipe.resolve($0).version }
    }
}

extension SandboxBuilder {
    static let all = [starter, genomics, dynamics, molecules, visual, foundation]

    /// Templates that were built before the demo began and are not any more.
    static let former = [
        SandboxBuilder(
            name: "test-build", host: "builder-5", packages: ["gcc@11.2.0", "cmake@3.24"], opening: .afterEnd(0),
            period: 28_800)
    ]

    private static let starter = SandboxBuilder(
        name: "starter-usw2", host: "builder-1",
        packages: ["gcc@11.2.0", "openmpi@4.1.4", "python@3.10", "cmake@3.24", "git@2.39"],
        opening: .into("gcc", 1080), period: 23_400)

    private static let genomics = SandboxBuilder(
        name: "genomics-eu", host: "builder-2",
        packages: ["gcc@12.3.0", "python@3.10", "bamtools@2.5.2", "salmon@1.10", "samtools@1.17"],
        fate: .slow("gcc", 1.7), opening: .into("gcc", 5350), period: 27_000, isVerbose: true, disk: 60, system: 7.1,
        cached: usualCache.union(["cmake", "curl", "nghttp2"]))

    private static let dynamics = SandboxBuilder(
        name: "cfd-stack", host: "builder-3",
        packages: ["gcc@12.3.0", "openmpi@4.1.5", "openfoam@2306", "paraview@5.11.2"],
        fate: .fullDisk("openfoam"), opening: .beforeEnd(1020), period: 25_200, disk: 30, system: 12.6, enlarged: 80,
        installed: [
            "gcc", "libsigsegv", "m4", "libiconv", "ncurses", "readline", "zlib-ng", "zstd", "gettext", "gawk",
            "texinfo", "autoconf-archive", "gmp", "mpfr", "mpc", "pkgconf",
        ],
        cached: usualCache.union(["cmake", "python", "mesa", "hdf5"]))

    private static let molecules = SandboxBuilder(
        name: "md-tools", host: "builder-4", packages: ["openmpi@4.1.4", "fftw@3.3.10", "gromacs@2023.1", "lammps"],
        fate: .failing("gromacs"), opening: .afterEnd(720), period: 18_000, isVerbose: true, system: 7.7,
        cached: usualCache.union(["cmake", "curl", "nghttp2"]))

    private static let visual = SandboxBuilder(
        name: "visual-lab", packages: ["paraview@5.11.2+egl+osmesa", "git@2.39"],
        corrected: ["paraview@5.11.2+osmesa", "git@2.39"], fate: .conflict, opening: .afterEnd(2400),
        period: 14_400, disk: 120, system: 31,
        cached: usualCache.union([
            "cmake", "python", "mesa", "hdf5", "paraview", "libxml2", "netcdf-c", "curl", "libiconv", "xz", "readline",
        ]))

    private static let foundation = SandboxBuilder(
        name: "foundation-v1", host: "builder-5", packages: ["gcc@11.2.0", "openmpi@4.1.4", "python@3.10"],
        opening: .afterEnd(10_800), period: 43_200, makesImage: true)
}
