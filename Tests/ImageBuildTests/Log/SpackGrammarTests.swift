import Testing

@testable import ImageBuild

/// Shapes of lines and what they mean: of both installers, of Spack 0.10 to 1.2, of pctl and of build tools.
@Suite struct SpackGrammarTests {
    private static let hash = "ph7pbnhl334wuhogmugriohcwempqry2"
    private static let gcc = PackageID(name: "gcc", version: "11.3.0", hash: hash)
    private static let zlib = PackageID(name: "zlib", version: "1.3.1", hash: "6ivzngn")

    private static let shapes: [(String, SpackLine)] = [
        // Classic installer.
        ("==> Installing gcc-11.3.0-\(hash) [12/19]", .installing(gcc, number: 12, total: 19)),
        ("==> Installing gcc-11.3.0-\(hash)", .installing(gcc, number: nil, total: nil)),
        ("==> 38590: Installing libsigsegv", .installing(PackageID(name: "libsigsegv"), number: nil, total: nil)),
        ("==> [2026-11-20-22:27:09.441898] Installing gcc-11.3.0-\(hash) [1/2]", .installing(gcc, number: 1, total: 2)),
        ("==> Installing environment hpc", .environment("hpc")),
        (
            "==> Installing \"clingo-bootstrap@=spack%gcc@10\" from a buildcache",
            .bootstrapping("\"clingo-bootstrap@=spack%gcc@10\" from a buildcache")
        ),
        ("==> [BOOTSTRAPPING] Installing dependencies (py-ruff)", .bootstrapping("Installing dependencies (py-ruff)")),
        ("==> No binary for gcc-11.3.0-\(hash) found: installing from source", .fromSource(gcc)),
        ("==> Extracting gcc-11.3.0-\(hash) from binary cache", .fromBinary(gcc)),
        ("==> Fetching https://user:secret@host/a.tar.gz?token=abc", .fetching("https://…@host/a.tar.gz?…")),
        ("==> Trying to fetch from ftp://ftp.gnu.org/x.tar.gz", .fetching("ftp://ftp.gnu.org/x.tar.gz")),
        ("    [100%]   12.3 MB @   34.5 MB/s", .fetched(100)), ("    [  4%]  524.29 KB @    1.2 MB/s", .fetched(4)),
        ("######################################## 100.0%", .fetched(100)), ("##O#-", .output),
        ("==> Using cached archive: /opt/spack/var/x.tar.gz", .cached),
        ("==> Staging archive: /tmp/spack-stage-gcc/gcc.tar.xz", .staged("/tmp/spack-stage-gcc")),
        ("==> Created stage in /tmp/spack-stage-gcc", .staged("/tmp/spack-stage-gcc")),
        ("==> No patches needed for gcc", .prepared("gcc")), ("==> Ran patch() for gcc", .prepared("gcc")),
        ("==> Applied patch /opt/x.patch", .prepared(nil)),
        ("==> Building papi [AutotoolsPackage]", .buildSystem(name: "papi", word: "AutotoolsPackage")),
        (
            "==> Building astyle [<class 'spack.package.EditableMakefile'>]",
            .buildSystem(name: "astyle", word: "EditableMakefile")
        ),
        ("==> gcc: Executing phase: 'autoreconf'", .phase(name: "gcc", phase: "autoreconf")),
        ("==> Executing phase: 'install'", .phase(name: nil, phase: "install")),
        ("==> Executing phase : 'edit'", .phase(name: nil, phase: "edit")),
        ("==> gcc: Successfully installed gcc-11.3.0-\(hash)", .installed(gcc)),
        (
            "==> font-x-100: Successfully installed font-x-100-\(hash)",
            .installed(PackageID(name: "font-x", version: "100", hash: hash))
        ),
        ("==> Successfully installed zlib", .installed(PackageID(name: "zlib"))),
        (
            "  Stage: 3.10s.  Configure: 1m 4.10s.  Build: 58m 42.00s.  Post-install: 0.30s.  Total: 1h 3m 10.72s",
            .timing([
                SpackTiming(name: "stage", seconds: 3.1), SpackTiming(name: "configure", seconds: 64.1),
                SpackTiming(name: "build", seconds: 3522), SpackTiming(name: "post-install", seconds: 0.3),
                SpackTiming(name: "total", seconds: 3790.72),
            ])
        ),
        (
            "  Fetch: .  Build: 49.29s.  Total: 49.31s.",
            .timing([
                SpackTiming(name: "fetch", seconds: 0), SpackTiming(name: "build", seconds: 49.29),
                SpackTiming(name: "total", seconds: 49.31),
            ])
        ),
        (
            "Fetch: 1m23s.  Total: 1m23s",
            .timing([SpackTiming(name: "fetch", seconds: 83), SpackTiming(name: "total", seconds: 83)])
        ),
        (
            "[+] /opt/spack/linux/gcc-11.3.0-\(hash)",
            .present(gcc, prefix: "/opt/spack/linux/gcc-11.3.0-\(hash)", isExternal: false)
        ),
        ("[+] /usr (external gcc-11.3.0-\(hash))", .present(gcc, prefix: "/usr", isExternal: true)),
        (
            "==> cmake is already installed in /opt/x/cmake-3.0.2-\(hash)",
            .present(
                PackageID(name: "cmake", version: "3.0.2", hash: hash), prefix: "/opt/x/cmake-3.0.2-\(hash)",
                isExternal: false)
        ),
        (
            "==> gcc@11.3.0 : has external module in ['gcc/11']",
            .present(PackageID(name: "gcc", version: "11.3.0"), prefix: "", isExternal: true)
        ),
        ("==> All of the packages are already installed", .alreadyInstalled),
        (
            "==> Warning: Skipping build of gcc-11.3.0-\(hash) since gmp-6.2-\(hash) failed",
            .skipped(gcc, because: "gmp-6.2-\(hash) failed")
        ),
        (
            "==> Warning: gcc-11.3.0-\(hash) failed to install",
            .error(SpackError("gcc-11.3.0-\(hash) failed to install", trouble: .dependency, package: gcc))
        ),
        ("2 errors found in build log:", .digest(nil)), ("1 error found in build log:", .digest(nil)),
        ("2 errors found in zlib@1.3.1%gcc@11 build log:", .digest(PackageID(name: "zlib", version: "1.3.1"))),
        (
            "  >> 417    configure: error: no",
            .quoted(line: 417, text: "configure: error: no", column: 12, isError: true)
        ),
        (
            "     10    ==> gcc: Executing phase: 'install'",
            .quoted(line: 10, text: "==> gcc: Executing phase: 'install'", column: 11, isError: false)
        ),
        ("     60", .quoted(line: 60, text: "", column: 7, isError: false)),
        ("See build log for details:", .logHint(nil)),
        ("See build log for details: /tmp/x/spack-build-out.txt", .logHint("/tmp/x/spack-build-out.txt")),
        (
            "  /tmp/s/spack-stage-gcc-11.3.0-\(hash)/spack-build-out.txt",
            .logPath("/tmp/s/spack-stage-gcc-11.3.0-\(hash)/spack-build-out.txt", gcc)
        ),
        ("Full build log:", .replay), ("==> Waiting for gcc", .waiting("Waiting for gcc")),
        ("Waiting for other Spack install process...", .waiting("Waiting for other Spack install process...")),
        ("==> Regenerating view", .message("Regenerating view")), ("==> 'make' '-j16'", .output),
        ("==> [2026-11-20-22:27:09.441898] 'make' '-j2'", .output),
        // New installer.
        ("[ ] 6ivzngn zlib@1.3.1 starting", .status(zlib, SpackStatus(mark: .running, word: "starting"))),
        (
            "[ ] 6ivzngn zlib@1.3.1 build (12m42s)",
            .status(zlib, SpackStatus(mark: .running, word: "build", seconds: 762))
        ),
        (
            "[/] 6ivzngn zlib@1.3.1 fetching: 42%",
            .status(zlib, SpackStatus(mark: .running, word: "fetching", percent: 42))
        ),
        (
            "[ ] 6ivzngn zlib@1.3.1 fetching from build cache (0s)",
            .status(zlib, SpackStatus(mark: .running, word: "fetching from build cache", seconds: 0))
        ),
        (
            "[+] 6ivzngn zlib@1.3.1 /opt/linux/zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry (1h2m)",
            .status(
                PackageID(name: "zlib", version: "1.3.1", hash: "6ivzngnhl334wuhogmugriohcwempqry"),
                SpackStatus(
                    mark: .finished, prefix: "/opt/linux/zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry", seconds: 3720))
        ),
        ("[+] 6ivzngn zlib@1.3.1 (7s)", .status(zlib, SpackStatus(mark: .finished, seconds: 7))),
        ("[x] 6ivzngn zlib@1.3.1 failed", .status(zlib, SpackStatus(mark: .failed, word: "failed"))),
        ("[e] 6ivzngn zlib@1.3.1 finished", .status(zlib, SpackStatus(mark: .external, word: "finished"))),
        ("Progress: 3/7  /: filter  v: logs", .header(done: 3, total: 7)),
        ("==> Following logs of zlib@1.3.1", .following(PackageID(name: "zlib", version: "1.3.1"))),
        (
            "zlib@1.3.1%gcc@11 arch=linux/6ivzngn: /tmp/x/zlib.log",
            .logPath("/tmp/x/zlib.log", PackageID(name: "zlib", version: "1.3.1"))
        ),
        // Lists of what will be installed look like states.
        (" -   6ivzngn  zlib@1.3.1%gcc@11.3.0+optimize", .planned(zlib, isRoot: true, isPresent: false)),
        ("[+]  6ivzngn      ^zlib@1.3.1%gcc@11.3.0", .planned(zlib, isRoot: false, isPresent: true)),
        (
            "[e]      ^zlib@=1.3.1 build_system=bundle",
            .planned(PackageID(name: "zlib", version: "1.3.1"), isRoot: false, isPresent: true)
        ),
        ("[^]  6ivzngn      ^zlib@1.3.1%gcc@11.3.0", .planned(zlib, isRoot: false, isPresent: true)),
        ("[-]  6ivzngn      ^zlib@1.3.1%gcc@11.3.0", .planned(zlib, isRoot: false, isPresent: false)),
        // Spack 1.1 and 1.2.
        ("6ivzngn zlib@1.3.1: staging", .status(zlib, SpackStatus(mark: .running, word: "staging"))),
        ("6ivzngn zlib@1.3.1: bootstrap", .status(zlib, SpackStatus(mark: .running, word: "bootstrap"))),
        ("6ivzngn zlib@1.3.1: finished", .status(zlib, SpackStatus(mark: .finished))),
        (
            "[x] 6ivzngn zlib@1.3.1 failed: /tmp/s/spack-stage-zlib-1.3.1-x.log (1m04s)",
            .status(
                zlib,
                SpackStatus(mark: .failed, word: "failed", seconds: 64, log: "/tmp/s/spack-stage-zlib-1.3.1-x.log"))
        ),
        ("-- lines 12 to 20 --", .block(from: 12, to: 20)),
        ("==> Patch /opt/x.patch failed.", .sign(.patch)), ("==> patch() function failed!", .sign(.patch)),
        ("spack.error.FetchError: All fetchers failed for spack-stage-x", .sign(.network)),
        // pctl.
        (
            "PCTL_PROGRESS: Bootstrap started (0%)",
            .pctl(.progress(PctlProgress(percent: 0, message: "Bootstrap started")))
        ),
        (
            "20% - Starting package installation",
            .pctl(.progress(PctlProgress(percent: 20, message: "Starting package installation")))
        ),
        (
            "PCTL_PROGRESS: Installing compiler gcc@11.3.0 (1/5 packages, 32%)",
            .pctl(
                .progress(
                    PctlProgress(
                        "Installing compiler gcc@11.3.0 (1/5 packages, 32%)")))
        ),
        (
            "PCTL_PKG_START:gcc@11.3.0:2/5",
            .pctl(.packageStart(PackageID(name: "gcc", version: "11.3.0"), number: 2, total: 5))
        ),
        (
            "PCTL_PKG_INFO:gcc@11.3.0 has 18 dependencies",
            .pctl(.packageInfo(PackageID(name: "gcc", version: "11.3.0"), dependencies: 18))
        ),
        (
            "PCTL_PKG_END:gcc@11.3.0:success",
            .pctl(.packageEnd(PackageID(name: "gcc", version: "11.3.0"), isSuccess: true))
        ),
        (
            "PCTL_PKG_END:gcc@11.3.0:failed",
            .pctl(.packageEnd(PackageID(name: "gcc", version: "11.3.0"), isSuccess: false))
        ),
        ("PCTL_DISK_USAGE:", .pctl(.diskFollows)), ("PCTL_VERBOSE_MODE:enabled", .pctl(.verbose)),
        (
            "USED:12.5G TOTAL:45G PCT:27%",
            .pctl(.disk(BuildDisk(used: 13_421_772_800, total: 48_318_382_080, percent: 27)))
        ),
        ("ERROR: Failed to install gcc@11.3.0", .pctl(.failed(PackageID(name: "gcc", version: "11.3.0")))),
        // Build tools.
        ("[123/4567] Building CXX object lib/x.cpp.o", .compiled(done: 123, total: 4567, file: "lib/x.cpp.o")),
        ("[ 12/345] Compiling src/foo.c", .compiled(done: 12, total: 345, file: "src/foo.c")),
        ("[1,234 / 5,678] Compiling foo.cc", .compiled(done: 1234, total: 5678, file: "foo.cc")),
        ("[ 42%] Building C object a/CMakeFiles/b.dir/x.c.o", .compiledPercent(42, file: "a/CMakeFiles/b.dir/x.c.o")),
        ("[100%] Built target foo", .compiledPercent(100, file: "Built target foo")),
        ("/opt/spack/lib/spack/env/gcc/gcc -O2 -c gcc/tree-ssa-loop.c -o tree.o", .compiling("gcc/tree-ssa-loop.c")),
        ("  CC       lib/foo.lo", .compiling("lib/foo.lo")), ("checking for gcc... yes", .output), ("", .output),
        ("make: *** [Makefile:6: f4.o] Error 1", .sign(.build)), ("make: [Makefile:6: x] Error 1 (ignored)", .output),
        ("dd: error writing 'x': No space left on device", .sign(.diskFull)),
        ("c++: fatal error: Killed signal terminated program cc1plus", .sign(.outOfMemory)),
        ("collect2: fatal error: ld terminated with signal 9 [Killed]", .sign(.outOfMemory)),
        ("x.c:1:10: fatal error: foo.h: No such file or directory", .sign(.missingHeader)),
        ("ld: cannot find -lfoo", .sign(.missingLibrary)),
        ("configure: error: no acceptable C compiler found in $PATH", .sign(.noCompiler)),
        ("configure: error: need foo", .sign(.configure)),
        ("CMake Error at CMakeLists.txt:3 (find_package):", .sign(.configure)),
        ("ninja: build stopped: subcommand failed.", .sign(.build)),
        ("a.c:1: undefined reference to `x'", .sign(.link)),
        ("gcc: internal compiler error: Killed (program cc1)", .sign(.outOfMemory)),
        ("gcc -Werror=foo -c x.c", .compiling("x.c")), ("  12 |   int x = 0;", .output),
    ]

