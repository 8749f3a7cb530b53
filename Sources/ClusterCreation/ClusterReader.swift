import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Puts questions about clusters to the door, follows pages, and decodes the answers.
struct ClusterReader: Sendable {
    /// No stack has more events than so many pages of about 100; a door that always names another page must not hold us for ever.
    private static let pageLimit = 50
    /// The newest events of a log that are read, and the lines that are kept of them: one event may hold many.
    private static let eventLimit = 30
    private static let lineLimit = 60
    private static let logLine = 300
    /// The head node's logs that tell how its bootstrap goes.
    static let logs: Set = [
        "cloud-init", "cloud-init-output", "cfn-init", "chef-client", "slurmctld", "slurmdbd", "slurm_resume",
        "clustermgtd", "clustermgtd_events", "supervisord", "syslog", "system-messages", "bootstrap_error_msg",
    ]

    let door: any PclusterDoor
    let region: String

    func list() async throws(PclusterProblem) -> [WireClusterSummary] {
        var clusters: [WireClusterSummary] = []
        try await pages(.listClusters, cluster: nil) { (page: WireClusterList) in
            clusters += (page.clusters ?? []).compactMap(\.value)
            return page.nextToken
        }
        return clusters
    }

    func describe(_ name: String) async throws(PclusterProblem) -> WireCluster {
        guard
            let cluster: WireCluster = try await ask(PclusterQuestion(.describeCluster, region: region, cluster: name))
        else { throw .unreadable }
        return cluster
    }

    /// Events newer than those already known; CloudFormation gives the newest first.
    func events(_ name: String, into stack: inout StackHistory) async throws(PclusterProblem) {
        let known = stack
        var found: [[WireStackEvent]] = []
        try await pages(.stackEvents, cluster: name) { (page: WireStackEvents) in
            let events = page.events ?? []
            found.append(events)
            return events.contains(where: known.contains) ? nil : page.nextToken
        }
        // Oldest page first, so that the events need no sorting.
        for page in found.reversed() { stack.take(page) }
    }

    func fleet(_ name: String) async throws(PclusterProblem) -> WireFleet? {
        try await ask(PclusterQuestion(.describeComputeFleet, region: region, cluster: name))
    }

    func instances(_ name: String) async throws(PclusterProblem) -> [WireInstance] {
        var instances: [WireInstance] = []
        try await pages(.describeInstances, cluster: name) { (page: WireInstances) in
            instances += page.instances ?? []
            return page.nextToken
        }
        return instances
    }

    /// The head node's streams, with the newest lines of those that tell something.
    func logs(_ name: String, headNode: String) async throws(PclusterProblem) -> ClusterReading.Logs {
        var wires: [WireLogStream] = []
        do throws(PclusterProblem) {
            try await pages(.listLogStreams, cluster: name) { (page: WireLogStreams) in
                wires += page.logStreams ?? []
                return page.nextToken
            }
        } catch {
            guard case .refused(let message) = error, !error.isOfRegion else { throw error }
            return .unreadable(SafeText.line(message, limit: 200))
        }
        var streams: [ClusterReading.Stream] = []
        for wire in wires {
            guard let stream = wire.logStreamName, let log = Self.log(of: stream, headNode: headNode) else { continue }
            // What the list says of a stream's newest event may be an hour old: its events are asked each time.
            let (lines, lastAt) = Self.logs.contains(log) ? try await lines(name, stream: stream) : ([], nil)
            let listed = wire.lastEventTimestamp.flatMap { WireTime.date($0, zone: .gmt) }
            streams.append(
                ClusterReading.Stream(
                    log: SafeText.line(log, limit: 60), name: SafeText.line(stream, limit: 200),
                    lastAt: [lastAt, listed].compactMap { $0 }.max(), lines: lines))
        }
        return .streams(streams)
    }

    /// `<private-dns-short>.<instance-id>.<log-name>`; nil for another machine's stream.
    static func log(of stream: String, headNode: String) -> String? {
        let parts = stream.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[1] == headNode else { return nil }
        return String(parts[2])
    }

    private func lines(
        _ name: String, stream: String
    ) async throws(PclusterProblem) -> (lines: [String], lastAt: Date?) {
        let question = PclusterQuestion(
            .logEvents, region: region, cluster: name,
            parameters: [("log-stream-name", stream), ("limit", "\(Self.eventLimit)")])
        let answer: WireLogEvents?
        do throws(PclusterProblem) {
            answer = try await ask(question)
        } catch {
            // It may have gone between the two questions.
            guard error.isOfRegion else { return ([], nil) }
            throw error
        }
        let events = (answer?.events ?? []).suffix(Self.eventLimit)
        let lines = events.flatMap { $0.message?.split(whereSeparator: \.isNewline) ?? [] }.suffix(Self.lineLimit)
        let lastAt = events.compactMap { $0.timestamp.flatMap { WireTime.date($0, zone: .gmt) } }.max()
        // Presigned addresses and keys have been seen in these logs.
        return (
            lines.map { SafeText.line(SecretText.hidden(String($0.prefix(4000))), limit: Self.logLine) }, lastAt
        )
    }

    // MARK: asking

    /// - Returns: nil when it prints nothing, which means that there is no data.
    private func ask<Answer: Decodable>(_ question: PclusterQuestion) async throws(PclusterProblem) -> Answer? {
        let data = try await door.ask(question)
        guard !data.allSatisfy({ $0 <= 0x20 }) else { return nil }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: data) else { throw .unreadable }
        return answer
    }

    /// - Parameter take: takes in a page and returns the token of the next one that is wanted.
    private func pages<Page: Decodable>(
        _ command: PclusterQuestion.Command, cluster: String?, _ take: (Page) -> String?
    ) async throws(PclusterProblem) {
        var token: String?
        for _ in 0..<Self.pageLimit {
            let page: Page? = try await ask(
                PclusterQuestion(
                    command, region: region, cluster: cluster, parameters: token.map { [("next-token", $0)] } ?? []))
            guard let page, let next = take(page), next != token else { return }
            token = next
        }
    }
}
