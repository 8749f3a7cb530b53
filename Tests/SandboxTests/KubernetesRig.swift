import Fleet
import Foundation
import Sandbox
import TestSupport
import Upstream

/// The sandbox's API server beside a clock that is moved by hand, with two namespaces.
struct KubernetesRig {
    static let deployments = "/apis/k0rdent.mirantis.com/v1beta1/namespaces/team-a/clusterdeployments"

    let time = ManualTime()
    let api: SandboxKubernetes

    init(memory: Int = 2000) async throws {
        api = SandboxKubernetes(time: time.source, memory: memory)
        for name in ["team-a", "team-b"] {
            _ = try await ask("POST", "/api/v1/namespaces", ["metadata": ["name": .text(name)]])
        }
    }

    @discardableResult
    func ask(
        _ method: String, _ target: String, _ body: JSONValue? = nil, user: String = "admin",
        type: String = "application/json"
    ) async throws -> (status: Int, body: JSONValue) {
        let question = HTTPQuestion(
            method: method, target: target, headers: body == nil ? [:] : ["Content-Type": type], body: body?.data)
        let reply = try await api.door(user: user).ask(question)
        return (reply.status, JSONValue(reply.body) ?? .text(String(decoding: reply.body, as: UTF8.self)))
    }

    @discardableResult
    func get(_ target: String, user: String = "admin") async throws -> (status: Int, body: JSONValue) {
        try await ask("GET", target, user: user)
    }

    func patch(_ target: String, _ patch: JSONValue) async throws -> (status: Int, body: JSONValue) {
        try await ask("PATCH", target, patch, type: "application/merge-patch+json")
    }

    /// Creates a deployment in `team-a` and gives its revision.
    @discardableResult
    func create(
        _ name: String, labels: [String: JSONValue] = [:], finalizers: [JSONValue] = []
    ) async throws -> String {
        let made = try await ask(
            "POST", Self.deployments,
            [
                "metadata": ["name": .text(name), "labels": .object(labels), "finalizers": .list(finalizers)],
                "spec": ["template": "azure-standalone-cp-1-0-15"],
            ])
        return made.body.at("metadata", "resourceVersion")?.text ?? ""
    }

    func names(_ target: String) async throws -> [String] { try await get(target).body.names }

    /// Opens a stream.
    func watch(_ target: String, user: String = "admin", patience: Double = 1e9) -> KubernetesStream {
        KubernetesStream(door: api.door(user: user), target: target, patience: patience)
    }

    /// Waits until so many streams are open.
    func untilStreams(_ count: Int) async { while await api.streams < count { await Task.yield() } }
}

/// One watch that is being read.
struct KubernetesStream {
    private let frames: AsyncStream<JSONValue>
    private let task: Task<Result<HTTPReply, UpstreamProblem>, Never>

    init(door: any HTTPStreamDoor, target: String, patience: Double) {
        let (frames, frame) = AsyncStream.makeStream(of: JSONValue.self)
        self.frames = frames
        task = Task {
            defer { frame.finish() }
            do throws(UpstreamProblem) {
                let question = HTTPQuestion(target: target, deadline: 5)
                return .success(
                    try await door.follow(question, patience: patience, opened: {}) {
                        frame.yield(JSONValue($0) ?? .null)
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    /// The next frame as `TYPE name`; nil when the stream has ended.
    func next() async -> String? {
        guard let frame = await nextFrame() else { return nil }
        return [frame["type"]?.text ?? "", frame.at("object", "metadata", "name")?.text ?? ""].joined(separator: " ")
    }

    func nextFrame() async -> JSONValue? {
        for await frame in frames { return frame }
        return nil
    }

    func next(_ count: Int) async -> [String] {
        var all: [String] = []
        while all.count < count, let frame = await next() { all.append(frame) }
        return all
    }

    /// How it ended: the status, or the reason why it did not end well.
    var end: Result<HTTPReply, UpstreamProblem> { get async { await task.value } }

    var problem: UpstreamProblem.Reason? {
        get async { if case .failure(let problem) = await end { problem.reason } else { nil } }
    }
}

extension JSONValue {
    /// The names in a list.
    var names: [String] { (self["items"]?.list ?? []).compactMap { $0.at("metadata", "name")?.text } }

    func condition(_ type: String) -> JSONValue? {
        at("status", "conditions")?.list?.first { $0["type"]?.text == type }
    }
}
