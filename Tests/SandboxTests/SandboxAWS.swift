import Fleet
import Foundation
import Sandbox
import TestSupport
import Upstream

@testable import ClusterCreation

/// The sandbox's AWS beside a clock that is moved by hand. The world is `SandboxWorld.past` seconds old when it is
/// made.
struct SandboxAWS {
    let time = ManualTime()
    let door: SandboxPcluster
    var region = "us-east-1"

    init(seed: UInt64 = 7, region: String = "us-east-1") {
        door = SandboxPcluster(time: time.source, seed: seed)
        self.region = region
    }

    /// Moves to so many seconds since the world began.
    func move(to elapsed: Double) {
        time.advance(by: elapsed - SandboxWorld.past - time.now.timeIntervalSince(ManualTime.start))
    }

    func data(
        _ command: PclusterQuestion.Command, _ cluster: String? = nil,
        _ parameters: [(name: String, value: String)] = []
    ) async throws(PclusterProblem) -> Data {
        try await door.ask(PclusterQuestion(command, region: region, cluster: cluster, parameters: parameters))
    }

    func list() async throws -> [WireClusterSummary] {
        let answer = try await decode(WireClusterList.self, data(.listClusters))
        return answer.clusters?.compactMap(\.value) ?? []
    }

    func describe(_ cluster: String) async throws -> WireCluster {
        try await decode(WireCluster.self, data(.describeCluster, cluster))
    }

    func fleet(_ cluster: String) async throws -> WireFleet {
        try await decode(WireFleet.self, data(.describeComputeFleet, cluster))
    }

    func instances(
        _ cluster: String, _ parameters: [(name: String, value: String)] = []
    ) async throws -> [WireInstance] {
        try await decode(WireInstances.self, data(.describeInstances, cluster, parameters)).instances ?? []
    }

    /// All pages, newest event first.
    func events(_ cluster: String) async throws -> (events: [WireStackEvent], pages: Int) {
        var events: [WireStackEvent] = []
        var token: String?
        var pages = 0
        repeat {
            let page = try await decode(
                WireStackEvents.self, data(.stackEvents, cluster, token.map { [(name: "next-token", value: $0)] } ?? [])
            )
            events += page.events ?? []
            token = page.nextToken
            pages += 1
        } while token != nil && pages < 20
        return (events, pages)
    }

    func streams(_ cluster: String) async throws -> [String] {
        let answer = try await decode(WireLogStreams.self, data(.listLogStreams, cluster))
        return (answer.logStreams ?? []).compactMap(\.logStreamName)
    }

    func lines(_ cluster: String, _ log: String, limit: Int = 1000) async throws -> [String] {
        guard let stream = try await streams(cluster).first(where: { $0.hasSuffix(".\(log)") }) else { return [] }
        let answer = try await decode(
            WireLogEvents.self,
            data(.logEvents, cluster, [(name: "log-stream-name", value: stream), (name: "limit", value: "\(limit)")]))
        return (answer.events ?? []).compactMap(\.message)
    }

    /// What a question is refused with; nil if it is answered.
    func problem(
        _ command: PclusterQuestion.Command, _ cluster: String? = nil,
        _ parameters: [(name: String, value: String)] = []
    ) async -> PclusterProblem? {
        do {
            _ = try await data(command, cluster, parameters)
            return nil
        } catch { return error }
    }

    private func decode<T: Decodable>(_ type: T.Type, _ data: Data) throws -> T {
        try JSONDecoder().decode(type, from: data)
    }
}

extension [WireStackEvent] {
    /// The newest status of every resource but the stack itself; the events come newest first.
    var statuses: [String: String] {
        reduce(into: [:]) { statuses, event in
            guard let id = event.logicalResourceId, event.resourceType != "AWS::CloudFormation::Stack",
                statuses[id] == nil
            else { return }
            statuses[id] = event.resourceStatus
        }
    }

    func newest(of prefix: String, type: String) -> WireStackEvent? {
        first { $0.resourceType == type && $0.logicalResourceId?.hasPrefix(prefix) == true }
    }
}
