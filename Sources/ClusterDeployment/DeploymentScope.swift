import Fleet
import Upstream

/// Which namespaces of a context are read.
public enum DeploymentScope: Sendable, Equatable {
    /// All of them at once.
    case all
    /// These, and how many there are altogether.
    case namespaces([String], of: Int)

    /// The namespaces to watch one by one; nil stands for all of them.
    var watched: [String?] {
        switch self {
        case .all: [nil]
        case .namespaces(let names, _): names
        }
    }

    /// More than so many watches of one kind would be a burden on the server.
    static let limit = 40
    /// Access reviews: at most so many, and so many at once.
    private static let reviewLimit = 400
    private static let width = 8
    /// What is left out, in one sentence; nil when nothing is.
    var gap: String? {
        guard case .namespaces(let names, let count) = self, names.count == Self.limit, count > names.count else {
            return nil
        }
        return "\(names.count) of \(count) namespaces are read; name those that matter with `namespaces` in the config"
    }

    /// k0rdent's own namespace, where most of its objects are.
    static let usual = "kcm-system"

    /// Asks what we may watch, before anything is watched: what is forbidden in one namespace must not hide the others.
    ///
    /// - Parameters:
    ///   - filter: leaves out namespaces; nil takes all.
    ///   - preferred: the namespaces to try where they cannot be listed.
    /// - Throws: `.status(403)` when no namespace may be read.
    static func find(
        _ api: KubeAPI, _ resource: KubeResource, filter: NamespaceFilter?, preferred: [String]
    ) async throws(UpstreamProblem) -> DeploymentScope {
        // A filter is applied to what comes; where all may be read, one watch is cheaper than many.
        if try await api.may("watch", resource, namespace: nil) { return .all }
        let names = try await candidates(api, preferred).filter { filter?.allows($0) ?? true }
        let allowed = try await allowed(names.prefix(reviewLimit), api, resource)
        guard allowed.isEmpty else { return .namespaces(Array(allowed.prefix(limit)), of: names.count) }
        throw UpstreamProblem(
            .status(403), "\(api.name) does not let you watch \(resource.plural) in any namespace.",
            advice: "Ask for the right to list and watch \(resource.plural).\(resource.group).")
    }

    /// A few questions at once: each is a round trip, and there may be hundreds.
    private static func allowed(
        _ names: some Collection<String>, _ api: KubeAPI, _ resource: KubeResource
    ) async throws(UpstreamProblem) -> [String] {
        let results = await withTaskGroup(of: Result<String?, UpstreamProblem>.self) { group in
            var rest = names.makeIterator()
            func next() {
                guard let name = rest.next() else { return }
                group.addTask {
                    do throws(UpstreamProblem) {
                        return .success(try await api.may("watch", resource, namespace: name) ? name : nil)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<width { next() }
            var results: [Result<String?, UpstreamProblem>] = []
            while let result = await group.next() {
                results.append(result)
                next()
            }
            return results
        }
        var allowed: [String] = []
        for result in results { if let name = try result.get() { allowed.append(name) } }
        return allowed.sorted()
    }

    private static func candidates(
        _ api: KubeAPI, _ preferred: [String]
    ) async throws(UpstreamProblem) -> [String] {
        guard try await api.may("list", .namespaces, namespace: nil) else {
            var names = preferred
            if !names.contains(usual) { names.append(usual) }
            return names
        }
        var names: [String] = []
        try await api.list(.namespaces) { (page: [WireNamespace]) in names += page.map(\.metadata.name) }
        return names.sorted()
    }
}

/// A namespace, of which only the name matters here.
struct WireNamespace: KubeObject { var metadata: KubeMetadata }
