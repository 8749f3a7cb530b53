import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `pcluster` answers about one cluster at one time.
struct ClusterAnswers {
    let life: ClusterLife
    /// Seconds since its creation was asked for.
    let age: Double

    private var cluster: SandboxCluster { life.cluster }
    private static let scheduler = SchedulerAnswer(type: "slurm")
    /// CloudFormation's page.
    private static let eventsPerPage = 100
    private static let linesPerPage = 1000

    func summary() -> ListAnswer.Cluster {
        ListAnswer.Cluster(
            clusterName: cluster.name, cloudformationStackStatus: stackStatus, cloudformationStackArn: life.stackID,
            region: cluster.region, version: ClusterLife.version, clusterStatus: life.clusterStatus(at: age),
            scheduler: Self.scheduler)
    }

    func description() -> DescriptionAnswer {
        let creation = text(0)
        let node = life.headNode
        let bucket = "parallelcluster-5fae09dad7be0e70-v1-do-not-delete.s3.amazonaws.com"
        let path = "parallelcluster/\(ClusterLife.version)/clusters/\(cluster.name)/configs/cluster-config.yaml"
        return DescriptionAnswer(
            creationTime: creation,
            headNode: node.state(at: age).map { state in
                DescriptionAnswer.HeadNode(
                    launchTime: second(node.launched), instanceId: node.id, publicIpAddress: node.publicAddress,
                    instanceType: node.type, state: state, privateIpAddress: node.privateAddress)
            }, version: ClusterLife.version,
            clusterConfiguration: DescriptionAnswer.Configuration(url: "https://\(bucket)/\(path)"),
            tags: [
                DescriptionAnswer.Tag(value: ClusterLife.version, key: "parallelcluster:version"),
                DescriptionAnswer.Tag(value: cluster.name, key: "parallelcluster:cluster-name"),
            ], cloudFormationStackStatus: stackStatus, clusterName: cluster.name,
            computeFleetStatus: life.fleetStatus(at: age).word, cloudformationStackArn: life.stackID,
            lastUpdatedTime: creation, region: cluster.region, clusterStatus: life.clusterStatus(at: age),
            scheduler: Self.scheduler,
            failures: life.failure(at: age).map {
                [DescriptionAnswer.Failure(failureCode: $0.code, failureReason: $0.reason)]
            })
    }

    /// Newest first. The token counts the events that are left, for those stay what they are while new ones come in
    /// front.
    ///
    /// - Returns: nil for a token that was never given.
    func stackEvents(token: String?) -> StackEventsAnswer? {
        let events = life.events(at: age)
        var end = events.count
        if let token {
            guard let left = Self.number(token, prefix: "e/"), left > 0, left <= events.count else { return nil }
            end = left
        }
        let start = max(0, end - Self.eventsPerPage)
        return StackEventsAnswer(
            nextToken: start > 0 ? "e/\(start)" : nil, events: events[start..<end].reversed().map(row))
    }

    func computeFleet() -> ComputeFleetAnswer {
        let status = life.fleetStatus(at: age)
        return ComputeFleetAnswer(status: status.word, lastStatusUpdatedTime: status.since.map(second))
    }

    func instances(nodeType: String?, queue: String?) -> InstancesAnswer {
        let head = [instance(life.headNode, type: "HeadNode", queue: nil)]
        let compute = life.computeNodes.map { instance($0, type: "ComputeNode", queue: cluster.queue) }
        return InstancesAnswer(
            instances: (head + compute).compactMap { $0 }.filter {
                $0.nodeType == nodeType ?? $0.nodeType && (queue == nil || $0.queueName == queue)
            })
    }

