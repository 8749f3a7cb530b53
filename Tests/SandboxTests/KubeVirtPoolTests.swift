import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// The pool of practice clusters, as somebody sees it who reads the API server.
@Suite(.timeLimit(.minutes(2))) struct KubeVirtPoolTests {
    private struct World {
        let time = ManualTime()
        let api: SandboxKubernetes
        let pool: SandboxPool
        let task: Task<Void, Never>

        init(seed: UInt64 = 7) async {
            api = SandboxKubernetes(time: time.source)
            let pool = SandboxPool(api: api, time: time.source, seed: seed)
            self.pool = pool
            task = Task { await pool.run() }
            await time.untilAsleep()
        }

        func ask(_ method: String, _ target: String, _ body: JSONValue? = nil, user: String = "ops") async throws
            -> JSONValue
        {
            let headers =
                body == nil
                ? [:] : ["Content-Type": method == "PATCH" ? "application/merge-patch+json" : "application/json"]
            let reply = try await api.door(user: user).ask(
                HTTPQuestion(method: method, target: target, headers: headers, body: body?.data))
            return JSONValue(reply.body) ?? .null
        }

        func list(_ target: String) async throws -> [JSONValue] { try await ask("GET", target)["items"]?.list ?? [] }

        /// The pool's annotations, by cluster.
        func notes() async throws -> [String: [String: String]] {
            var notes: [String: [String: String]] = [:]
            for namespace in try await list("/api/v1/namespaces?labelSelector=cks.io/cluster-pool%3Dtrue") {
                var own: [String: String] = [:]
                for (key, value) in namespace.at("metadata", "annotations")?.object ?? [:]
                where key.hasPrefix("cks.io/") {
                    own[String(key.dropFirst(7))] = value.text
                }
                notes[namespace.at("metadata", "name")?.text ?? ""] = own
            }
            return notes
        }

        func statuses() async throws -> [String: String] { try await notes().compactMapValues { $0["cluster-status"] } }

        func machines(_ cluster: String) async throws -> [JSONValue] {
            try await list("/apis/kubevirt.io/v1/namespaces/\(cluster)/virtualmachines?labelSelector=app%3Dcks")
        }

        func snapshots(_ cluster: String) async throws -> [JSONValue] {
            try await list("/apis/snapshot.kubevirt.io/v1beta1/namespaces/\(cluster)/virtualmachinesnapshots")
        }
    }

    @Test func theWorldOpensWithSomethingOfEverything() async throws {
        let world = await World()
        defer { world.task.cancel() }
        world.time.advance(by: SandboxWorld.past)
        let notes = try await world.notes()
        #expect(
            try await world.statuses() == [
                "cluster1": "available", "cluster2": "locked", "cluster3": "available", "cluster4": "resetting",
                "cluster5": "locked", "cluster6": "creating", "cluster7": "error", "cluster8": "available",
            ])
        // Free and lent ones are whole: two machines that run, two golden snapshots.
        for cluster in ["cluster1", "cluster2", "cluster3", "cluster5", "cluster8"] {
            let machines = try await world.machines(cluster)
            #expect(
                Set(machines.compactMap { $0.at("metadata", "labels", "role")?.text }) == ["control-plane", "worker"])
            #expect(
                machines.allSatisfy {
                    $0.at("status", "printableStatus") == "Running" && $0.at("status", "ready") == true
                })
            let snapshots = try await world.snapshots(cluster)
            #expect(snapshots.compactMap { $0.at("metadata", "name")?.text } == ["cp-snap", "wk-snap"])
            #expect(snapshots.allSatisfy { $0.at("status", "readyToUse") == true })
            #expect(snapshots.map { $0.at("metadata", "labels", "cks.io/vm-role") } == ["control-plane", "worker"])
        }
        for cluster in ["cluster2", "cluster5"] {
            #expect(notes[cluster]?["assigned-session"]?.count == 8)
            #expect(notes[cluster]?["lock-time"] != nil)
        }
        for (cluster, own) in notes where cluster != "cluster6" {
            #expect(own["status-since"] != nil && own["created-at"] != nil && own["last-reset"] != nil, "\(cluster)")
            #expect(own["last-health-check"] != nil, "\(cluster)")
        }
        #expect(notes["cluster4"]?["operation"] == "reset")
        #expect(notes["cluster4"]?["assigned-session"] == nil)
        #expect(
            ["restore-control-plane", "start-control-plane", "restore-worker"]
                .contains(notes["cluster4"]?["operation-step"]))
        #expect(notes["cluster7"]?["error"] == "Restore target failed to be ready within 5m0s")
        #expect(notes["cluster7"]?["operation-step"] == "restore-control-plane")
        let stuck = try await world.machines("cluster7").compactMap { $0.at("status", "printableStatus")?.text }
        #expect(stuck.sorted() == ["Stopped", "Stopping"])
        #expect(notes["cluster6"]?["operation"] == "bootstrap")
        #expect(notes["cluster6"]?["operation-step"] == "wait-control-plane")
        let disks = try await world.list("/apis/cdi.kubevirt.io/v1beta1/namespaces/cluster6/datavolumes")
        #expect(disks.map { $0.at("status", "phase") } == ["CloneInProgress"])
        let percent = disks.first?.at("status", "progress")?.text.flatMap { Double($0.dropLast()) }
        #expect((42...48).contains(try #require(percent)))
    }

    @Test func whatIsUnderWayComesToItsEnd() async throws {
        let world = await World()
        defer { world.task.cancel() }
        world.time.advance(by: SandboxWorld.past)
        var steps: [String: [String]] = [:]
        var statuses: [String: [String]] = [:]
        /// When each was first free again, in seconds.
        var ends: [String: Double] = [:]
        for second in 0..<1500 {
            for (cluster, own) in try await world.notes() {
                if let step = own["operation-step"], step != steps[cluster]?.last {
                    steps[cluster, default: []].append(step)
                }
                if let status = own["cluster-status"], status != statuses[cluster]?.last {
                    statuses[cluster, default: []].append(status)
                    if status == "available", ends[cluster] == nil { ends[cluster] = Double(second) }
                }
            }
            world.time.advance(by: 1)
        }
        let reset = [
            "stop", "cleanup", "restore-control-plane", "start-control-plane", "restore-worker", "start-worker",
        ]
        #expect(statuses["cluster2"]?.prefix(3) == ["locked", "resetting", "available"])
        #expect(steps["cluster2"]?.prefix(6) == reset[...])
        #expect(statuses["cluster4"]?.prefix(2) == ["resetting", "available"])
        #expect(
            steps["cluster6"]?.prefix(7) == [
                "wait-control-plane", "get-join-command", "create-worker-secret", "create-worker-vm", "wait-vms",
                "snapshot-control-plane", "snapshot-worker",
            ])
        #expect(statuses["cluster6"]?.prefix(2) == ["creating", "available"])
        #expect(try await world.snapshots("cluster6").count == 2)
        // Somebody frees the machine that would not stop.
        #expect(statuses["cluster7"]?.prefix(3) == ["error", "resetting", "available"])
        // Sessions come.
        #expect(["cluster1", "cluster3", "cluster8"].contains { statuses[$0]?.contains("locked") == true })
        #expect((100...200).contains(try #require(ends["cluster2"]) - 240))
    }

    @Test func theSameSeedGivesTheSamePoolHoweverTheClockRuns() async throws {
        func state(seed: UInt64, steps: [Double]) async throws -> [JSONValue] {
            let world = await World(seed: seed)
            defer { world.task.cancel() }
            for step in steps { world.time.advance(by: step) }
            var all: [JSONValue] = []
            for list in [
                "/api/v1/namespaces", "/apis/kubevirt.io/v1/virtualmachines",
                "/apis/snapshot.kubevirt.io/v1beta1/virtualmachinerestores",
                "/apis/cdi.kubevirt.io/v1beta1/datavolumes",
            ] { all += try await world.ask("GET", list, user: "admin")["items"]?.list ?? [] }
            return all
        }
        let jump = try await state(seed: 7, steps: [9000])
        #expect(jump.count > 40)
        #expect(try await state(seed: 7, steps: Array(repeating: 90, count: 100)) == jump)
        #expect(try await state(seed: 8, steps: [9000]) != jump)
    }

    @Test func theBackendLeavesAClusterAloneThatSomebodyElseWorksOn() async throws {
        let world = await World()
        defer { world.task.cancel() }
        world.time.advance(by: SandboxWorld.past)
        _ = try await world.ask(
            "PATCH", "/api/v1/namespaces/cluster4",
            ["metadata": ["annotations": ["cks.io/operation": "reset", "cks.io/operation-step": "mine"]]],
            user: "pool-manager")
        world.time.advance(by: 1200)
        let notes = try await world.notes()["cluster4"]
        #expect(notes?["cluster-status"] == "resetting")
        #expect(notes?["operation-step"] == "mine")
    }

    /// A reset by hand, as a manager would do it who knows nothing of the sandbox.
    @Test func aManagerResetsAClusterThroughTheDoor() async throws {
        let world = await World()
        defer { world.task.cancel() }
        world.time.advance(by: SandboxWorld.past)
        let cluster = "/api/v1/namespaces/cluster3"
        func mark(_ status: String) async throws {
            _ = try await world.ask(
                "PATCH", cluster, ["metadata": ["annotations": ["cks.io/cluster-status": .text(status)]]],
                user: "pool-manager")
        }
        func machine(_ name: String) -> String { "/apis/kubevirt.io/v1/namespaces/cluster3/virtualmachines/\(name)" }
        func run(_ name: String, _ strategy: String) async throws {
            _ = try await world.ask(
                "PATCH", machine(name), ["spec": ["runStrategy": .text(strategy)]], user: "pool-manager")
        }
        func until(_ what: () async throws -> Bool) async throws -> Bool {
            for _ in 0..<400 {
                if try await what() { return true }
                world.time.advance(by: 1)
            }
            return false
        }
        try await mark("resetting")
        let names = try await world.machines("cluster3").compactMap { $0.at("metadata", "name")?.text }
        let began = world.time.now
        for name in names { try await run(name, "Halted") }
        #expect(
            try await until {
                try await world.list("/apis/kubevirt.io/v1/namespaces/cluster3/virtualmachineinstances").isEmpty
            })
        let restores = "/apis/snapshot.kubevirt.io/v1beta1/namespaces/cluster3/virtualmachinerestores"
        for old in try await world.list(restores).compactMap({ $0.at("metadata", "name")?.text }) {
            _ = try await world.ask("DELETE", "\(restores)/\(old)", user: "pool-manager")
        }
        for name in names {
            let role = try await world.ask("GET", machine(name)).at("metadata", "labels", "role")
            _ = try await world.ask(
                "POST", restores,
                [
                    "metadata": ["name": .text(name + "-restore-1")],
                    "spec": [
                        "target": ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(name)],
                        "virtualMachineSnapshotName": role == "worker" ? "wk-snap" : "cp-snap",
                    ],
                ], user: "pool-manager")
            #expect(
                try await until {
                    try await world.ask("GET", "\(restores)/\(name)-restore-1").at("status", "complete") == true
                })
            try await run(name, "Always")
            #expect(try await until { try await world.ask("GET", machine(name)).at("status", "ready") == true })
        }
        try await mark("available")
        #expect((60...200).contains(world.time.now.timeIntervalSince(began)))
        #expect(try await world.statuses()["cluster3"] == "available")
    }

    @Test func eachUserMayDoWhatHeShould() async throws {
        let world = await World()
        defer { world.task.cancel() }
        func status(_ user: String, _ method: String, _ target: String, _ body: JSONValue? = nil) async throws -> Int {
            let headers = body == nil ? [:] : ["Content-Type": "application/json"]
            return try await world.api.door(user: user).ask(
                HTTPQuestion(method: method, target: target, headers: headers, body: body?.data)
            ).status
        }
        let lease: JSONValue = ["metadata": ["name": "pool"], "spec": ["holderIdentity": "a"]]
        let leases = "/apis/coordination.k8s.io/v1/namespaces/vm-templates/leases"
        #expect(try await status("ops", "GET", "/api/v1/namespaces?watch=0") == 200)
        #expect(try await status("ops", "GET", "/api/v1/namespaces/cluster1/pods") == 200)
        #expect(try await status("ops", "GET", "/api/v1/namespaces/cluster1/secrets") == 403)
        #expect(try await status("ops", "GET", "/api/v1/namespaces/kube-system/pods") == 403)
        #expect(try await status("ops", "DELETE", "/api/v1/namespaces/cluster1") == 403)
        #expect(try await status("ops", "POST", leases, lease) == 403)
        #expect(try await status("pool-manager", "POST", leases, lease) == 201)
        #expect(try await status("pool-manager", "GET", "/api/v1/namespaces/cluster1/secrets") == 200)
        #expect(try await status("pool-manager", "GET", "/apis/k0rdent.mirantis.com/v1beta1/credentials") == 403)
    }

    /// All members that recorded objects of a real cluster have, as paths: whatever was seen there is to be seen here.
    private static let recorded: [(list: String, paths: [String])] = [
        (
            "/api/v1/namespaces?labelSelector=cks.io/cluster-pool%3Dtrue",
            [
                "metadata.annotations.cks.io/cluster-status", "metadata.annotations.cks.io/created-at",
                "metadata.annotations.cks.io/last-reset", "metadata.labels.cks.io/cluster-pool",
                "metadata.labels.kubernetes.io/metadata.name", "metadata.resourceVersion", "metadata.uid",
                "spec.finalizers", "status.phase",
            ]
        ),
        (
            "/apis/kubevirt.io/v1/namespaces/cluster1/virtualmachines",
            [
                "metadata.generation", "metadata.labels.cks.io/vm-role", "spec.runStrategy",
                "spec.template.spec.domain.devices", "status.conditions", "status.created", "status.printableStatus",
                "status.ready",
            ]
        ),
        (
            "/apis/kubevirt.io/v1/namespaces/cluster1/virtualmachineinstances",
            [
                "metadata.labels.kubevirt.io/vm", "spec.domain.devices", "status.conditions", "status.interfaces",
                "status.nodeName", "status.phase",
            ]
        ),
        (
            "/apis/snapshot.kubevirt.io/v1beta1/namespaces/cluster1/virtualmachinesnapshots",
            [
                "spec.source.apiGroup", "spec.source.kind", "spec.source.name", "status.creationTime", "status.phase",
                "status.readyToUse",
            ]
        ),
        (
            "/apis/snapshot.kubevirt.io/v1beta1/namespaces/cluster1/virtualmachinerestores",
            [
                "spec.target.apiGroup", "spec.target.kind", "spec.target.name", "spec.virtualMachineSnapshotName",
                "status.complete", "status.conditions", "status.restoreTime",
            ]
        ),
    ]

    @Test func objectsHaveAllThatRecordedOnesHave() async throws {
        let world = await World()
        defer { world.task.cancel() }
        world.time.advance(by: SandboxWorld.past)
        for (list, paths) in Self.recorded {
            let object = try #require(try await world.list(list).first, "\(list)")
            for path in paths { #expect(Self.value(path, in: object) != nil, "\(list) \(path)") }
            for condition in object.at("status", "conditions")?.list ?? [] {
                #expect(Set((condition.object ?? [:]).keys).isSuperset(of: ["type", "status", "lastTransitionTime"]))
            }
        }
    }

    /// A dot may also belong to a name: `cks.io/cluster-status`.
    private static func value(_ path: String, in object: JSONValue) -> JSONValue? {
        if let value = object[path] { return value }
        for index in path.indices where path[index] == "." {
            if let inner = object[String(path[..<index])],
                let value = value(String(path[path.index(after: index)...]), in: inner)
            {
                return value
            }
        }
        return nil
    }

    @Test func historyHasResetsAndBootstraps() {
        let runs = SandboxPast.poolRuns(source: SourceID("pool"), seed: 7, now: ManualTime.start)
        let byProfile = Dictionary(grouping: runs) { $0.profile ?? "" }
        #expect(byProfile["reset"]?.count == 48 && byProfile["bootstrap"]?.count == 12)
        #expect(runs.allSatisfy { $0.kind == .pool && $0.endedAt < ManualTime.start && $0.startedAt < $0.endedAt })
        let done = runs.filter { $0.outcome == .done }
        #expect(
            done.filter { $0.profile == "reset" }.allSatisfy { $0.phases.count == 6 && (90...200).contains($0.seconds) }
        )
        #expect(
            done.filter { $0.profile == "bootstrap" }.allSatisfy {
                $0.phases.count == 12 && (330...620).contains($0.seconds)
            })
        #expect(
            done.first { $0.profile == "reset" }?.phases.map(\.name) == [
                "Stop", "Clean up", "Restore control plane", "Start control plane", "Restore worker", "Start worker",
            ])
        let failed = runs.filter { $0.outcome == .failed }
        #expect(failed.count == 3)
        #expect(
            failed.allSatisfy {
                $0.cause == "Restore target failed to be ready within 5m0s" && $0.phases.last?.outcome == .failed
            })
    }
}
