#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a ParallelCluster cluster adds to an item. Field sources: the answers of `pcluster`, folded by the rules of the room ClusterCreation.
public struct ClusterDetail: Codable, Sendable, Equatable {
    /// What the stack is doing, or did last.
    public enum Operation: String, Codable, Sendable { case create, update, delete }

    public var region: String
    /// ParallelCluster's own version.
    public var version: String?
    /// `slurm` or `awsbatch`.
    public var scheduler: String?
    public var operation: Operation
    /// `cloudFormationStackStatus`; the item's word is `clusterStatus`.
    public var stackStatus: String
    /// `computeFleetStatus`; nil while it was never read.
    public var fleetStatus: String?
    public var headNode: HeadNode?
    /// Head Node, Slurm Controller, Compute Fleet: what must work before the cluster is ready.
    public var components: [Component]
    /// All resources of the operation by group, in the order in which they are built.
    public var groups: [ResourceGroup]
    /// Resources that are being worked on, failed, or take suspiciously long; failed ones first, then the oldest.
    public var active: [Resource]
    /// Where the expected number of resources comes from: `seen`, `history` or `typical`.
    public var expectedFrom: String?
    /// The head node's wait condition, once it is being waited for.
    public var wait: Wait?
    /// What CloudFormation takes back after a failure.
    public var rollback: Rollback?
    /// The first resource that failed by itself, and why.
    public var rootCause: Resource?
    /// `failures[0].failureCode` of a failed creation.
    public var failureCode: String?
    /// The newest stack events, oldest first.
    public var events: [StackEvent]
    /// The newest lines of the head node's logs that could be read.
    public var logs: [LogTail]
    /// Running instances of the compute fleet; nil while they were never counted.
    public var computeNodes: Int?
    /// Why the newest question about it alone was not answered, while its region answers.
    public var trouble: String?

    public init(
        region: String, version: String? = nil, scheduler: String? = nil, operation: Operation = .create,
        stackStatus: String, fleetStatus: String? = nil, headNode: HeadNode? = nil, components: [Component] = [],
        groups: [ResourceGroup] = [], active: [Resource] = [], expectedFrom: String? = nil, wait: Wait? = nil,
        rollback: Rollback? = nil, rootCause: Resource? = nil, failureCode: String? = nil, events: [StackEvent] = [],
        logs: [LogTail] = [], computeNodes: Int? = nil, trouble: String? = nil
    ) {
        self.region = region
        self.version = version
        self.scheduler = scheduler
        self.operation = operation
        self.stackStatus = stackStatus
        self.fleetStatus = fleetStatus
        self.headNode = headNode
        self.components = components
        self.groups = groups
        self.active = active
        self.expectedFrom = expectedFrom
        self.wait = wait
        self.rollback = rollback
        self.rootCause = rootCause
        self.failureCode = failureCode
        self.events = events
        self.logs = logs
        self.computeNodes = computeNodes
        self.trouble = trouble
    }
}

extension ClusterDetail {
    /// `headNode` of `describe-cluster`.
    public struct HeadNode: Codable, Sendable, Equatable {
        public var instanceID: String
        public var instanceType: String
        /// The EC2 instance state: `pending`, `running`, `stopped`, …
        public var state: String
        public var launchedAt: Date?
        public var privateIP: String?
        public var publicIP: String?

        public init(
            instanceID: String, instanceType: String, state: String, launchedAt: Date? = nil, privateIP: String? = nil,
            publicIP: String? = nil
        ) {
            self.instanceID = instanceID
            self.instanceType = instanceType
            self.state = state
            self.launchedAt = launchedAt
            self.privateIP = privateIP
            self.publicIP = publicIP
        }
    }

    /// One of the three rows of the seed's "Cluster Configuration".
    public struct Component: Codable, Sendable, Equatable {
        /// `Head Node`, `Slurm Controller` or `Compute Fleet`.
        public var name: String
        /// `PENDING`, `INITIALIZING`, `READY`, `STARTING`, `ACTIVE`, `FAILED`, a fleet status, …
        public var word: String
        public var state: Phase.State
        /// What this rests on, in a few words: `cfn-init 12 steps`, `no log yet`.
        public var sign: String

        public init(name: String, word: String, state: Phase.State, sign: String = "") {
            self.name = name
            self.word = word
            self.state = state
            self.sign = sign
        }
    }

    public struct ResourceGroup: Codable, Sendable, Equatable {
        /// `network and IAM`, `storage`, `head node`, `compute` or `other`.
        public var name: String
        public var state: Phase.State
        public var done: Int
        public var total: Int
        public var startedAt: Date?
        public var endedAt: Date?
        /// Usual seconds from the group's first event to its last; a typical value when `usualCount` is 0.
        public var usual: Double?
        public var usualCount: Int?

        public init(
            name: String, state: Phase.State, done: Int, total: Int, startedAt: Date? = nil, endedAt: Date? = nil,
            usual: Double? = nil, usualCount: Int? = nil
        ) {
            self.name = name
            self.state = state
            self.done = done
            self.total = total
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.usual = usual
            self.usualCount = usualCount
        }
    }

    public struct Resource: Codable, Sendable, Equatable {
        public var logicalID: String
        /// `AWS::EC2::Instance`, …
        public var type: String
        /// `resourceStatus` of its newest event.
        public var status: String
        public var reason: String?
        public var startedAt: Date
        public var endedAt: Date?
        /// Usual seconds for its type.
        public var usual: Double?
        /// In progress for more than three times as long as usual.
        public var isStuck: Bool

        public init(
            logicalID: String, type: String, status: String, reason: String? = nil, startedAt: Date,
            endedAt: Date? = nil, usual: Double? = nil, isStuck: Bool = false
        ) {
            self.logicalID = logicalID
            self.type = type
            self.status = status
            self.reason = reason
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.usual = usual
            self.isStuck = isStuck
        }
    }

    /// The wait condition that the head node must signal; its age against its limit is the best sign there is before it fails.
    public struct Wait: Codable, Sendable, Equatable {
        public var logicalID: String
        public var state: Phase.State
        public var startedAt: Date
        public var endedAt: Date?
        /// Seconds after which CloudFormation gives up.
        public var limit: Double

        public init(logicalID: String, state: Phase.State, startedAt: Date, endedAt: Date? = nil, limit: Double) {
            self.logicalID = logicalID
            self.state = state
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.limit = limit
        }
    }

    public struct Rollback: Codable, Sendable, Equatable {
        public var deleted: Int
        public var total: Int
        public var isOver: Bool
        /// Resources that could not be deleted.
        public var failed: [String]

        public init(deleted: Int, total: Int, isOver: Bool, failed: [String] = []) {
            self.deleted = deleted
            self.total = total
            self.isOver = isOver
            self.failed = failed
        }
    }

    public struct StackEvent: Codable, Sendable, Equatable {
        public var at: Date
        public var logicalID: String
        public var type: String
        public var status: String
        public var reason: String?

        public init(at: Date, logicalID: String, type: String, status: String, reason: String? = nil) {
            self.at = at
            self.logicalID = logicalID
            self.type = type
            self.status = status
            self.reason = reason
        }
    }

    public struct LogTail: Codable, Sendable, Equatable {
        /// `cfn-init`, `chef-client`, `cloud-init-output`, `slurmctld`, …
        public var name: String
        public var stream: String
        public var lastAt: Date?
        /// Oldest first.
        public var lines: [String]

        public init(name: String, stream: String, lastAt: Date? = nil, lines: [String]) {
            self.name = name
            self.stream = stream
            self.lastAt = lastAt
            self.lines = lines
        }
    }
}
