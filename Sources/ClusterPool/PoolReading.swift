import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that was read of one cluster; what rules make an item of.
public struct PoolReading: Sendable, Equatable {
    /// More objects of one kind than this are not one cluster's.
    static let objectLimit = 60

    public struct Holder: Sendable, Equatable {
        public var isLive: Bool
        public var at: Date
    }

    public var namespace: WirePoolNamespace
    public private(set) var machines: [String: WireMachine] = [:]
    public private(set) var instances: [String: WireInstance] = [:]
    public private(set) var snapshots: [String: WireSnapshot] = [:]
    public private(set) var restores: [String: WireRestore] = [:]
    public private(set) var disks: [String: WireDisk] = [:]
    /// Those that name this cluster; nil while the backend's sessions are not known.
    public var sessions: [WireSession]?
    /// Whether the session that its namespace names was among all sessions, and when that was looked at; nil while they are not known.
    public var holder: Holder?
    /// What is not known of it at all, so that its absence means nothing.
    public var unread: Set<PoolKind> = []
    /// What could not be read of it and why, one sentence each.
    public var troubles: [String] = []
    /// When the source last said how it is.
    public var readAt: Date
    public private(set) var memory: PoolMemory

    /// - Parameter now: when the namespace came. Nothing but the namespace is known then.
    public init(namespace: WirePoolNamespace, now: Date) {
        self.namespace = namespace
        readAt = now
        memory = PoolMemory(firstLook: now)
    }

    public var name: String { namespace.name }

    /// Takes in a newer version of the namespace. One of the same name that was created anew (another uid) begins anew.
    public mutating func take(_ namespace: WirePoolNamespace, now: Date) {
        if namespace.metadata.uid != self.namespace.metadata.uid {
            let earlier = self
            self = PoolReading(namespace: namespace, now: now)
            (unread, sessions) = (earlier.unread, earlier.sessions)
            return
        }
        if namespace != self.namespace { memory.changedAt = now }
        self.namespace = namespace
        readAt = now
    }

    public mutating func take(_ object: PoolObject, now: Date) {
        let name = object.metadata.name
        switch object {
        case .machine(let object): Self.put(object, name, in: &machines, &memory, now)
        case .instance(let object): Self.put(object, name, in: &instances, &memory, now)
        case .snapshot(let object): Self.put(object, name, in: &snapshots, &memory, now)
        case .restore(let object):
            // Restores are left behind by every reset: the newest is what matters.
            if restores[name] == nil, restores.count >= Self.objectLimit, let oldest = restoresByAge.last {
                restores[oldest.restore.metadata.name] = nil
            }
            Self.put(object, name, in: &restores, &memory, now)
        case .disk(let object): Self.put(object, name, in: &disks, &memory, now)
        }
        readAt = now
    }

    public mutating func remove(_ kind: PoolKind, _ name: String, now: Date) {
        let hadIt =
            switch kind {
            case .machine: machines.removeValue(forKey: name) != nil
            case .instance: instances.removeValue(forKey: name) != nil
            case .snapshot: snapshots.removeValue(forKey: name) != nil
            case .restore: restores.removeValue(forKey: name) != nil
            case .disk: disks.removeValue(forKey: name) != nil
            }
        if hadIt { memory.changedAt = now }
        readAt = now
    }

    /// The names of what there is of a kind.
    func names(of kind: PoolKind) -> [String] {
        switch kind {
        case .machine: Array(machines.keys)
        case .instance: Array(instances.keys)
        case .snapshot: Array(snapshots.keys)
        case .restore: Array(restores.keys)
        case .disk: Array(disks.keys)
        }
    }

    /// Lets the memory take in what the reading says now; to be called after anything was changed.
    public mutating func note(now: Date) { memory.note(PoolStanding(self), reading: self, now: now) }

    /// It has been told what ended before the present operation began.
    mutating func forgetFinished() { memory.forgetFinished() }

    private static func put<Object: Equatable>(
        _ object: Object, _ name: String, in objects: inout [String: Object], _ memory: inout PoolMemory, _ now: Date
    ) {
        guard objects[name] != nil || objects.count < objectLimit else { return }
        // What is told again in the same words has not moved.
        guard objects.updateValue(object, forKey: name) != object else { return }
        memory.changedAt = now
    }
}

// MARK: what the objects say

extension PoolReading {
    var roles: [PoolDetail.Role: WireMachine] { PoolDiscovery.machines(machines.values) }

    var golden: [PoolDetail.Role: WireSnapshot] {
        PoolDiscovery.snapshots(snapshots.values, cluster: name, machines: roles)
    }

    func instance(of machine: WireMachine?) -> WireInstance? { machine.flatMap { instances[$0.metadata.name] } }

    /// Restores with the role of their machine, newest first.
    var restoresByAge: [(role: PoolDetail.Role, restore: WireRestore)] {
        let roles = roles
        return restores.values.compactMap { restore in
            PoolDiscovery.role(of: restore.machine, machines: roles).map { ($0, restore) }
        }.sorted {
            ($0.restore.metadata.creationTimestamp ?? .distantPast, $0.restore.metadata.name)
                > ($1.restore.metadata.creationTimestamp ?? .distantPast, $1.restore.metadata.name)
        }
    }

    /// Whether a machine is up: it says so, and its instance runs where instances are known.
    func isUp(_ role: PoolDetail.Role) -> Bool {
        guard let machine = roles[role] else { return false }
        guard machine.isReady || machine.printableStatus == "Running" else { return false }
        guard !unread.contains(.instance), let instance = instance(of: machine) else { return machine.isReady }
        return instance.phase == "Running" && instance.metadata.deletionTimestamp == nil
    }

    /// A machine that has run for so many seconds without saying that it is ready has nothing that could say so.
    private static let silentReadiness: Double = 60

    /// Whether a machine can be handed out: up, and ready as the existing backend understands it (wire-formats 9.4).
    func isReady(_ role: PoolDetail.Role, now: Date) -> Bool {
        guard isUp(role), let machine = roles[role] else { return false }
        if machine.isReady { return true }
        return instance(of: machine)?.since.map { now.timeIntervalSince($0) > Self.silentReadiness } ?? false
    }
}
