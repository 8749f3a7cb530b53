import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sorts of object of which a cluster of the pool is made.
public enum PoolKind: String, Sendable, CaseIterable, Comparable {
    case machine, instance, snapshot, restore, disk

    var group: String {
        switch self {
        case .machine, .instance: "kubevirt.io"
        case .snapshot, .restore: "snapshot.kubevirt.io"
        case .disk: "cdi.kubevirt.io"
        }
    }

    var plural: String {
        switch self {
        case .machine: "virtualmachines"
        case .instance: "virtualmachineinstances"
        case .snapshot: "virtualmachinesnapshots"
        case .restore: "virtualmachinerestores"
        case .disk: "datavolumes"
        }
    }

    /// What sentences call it.
    var name: String {
        switch self {
        case .machine: "virtual machines"
        case .instance: "machine instances"
        case .snapshot: "snapshots"
        case .restore: "restores"
        case .disk: "disks"
        }
    }

    public static func < (left: PoolKind, right: PoolKind) -> Bool { left.plural < right.plural }
}

/// One object of a cluster.
public enum PoolObject: Sendable, Equatable {
    case machine(WireMachine)
    case instance(WireInstance)
    case snapshot(WireSnapshot)
    case restore(WireRestore)
    case disk(WireDisk)

    public var kind: PoolKind {
        switch self {
        case .machine: .machine
        case .instance: .instance
        case .snapshot: .snapshot
        case .restore: .restore
        case .disk: .disk
        }
    }

    public var metadata: KubeMetadata {
        switch self {
        case .machine(let object): object.metadata
        case .instance(let object): object.metadata
        case .snapshot(let object): object.metadata
        case .restore(let object): object.metadata
        case .disk(let object): object.metadata
        }
    }

    var name: KubeName { KubeName(namespace: metadata.namespace, name: metadata.name) }
}
