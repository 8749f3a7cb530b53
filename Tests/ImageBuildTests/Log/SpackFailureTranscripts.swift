@testable import ImageBuild

/// What `spack install` prints into a pipe when it fails, put together from the formats in Spack's own source, and what is to be made
/// of it.
struct SpackFailureTranscript: Sendable {
    let name: String
    let text: String
    let trouble: BuildTrouble
    /// The package that is named; nil where Spack names none.
    var package: String?
    var phase: String?
    /// Log and line.
    var place: String?
    /// What is shown as the cause, or its beginning.
    var cause: String?
    /// What the next step says.
    let fix: String

    private static let zlib = "zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry"
    private static let hdf5 = "hdf5-1.14.3-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7"
    private static let log = "/tmp/me/spack-stage/spack-stage-\(hdf5)/spack-build-out.txt"
    private static let start = """
        [+] /usr (external gmake-4.3-ktvymd5cfotxnwv675de7r6ik6wi54lq)
        ==> Installing \(hdf5) [3/3]
        ==> No binary for \(hdf5) found: installing from source
        ==> Fetching https://example.org/hdf5-1.14.3.tar.gz

        """

    /// Before anything is installed.
    static let early: [SpackFailureTranscript] = [
        // error.py prints the message behind the arrow and the long one below; repo.py has the words.
        .init(
            name: "unknown package",
            text: """
                ==> Error: Package 'hdf55' not found in repository '/opt/spack/var/spack/repos/builtin'
                Use 'spack create' to create a new package.

                Did you mean one of the following packages?
                  hdf5
                  hdf
                """, trouble: .unknownPackage, package: "hdf55",
            cause: "Package 'hdf55' not found in repository", fix: "Spack knows no hdf55, but hdf5 or hdf."),
        .init(
            name: "unknown namespace", text: "==> Error: Unknown namespace: mine", trouble: .unknownPackage,
            fix: "Correct the name"),
        // spec_parser.py
        .init(
            name: "syntax",
            text: """
                ==> Error: unexpected characters in the spec string
                hdf5@@1.14
                     ^
                """, trouble: .badSpec, package: "hdf5", cause: "unexpected characters in the spec string",
            fix: "name@version+variant%compiler"),
        .init(
            name: "ambiguous hash",
            text: "==> Error: The reference to 'zlib' matches multiple packages.", trouble: .badSpec,
            fix: "/hash"),
        .init(
            name: "variant of a requirement",
            text: """
                ==> Error: cannot emit requirements for the solver: variant "nosuch" not found in package "perl" \
                [required from package "perl"]
                """, trouble: .badSpec, package: "perl", fix: "`spack info perl`"),
        .init(
            name: "Ctrl-C while it solves", text: "\n==> Error: Keyboard interrupt.", trouble: .killed,
            fix: "interrupted"),
        .init(
            name: "lock", text: "==> Error: Timed out waiting for a write lock after 2m 0.00s.", trouble: .lock,
            fix: "Another Spack"),
        .init(name: "no locks", text: "==> Error: [Errno 37] No locks available", trouble: .lock, fix: "config:locks"),
        .init(
            name: "tree of somebody else",
            text: "==> Error: [Errno 13] Permission denied: '/opt/spack/opt/spack/.spack-db/lock'",
            trouble: .permission, fix: "writable"),
        .init(
            name: "stage of somebody else", text: "==> Error: Insufficient permissions for /tmp/me/spack-stage",
            trouble: .permission, fix: "writable"),
        .init(
            name: "a tool is missing", text: "==> Error: spack requires 'patch'. Make sure it is in your path.",
            trouble: .missingTool, fix: "Install the program"),
        .init(
            name: "no solver",
            text: """
                ==> Fetching https://mirror.spack.io/bootstrap/github-actions/v0.5/build_cache/x.spec.json
                ==> Error: cannot bootstrap the "clingo" Python module from spec "clingo-bootstrap@spack+python" \
                due to the following failures:
                    'github-actions-v0.5' raised URLError: <urlopen error [Errno -2] Name or service not known>
                    Please run `spack -d spec zlib` for more verbose error messages
                """, trouble: .network, fix: "spack bootstrap mirror"),
        .init(
            name: "surprised", text: "==> Error: 'NoneType' object has no attribute 'prefix'", trouble: .other,
            fix: "--backtrace"),
    ]