    @Test(arguments: shapes.indices)
    func everyShapeHasItsMeaning(index: Int) {
        let (text, meaning) = Self.shapes[index]
        #expect(SpackGrammar.line(text) == meaning, "\(text)")
    }

    /// What loggers, containers and CI put in front of a line.
    @Test(arguments: [
        "12345: ", "PCTL_SPACK_OUTPUT: ", "Nov 20 10:00:00 ip-10-0-0-1 pctl-bootstrap: ",
        "Nov  3 10:00:00 host pctl-bootstrap[77]: ",
        "<13>Nov 20 10:00:00 host tag: ", "2025-11-20T10:00:00.123456Z ", "2025-11-20 10:00:00,123 ",
        "2025-11-20T10:00:00+01:00 host tag[5]: ",
        "2025-11-20T10:00:00.1Z stdout F ", "2025-11-20T10:00:00.123456Z 00O ", "[   12.345678] cloud-init[1234]: ",
        "cloud-init[1234]: ",
        "[2025-11-20 10:00:00] ", "[10:00:00] ", "builder-1  | ", "#12 43.13 ", "[pod/builder/main] ", "4.292 ",
        "Nov 20 10:00:00 ",
        "2025-11-20T10:00:00Z ip-10-0-0-1 pctl-bootstrap: PCTL_SPACK_OUTPUT: 4711: ", "\u{1B}[0;32m4711: ",
        "pctl-bootstrap: ",
    ])
    func whatStandsInFrontOfALineIsTakenOff(prefix: String) {
        for (text, meaning) in Self.shapes where !text.isEmpty && !meaning.isQuiet {
            var got: [SpackLine] = []
            var grammar = SpackGrammar()
            var lines = LogLines()
            Array((prefix + text + "\n").utf8).withUnsafeBytes { bytes in
                lines.feed(bytes) { got.append(grammar.read(LineBytes(base: $0.bytes)).meaning) }
            }
            #expect(got == [meaning], "\(prefix)\(text)")
        }
    }

