import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is done to a cluster's objects. Every deed may be done twice: who takes over in the middle does it again.
struct PoolErrands: Sendable {
    /// Volumes that restores have left behind (wire-formats 9.4): `restore-<uid>-…`.
    private static let leftover = "restore-"

    let desk: PoolDesk
    let templates: PoolTemplates
    let guest: PoolGuest
    let cluster: String

    private var api: KubeAPI { desk.api }
    private var values: PoolTemplates.Values {
        .init(cluster: cluster, templatesNamespace: desk.settings.templatesNamespace)
    }

    /// Carries out a step that is one deed, or what a step begins with.
    ///
    /// - Parameter reading: the cluster as it is known.
    /// - Throws: what Kubernetes or the machine says; `PoolRefusal` in words of its own for what will not get better.
    func perform(_ step: PoolStep, _ reading: PoolReading) async throws {
        switch step {
        case .verifyKubeVirt: try await verify()
        case .createNamespace: try await adopt()
        case .createQuota: try await createQuota()
        case .validateImage: try await validateImage()
        case .createControlPlaneSecret: try await createSecret(.controlPlane, values)
        case .createControlPlane: try await createMachine(.controlPlane, values)
        case .joinCommand:
            // It is read again when it is needed: it holds a token, and is kept nowhere.
            if templates.needsJoinCommand { _ = try await joinCommand(reading) }
        case .createWorkerSecret:
            var values = values
            values.address = try address(reading)
            if templates.needsJoinCommand { values.joinCommand = try await joinCommand(reading) }
            try await createSecret(.worker, values)
        case .createWorker:
            var values = values
            values.address = reading.roles[.controlPlane].flatMap { reading.instance(of: $0)?.address } ?? ""
            try await createMachine(.worker, values)
        case .cleanup: try await deleteLeftovers(reading)
        default: return
        }
    }

    /// What a step ends with, when its objects are as they should be.
    func conclude(_ step: PoolStep, _ reading: PoolReading) async throws {
        // Where the worker joins by itself, nobody may be able to log in.
        guard step == .waitMachines, templates.needsJoinCommand else { return }
        for role in PoolDetail.Role.allCases {
            guard let machine = reading.roles[role] else { continue }
            try await guest.checkFirstBoot(machine: machine.metadata.name, namespace: reading.name)
        }
    }

    // MARK: bootstrap

    private func verify() async throws(UpstreamProblem) {
        let resources = try await api.poolResources()
        for kind in [PoolKind.snapshot, .restore, .disk] where resources[kind] == nil {
            throw UpstreamProblem(
                .status(404), "\(api.name) has no \(kind.plural).\(kind.group).",
                advice: "Install it there: clusters cannot be reset without it.")
        }
    }

    private func adopt() async throws(UpstreamProblem) {
        let labels = PoolDesk.labels(of: cluster).mapValues { JSONValue.text($0) }
        let _: KubeAny = try await api.patch(
            .namespaces, namespace: nil, name: cluster, ["metadata": ["labels": .object(labels)]] as JSONValue)
        try await desk.makeTemplatesNamespace()
    }

    /// As the existing backend limits a cluster (wire-formats 9.3).
    private func createQuota() async throws(UpstreamProblem) {
        try await ensure(
            .quotas, cluster,
            [
                "apiVersion": "v1", "kind": "ResourceQuota",
                "metadata": ["name": "session-quota", "namespace": .text(cluster)],
                "spec": ["hard": ["cpu": "16", "memory": "16Gi", "pods": "20"]],
            ])
    }

    private func validateImage() async throws {
        struct Claim: KubeObject {
            struct Status: Decodable { var phase: String? }
            var metadata: KubeMetadata
            var status: Status?
        }
        for role in PoolDetail.Role.allCases {
            for image in try templates.images(role, values) {
                let claim: Claim? = try await api.get(.claims, namespace: image.namespace, name: image.name)
                guard let claim else {
                    throw PoolRefusal(
                        .conflict,
                        "the golden image \(image.namespace)/\(image.name), which the machine templates name, is not there",
                        advice: "")
                }
                if let phase = claim.status?.phase, phase != "Bound" {
                    throw UpstreamProblem(
                        .status(409),
                        "the golden image \(image.namespace)/\(image.name) is \(SafeText.line(phase, limit: 30))",
                        advice: "")
                }
            }
        }
    }

