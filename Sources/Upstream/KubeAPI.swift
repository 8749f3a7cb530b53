import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Questions to one Kubernetes API server, typed.
public struct KubeAPI: Sendable {
    /// What sentences call the cluster: the kube context.
    public let name: String
    public let door: any HTTPStreamDoor
    /// Seconds that one answer may take, a page of a large list included.
    private static let deadline: Double = 30
    /// Objects that are asked for at once; etcd keeps an object below 1.5 MB, and usual ones have a few KB.
    private static let page = 500
    private static let pageLimit = 200
    private static let bodyLimit = 64 << 20

    public init(name: String, door: any HTTPStreamDoor) {
        self.name = name
        self.door = door
    }

    // MARK: objects

    /// - Returns: nil when there is no such object.
    public func get<Object: KubeObject>(
        _ resource: KubeResource, namespace: String?, name: String
    ) async throws(UpstreamProblem) -> Object? {
        do throws(UpstreamProblem) {
            return try await ask("GET", resource.path(namespace: namespace, name: name))
        } catch {
            if error.isAbsent { return nil }
            throw error
        }
    }

    /// Lists page by page, so that a large list is never whole in memory.
    ///
    /// - Parameters:
    ///   - namespace: nil for all.
    ///   - selector: a field or label selector.
    ///   - take: the objects of each page. Objects that cannot be read are left out.
    /// - Returns: the resourceVersion from which changes are watched.
    /// - Throws: `.status(410)` when the list changed so much meanwhile that it must be begun again.
    @discardableResult
    public func list<Object: KubeObject>(
        _ resource: KubeResource, namespace: String? = nil, selector: KubeSelector = .init(),
        isolation: isolated (any Actor)? = #isolation, _ take: ([Object]) async -> Void
    ) async throws(UpstreamProblem) -> String {
        var next: String?
        for _ in 0..<Self.pageLimit {
            let query = KubeResource.query(selector.parameters + [("limit", "\(Self.page)"), ("continue", next)])
            let page: KubeList<Object> = try await ask("GET", resource.path(namespace: namespace) + query)
            await take(page.items)
            guard let more = page.next, !more.isEmpty, more != next else { return page.resourceVersion }
            next = more
        }
        throw UpstreamProblem(
            .tooLarge(Self.page * Self.pageLimit),
            "\(name) has more than \(Self.page * Self.pageLimit) \(resource.plural).",
            advice: "Name the namespaces that matter with `namespaces` in the config.")
    }

    /// Changes what `patch` names (an RFC 7396 merge patch). Where it holds `metadata.resourceVersion`, somebody else's change in between
    /// makes it fail with `.status(409)`.
    public func patch<Object: KubeObject>(
        _ resource: KubeResource, namespace: String?, name: String, _ patch: some Encodable & Sendable
    ) async throws(UpstreamProblem) -> Object {
        try await ask(
            "PATCH", resource.path(namespace: namespace, name: name), type: "application/merge-patch+json", body: patch)
    }

    /// Makes an object.
    ///
    /// - Throws: `.status(409)` when there is one of that name.
    @discardableResult
    public func create<Object: KubeObject>(
        _ resource: KubeResource, namespace: String?, _ object: JSONValue, as type: Object.Type = KubeAny.self
    ) async throws(UpstreamProblem) -> Object {
        try await ask("POST", resource.path(namespace: namespace), type: "application/json", body: object)
    }

    /// Asks for an object's deletion; it stays until its finalizers are gone.
    ///
    /// - Returns: false when there is no such object.
    @discardableResult
    public func delete(
        _ resource: KubeResource, namespace: String?, name: String
    ) async throws(UpstreamProblem) -> Bool {
        do throws(UpstreamProblem) {
            let _: JSONValue = try await ask("DELETE", resource.path(namespace: namespace, name: name))
            return true
        } catch {
            if error.isAbsent { return false }
            throw error
        }
    }

    // MARK: what there is and what is allowed

    /// The version of an API group that the server prefers; nil when it does not have the group.
    public func preferredVersion(of group: String) async throws(UpstreamProblem) -> String? {
        struct Group: Decodable {
            struct Version: Decodable { var version: String }
            var preferredVersion: Version?
            var versions: [Version]?
        }
        do throws(UpstreamProblem) {
            let found: Group = try await ask("GET", "/apis/\(KubeResource.escaped(group))")
            return found.preferredVersion?.version ?? found.versions?.first?.version
        } catch {
            if error.isAbsent { return nil }
            throw error
        }
    }

