import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// All that was read of one cluster so far, by whichever questions were due; what rules make an item of.
public struct ClusterReading: Sendable, Equatable {
    /// What is known of the head node's logs.
    public enum Logs: Sendable, Equatable {
        /// Not asked yet.
        case unknown
        /// They cannot be read; the message is `pcluster`'s own, for example that CloudWatch logging is not enabled.
        case unreadable(String)
        case streams([Stream])
    }

    /// One log stream of the head node.
    public struct Stream: Sendable, Equatable {
        /// `cfn-init`, `chef-client`, `cloud-init-output`, `slurmctld`, …
        public var log: String
        public var name: String
        public var lastAt: Date?
        /// The newest lines that were read, oldest first; empty when it was not read.
        public var lines: [String]

        public init(log: String, name: String, lastAt: Date? = nil, lines: [String] = []) {
            self.log = log
            self.name = name
            self.lastAt = lastAt
            self.lines = lines
        }
    }

    public var name: String
    public var region: String
    /// From the list; nil while the cluster is only described, as by `watch`.
    public var summary: WireClusterSummary?
    public var description: WireCluster?
    public var stack = StackHistory()
    /// `describe-compute-fleet`, asked once the stack is complete.
    public var fleet: WireFleet?
    public var instances: [WireInstance]?
    public var logs = Logs.unknown
    /// When anything of it was last answered.
    public var readAt: Date
    /// Why its own questions fail, while the region answers: the last message.
    public var trouble: String?

    public init(name: String, region: String, readAt: Date) {
        self.name = name
        self.region = region
        self.readAt = readAt
    }

    /// It was asked for by name, and nothing was ever said of it.
    public var isAbsent: Bool { summary == nil && description == nil }

    /// The newest answer counts; the list and the description spell the stack's status differently.
    public var clusterStatus: String { description?.clusterStatus ?? summary?.clusterStatus ?? "UNKNOWN" }
    public var stackStatus: String {
        description?.cloudFormationStackStatus ?? summary?.cloudformationStackStatus ?? "UNKNOWN"
    }
    /// `describe-cluster` says UNKNOWN as long as the stack is in progress.
    public var fleetStatus: String? {
        [description?.computeFleetStatus, fleet?.status].compactMap { $0 }.first { $0 != "UNKNOWN" }
    }
    /// When the fleet's status changed last.
    var fleetChangedAt: Date? { fleet?.lastStatusUpdatedTime.flatMap { WireTime.date($0, zone: .gmt) } }
    /// The lines of one log, oldest first; nil when there is no such stream or logs are not known.
    public func stream(_ log: String) -> Stream? {
        guard case .streams(let streams) = logs else { return nil }
        return streams.first { $0.log == log }
    }

    /// The list of instances is newer than the description: it says how the head node is. One that is not listed has been terminated.
    mutating func take(_ instances: [WireInstance]) {
        self.instances = instances
        guard let known = description?.headNode else { return }
        let listed = instances.first { $0.nodeType == "HeadNode" && $0.instanceId == known.instanceId }
        description?.headNode?.state = listed?.state ?? "terminated"
    }
}
