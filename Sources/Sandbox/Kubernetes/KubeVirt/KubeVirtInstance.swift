import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The controller of VirtualMachineInstance: what happens between a machine that is wanted and a guest that runs, and back.
extension KubeVirtEngine {
    mutating func instance(_ ref: KubeVirtRef, _ instance: JSONValue, _ store: inout KubeStore, _ now: Date) {
        if instance.isBeingDeleted { return stop(ref, instance, &store, now) }
        let wrong = faults.of(ref.namespace, ref.name)
        switch instance.at("status", "phase")?.text ?? "" {
        case "":
            guard isOver(.created, ref, instance, now) else { return }
            enter("Pending", ref, &store, now)
        case "Pending":
            guard isOver(.pending, ref, instance, now) else { return }
            enter("Scheduling", ref, &store, now)
            store.add(launcher(of: instance, ref), at: now)
        case "Scheduling":
            if wrong.contains(.unschedulable) {
                return store.change(ref, at: now) {
                    $0.setCondition("PodScheduled", "False", "Unschedulable", Self.noRoom, at: .time(now))
                }
            }
            guard isOver(.scheduling, ref, instance, now) else { return }
            let node = JSONValue.text("node-\(number(below: 3, "node", ref, instance) + 1)")
            enter("Scheduled", ref, &store, now) { instance in
                instance.setStatus("nodeName", node)
                instance.setStatus("launcherContainerImageVersion", "quay.io/kubevirt/virt-launcher:v1.6.0")
                let conditions = instance.at("status", "conditions")?.list ?? []
                instance.setStatus("conditions", .list(conditions.filter { $0["type"] != "PodScheduled" }))
            }
            store.change(launcherRef(of: instance, ref), at: now) {
                $0["spec"]?["nodeName"] = node
                $0.setStatus("phase", "Running")
            }
        case "Scheduled":
            guard !wrong.contains(.neverReady), isOver(.scheduled, ref, instance, now) else { return }
            let interface = self.interface(of: instance, ref)
            enter("Running", ref, &store, now) { $0.setStatus("interfaces", [interface]) }
        case "Running": run(ref, instance, &store, now)
        default: break
        }
    }

    /// The guest comes up in a machine that runs.
    private mutating func run(_ ref: KubeVirtRef, _ instance: JSONValue, _ store: inout KubeStore, _ now: Date) {
        if instance.state(of: "Ready")?.status != "True" {
            guard isOver(.booting, ref, instance, now) else { return }
            store.change(ref, at: now) { $0.setCondition("Ready", "True", at: .time(now)) }
        } else if instance.state(of: "AgentConnected") == nil {
            guard isOver(.agent, ref, instance, now) else { return }
            store.change(ref, at: now) {
                $0.setCondition("AgentConnected", "True", at: .time(now))
                $0.setStatus(
                    "guestOSInfo",
                    [
                        "id": "ubuntu", "name": "Ubuntu", "prettyName": "Ubuntu 24.04.2 LTS", "version": "24.04",
                        "versionId": "24.04",
                    ])
            }
        }
    }

    /// The guest is asked to shut down, and the instance goes when it has.
    private mutating func stop(_ ref: KubeVirtRef, _ instance: JSONValue, _ store: inout KubeStore, _ now: Date) {
        if instance.at("status", "phase")?.text != "Succeeded" {
            store.change(ref, at: now) {
                $0.setCondition(
                    "Ready", "False", "GuestNotRunning", "Guest VM is not reported as running", at: .time(now))
            }
            guard !faults.of(ref.namespace, ref.name).contains(.stuckStopping), isOver(.stopping, ref, instance, now)
            else { return }
            enter("Succeeded", ref, &store, now)
        } else {
            store.change(ref, at: now) { $0.setMetadata("finalizers", nil) }
        }
    }

    private func enter(
        _ phase: String, _ ref: KubeVirtRef, _ store: inout KubeStore, _ now: Date,
        _ more: (inout JSONValue) -> Void = { _ in }
    ) {
        store.change(ref, at: now) { instance in
            let passed = instance.at("status", "phaseTransitionTimestamps")?.list ?? []
            instance.setStatus("phase", .text(phase))
            instance.setStatus(
                "phaseTransitionTimestamps",
                .list(passed + [["phase": .text(phase), "phaseTransitionTimestamp": .time(now)]]))
            if phase != "Succeeded" {
                instance.setCondition(
                    "Ready", "False", "GuestNotRunning", "Guest VM is not reported as running", at: .time(now))
            }
            more(&instance)
        }
    }

    private static let noRoom =
        "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: "
        + "3 No preemption victims found for incoming pod."

    // MARK: what belongs to it

    private func launcherRef(of instance: JSONValue, _ ref: KubeVirtRef) -> KubeVirtRef {
        KubeVirtRef(
            kind: .pod, namespace: ref.namespace, name: "virt-launcher-\(ref.name)-\(instance.uid.suffix(5))")
    }

    /// The pod that the guest runs in.
    private func launcher(of instance: JSONValue, _ ref: KubeVirtRef) -> JSONValue {
        JSONValue(
            .pod, ref.namespace, launcherRef(of: instance, ref).name,
            labels: [
                "kubevirt.io": "virt-launcher", "kubevirt.io/created-by": .text(instance.uid),
                "vm.kubevirt.io/name": .text(ref.name),
            ], owner: instance,
            members: ["spec": ["containers": [["name": "compute"]]], "status": ["phase": "Pending"]])
    }

    private func interface(of instance: JSONValue, _ ref: KubeVirtRef) -> JSONValue {
        let address =
            "10.0.\(number(below: 16, "net", ref, instance)).\(number(below: 240, "host", ref, instance) + 10)"
        var chance = SeededGenerator(named: "mac/\(ref.path)", seed: pace.seed)
        let mac = ["02"] + (0..<5).map { _ in chance.hexadecimal(2) }
        return [
            "name": "default", "ipAddress": .text(address), "ipAddresses": [.text(address)],
            "mac": .text(mac.joined(separator: ":")), "infoSource": "domain", "queueCount": 1,
        ]
    }

    /// A number that stays with this instance.
    private func number(below limit: UInt64, _ name: String, _ ref: KubeVirtRef, _ instance: JSONValue) -> UInt64 {
        let born = instance.at("metadata", "creationTimestamp")?.text ?? ""
        var chance = SeededGenerator(named: "\(name)/\(ref.path)/\(born)", seed: pace.seed)
        return chance.next() % limit
    }
}
