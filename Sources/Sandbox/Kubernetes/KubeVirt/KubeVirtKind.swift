import Fleet
import Upstream

/// The kinds of object that the controllers move.
enum KubeVirtKind: String, Sendable, CaseIterable {
    case machine = "virtualmachines.kubevirt.io"
    case instance = "virtualmachineinstances.kubevirt.io"
    case snapshot = "virtualmachinesnapshots.snapshot.kubevirt.io"
    case content = "virtualmachinesnapshotcontents.snapshot.kubevirt.io"
    case restore = "virtualmachinerestores.snapshot.kubevirt.io"
    case disk = "datavolumes.cdi.kubevirt.io"
    case claim = "persistentvolumeclaims"
    case pod = "pods"

    var kind: String {
        switch self {
        case .machine: "VirtualMachine"
        case .instance: "VirtualMachineInstance"
        case .snapshot: "VirtualMachineSnapshot"
        case .content: "VirtualMachineSnapshotContent"
        case .restore: "VirtualMachineRestore"
        case .disk: "DataVolume"
        case .claim: "PersistentVolumeClaim"
        case .pod: "Pod"
        }
    }

    var apiVersion: String {
        switch self {
        case .machine, .instance: "kubevirt.io/v1"
        case .snapshot, .content, .restore: "snapshot.kubevirt.io/v1beta1"
        case .disk: "cdi.kubevirt.io/v1beta1"
        case .claim, .pod: "v1"
        }
    }
}

/// One object that the controllers move.
struct KubeVirtRef: Hashable, Comparable, Sendable {
    var kind: KubeVirtKind
    var namespace: String
    var name: String

    var path: String { "\(namespace)/\(name)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.namespace, left.name) < (right.kind.rawValue, right.namespace, right.name)
    }
}

extension JSONValue {
    var name: String { at("metadata", "name")?.text ?? "" }
    var uid: String { at("metadata", "uid")?.text ?? "" }
    var isBeingDeleted: Bool { at("metadata", "deletionTimestamp") != nil }

    /// An entry for `ownerReferences` that names this object as the one in charge.
    var asOwner: JSONValue {
        [
            "apiVersion": self["apiVersion"] ?? "", "kind": self["kind"] ?? "", "name": .text(name), "uid": .text(uid),
            "controller": true, "blockOwnerDeletion": true,
        ]
    }

    /// What the status says of a condition.
    func state(of condition: String) -> (status: String, reason: String)? {
        at("status", "conditions")?.list?.first { $0["type"]?.text == condition }.map {
            ($0["status"]?.text ?? "", $0["reason"]?.text ?? "")
        }
    }

    /// Sets a condition in the status. One that is as it was keeps its date.
    mutating func setCondition(
        _ type: String, _ status: String, _ reason: String = "", _ message: String = "", at now: JSONValue
    ) {
        var all = at("status", "conditions")?.list ?? []
        var condition: JSONValue = [
            "type": .text(type), "status": .text(status), "lastProbeTime": .null, "lastTransitionTime": now,
        ]
        if !reason.isEmpty { condition["reason"] = .text(reason) }
        if !message.isEmpty { condition["message"] = .text(message) }
        if let index = all.firstIndex(where: { $0["type"]?.text == type }) {
            let old = all[index]
            let isSame = old["status"] == condition["status"] && old["reason"] == condition["reason"]
            if isSame { condition["lastTransitionTime"] = old["lastTransitionTime"] ?? now }
            all[index] = condition
        } else {
            all.append(condition)
        }
        setStatus("conditions", .list(all))
    }

    /// Sets a member of the status; nil takes it out.
    mutating func setStatus(_ key: String, _ value: JSONValue?) {
        var status = self["status"] ?? [:]
        status[key] = value
        self["status"] = status
    }

    mutating func setMetadata(_ key: String, _ value: JSONValue?) {
        var metadata = self["metadata"] ?? [:]
        metadata[key] = value
        self["metadata"] = metadata
    }
}
