import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where questions to ParallelCluster go: the vendor's Python library kept warm, its command line, or the sandbox.
///
/// The caller asks at most two questions at once per region.
public protocol PclusterDoor: Sendable {
    /// - Returns: the JSON that `pcluster` prints for this question; empty when it prints nothing, which means that there is no data.
    /// - Throws: `PclusterProblem.refused` with the message of an answer that is an error, else what kept it from answering.
    func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data
}

/// One read command of `pcluster`, with its parameters as its command line names them.
public struct PclusterQuestion: Sendable, Equatable {
    public enum Command: String, Sendable, CaseIterable {
        case listClusters = "list-clusters"
        case describeCluster = "describe-cluster"
        case stackEvents = "get-cluster-stack-events"
        case describeComputeFleet = "describe-compute-fleet"
        case describeInstances = "describe-cluster-instances"
        case listLogStreams = "list-cluster-log-streams"
        case logEvents = "get-cluster-log-events"
        case listImages = "list-images"
        case describeImage = "describe-image"
        case imageStackEvents = "get-image-stack-events"
        case listImageLogStreams = "list-image-log-streams"
        case imageLogEvents = "get-image-log-events"
        case version
    }

    public var command: Command
    public var region: String
    /// Without dashes, in the order of the command line: `cluster-name`, `next-token`, `log-stream-name`, `limit`, …
    public var parameters: [(name: String, value: String)]
    /// Seconds after which the answer is no longer waited for.
    public var deadline: Double

    /// No call may take longer, for `describe-cluster` under throttling never returns by itself.
    public static let usualDeadline: Double = 20

    public init(
        _ command: Command, region: String, cluster: String? = nil, image: String? = nil,
        parameters: [(name: String, value: String)] = [], deadline: Double = PclusterQuestion.usualDeadline
    ) {
        self.command = command
        self.region = region
        self.parameters =
            (cluster.map { [(name: "cluster-name", value: $0)] } ?? [])
            + (image.map { [(name: "image-id", value: $0)] } ?? []) + parameters
        self.deadline = deadline
    }

    public var cluster: String? { parameter("cluster-name") }

    public var image: String? { parameter("image-id") }

    public func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    public static func == (left: PclusterQuestion, right: PclusterQuestion) -> Bool {
        left.command == right.command && left.region == right.region && left.deadline == right.deadline
            && left.parameters.elementsEqual(right.parameters) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// Why a question to ParallelCluster was not answered.
public enum PclusterProblem: Error, Sendable, Equatable {
    /// It answered with an error; the message is its own.
    case refused(message: String)
    /// Not within the deadline, in seconds.
    case timedOut(Double)
    /// The program ended before it answered; what it said last on its error output.
    case died(String)
    /// Larger than is read, in bytes.
    case tooLarge(Int)
    /// The answer came, but it is no JSON of this command.
    case unreadable
    /// The program is missing or cannot be run; the sentence says what is wrong.
    case missing(String)
}
