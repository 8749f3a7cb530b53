import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// KubeVirt in an API server beside a clock that is moved by hand, used as a manager uses it: through the door, as `pool-manager`.
struct KubeVirtRig {
    static let machines = "/apis/kubevirt.io/v1/namespaces/team-a/virtualmachines"
    static let instances = "/apis/kubevirt.io/v1/namespaces/team-a/virtualmachineinstances"
    static let snapshots = "/apis/snapshot.kubevirt.io/v1beta1/namespaces/team-a/virtualmachinesnapshots"
    static let contents = "/apis/snapshot.kubevirt.io/v1beta1/namespaces/team-a/virtualmachinesnapshotcontents"
    static let restores = "/apis/snapshot.kubevirt.io/v1beta1/namespaces/team-a/virtualmachinerestores"
    static let disks = "/apis/cdi.kubevirt.io/v1beta1/namespaces/team-a/datavolumes"
    static let claims = "/api/v1/namespaces/team-a/persistentvolumeclaims"
    static let pods = "/api/v1/namespaces/team-a/pods"

    let base: KubernetesRig
    let kubeVirt: SandboxKubeVirt
    let task: Task<Void, Never>
    var time: ManualTime { base.time }

    init(seed: UInt64 = 7) async throws {
        base = try await KubernetesRig()
        let kubeVirt = SandboxKubeVirt(api: base.api, time: base.time.source, seed: seed)
        self.kubeVirt = kubeVirt
        task = Task { await kubeVirt.run() }
        await base.time.untilAsleep()
    }

    @discardableResult
    func ask(_ method: String, _ target: String, _ body: JSONValue? = nil) async throws -> (
        status: Int, body: JSONValue
    ) {
        try await base.ask(
            method, target, body, user: "pool-manager",
            type: method == "PATCH" ? "application/merge-patch+json" : "application/json")
    }

    /// The object, or nil if it is not there.
    func object(_ list: String, _ name: String) async throws -> JSONValue? {
        let reply = try await base.get("\(list)/\(name)")
        return reply.status == 200 ? reply.body : nil
    }

    func names(_ list: String) async throws -> [String] { try await base.names(list) }

    /// Moves on by half seconds, and gives what was to be seen meanwhile, each different sight once.
    func watch(_ seconds: Double, _ look: () async throws -> String?) async throws -> [String] {
        var seen: [String] = []
        for _ in 0..<Int(seconds * 2) {
            if let sight = try await look(), sight != seen.last { seen.append(sight) }
            time.advance(by: 0.5)
        }
        if let sight = try await look(), sight != seen.last { seen.append(sight) }
        return seen
    }

    /// Moves on until something is to be seen, and gives the seconds that it took; nil if it never was.
    func wait(_ limit: Double = 900, for look: () async throws -> Bool) async throws -> Double? {
        for second in 0...Int(limit * 2) {
            if try await look() { return Double(second) / 2 }
            time.advance(by: 0.5)
        }
        return nil
    }

    // MARK: what a manager writes

    /// A machine with a disk from a registry and a disk that no snapshot takes.
    func machine(_ name: String, runs: Bool = true, source: JSONValue = ["registry": ["url": "docker://ubuntu"]])
        async throws
    {
        let disk = JSONValue.text("\(name)-rootdisk")
        let guest: JSONValue = [
            "domain": ["devices": [:]],
            "volumes": [
                ["name": "rootdisk", "dataVolume": ["name": disk]], ["name": "cloudinit", "cloudInitNoCloud": [:]],
            ],
        ]
        let made = try await ask(
            "POST", Self.machines,
            [
                "kind": "VirtualMachine", "apiVersion": "kubevirt.io/v1",
                "metadata": ["name": .text(name), "labels": ["cks.io/vm-role": "worker"]],
                "spec": [
                    "runStrategy": runs ? "Always" : "Halted",
                    "dataVolumeTemplates": [["metadata": ["name": disk], "spec": ["source": source]]],
                    "template": ["spec": guest],
                ],
            ])
        #expect(made.status == 201)
    }

    /// A machine that runs already, with its agent.
    func runningMachine(_ name: String) async throws {
        try await machine(name)
        _ = try await wait {
            try await object(Self.instances, name)?.condition("AgentConnected")?["status"] == "True"
        }
    }

    func run(_ name: String, _ isWanted: Bool) async throws {
        try await ask("PATCH", "\(Self.machines)/\(name)", ["spec": ["runStrategy": isWanted ? "Always" : "Halted"]])
    }

    func snapshot(_ name: String, of machine: String, more: JSONValue = [:]) async throws {
        let source: JSONValue = ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(machine)]
        try await ask(
            "POST", Self.snapshots,
            JSONValue.object(["metadata": ["name": .text(name)], "spec": ["source": source]]).merged(with: [
                "spec": more
            ]))
    }

    func restore(_ name: String, of machine: String, from snapshot: String, policy: String? = nil) async throws {
        var spec: JSONValue = [
            "target": ["apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": .text(machine)],
            "virtualMachineSnapshotName": .text(snapshot),
        ]
        spec["targetReadinessPolicy"] = policy.map { .text($0) }
        try await ask("POST", Self.restores, ["metadata": ["name": .text(name)], "spec": spec])
    }

    func word(_ machine: String) async throws -> String? {
        try await object(Self.machines, machine)?.at("status", "printableStatus")?.text
    }

    /// `Progressing=… Ready=… [Failure=…]` with their reasons.
    func conditions(_ list: String, _ name: String) async throws -> String? {
        guard let object = try await object(list, name), object.at("status", "conditions") != nil else { return nil }
        return ["Progressing", "Ready", "Failure"].compactMap { type in
            object.condition(type).map { "\(type)=\($0["status"]?.text ?? "") \($0["reason"]?.text ?? "")" }
        }.joined(separator: "; ")
    }
}