    /// The plural names of what a version of a group holds; empty when there is no such version.
    public func resources(of group: String, _ version: String) async throws(UpstreamProblem) -> Set<String> {
        struct Resources: Decodable {
            struct Resource: Decodable { var name: String }
            var resources: [Resource]?
        }
        do throws(UpstreamProblem) {
            let root = KubeResource(group: group, version: version, plural: "").path().dropLast()
            let found: Resources = try await ask("GET", String(root))
            return Set((found.resources ?? []).map(\.name))
        } catch {
            if error.isAbsent { return [] }
            throw error
        }
    }

    /// Whether we may do that (SelfSubjectAccessReview).
    ///
    /// - Parameter namespace: nil for all namespaces at once.
    public func may(
        _ verb: String, _ resource: KubeResource, namespace: String?
    ) async throws(UpstreamProblem) -> Bool {
        struct Review: Codable, Sendable {
            struct Attributes: Codable {
                var verb: String
                var group: String
                var resource: String
                var namespace: String?
            }
            struct Spec: Codable { var resourceAttributes: Attributes }
            struct Status: Codable { var allowed: Bool }
            var kind = "SelfSubjectAccessReview"
            var apiVersion = "authorization.k8s.io/v1"
            var spec: Spec?
            var status: Status?
        }
        let attributes = Review.Attributes(
            verb: verb, group: resource.group, resource: resource.plural, namespace: namespace)
        let answer: Review = try await ask(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", type: "application/json",
            body: Review(spec: .init(resourceAttributes: attributes)))
        return answer.status?.allowed ?? false
    }

    public struct Version: Decodable, Sendable, Equatable {
        /// `v1.36.2`
        public var gitVersion: String
        public var minor: String

        /// Whether a watch can begin with everything there is (`sendInitialEvents`; on by default from 1.32).
        public var streamsLists: Bool { (Int(minor.prefix { $0.isNumber }) ?? 0) >= 32 }
    }

    /// Needs no right beyond being logged in, and hardly that: it tells whether the server answers.
    public func version() async throws(UpstreamProblem) -> Version { try await ask("GET", "/version", deadline: 10) }

    // MARK: asking

    private func ask<Answer: Decodable>(
        _ method: String, _ target: String, deadline: Double = KubeAPI.deadline
    ) async throws(UpstreamProblem) -> Answer {
        try await answer(
            to: HTTPQuestion(method: method, target: target, deadline: deadline, bodyLimit: Self.bodyLimit))
    }

    private func ask<Answer: Decodable>(
        _ method: String, _ target: String, type: String, body: some Encodable & Sendable
    ) async throws(UpstreamProblem) -> Answer {
        guard let bytes = try? JSONEncoder().encode(body) else { throw unreadable }
        return try await answer(
            to: HTTPQuestion(
                method: method, target: target, headers: ["Content-Type": type], body: bytes, deadline: Self.deadline,
                bodyLimit: Self.bodyLimit))
    }

    private func answer<Answer: Decodable>(to question: HTTPQuestion) async throws(UpstreamProblem) -> Answer {
        let reply = try await door.ask(question)
        guard (200..<300).contains(reply.status) else { throw .kube(reply, context: name) }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: reply.body) else { throw unreadable }
        return answer
    }

    private var unreadable: UpstreamProblem {
        UpstreamProblem(
            .unreadable, "\(name) gave an answer that is not an API server's.",
            advice: "Check `server` in the kubeconfig: something else answers there.")
    }
}

/// Which objects of a list or a watch are wanted.
public struct KubeSelector: Sendable, Equatable {
    /// `metadata.name=demo`
    public var fields: String?
    /// `cks.io/cluster-pool=true`
    public var labels: String?

    public init(fields: String? = nil, labels: String? = nil) {
        self.fields = fields
        self.labels = labels
    }

    var parameters: [(String, String?)] { [("fieldSelector", fields), ("labelSelector", labels)] }
}

/// One page of a list. An object that cannot be read does not take the others with it.
struct KubeList<Object: KubeObject>: Decodable {
    var items: [Object]
    var resourceVersion: String
    /// The token of the next page.
    var next: String?

    private enum CodingKeys: String, CodingKey { case items, metadata }
    private struct Metadata: Decodable {
        var resourceVersion: String?
        var `continue`: String?
    }
    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        items = (try box.decodeIfPresent([Lenient<Object>].self, forKey: .items) ?? []).compactMap(\.value)
        let metadata = try box.decodeIfPresent(Metadata.self, forKey: .metadata)
        resourceVersion = metadata?.resourceVersion ?? ""
        next = metadata?.continue
    }
}
