import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that was read of one deployment; what rules make an item of.
public struct DeploymentReading: Sendable, Equatable {
    public var wire: WireDeployment
    /// Events that matter, oldest first, as the event filter folds them.
    public var milestones: [DeploymentDetail.Milestone] = []
    /// Events that say nothing new.
    public var suppressed = 0
    /// The newest events as they came, oldest first.
    public var events: [DeploymentDetail.KubeEvent] = []
    public var tree = ClusterTree()
    /// What could not be read of it and why, one sentence each.
    public var troubles: [String] = []
    /// When the source last said how it is: the object came, or a list had it.
    public var readAt: Date
    public private(set) var memory: DeploymentMemory

    /// - Parameter now: when the object came.
    public init(wire: WireDeployment, now: Date) {
        self.wire = wire
        readAt = now
        memory = DeploymentMemory(firstLook: now)
        note(now: now)
    }

    public var key: DeploymentKey { wire.key }

    /// How it stands at this instant, by what was seen of it so far.
    public func standing(now: Date) -> DeploymentStanding {
        PhaseDetector.standing(of: wire, seen: memory.readySeen, now: now)
    }

    /// Takes in a newer version of the object. One of the same name that was created anew (another uid) begins anew.
    public mutating func take(_ wire: WireDeployment, now: Date) {
        if wire.metadata.uid != self.wire.metadata.uid {
            self = DeploymentReading(wire: wire, now: now)
            return
        }
        if wire != self.wire { memory.changedAt = now }
        self.wire = wire
        readAt = now
        note(now: now)
    }

    /// Lets the memory take in what the reading says now; to be called after events or the tree were changed.
    public mutating func note(now: Date) {
        memory.see(wire, now: now)
        memory.note(wire, standing: standing(now: now), milestones: milestones, now: now)
    }

    /// The newest sign of life in what was read.
    var lastSign: Date? {
        var newest = [
            wire.metadata.creationTimestamp, wire.metadata.deletionTimestamp, memory.changedAt, events.last?.at,
            milestones.last?.at,
        ].compactMap { $0 }.max()
        func take(_ date: Date?) {
            if let date, newest.map({ date > $0 }) ?? true { newest = date }
        }
        for condition in wire.conditions { take(condition.lastTransitionTime) }
        for service in wire.services ?? [] { take(service.lastStateTransitionTime) }
        for object in tree.objects { take(object.createdAt) }
        for at in tree.reached.values { take(at) }
        return newest
    }
}
