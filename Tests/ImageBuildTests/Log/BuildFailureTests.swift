import Testing

@testable import ImageBuild

/// What Spack says when it fails, which trouble that is, and what to do about it.
@Suite struct BuildFailureTests {
    @Test(arguments: [
        ("concretization failed for the following reasons:", BuildTrouble.conflict, "spack spec"),
        ("failed to concretize `llvm@17.0.5` for the following reasons:", .conflict, "spack spec llvm"),
        ("cannot satisfy 'cmake@3.0.1'", .conflict, "Choose a version"),
        ("There are no valid versions for graphlib that match '2.0.0'", .conflict, "Choose a version"),
        ("errors occurred during concretization of the environment:", .conflict, "Loosen"),
        ("Conflicts in concretized spec \"hoomd-blue@2.1.6%gcc@7.2.0\"", .conflict, "another compiler"),
        ("Package 'gromcas' not found.", .unknownPackage, "spack list gromcas"),
        ("Package 'spack_repo.builtin.packages.k4geo.package' not found", .unknownPackage, "Correct the name"),
        ("UnknownPackageError: Package 'foo' not found in repository 'builtin'", .unknownPackage, "spack list foo"),
        ("unexpected characters in the spec string", .badSpec, "name@version"),
        (
            "trying to set variant \"foo\" in package \"zlib\", but the package has no such variant", .badSpec,
            "spack info"
        ),
        ("No compilers with spec gcc@11 found for operating system debian12", .noCompiler, "spack compiler find"),
        ("No available compiler version matches 'None'", .noCompiler, "spack compiler find"),
        ("ChecksumError: sha256 checksum failed for /tmp/x.tar.gz", .checksum, "spack clean --downloads"),
        ("FetchError: All fetchers failed for spack-stage-x", .network, "internet"),
        ("timeout: The read operation timed out", .timeout, "connect_timeout"),
        ("LockTimeoutError: Timed out waiting for a write lock.", .lock, "Another Spack"),
        ("[Errno 28] No space left on device", .diskFull, "larger volume"),
        ("[Errno 13] Permission denied: '/opt/spack'", .permission, "writable"),
        ("PermissionError: [Errno 13] Permission denied: '/opt/x'", .permission, "writable"),
        ("No binary found when cache-only was specified", .noBinary, "--cache-only"),
        ("NoVerifyException: Spack was unable to find a key", .signature, "buildcache keys"),
        ("ProcessError: Command exited with status 2:", .build, "upwards"),
        (
            "Cannot proceed with x-1-ph7pbnhl334wuhogmugriohcwempqry2: 1 uninstalled dependency: y", .dependency,
            "failed first"
        ),
        ("Something that nobody has seen", .other, "Read"), ("exited with status -9", .outOfMemory, "fewer jobs"),
    ])
    func everyErrorIsTroubleOfAKind(text: String, trouble: BuildTrouble, fix: String) throws {
        let log = SpackLogs.log(["==> Error: \(text)"])
        let failure = try #require(log.failures.first)
        #expect(failure.trouble == trouble && log.outcome == .failed)
        #expect(failure.fix.contains(fix), "\(failure.fix)")
        #expect(!failure.fix.contains("{") && failure.fix.hasSuffix("."))
    }

    @Test func theSolversReasonsAreItsSigns() throws {
        let log = SpackLogs.log(
            """
            ==> Error: concretization failed for the following reasons:

               1. Cannot satisfy 'cmake@3.0.1'
               2. Cannot satisfy 'cmake@3.18:' and 'cmake@3.0.1
                    required because hdf5 depends on cmake@3.18: when @1.13:
            """)
        let failure = try #require(log.failures.first)
        #expect(failure.package?.name == "cmake" && failure.signs.count == 3 && failure.line == nil)
        #expect(failure.signs[0].text == "1. Cannot satisfy 'cmake@3.0.1'")
        #expect(failure.fix.hasPrefix("Choose a version that exists") && failure.fix.contains("cmake"))
    }

    @Test(arguments: [
        (
            "gfortran: not found, configure: error: no acceptable Fortran compiler found", BuildTrouble.noCompiler,
            "Fortran compiler"
        ),
        ("c++: fatal error: Killed signal terminated program cc1plus", .outOfMemory, "fewer jobs"),
        ("collect2: fatal error: ld terminated with signal 9 [Killed]", .outOfMemory, "Linking"),
        ("write: Disk quota exceeded", .quota, "quota"),
        ("foo.c:1:10: fatal error: zlib.h: No such file or directory", .missingHeader, "development package"),
        ("/usr/bin/ld: cannot find -lstdc++", .missingLibrary, "library"),
        ("make: gcc: Permission denied", .permission, "Makefile calls a compiler"),
        ("/bin/sh: bison: command not found", .missingTool, "program"),
        ("CMake Error at CMakeLists.txt:1 (find_package):", .configure, "CMakeError.log"),
    ])
    func theBuildsOwnOutputSaysMoreThanThatItFailed(line: String, trouble: BuildTrouble, fix: String) throws {
        let start = [
            "==> Installing foo-1.0-ph7pbnhl334wuhogmugriohcwempqry2 [1/1]", "==> foo: Executing phase: 'build'",
        ]
        let end = [
            "make: *** [Makefile:1: all] Error 1", "==> Error: ProcessError: Command exited with status 2:",
            "    'make' '-j16'",
        ]
        let verbose = SpackLogs.log(start + [line] + end)
        let digest = SpackLogs.log(
            start + end + [
                "", "2 errors found in build log:", "     6    ok", "  >> 7    \(line)",
                "  >> 9    make: *** [all] Error 1", "", "See build log for details:",
            ])
        for log in [verbose, digest] {
            let failure = try #require(log.failures.first)
            #expect(log.failures.count == 1 && failure.trouble == trouble && failure.command == "'make' '-j16'")
            #expect(failure.fix.contains(fix) && failure.cause?.text == line, "\(failure.fix)")
        }
        #expect(digest.failures.first?.line == 7)
    }

    @Test func aFullDiskOfGccSaysHowMuchItNeeds() throws {
        let log = SpackLogs.log([
            "==> Installing gcc-11.3.0-ph7pbnhl334wuhogmugriohcwempqry2 [1/1]", "==> gcc: Executing phase: 'build'",
            "==> Error: [Errno 28] No space left on device",
        ])
        #expect(log.failures.first?.fix.contains("8 GB") == true && log.failures.first?.phase == "build")
    }

    @Test func everyFixIsASentenceThatCanBeReached() {
        for (index, fix) in BuildFix.table.enumerated() {
            #expect(fix.sentence.hasSuffix(".") && !fix.sentence.contains("\n"))
            let isHidden = BuildFix.table[..<index].contains { earlier in
                earlier.says.isEmpty && earlier.package == nil && Set(fix.troubles).isSubset(of: earlier.troubles)
            }
            #expect(!isHidden, "\(fix.id) stands behind a more general one")
        }
    }
}
