import Fleet
import Foundation
import KubeRig
import Sandbox
import Testing

/// A pool behind a real API server's front: KubeVirt in it reacts, a hundred times as fast as the real one, to whatever slipway and kubectl
/// write. The program's own clock is the real one, so that its Leases and limits are its usual ones.
struct PoolStage: Sendable {
    let stage: Stage
    let kubeVirt: SandboxKubeVirt
    let api: SandboxKubernetes
    let environment: [String: String]

    /// - Parameters:
    ///   - clusters: those that a bootstrap of all makes.
    ///   - bare: clusters that say they are free, with nothing in them: enough for lending.
    static func play(
        clusters: [String] = ["cluster1"], bare: [String] = [],
        _ story: @escaping @Sendable (PoolStage) async throws -> Void
    ) async throws {
        let time = TimeSource.scaled(by: 100)
        let api = SandboxKubernetes(time: time)
        let kubeVirt = SandboxKubeVirt(api: api, time: time, seed: 7)
        let life = Task { await kubeVirt.run() }
        defer { life.cancel() }
        try await KubeRig.serving(api, users: ["training": "pool-manager", "viewer": "ops"]) { rig in
            try await Stage.play { stage in
                let pool = PoolStage(
                    stage: stage, kubeVirt: kubeVirt, api: api, environment: ["KUBECONFIG": rig.kubeconfig])
                try pool.install(clusters)
                try await pool.furnish(bare)
                try await story(pool)
            }
        }
    }

    /// A `virtctl` that reads the join command as the real one does, and the config that names it.
    private func install(_ clusters: [String]) throws {
        let program = stage.home.appendingPathComponent("virtctl")
        let script = """
            #!/bin/sh
            echo "$*" >>"$HOME/virtctl.log"
            echo status: done
            echo kubeadm join 10.244.0.7:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:0a1b

            """
        try Data(script.utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        try stage.configure(
            "pool: {contexts: [training], virtctl: \(program.path), clusters: [\(clusters.joined(separator: ", "))]}\n")
    }

    /// What a pool has before it is one: the golden image.
    private func furnish(_ bare: [String]) async throws {
        var objects = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: vm-templates}
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: golden-image-1-33-0, namespace: vm-templates}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}

            """
        for name in bare {
            objects += """
                ---
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: \(name)
                  labels: {cks.io/cluster-pool: "true", cks.io/cluster-id: \(name)}
                  annotations: {cks.io/cluster-status: available, cks.io/status-since: "2026-11-20T22:00:00Z"}

                """
        }
        let file = stage.home.appendingPathComponent("objects.yaml")
        try Data(objects.utf8).write(to: file)
        let made = try await kubectl("create", "--validate=false", "-f", file.path)
        #expect(made.code == 0, "\(made.err)")
    }

    // MARK: what a person does

    func slipway(_ arguments: String...) async throws -> Outcome {
        try await stage.run(Program.slipway, arguments, environment: environment)
    }

    func start(_ arguments: String...) throws -> Child {
        try stage.start(Program.slipway, arguments, environment: environment)
    }

    func kubectl(_ arguments: String...) async throws -> Outcome {
        try await stage.run(
            "/usr/bin/env", ["kubectl", "--context", "training"] + arguments, environment: environment)
    }

    /// An annotation of a cluster's namespace, as kubectl sees it.
    func note(_ name: String, of cluster: String) async throws -> String {
        let path = "jsonpath={.metadata.annotations.cks\\.io/\(name)}"
        return try await kubectl("get", "namespace", cluster, "-o", path).out
    }

    /// Waits for a line of a program.
    func see(_ text: String, in child: Child, within seconds: Double = 40) async throws {
        try await eventually(text, within: seconds, seen: { child.printed + child.complained }) {
            (child.printed + child.complained).contains(text) ? () : nil
        }
    }

    // MARK: the service

    struct Answer: Sendable {
        let status: Int
        let headers: String
        let body: String
    }

    /// `slipway serve --pool training`, with a token.
    func serve() async throws -> (child: Child, url: String) {
        let child = try stage.start(
            Program.slipway, ["serve", "--port", "0", "--host", "127.0.0.1", "--pool", "training"],
            environment: environment.merging(["SLIPWAY_TOKEN": Self.token]) { $1 })
        let url = try await eventually("The service", seen: { child.complained }) { () -> String? in
            child.complained.split(separator: "\n").first { $0.contains("listens on http") }?
                .components(separatedBy: "listens on ").last
        }
        return (child, url)
    }

    private static let token = "s3cret-token"

    func curl(_ method: String, _ url: String, _ body: String? = nil, token: Bool = true) async throws -> Answer {
        var arguments = ["-s", "--max-time", "20", "-D", "-", "-X", method, "-w", "\n%{http_code}", url]
        if token { arguments += ["-H", "Authorization: Bearer \(Self.token)"] }
        if let body { arguments += ["-d", body] }
        let outcome = try await stage.run(Program.curl, arguments)
        let text = outcome.out.replacingOccurrences(of: "\r\n", with: "\n")
        let head = text.components(separatedBy: "\n\n").first ?? ""
        var lines = String(text.dropFirst(head.count)).components(separatedBy: "\n")
        return Answer(
            status: Int(lines.removeLast()) ?? 0, headers: head.lowercased(), body: lines.joined(separator: "\n"))
    }
}
