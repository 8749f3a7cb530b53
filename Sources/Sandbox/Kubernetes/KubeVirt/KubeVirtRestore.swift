import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The controller of VirtualMachineRestore. It waits until the target has no instance, makes new disks from the snapshot, and puts them
/// into the machine. Its sentences stand in the `reason` of the conditions, `message` stays empty. Source: KubeVirt's own controller, but
/// for one thing: a snapshot that can never be used fails the restore. KubeVirt writes the same sentence without the condition Failure, and
/// tries again for ever.
extension KubeVirtEngine {
    static let restoreName = "restore.kubevirt.io/name"
    private static let lastRestore = "restore.kubevirt.io/lastRestoreUID"
    /// Seconds that the target may take to stop.
    private static let grace: Double = 300

    static func hasEnded(restore: JSONValue) -> Bool {
        restore.at("status", "complete")?.bool == true || restore.state(of: "Failure")?.status == "True"
    }

    mutating func restore(_ ref: KubeVirtRef, _ restore: JSONValue, _ store: inout KubeStore, _ now: Date) {
        wait(ref, !Self.hasEnded(restore: restore))
        guard !Self.hasEnded(restore: restore) else { return }
        guard restore.at("status", "conditions") != nil else {
            return store.change(ref, at: now) {
                $0.setStatus("complete", false)
                Self.say(&$0, "True", "Initializing VirtualMachineRestore", at: now)
            }
        }
        let target = KubeVirtRef(
            kind: .machine, namespace: ref.namespace, name: restore.at("spec", "target", "name")?.text ?? "")
        let machine = store.object(target)
        if let machine, restore.at("metadata", "ownerReferences") == nil {
            store.change(ref, at: now) { $0.setMetadata("ownerReferences", [machine.asOwner]) }
        }
        let instance = KubeVirtRef(kind: .instance, namespace: ref.namespace, name: target.name)
        if machine != nil, store.object(instance) != nil { return holdBack(ref, restore, target, &store, now) }
        guard restore.at("status", "restores") != nil || isOver(.opening, ref, restore, now) else { return }
        guard let content = content(for: ref, restore, machine, &store, now) else { return }
        advance(ref, restore, content, target, &store, now)
    }

    /// The target is there and runs: who waits how long for it is the restore's to say.
    private mutating func holdBack(
        _ ref: KubeVirtRef, _ restore: JSONValue, _ target: KubeVirtRef, _ store: inout KubeStore, _ now: Date
    ) {
        let reason = "Waiting for target to be ready"
        switch restore.at("spec", "targetReadinessPolicy")?.text ?? "WaitGracePeriod" {
        case "FailImmediate": return fail(ref, "Restore target not ready", &store, now)
        case "WaitEventually": break
        case "StopTarget":
            store.change(target, at: now) { machine in
                if machine.at("spec", "running") != nil {
                    machine["spec"]?["running"] = false
                } else {
                    machine["spec"]?["runStrategy"] = "Halted"
                }
            }
        default:
            let made = restore.at("metadata", "creationTimestamp")?.text.flatMap { WireTime.date($0) } ?? now
            let end = made.addingTimeInterval(Self.grace)
            guard end > now else {
                return fail(ref, "Restore target failed to be ready within 5m0s", &store, now)
            }
            look(at: ref, by: end)
        }
        store.change(ref, at: now) { Self.say(&$0, "False", reason, at: now) }
    }

    /// The content of the snapshot, if it can be used for this target.
    private mutating func content(
        for ref: KubeVirtRef, _ restore: JSONValue, _ machine: JSONValue?, _ store: inout KubeStore, _ now: Date
    ) -> JSONValue? {
        let place = KubeVirtRef(
            kind: .snapshot, namespace: ref.namespace,
            name: restore.at("spec", "virtualMachineSnapshotName")?.text ?? "")
        guard let snapshot = store.object(place) else {
            fail(ref, "VMSnapshot \(place.path) does not exist", &store, now)
            return nil
        }
        guard snapshot.at("status", "phase") != "Failed" else {
            fail(ref, "VMSnapshot \(place.path) failed and is invalid to use", &store, now)
            return nil
        }
        guard snapshot.at("status", "readyToUse")?.bool == true else {
            err(ref, "VMSnapshot \(place.path) not ready", &store, now)
            return nil
        }
        let isMine = machine?.at("metadata", "annotations", Self.lastRestore)?.text == Self.mark(restore)
        if let machine, !isMine, let source = snapshot.at("status", "sourceUID")?.text, source != machine.uid {
            fail(
                ref, "restore source and restore target are different but restore target already exists", &store, now)
            return nil
        }
        if let other = machine?.at("status", "restoreInProgress")?.text, other != ref.name {
            err(ref, "vm restore \(other) in progress", &store, now)
            return nil
        }
        let name = snapshot.at("status", "virtualMachineSnapshotContentName")?.text ?? ""
        // A snapshot that was put here ready, without content, restores a machine as it is.
        return store.object(KubeVirtRef(kind: .content, namespace: ref.namespace, name: name))
            ?? ["spec": ["source": ["virtualMachine": machine ?? [:]]]]
    }

