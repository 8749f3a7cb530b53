import ClusterCreation
import Fleet
import Foundation
import Synchronization
import TestSupport

/// A `pcluster` that answers as told, by command and cluster, and remembers what it was asked.
final class ScriptedPcluster: PclusterDoor {
    private struct State {
        var answers: [String: Result<Data, PclusterProblem>] = [:]
        var everything: PclusterProblem?
        var asked: [PclusterQuestion] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    private let state = Mutex(State())

    /// - Parameter cluster: nil answers for all clusters that have no answer of their own.
    func answer(_ command: PclusterQuestion.Command, of cluster: String? = nil, page: String? = nil, _ json: String) {
        set(command, cluster, page, .success(Data(json.utf8)))
    }

    func answer(_ command: PclusterQuestion.Command, of cluster: String? = nil, fixture: String) throws {
        answer(command, of: cluster, try Fixtures.text("pcluster/\(fixture).json"))
    }

    func refuse(_ command: PclusterQuestion.Command, of cluster: String? = nil, _ problem: PclusterProblem) {
        set(command, cluster, nil, .failure(problem))
    }

    /// Everything fails alike, whatever was told before; nil goes back to that.
    func refuseEverything(_ problem: PclusterProblem?) { state.withLock { $0.everything = problem } }

    private func set(
        _ command: PclusterQuestion.Command, _ cluster: String?, _ page: String?,
        _ answer: Result<Data, PclusterProblem>
    ) {
        state.withLock { $0.answers[Self.key(command, cluster, page)] = answer }
    }

    private static func key(_ command: PclusterQuestion.Command, _ cluster: String?, _ page: String?) -> String {
        "\(command.rawValue) \(cluster ?? "") \(page ?? "")"
    }

    var asked: [PclusterQuestion] { state.withLock { $0.asked } }
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
    func forgetQuestions() { state.withLock { $0.asked = [] } }
    func count(_ command: PclusterQuestion.Command) -> Int { asked.count { $0.command == command } }

    func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        let page = question.parameter("next-token") ?? question.parameter("log-stream-name")
        let answer = state.withLock { state in
            state.asked.append(question)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            if let problem = state.everything { return Result<Data, PclusterProblem>.failure(problem) }
            return [(question.cluster, page), (question.cluster, nil), (nil, nil)]
                .compactMap { state.answers[Self.key(question.command, $0, $1)] }.first ?? .success(Data())
        }
        // Others get their turn meanwhile, as with a real door.
        for _ in 0..<3 { await Task.yield() }
        state.withLock { $0.underWay -= 1 }
        return try answer.get()
    }
}

extension ClusterReading {
    /// As far as one moment of the recorded creation tells.
    static func recorded(_ moment: String) throws -> ClusterReading {
        func decoded<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
            guard let text = try? Fixtures.text("pcluster/\(name).json") else { return nil }
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        }
        struct Events: Decodable { var events: [WireStackEvent] }
        let folder = moment.contains("-") ? "" : "timeline/\(moment)-"
        let (cluster, events) =
            folder.isEmpty
            ? ("describe-cluster-\(moment.dropFirst(2))", "stack-events-\(moment.dropFirst(2))")
            : (folder + "describe-cluster", folder + "stack-events")
        var reading = ClusterReading(name: "alpha", region: "us-east-1", readAt: ManualTime.start)
        reading.description = try decoded(cluster, as: WireCluster.self)
        reading.stack.take(try decoded(events, as: Events.self)?.events ?? [])
        if !folder.isEmpty { reading.fleet = try decoded(folder + "compute-fleet", as: WireFleet.self) }
        return reading
    }
}
