import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The controller of VirtualMachine: gives a machine its disks and, while it is wanted, its instance, and tells how it is.
extension KubeVirtEngine {
    /// As KubeVirt names what keeps a machine until its instance is gone.
    static let finalizer: JSONValue = "kubevirt.io/virtualMachineControllerFinalize"

    mutating func machine(_ ref: KubeVirtRef, _ machine: JSONValue, _ store: inout KubeStore, _ now: Date) {
        let instanceRef = KubeVirtRef(kind: .instance, namespace: ref.namespace, name: ref.name)
        let instance = store.object(instanceRef)
        let finalizers = machine.at("metadata", "finalizers")?.list ?? []
        if machine.isBeingDeleted {
            if let instance {
                if !instance.isBeingDeleted { store.drop(instanceRef, at: now) }
                return tell(ref, &store, now)
            }
            return store.change(ref, at: now) {
                $0.setMetadata("finalizers", .list(finalizers.filter { $0 != Self.finalizer }))
            }
        }
        if !finalizers.contains(Self.finalizer) {
            store.change(ref, at: now) { $0.setMetadata("finalizers", .list(finalizers + [Self.finalizer])) }
        }
        for template in machine.at("spec", "dataVolumeTemplates")?.list ?? []
        where store.object(KubeVirtRef(kind: .disk, namespace: ref.namespace, name: template.name)) == nil {
            store.add(
                JSONValue(
                    .disk, ref.namespace, template.name, labels: ["kubevirt.io/created-by": .text(machine.uid)],
                    owner: machine, members: ["spec": template["spec"] ?? [:]]), at: now)
        }
        switch Self.wish(of: machine) {
        case false:
            if let instance, !instance.isBeingDeleted { store.drop(instanceRef, at: now) }
        case true:
            if instance == nil, restoreInProgress(machine, ref, store) == nil,
                Self.trouble(of: machine, ref.namespace, store) == nil
            {
                store.add(Self.instance(of: machine, ref), at: now)
            }
        default: break
        }
        tell(ref, &store, now)
    }

    /// Whether the machine is to run; nil if it is left as it is.
    static func wish(of machine: JSONValue) -> Bool? {
        switch machine.at("spec", "runStrategy")?.text {
        case "Always", "RerunOnFailure", "Once": true
        case "Halted": false
        case "Manual": nil
        default: machine.at("spec", "running")?.bool ?? false
        }
    }

    /// What keeps a machine from starting: `Provisioning` while its disks are filled, or the word of what is wrong with them.
    private static func trouble(of machine: JSONValue, _ namespace: String, _ store: KubeStore) -> String? {
        var isFilling = false
        for volume in machine.at("spec", "template", "spec", "volumes")?.list ?? [] {
            let disk = volume.at("dataVolume", "name")?.text
            if let disk, let object = store.object(KubeVirtRef(kind: .disk, namespace: namespace, name: disk)) {
                let phase = object.at("status", "phase")?.text
                if phase == "Failed" { return "DataVolumeError" }
                if phase != "Succeeded" {
                    isFilling = true
                    continue
                }
            }
            guard let claim = disk ?? volume.at("persistentVolumeClaim", "claimName")?.text else { continue }
            if store.object(KubeVirtRef(kind: .claim, namespace: namespace, name: claim)) == nil {
                return "ErrorPvcNotFound"
            }
        }
        return isFilling ? "Provisioning" : nil
    }

    /// The restore that the machine's status names, as long as that goes on.
    private func restoreInProgress(_ machine: JSONValue, _ ref: KubeVirtRef, _ store: KubeStore) -> String? {
        guard let name = machine.at("status", "restoreInProgress")?.text,
            let restore = store.object(KubeVirtRef(kind: .restore, namespace: ref.namespace, name: name)),
            !Self.hasEnded(restore: restore)
        else { return nil }
        return name
    }

    private func snapshotInProgress(_ machine: JSONValue, _ ref: KubeVirtRef, _ store: KubeStore) -> String? {
        guard let name = machine.at("status", "snapshotInProgress")?.text,
            let snapshot = store.object(KubeVirtRef(kind: .snapshot, namespace: ref.namespace, name: name)),
            snapshot.at("status", "phase") == "InProgress"
        else { return nil }
        return name
    }