    private mutating func advance(
        _ ref: KubeVirtRef, _ restore: JSONValue, _ content: JSONValue, _ target: KubeVirtRef,
        _ store: inout KubeStore, _ now: Date
    ) {
        guard let restores = restore.at("status", "restores")?.list else {
            store.change(target, at: now) { $0.setStatus("restoreInProgress", .text(ref.name)) }
            return begin(ref, restore, content, &store, now)
        }
        let wrong = faults.of(ref.namespace, ref.name)
        for case .restoreFails(let reason) in wrong { return fail(ref, reason, &store, now) }
        for case .restoreErrs(let reason) in wrong { return err(ref, reason, &store, now) }
        guard !wrong.contains(.restoreHangs) else { return }
        let claims = restores.compactMap { $0["persistentVolumeClaim"]?.text }.map {
            KubeVirtRef(kind: .claim, namespace: ref.namespace, name: $0)
        }
        guard claims.allSatisfy({ store.object($0)?.at("status", "phase") == "Bound" }) else {
            return store.change(ref, at: now) {
                Self.say(&$0, "True", "Creating new PVCs", "Waiting for new PVCs", at: now)
            }
        }
        let machine = store.object(target)
        if machine?.at("metadata", "annotations", Self.lastRestore)?.text != Self.mark(restore) {
            // Without disks nothing else takes its time.
            guard !claims.isEmpty || isOver(.disks, ref, restore, now) else { return }
            return update(ref, restore, restores, content, target, &store, now)
        }
        guard isOver(.updating, ref, restore, now) else { return }
        for name in (restore.at("status", "deletedDataVolumes")?.list ?? []).compactMap(\.text) {
            store.drop(KubeVirtRef(kind: .disk, namespace: ref.namespace, name: name), at: now)
        }
        store.change(target, at: now) { $0.setStatus("restoreInProgress", nil) }
        store.change(ref, at: now) {
            $0.setStatus("complete", true)
            $0.setStatus("restoreTime", .time(now))
            $0.setCondition("Progressing", "False", "Operation complete", at: .time(now))
            $0.setCondition("Ready", "True", "Operation complete", at: .time(now))
        }
        wait(ref, false)
    }

    /// Makes the claims that the snapshot is unpacked into.
    private mutating func begin(
        _ ref: KubeVirtRef, _ restore: JSONValue, _ content: JSONValue, _ store: inout KubeStore, _ now: Date
    ) {
        var restores: [JSONValue] = []
        for backup in content.at("spec", "volumeBackups")?.list ?? [] {
            let volume = backup["volumeName"]?.text ?? ""
            let name = "restore-\(restore.uid)-\(volume)"
            restores.append([
                "volumeName": .text(volume), "persistentVolumeClaim": .text(name),
                "volumeSnapshotName": backup["volumeSnapshotName"] ?? "",
            ])
            var claim = JSONValue(
                .claim, ref.namespace, name,
                members: [
                    "spec": backup.at("persistentVolumeClaim", "spec") ?? [:], "status": ["phase": "Pending"],
                ])
            claim.setMetadata("annotations", [Self.restoreName: .text(ref.name)])
            store.add(claim, at: now)
        }
        store.change(ref, at: now) {
            $0.setStatus("restores", .list(restores))
            Self.say(&$0, "True", "Creating new PVCs", "Waiting for new PVCs", at: now)
        }
    }

