import Testing

@testable import ImageBuild

/// The installer of Spack 1.x in a pipe: one line for every change of state, logs of failures at the end.
@Suite struct NewInstallerTests {
    private static func path(_ name: String, _ hash: String) -> String {
        "/tmp/me/spack-stage/spack-stage-\(name)-\(hash)hl334wuhogmugriohcwempqry-x_1y.log"
    }

    /// 1.1 wrote states without marks.
    @Test func theFirstOnesHadNoMarks() {
        let log = SpackLogs.log(
            """
            6ivzngn zlib@1.3.1: staging
            6ivzngn zlib@1.3.1: edit
            6ivzngn zlib@1.3.1: build
            abcdefg hdf5@1.14.3: fetching from build cache
            6ivzngn zlib@1.3.1: finished
            abcdefg hdf5@1.14.3: relocating
            abcdefg hdf5@1.14.3: failed
            ==> Error: The following packages failed to install:
            hdf5@1.14.3%gcc@13/abcdefg: \(Self.path("hdf5-1.14.3", "abcdefg"))
            """, roots: ["hdf5", "zlib"])
        #expect(log.packages.map(\.state) == [.failed, .done] && log.packages.map(\.origin) == [.binary, .source])
        #expect(log.packages[1].phases.map(\.name) == ["stage", "edit", "build"])
        #expect(
            log.failures.count == 1 && log.failures[0].package?.spec == "hdf5@1.14.3"
                && log.failures[0].phase == "relocate")
        #expect(log.failures[0].log == Self.path("hdf5-1.14.3", "abcdefg"))
    }

    /// 1.2 gives the log with the state, and at the end what it found in it.
    @Test func whyItFailedStandsInItsLog() throws {
        let (one, two) = (Self.path("cmake-3.31.6", "6ivzngn"), Self.path("hdf5-1.14.3", "q2m4abc"))
        let log = SpackLogs.log(
            """
            [ ] 6ivzngn cmake@3.31.6 staging (1s)
            [ ] q2m4abc hdf5@1.14.3 staging (0s)
            [ ] 6ivzngn cmake@3.31.6 build (1m04s)
            [x] q2m4abc hdf5@1.14.3 failed: \(two) (6s)
            [x] 6ivzngn cmake@3.31.6 failed: \(one) (2m14s)
            -- lines 1 to 4 --
              ==> Fetching https://example.org/hdf5-1.14.3.tar.gz

              spack.error.FetchError: All fetchers failed for spack-stage-hdf5-1.14.3-q2m4abchl334wuhogmugriohcwempqry
                  https://example.org/hdf5-1.14.3.tar.gz: DetailedHTTPError: \
            GET https://example.org/hdf5-1.14.3.tar.gz returned 404: Not Found
            -- lines 410 to 412 --
              cc -c b.c
            > b.c:3:1: error: expected ';'
              cc -c c.c
            -- lines 3 to 5 --
              make all
            > a.cxx:1:10: fatal error: zlib.h: No such file or directory
              make: *** [Makefile:9: a.o] Error 1
            -- lines 900 to 901 --
            > make: *** [Makefile:2: all] Error 2
              spack.util.executable.ProcessError: Command exited with status 2:
            ==> Error: The following packages failed to install:
            hdf5@1.14.3/q2m4abc: \(two)
            cmake@3.31.6/6ivzngn: \(one)
            """, roots: ["hdf5"])
        #expect(log.failures.count == 2 && log.outcome == .failed)
        let (fetch, build) = (try #require(log.failures.first), try #require(log.failures.last))
        #expect(fetch.package?.spec == "hdf5@1.14.3" && fetch.trouble == .network && fetch.place == "\(two):3")
        #expect(fetch.signs.map(\.line) == [3, 411])
        #expect(build.package?.spec == "cmake@3.31.6" && build.trouble == .missingHeader && build.phase == "build")
        #expect(build.place == "\(one):4" && build.signs.map(\.line) == [4, 900, 901])
        #expect(log.packages.allSatisfy { $0.state == .failed } && build.fix.contains("development package"))
    }

    /// With `--verbose` one build's log is printed between the states of all, and says why it fails.
    @Test func oneLogIsFollowed() throws {
        let path = Self.path("zlib-1.3.1", "6ivzngn")
        let log = SpackLogs.log(
            """
            [ ] 6ivzngn zlib@1.3.1 staging (0s)
            ==> Fetching https://example.org/zlib-1.3.1.tar.gz
            [ ] q2m4abc gmp@6.3.0 configure (3s)
            ==> No patches needed for zlib
            [ ] 6ivzngn zlib@1.3.1 edit (2s)
            ==> zlib: Executing phase: 'edit'
            [ ] 6ivzngn zlib@1.3.1 build (2s)
            ==> zlib: Executing phase: 'build'
            ==> [2026-11-20-22:29:14.553937] 'make' '-j2'
            gcc -O2 -c adler32.c -o adler32.o
            [ ] q2m4abc gmp@6.3.0 build (9s)
            adler32.c:1:1: error: unknown type name 'nope'
            make: *** [Makefile:9: adler32.o] Error 1
            spack.util.executable.ProcessError: Command exited with status 2:
                'make' '-j2'
            [x] 6ivzngn zlib@1.3.1 failed: \(path) (5s)
            [+] q2m4abc gmp@6.3.0 /opt/gmp-6.3.0-q2m4abchl334wuhogmugriohcwempqry (1m03s)
            """)
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1 && failure.package?.spec == "zlib@1.3.1" && failure.phase == "build")
        #expect(failure.trouble == .compile && failure.cause?.text.hasPrefix("adler32.c:1:1: error") == true)
        #expect(failure.log == path && log.packages[1].state == .done && log.packages[1].told == 63)
        #expect(log.packages[0].phases.map(\.name) == ["stage", "edit", "build"])
        #expect(log.packages[0].file == "adler32.c" && log.packages[1].file == nil)
    }

    @Test func aBinaryThatIsNotThereIsBuiltOrMissed() throws {
        let miss = [
            "[ ] 6ivzngn zlib@1.3.1 fetching from build cache (3s)", "[ ] 6ivzngn zlib@1.3.1 no binary available (4s)",
        ]
        let built = SpackLogs.log(miss + ["[ ] 6ivzngn zlib@1.3.1 staging (0s)", "[ ] 6ivzngn zlib@1.3.1 build (2s)"])
        #expect(
            built.failures.isEmpty && built.packages[0].origin == .source && built.packages[0].phase?.name == "build")
        let missed = SpackLogs.log(miss + ["[x] 6ivzngn zlib@1.3.1 failed: \(Self.path("zlib-1.3.1", "6ivzngn")) (6s)"])
        let failure = try #require(missed.failures.first)
        #expect(failure.trouble == .noBinary && failure.fix.contains("zlib@1.3.1"))
    }

    @Test(arguments: [
        "-- lines 3 to --", "-- lines 9 to 3 --", "-- lines 0 to 3 --", "-- lines 1 to 3 -- x", "-- lines a to b --",
        "abcdefg hdf5@1.14.3: says hello", "warning gcc@11: deprecated", "6ivzng1 zlib@1.3.1: build",
        "6ivzngn zlib: build",
    ])
    func whatIsNearlyItIsOutput(line: String) { #expect(SpackGrammar.line(line) == .output) }
}