    /// The solver's explanations: `asp.py` and `error_messages.lp` up to 1.0, `error_handler.py` afterwards.
    static let reasons: [(text: String, package: String, trouble: BuildTrouble, fix: String)] = [
        ("paraview: '+egl' conflicts with '^mesa@22:'", "paraview", .conflict, "Loosen the specs"),
        ("kokkos: '%gcc@:10.3' conflicts with '@5:'", "kokkos", .conflict, "another compiler version"),
        ("Cannot satisfy 'llvm@6:' and 'llvm@17.0.5", "llvm", .conflict, "spack versions --safe llvm"),
        ("Cannot satisfy 'hdf5@1.8.19' (version 1.14.6 does not match)", "hdf5", .conflict, "Choose a version"),
        ("cannot satisfy a requirement for package 'mpich'.", "mpich", .conflict, "packages.yaml requires of mpich"),
        ("Cannot select a single \"version\" for package \"py-numpy\"", "py-numpy", .conflict, "Loosen"),
        (
            "Package 'expat' needs the deprecated version '2.4.8', and this is not allowed", "expat", .conflict,
            "--deprecated"
        ),
        (
            "Cannot set variant 'java' for package 'hdf5' because the variant condition cannot be satisfied for the given spec",
            "hdf5", .conflict, "spack info hdf5"
        ),
        ("'cuda_arch=7' is not a valid value for 'magma' variant 'cuda_arch'", "magma", .conflict, "spack info magma"),
        ("'zlib' requires conflicting variant values '+pic' and '~pic'", "zlib", .conflict, "spack info zlib"),
        (
            "Cannot build cuda, since it is configured `buildable:false` and no externals satisfy the request", "cuda",
            .conflict, "external of cuda"
        ),
        (
            "Attempted to use external for 'openssl' which does not satisfy any configured external spec version",
            "openssl", .conflict, "external of openssl"
        ),
        (
            "gettext is not a direct 'build' or 'test' dependency, or transitive 'link' or 'run' dependency of any root",
            "gettext", .conflict, "Loosen"
        ),
        ("'gcc target=icelake' is not compatible with this machine", "gcc", .conflict, "spack arch"),
        ("Cannot find valid provider for virtual fortran", "fortran", .noCompiler, "gfortran"),
        ("Cannot find valid provider for virtual mpi", "mpi", .conflict, "Loosen"),
        ("No valid compiler for zlib satisfies '%gcc@13'", "?", .noCompiler, "spack compiler find"),
        (
            "Only external, or concrete, compilers are allowed for the cxx language", "?", .noCompiler,
            "spack compiler find"
        ),
    ]

