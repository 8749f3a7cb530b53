import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The controller of VirtualMachineSnapshot. Like KubeVirt's it puts its sentences into the `reason` of the conditions.
extension KubeVirtEngine {
    /// Seconds until a snapshot that is not taken fails, if it does not say itself.
    private static let deadline: Double = 300

    mutating func snapshot(_ ref: KubeVirtRef, _ snapshot: JSONValue, _ store: inout KubeStore, _ now: Date) {
        let phase = snapshot.at("status", "phase")?.text ?? ""
        let isReady = snapshot.at("status", "readyToUse")?.bool == true
        wait(ref, phase != "Failed" && !(phase == "Succeeded" && isReady))
        let place = KubeVirtRef(
            kind: .machine, namespace: ref.namespace, name: snapshot.at("spec", "source", "name")?.text ?? "")
        let machine = store.object(place)
        switch phase {
        case "":
            store.change(ref, at: now) {
                $0.setStatus("phase", "InProgress")
                $0.setStatus("readyToUse", false)
                if let machine { $0.setStatus("sourceUID", .text(machine.uid)) }
                let reason = machine == nil ? "Source does not exist" : "Source not locked"
                $0.setCondition("Progressing", "False", reason, at: .time(now))
                $0.setCondition("Ready", "False", "Not ready", at: .time(now))
            }
        case "InProgress":
            guard !expire(ref, snapshot, &store, now) else { return }
            guard let machine else {
                return store.change(ref, at: now) {
                    $0.setCondition("Progressing", "False", "Source does not exist", at: .time(now))
                }
            }
            take(ref, snapshot, of: machine, place, &store, now)
        case "Succeeded" where !isReady:
            guard isOver(.settling, ref, snapshot, now) else { return }
            store.change(contentRef(snapshot, ref), at: now) { $0.setStatus("readyToUse", true) }
            store.change(ref, at: now) {
                $0.setStatus("readyToUse", true)
                $0.setCondition("Ready", "True", "Ready", at: .time(now))
            }
        default: break
        }
    }

    private mutating func take(
        _ ref: KubeVirtRef, _ snapshot: JSONValue, of machine: JSONValue, _ place: KubeVirtRef,
        _ store: inout KubeStore, _ now: Date
    ) {
        let holder = machine.at("status", "snapshotInProgress")?.text
        guard holder == ref.name else {
            if let holder, holder != ref.name {
                return store.change(ref, at: now) {
                    $0.setCondition(
                        "Progressing", "False", "Source not locked snapshot \"\(holder)\" in progress", at: .time(now))
                }
            }
            guard isOver(.locking, ref, snapshot, now) else { return }
            store.change(place, at: now) { $0.setStatus("snapshotInProgress", .text(ref.name)) }
            let instance = store.object(KubeVirtRef(kind: .instance, namespace: ref.namespace, name: place.name))
            store.add(content(of: snapshot, machine, ref, store), at: now)
            return store.change(ref, at: now) {
                $0.setCondition("Progressing", "True", "Source locked and operation in progress", at: .time(now))
                $0.setStatus("sourceUID", .text(machine.uid))
                guard let instance else { return }
                let words = Self.indications(instance)
                $0.setStatus("indications", .list(words.map { .text($0.word) }))
                $0.setStatus(
                    "sourceIndications",
                    .list(words.map { ["indication": .text($0.word), "message": .text($0.message)] }))
            }
        }
        let wrong = faults.of(ref.namespace, ref.name)
        guard !wrong.contains(.snapshotNeverReady), isOver(.taking, ref, snapshot, now) else { return }
        for case .snapshotFails(let reason) in wrong { return fail(ref, snapshot, reason, isError: true, &store, now) }
        let name = contentRef(snapshot, ref)
        let volumes = Self.volumes(of: store.object(name) ?? .null, machine)
        store.change(name, at: now) {
            $0.setStatus("creationTime", .time(now))
            $0.setStatus("readyToUse", false)
        }
        store.change(ref, at: now) {
            $0.setStatus("phase", "Succeeded")
            $0.setStatus("creationTime", .time(now))
            $0.setStatus("virtualMachineSnapshotContentName", .text(name.name))
            $0.setStatus("snapshotVolumes", volumes)
            $0.setCondition("Progressing", "False", "Operation complete", at: .time(now))
        }
    }

