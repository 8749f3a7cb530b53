import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The three rows of what must work before a cluster is ready, each with the sign it rests on.
///
/// ParallelCluster itself has no row for them before the stack is complete: head node and scheduler are read from the wait condition and
/// the head node's logs. Source: wire-formats 2.4, 2.8, 3.3.
struct ClusterComponents {
    let operation: StackOperation?
    let reading: ClusterReading
    let now: Date

    var all: [ClusterDetail.Component] { [headNode, scheduler, fleet] }

    /// Only a creation has to make it ready; a cluster that is updated, or whose update was taken back, works as its instance does.
    private var isReady: Bool {
        if let kind = operation?.kind, kind != .create { return reading.description?.headNode?.state == "running" }
        return !hasFailed
            && (operation?.wait?.createdAt != nil
                || ClusterStatus.state(stack: reading.stackStatus, cluster: reading.clusterStatus) == nil)
    }

    private var hasFailed: Bool {
        operation?.kind ?? .create == .create && StackOperation.fails(reading.stackStatus)
    }

    private var headNode: ClusterDetail.Component {
        let name = "Head Node"
        let instance = reading.description?.headNode
        let about = instance.map { "\(text($0.instanceType)) \(text($0.state))" } ?? ""
        if isReady { return .init(name: name, word: "READY", state: .done, sign: about) }
        if hasFailed { return .init(name: name, word: "FAILED", state: .failed, sign: about) }
        if operation?.headNode?.createdAt != nil || instance != nil {
            return .init(
                name: name, word: "INITIALIZING", state: .running, sign: [about, bootSign].joined(separator: ", "))
        }
        let begun = operation?.headNode != nil
        return .init(
            name: name, word: "PENDING", state: .waiting, sign: begun ? "the instance is being created" : "")
    }

    /// What the newest log says, or that there is none.
    private var bootSign: String {
        switch reading.logs {
        case .unknown: "logs not read yet"
        case .unreadable: "logs cannot be read"
        case .streams(let streams):
            streams.max { ($0.lastAt ?? .distantPast) < ($1.lastAt ?? .distantPast) }.map(sign) ?? "no log yet"
        }
    }

    private func sign(_ stream: ClusterReading.Stream) -> String {
        guard let at = stream.lastAt else { return stream.log }
        return "\(stream.log) \(DurationText.age(max(0, now.timeIntervalSince(at)))) ago"
    }

    private var scheduler: ClusterDetail.Component {
        let type = reading.description?.scheduler?.type ?? reading.summary?.scheduler?.type
        if type == "awsbatch" {
            return .init(
                name: "Slurm Controller", word: "AWS Batch", state: .skipped, sign: "has no controller of its own")
        }
        let name = "Slurm Controller"
        if isReady { return .init(name: name, word: "ACTIVE", state: .done) }
        if hasFailed { return .init(name: name, word: "FAILED", state: .failed) }
        let stream = reading.stream("slurmctld") ?? reading.stream("clustermgtd")
        guard let stream else { return .init(name: name, word: "PENDING", state: .waiting) }
        return .init(name: name, word: "STARTING", state: .running, sign: sign(stream))
    }

    private var fleet: ClusterDetail.Component {
        let word = reading.fleetStatus
        let state: Phase.State =
            switch ClusterStatus.fleet(word) {
            case .starting: .running
            case .running: .done
            case .skipped: .skipped
            case .protected: .failed
            case .unknown: .waiting
            }
        let nodes = reading.computeNodes
        return .init(
            name: "Compute Fleet", word: word.map { SafeText.line($0, limit: 30) } ?? "PENDING", state: state,
            sign: nodes.map { $0 == 1 ? "1 node" : "\($0) nodes" } ?? "")
    }

    private func text(_ value: String?) -> String { SafeText.line(value ?? "unknown", limit: 40) }
}

extension ClusterReading {
    /// Running instances of the compute fleet; nil while they were not counted.
    var computeNodes: Int? { instances.map { $0.count { $0.nodeType == "ComputeNode" && $0.state == "running" } } }
}
