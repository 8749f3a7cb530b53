import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// The answers of `pcluster`, as much of them as is used. Null values are left out by it; every field may be missing here, because an
// answer that lacks one is still worth showing. Source: wire-formats 2.4 to 2.8.

/// `list-clusters`, one page.
struct WireClusterList: Decodable, Sendable {
    var nextToken: String?
    var clusters: [Lenient<WireClusterSummary>]?
}

/// An entry of a list; one that cannot be read is left out, and hides no other.
struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    var value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// One line of `list-clusters`.
public struct WireClusterSummary: Decodable, Sendable, Equatable {
    public var clusterName: String
    /// The list spells it with a small f in "formation", the description with a capital one.
    public var cloudformationStackStatus: String?
    public var cloudformationStackArn: String?
    public var region: String?
    public var version: String?
    public var clusterStatus: String?
    public var scheduler: WireScheduler?
}

public struct WireScheduler: Decodable, Sendable, Equatable {
    public var type: String?
}

/// `describe-cluster`. The object is at the top level.
public struct WireCluster: Decodable, Sendable, Equatable {
    public struct HeadNode: Decodable, Sendable, Equatable {
        public var instanceId: String?
        public var instanceType: String?
        public var launchTime: String?
        public var privateIpAddress: String?
        public var publicIpAddress: String?
        public var state: String?
    }

    public struct Failure: Decodable, Sendable, Equatable {
        public var failureCode: String?
        public var failureReason: String?
    }

    public var clusterName: String
    public var region: String?
    public var version: String?
    public var clusterStatus: String?
    public var cloudFormationStackStatus: String?
    public var cloudformationStackArn: String?
    public var computeFleetStatus: String?
    public var creationTime: String?
    public var lastUpdatedTime: String?
    public var scheduler: WireScheduler?
    /// Absent until the instance exists, and during deletion.
    public var headNode: HeadNode?
    /// Only of a failed creation.
    public var failures: [Failure]?
}

/// `get-cluster-stack-events`, one page, newest event first.
struct WireStackEvents: Decodable, Sendable {
    var nextToken: String?
    var events: [WireStackEvent]?
}

public struct WireStackEvent: Decodable, Sendable, Equatable {
    public var eventId: String?
    public var logicalResourceId: String?
    public var physicalResourceId: String?
    public var resourceType: String?
    public var resourceStatus: String?
    public var resourceStatusReason: String?
    /// A JSON document inside a string.
    public var resourceProperties: String?
    public var stackName: String?
    public var timestamp: String?
}

/// `describe-compute-fleet`.
public struct WireFleet: Decodable, Sendable, Equatable {
    public var status: String?
    /// Missing if it is unknown, and with AWS Batch.
    public var lastStatusUpdatedTime: String?
}

/// `describe-cluster-instances`, one page.
struct WireInstances: Decodable, Sendable {
    var nextToken: String?
    var instances: [WireInstance]?
}

public struct WireInstance: Decodable, Sendable, Equatable {
    public var instanceId: String?
    public var instanceType: String?
    public var launchTime: String?
    /// `HeadNode`, `ComputeNode` or `LoginNode`.
    public var nodeType: String?
    public var state: String?
    public var queueName: String?
}

/// `list-cluster-log-streams`, one page.
struct WireLogStreams: Decodable, Sendable {
    var nextToken: String?
    var logStreams: [WireLogStream]?
}

public struct WireLogStream: Decodable, Sendable, Equatable {
    /// `<private-dns-short>.<instance-id>.<log-name>`
    public var logStreamName: String?
    public var firstEventTimestamp: String?
    public var lastEventTimestamp: String?
}

/// `get-cluster-log-events`.
struct WireLogEvents: Decodable, Sendable {
    var events: [WireLogEvent]?
}

public struct WireLogEvent: Decodable, Sendable, Equatable {
    public var timestamp: String?
    public var message: String?
}
