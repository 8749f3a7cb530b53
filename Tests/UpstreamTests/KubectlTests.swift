import Fleet
import Foundation
import KubeRig
import Sandbox
import TestSupport
import Testing

@testable import Upstream

/// The real kubectl in front of the sandbox's API server.
@Suite(.serialized, .timeLimit(.minutes(3))) struct KubectlTests {
    private static let quick = Backoff(first: 0.1, longest: 0.3)

    @Test func aWatchSurvivesTheServerAndTheProxy() async throws {
        let server = SandboxKubernetes(time: .system)
        try await KubeRig.serving(server, users: ["mgmt": "admin"]) { rig in
            let proxy = Self.proxy(rig, "mgmt")
            let told = Told()
            let watch = KubeWatch<Thing>(
                KubeAPI(name: "mgmt", door: proxy), .configMaps, time: .system, backoff: Self.quick)
            let run = Task { await watch.run { told.take($0) } }
            try await server.put("a", "1")
            try await told.waits { $0.objects == ["a": "1"] && $0.isSynced }
            // Cut in the middle of a frame.
            rig.set(.cuts)
            rig.set(nil)
            try await server.put("a", "2")
            try await told.waits { $0.objects["a"] == "2" && $0.lost >= 1 }
            // Ended as servers do.
            await server.endStreams()
            try await server.put("b", "1")
            try await told.waits { $0.objects["b"] == "1" }
            // Too old to go on from: everything is listed again, and what has gone is told.
            await server.set(fault: .text(status: 502, "connection refused"))
            rig.set(.cuts)
            rig.set(nil)
            try await server.remove("a")
            await server.forgetChanges()
            try await told.waits { $0.problem?.sentence.contains("down") == true }
            await server.set(fault: nil)
            try await told.waits { $0.objects == ["b": "1"] }
            // The proxy itself is killed.
            let before = told.state.resumed
            try await Self.killProxy(of: rig)
            try await server.put("c", "1")
            try await told.waits { $0.objects["c"] == "1" && $0.resumed > before }
            run.cancel()
            await run.value
            await proxy.close()
            #expect(try await Self.proxies(of: rig).isEmpty, "no kubectl is left")
        }
    }

    @Test func everyRefusalIsASentenceOfItsOwn() async throws {
        let server = SandboxKubernetes(time: .system)
        try await KubeRig.serving(server, users: ["mgmt": "admin", "viewer": "ops", "stranger": "nobody"]) { rig in
            for (context, fault, needle) in [
                ("viewer", nil, "forbids it"), ("stranger", nil, "does not accept these credentials"),
                ("mgmt", KubeFault.text(status: 502, "dial tcp: connect: connection refused"), "connection refused"),
                ("mgmt", .text(status: 500, "x509: certificate signed by unknown authority"), "not trusted"),
                ("mgmt", .throttled(retryAfter: 1), "less often"),
            ] as [(String, KubeFault?, String)] {
                await server.set(fault: fault)
                let proxy = Self.proxy(rig, context)
                let api = KubeAPI(name: context, door: proxy)
                await #expect { try await api.list(.configMaps) { (_: [Thing]) in } } throws: {
                    ($0 as? UpstreamProblem)?.sentence.contains(needle) == true
                }
                await proxy.close()
            }
        }
    }

    @Test func aPatchOfWhatSomebodyElseHasChangedIsAConflict() async throws {
        struct Patch: Encodable {
            struct Metadata: Encodable { var resourceVersion: String }
            var metadata: Metadata
            var data: [String: String]
        }
        let server = SandboxKubernetes(time: .system)
        try await server.put("a", "1")
        try await KubeRig.serving(server, users: ["mgmt": "admin"]) { rig in
            let proxy = Self.proxy(rig, "mgmt")
            let api = KubeAPI(name: "mgmt", door: proxy)
            let seen: Thing = try #require(try await api.get(.configMaps, namespace: "default", name: "a"))
            let patch = Patch(metadata: .init(resourceVersion: seen.metadata.resourceVersion), data: ["value": "2"])
            let mine: Thing = try await api.patch(.configMaps, namespace: "default", name: "a", patch)
            #expect(mine.value == "2")
            await #expect {
                let _: Thing = try await api.patch(.configMaps, namespace: "default", name: "a", patch)
            } throws: {
                ($0 as? UpstreamProblem)?.isConflict == true
            }
            await proxy.close()
        }
    }

    @Test func aServerThatHangsIsGivenUpAtTheDeadline() async throws {
        let server = SandboxKubernetes(time: .system)
        try await KubeRig.serving(server, users: ["mgmt": "admin"]) { rig in
            let proxy = Self.proxy(rig, "mgmt")
            _ = try await proxy.ask(HTTPQuestion(target: "/version"))
            rig.set(.hangs)
            await #expect { try await proxy.ask(HTTPQuestion(target: "/version", deadline: 0.5)) } throws: {
                ($0 as? UpstreamProblem)?.reason == .timedOut
            }
            await proxy.close()
        }
    }

    @Test func theSocketIsOursAlone() async throws {
        let server = SandboxKubernetes(time: .system)
        try await KubeRig.serving(server, users: ["mgmt": "admin"]) { rig in
            let proxy = Self.proxy(rig, "mgmt")
            _ = try await proxy.ask(HTTPQuestion(target: "/version"))
            let line = try await Self.proxies(of: rig).first ?? ""
            let socket = try #require(line.split(separator: " ").last.map(String.init))
            let folder = (socket as NSString).deletingLastPathComponent
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            await proxy.close()
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test func whatIsWrongOnOurSideIsToldBeforeAnythingIsAsked() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kubectl-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = folder.appendingPathComponent("good").path
        let bad = folder.appendingPathComponent("bad").path
        try Data(
            """
            {apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}],
             contexts: [{name: lab, context: {cluster: c, user: u, namespace: team-a}}], users: [{name: u, user: {}}]}
            """.utf8
        ).write(to: URL(fileURLWithPath: good))
        try Data("clusters: [".utf8).write(to: URL(fileURLWithPath: bad))
        let config = try await Kubeconfig.read(.init(kubeconfig: good), commands: SubprocessDoor())
        #expect(try config.context(of: .init(context: "lab")).namespace == "team-a")
        for (access, needle, advice) in [
            (
                KubectlProxy.Access(context: "lab", kubeconfig: good, program: "/nonexistent/kubectl"),
                "does not exist", "Install"
            ),
            (.init(context: "nope", kubeconfig: good), "no kube context nope", "lab"),
            (.init(kubeconfig: good), "no current context", "use-context"),
            (.init(context: "lab", kubeconfig: bad), "cannot read the kubeconfig", "Correct"),
            (.init(context: "lab", kubeconfig: "/nonexistent/config"), "cannot be read", "kubeconfig"),
        ] {
            let proxy = KubectlProxy(access, commands: SubprocessDoor(), time: .system, backoff: Self.quick)
            await #expect { try await proxy.ask(HTTPQuestion(target: "/version")) } throws: {
                let problem = $0 as? UpstreamProblem
                return problem?.sentence.contains(needle) == true && problem?.advice.contains(advice) == true
            }
            await proxy.close()
        }
    }

    private static func proxy(_ rig: KubeRig, _ context: String) -> KubectlProxy {
        KubectlProxy(
            .init(context: context, kubeconfig: rig.kubeconfig), commands: SubprocessDoor(), time: .system,
            backoff: quick)
    }

    /// The command lines of the proxies that were started for this rig.
    private static func proxies(of rig: KubeRig) async throws -> [String] {
        let found = try await SubprocessDoor().run(
            Command("pgrep", ["-af", "^[^ ]*kubectl.* --kubeconfig \(rig.kubeconfig) .*proxy"]), deadline: 10,
            limit: 1 << 20)
        return String(decoding: found.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func killProxy(of rig: KubeRig) async throws {
        for line in try await proxies(of: rig) {
            guard let process = line.split(separator: " ").first.flatMap({ Int32($0) }) else { continue }
            kill(process, SIGKILL)
        }
    }
}