    private func createSecret(_ role: PoolDetail.Role, _ values: PoolTemplates.Values) async throws(UpstreamProblem) {
        let name = PoolTemplates.Values.machine(role, cluster)
        let boot = Data(templates.boot(role, values).utf8).base64EncodedString()
        let secret: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": [
                "name": .text(name), "namespace": .text(cluster),
                "labels": [PoolLabels.clusterID: .text(cluster), PoolLabels.role: .text(role.rawValue)],
            ],
            "data": ["userdata": .text(boot)],
        ]
        do throws(UpstreamProblem) {
            try await api.create(.secrets, namespace: cluster, secret)
        } catch {
            guard error.isConflict else { throw error }
            // One from before holds an old token.
            let data: JSONValue = ["data": ["userdata": .text(boot)]]
            let _: KubeAny = try await api.patch(.secrets, namespace: cluster, name: name, data)
        }
    }

    private func createMachine(_ role: PoolDetail.Role, _ values: PoolTemplates.Values) async throws {
        let known = try await desk.poolResources()
        for (resource, object) in try templates.objects(role, values) {
            // In the version that this server prefers.
            let kind = PoolKind.allCases.first { $0.plural == resource.plural }
            let resource = kind.flatMap { known[$0] } ?? resource
            try await ensure(resource, cluster, object)
        }
    }

    private func address(_ reading: PoolReading) throws(UpstreamProblem) -> String {
        if let address = reading.roles[.controlPlane].flatMap({ reading.instance(of: $0)?.address }) { return address }
        throw UpstreamProblem(.unreadable, "the control plane has no address yet", advice: "")
    }

    private func joinCommand(_ reading: PoolReading) async throws(UpstreamProblem) -> String {
        let name = reading.roles[.controlPlane]?.metadata.name ?? PoolTemplates.Values.machine(.controlPlane, cluster)
        return try await guest.joinCommand(machine: name, namespace: reading.name)
    }

    // MARK: reset

    /// Volumes of earlier restores that no machine uses any more: without this every reset would leave two behind.
    private func deleteLeftovers(_ reading: PoolReading) async throws(UpstreamProblem) {
        let resources = try await desk.poolResources()
        guard let kind = resources[.machine] else { return }
        var used: Set<String> = []
        for name in reading.machines.keys {
            struct Machine: KubeObject {
                var metadata: KubeMetadata
                var spec: JSONValue?
            }
            let machine: Machine? = try await api.get(kind, namespace: reading.name, name: name)
            for volume in machine?.spec?.at("template", "spec", "volumes")?.list ?? [] {
                let claim =
                    volume.at("persistentVolumeClaim", "claimName")?.text ?? volume.at("dataVolume", "name")?.text
                if let claim { used.insert(claim) }
            }
        }
        var leftovers: [String] = []
        try await api.list(.claims, namespace: reading.name) { (page: [KubeAny]) in
            leftovers += page.map(\.metadata.name).filter { Self.isLeftover($0) && !used.contains($0) }
        }
        for name in leftovers.sorted() { try await api.delete(.claims, namespace: reading.name, name: name) }
    }

    /// `restore-`, a UUID, a dash and the name of a volume.
    static func isLeftover(_ name: String) -> Bool {
        guard name.hasPrefix(leftover) else { return false }
        let rest = name.dropFirst(leftover.count)
        let id = rest.prefix { $0.isHexDigit || $0 == "-" }
        return id.filter { $0 != "-" }.count >= 8 && id.contains("-")
    }

    // MARK: objects

    func write(_ write: PoolWrite, _ reading: PoolReading) async throws(UpstreamProblem) {
        let resources = try await desk.poolResources()
        func resource(_ kind: PoolKind) throws(UpstreamProblem) -> KubeResource {
            if let found = resources[kind] { return found }
            throw UpstreamProblem(
                .status(404), "\(api.name) has no \(kind.plural).\(kind.group).", advice: "Install it there.")
        }
        switch write {
        case .run(let machine, let runs):
            // KubeVirt refuses a machine that has both; `running` is the older way.
            let spec: JSONValue =
                machine.running != nil ? ["running": .bool(runs)] : ["runStrategy": runs ? "Always" : "Halted"]
            let patch: JSONValue = ["spec": spec]
            let _: KubeAny = try await api.patch(
                try resource(.machine), namespace: reading.name, name: machine.metadata.name, patch)
        case .delete(let kind, let name):
            try await api.delete(try resource(kind), namespace: reading.name, name: name)
        case .deleteSecret(let name): try await api.delete(.secrets, namespace: reading.name, name: name)
        case .restore(let name, let machine, let snapshot):
            let restore = try resource(.restore)
            try await ensure(
                restore, reading.name,
                [
                    "apiVersion": .text("\(restore.group)/\(restore.version)"), "kind": "VirtualMachineRestore",
                    "metadata": ["name": .text(name), "namespace": .text(reading.name)],
                    "spec": [
                        "target": Self.reference(machine), "virtualMachineSnapshotName": .text(snapshot),
                    ],
                ])
        case .snapshot(let role, let machine, let operation):
            let snapshot = try resource(.snapshot)
            let name = PoolDiscovery.snapshotNames(of: role, cluster: reading.name)[0]
            try await ensure(
                snapshot, reading.name,
                [
                    "apiVersion": .text("\(snapshot.group)/\(snapshot.version)"),
                    "kind": "VirtualMachineSnapshot",
                    "metadata": [
                        "name": .text(name), "namespace": .text(reading.name),
                        "labels": [
                            PoolLabels.clusterID: .text(cluster), PoolLabels.role: .text(role.rawValue),
                            PoolLabels.operation: .text(operation),
                        ],
                    ],
                    "spec": ["source": Self.reference(machine)],
                ])
        }
    }

    private static func reference(_ machine: String) -> JSONValue {
        ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(machine)]
    }

    /// Makes an object; what is there already need not be made.
    private func ensure(
        _ resource: KubeResource, _ namespace: String?, _ object: JSONValue
    ) async throws(UpstreamProblem) {
        do throws(UpstreamProblem) {
            try await api.create(resource, namespace: namespace, object)
        } catch {
            guard error.isConflict else { throw error }
        }
    }
}
