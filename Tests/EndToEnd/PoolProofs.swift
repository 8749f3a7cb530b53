import Fleet
import Foundation
import KubeRig
import Sandbox
import Synchronization
import Testing
import Upstream

#if canImport(Glibc)
import Glibc
#endif

/// What a pool must stand: managers that are killed, and two that lend at once. Real processes, the real kubectl, and a KubeVirt that works
/// many times as fast as a real one. Beside the stories, because each takes longer than a story may.
@Suite("Pool proofs", .serialized, .timeLimit(.minutes(10))) struct PoolProofs {
    /// Seconds after which a manager counts as gone.
    private static let lease = "3"

    @Test("a manager is killed in each step of a bootstrap and of two resets, and the next one goes on each time")
    func killed() async throws {
        try await Self.play(speed: 25) { stage, world in
            func manager() throws -> Child {
                try stage.start(
                    Program.slipway, ["pool", "maintain", "--context", "pool", "--lease", Self.lease],
                    environment: world.environment)
            }
            let first = try stage.start(
                Program.slipway, ["pool", "bootstrap", "cluster1", "cluster2", "--context", "pool"],
                environment: world.environment)
            #expect(try await first.ended(within: 180) == 0, "\(first.printed)\(first.complained)")
            var seen: Set<String> = []
            for order in [
                ["reset", "cluster1"], ["bootstrap", "cluster2", "--confirm", "cluster2"], ["reset", "cluster2"],
            ] {
                let cluster = order[1]
                var present = try manager()
                let ordered = try await stage.run(
                    Program.slipway, ["pool"] + order + ["--no-wait", "--context", "pool"],
                    environment: world.environment)
                #expect(ordered.code == 0, "\(ordered.out)\(ordered.err)")
                var last = ""
                while true {
                    let notes = try await world.notes(cluster)
                    if notes["cks.io/cluster-status"] == "available", notes["cks.io/operation"] == nil { break }
                    #expect(notes["cks.io/cluster-status"] != "error", "\(notes)")
                    if notes["cks.io/cluster-status"] == "error" { break }
                    let step = notes["cks.io/operation-step"] ?? ""
                    if !step.isEmpty, step != last, !seen.contains("\(order) \(step)") {
                        present.send(SIGKILL)
                        _ = try await present.ended()
                        seen.insert("\(order) \(step)")
                        last = step
                        present = try manager()
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
                present.send(SIGTERM)
                _ = try await present.ended(within: 20)
            }
            // Steps that are over in a moment are killed at each of their writes in the tests of the room.
            #expect(seen.count >= 14, "\(seen.sorted())")
            let snapshots = try await stage.run(
                Program.kubectl,
                ["get", "vmsnapshot", "-A", "--context", "pool", "-o", "jsonpath={.items[*].status.readyToUse}"],
                environment: world.environment)
            #expect(snapshots.out == "true true true true", "\(snapshots.out)\(snapshots.err)")
        }
    }

    @Test(
        "two services lend and take back at once: no cluster is lent twice, none is lost", arguments: [3, 50])
    func lending(clusters count: Int) async throws {
        try await Self.play(speed: 400) { stage, world in
            let clusters = (1...count).map { "cluster\($0)" }
            for cluster in clusters { try await world.make(cluster) }
            var services: [PoolClient] = []
            for name in ["a.db", "b.db"] {
                let service = try await Service.start(
                    stage, database: name, pool: "pool", environment: world.environment)
                services.append(try PoolClient(service.url))
            }
            let places = services
            // The clients are closed, however it ends.
            let ended: Result<Void, any Error>
            do { ended = .success(try await Self.lend(places, count)) } catch { ended = .failure(error) }
            for service in services { await service.close() }
            try ended.get()
        }
    }

    /// Rounds in all. Resets take their time: all 200 are done where SLIPWAY_PROOFS says `full`; the tests of the room do as many each time,
    /// with two desks in one process.
    private static let rounds = ProcessInfo.processInfo.environment["SLIPWAY_PROOFS"] == "full" ? 200 : 40

    private static func lend(_ places: [PoolClient], _ count: Int) async throws {
        for service in places { try await service.waitsForFree(count) }
        let book = Book()
        let hands = 8
        try await withThrowingTaskGroup(of: Void.self) { group in
            for hand in 0..<hands {
                group.addTask {
                    for round in 0..<rounds / hands {
                        let session = "s\(hand)-\(round)"
                        let lent = try await places[hand % 2].lent(to: session)
                        book.lend(lent, to: session)
                        book.takeBack(lent, from: session)
                        // Whichever service is asked, the cluster is taken back.
                        let back = try await places[(hand + round) % 2].takenBack(from: session)
                        #expect(back == lent)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(book.lent == rounds && book.conflicts == [])
        for service in places { try await service.waitsForFree(count) }
    }

    // MARK: the world

    struct World: Sendable {
        let api: SandboxKubernetes
        let environment: [String: String]

        private var kube: KubeAPI { KubeAPI(name: "pool", door: api.door(user: "admin")) }

        /// The annotations of a cluster's namespace.
        func notes(_ cluster: String) async throws -> [String: String] {
            let found: KubeAny? = try await kube.get(.namespaces, namespace: nil, name: cluster)
            return found?.metadata.annotations ?? [:]
        }

        /// A cluster that stands and is free, written as a manager would have left it.
        func make(_ cluster: String) async throws {
            let machines = KubeResource(group: "kubevirt.io", version: "v1", plural: "virtualmachines")
            let snapshots = KubeResource(
                group: "snapshot.kubevirt.io", version: "v1beta1", plural: "virtualmachinesnapshots")
            let at = ISO8601DateFormatter().string(from: Date())
            try await kube.create(
                .namespaces, namespace: nil,
                [
                    "kind": "Namespace", "apiVersion": "v1",
                    "metadata": [
                        "name": .text(cluster),
                        "labels": ["cks.io/cluster-pool": "true", "cks.io/cluster-id": .text(cluster)],
                        "annotations": ["cks.io/cluster-status": "available", "cks.io/status-since": .text(at)],
                    ],
                ])
            for (prefix, role) in [("cp", "control-plane"), ("wk", "worker")] {
                let name = "\(prefix)-\(cluster)"
                try await kube.create(
                    machines, namespace: cluster,
                    [
                        "kind": "VirtualMachine", "apiVersion": "kubevirt.io/v1",
                        "metadata": ["name": .text(name), "labels": ["cks.io/vm-role": .text(role)]],
                        "spec": [
                            "runStrategy": "Always",
                            "dataVolumeTemplates": [
                                [
                                    "metadata": ["name": .text("\(name)-rootdisk")],
                                    "spec": ["source": ["registry": ["url": "docker://image"]]],
                                ]
                            ],
                            "template": [
                                "spec": [
                                    "domain": ["devices": [:]],
                                    "volumes": [
                                        ["name": "rootdisk", "dataVolume": ["name": .text("\(name)-rootdisk")]]
                                    ],
                                ]
                            ],
                        ],
                    ])
                try await kube.create(
                    snapshots, namespace: cluster,
                    [
                        "kind": "VirtualMachineSnapshot", "apiVersion": "snapshot.kubevirt.io/v1beta1",
                        "metadata": ["name": .text("\(prefix)-snap"), "labels": ["cks.io/vm-role": .text(role)]],
                        "spec": [
                            "source": ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(name)]
                        ],
                    ])
            }
        }
    }

    /// - Parameter speed: seconds of KubeVirt's clock in a real one.
    private static func play(
        speed: Double, _ story: @escaping @Sendable (Stage, World) async throws -> Void
    ) async throws {
        let time = TimeSource.scaled(by: speed)
        let server = SandboxKubernetes(time: time)
        let kubeVirt = SandboxKubeVirt(api: server, time: time, seed: 3)
        let life = Task { await kubeVirt.run() }
        defer { life.cancel() }
        let kube = KubeAPI(name: "pool", door: server.door(user: "admin"))
        try await kube.create(
            .namespaces, namespace: nil,
            ["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": "vm-templates"]])
        try await kube.create(
            .claims, namespace: "vm-templates",
            [
                "kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": ["name": "golden-image-1-33-0"],
                "spec": ["resources": ["requests": ["storage": "10Gi"]]],
            ])
        try await KubeRig.serving(server, users: ["pool": "pool-manager"]) { rig in
            try await Stage.play { stage in
                let virtctl = stage.home.appendingPathComponent("virtctl")
                try Data(
                    "#!/bin/sh\necho status: done\necho kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"
                        .utf8
                ).write(
                    to: virtctl)
                chmod(virtctl.path, 0o755)
                try stage.configure("pool: {contexts: [pool], virtctl: \(virtctl.path)}\n")
                try await story(stage, World(api: server, environment: ["KUBECONFIG": rig.kubeconfig]))
            }
        }
    }
}

/// Somebody who borrows clusters over HTTP.
private struct PoolClient: Sendable {
    private let door: HTTPClientDoor

    init(_ url: String) throws { door = try HTTPClientDoor(base: url, environment: [:]) }

    func close() async { await door.close() }

    private struct Cluster: Decodable { var clusterId: String }
    private struct Session: Encodable { var sessionId: String }
    private struct Pool: Decodable {
        struct Stats: Decodable { var availableClusters: Int }
        var stats: Stats
    }

    private func post(_ path: String, session: String) async throws -> HTTPReply {
        try await door.ask(
            HTTPQuestion(
                method: "POST", target: path, headers: ["Content-Type": "application/json"],
                body: JSONEncoder().encode(Session(sessionId: session)), deadline: 60))
    }

    /// Waits for its turn.
    func lent(to session: String) async throws -> String {
        while true {
            let reply = try await post("/api/v1/pool/assign", session: session)
            if reply.status == 200 { return try JSONDecoder().decode(Cluster.self, from: reply.body).clusterId }
            guard reply.status == 409 else {
                throw StoryProblem("\(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
            }
            // Nobody who waits should be most of the work.
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    func takenBack(from session: String) async throws -> String {
        let reply = try await post("/api/v1/pool/release", session: session)
        guard reply.status == 202 else {
            throw StoryProblem("\(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(Cluster.self, from: reply.body).clusterId
    }

    func waitsForFree(_ count: Int) async throws {
        var seen = ""
        _ = try await eventually("\(count) free clusters", within: 180, seen: { seen }) {
            let reply = try await door.ask(HTTPQuestion(target: "/api/v1/pool", deadline: 60))
            seen = String(decoding: reply.body, as: UTF8.self)
            try await Task.sleep(for: .milliseconds(100))
            let pool = try? JSONDecoder().decode(Pool.self, from: reply.body)
            return pool?.stats.availableClusters == count ? () : nil
        }
    }
}

/// Who has what, as those who were lent it believe.
private final class Book: Sendable {
    private let state = Mutex<(holders: [String: String], lent: Int, conflicts: [String])>(([:], 0, []))

    var lent: Int { state.withLock { $0.lent } }
    var conflicts: [String] { state.withLock { $0.conflicts } }

    func lend(_ cluster: String, to session: String) {
        state.withLock { state in
            state.lent += 1
            if let other = state.holders[cluster] { state.conflicts.append("\(cluster): \(other) and \(session)") }
            state.holders[cluster] = session
        }
    }

    func takeBack(_ cluster: String, from session: String) {
        state.withLock { state in
            if state.holders[cluster] != session { state.conflicts.append("\(cluster) was not \(session)'s") }
            state.holders[cluster] = nil
        }
    }
}
