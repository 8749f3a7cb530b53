import Testing

@testable import ImageBuild

/// Failures that are in no recorded log, as Spack's source says that they are printed.
@Suite struct SpackFailureTests {
    @Test(arguments: (SpackFailureTranscript.early + SpackFailureTranscript.late).map(\.name))
    func everyFailureIsOneThatSaysWhatToDo(name: String) throws {
        let all = SpackFailureTranscript.early + SpackFailureTranscript.late
        let told = try #require(all.first { $0.name == name })
        var log = SpackLogs.log(told.text, roots: ["hdf5@1.14.3"])
        log.end(root: 0, exitStatus: 1, at: SpackLogs.at(1))
        let failure = try #require(log.failures.first)
        #expect(log.failures.count == 1 && log.outcome == .failed, "\(log.failures.map(\.text))")
        #expect(failure.trouble == told.trouble && failure.package?.name == told.package)
        #expect(failure.phase == told.phase)
        if let place = told.place { #expect(failure.place == place) }
        if let cause = told.cause { #expect(failure.headline.hasPrefix(cause), "\(failure.signs)") }
        #expect(failure.fix.contains(told.fix) && !failure.fix.contains("{"), "\(failure.fix)")
    }

    /// The header names what was asked for; older ones and several at once name nothing.
    @Test(arguments: SpackFailureTranscript.reasons.indices)
    func everyReasonOfTheSolverNamesItsPackage(index: Int) throws {
        let told = SpackFailureTranscript.reasons[index]
        let below =
            "\n        required because zmpi depends on \(told.package) when +x \n          required because top requested explicitly "
        for header in [
            "concretization failed for the following reasons:\n",
            "failed to concretize `top+a`, `other` for the following reasons:",
        ] {
            let log = SpackLogs.log("==> Error: \(header)\n     1. \(told.text)\(below)\n     2. \(told.text)")
            let failure = try #require(log.failures.first)
            #expect(log.failures.count == 1 && failure.trouble == told.trouble && failure.line == nil)
            if told.package != "?" { #expect(failure.package?.name == told.package) }
            #expect(failure.signs.first?.text == "1. \(told.text)" && failure.signs.last?.text == "2. \(told.text)")
            #expect(failure.fix.contains(told.fix), "\(failure.fix)")
        }
        let asked = SpackLogs.log(
            """
            ==> Error: failed to concretize `top+a %gcc@13` for the following reasons:
                 1. \(told.text)
            ==> Error:      2. \(told.text)
                    required because top requested explicitly
            """)
        #expect(
            asked.failures.count == 1 && asked.failures[0].package?.name == "top" && asked.failures[0].signs.count == 3)
    }

    @Test func aBinaryThatIsDamagedIsBuiltInstead() {
        let id = "zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry"
        let log = SpackLogs.log(
            """
            ==> Installing \(id) [1/1]
            ==> Extracting \(id) from binary cache
            ==> Error: Failed to install zlib from binary cache due to sha256 checksum failed: Requeueing to install from source.
            ==> Installing \(id) [1/1]
            ==> No binary for \(id) found: installing from source
            ==> zlib: Successfully installed \(id)
            """, roots: ["zlib"])
        #expect(log.failures.isEmpty && log.outcome == .succeeded && log.warnings.count == 1)
    }

    @Test func ofSeveralThatFailEachKeepsItsOwn() throws {
        let (one, two) = ("a-1.0-6ivzngnhl334wuhogmugriohcwempqry", "b-2.0-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7")
        let log = SpackLogs.log(
            """
            ==> Installing \(one) [1/3]
            ==> a: Executing phase: 'build'
            ==> Error: ProcessError: Command exited with status 2:
                'make'

            See build log for details:
              /tmp/spack-stage-\(one)/spack-build-out.txt

            ==> Warning: Skipping build of c-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa since \(one) failed
            ==> Installing \(two) [2/3]
            ==> b: Executing phase: 'build'
            /srv/tests/output.log
            ==> Error: ProcessError: Command exited with status 1:
                'ninja'
            ==> Error: \(one): ProcessError: Command exited with status 2:
                'make'
            ==> Error: \(two): ProcessError: Command exited with status 1:
                'ninja'
            ==> Error: Installation request failed.  Refer to reported errors for failing package(s).
            """)
        #expect(
            log.failures.map { $0.package?.name } == ["a", "b"] && log.failures.map(\.command) == ["'make'", "'ninja'"])
        #expect(log.failures.map { $0.log?.hasSuffix("\(one)/spack-build-out.txt") } == [true, nil])
    }

    @Test func aRootThatAnotherNeededHasItsOwnTime() throws {
        var log = BuildLog(roots: ["openmpi@4.1", "zlib"])
        let lines: [(Double, String)] = [
            (0, "SLIPWAY_BEGIN 1795000000 1/2 openmpi@4.1"),
            (10, "==> Installing zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry [1/2]"),
            (40, "==> zlib: Successfully installed zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry"),
            (41, "==> Installing openmpi-4.1.6-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7 [2/2]"),
            (900, "==> openmpi: Successfully installed openmpi-4.1.6-q2m4abcqp6iwwuizcjggcsvvk6qjhyy7"),
            (901, "SLIPWAY_END 1795000901 1/2 0 openmpi@4.1"), (901, "SLIPWAY_BEGIN 1795000901 2/2 zlib"),
            (905, "[+] /opt/spack/linux/zlib-1.3.1-6ivzngnhl334wuhogmugriohcwempqry"),
            (905, "SLIPWAY_END 1795000905 2/2 0 zlib"),
        ]
        for (second, line) in lines {
            log.feed(line: line, at: SpackLogs.at(second))
            if second == 10 { #expect(log.currentRoot == 0, "it is installed for the first") }
        }
        let seconds = log.roots.map { $0.endedAt?.timeIntervalSince($0.startedAt ?? .distantPast) }
        #expect(seconds == [901, 30] && log.outcome == .succeeded)
    }
}
