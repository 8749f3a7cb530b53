import ClusterPool
import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

@testable import Web

/// A service that manages a pool on a KubeVirt of its own, whose clock runs many times as fast as the real one.
struct PoolService: Sendable {
    let http: TestService
    let api: SandboxKubernetes
    let time: TimeSource
    var token: String?

    /// - Parameters:
    ///   - clusters: those that a bootstrap of all makes.
    ///   - bare: clusters that say they are free, with nothing in them: enough for lending.
    ///   - user: as whom the manager asks the API server.
    static func run(
        token: String? = nil, clusters: [String] = ["cluster1", "cluster2"], bare: [String] = [],
        user: String = KubeUser.poolManager.name,
        _ test: @Sendable (PoolService) async throws -> Void
    ) async throws {
        let clock = TickingTime(speed: 60)
        defer { clock.end() }
        let time = clock.source
        let api = SandboxKubernetes(time: time)
        let kubeVirt = SandboxKubeVirt(api: api, time: time, seed: 7)
        let manager = PoolManager(
            KubeAPI(name: "rig", door: api.door(user: user)),
            // A long Lease by the rig's clock: a machine that is busy for a moment loses nothing.
            settings: PoolSettings(source: SourceID("pool"), identity: "web", clusters: clusters, lease: 240),
            // Bare clusters are ill: who looks after the pool would lend none of them.
            duty: bare.isEmpty ? .pool : .own,
            guest: PoolGuest(.init(context: "rig"), commands: SandboxVirtctl()), time: time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await kubeVirt.run() }
            try await furnish(KubeAPI(name: "rig", door: api), bare: bare, time: time)
            group.addTask { await manager.run() }
            try await TestService.run(token: token, pool: manager) { http in
                try await test(PoolService(http: http, api: api, time: time, token: token))
            }
            group.cancelAll()
        }
    }

    private static func furnish(_ kube: KubeAPI, bare: [String], time: TimeSource) async throws {
        func namespace(_ name: String, _ more: JSONValue) async throws {
            var metadata = more
            metadata["name"] = .text(name)
            try await kube.create(
                .namespaces, namespace: nil, ["apiVersion": "v1", "kind": "Namespace", "metadata": metadata])
        }
        try await namespace("vm-templates", [:])
        try await kube.create(
            .claims, namespace: "vm-templates",
            [
                "kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": ["name": "golden-image-1-33-0"],
                "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "10Gi"]]],
            ])
        for name in bare {
            try await namespace(
                name,
                [
                    "labels": [PoolLabels.pool: "true", PoolLabels.clusterID: .text(name)],
                    "annotations": [
                        PoolAnnotations.status: "available",
                        PoolAnnotations.statusSince: .text(WireTime.text(time.now())),
                    ],
                ])
        }
    }

    func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> TestService.Answer {
        try await http.send(
            method, "/api/v1/" + path, body: body,
            headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
    }

    /// The same once the pool has been read.
    func get(_ path: String) async throws -> TestService.Answer {
        for _ in 0..<2000 {
            let answer = try await send("GET", path)
            if answer.status != 503 || answer.json?["error"]?.text != "The pool is not read yet." { return answer }
            try await time.sleep(1)
        }
        throw CancellationError()
    }

    /// Looks at a cluster until its status is one of these and nothing is being done to it.
    func cluster(_ name: String, until statuses: String...) async throws -> JSON {
        var last: TestService.Answer?
        for _ in 0..<4000 {
            last = try await get("pool/clusters/\(name)")
            let status = last?.json?["cluster"]?["status"]?.text
            let isBusy = ["running", "waiting"].contains(last?.json?["item"]?["state"]?.text)
            if let json = last?.json, let status, statuses.contains(status), !isBusy { return json }
            try await time.sleep(1)
        }
        Issue.record("\(name) never became \(statuses): \(last?.body ?? "-")")
        throw CancellationError()
    }
}