    /// Whether the snapshot has not been taken in time, and has failed.
    private mutating func expire(
        _ ref: KubeVirtRef, _ snapshot: JSONValue, _ store: inout KubeStore, _ now: Date
    ) -> Bool {
        let asked = snapshot.at("spec", "failureDeadline")?.text
        let seconds = asked.map(Self.seconds) ?? Self.deadline
        guard seconds > 0,
            let made = snapshot.at("metadata", "creationTimestamp")?.text.flatMap({ WireTime.date($0) })
        else { return false }
        let end = made.addingTimeInterval(seconds)
        guard end <= now else {
            look(at: ref, by: end)
            return false
        }
        fail(ref, snapshot, "snapshot deadline exceeded", isError: false, &store, now)
        return true
    }

    private mutating func fail(
        _ ref: KubeVirtRef, _ snapshot: JSONValue, _ reason: String, isError: Bool, _ store: inout KubeStore,
        _ now: Date
    ) {
        store.drop(contentRef(snapshot, ref), at: now)
        store.change(ref, at: now) {
            $0.setStatus("phase", "Failed")
            if isError { $0.setStatus("error", ["time": .time(now), "message": .text(reason)]) }
            $0.setCondition("Failure", "True", reason, at: .time(now))
            $0.setCondition("Progressing", "False", "Operation failed", at: .time(now))
            $0.setCondition("Ready", "False", "Not ready", at: .time(now))
        }
    }

    /// A duration as Go writes it: `5m0s`, `90s`, `1h`. What cannot be read counts as none.
    static func seconds(_ text: String) -> Double {
        var total = 0.0
        var number = ""
        for character in text {
            if character.isNumber || character == "." {
                number.append(character)
                continue
            }
            let unit: Double = character == "h" ? 3600 : character == "m" ? 60 : 1
            total += (Double(number) ?? 0) * unit
            number = ""
        }
        return total
    }

    // MARK: what it is made of

    private func contentRef(_ snapshot: JSONValue, _ ref: KubeVirtRef) -> KubeVirtRef {
        KubeVirtRef(kind: .content, namespace: ref.namespace, name: "vmsnapshot-content-\(snapshot.uid)")
    }

    private func content(
        of snapshot: JSONValue, _ machine: JSONValue, _ ref: KubeVirtRef, _ store: KubeStore
    ) -> JSONValue {
        let backups = (machine.at("spec", "template", "spec", "volumes")?.list ?? []).compactMap {
            volume -> JSONValue? in
            guard let name = volume["name"]?.text,
                let claim = volume.at("dataVolume", "name")?.text
                    ?? volume.at("persistentVolumeClaim", "claimName")?.text,
                let object = store.object(KubeVirtRef(kind: .claim, namespace: ref.namespace, name: claim))
            else { return nil }
            return [
                "volumeName": .text(name), "volumeSnapshotName": .text("vmsnapshot-\(snapshot.uid)-volume-\(name)"),
                "persistentVolumeClaim": ["metadata": ["name": .text(claim)], "spec": object["spec"] ?? [:]],
            ]
        }
        let source: JSONValue = [
            "metadata": ["name": .text(machine.name), "labels": machine.at("metadata", "labels") ?? [:]],
            "spec": machine["spec"] ?? [:],
        ]
        return JSONValue(
            .content, ref.namespace, contentRef(snapshot, ref).name, owner: snapshot,
            members: [
                "spec": [
                    "source": ["virtualMachine": source], "virtualMachineSnapshotName": .text(ref.name),
                    "volumeBackups": .list(backups),
                ]
            ])
    }

    private static func volumes(of content: JSONValue, _ machine: JSONValue) -> JSONValue? {
        let included = (content.at("spec", "volumeBackups")?.list ?? []).compactMap { $0["volumeName"] }
        let excluded = (machine.at("spec", "template", "spec", "volumes")?.list ?? []).compactMap { $0["name"] }
            .filter { !included.contains($0) }
        guard !included.isEmpty || !excluded.isEmpty else { return nil }
        var volumes: JSONValue = [:]
        if !included.isEmpty { volumes["includedVolumes"] = .list(included) }
        if !excluded.isEmpty { volumes["excludedVolumes"] = .list(excluded) }
        return volumes
    }

    /// How a snapshot of a running machine was taken.
    private static func indications(_ instance: JSONValue) -> [(word: String, message: String)] {
        let agent =
            instance.state(of: "AgentConnected")?.status == "True"
            ? ("GuestAgent", "The guest agent was asked to quiet the file systems.")
            : ("NoGuestAgent", "There was no guest agent: the snapshot is as after a crash.")
        // In the order of their names, as KubeVirt sorts them.
        return [agent, ("Online", "The snapshot was taken while the VM was running.")]
    }
}
