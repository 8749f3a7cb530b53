import Fleet
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

/// A KubeVirt in an API server, and managers beside it, all on a clock that runs many times as fast as the real
/// one.
struct ManagerRig {
    let time: TimeSource
    let api: SandboxKubernetes
    let kubeVirt: SandboxKubeVirt
    let notes = RigNotes()
    private let clock: TickingTime
    private let life: Task<Void, Never>

    /// - Parameter speed: seconds of its clock in a real one.
    init(speed: Double = 60, image: Bool = true) async throws {
        clock = TickingTime(speed: speed)
        time = clock.source
        api = SandboxKubernetes(time: time)
        let kubeVirt = SandboxKubeVirt(api: api, time: time, seed: 7)
        self.kubeVirt = kubeVirt
        life = Task { await kubeVirt.run() }
        guard image else { return }
        let namespaces = KubeAPI(name: "rig", door: api.door(user: "admin"))
        try await namespaces.create(
            .namespaces, namespace: nil,
            ["metadata": ["name": "vm-templates"], "kind": "Namespace", "apiVersion": "v1"])
        try await namespaces.create(
            .claims, namespace: "vm-templates",
            [
                "kind": "PersistentVolumeClaim", "apiVersion": "v1", "metadata": ["name": "golden-image-1-33-0"],
                "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "10Gi"]]],
            ])
    }

    func end() {
        life.cancel()
        clock.end()
    }

    var kube: KubeAPI { KubeAPI(name: "rig", door: api.door(user: "pool-manager")) }

    func settings(
        _ identity: String, _ clusters: [String], life: Double = 3600, lease: Double = 120
    ) -> PoolSettings {
        PoolSettings(
            source: SourceID("pool"), identity: identity, clusters: clusters, sessionLife: life, lease: lease)
    }

    func desk(_ identity: String = "desk", _ clusters: [String]) -> PoolDesk {
        PoolDesk(kube, settings: settings(identity, clusters), time: time)
    }

    /// - Parameter lease: seconds for which a renewal counts; long, so that a machine that is busy for a moment loses nothing.
    func manager(
        _ identity: String, _ clusters: [String], duty: PoolManager.Duty = .pool, life: Double = 3600,
        lease: Double = 120, virtctl: any CommandDoor = RigVirtctl()
    ) -> PoolManager {
        let notes = self.notes
        return PoolManager(
            kube, settings: settings(identity, clusters, life: life, lease: lease), duty: duty,
            guest: PoolGuest(.init(context: "rig"), commands: virtctl), time: time, record: { run in notes.note(run) },
            log: { text in notes.note("\(identity): \(text)") })
    }

    /// Runs a manager while `body` works with it.
    func running<Result: Sendable>(
        _ manager: PoolManager, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await manager.run() }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    func namespace(_ name: String) async throws -> WirePoolNamespace {
        let found: WirePoolNamespace? = try await kube.get(.namespaces, namespace: nil, name: name)
        return try #require(found, "there is no namespace \(name)")
    }

    /// Waits until a cluster is as it should be, for so many seconds of the rig's clock.
    func wait(
        _ name: String, _ limit: Double = 3000, until isSo: (WirePoolNamespace) -> Bool
    ) async throws -> WirePoolNamespace {
        let start = time.uptime()
        var last: WirePoolNamespace?
        while time.uptime() - start < limit {
            last = try? await namespace(name)
            if let last, isSo(last) { return last }
            try await time.sleep(1)
        }
        Issue.record(
            "\(name) never came so far: \(last?.metadata.annotations ?? [:])\n\(notes.log.joined(separator: "\n"))")
        throw CancellationError()
    }

    func available(_ name: String) async throws -> WirePoolNamespace {
        try await wait(name) { $0.status == .available && $0.operation == nil }
    }

    /// A pool that stands, made by a bootstrap as anybody makes it.
    func made(_ clusters: [String]) async throws {
        let manager = manager("maker", clusters, duty: .own)
        try await running(manager) {
            for cluster in clusters { _ = try await manager.order(.bootstrap, cluster) }
            for cluster in clusters { _ = try await self.available(cluster) }
        }
    }

    /// Clusters that say they are free, with nothing in them: enough for lending.
    func bare(_ clusters: [String]) async throws {
        for name in clusters {
            try await kube.create(
                .namespaces, namespace: nil,
                [
                    "kind": "Namespace", "apiVersion": "v1",
                    "metadata": [
                        "name": .text(name),
                        "labels": [PoolLabels.pool: "true", PoolLabels.clusterID: .text(name)],
                        "annotations": [
                            PoolAnnotations.status: "available",
                            PoolAnnotations.statusSince: .text(WireTime.text(time.now())),
                        ],
                    ],
                ])
        }
    }

    func snapshots(_ cluster: String) async throws -> [WireSnapshot] {
        var found: [WireSnapshot] = []
        let kind = KubeResource(group: "snapshot.kubevirt.io", version: "v1beta1", plural: "virtualmachinesnapshots")
        try await kube.list(kind, namespace: cluster) { (page: [WireSnapshot]) in found += page }
        return found.sorted { $0.metadata.name < $1.metadata.name }
    }

    func machines(_ cluster: String) async throws -> [WireMachine] {
        var found: [WireMachine] = []
        let kind = KubeResource(group: "kubevirt.io", version: "v1", plural: "virtualmachines")
        try await kube.list(kind, namespace: cluster) { (page: [WireMachine]) in found += page }
        return found.sorted { $0.metadata.name < $1.metadata.name }
    }
}

/// What managers have told.
final class RigNotes: Sendable {
    private let state = Mutex<(runs: [Run], log: [String])>(([], []))

    var runs: [Run] { state.withLock { $0.runs } }
    var log: [String] { state.withLock { $0.log } }
    func note(_ run: Run) { state.withLock { $0.runs.append(run) } }
    func note(_ text: String) { state.withLock { $0.log.append(text) } }
}

/// A `virtctl` that reads the join command, after some failures.
final class RigVirtctl: CommandDoor {
    private let left: Mutex<Int>
    private let asked = Mutex<[Command]>([])
    static let join =
        "kubeadm join 10.244.0.7:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:0a1b"

    init(failures: Int = 0) { left = Mutex(failures) }

    var commands: [Command] { asked.withLock { $0 } }

    func run(_ command: Command, deadline: Double, limit: Int) async throws(CommandProblem) -> CommandResult {
        asked.withLock { $0.append(command) }
        let fails = left.withLock { left in
            left -= 1
            return left >= 0
        }
        return fails
            ? CommandResult(
                status: 1, output: Data(), errors: "cat: /etc/kubeadm-join-command: No such file or directory\n")
            : CommandResult(status: 0, output: Data("Warning: something\nstatus: done\n\(Self.join)\n".utf8))
    }

    func converse(
        _ command: Command, _ body: @escaping @Sendable (any Conversation) async throws -> Void
    ) async throws(CommandProblem) { throw .missing }
}
