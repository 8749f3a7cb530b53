import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// Image builds with the real program, a real shell, and a program that stands in for Spack.
    @Suite struct AmiStories {
        private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/spack")

        /// A template with these packages, and the stand-in beside its recorded outputs.
        private static func furnish(_ stage: Stage, _ packages: [String]) throws -> [String] {
            let spack = stage.home.appendingPathComponent("spack")
            try FileManager.default.copyItem(at: fixtures.appendingPathComponent("stand-in"), to: spack)
            try FileManager.default.copyItem(
                at: fixtures.appendingPathComponent("install-failing.txt"),
                to: stage.home.appendingPathComponent("install-failing.txt"))
            chmod(spack.path, 0o755)
            return ["ami", "build", "-t", try stage.template(packages), "--spack", spack.path]
        }

        @Test("a build is told package by package, kept in the history, and seen by status")
        func building() async throws {
            try await Stage.play { stage in
                let build = try Self.furnish(stage, ["rig-lib@1.0", "rig-app@2.0"])
                let done = try await stage.run(Program.slipway, build)
                #expect(done.code == 0, "\(done.out)\(done.err)")
                #expect(done.out.contains("Packages: rig-lib@1.0, rig-app@2.0 (2 total)"))
                #expect(done.out.contains("[1/2] rig-lib@1.0 installed in"))
                #expect(done.out.contains("[2/2] rig-app@2.0 installed in"))
                #expect(done.out.contains("complete: rig, 2 packages"))
                let list = try await stage.slipway("ami", "list")
                #expect(list.out.contains("rig") && list.out.contains("complete") && list.out.contains("100%"))
                let stats = try await stage.slipway("ami", "stats", "-o", "json")
                struct Statistics: Decodable {
                    var version: Int
                    var total: Int
                    var succeeded: Int
                }
                let told = try JSONDecoder().decode(Statistics.self, from: Data(stats.out.utf8))
                #expect(told.version == 1 && told.total == 1 && told.succeeded == 1)
                let status = try await stage.slipway("status")
                #expect(status.out.contains("image") && status.out.contains("rig"))
            }
        }

        @Test("a build goes on when its command is killed, and watch comes back to it")
        func surviving() async throws {
            try await Stage.play { stage in
                let build = try Self.furnish(stage, (1...8).map { "part-\($0)@1" })
                let first = try stage.start(Program.slipway, build)
                try await eventually("the first package", seen: { first.printed + first.complained }) {
                    first.printed.contains("[1/8]") ? () : nil
                }
                first.send(SIGKILL)
                _ = try await first.ended()
                let again = try await stage.slipway("ami", "watch")
                #expect(again.code == 0, "\(again.out)\(again.err)")
                #expect(
                    again.out.contains("[8/8] part-8@1 installed") && again.out.contains("complete: rig, 8 packages"))
            }
        }

        @Test("a failure names the package, its phase, the log's line and a fix; the exit status is 1")
        func failing() async throws {
            try await Stage.play { stage in
                let failed = try await stage.run(
                    Program.slipway, try Self.furnish(stage, ["rig-lib@1.0", "rig-broken@1.0", "never@1"]))
                #expect(failed.code == 1, "\(failed.out)\(failed.err)")
                #expect(failed.out.contains("Build failed in rig-broken@1.0"), "\(failed.out)")
                #expect(failed.out.contains("spack-build-out.txt:") && failed.out.contains("Fix: "), "\(failed.out)")
                #expect(!failed.out.contains("never@1 installed"))
            }
        }

        @Test("Ctrl-C ends a build with all that it started")
        func interrupting() async throws {
            try await Stage.play { stage in
                let build = try stage.start(Program.slipway, try Self.furnish(stage, ["slow@1"]))
                try await eventually("the phase", seen: { build.printed + build.complained }) {
                    build.printed.contains("phase build") ? () : nil
                }
                build.send(SIGINT)
                #expect(try await build.ended(within: 60) == 1)
                #expect(build.printed.contains("stopped"), "\(build.printed)")
                try await eventually("the end of its processes") { try Self.left(of: stage).isEmpty ? () : nil }
            }
        }

        @Test("any log of Spack can be followed and recorded; what cannot be built is said before anything starts")
        func logsAndRefusals() async throws {
            try await Stage.play { stage in
                let log = Self.fixtures.appendingPathComponent("install-failing.txt").path
                let record = stage.home.appendingPathComponent("seen").path
                let watched = try stage.start(Program.slipway, ["ami", "watch", "--log", log, "--record", record])
                try await eventually("the failure", seen: { watched.printed + watched.complained }) {
                    watched.printed.contains("rig-broken") ? () : nil
                }
                try await eventually("the failure in the recording") {
                    try await stage.slipway("replay", record, "-o", "json").out.contains("rig-broken") ? () : nil
                }
                watched.send(SIGTERM)
                _ = try await watched.ended()

                let bad = stage.home.appendingPathComponent("bad.yaml")
                try Data("cluster: {name: 1bad, region: mars}\n".utf8).write(to: bad)
                let refused = try await stage.slipway("ami", "build", "-t", bad.path)
                #expect(refused.code == 2)
                #expect(refused.err.contains("3 problems") && refused.err.contains(":1:"), "\(refused.err)")
                let missing = try await stage.run(
                    Program.slipway, try Self.furnish(stage, ["zlib"]).dropLast() + ["/nowhere/spack"])
                #expect(missing.code == 2 && missing.err.contains("there is no program /nowhere/spack"))
                let nobody = try await stage.slipway("ami", "list", "--on", "nobody@127.0.0.1:1")
                #expect(nobody.code == 4 || nobody.code == 2, "\(nobody.code) \(nobody.err)")
            }
        }

        /// Processes that a story's builds have left: they name its folder.
        private static func left(of stage: Stage) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { process in
                guard pid_t(process) != nil else { return false }
                let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                return String(decoding: words, as: UTF8.self).contains(stage.home.path + "/state/slipway/builds")
            }
        }
    }
}
