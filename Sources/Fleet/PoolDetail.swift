#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a practice cluster of the pool adds to an item. Field sources: the annotations of its namespace, its KubeVirt objects, and the sessions
/// of the backend that lends it; folded by the rules of the room ClusterPool.
public struct PoolDetail: Codable, Sendable, Equatable {
    /// What is being done to a cluster; its steps are the item's phases.
    public enum Operation: String, Codable, Sendable { case bootstrap, snapshot, reset }

    /// Who writes its status.
    public enum Keeper: String, Codable, Sendable { case slipway, backend }

    /// The kube context it is read from.
    public var context: String
    /// The same as its id: `cluster1`.
    public var namespace: String
    /// `available`, `locked`, `resetting`, `error` or `creating`; the item's word may add to it.
    public var status: String
    /// Nil while nobody has written one.
    public var keeper: Keeper?
    /// Since when it has this status; nil when nothing tells.
    public var since: Date?
    public var operation: Operation?
    /// Who holds it.
    public var session: Session?
    /// Control plane first.
    public var machines: [Machine]
    /// The golden snapshots, control plane first.
    public var snapshots: [GoldenSnapshot]
    /// Restores of its machines, newest first.
    public var restores: [Restore]
    /// Disks that are still being made.
    public var disks: [Disk]
    public var createdAt: Date?
    public var lastResetAt: Date?
    public var lastHealthCheckAt: Date?
    /// What remains until it is free again, where that can be said: the session's end and the usual reset.
    public var free: Estimate?
    /// Its statuses of the last 24 hours as far as they were seen, oldest first, without overlaps.
    public var past: [Span]
    /// What could not be read of it and why, in one sentence each.
    public var troubles: [String]

    public init(
        context: String, namespace: String, status: String, keeper: Keeper? = nil, since: Date? = nil,
        operation: Operation? = nil, session: Session? = nil, machines: [Machine] = [],
        snapshots: [GoldenSnapshot] = [], restores: [Restore] = [],
        disks: [Disk] = [], createdAt: Date? = nil, lastResetAt: Date? = nil, lastHealthCheckAt: Date? = nil,
        free: Estimate? = nil, past: [Span] = [], troubles: [String] = []
    ) {
        self.context = context
        self.namespace = namespace
        self.status = status
        self.keeper = keeper
        self.since = since
        self.operation = operation
        self.session = session
        self.machines = machines
        self.snapshots = snapshots
        self.restores = restores
        self.disks = disks
        self.createdAt = createdAt
        self.lastResetAt = lastResetAt
        self.lastHealthCheckAt = lastHealthCheckAt
        self.free = free
        self.past = past
        self.troubles = troubles
    }
}

extension PoolDetail {
    public enum Role: String, Codable, Sendable, Comparable, CaseIterable {
        case controlPlane = "control-plane"
        case worker

        public static func < (left: Role, right: Role) -> Bool { left == .controlPlane && right == .worker }
    }

    public struct Session: Codable, Sendable, Equatable {
        public var id: String
        public var lockedAt: Date?
        public var expiresAt: Date?
        public var scenario: String?
        /// Whether the backend knows the session; nil when it was not asked. A lock without a live session is forgotten.
        public var isLive: Bool?

        public init(
            id: String, lockedAt: Date? = nil, expiresAt: Date? = nil, scenario: String? = nil, isLive: Bool? = nil
        ) {
            self.id = id
            self.lockedAt = lockedAt
            self.expiresAt = expiresAt
            self.scenario = scenario
            self.isLive = isLive
        }
    }

    public struct Machine: Codable, Sendable, Equatable {
        public var role: Role
        public var name: String
        /// `status.printableStatus` of the VirtualMachine; `missing` when there is none.
        public var word: String
        public var state: Phase.State
        /// `status.phase` of the VirtualMachineInstance; nil while there is none.
        public var phase: String?
        /// Since when the instance has this phase.
        public var since: Date?
        public var address: String?
        public var node: String?
        /// Why it does not run: start failure, or the text of a condition that failed.
        public var failure: String?

        public init(
            role: Role, name: String, word: String, state: Phase.State, phase: String? = nil, since: Date? = nil,
            address: String? = nil, node: String? = nil, failure: String? = nil
        ) {
            self.role = role
            self.name = name
            self.word = word
            self.state = state
            self.phase = phase
            self.since = since
            self.address = address
            self.node = node
            self.failure = failure
        }
    }

    public struct GoldenSnapshot: Codable, Sendable, Equatable {
        public var role: Role
        public var name: String
        public var isReady: Bool
        /// `status.phase`, or the reason of its condition while it has none.
        public var word: String
        public var createdAt: Date?
        public var failure: String?

        public init(
            role: Role, name: String, isReady: Bool, word: String, createdAt: Date? = nil, failure: String? = nil
        ) {
            self.role = role
            self.name = name
            self.isReady = isReady
            self.word = word
            self.createdAt = createdAt
            self.failure = failure
        }
    }

    public struct Restore: Codable, Sendable, Equatable {
        public var role: Role
        public var name: String
        public var state: Phase.State
        /// The reason of its newest condition: KubeVirt writes its sentences there.
        public var word: String
        public var startedAt: Date?
        public var endedAt: Date?
        public var failure: String?

        public init(
            role: Role, name: String, state: Phase.State, word: String, startedAt: Date? = nil, endedAt: Date? = nil,
            failure: String? = nil
        ) {
            self.role = role
            self.name = name
            self.state = state
            self.word = word
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.failure = failure
        }
    }

    public struct Disk: Codable, Sendable, Equatable {
        public var name: String
        /// `status.phase` of the DataVolume.
        public var word: String
        /// 0 to 100; nil when it does not tell.
        public var percent: Double?

        public init(name: String, word: String, percent: Double? = nil) {
            self.name = name
            self.word = word
            self.percent = percent
        }
    }

    /// A time in which it had one status.
    public struct Span: Codable, Sendable, Equatable {
        public var status: String
        public var from: Date
        /// Nil for the present one.
        public var to: Date?

        public init(status: String, from: Date, to: Date? = nil) {
            self.status = status
            self.from = from
            self.to = to
        }
    }
}
