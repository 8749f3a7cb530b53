import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The importer of disks: fills DataVolumes, and binds the claims under them and those of restores.
extension KubeVirtEngine {
    mutating func disk(_ ref: KubeVirtRef, _ disk: JSONValue, _ store: inout KubeStore, _ now: Date) {
        let source = disk.at("spec", "source")?.object ?? [:]
        let isClone = source["pvc"] != nil || source["snapshot"] != nil || disk.at("spec", "sourceRef") != nil
        let way = isClone ? "Clone" : "Import"
        let isBound =
            store.object(KubeVirtRef(kind: .claim, namespace: ref.namespace, name: ref.name))?.at("status", "phase")
            == "Bound"
        switch disk.at("status", "phase")?.text ?? "" {
        case "":
            if disk.at("metadata", "annotations", "cdi.kubevirt.io/storage.prePopulated") != nil {
                return enter("Succeeded", "100.0%", ref, isBound: true, &store, now)
            }
            enter("Pending", "N/A", ref, isBound: false, &store, now)
        case "Pending":
            if let origin = Self.missingOrigin(of: disk, ref.namespace, store) {
                store.change(ref, at: now) {
                    $0.setCondition(
                        "Running", "False", "CloneWithoutSource", "The source PVC \(origin) doesn't exist",
                        at: .time(now))
                }
                return look(at: ref, by: now.addingTimeInterval(5))
            }
            guard isOver(.diskPending, ref, disk, now) else { return }
            store.add(Self.claim(of: disk, ref), at: now)
            enter("\(way)Scheduled", "N/A", ref, isBound: false, &store, now)
        case "\(way)Scheduled":
            guard isOver(.diskScheduled, ref, disk, now) else { return }
            enter("\(way)InProgress", "0.00%", ref, isBound: isBound, &store, now)
        case "\(way)InProgress": fill(ref, disk, isBound: isBound, &store, now)
        case "Failed":
            if failure(of: ref) == nil { enter("\(way)Scheduled", "N/A", ref, isBound: isBound, &store, now) }
        default: break
        }
    }

    private mutating func fill(
        _ ref: KubeVirtRef, _ disk: JSONValue, isBound: Bool, _ store: inout KubeStore, _ now: Date
    ) {
        let (from, until) = time(of: .filling, ref, disk, now)
        let part = now.timeIntervalSince(from) / max(1, until.timeIntervalSince(from))
        if part >= 0.3, let reason = failure(of: ref) {
            enter("Failed", KubeVirtPace.text(percent: part * 100), ref, isBound: isBound, &store, now)
            return store.change(ref, at: now) {
                $0.setCondition("Running", "False", "Error", reason, at: .time(now))
            }
        }
        guard !isOver(.filling, ref, disk, now) else {
            return enter("Succeeded", "100.0%", ref, isBound: true, &store, now)
        }
        // The importer is asked every few seconds, and not again because its own answer was written.
        let period = max(1, until.timeIntervalSince(from) / 60)
        let ticks = (now.timeIntervalSince(from) / period + 1e-6).rounded(.down)
        look(at: ref, by: from.addingTimeInterval((ticks + 1) * period))
        let text = KubeVirtPace.text(percent: ticks * period / max(1, until.timeIntervalSince(from)) * 100)
        guard disk.at("status", "progress")?.text != text else { return }
        store.change(ref, at: now) { $0.setStatus("progress", .text(text)) }
    }

    private func failure(of ref: KubeVirtRef) -> String? {
        for case .diskFails(let reason) in faults.of(ref.namespace, ref.name) { return reason }
        return nil
    }

    private func enter(
        _ phase: String, _ progress: String, _ ref: KubeVirtRef, isBound: Bool, _ store: inout KubeStore, _ now: Date
    ) {
        let isRunning = phase.hasSuffix("InProgress")
        let isDone = phase == "Succeeded"
        store.change(ref, at: now) { disk in
            disk.setStatus("phase", .text(phase))
            disk.setStatus("progress", .text(progress))
            disk.setStatus("claimName", .text(ref.name))
            disk.setCondition("Bound", isBound ? "True" : "False", isBound ? "Bound" : "Pending", at: .time(now))
            disk.setCondition("Ready", isDone ? "True" : "False", at: .time(now))
            disk.setCondition(
                "Running", isRunning ? "True" : "False", isRunning ? "Pod is running" : isDone ? "Completed" : "",
                at: .time(now))
        }
    }

    /// The claim that the disk is to be a copy of, if it is not there.
    private static func missingOrigin(of disk: JSONValue, _ namespace: String, _ store: KubeStore) -> String? {
        guard let origin = disk.at("spec", "source", "pvc") else { return nil }
        let place = KubeVirtRef(
            kind: .claim, namespace: origin["namespace"]?.text ?? namespace, name: origin["name"]?.text ?? "")
        return store.object(place) == nil ? place.path : nil
    }

    private static func claim(of disk: JSONValue, _ ref: KubeVirtRef) -> JSONValue {
        JSONValue(
            .claim, ref.namespace, ref.name, labels: ["app": "containerized-data-importer"], owner: disk,
            members: [
                "spec": disk.at("spec", "storage") ?? disk.at("spec", "pvc") ?? ["accessModes": ["ReadWriteOnce"]],
                "status": ["phase": "Pending"],
            ])
    }

    /// Any claim is bound after a moment; one of a restore when its data is there.
    mutating func claim(_ ref: KubeVirtRef, _ claim: JSONValue, _ store: inout KubeStore, _ now: Date) {
        guard claim.at("status", "phase") != "Bound" else { return }
        let restore = claim.at("metadata", "annotations", Self.restoreName)?.text
        if let restore {
            let wrong = faults.of(ref.namespace, restore)
            if wrong.contains(.restoreHangs) { return }
        }
        guard isOver(restore == nil ? .binding : .disks, ref, claim, now) else { return }
        store.change(ref, at: now) {
            $0.setStatus("phase", "Bound")
            $0.setStatus("accessModes", $0.at("spec", "accessModes"))
            $0.setStatus("capacity", $0.at("spec", "resources", "requests"))
        }
    }
}