    /// - Returns: nil before the log group exists.
    func logStreams() -> LogStreamsAnswer? {
        guard hasLogGroup else { return nil }
        return LogStreamsAnswer(
            logStreams: HeadNodeLog.all(of: life, at: age).map { log in
                let first = log.entry(0).at
                let last = log.entry(log.count(at: age) - 1).at
                let group = "arn:aws:logs:\(cluster.region):123456789012:log-group:\(life.logGroup)"
                return LogStreamsAnswer.Stream(
                    logStreamArn: "\(group):log-stream:\(log.name)", creationTime: WireTime.text(first),
                    logStreamName: log.name, firstEventTimestamp: WireTime.text(first),
                    lastEventTimestamp: WireTime.text(last),
                    lastIngestionTime: WireTime.text(last.addingTimeInterval(0.4)))
            })
    }

    /// One page of a stream, oldest first: the newest lines unless the head or a token is asked for.
    ///
    /// - Returns: nil for a stream that does not exist.
    func logEvents(stream: String, limit: Int?, isFromHead: Bool, token: String?) -> LogEventsAnswer? {
        guard let log = HeadNodeLog.all(of: life, at: age).first(where: { $0.name == stream }) else { return nil }
        let count = log.count(at: age)
        let size = min(max(1, limit ?? Self.linesPerPage), Self.linesPerPage)
        let range: Range<Int>
        if let start = token.flatMap({ Self.number($0, prefix: "f/") }) {
            range = min(start, count)..<min(start + size, count)
        } else if let end = token.flatMap({ Self.number($0, prefix: "b/") }) {
            range = max(0, min(end, count) - size)..<min(end, count)
        } else {
            range = isFromHead ? 0..<min(size, count) : max(0, count - size)..<count
        }
        return LogEventsAnswer(
            nextToken: Self.token("f/", range.upperBound), prevToken: Self.token("b/", range.lowerBound),
            events: range.map { index in
                let entry = log.entry(index)
                return LogEventsAnswer.Event(message: entry.text, timestamp: WireTime.text(entry.at))
            })
    }

    private var stackStatus: String { life.stackStatus(at: age) ?? "CREATE_IN_PROGRESS" }

    private var hasLogGroup: Bool {
        life.events(at: age).contains { $0.logicalID == "CloudWatchLogGroup" && $0.status == "CREATE_COMPLETE" }
    }

    private func row(_ event: StackEvent) -> StackEventsAnswer.Event {
        let at = text(event.at)
        return StackEventsAnswer.Event(
            eventId: event.type == StackEvent.stackType
                ? identifier(of: event) : "\(event.logicalID)-\(event.status)-\(at)",
            physicalResourceId: event.physicalID, resourceStatus: event.status, resourceStatusReason: event.reason,
            resourceProperties: event.properties, stackId: life.stackID, stackName: cluster.name,
            logicalResourceId: event.logicalID, resourceType: event.type, timestamp: at)
    }

    /// The stack's own rows have identifiers that say nothing.
    private func identifier(of event: StackEvent) -> String {
        var chance = SeededGenerator(named: life.stackID + event.status, seed: 0)
        return chance.identifier()
    }

    private func instance(_ node: ClusterLife.Node, type: String, queue: String?) -> InstancesAnswer.Instance? {
        node.state(at: age).map { state in
            InstancesAnswer.Instance(
                launchTime: second(node.launched), instanceId: node.id, queueName: queue,
                publicIpAddress: node.publicAddress, instanceType: node.type, state: state, nodeType: type,
                privateIpAddress: node.privateAddress)
        }
    }

    private func text(_ age: Double) -> String { WireTime.text(life.date(age)) }

    /// EC2 knows whole seconds only.
    private func second(_ age: Double) -> String { "\(text(age).prefix(19)).000Z" }

    /// As CloudWatch's tokens look: 56 digits.
    private static func token(_ prefix: String, _ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 56 - digits.utf8.count)) + digits
    }

    private static func number(_ token: String, prefix: String) -> Int? {
        guard token.hasPrefix(prefix), let number = Int(token.dropFirst(prefix.utf8.count)), number >= 0,
            number < 1 << 32
        else { return nil }
        return number
    }
}
