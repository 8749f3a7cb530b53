import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What can be seen of a cluster whose head node has not signalled: all that the rules of a diagnosis ask for. Pure.
struct ClusterFacts: Sendable, Equatable {
    struct Wait: Sendable, Equatable {
        var logicalID: String
        /// Seconds that the head node has had: CloudFormation may begin to wait long before there is one.
        var age: Double
        /// Seconds for which CloudFormation has waited, of its limit.
        var spent: Double
        /// Seconds after which CloudFormation gives up; the version's own where the stack's events do not name it.
        var limit: Double
        var isLimitKnown: Bool
        /// Whether it is still waited for; else its age is that of its failure.
        var isRunning: Bool

        var remaining: Double { limit - spent }
    }

    /// How long this wait takes elsewhere: the 90th percentile in seconds, and of how many runs.
    struct Usual: Sendable, Equatable {
        var high: Double
        var n: Int
    }

    struct Instance: Sendable, Equatable {
        var id: String?
        var type: String?
        /// EC2's word; `absent` when it is listed no more, which is how a terminated one looks.
        var state: String
        /// Seconds since its launch.
        var age: Double?
        /// Nil while that is not known.
        var hasPublicIP: Bool?
    }

    enum LogState: String, Sendable, Equatable {
        case unknown, unreadable
        /// They can be read, and there is none.
        case none
        case readable
    }

    struct Resource: Sendable, Equatable {
        var logicalID: String
        var type: String
        var status: String
    }

    var cluster: String
    var region: String
    var version: String?
    var scheduler: String?
    /// Nil when nothing is waited for.
    var wait: Wait?
    var usual: Usual?
    /// Nil while the cluster was not described.
    var instance: Instance?
    var logState = LogState.unknown
    /// Why they cannot be read, in `pcluster`'s words.
    var logMessage: String?
    var logs: [DiagnosisLog] = []
    /// Compute instances by state; nil while they were never counted.
    var compute: [String: Int]?
    var fleetStatus: String?
    var resources: [Resource] = []

    /// A history of fewer runs says nothing of what is usual.
    private static let leastRuns = 3

    /// - Parameters:
    ///   - now: the instant to judge; of a wait that has failed, its end.
    ///   - usualWait: the 90th percentile of this wait in seconds, and the number of its runs.
    init(_ reading: ClusterReading, now: Date, usualWait: (high: Double, n: Int)?) {
        cluster = SafeText.line(reading.name, limit: 128)
        region = SafeText.line(reading.region, limit: 40)
        version = (reading.description?.version ?? reading.summary?.version).map { SafeText.line($0, limit: 20) }
        scheduler = reading.description?.scheduler?.type ?? reading.summary?.scheduler?.type
        usual = usualWait.flatMap { $0.n >= Self.leastRuns && $0.high > 0 ? Usual(high: $0.high, n: $0.n) : nil }
        let operation = StackOperation(reading.stack)
        wait = Self.wait(reading.stack, version: version, now: now)
        resources = (operation?.resources ?? []).map {
            Resource(logicalID: $0.logicalID, type: $0.type, status: $0.status)
        }
        instance = Self.instance(reading, now: now)
        compute = reading.instances.map { all in
            all.filter { $0.nodeType == "ComputeNode" }.reduce(into: [:]) { $0[$1.state ?? "unknown", default: 0] += 1 }
        }
        fleetStatus = reading.fleetStatus
        switch reading.logs {
        case .unknown: break
        case .unreadable(let message):
            logState = .unreadable
            logMessage = SafeText.line(message, limit: 200)
        case .streams(let streams):
            logState = streams.isEmpty ? .none : .readable
            logs = streams.prefix(Self.logLimit).map { DiagnosisLog($0, now: now) }
        }
    }

    /// More streams than a head node has.
    private static let logLimit = 32

    /// The newest wait condition of the head node, unless it was signalled; an update has one of its own.
    private static func wait(_ stack: StackHistory, version: String?, now: Date) -> Wait? {
        let all = stack.events.filter {
            $0.type == "AWS::CloudFormation::WaitCondition" && $0.logicalID.hasPrefix("HeadNodeWaitCondition")
        }
        guard let id = all.last(where: { $0.status == "CREATE_IN_PROGRESS" })?.logicalID else { return nil }
        let events = all.filter { $0.logicalID == id }
        guard let start = events.first(where: { $0.status == "CREATE_IN_PROGRESS" })?.at,
            !events.contains(where: { $0.status == "CREATE_COMPLETE" })
        else { return nil }
        let failure = events.first { $0.status == "CREATE_FAILED" }
        let named = events.compactMap(\.waitLimit).last { $0.isFinite && $0 > 0 }
        let end = failure?.at ?? now
        let headNode = stack.events.last { $0.logicalID == "HeadNode" && $0.status == "CREATE_COMPLETE" }?.at
        return Wait(
            logicalID: id, age: max(0, end.timeIntervalSince(max(start, headNode ?? (failure == nil ? end : start)))),
            spent: max(0, end.timeIntervalSince(start)),
            limit: named ?? WaitRegister.limit(version: version), isLimitKnown: named != nil,
            isRunning: events.last?.status == "CREATE_IN_PROGRESS")
    }

    private static func instance(_ reading: ClusterReading, now: Date) -> Instance? {
        let listed = reading.instances?.first { $0.nodeType == "HeadNode" }
        guard let description = reading.description else { return nil }
        guard let node = description.headNode else {
            // pcluster lists pending, running, stopping and stopped instances only. Both answers must agree, for one
            // may be old.
            return listed == nil ? Instance(state: "absent") : nil
        }
        let launch = node.launchTime.flatMap { WireTime.date($0, zone: .gmt) }
        return Instance(
            id: node.instanceId.map { SafeText.line($0, limit: 40) },
            type: node.instanceType.map { SafeText.line($0, limit: 40) },
            state: SafeText.line(node.state ?? "unknown", limit: 20),
            age: launch.map { max(0, now.timeIntervalSince($0)) }, hasPublicIP: node.publicIpAddress != nil)
    }
}
