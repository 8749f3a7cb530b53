import Synchronization
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A door that answers as told, by path, and remembers what it was asked.
public final class ScriptedDoor: HTTPDoor {
    public enum Answer: Sendable {
        case reply(HTTPReply)
        case problem(UpstreamProblem)

        public static func json(_ text: String, status: Int = 200, headers: [String: String] = [:]) -> Answer {
            .reply(HTTPReply(status: status, headers: headers, body: Data(text.utf8)))
        }

        public static let notFound = json(#"{"error": "Not found"}"#, status: 404)
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var everything: Answer?
        var asked: [HTTPQuestion] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// What is answered to a path from now on; the query counts only if the path given has one.
    public func answer(_ path: String, _ answer: Answer) { state.withLock { $0.answers[path] = answer } }

    /// Answers everything alike, whatever was told before; nil goes back to that.
    public func answerEverything(_ answer: Answer?) { state.withLock { $0.everything = answer } }

    /// All questions so far, oldest first.
    public var asked: [HTTPQuestion] { state.withLock { $0.asked } }

    public func forgetQuestions() { state.withLock { $0.asked = [] } }

    public func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        let path = String(question.target.prefix { $0 != "?" })
        let answer = state.withLock { state in
            state.asked.append(question)
            return state.everything ?? state.answers[question.target] ?? state.answers[path] ?? .notFound
        }
        switch answer {
        case .reply(let reply): return reply
        case .problem(let problem): throw problem
        }
    }
}
