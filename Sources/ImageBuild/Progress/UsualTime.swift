import Fleet

/// How long a package usually takes to be built from source.
public struct UsualTime: Sendable, Equatable {
    /// Seconds.
    public var low: Double
    public var high: Double
    /// The builds it was measured in; 0 for a typical value that was not measured here.
    public var count: Int

    public init(low: Double, high: Double, count: Int = 0) {
        // A month is longer than any package takes.
        self.low = low.isFinite ? min(max(0, low), 2.6e6) : 0
        self.high = high.isFinite ? min(max(self.low, high), 2.6e6) : self.low
        self.count = count
    }

    /// Seconds that are most likely.
    public var expected: Double { (low + high) / 2 }

    /// `60-90 minutes`, `20 seconds`
    public var text: String {
        guard high >= 90 else { return "\(Int(high.rounded(.up))) seconds" }
        let (from, to) = (Int((low / 60).rounded()), Int((high / 60).rounded(.up)))
        return from == to || from == 0 ? "\(to) minute\(to == 1 ? "" : "s")" : "\(from)-\(to) minutes"
    }
}

/// What is typical where nothing was measured: a 16-core builder, from source.
///
/// gcc, llvm, openmpi, python, cmake and git: wire-formats 4.4 and 4.6. The others are rough, and only weigh packages against each other.
public enum TypicalDurations {
    /// A package that is in no table.
    public static let unlisted = UsualTime(low: 60, high: 180)
    /// A package of which a binary is unpacked.
    public static let binary = UsualTime(low: 5, high: 30)

    /// - Parameter spec: `gcc@11.3.0`, or a name.
    public static func usual(_ spec: String) -> UsualTime {
        let name = String(spec.prefix { $0 != "@" && $0 != "%" && $0 != "+" && $0 != "~" && $0 != " " })
        if let minutes = minutes[name] { return UsualTime(low: minutes.0 * 60, high: minutes.1 * 60) }
        for (prefix, minutes) in families where name.hasPrefix(prefix) {
            return UsualTime(low: minutes.0 * 60, high: minutes.1 * 60)
        }
        return unlisted
    }

    private static let minutes: [String: (Double, Double)] = [
        "gcc": (60, 90), "llvm": (90, 120), "openmpi": (15, 25), "python": (10, 20), "cmake": (4, 6), "git": (2, 4),
        "llvm-amdgpu": (80, 120), "llvm-doe": (90, 120), "rust": (40, 70), "go": (4, 8), "julia": (30, 60),
        "ghc": (40, 80),
        "qt": (60, 120), "qt-base": (15, 30), "paraview": (40, 80), "vtk": (20, 40), "visit": (60, 100),
        "trilinos": (40, 90), "petsc": (10, 20), "dealii": (30, 60), "openfoam": (60, 120), "root": (40, 80),
        "geant4": (15, 30), "py-tensorflow": (60, 120), "py-torch": (50, 100), "py-scipy": (10, 20), "py-numpy": (3, 6),
        "gromacs": (10, 20), "lammps": (8, 20), "namd": (8, 15), "cp2k": (20, 40), "quantum-espresso": (8, 15),
        "nwchem": (30, 60), "wrf": (20, 40), "octave": (10, 20), "r": (8, 15), "mpich": (10, 20), "mvapich2": (10, 20),
        "boost": (5, 15), "openblas": (4, 10), "hdf5": (4, 8), "netcdf-c": (2, 4), "fftw": (4, 8), "perl": (4, 8),
        "openssl": (3, 6), "gdb": (5, 10), "binutils": (4, 8), "glib": (2, 4), "mesa": (8, 15), "node-js": (20, 40),
        "bazel": (8, 15), "ucx": (3, 6), "pmix": (2, 4), "slurm": (4, 8), "cuda": (5, 10), "nvhpc": (8, 15),
        "opencv": (15, 30), "spark": (2, 5), "gettext": (3, 5), "guile": (5, 10), "sqlite": (2, 3), "elpa": (5, 10),
        "scalapack": (3, 6), "netlib-scalapack": (3, 6), "netlib-lapack": (4, 8), "suite-sparse": (5, 10),
        "gcc-runtime": (0, 0.1), "glibc": (0, 0.1), "compiler-wrapper": (0, 0.1), "pkgconf": (0.3, 0.6),
        "zlib": (0.1, 0.3),
        "zlib-ng": (0.2, 0.4), "gmake": (0.3, 0.8), "m4": (0.5, 1), "libsigsegv": (0.2, 0.5), "diffutils": (0.5, 1),
        "bzip2": (0.1, 0.3), "xz": (0.4, 0.8), "libiconv": (0.4, 0.8), "gmp": (0.8, 1.5), "mpfr": (0.6, 1.2),
        "mpc": (0.3, 0.6), "ncurses": (0.8, 1.5), "readline": (0.3, 0.6), "autoconf": (0.2, 0.4),
        "automake": (0.2, 0.4),
        "libtool": (0.3, 0.6), "libxml2": (0.7, 1.5), "tar": (0.8, 1.5), "hwloc": (0.8, 1.5), "curl": (1, 2),
    ]

    private static let families: [(String, (Double, Double))] = [
        ("intel-oneapi-", (4, 10)), ("font-", (0.1, 0.3)), ("perl-", (0.2, 0.5)), ("py-", (0.3, 1)), ("r-", (0.5, 1.5)),
        ("rocm-", (5, 15)), ("hip", (5, 15)), ("qt-", (3, 8)), ("libx", (0.3, 0.8)), ("util-", (0.2, 0.8)),
    ]
}
