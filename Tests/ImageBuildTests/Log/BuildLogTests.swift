import Foundation
import Testing

@testable import ImageBuild

/// What a whole log tells: packages, phases, how it ends.
@Suite struct BuildLogTests {
    private static let hash = "ph7pbnhl334wuhogmugriohcwempqry2"

    private func package(_ log: BuildLog, _ name: String) throws -> BuildPackage {
        try #require(log.packages.first { $0.id.name == name })
    }

    @Test(arguments: ["install-plain.txt", "install-j2.txt", "install-verbose.txt"])
    func aBuildThatSucceeds(name: String) throws {
        let log = SpackLogs.log(try SpackLogs.lines(name), roots: ["rig-app@3.1"])
        #expect(log.outcome == .succeeded && log.number == 5 && log.total == 5 && log.failures.isEmpty)
        #expect(log.packages.map(\.id.name).sorted() == ["gmake", "rig-app", "rig-base", "rig-lib", "rig-zip"])
        #expect(try package(log, "gmake").origin == .external && package(log, "gmake").state == .present)
        #expect(log.dependencies(of: 0).count == 4 && log.settledCount == 5)
        let app = try package(log, "rig-app")
        #expect(
            app.isRoot && app.state == .done && app.origin == .source
                && app.prefix?.hasSuffix("f4scoac3xinpl2ncs6gt") == true)
        #expect(app.phases.map(\.name) == ["stage", "edit", "build", "install", "post-install"])
        #expect(app.phases[2].seconds == 1.3 && app.seconds ?? 0 > 1.3, "as Spack measured it, not as it was read")
    }

    @Test func whatWasThereBeforeIsNotBuilt() throws {
        let log = SpackLogs.log(try SpackLogs.lines("install-again.txt"), roots: ["rig-app@3.1"])
        #expect(
            log.outcome == .succeeded && log.packages.allSatisfy { $0.state == .present && $0.origin == .installed })
    }

    @Test func theTimesOfLinesAreThoseOfPhases() throws {
        var log = BuildLog(roots: ["rig-app"])
        for line in try SpackLogs.lines("install-plain-timed.tsv") {
            let both = line.split(separator: "\t", maxSplits: 1)
            guard both.count == 2, let seconds = Double(both[0]), !both[1].hasPrefix("[exit") else { continue }
            log.feed(line: String(both[1]), at: SpackLogs.at(seconds))
        }
        let base = try package(log, "rig-base")
        let build = try #require(base.phases.first { $0.name == "build" })
        #expect(abs((build.endedAt?.timeIntervalSince(build.startedAt ?? .distantPast) ?? 0) - 1.65) < 0.01)
        #expect(build.seconds == 1.64 && log.lastProgressAt == SpackLogs.at(10.966))
    }

    @Test func aFailureNamesPackagePhaseLogAndLine() throws {
        for name in ["install-failing.txt", "install-failing-show-log.txt"] {
            let log = SpackLogs.log(try SpackLogs.lines(name), roots: ["rig-broken"])
            #expect(log.outcome == .failed && log.failures.count == 1)
            let failure = try #require(log.failures.first)
            #expect(
                failure.package?.spec == "rig-broken@1.0" && failure.phase == "build" && failure.trouble == .compile)
            #expect(failure.command == "'make' '-j2'" && failure.line == 13)
            #expect(
                failure.place?.hasSuffix(
                    "/spack-stage-rig-broken-1.0-x72guzwvbytuwzttoitsxmabs5uajwoc/spack-build-out.txt:13") == true)
            #expect(failure.signs.map(\.line) == [13, 17, 24])
            #expect(
                failure.cause?.text == "f4.c:1:26: error: 'undeclared_thing' undeclared (first use in this function)")
            let broken = try package(log, "rig-broken")
            #expect(
                broken.state == .failed && broken.phases.map(\.name) == ["stage", "edit", "build"]
                    && broken.phase?.hasFailed == true)
        }
    }

    @Test func aFullDiskIsBelievedBeforeTheCommandThatFailed() throws {
        let log = SpackLogs.log(try SpackLogs.lines("install-disk-full.txt"))
        let failure = try #require(log.failures.first)
        #expect(
            log.failures.count == 1 && failure.trouble == .diskFull && failure.phase == "install" && failure.line == 13)
        #expect(
            failure.cause?.text.hasSuffix("/lib/big': No space left on device") == true,
            "a line that was wrapped is whole again")
        #expect(failure.fix.contains("larger volume"))
    }

    @Test func aBuildLogByItselfTellsItsPhases() throws {
        let log = SpackLogs.log(try SpackLogs.lines("build-out-rig-app.txt"))
        let app = try package(log, "rig-app")
        #expect(
            app.state == .running && app.phases.map(\.name) == ["edit", "build", "install"] && log.outcome == .running)
        let broken = SpackLogs.log(try SpackLogs.lines("build-out-rig-broken.txt"))
        #expect(try package(broken, "rig-broken").file == "f4.c" && package(broken, "rig-broken").compile?.files == 4)
    }

    @Test func spackOfManyYearsAgo() throws {
        let log = SpackLogs.log(
            """
            ==> Installing zlib
            ==> Searching for binary cache of zlib
            ==> No binary for zlib found: installing from source
            ==> Fetching http://zlib.net/fossils/zlib-1.2.11.tar.gz
            ######################################################################## 100.0%
            ==> Staging archive: /usr/local/src/spack/var/spack/stage/zlib-1.2.11-\(Self.hash)/zlib-1.2.11.tar.gz
            ==> Created stage in /usr/local/src/spack/var/spack/stage/zlib-1.2.11-\(Self.hash)
            ==> No patches needed for zlib
            ==> Building zlib [Package]
            ==> Executing phase : 'install'
            ==> Successfully installed zlib
              Fetch: 0.80s.  Build: 3.92s.  Total: 4.71s.
            [+] /usr/local/src/spack/opt/spack/linux-ubuntu16.04-x86_64/gcc-5.4.0/zlib-1.2.11-\(Self.hash)
            """, roots: ["zlib@1.2.11"])
        let zlib = try package(log, "zlib")
        #expect(log.packages.count == 1 && log.outcome == .succeeded && zlib.state == .done && zlib.told == 4.71)
        #expect(zlib.id == PackageID(name: "zlib", version: "1.2.11", hash: Self.hash) && zlib.buildSystem == "Package")
        #expect(zlib.stage?.hasSuffix(Self.hash) == true)
    }

    @Test func olderSpacksGiveNamesAndNumbersOfTheirProcesses() throws {
        let log = SpackLogs.log(
            """
            [+] /data/spack/opt/spack/linux-ubuntu18.04-core2/gcc-7.4.0/py-cftime-1.0.3.4-bg7l3z5d7lk35icifwypkrwqsvu3uv2b
            ==> 15494: Installing m4
            ==> Using cached archive: /data/spack/var/spack/cache/m4.tar.gz
            ==> 15494: m4: Executing phase: 'build'
            ==> 15494: m4: Successfully installed m4-1.4.18-\(Self.hash)
              Fetch: 0.02s.  Build: 49.29s.  Total: 49.31s.
            [+] /data/spack/opt/spack/linux-ubuntu18.04-core2/gcc-7.4.0/m4-1.4.18-\(Self.hash)
            ==> 15494: Installing cdo
            ==> Fetching https://code.mpimet.mpg.de/attachments/download/21529/cdo-1.9.9rc2.tar.gz
            curl: (6) Could not resolve host: code.mpimet.mpg.de
            ==> Error: FetchError: All fetchers failed for spack-stage-cdo-1.9.9.rc2-tdm3inpmja3pnwm4heinm75xbznpknkc
                https://code.mpimet.mpg.de/attachments/download/21529/cdo-1.9.9rc2.tar.gz
            """)
        #expect(log.packages.map(\.spec) == ["py-cftime@1.0.3.4", "m4@1.4.18", "cdo@1.9.9.rc2"])
        #expect(log.packages.map(\.state) == [.present, .done, .failed] && log.packages[1].told == 49.31)
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1 && failure.trouble == .network && failure.fix.contains("resolves no names"))
    }

    @Test func spackOneSaysWhereFromBeforeItStarts() throws {
        let log = SpackLogs.log(
            """
            ==> Fetching https://ghcr.io/v2/spack/bootstrap/blobs/sha256:31f1
            ==> Installing "clingo-bootstrap@=spack~apps" from a buildcache
            [+] /usr (external gcc-11.4.1-fhj3ubjk6iqnexhdlnbcmlzjuo3iofwa)
            ==> No binary for compiler-wrapper-1.0-et3ejxhc3t5yoqbw74pqjv4izptvuj3q found: installing from source
            ==> Installing compiler-wrapper-1.0-et3ejxhc3t5yoqbw74pqjv4izptvuj3q [3/7]
                [100%]   30.08 KB @   14.2 MB/s
            ==> compiler-wrapper: Executing phase: 'install'
            ==> compiler-wrapper: Successfully installed compiler-wrapper-1.0-et3ejxhc3t5yoqbw74pqjv4izptvuj3q
              Stage: 0.10s.  Install: 0.00s.  Post-install: 0.01s.  Total: 0.13s
            [+] /users/example/spack/opt/spack/linux-zen4/compiler-wrapper-1.0-et3ejxhc3t5yoqbw74pqjv4izptvuj3q
            ==> Installing gmp-6.3.0-2fg6qftd7dmzej4hzzydnwqwnbl65zac [4/7]
            ==> Fetching https://cache/v3/blobs/x
            ==> Extracting gmp-6.3.0-2fg6qftd7dmzej4hzzydnwqwnbl65zac from binary cache
            gpg: Good signature from "Spack Project"
            ==> gmp: Successfully installed gmp-6.3.0-2fg6qftd7dmzej4hzzydnwqwnbl65zac
              Search: 0.00s.  Fetch: 0.12s.  Install: 1.03s.  Extract: 0.87s.  Relocate: 0.10s.  Total: 1.32s
            [+] /users/example/spack/opt/spack/linux-zen4/gmp-6.3.0-2fg6qftd7dmzej4hzzydnwqwnbl65zac
            """)
        #expect(log.packages.map(\.state) == [.present, .done, .done])
        #expect(log.packages.map(\.origin) == [.external, .source, .binary] && log.total == 7 && log.number == 4)
        #expect(try package(log, "gmp").told == 1.32)
    }

    @Test func theNewInstallerBuildsSeveralAtOnce() throws {
        let log = SpackLogs.log(
            """
            [ ] l5w2n3b acts@45.3.0 fetching from build cache (0s)
            [ ] l5w2n3b acts@45.3.0 no binary available (1s)
            [ ] l5w2n3b acts@45.3.0 staging (3s)
            [ ] giy6qcb k4actstracking@00-01 fetching from build cache (0s)
            [ ] l5w2n3b acts@45.3.0 cmake (4s)
            [ ] l5w2n3b acts@45.3.0 build (34s)
            [3/40] Building CXX object Core/x.cpp.o
            [ ] giy6qcb k4actstracking@00-01 relocating (1s)
            [4/40] Building CXX object Core/y.cpp.o
            [ ] l5w2n3b acts@45.3.0 install (12m42s)
            [+] l5w2n3b acts@45.3.0 /root/spack/linux-x86_64_v2/acts-45.3.0-l5w2n3bqp6iwwuizcjggcsvvk6qjhyy7 (14m02s)
            [e] aa11bb2 openssl@3.0.8 /usr (0s)
            [+] q2m4abc zlib@1.3.1 /opt/zlib-1.3.1-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7 (0s)
            [+] giy6qcb k4actstracking@00-01 /root/k4actstracking-00-01-giy6qcbqp6iwwuizcjggcsvvk6qjhyy7 (2s)
            """, roots: ["acts@45.3.0", "k4actstracking"])
        let acts = try package(log, "acts")
        #expect(acts.state == .done && acts.origin == .source && acts.told == 842 && acts.id.hash.count == 32)
        #expect(
            acts.phases.first { $0.name == "build" }?.seconds == 728, "between the seconds that the installer tells")
        #expect(acts.phases.last?.seconds == 80)
        let tracking = try package(log, "k4actstracking")
        #expect(
            tracking.origin == .binary && tracking.state == .done && tracking.file == nil,
            "the other's output is not its own")
        #expect(try package(log, "openssl").origin == .external && package(log, "zlib").state == .present)
        #expect(log.outcome == .succeeded)
    }

    @Test func theNewInstallerTellsOfFailuresAtItsEnd() throws {
        let path = "/tmp/me/spack-stage/spack-stage-gcc-11.3.0-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7-k3x9.log"
        let log = SpackLogs.log(
            """
            [ ] q2m4abc gcc@11.3.0 starting
            [ ] q2m4abc gcc@11.3.0 configure (4s)
            [ ] q2m4abc gcc@11.3.0 build (34s)
            [x] q2m4abc gcc@11.3.0 failed (45s)
            2 errors found in gcc@11.3.0%gcc@9 languages:='c,c++' build log:
                 416    checking for x
              >> 417    configure: error: Building GCC requires GMP 4.2+, MPFR 3.1.0+ and M
                        PC 0.8.0+.
              >> 430    make: *** [Makefile:9: all] Error 2
            ==> Error: The following packages failed to install:
            gcc@11.3.0%gcc@9 languages:='c,c++'/q2m4abc: \(path)
            """, roots: ["gcc@11.3.0"])
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1 && log.outcome == .failed && failure.phase == "build")
        #expect(failure.trouble == .configure && failure.place == "\(path):417")
        #expect(failure.cause?.text == "configure: error: Building GCC requires GMP 4.2+, MPFR 3.1.0+ and MPC 0.8.0+.")
    }

    @Test func anEnvironmentIsOneInstallOfAll() throws {
        let log = SpackLogs.log(
            """
            ==> Concretized gcc@11.3.0
             -   ph7pbnh  gcc@11.3.0%gcc@9.4.0+bootstrap arch=linux-ubuntu20.04-zen2
            [+]  6ivzngn      ^zlib@1.3.1%gcc@9.4.0+optimize
             -   q2m4abc      ^gmp@6.2.1%gcc@9.4.0
            ==> Installing environment hpc
            ==> Installing gmp-6.2.1-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7 [2/3]
            """)
        #expect(
            log.packages.map(\.id.name) == ["gcc", "zlib", "gmp"]
                && log.packages.map(\.state) == [.waiting, .present, .running])
        #expect(log.packages[2].id.hash.count == 32, "the package that was announced is the one that starts")
    }

    @Test func dependentsAreSkippedAndTheSummarySaysNothingNew() throws {
        let log = SpackLogs.log(
            """
            ==> Installing re2c-2.2-genptzj6bpxsdkw2jic2oh5kxjm2fomf [3/6]
            ==> No binary for re2c-2.2-genptzj6bpxsdkw2jic2oh5kxjm2fomf found: installing from source
            ==> Error: FetchError: All fetchers failed for spack-stage-re2c-2.2-genptzj6bpxsdkw2jic2oh5kxjm2fomf

            /home/me/spack/lib/spack/spack/package_base.py:1562, in do_fetch:
                   1561
              >>   1562        self.stage.cache_local()
            ==> Warning: Skipping build of ninja-1-6ow7hd4nhz3rtw2axo7uels55apsc3b3 since re2c-2.2-genptzj6bpxsdkw2jic2oh5kxjm2fomf failed
            ==> Error: ninja-1-6ow7hd4nhz3rtw2axo7uels55apsc3b3: Package was not installed
            ==> Error: re2c-2.2-genptzj6bpxsdkw2jic2oh5kxjm2fomf: Package was not installed
            ==> Error: Installation request failed.  Refer to reported errors for failing package(s).
            """)
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1 && failure.trouble == .network && failure.package?.name == "re2c")
        #expect(failure.line == nil, "lines of Spack's own source are not lines of a build log")
        #expect(try package(log, "re2c").state == .failed && log.warnings.count == 1)
    }

    @Test func aPackageThatStartsAgainIsNoFailureAnyMore() throws {
        var log = SpackLogs.log(try SpackLogs.lines("install-failing.txt"), roots: ["rig-broken"])
        log.feed(line: "==> Installing rig-broken-1.0-x72guzwvbytuwzttoitsxmabs5uajwoc [3/3]", at: SpackLogs.at(60))
        #expect(
            log.outcome == .running && log.failures.map(\.isOver) == [true]
                && log.packages[0].phases.map(\.name) == ["stage"])
        log.feed(
            line: "==> rig-broken: Successfully installed rig-broken-1.0-x72guzwvbytuwzttoitsxmabs5uajwoc",
            at: SpackLogs.at(90))
        #expect(log.outcome == .succeeded && log.packages[0].seconds == 30)
    }

    @Test func aRunThatIsKilledIsToldByItsStatus() throws {
        var log = BuildLog(roots: ["gcc@11.3.0"])
        log.begin(root: 0, at: SpackLogs.at(0))
        log.feed(line: "==> Installing gcc-11.3.0-\(Self.hash) [2/2]", at: SpackLogs.at(1))
        log.feed(line: "==> gcc: Executing phase: 'build'", at: SpackLogs.at(2))
        log.feed(line: "g++: fatal error: Killed signal terminated program cc1plus", at: SpackLogs.at(3))
        log.end(root: 0, exitStatus: 137, at: SpackLogs.at(4))
        let failure = try #require(log.failures.first)
        #expect(
            log.outcome == .failed && failure.trouble == .outOfMemory && failure.phase == "build"
                && failure.package?.spec == "gcc@11.3.0")
        #expect(
            failure.fix
                == "Build gcc with fewer jobs (`spack install -j 4`), or take an instance with more memory per core.")
        var silent = BuildLog(roots: ["git"])
        silent.begin(root: 0, at: SpackLogs.at(0))
        silent.end(root: 0, exitStatus: 0, at: SpackLogs.at(9))
        #expect(silent.outcome == .succeeded, "Spack prints nothing for what is there")
    }

    @Test func pctlTellsWhichPackageAndHowMuchDisk() throws {
        let log = SpackLogs.log(
            """
            Nov 20 10:00:00 ip-10-0-0-1 pctl-bootstrap: PCTL_PROGRESS: Starting package installation (20%)
            Nov 20 10:00:01 ip-10-0-0-1 pctl-bootstrap: PCTL_PROGRESS: Installing compiler gcc@11.3.0 (1/2 packages, 50%)
            Nov 20 10:00:01 ip-10-0-0-1 pctl-bootstrap: PCTL_PKG_START:gcc@11.3.0:1/2
            Nov 20 10:00:01 ip-10-0-0-1 pctl-bootstrap: PCTL_PKG_INFO:gcc@11.3.0 has 18 dependencies
            Nov 20 10:00:02 ip-10-0-0-1 pctl-bootstrap: PCTL_SPACK_OUTPUT: ==> Installing gcc-11.3.0-\(Self.hash) [12/19]
            Nov 20 10:00:03 ip-10-0-0-1 pctl-bootstrap: PCTL_DISK_USAGE:
            Nov 20 10:00:03 ip-10-0-0-1 pctl-bootstrap: USED:12.3G TOTAL:45G PCT:27%
            Nov 20 11:00:03 ip-10-0-0-1 pctl-bootstrap: ERROR: Failed to install gcc@11.3.0
            """, roots: ["openmpi@4.1.4", "gcc@11.3.0"])
        #expect(
            log.pctl?.number == 1 && log.pctl?.total == 2 && log.disk?.percent == 27 && log.roots[1].dependencies == 18)
        #expect(
            log.outcome == .failed && log.failures.first?.package?.spec == "gcc@11.3.0"
                && log.packages[1].state == .failed)
        let lines = try SpackLogs.lines("install-disk-full.txt") + ["ERROR: Failed to install rig-top"]
        let dependency = SpackLogs.log(lines, roots: ["rig-top"])
        #expect(dependency.failures.count == 1 && dependency.failures[0].trouble == .diskFull, "Spack has said why")
        #expect(dependency.packages[0].state == .failed)
    }

    @Test func theTailIsBoundedAndHasNoSecrets() {
        var log = BuildLog(tailLines: 5)
        for index in 0..<1000 { log.feed(line: "\u{1B}[31mline \(index)\u{1B}[0m", at: SpackLogs.at(0)) }
        log.feed(line: "curl https://user:hunter2@host/x?X-Amz-Signature=abc", at: SpackLogs.at(0))
        #expect(log.tail.lines == ["line 996", "line 997", "line 998", "line 999", "curl https://…@host/x?…"])
    }
}
