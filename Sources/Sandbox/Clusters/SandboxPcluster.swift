import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sandbox's AWS: two regions of clusters, answered as `pcluster` answers.
///
/// It keeps nothing: what it says follows from the seed and the time alone, so any number of questions in any order
/// agree.
public struct SandboxPcluster: PclusterDoor {
    /// The regions that have clusters; in the second one AWS is often too busy to answer.
    public static let regions = SandboxRegion.all.map(\.name)

    private let time: TimeSource
    private let world: SandboxTime

    /// - Parameters:
    ///   - time: the clock that the clusters live by. The world begins `SandboxWorld.past` seconds before it shows now.
    ///   - seed: decides every duration, address and identifier.
    public init(time: TimeSource, seed: UInt64) {
        self.time = time
        world = SandboxTime(beginning: time.now().addingTimeInterval(-SandboxWorld.past), seed: seed)
    }

    public func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        guard let region = SandboxRegion.all.first(where: { $0.name == question.region }) else {
            throw .refused(message: "Bad Request: invalid or unsupported region '\(question.region)'")
        }
        if region.isThrottled(at: elapsed) { try await refuse(question) }
        switch question.command {
        case .listClusters: return try Self.json(list(region, question))
        case .describeCluster: return try Self.json(cluster(region, question).description())
        case .stackEvents:
            guard let page = try cluster(region, question).stackEvents(token: question.parameter("next-token")) else {
                throw .refused(message: "Bad Request: the next token is not valid")
            }
            return try Self.json(page)
        case .describeComputeFleet: return try Self.json(cluster(region, question).computeFleet())
        case .describeInstances: return try Self.json(instances(region, question))
        case .listLogStreams: return try Self.json(logStreams(region, question))
        case .logEvents: return try Self.json(logEvents(region, question))
        case .version: return try Self.json(VersionAnswer(version: ClusterLife.version))
        // Nobody makes images here with pcluster; the sandbox's builders stand behind a door of their own.
        case .listImages: return Data(#"{"images": []}"#.utf8)
        case .describeImage, .imageStackEvents, .listImageLogStreams, .imageLogEvents:
            throw .refused(
                message: "No image or stack associated with ParallelCluster image id: \(question.image ?? "").")
        }
    }

    /// Seconds since the world began.
    private var elapsed: Double { time.now().timeIntervalSince(world.beginning) }

    /// As too many questions to CloudFormation end: the real `describe-cluster` tries again without end, the others
    /// give up.
    private func refuse(_ question: PclusterQuestion) async throws(PclusterProblem) {
        switch question.command {
        case .describeCluster:
            // Only a token wait: nobody learns more from a demo that really hangs.
            try? await time.sleep(min(1, question.deadline))
            throw .timedOut(question.deadline)
        case .listClusters, .stackEvents, .describeComputeFleet, .listLogStreams, .logEvents, .listImages,
            .describeImage, .imageStackEvents, .listImageLogStreams, .imageLogEvents:
            throw .refused(message: "Rate exceeded")
        // These do not ask CloudFormation.
        case .describeInstances, .version: break
        }
    }

    private func list(_ region: SandboxRegion, _ question: PclusterQuestion) -> ListAnswer {
        let now = elapsed
        let wanted = question.parameters.filter { $0.name == "cluster-status" }.map(\.value)
        let clusters = region.clusters.compactMap { cluster in
            cluster.life(at: now, in: world).map { ClusterAnswers(life: $0.life, age: $0.age).summary() }
        }
        return ListAnswer(clusters: clusters.filter { wanted.isEmpty || wanted.contains($0.clusterStatus) })
    }

    private func find(_ region: SandboxRegion, _ question: PclusterQuestion) -> ClusterAnswers? {
        let now = elapsed
        return region.clusters.first { $0.name == question.cluster }?.life(at: now, in: world)
            .map { ClusterAnswers(life: $0.life, age: $0.age) }
    }

    private func cluster(
        _ region: SandboxRegion, _ question: PclusterQuestion
    ) throws(PclusterProblem) -> ClusterAnswers {
        guard let found = find(region, question) else {
            throw .refused(
                message: "Cluster '\(question.cluster ?? "")' does not exist or belongs to an incompatible "
                    + "ParallelCluster major version.")
        }
        return found
    }

    private func instances(_ region: SandboxRegion, _ question: PclusterQuestion) -> InstancesAnswer {
        // The real one asks EC2 by tag, and so knows no unknown cluster.
        find(region, question)?.instances(
            nodeType: question.parameter("node-type"), queue: question.parameter("queue-name"))
            ?? InstancesAnswer(instances: [])
    }

    private func logStreams(
        _ region: SandboxRegion, _ question: PclusterQuestion
    ) throws(PclusterProblem) -> LogStreamsAnswer {
        let cluster = try cluster(region, question)
        if question.parameter("filters")?.contains("node-type") == true,
            cluster.life.headNode.state(at: cluster.age) == nil
        {
            throw .refused(message: "HeadNode instance not available. Node Type filter cannot be used.")
        }
        guard let streams = cluster.logStreams() else { throw Self.noLogging(question) }
        return streams
    }

    private func logEvents(
        _ region: SandboxRegion, _ question: PclusterQuestion
    ) throws(PclusterProblem) -> LogEventsAnswer {
        let events = try cluster(region, question).logEvents(
            stream: question.parameter("log-stream-name") ?? "",
            limit: question.parameter("limit").flatMap { Int($0) },
            isFromHead: question.parameter("start-from-head") == "true", token: question.parameter("next-token"))
        guard let events else { throw Self.noLogging(question) }
        return events
    }

    /// What the real one says of any stream that it does not find.
    private static func noLogging(_ question: PclusterQuestion) -> PclusterProblem {
        .refused(message: "CloudWatch logging is not enabled for cluster \(question.cluster ?? "").")
    }

    private static func json(_ answer: some Encodable) throws(PclusterProblem) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        do { return try encoder.encode(answer) } catch { throw .unreadable }
    }
}
