/// How Spack says that it gives up.
struct SpackFailure {
    private let package: PackageInstall
    private let isDiskFull: Bool

    init(_ package: PackageInstall, isDiskFull: Bool) {
        self.package = package
        self.isDiskFull = isDiskFull
    }

    /// The last that the build tool says itself.
    var output: [String] {
        isDiskFull ? [] : Self.cmake + ["", "-- Configuring incomplete, errors occurred!"]
    }

    /// The line that tells why.
    var reason: String { (isDiskFull ? fullDisk : configure).first { $0.isError }?.text ?? "" }

    /// What Spack says of it.
    var lines: [String] {
        let path = ["", "See build log for details:", "  \(BuilderScript.stage(package))/spack-build-out.txt", ""]
        let digest = isDiskFull ? fullDisk : configure
        let count = digest.count { $0.isError }
        return [
            "==> Error: ProcessError: Command exited with status 1:", "    \(command)", "",
            "\(count) error\(count == 1 ? "" : "s") found in build log:",
        ] + Self.wrapped(digest) + path + last
    }

    /// Spack itself can no longer write either.
    private var last: [String] {
        isDiskFull
            ? ["==> Error: [Errno 28] No space left on device"]
            : [
                "==> Error: \(package.id): Package was not installed",
                "==> Error: Installation request failed.  Refer to reported errors for failing package(s).",
            ]
    }

    private var command: String {
        guard !isDiskFull else { return "'./Allwmake' '-j' '-k'" }
        let cmake = BuilderScript.prefix("cmake", SpackRecipe.resolve("cmake").version)
        return "'\(cmake)/bin/cmake' '-G' 'Unix Makefiles' '../spack-src' "
            + "'-DCMAKE_INSTALL_PREFIX:STRING=\(BuilderScript.prefix(package))' "
            + "'-DCMAKE_BUILD_TYPE:STRING=Release' '-DGMX_MPI:BOOL=ON' '-DGMX_FFT_LIBRARY:STRING=fftw3'"
    }

    // MARK: the digest

    private typealias Row = (number: Int, text: String, isError: Bool)

    private var fullDisk: [Row] {
        let source = "\(BuilderScript.stage(package))/spack-src/src/finiteVolume"
        return [
            (
                48_211,
                "g++ -std=c++14 -m64 -pthread -DOPENFOAM=2306 -DWM_DP -DWM_LABEL_SIZE=32 -O3 -DNoRepository "
                    + "-ftemplate-depth-100 -fPIC -c fvMesh/fvMesh.C -o Make/linux64GccDPInt32Opt/fvMesh/fvMesh.o",
                false
            ),
            (
                48_212,
                "\(source)/fvMesh/fvMesh.C:1187:1: fatal error: error writing to /tmp/ccq0Yv3k.s: "
                    + "No space left on device", true
            ), (48_213, "compilation terminated.", false),
            (48_214, "make: *** [Make/linux64GccDPInt32Opt/fvMesh/fvMesh.o] Error 1", true),
            (48_215, "wmake error: file 'Make/linux64GccDPInt32Opt/sourceFiles' could not be created", false),
        ]
    }

    private static let cmake = [
        "CMake Error at cmake/gmxManageFFTLibraries.cmake:92 (message):",
        "  Cannot find FFTW 3 (with correct precision - libfftw3f for mixed-precision",
        "  GROMACS or libfftw3 for double-precision GROMACS).  Either choose the right",
        "  precision, choose another FFT(W) library (-DGMX_FFT_LIBRARY), or enable",
        "  automatic download of FFTW (-DGMX_BUILD_OWN_FFTW=ON).",
        "Call Stack (most recent call first):", "  CMakeLists.txt:701 (include)",
    ]

    private var configure: [Row] {
        let hwloc = BuilderScript.prefix("hwloc", SpackRecipe.resolve("hwloc").version)
        let before = [
            "-- Performing Test HAS_NO_STRINGOP_TRUNCATION - Success",
            "-- Performing Test HAS_NO_SOURCE_UNINIT - Success",
            "-- Found HWLOC: \(hwloc)/lib/libhwloc.so (found suitable version \"2.9.1\", minimum required is \"1.5\")",
            "-- Looking for fftwf_plan_r2r_1d in libfftw3f",
            "-- Looking for fftwf_plan_r2r_1d in libfftw3f - not found",
            "-- Checking for one of the modules 'fftw3f'",
        ]
        return (before + Self.cmake).enumerated().map { index, text in
            (417 - before.count + index, text, index == before.count)
        }
    }

    /// As Spack numbers and wraps the lines: 80 columns in all.
    private static func wrapped(_ rows: [Row]) -> [String] {
        let digits = rows.map { String($0.number).utf8.count }.max() ?? 1
        let width = 80 - digits - 10
        return rows.flatMap { row -> [String] in
            var rest = Substring(row.text)
            var lines: [String] = []
            repeat {
                lines.append(
                    lines.isEmpty
                        ? (row.isError ? "  >> " : "     ") + "\(row.number)    " + rest.prefix(width)
                        : String(repeating: " ", count: digits + 9) + rest.prefix(width))
                rest = rest.dropFirst(width)
            } while !rest.isEmpty
            return lines
        }
    }

    // MARK: conflict

    /// The solver's reasons, for a package whose variants exclude each other.
    static func conflict(_ spec: String) -> [String] {
        let (recipe, version) = SpackRecipe.resolve(spec)
        let asked = "\(recipe.name)@\(version)+egl+osmesa"
        return [
            "==> Error: concretization failed for the following reasons:",
            "",
            "   1. \(recipe.name): '+egl' conflicts with '+osmesa'",
            "   2. \(recipe.name): '+egl' conflicts with '+osmesa'",
            "        required because conflict applies to spec \(recipe.name)+osmesa",
            "          required because \(asked) requested from CLI",
            "        required because conflict is triggered when \(recipe.name)+egl",
            "          required because \(asked) requested from CLI",
        ]
    }
}
