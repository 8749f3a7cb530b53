import Foundation
import Synchronization
import Upstream

/// A small API server behind a door: lists, watches and access reviews over objects that a test puts there.
final class KubeScript: HTTPStreamDoor {
    struct State {
        /// `plural/namespace/name`, with an empty namespace for what has none.
        var objects: [String: String] = [:]
        var groups = ["kubevirt.io", "snapshot.kubevirt.io", "cdi.kubevirt.io"]
        /// `plural/namespace`, or `plural/` for all namespaces at once.
        var forbidden: Set<String> = []
        var isDown = false
        var streams: [Int: Stream] = [:]
        var next = 0
        /// Everything that was told, by its version.
        var log: [(version: Int, key: String, text: String, line: Data)] = []
        var version = 1
        var asked: [HTTPQuestion] = []
    }

    struct Stream {
        var path: Path
        var lines: AsyncStream<Data>.Continuation
    }

    struct Path {
        var plural: String
        var namespace: String
        var isLabelled: Bool
        var name: String?

        func holds(_ key: Substring, _ text: String) -> Bool {
            let parts = key.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == plural else { return false }
            return (namespace.isEmpty || parts[1] == namespace) && (name == nil || name == String(parts[2]))
                && (!isLabelled || text.contains("cks.io/cluster-pool"))
        }
    }

    private let state = Mutex(State())

    var streams: Int { state.withLock { $0.streams.count } }
    /// The paths that are watched.
    var watched: [String] {
        state.withLock { $0.streams.values.map { "\($0.path.plural)/\($0.path.namespace)" }.sorted() }
    }
    var asked: [HTTPQuestion] { state.withLock { $0.asked } }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func put(
        _ plural: String, _ namespace: String, _ name: String, _ rest: String = "", labels: String = "{}",
        annotations: String = "{}"
    ) {
        let place = namespace.isEmpty ? "" : #""namespace":"\#(namespace)","#
        state.withLock { state in
            state.version += 1
            let text =
                #"{"metadata":{"name":"\#(name)",\#(place)"uid":"u","resourceVersion":"\#(state.version)","labels":\#(labels),"annotations":\#(annotations)}\#(rest)}"#
            Self.tell("MODIFIED", "\(plural)/\(namespace)/\(name)", text, &state)
        }
    }