    /// Gives the machine its state of the snapshot, with the new disks; whether it is to run stays as it is.
    private mutating func update(
        _ ref: KubeVirtRef, _ restore: JSONValue, _ restores: [JSONValue], _ content: JSONValue,
        _ target: KubeVirtRef, _ store: inout KubeStore, _ now: Date
    ) {
        let source = content.at("spec", "source", "virtualMachine") ?? [:]
        let machine = store.object(target)
        if machine == nil {
            store.add(
                JSONValue(
                    .machine, ref.namespace, target.name, labels: source.at("metadata", "labels"),
                    members: ["spec": ["runStrategy": "Halted"]]), at: now)
        }
        var (spec, renamed) = Self.spec(of: source, restores)
        for strategy in ["running", "runStrategy"] {
            spec[strategy] =
                machine?.at("spec", strategy) ?? (strategy == "runStrategy" && machine == nil ? "Halted" : nil)
        }
        let names = (spec["dataVolumeTemplates"]?.list ?? []).map(\.name)
        let gone = (machine?.at("spec", "dataVolumeTemplates")?.list ?? []).map(\.name).filter { !names.contains($0) }
        store.change(target, at: now) { machine in
            machine["spec"] = spec
            var annotations = machine.at("metadata", "annotations") ?? [:]
            annotations[Self.lastRestore] = .text(Self.mark(restore))
            machine.setMetadata("annotations", annotations)
        }
        guard let owner = store.object(target) else { return }
        for template in spec["dataVolumeTemplates"]?.list ?? [] where renamed.contains(template.name) {
            var disk = JSONValue(
                .disk, ref.namespace, template.name, owner: owner, members: ["spec": template["spec"] ?? [:]])
            disk.setMetadata(
                "annotations",
                ["cdi.kubevirt.io/storage.prePopulated": "true", Self.restoreName: .text(ref.name)])
            store.add(disk, at: now)
            let place = KubeVirtRef(kind: .disk, namespace: ref.namespace, name: template.name)
            guard let made = store.object(place) else { continue }
            store.change(KubeVirtRef(kind: .claim, namespace: ref.namespace, name: template.name), at: now) {
                $0.setMetadata("ownerReferences", [made.asOwner])
            }
        }
        store.change(ref, at: now) { restore in
            restore.setStatus(
                "restores",
                .list(
                    restores.map { entry in
                        var entry = entry
                        let claim = entry["persistentVolumeClaim"]?.text ?? ""
                        if renamed.contains(claim) { entry["dataVolumeName"] = .text(claim) }
                        return entry
                    }))
            if !gone.isEmpty { restore.setStatus("deletedDataVolumes", .list(gone.map { .text($0) })) }
            Self.say(&restore, "True", "Updating target spec", "Waiting for target update", at: now)
        }
    }

    /// The machine of the snapshot with the disks of the restore, and the names of those that are DataVolumes.
    private static func spec(of source: JSONValue, _ restores: [JSONValue]) -> (JSONValue, Set<String>) {
        var spec = source["spec"] ?? [:]
        var templates = spec["dataVolumeTemplates"]?.list ?? []
        var volumes = spec.at("template", "spec", "volumes")?.list ?? []
        var renamed: Set<String> = []
        for restore in restores {
            guard let claim = restore["persistentVolumeClaim"],
                let index = volumes.firstIndex(where: { $0["name"] == restore["volumeName"] })
            else { continue }
            let old = volumes[index].at("dataVolume", "name")?.text
            if let template = templates.firstIndex(where: { $0.name == old }) {
                templates[template].setMetadata("name", claim)
                volumes[index]["dataVolume"] = ["name": claim]
                renamed.insert(claim.text ?? "")
            } else {
                volumes[index]["dataVolume"] = nil
                volumes[index]["persistentVolumeClaim"] = ["claimName": claim]
            }
        }
        if !templates.isEmpty { spec["dataVolumeTemplates"] = .list(templates) }
        if !volumes.isEmpty { spec["template"]?["spec"]?["volumes"] = .list(volumes) }
        return (spec, renamed)
    }

    private static func mark(_ restore: JSONValue) -> String { "\(restore.name)-\(restore.uid)" }

    /// Sets both conditions of a restore that has not ended.
    private static func say(
        _ restore: inout JSONValue, _ isProgressing: String, _ progressing: String, _ ready: String? = nil,
        at now: Date
    ) {
        restore.setCondition("Progressing", isProgressing, progressing, at: .time(now))
        restore.setCondition("Ready", "False", ready ?? progressing, at: .time(now))
    }

    /// Ends the restore without success.
    private mutating func fail(_ ref: KubeVirtRef, _ reason: String, _ store: inout KubeStore, _ now: Date) {
        store.change(ref, at: now) {
            Self.say(&$0, "False", "Operation failed", at: now)
            $0.setCondition("Failure", "True", reason, at: .time(now))
        }
        wait(ref, false)
    }

    /// Tells of an error after which it is tried again.
    private mutating func err(_ ref: KubeVirtRef, _ reason: String, _ store: inout KubeStore, _ now: Date) {
        store.change(ref, at: now) { Self.say(&$0, "False", reason, at: now) }
        look(at: ref, by: now.addingTimeInterval(10))
    }
}