    @Test func anUnknownPrefixIsLearned() {
        var grammar = SpackGrammar()
        #expect(grammar.line("job=7 node-03 (build 41) | [+] 6ivzngn zlib@1.3.1 (7s)") == .output)
        #expect(
            grammar.line("job=7 node-03 (build 41) | ==> gcc: Executing phase: 'build'")
                == .phase(name: "gcc", phase: "build"))
        #expect(
            grammar.line("job=7 node-11 (build 9) | [+] 6ivzngn zlib@1.3.1 (7s)")
                == .status(Self.zlib, SpackStatus(mark: .finished, seconds: 7)))
        #expect(
            grammar.line("    amazon-ebs.gromacs: ==> Installing gcc-11.3.0-\(Self.hash)")
                == .installing(Self.gcc, number: nil, total: nil))
        #expect(grammar.line("==> amazon-ebs.gromacs: ==> Error: x") == .error(SpackError("x")))
    }

    @Test func whatIsQuotedIsNotSaid() {
        for text in [
            "echo \"==> Installing gcc-11.3.0-\(Self.hash)\"", "if [ x ]; then echo '==> Error: no'; fi",
            "install.sh: print ==> foo",
            "see ==> Warning: later",
        ] {
            switch SpackGrammar.line(text) {
            case .output, .sign, .compiling: break
            case let meaning: Issue.record("\(text) was taken for \(meaning)")
            }
        }
    }

    @Test func aDownloadWithoutALineEndHidesNothing() {
        let line = SpackGrammar.line(
            "    [  4%]  524.29 KB @    1.2 MB/s==> Error: Failed to install gettext due to InstallError: "
                + "No binary found when cache-only was specified"
        )
        #expect(
            line
                == .error(
                    SpackError(
                        "InstallError: No binary found when cache-only was specified", trouble: .noBinary,
                        package: PackageID(name: "gettext"))))
    }
}

extension SpackLine {
    /// Lines of which nothing is kept, so that what stands in front of them does not matter.
    fileprivate var isQuiet: Bool {
        switch self {
        case .output, .compiling, .sign: true
        // The tag's text is a whole value, never behind a prefix; a quoted line needs the column it was printed in.
        case .quoted, .fetched: true
        case .pctl(.progress(let progress)): progress.percent == 20
        default: false
        }
    }
}