    private static func instance(of machine: JSONValue, _ ref: KubeVirtRef) -> JSONValue {
        var labels = machine.at("spec", "template", "metadata", "labels") ?? [:]
        labels["kubevirt.io/vm"] = .text(ref.name)
        var instance = JSONValue(
            .instance, ref.namespace, ref.name, labels: labels, owner: machine,
            members: ["spec": machine.at("spec", "template", "spec") ?? [:]])
        instance.setMetadata("finalizers", [finalizer, "foregroundDeleteVirtualMachine"])
        return instance
    }

    // MARK: status

    /// Writes the machine's status, as it follows from its instance and its disks.
    private func tell(_ ref: KubeVirtRef, _ store: inout KubeStore, _ now: Date) {
        guard let machine = store.object(ref) else { return }
        let instance = store.object(KubeVirtRef(kind: .instance, namespace: ref.namespace, name: ref.name))
        let restore = restoreInProgress(machine, ref, store)
        let snapshot = snapshotInProgress(machine, ref, store)
        let word = Self.word(for: machine, instance, ref.namespace, isRestoring: restore != nil, store)
        store.change(ref, at: now) { machine in
            let isReady = instance?.state(of: "Ready")?.status == "True" && instance?.isBeingDeleted == false
            machine.setStatus("printableStatus", .text(word))
            machine.setStatus("created", instance == nil ? nil : true)
            machine.setStatus("ready", isReady ? true : nil)
            machine.setStatus("restoreInProgress", restore.map { .text($0) })
            machine.setStatus("snapshotInProgress", snapshot.map { .text($0) })
            if let strategy = machine.at("spec", "runStrategy") { machine.setStatus("runStrategy", strategy) }
            for generation in ["observedGeneration", "desiredGeneration"] {
                machine.setStatus(generation, machine.at("metadata", "generation"))
            }
            machine.setStatus("volumeSnapshotStatuses", Self.volumes(of: machine))
            if isReady {
                machine.setCondition("Ready", "True", at: .time(now))
            } else if instance == nil {
                machine.setCondition("Ready", "False", "VMINotExists", "VMI does not exist", at: .time(now))
            } else {
                machine.setCondition(
                    "Ready", "False", "GuestNotRunning", "Guest VM is not reported as running", at: .time(now))
            }
            let others = machine.at("status", "conditions")?.list?.filter { $0["type"] != "Failure" } ?? []
            if word == "DataVolumeError" || word == "ErrorPvcNotFound" {
                machine.setCondition("Failure", "True", word, "The disks of the machine cannot be used", at: .time(now))
            } else {
                machine.setStatus("conditions", .list(others))
            }
        }
    }

    private static func word(
        for machine: JSONValue, _ instance: JSONValue?, _ namespace: String, isRestoring: Bool, _ store: KubeStore
    ) -> String {
        if machine.isBeingDeleted { return "Terminating" }
        let trouble = trouble(of: machine, namespace, store)
        guard let instance else {
            guard wish(of: machine) == true else { return trouble == "Provisioning" ? "Provisioning" : "Stopped" }
            return trouble ?? (isRestoring ? "Stopped" : "Starting")
        }
        if instance.isBeingDeleted { return "Stopping" }
        if instance.state(of: "PodScheduled")?.reason == "Unschedulable" { return "ErrorUnschedulable" }
        switch instance.at("status", "phase")?.text {
        case "Running": return instance.state(of: "Paused")?.status == "True" ? "Paused" : "Running"
        case "Succeeded", "Failed": return "Stopping"
        default: return "Starting"
        }
    }

    private static func volumes(of machine: JSONValue) -> JSONValue? {
        let volumes = (machine.at("spec", "template", "spec", "volumes")?.list ?? []).map { volume -> JSONValue in
            let isDisk = volume["dataVolume"] != nil || volume["persistentVolumeClaim"] != nil
            var status: JSONValue = ["name": volume["name"] ?? "", "enabled": .bool(isDisk)]
            if !isDisk {
                status["reason"] =
                    "Snapshot is not supported for this volumeSource type [\(volume["name"]?.text ?? "")]"
            }
            return status
        }
        return volumes.isEmpty ? nil : .list(volumes)
    }
}