    func cluster(_ name: String, _ status: String, labelled: Bool = true, session: String = "") {
        put(
            "namespaces", "", name, labels: labelled ? #"{"cks.io/cluster-pool":"true"}"# : "{}",
            annotations: #"{"cks.io/cluster-status":"\#(status)","cks.io/assigned-session":"\#(session)"}"#)
    }

    /// Both machines of a cluster and its golden snapshots.
    func machines(_ cluster: String, _ word: String = "Running") {
        for name in ["cp-\(cluster)", "wk-\(cluster)"] {
            put("virtualmachines", cluster, name, #","status":{"printableStatus":"\#(word)","ready":true}"#)
            put("virtualmachineinstances", cluster, name, #","status":{"phase":"Running"}"#)
            let golden = "\(name.prefix(2))-snap"
            put(
                "virtualmachinesnapshots", cluster, golden,
                #","spec":{"source":{"name":"\#(name)"}},"status":{"readyToUse":true}"#)
        }
    }

    func remove(_ plural: String, _ namespace: String, _ name: String) {
        state.withLock { state in
            let key = "\(plural)/\(namespace)/\(name)"
            guard let text = state.objects[key] else { return }
            state.version += 1
            Self.tell("DELETED", key, text, &state)
        }
    }

    private static func tell(_ type: String, _ key: String, _ text: String, _ state: inout State) {
        let line = Data(#"{"type":"\#(type)","object":\#(text)}"#.utf8)
        state.objects[key] = type == "DELETED" ? nil : text
        state.log.append((state.version, key, text, line))
        for stream in state.streams.values where stream.path.holds(key[...], text) { stream.lines.yield(line) }
    }

    /// Ends all watches as a server does that goes away.
    func cut() { state.withLock { $0.streams.values.forEach { $0.lines.finish() } } }

    // MARK: the door

    func ask(_ question: HTTPQuestion) async throws(UpstreamProblem) -> HTTPReply {
        let body = state.withLock { state -> String? in
            state.asked.append(question)
            return state.isDown ? nil : Self.answer(question, state)
        }
        guard let body else { return HTTPReply(status: 502, body: Data("connection refused".utf8)) }
        return HTTPReply(status: body.isEmpty ? 404 : 200, body: Data(body.utf8))
    }

    /// Empty for what there is not.
    private static func answer(_ question: HTTPQuestion, _ state: State) -> String {
        let target = question.target
        if target == "/version" { return #"{"gitVersion":"v1.30.0","minor":"30"}"# }
        if target.hasSuffix("selfsubjectaccessreviews") {
            let body = String(decoding: question.body ?? Data(), as: UTF8.self)
            func field(_ name: String) -> Substring {
                guard let start = body.range(of: "\"\(name)\":\"") else { return "" }
                return body[start.upperBound...].prefix { $0 != "\"" }
            }
            let isForbidden = state.forbidden.contains("\(field("resource"))/\(field("namespace"))")
            return
                #"{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":\#(!isForbidden)}}"#
        }
        let parts = target.split(separator: "/")
        if parts.first == "apis", parts.count == 2 {
            return state.groups.contains(String(parts[1])) ? #"{"preferredVersion":{"version":"v1"}}"# : ""
        }
        if parts.first == "apis", parts.count == 3 {
            let names = [
                "virtualmachines", "virtualmachineinstances", "virtualmachinesnapshots", "virtualmachinerestores",
                "datavolumes",
            ]
            return #"{"resources":[\#(names.map { #"{"name":"\#($0)"}"# }.joined(separator: ","))]}"#
        }
        let path = path(of: target)
        let items = state.objects.filter { path.holds($0.key[...], $0.value) }.values
        return #"{"metadata":{"resourceVersion":"\#(state.version)"},"items":[\#(items.joined(separator: ","))]}"#
    }

    private static func path(of target: String) -> Path {
        let halves = target.split(separator: "?", maxSplits: 1)
        let parts = halves[0].split(separator: "/")
        let query = halves.count > 1 ? halves[1] : ""
        let place = parts.lastIndex(of: "namespaces").flatMap { $0 + 2 < parts.count ? String(parts[$0 + 1]) : nil }
        let name = query.range(of: "metadata.name%3D").map { query[$0.upperBound...].prefix { $0 != "&" } }
        return Path(
            plural: String(parts.last ?? ""), namespace: place ?? "", isLabelled: query.contains("labelSelector"),
            name: name.map(String.init))
    }

    func follow(
        _ question: HTTPQuestion, patience: Double, opened: @escaping @Sendable () async -> Void,
        _ take: @escaping @Sendable (Data) async -> Void
    ) async throws(UpstreamProblem) -> HTTPReply {
        let (lines, continuation) = AsyncStream.makeStream(of: Data.self)
        let id = state.withLock { state -> Int? in
            state.asked.append(question)
            guard !state.isDown else { return nil }
            state.next += 1
            let path = Self.path(of: question.target)
            let since = question.target.range(of: "resourceVersion=")
                .flatMap { Int(question.target[$0.upperBound...].prefix { $0 != "&" }) }
            for entry in state.log where entry.version > since ?? 0 && path.holds(entry.key[...], entry.text) {
                continuation.yield(entry.line)
            }
            state.streams[state.next] = Stream(path: path, lines: continuation)
            return state.next
        }
        guard let id else { return HTTPReply(status: 502, body: Data("connection refused".utf8)) }
        await opened()
        for await line in lines { await take(line) }
        state.withLock { $0.streams[id] = nil }
        return HTTPReply(status: 200)
    }
}
