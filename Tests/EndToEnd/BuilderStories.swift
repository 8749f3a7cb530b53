import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// Image builds on a builder: the real program, the real ssh, a real sshd.
    @Suite struct BuilderStories {
        private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/spack")

        /// A builder with the stand-ins for Spack in its home folder.
        private static func builder(_ stage: Stage) async throws -> SSHRig {
            let rig = try await SSHRig.start(stage)
            let programs = rig.home.appendingPathComponent("bin")
            for (from, to) in [("stand-in", "spack"), ("install-failing.txt", "install-failing.txt")] {
                try FileManager.default.copyItem(
                    at: fixtures.appendingPathComponent(from), to: programs.appendingPathComponent(to))
            }
            try Data(counting.utf8).write(to: programs.appendingPathComponent("counting"))
            for name in ["spack", "counting"] { chmod(programs.appendingPathComponent(name).path, 0o755) }
            return rig
        }

        /// In the place of Spack: its lines bear numbers, from package to package, ten a second. All of them
        /// fit into what an item shows of its log.
        private static let counting = #"""
            #!/bin/sh
            for spec in "$@"; do :; done
            [ "$1" = install ] || { echo "$spec"; exit 0; }
            name=${spec%@*}
            id=$name-1.0-$(printf '%.32s' "$(printf %s "$name" | tr -d '-')abcdefghijklmnopqrstuvwxyz234567")
            echo "==> Installing $id [1/1]"
            echo "==> $name: Executing phase: 'build'"
            number=$(cat "$HOME/number" 2>/dev/null || echo 0)
            last=$((number + 33))
            while [ "$number" -lt "$last" ]; do
                number=$((number + 1))
                echo "line $number"
                sleep 0.1
            done
            echo "$number" >"$HOME/number"
            echo "==> $name: Successfully installed $id"
            echo "[+] /opt/spack/opt/$id"

            """#

        /// The command line that builds these there.
        private static func build(
            _ stage: Stage, _ rig: SSHRig, _ packages: [String], spack: String = "spack"
        ) throws -> [String] {
            return ["ami", "build", "-t", try stage.template(packages), "--on", rig.host, "--spack", spack]
        }

        /// Where its builds are.
        private static func builds(_ rig: SSHRig) -> URL {
            rig.home.appendingPathComponent(".local/state/slipway/builds")
        }

        /// The log of the only build, as it is on the builder.
        private static func log(_ rig: SSHRig) -> String {
            let builds = builds(rig)
            let id = (try? FileManager.default.contentsOfDirectory(atPath: builds.path))?.first ?? "none"
            return (try? String(contentsOf: builds.appendingPathComponent("\(id)/log"), encoding: .utf8)) ?? ""
        }

        /// An item, as programs read it.
        private struct Told: Decodable {
            struct Detail: Decodable { let tail: [String] }
            let state: String
            let detail: Detail

            /// The numbers of the log's lines that it shows.
            var numbers: [Int] {
                detail.tail.filter { $0.hasPrefix("line ") }.compactMap { Int($0.dropFirst(5)) }
            }
        }

        @Test("a build is told package by package, and no line is lost or doubled though the connection is", .needsSSH)
        func losingTheConnection() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let build = try stage.start(
                    Program.slipway,
                    try Self.build(stage, rig, ["one@1.0", "two@1.0", "three@1.0"], spack: "counting"),
                    environment: rig.environment)
                try await eventually("the first lines", seen: { build.printed + build.complained }) {
                    Self.log(rig).contains("line 1\n") ? () : nil
                }
                let watch = try stage.start(
                    Program.slipway, ["ami", "watch", "--on", rig.host, "-o", "json"], environment: rig.environment)
                let seen = { "\(watch.printed.suffix(3000))\(watch.complained)\(build.printed)\(build.complained)" }
                try await eventually("lines", seen: seen) { watch.printed.contains("\"line 12\"") ? () : nil }
                rig.cut()
                try await eventually("lines after a cut", seen: seen) {
                    watch.printed.contains("\"line 30\"") ? () : nil
                }
                // Nobody is there for a while, and the build goes on.
                try await rig.close()
                rig.cut()
                let lines = Self.log(rig).count
                try await eventually("the build to go on") { Self.log(rig).count > lines + 60 ? () : nil }
                try await rig.open()
                #expect(try await build.ended(within: 40) == 0, "\(build.printed)\(build.complained)")
                #expect(try await watch.ended() == 0, "\(watch.complained)")
                for (number, name) in ["one", "two", "three"].enumerated() {
                    let told = build.printed.components(separatedBy: "[\(number + 1)/3] \(name)@1.0 installed in")
                    #expect(told.count == 2, "\(build.printed)")
                }
                #expect(build.printed.contains("on builder, 3 packages"))
                #expect(build.printed.contains("complete: rig, 3 packages"))
                let items = watch.printed.split(separator: "\n").compactMap {
                    try? JSONDecoder().decode(Told.self, from: Data($0.utf8))
                }
                #expect(items.last?.state == "done")
                #expect(items.last?.numbers == Array(1...99))
                for numbers in items.map(\.numbers) { #expect((1...99).starts(with: numbers), "\(numbers)") }
            }
        }

        @Test(
            "a command that is killed leaves the build running and nothing that reads; watch comes back to it",
            .needsSSH)
        func comingBack() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let first = try stage.start(
                    Program.slipway, try Self.build(stage, rig, (1...16).map { "part-\($0)@1" }),
                    environment: rig.environment)
                try await eventually("the first package", seen: { first.printed + first.complained }) {
                    first.printed.contains("[1/16]") ? () : nil
                }
                first.send(SIGKILL)
                _ = try await first.ended()
                try await eventually("the end of what reads the log") {
                    try Self.readers(rig).isEmpty ? () : nil
                }
                #expect(!Self.log(rig).contains("SLIPWAY_OVER"), "it should not be over yet")
                let again = try await stage.run(
                    Program.slipway, ["ami", "watch", "--on", rig.host], environment: rig.environment)
                #expect(again.code == 0, "\(again.out)\(again.err)")
                #expect(again.out.contains("[16/16] part-16@1 installed"), "\(again.out)")
                #expect(again.out.contains("complete: rig, 16 packages"), "\(again.out)")
                let list = try await stage.run(
                    Program.slipway, ["ami", "list", "--on", rig.host], environment: rig.environment)
                #expect(list.code == 0 && list.out.contains("complete") && list.out.contains("builder"), "\(list.out)")
                try await eventually("the end of all processes there", seen: { "\(try rig.processes)" }) {
                    try rig.processes.isEmpty ? () : nil
                }
            }
        }

        @Test(
            "stop ends all processes of a build there; its disk is told; what is not there cannot be stopped", .needsSSH
        )
        func stopping() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let build = try stage.start(
                    Program.slipway, try Self.build(stage, rig, ["slow@1"]) + ["--verbose", "-o", "json"],
                    environment: rig.environment)
                try await eventually("the phase", seen: { build.printed + build.complained }) {
                    build.printed.contains("\"place\":\"/\"") && Self.log(rig).contains("phase: 'build'") ? () : nil
                }
                let list = try await stage.run(
                    Program.slipway, ["ami", "list", "--on", rig.host], environment: rig.environment)
                let line = list.out.split(separator: "\n").dropFirst().first ?? ""
                let id = line.split(separator: " ").first.map(String.init) ?? "none"
                let stopped = try await stage.run(
                    Program.slipway, ["ami", "stop", id, "--on", rig.host], environment: rig.environment)
                #expect(stopped.code == 0 && stopped.out == "stopped\n", "\(list.out)\(stopped.out)\(stopped.err)")
                #expect(try await build.ended() == 1, "\(build.printed)\(build.complained)")
                try await eventually("the end of all processes there", seen: { "\(try rig.processes)" }) {
                    try rig.processes.isEmpty ? () : nil
                }
                let none = try await stage.run(
                    Program.slipway, ["ami", "stop", "20261121-1530-ab12", "--on", rig.host],
                    environment: rig.environment)
                #expect(
                    none.code == 2 && none.err.contains("There is no build 20261121-1530-ab12 on builder"),
                    "\(none.err)")
            }
        }

        @Test(
            "a failure there names the package, its phase, the log's line there and a fix; the exit status is 1",
            .needsSSH)
        func failing() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let failed = try await stage.run(
                    Program.slipway, try Self.build(stage, rig, ["rig-lib@1.0", "rig-broken@1.0", "never@1"]),
                    environment: rig.environment)
                #expect(failed.code == 1, "\(failed.out)\(failed.err)")
                #expect(failed.out.contains("Build failed in rig-broken@1.0 build phase"), "\(failed.out)")
                #expect(failed.out.contains("spack-build-out.txt:13") && failed.out.contains("Fix: "), "\(failed.out)")
                #expect(failed.out.contains("Next: ssh -t builder less +13 /tmp/"), "\(failed.out)")
                #expect(!failed.out.contains("never@1 installed"))
            }
        }

        @Test(
            "who cannot be reached or does not let us in is said at once, and nobody is asked for a password", .needsSSH
        )
        func refusals() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let build = try Self.build(stage, rig, ["rig-lib@1.0"])
                func refused(_ code: Int32, _ sentence: String, _ advice: String, _ arguments: [String]) async throws {
                    let clock = ContinuousClock()
                    let start = clock.now
                    let outcome = try await stage.run(Program.slipway, arguments, environment: rig.environment)
                    #expect(outcome.code == code, "\(outcome.out)\(outcome.err)")
                    #expect(outcome.err.contains(sentence) && outcome.err.contains(advice), "\(outcome.err)")
                    #expect(clock.now - start < .seconds(20))
                }
                try await refused(
                    2, "The build cannot be started on builder: there is no program spack-3.", "--spack",
                    build.dropLast() + ["spack-3"])
                try rig.refuse()
                for command in [build, ["ami", "list", "--on", rig.host], ["ami", "stop", "x", "--on", rig.host]] {
                    try await refused(
                        4, "builder does not let us in: ", "Try `ssh builder -o BatchMode=yes true`", command)
                }
                try rig.allow()
                try rig.forget()
                try await refused(
                    4, "The host key of builder is not in known_hosts yet.", "Connect once by hand with `ssh builder`",
                    build)
                try await rig.forge()
                try await refused(
                    4, "builder shows another host key than the one in \(stage.home.path)/ssh/known_hosts:1.",
                    "ssh-keygen -f", build)
                try await rig.close()
                try await refused(4, "Connection refused", "`ssh builder` gets there", build)
                try await refused(
                    4, "Connection refused", "`ssh builder` gets there", ["ami", "list", "--on", rig.host])
                #expect(Self.log(rig).isEmpty, "nothing was begun")
            }
        }

        @Test("a builder with many builds is asked for them without being overrun", .needsSSH)
        func manyBuilds() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                let begun = try await stage.run(
                    Program.slipway, try Self.build(stage, rig, ["rig-lib@1.0", "rig-app@2.0"]) + ["--detach"],
                    environment: rig.environment)
                #expect(begun.code == 0, "\(begun.err)")
                try await eventually("its end") {
                    try Self.log(rig).contains("SLIPWAY_OVER") && rig.processes.isEmpty ? () : nil
                }
                let known = try FileManager.default.contentsOfDirectory(atPath: Self.builds(rig).path)
                let id = try #require(known.first)
                for number in 10..<24 {
                    try FileManager.default.copyItem(
                        at: Self.builds(rig).appendingPathComponent(id),
                        to: Self.builds(rig).appendingPathComponent("\(id)-\(number)"))
                }
                let count = try FileManager.default.contentsOfDirectory(atPath: Self.builds(rig).path).count
                let list = try await stage.run(
                    Program.slipway, ["ami", "list", "--on", rig.host], environment: rig.environment)
                #expect(list.code == 0, "\(list.err)")
                let told = list.out.split(separator: "\n").count { $0.contains("100% (2/2 packages)") }
                #expect(told == count && count >= 14, "\(list.out)")
                #expect(rig.log.contains("Accepted publickey") && !rig.log.contains("MaxStartups"), "\(rig.log)")
            }
        }

        @Test(
            "the dashboard shows the builder's builds, says when it is gone, and goes on when it is back", .needsSSH,
            .needsTerminal)
        func dashboard() async throws {
            try await Stage.play { stage in
                let rig = try await Self.builder(stage)
                try stage.configure("images: [\(rig.host)]\n")
                let begun = try await stage.run(
                    Program.slipway, try Self.build(stage, rig, ["slow@1"]) + ["--detach"], environment: rig.environment
                )
                #expect(begun.code == 0, "\(begun.err)")
                let terminal = try await Terminal.dashboard(stage, environment: rig.environment)
                try await terminal.see("sources: builder ok")
                try await terminal.press("5")
                try await terminal.see("> rig", "[1/1] slow@1")
                try await rig.close()
                rig.cut()
                // One failure makes a source late, a second one unreachable; nobody has to wait for the next question.
                try await terminal.press("r")
                try await terminal.see("unreachable", "~> rig", "builder cannot be reached")
                try await rig.open()
                try await terminal.press("r")
                try await terminal.see("sources: builder ok", "> rig", "[1/1] slow@1")
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
                try await eventually("the end of what reads the log") {
                    try rig.connections == 0 && Self.readers(rig).isEmpty ? () : nil
                }
                let id = begun.err.split(separator: " ").first { $0.contains("-") && $0.first?.isNumber == true }
                let stopped = try await stage.run(
                    Program.slipway, ["ami", "stop", String(id ?? "none"), "--on", rig.host],
                    environment: rig.environment)
                #expect(stopped.code == 0, "\(stopped.err)")
            }
        }

        /// What reads a log there.
        private static func readers(_ rig: SSHRig) throws -> [pid_t] {
            try rig.processes.filter { pid in
                let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                return String(decoding: line, as: UTF8.self).hasPrefix("tail")
            }
        }
    }
}
