import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// The real `pcluster` over a fake AWS, whose clusters are moved on by the story.
    @Suite(.needsAWS, .needsTerminal) struct ClusterStories {
        private static func minutesAgo(_ minutes: Double) -> Date { Date(timeIntervalSinceNow: -60 * minutes) }

        @Test("watch follows a creation from the first resource to the running fleet")
        func creation() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                let cluster = try await aws.create("alpha", at: Self.minutesAgo(6))
                _ = try await cluster.step(30, since: Self.minutesAgo(6), at: Self.minutesAgo(4))
                let watch = try stage.start(
                    Program.slipway, ["watch", "cluster", "alpha", "--region", AWSRig.region],
                    environment: aws.environment)
                try await eventually("The resources", seen: { watch.printed + watch.complained }) {
                    watch.printed.contains("Infrastructure Provisioning:") && watch.printed.contains("left ") ? () : nil
                }
                #expect(watch.printed.hasPrefix("Monitoring cluster creation: alpha (us-east-1)"))
                _ = try await cluster.step(12, since: Self.minutesAgo(4), at: Self.minutesAgo(2))
                _ = try await cluster.headNode("running", at: Self.minutesAgo(2))
                try await eventually("The head node", within: 30, seen: { watch.printed }) {
                    watch.printed.contains("Cluster Configuration:") && watch.printed.contains("INITIALIZING")
                        ? () : nil
                }
                #expect(watch.printed.contains("Progress 75% |"))
                _ = try await cluster.endWaiting(at: Date())
                _ = try await cluster.finish(fleet: "RUNNING")
                #expect(try await watch.ended(within: 40) == 0)
                #expect(watch.printed.contains("Head Node:") && watch.printed.contains("+ READY"))
                #expect(watch.printed.contains("Progress 100% |") && watch.printed.contains("+ Cluster fully ready"))
            }
        }

        @Test("watch names the cause of a failure and follows the rollback to its end")
        func failure() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                let cluster = try await aws.create("beta", at: Self.minutesAgo(9))
                _ = try await cluster.step(20, since: Self.minutesAgo(9), at: Self.minutesAgo(7))
                _ = try await cluster.fail(
                    "HeadNode", "We currently do not have sufficient t3.micro capacity in this zone.",
                    at: Self.minutesAgo(1))
                let watch = try stage.start(
                    Program.slipway, ["watch", "cluster", "beta", "--region", AWSRig.region],
                    environment: aws.environment)
                try await eventually("The rollback", seen: { watch.printed + watch.complained }) {
                    watch.printed.contains("rollback ") ? () : nil
                }
                #expect(watch.printed.contains("! HeadNode") && watch.printed.contains("sufficient t3.micro capacity"))
                _ = try await cluster.finish()
                #expect(try await watch.ended(within: 40) == 1)
                #expect(watch.printed.contains("ROLLBACK_COMPLETE") && watch.printed.contains("next  "))
            }
        }

        @Test("the Clusters pane shows two regions, and one that is throttled hides nothing")
        func pane() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                let cluster = try await aws.create("alpha", at: Self.minutesAgo(5))
                _ = try await cluster.step(20, since: Self.minutesAgo(5), at: Self.minutesAgo(3))
                let other = try await aws.create("gamma", region: "eu-west-1", at: Self.minutesAgo(9))
                _ = try await other.fail(
                    "HeadNodeWaitCondition", "WaitCondition timed out. Received 0 conditions when expecting 1",
                    at: Self.minutesAgo(1))
                try stage.configure("pcluster: [us-east-1, eu-west-1]\n")
                let terminal = try await Terminal.dashboard(
                    stage, columns: 120, rows: 40, environment: aws.environment)
                try await terminal.see("NEEDS YOU 1", "gamma")
                try await terminal.press("3")
                try await terminal.see("CLUSTERS 2", "alpha", "gamma", "resources")
                try await terminal.press("Enter")
                // What stood there before must be gone, or the next key comes too early.
                try await terminal.seeNo("CLUSTERS 2")
                try await terminal.see("gamma ──", "next")
                try await terminal.press("Escape")
                try await terminal.see("CLUSTERS 2")

                try await aws.fault(.throttle, region: "eu-west-1")
                try await terminal.press("r")
                try await terminal.see("eu-west-1 ~")
                try await terminal.press("?")
                try await terminal.see("KEYS", "Open the Overview pane.")
                try await terminal.press("Escape")
                try await terminal.see("gamma", "alpha", "CLUSTERS 2")
                try await terminal.press("q")
            }
        }

        @Test("what keeps pcluster from answering is told in one sentence with what to do")
        func refusals() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                _ = try await aws.create("alpha")
                func status(_ more: [String: String] = [:], _ region: String = AWSRig.region) async throws -> Outcome {
                    try await stage.slipway(
                        "status", "--region", region, environment: aws.environment.merging(more) { $1 })
                }
                let good = try await status()
                #expect(good.code == 0 && good.out.contains("alpha") && good.out.contains("CREATE_IN_PROGRESS"))
                let none = try await status(["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
                #expect(none.code == 4 && none.err.contains("no AWS credentials"), "\(none.err)")
                let mars = try await status([:], "mars-east-9")
                #expect(mars.code == 4 && mars.err.contains("does not know this region"), "\(mars.err)")
                let wrong = try await status([:], "Mars!")
                #expect(wrong.code == 2 && wrong.err.contains("us-east-1"))
                let cut = try await status(["AWS_ENDPOINT_URL": "http://127.0.0.1:9"])
                #expect(cut.code == 4 && cut.err.contains("cannot be reached"))
                try await aws.fault(.expire)
                let expired = try await status()
                #expect(expired.code == 4 && expired.err.contains("expired") && expired.err.contains("aws sso login"))
                let missing = try await status(["PATH": "/usr/bin:/bin"])
                #expect(missing.code == 4 && missing.err.contains("pip install aws-parallelcluster"), "\(missing.err)")
                let name = try await stage.slipway("watch", "cluster", "bad_name!", "--region", AWSRig.region)
                #expect(name.code == 2 && name.err.contains("begins with a letter"))
            }
        }

        @Test("a program that prints rubbish, 50 MB or half an answer is told, and memory stays bounded")
        func rubbish() async throws {
            try await Stage.play { stage in
                let fake = stage.home.appendingPathComponent("fake-pcluster")
                try stage.configure("pcluster: {regions: [us-east-1], program: \(fake.path)}\n")
                for (body, word) in [
                    ("echo Traceback: something", "not its JSON"),
                    (#"printf '{"clusters": [{"clusterName"'"#, "not its JSON"),
                    ("head -c 50000000 /dev/zero", "more than is read"), ("echo no; exit 3", "says: no"),
                    ("kill -9 $$", "ended"),
                ] {
                    try Data("#!/bin/sh\n[ \"$1\" = version ] && exit 0\n\(body)\n".utf8).write(to: fake)
                    chmod(fake.path, 0o755)
                    let outcome = try await stage.slipway("status")
                    #expect(outcome.code == 4 && outcome.err.contains(word), "\(body): \(outcome.err)")
                }
            }
        }

        @Test("doctor says how pcluster is asked, and a killed interpreter comes back")
        func interpreter() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                _ = try await aws.create("alpha", at: Self.minutesAgo(3))
                try stage.configure("pcluster: [us-east-1]\n")
                let doctor = try await stage.slipway("doctor", environment: aws.environment)
                #expect(doctor.code == 0, "\(doctor.out)")
                #expect(doctor.out.contains("version 3.16.1, its library kept loaded by"))
                #expect(doctor.out.contains("1 cluster\n") && doctor.out.contains(" MB in 2 processes"))

                // The same program behind a shell script: nothing says which interpreter it is.
                let script = stage.home.appendingPathComponent("pcluster")
                try Data("#!/bin/sh\nexec \(AWSRig.pcluster ?? "") \"$@\"\n".utf8).write(to: script)
                chmod(script.path, 0o755)
                try stage.configure("pcluster: {regions: [us-east-1], program: \(script.path)}\n")
                let cold = try await stage.slipway("doctor", environment: aws.environment)
                #expect(cold.code == 0 && cold.out.contains("is run for every question"), "\(cold.out)")
                let status = try await stage.slipway("status", environment: aws.environment)
                #expect(status.code == 0 && status.out.contains("alpha"))
            }
        }

        @Test("a killed interpreter is started again, and nothing is left running at the end")
        func killed() async throws {
            try await Stage.play { stage in
                let aws = try await AWSRig.start(stage)
                let cluster = try await aws.create("alpha", at: Self.minutesAgo(3))
                try stage.configure("pcluster: [us-east-1]\n")
                let terminal = try await Terminal.dashboard(
                    stage, columns: 120, rows: 40,
                    environment: aws.environment.merging(["SLIPWAY_MARK": "m\(getpid())"]) { $1 })
                try await terminal.see("alpha")
                let workers = try Self.workers("m\(getpid())")
                #expect(!workers.isEmpty)
                for worker in workers { kill(worker, SIGKILL) }
                _ = try await cluster.step(44, at: Date())
                _ = try await cluster.endWaiting()
                _ = try await cluster.finish(fleet: "RUNNING")
                try await terminal.press("r")
                try await eventually("Another interpreter") {
                    try Self.workers("m\(getpid())").contains { !workers.contains($0) } ? () : nil
                }
                try await terminal.see("done")
                try await terminal.press("q")
                try await eventually("The end of all interpreters") {
                    try Self.workers("m\(getpid())").isEmpty ? () : nil
                }
            }
        }

        /// Python processes that slipway has started in this story.
        private static func workers(_ mark: String) throws -> [pid_t] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { pid in
                guard let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
                    let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
                else { return false }
                return String(decoding: command, as: UTF8.self).contains("Answers questions about ParallelCluster")
                    && String(decoding: environment, as: UTF8.self).contains("SLIPWAY_MARK=\(mark)")
            }
        }
    }
}
