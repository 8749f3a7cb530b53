import Foundation
import KubeRig
import Sandbox
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// The real `kubectl` in front of a Kubernetes API whose deployments are moved on by the story.
    @Suite(.needsTerminal) struct DeploymentStories {
        @Test("watch follows a deployment to Ready, and says what happens on the way")
        func creation() async throws {
            try await Self.play(["mgmt": "admin"]) { stage, server, environment, _ in
                let demo = try await RigDeployment(server, name: "demo")
                let other = try await RigDeployment(server, name: "demo-2")
                let watch = try stage.start(
                    Program.slipway, ["watch", "deployment", "kcm-system/demo", "--context", "mgmt"],
                    environment: environment)
                func see(_ text: String) async throws {
                    try await eventually(text, seen: { watch.printed + watch.complained }) {
                        watch.printed.contains(text) ? () : nil
                    }
                }
                try await see("kcm-system/demo  Initializing 5%")
                try await demo.enter(.provisioning)
                try await see("Provisioning 25%")
                try await other.event("InfrastructureReady", kind: "Cluster", name: "demo-2", "not ours")
                try await demo.enter(.bootstrapping)
                try await see("Bootstrapping 50%")
                try await demo.enter(.scaling)
                try await see("Scaling ")
                try await demo.enter(.installing("Failed"))
                try await see("service ingress failed: timed out waiting for the load balancer")
                // A stream that ends, or breaks off, is no news.
                await server.cutStreams()
                try await demo.enter(.ready)
                #expect(try await watch.ended(within: 60) == 0)
                #expect(watch.printed.contains("Ready 100%"))
                #expect(!watch.printed.contains("not ours"))
            }
        }

        @Test("watch -o json prints one ProgressUpdate a line; a failure ends it with 1, a deletion too")
        func endings() async throws {
            try await Self.play(["mgmt": "admin"]) { stage, server, environment, _ in
                let demo = try await RigDeployment(server, name: "demo")
                try await demo.enter(.badCredential)
                let failed = try await stage.run(
                    Program.slipway, ["watch", "deployment", "demo", "-o", "json"],
                    environment: environment)
                #expect(failed.code == 1, "\(failed.err)")
                struct Update: Decodable {
                    struct Metadata: Decodable {
                        var name: String
                        var provider: String
                        var region: String
                    }
                    var timestamp: String
                    var phase: String
                    var progress: Int?
                    var terminal: Bool?
                    var metadata: Metadata
                }
                // What was found by itself is filtered too.
                let other = try await stage.run(
                    Program.slipway, ["status", "--namespaces", "^team-"], environment: environment)
                #expect(other.code == 0 && !other.out.contains("demo"), "\(other.out)\(other.err)")
                let line = try #require(failed.out.split(separator: "\n").last)
                let update = try JSONDecoder().decode(Update.self, from: Data(line.utf8))
                #expect(update.phase == "Failed" && update.terminal == true && update.progress != nil)
                #expect(update.metadata.provider == "azure" && update.metadata.region == "eastus")

                let text = try await stage.run(
                    Program.slipway, ["watch", "deployment", "demo", "--context", "mgmt"], environment: environment)
                #expect(text.code == 1 && text.out.contains("azure-cred is not ready"))
                #expect(text.out.contains("next: kubectl --context mgmt"), "\(text.out)")

                try await demo.enter(.provisioning)
                let gone = try stage.start(
                    Program.slipway, ["watch", "deployment", "kcm-system/demo", "--context", "mgmt"],
                    environment: environment)
                try await eventually("The first look", seen: { gone.printed + gone.complained }) {
                    gone.printed.contains("Provisioning") ? () : nil
                }
                try await demo.delete()
                #expect(try await gone.ended(within: 30) == 1)
                #expect(gone.printed.contains("ClusterDeployment deleted"))
            }
        }

        @Test("the Clusters pane shows what may be read, and goes on when the server or the proxy goes away")
        func pane() async throws {
            try await Self.play(["mgmt": "ops", "broken": "nobody"]) { stage, server, environment, rig in
                let demo = try await RigDeployment(server, name: "demo", age: 300)
                try await demo.enter(.provisioning)
                let failed = try await RigDeployment(server, namespace: "team-a", name: "train")
                try await failed.enter(.badCredential)
                let hidden = try await RigDeployment(server, namespace: "restricted", name: "hidden")
                try await hidden.enter(.provisioning)
                try stage.configure("kubernetes: {contexts: [mgmt, broken], kubeconfig: \(rig.kubeconfig)}\n")
                let terminal = try await Terminal.dashboard(stage, columns: 140, rows: 40, environment: environment)
                try await terminal.see("NEEDS YOU 1", "train")
                try await terminal.press("3")
                try await terminal.see("demo", "train", "azure", "Provisioning")
                #expect(try await !terminal.screen().contains("hidden"))
                // The other context is told in its place, and hides nothing.
                try await terminal.see("broken")
                try await demo.enter(.bootstrapping)
                try await terminal.see("Bootstrapping")

                rig.set(.cuts)
                rig.set(nil)
                for process in try Self.proxies(of: rig) { kill(process, SIGKILL) }
                try await demo.enter(.scaling)
                try await terminal.see("Scaling")
                await server.set(fault: .text(status: 502, "dial tcp 127.0.0.1:6443: connect: connection refused"))
                await server.cutStreams()
                try await terminal.press("r")
                try await terminal.see("mgmt ~", "demo")
                await server.set(fault: nil)
                try await terminal.press("r")
                try await demo.enter(.installing("Provisioning"))
                try await terminal.see("Installing")
                try await terminal.press("q")
                try await eventually("The end of kubectl") { try Self.proxies(of: rig).isEmpty ? () : nil }
            }
        }

        @Test("what keeps a context from answering is told in one sentence with what to do")
        func refusals() async throws {
            try await Self.play(["mgmt": "admin", "expired": "nobody", "viewer": "viewer"]) {
                stage, server, environment, rig in
                _ = try await RigDeployment(server, name: "demo")
                await server.set(user: KubeUser(name: "viewer", rules: []))
                func status(_ context: String, _ more: [String: String] = [:], _ arguments: String...) async throws
                    -> Outcome
                {
                    try await stage.run(
                        Program.slipway, ["status", "--context", context] + arguments,
                        environment: environment.merging(more) { $1 })
                }
                let good = try await status("mgmt")
                #expect(good.code == 0 && good.out.contains("demo") && good.out.contains("Initializing"), "\(good.err)")
                for (context, more, needle, advice) in [
                    ("expired", [:], "does not accept these credentials", "Log in again"),
                    ("viewer", [:], "does not let you watch", "Ask for the right"),
                    ("nope", [:], "There is no kube context nope", "There are: expired, mgmt, viewer"),
                    ("mgmt", ["KUBECONFIG": "/nonexistent"], "There is no kube context mgmt", "KUBECONFIG"),
                    ("mgmt", ["PATH": "/nonexistent"], "kubectl does not exist", "Install kubectl"),
                ] as [(String, [String: String], String, String)] {
                    let outcome = try await status(context, more)
                    #expect(outcome.code == 4, "\(context): \(outcome.out)")
                    #expect(outcome.err.contains(needle) && outcome.err.contains(advice), "\(context): \(outcome.err)")
                }
                await server.set(fault: .text(status: 502, "dial tcp 127.0.0.1:6443: connect: connection refused"))
                let down = try await status("mgmt")
                #expect(down.code == 4 && down.err.contains("is down"), "\(down.err)")
                await server.set(fault: nil)
                let filter = try await status("mgmt", [:], "--namespaces", "team-(a")
                #expect(filter.code == 2 && filter.err.contains("column 8"), "\(filter.err)")
                let none = try await status("mgmt", [:], "--namespaces", "^team-")
                #expect(none.code == 0 && !none.out.contains("demo"))
                let unknown = try await stage.run(
                    Program.slipway, ["watch", "deployment", "kcm-system/nope", "--context", "mgmt"],
                    environment: environment)
                #expect(unknown.code == 2 && unknown.err.contains("kcm-system/demo"), "\(unknown.err)")
                let doctor = try await stage.run(
                    Program.slipway, ["doctor", "--context", "mgmt"], environment: environment)
                #expect(doctor.code == 0 && doctor.out.contains("1 deployment"), "\(doctor.out)")
                await server.removeResource("clusterdeployments.k0rdent.mirantis.com")
                let absent = try await status("mgmt")
                #expect(absent.code == 4 && absent.err.contains("k0rdent is not installed in mgmt"), "\(absent.err)")
            }
        }

        @Test("no kubectl is left behind, not even when slipway is killed")
        func nothingIsLeft() async throws {
            try await Self.play(["mgmt": "admin"]) { stage, server, environment, rig in
                _ = try await RigDeployment(server, name: "demo")
                let watch = try stage.start(
                    Program.slipway, ["watch", "deployment", "demo", "--context", "mgmt"], environment: environment)
                try await eventually("The first look", seen: { watch.printed + watch.complained }) {
                    watch.printed.contains("Initializing") ? () : nil
                }
                #expect(try !Self.proxies(of: rig).isEmpty)
                watch.send(SIGKILL)
                _ = try await watch.ended(within: 10)
                try await eventually("The end of kubectl") { try Self.proxies(of: rig).isEmpty ? () : nil }
            }
        }

        private static func play(
            _ users: [String: String],
            _ story: @escaping @Sendable (Stage, SandboxKubernetes, [String: String], KubeRig) async throws -> Void
        ) async throws {
            let server = SandboxKubernetes(time: .system)
            try await KubeRig.serving(server, users: users) { rig in
                try await Stage.play { stage in
                    try await story(stage, server, ["KUBECONFIG": rig.kubeconfig], rig)
                }
            }
        }

        /// The `kubectl proxy` processes of this story: their environment names the rig's kubeconfig.
        private static func proxies(of rig: KubeRig) throws -> [pid_t] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { process in
                func file(_ name: String) -> String {
                    let data = FileManager.default.contents(atPath: "/proc/\(process)/\(name)") ?? Data()
                    return String(decoding: data, as: UTF8.self)
                }
                let words = file("cmdline").split(separator: "\0")
                return words.first?.hasSuffix("kubectl") == true && words.contains("proxy")
                    && (file("environ") + file("cmdline")).contains(rig.folder.lastPathComponent)
            }
        }
    }
}