    /// While a package is fetched, patched, built.
    static let late: [SpackFailureTranscript] = [
        // fetch_strategy.py and stage.py; package_base.py is quoted where the failure is not a command's.
        .init(
            name: "checksum",
            text: start + """
                ==> Error: ChecksumError: sha256 checksum failed for /tmp/me/spack-stage/spack-stage-\(hdf5)/hdf5-1.14.3.tar.gz
                    Expected a8df but got 320e. File size = 1256 bytes. Contents = b'<!DOCTYPE html>...</html>'

                /opt/spack/lib/spack/spack/package_base.py:1400, in do_fetch:
                       1399        if checksum and self.version in self.versions:
                  >>   1400            self.stage.check()

                See build log for details:
                  \(log)
                """, trouble: .checksum, package: "hdf5", phase: "stage", place: log,
            cause: "ChecksumError: sha256 checksum failed for /tmp",
            fix: "changed upstream"),
        .init(
            name: "404",
            text: start + """
                ==> Error: FetchError: All fetchers failed for spack-stage-\(hdf5)
                        https://mirror.spack.io/_source-cache/archive/09/09cd.tar.gz: DetailedHTTPError: \
                GET https://mirror.spack.io/_source-cache/archive/09/09cd.tar.gz returned 404: Not Found
                    https://example.org/hdf5-1.14.3.tar.gz: DetailedHTTPError: \
                GET https://example.org/hdf5-1.14.3.tar.gz returned 404: Not Found

                /opt/spack/lib/spack/spack/package_base.py:1391, in do_fetch:
                  >>   1391        self.stage.fetch(mirror_only, err_msg=err_msg)
                """, trouble: .network, package: "hdf5", phase: "stage",
            cause: "FetchError: All fetchers failed for spack-stage-hdf5", fix: "no longer at its address"),
        .init(
            name: "no checksum",
            text: start + """
                ==> Warning: There is no checksum on file to fetch hdf5@1.99 safely.
                ==> Error: FetchError: Will not fetch hdf5@1.99
                    Add a checksum or use --no-checksum to skip this check.
                """, trouble: .checksum, package: "hdf5", phase: "stage", fix: "spack versions --safe hdf5"),
        // patch.py and package_base.py
        .init(
            name: "patch",
            text: start + """
                ==> Patch /opt/spack/var/spack/repos/builtin/packages/hdf5/fix.patch failed.
                ==> Error: ProcessError: patch: Command exited with status 1:
                    '/usr/bin/patch' '-s' '-p' '1' '-i' '/opt/fix.patch' '-d' '.'
                """, trouble: .patch, package: "hdf5", phase: "stage", fix: "needs no patch"),
        // build_systems/_checks.py
        .init(
            name: "nothing installed",
            text: start + """
                ==> hdf5: Executing phase: 'install'
                ==> Error: InstallError: Install failed for hdf5.  Nothing was installed!

                /opt/spack/lib/spack/spack/build_systems/_checks.py:50, in sanity_check_prefix:
                         49    if f is None:
                  >>     50        raise InstallError(f"Install failed for {pkg.name}.  Nothing was installed!")

                See build log for details:
                  \(log)
                """, trouble: .build, package: "hdf5", phase: "install", place: log, fix: "installed nothing"),
        // build_environment.py: the child of the build did not answer.
        .init(
            name: "killed for memory",
            text: start + """
                ==> hdf5: Executing phase: 'build'
                ==> Error: Failed to install hdf5 due to InstallError: The process has stopped unexpectedly (signal 9)
                """, trouble: .outOfMemory, package: "hdf5", phase: "build", fix: "fewer jobs"),
        .init(
            name: "ended from outside",
            text: start + """
                ==> hdf5: Executing phase: 'build'
                ==> Error: Failed to install hdf5 due to InstallError: The process has stopped unexpectedly (signal 15)
                """, trouble: .killed, package: "hdf5", phase: "build", fix: "dmesg"),
        .init(
            name: "Ctrl-C",
            text: start + """
                ==> hdf5: Executing phase: 'build'
                ==> Error: Failed to install hdf5 due to KeyboardInterrupt:\u{20}

                ==> Error: Keyboard interrupt.
                """, trouble: .killed, package: "hdf5", phase: "build", fix: "interrupted"),
        // installer.py, fail-fast: it says again what it has said.
        .init(
            name: "configure, fail-fast",
            text: start + """
                ==> hdf5: Executing phase: 'configure'
                ==> Error: ProcessError: Command exited with status 77:
                    '/tmp/me/spack-src/configure' '--prefix=/opt/x'

                1 error found in build log:
                     31    checking for gcc... no
                  >> 32    configure: error: no acceptable C compiler found in $PATH

                See build log for details:
                  \(log)

                ==> Error: Terminating after first install failure: ProcessError: Command exited with status 77:
                    '/tmp/me/spack-src/configure' '--prefix=/opt/x'
                """, trouble: .noCompiler, package: "hdf5", phase: "configure", place: "\(log):32",
            cause: "configure: error: no acceptable", fix: "spack compiler find"),
        .init(
            name: "only warnings are found",
            text: start + """
                ==> hdf5: Executing phase: 'build'
                ==> Error: ProcessError: Command exited with status 2:
                    'make' '-j16'

                1 warning found in build log:
                     8     cc -c a.c
                  >> 9     a.c:3:1: warning: unused variable 'x'

                See build log for details:
                  \(log)
                """, trouble: .build, package: "hdf5", phase: "build", place: "\(log):9", fix: "upwards from its end"),
        // A test of the package itself, `spack install --test=root`.
        .init(
            name: "tests",
            text: start + """
                ==> hdf5: Executing phase: 'install'
                ==> Error: TestFailure: 1 test failed.


                Command exited with status 8:
                    'ctest' '--output-on-failure'
                """, trouble: .test, package: "hdf5", phase: "install", fix: "without `--test`"),
        .init(
            name: "disk full while it unpacks",
            text: start + """
                ==> Error: OSError: [Errno 28] No space left on device

                /opt/spack/lib/spack/spack/stage.py:600, in expand_archive:
                  >>    600            self.fetcher.expand()
                """, trouble: .diskFull, package: "hdf5", phase: "stage", fix: "volume"),
        .init(
            name: "signature",
            text: """
                ==> Fetching https://cache/build_cache/linux-x/gcc-11/\(hdf5).spack
                ==> Extracting \(hdf5) from binary cache
                gpg: Can't check signature: No public key
                ==> Error: Failed to install hdf5 due to NoVerifyException: Spack was unable to verify package signature, \
                please obtain and trust the correct public key.
                """, trouble: .signature, package: "hdf5", phase: "extract", fix: "buildcache keys"),
        .init(
            name: "cache only", text: "==> Error: No binary for \(hdf5) found when cache-only specified",
            trouble: .noBinary, package: "hdf5", fix: "--cache-only"),
        .init(
            name: "marked by another run",
            text: """
                ==> Warning: \(zlib) failed to install
                ==> Warning: Skipping build of \(hdf5) since \(zlib) failed
                ==> Error: \(hdf5): Package was not installed
                ==> Error: Installation request failed.  Refer to reported errors for failing package(s).
                """, trouble: .dependency, package: "zlib", fix: "spack clean --failures"),
    ]
}
