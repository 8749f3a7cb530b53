import Fleet
import Foundation
import Synchronization
import Upstream

/// A `pcluster` that answers as told, by command and cluster or image, and remembers what it was asked.
public final class ScriptedPcluster: PclusterDoor {
    private struct State {
        var answers: [String: Result<Data, PclusterProblem>] = [:]
        var everything: PclusterProblem?
        var asked: [PclusterQuestion] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// - Parameters:
    ///   - cluster: a cluster or an image; nil answers for all that have no answer of their own.
    ///   - page: a token, a log stream, or the status that images are listed by.
    public func answer(
        _ command: PclusterQuestion.Command, of cluster: String? = nil, page: String? = nil, _ json: String
    ) {
        set(command, cluster, page, .success(Data(json.utf8)))
    }

    public func answer(
        _ command: PclusterQuestion.Command, of cluster: String? = nil, page: String? = nil, fixture: String
    ) throws {
        answer(command, of: cluster, page: page, try Fixtures.text("pcluster/\(fixture).json"))
    }

    public func refuse(_ command: PclusterQuestion.Command, of cluster: String? = nil, _ problem: PclusterProblem) {
        set(command, cluster, nil, .failure(problem))
    }

    /// Everything fails alike, whatever was told before; nil goes back to that.
    public func refuseEverything(_ problem: PclusterProblem?) { state.withLock { $0.everything = problem } }

    private func set(
        _ command: PclusterQuestion.Command, _ cluster: String?, _ page: String?,
        _ answer: Result<Data, PclusterProblem>
    ) {
        state.withLock { $0.answers[Self.key(command, cluster, page)] = answer }
    }

    private static func key(_ command: PclusterQuestion.Command, _ cluster: String?, _ page: String?) -> String {
        "\(command.rawValue) \(cluster ?? "") \(page ?? "")"
    }

    public var asked: [PclusterQuestion] { state.withLock { $0.asked } }
    public var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }
    public func forgetQuestions() { state.withLock { $0.asked = [] } }
    public func count(_ command: PclusterQuestion.Command) -> Int { asked.count { $0.command == command } }

    public func ask(_ question: PclusterQuestion) async throws(PclusterProblem) -> Data {
        let page = ["next-token", "log-stream-name", "image-status"].lazy.compactMap { question.parameter($0) }.first
        let subject = question.cluster ?? question.image
        let answer = state.withLock { state in
            state.asked.append(question)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            if let problem = state.everything { return Result<Data, PclusterProblem>.failure(problem) }
            return [(subject, page), (nil, page), (subject, nil), (nil, nil)]
                .compactMap { state.answers[Self.key(question.command, $0, $1)] }.first ?? .success(Data())
        }
        // Others get their turn meanwhile, as with a real door.
        for _ in 0..<3 { await Task.yield() }
        state.withLock { $0.underWay -= 1 }
        return try answer.get()
    }
}
