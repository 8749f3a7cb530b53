import Testing

@testable import ImageBuild

/// What packages print while they are built, with `spack install --verbose`: it may look like Spack's, and must change nothing then.
@Suite struct SpackVerboseTests {
    private static let gcc = "gcc-12.3.0-6ivzngnhl334wuhogmugriohcwempqry"
    private static let start = ["==> Installing \(gcc) [4/9]", "==> gcc: Executing phase: 'build'"]

    private func building(_ lines: [String]) -> BuildLog { SpackLogs.log(Self.start + lines, roots: ["gcc@12.3.0"]) }

    @Test(arguments: [
        "==> config.log <==", "==> Installing zlib", "==> Installing dependencies [1/2]", "==> Waiting for server",
        "Waiting for the server to start", "[+] /usr/share/doc/foo-bar-abcdefg", "[+] /usr/lib",
        "[+] running tests@1.0 ok",
        "[x] package foo@1.0 failed", "[ ] q2m4abc zlib@1.3.1 configure", "[+] Building 1.2s (5/5) FINISHED",
        "package foo@1.0: install", "- foo@1.2", " -   abcdefg  foo@1.2%gcc", "Successfully installed pip-24.0",
        "==> Successfully installed zlib", "  Fetch: 1s.  Total: 9s", "Progress: 3/7", "100% - done", "25% - building",
        "ERROR: Failed to install foo", "/srv/tests/output.log", "See tests/x.log for details", "[ 50%] 1 of 2 tests",
        "[100%]", "########## 100.0%", "-- lines 1 to 3 --", "[1/1] test_simple ... ok", "[2/2] Generating git version",
        "1/345 Test #1: foo ..................   Passed    0.01 sec", "==> 'make' '-j16'",
        "12: error: not what it seems", "spack.error.FooError is documented here", "  1. Cannot satisfy 'zlib@9'",
    ])
    func whatLooksLikeSpacksChangesNothing(line: String) {
        let before = building([])
        let log = building([line])
        #expect(
            log.packages.map(\.state) == before.packages.map(\.state)
                && log.packages.map(\.id) == before.packages.map(\.id))
        #expect(log.failures.isEmpty && log.outcome == .running && log.pctl == nil && log.waitingFor == nil)
        #expect(log.number == 4 && log.total == 9 && log.packages[0].told == nil && log.packages[0].fetched == nil)
        let now = SpackLogs.at(1)
        var progress = BuildProgress()
        let was = progress.update(before, now: now)
        #expect(progress.update(log, now: now) == was, "a bar that never falls must not be lifted by it")
    }

    @Test func whatIsInstalledAfterAllHasNotFailed() {
        let log = building([
            "==> Error: this is the package's own voice", "==> gcc: Successfully installed \(Self.gcc)",
            "  Stage: 1.00s.  Build: 1h 2m 3.00s.  Total: 1h 2m 9.00s", "[+] /opt/\(Self.gcc)",
        ])
        #expect(log.outcome == .succeeded && log.packages[0].state == .done && log.packages[0].told == 3729)
    }

    /// The line, and the file that is shown.
    @Test(arguments: [
        ("libtool: compile:  gcc -DHAVE_CONFIG_H -I. -g -O2 -c foo.c  -fPIC -DPIC -o .libs/foo.o", "foo.c"),
        ("/bin/bash ../libtool  --tag=CC   --mode=compile gcc -I. -c -o src/bar.lo src/bar.c", "src/bar.c"),
        ("  CC       src/libfoo_la-foo.lo", "src/libfoo_la-foo.lo"), ("  CXXLD    libfoo.la", "libfoo.la"),
        ("  PPFC     module.lo", "module.lo"), ("  HOSTCC  scripts/basic/fixdep", "scripts/basic/fixdep"),
        (
            "g++  -fno-PIE -c -g -O2 -DIN_GCC -o tree-vect.o -MT tree-vect.o /tmp/spack-src/gcc/tree-vect.cc",
            "/tmp/spack-src/gcc/tree-vect.cc"
        ),
        ("/tmp/x/./gcc/xgcc -B/tmp/x/./gcc/ -O2 -c -o matmul.o generated/matmul_i1.c", "generated/matmul_i1.c"),
        ("gfortran -O2 -c module.f90 -o module.o", "module.f90"),
        ("nvcc -arch=sm_80 -c kernel.cu -o kernel.o", "kernel.cu"),
        ("   Compiling serde_json v1.0.117", "serde_json v1.0.117"),
        ("[ 42%] Building CXX object lib/CMakeFiles/a.dir/b.cpp.o", "lib/CMakeFiles/a.dir/b.cpp.o"),
        ("[12/345] Compiling C object src/libfoo.so.p/foo.c.o", "src/libfoo.so.p/foo.c.o"),
        (
            "[12/345] /opt/spack/lib/spack/env/gcc/g++ -O2 -o x.o -c /src/llvm/lib/IR/Value.cpp",
            "/src/llvm/lib/IR/Value.cpp"
        ),
    ])
    func theFileIsShown(line: String, file: String) {
        let log = building([line])
        #expect(log.packages[0].file == file && log.failures.isEmpty && log.packages.count == 1)
    }

    @Test(arguments: [
        "checking for gcc... gcc", "make[3]: Entering directory '/tmp/x'", "Comparing stages 2 and 3",
        "rm -f stage_current",
        "Configuring stage 1 in ./gcc", "config.status: creating Makefile", "-- Detecting C compiler ABI info - done",
        "Processing ./numpy", "  Preparing metadata (pyproject.toml): started", "building 'numpy.random' extension",
        "Program python3 found: YES", "Collecting setuptools", "ranlib libfoo.a",
    ])
    func theRestIsOutput(line: String) { #expect(SpackGrammar.line(line) == .output) }

    @Test func aFileThatLibtoolNamesThreeTimesIsOne() {
        let log = building([
            "/bin/bash ../libtool  --tag=CC   --mode=compile gcc -I. -c -o foo.lo foo.c",
            "libtool: compile:  gcc -I. -c foo.c  -fPIC -DPIC -o .libs/foo.o",
            "libtool: compile:  gcc -I. -c foo.c -o foo.o",
            "libtool: compile:  gcc -I. -c bar.c -o bar.o",
        ])
        #expect(log.packages[0].compile?.files == 2)
    }

    /// LLVM regenerates first, and builds its runtimes by a build within the build.
    @Test func aBuildWithinTheBuildDoesNotCount() {
        var log = building([
            "[0/1] Re-running CMake...", "[1/1] Linking", "[1/9] Generating headers", "[9/9] Generating x",
        ])
        log.feed(line: "[1/4000] Building CXX object a.cpp.o", at: SpackLogs.at(1))
        #expect(log.packages[0].compile?.fraction == 1 / 4000 && log.packages[0].compile?.total == 4000)
        for line in ["[1000/4000] Building CXX object b.cpp.o", "[300/300] Building CXX object runtimes/c.cpp.o"] {
            log.feed(line: line, at: SpackLogs.at(2))
        }
        let compile = log.packages[0].compile
        #expect(compile?.done == 1000 && compile?.total == 4000 && compile?.fraction == 0.25)
        #expect(log.packages[0].file == "runtimes/c.cpp.o", "what is compiled is shown all the same")
    }
}
