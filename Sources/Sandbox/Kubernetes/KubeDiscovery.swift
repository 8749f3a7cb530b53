import Fleet
import Upstream

/// What the API server says about itself: its version, its groups, and the types in each.
struct KubeDiscovery: Sendable {
    let resources: [KubeType]

    /// nil for a path that is none of discovery's.
    func answer(to path: [String]) -> JSONValue? {
        switch path {
        case ["version"]: Self.version
        case ["api"]: Self.versions
        case ["apis"]: ["kind": "APIGroupList", "apiVersion": "v1", "groups": .list(groups.map { group($0) })]
        case ["api", "v1"]: list("v1", resources.filter { $0.group.isEmpty })
        default:
            if path.first == "apis", path.count == 2, groups.contains(path[1]) {
                .object(
                    (group(path[1]).object ?? [:]).merging(["kind": "APIGroup", "apiVersion": "v1"]) { old, _ in old })
            } else if path.first == "apis", path.count == 3, versions(of: path[1]).contains(path[2]) {
                path[1] == Self.authorization
                    ? list("\(path[1])/v1", [], more: [Self.review])
                    : list(
                        "\(path[1])/\(path[2])", resources.filter { $0.group == path[1] && $0.version == path[2] })
            } else {
                nil
            }
        }
    }

    /// Where anybody may ask what he may do.
    static let authorization = "authorization.k8s.io"

    private var groups: [String] {
        Set(resources.map(\.group)).subtracting([""]).union([Self.authorization]).sorted()
    }

    private func versions(of group: String) -> [String] {
        group == Self.authorization
            ? ["v1"] : Set(resources.filter { $0.group == group }.map(\.version)).sorted(by: >)
    }

    private func group(_ name: String) -> JSONValue {
        let versions = versions(of: name).map { version -> JSONValue in
            ["groupVersion": .text("\(name)/\(version)"), "version": .text(version)]
        }
        return ["name": .text(name), "versions": .list(versions), "preferredVersion": versions.first ?? [:]]
    }

    private func list(_ version: String, _ resources: [KubeType], more: [JSONValue] = []) -> JSONValue {
        let all = resources.sorted { $0.plural < $1.plural }.flatMap { resource -> [JSONValue] in
            var entry = Self.entry(resource, name: resource.plural, singular: resource.singular)
            entry["verbs"] = ["create", "delete", "get", "list", "patch", "update", "watch"]
            if !resource.shortNames.isEmpty {
                entry["shortNames"] = .list(resource.shortNames.map { .text($0) })
            }
            guard resource.hasStatus else { return [entry] }
            var status = Self.entry(resource, name: "\(resource.plural)/status", singular: "")
            status["verbs"] = ["get", "patch", "update"]
            return [entry, status]
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .text(version),
            "resources": .list(all + more),
        ]
    }

    private static func entry(_ resource: KubeType, name: String, singular: String) -> JSONValue {
        [
            "name": .text(name), "singularName": .text(singular), "namespaced": .bool(resource.isNamespaced),
            "kind": .text(resource.kind),
        ]
    }

    private static let review: JSONValue = [
        "name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": false,
        "kind": "SelfSubjectAccessReview", "verbs": ["create"],
    ]

    private static let versions: JSONValue = [
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": "sandbox:6443"]],
    ]

    private static let version: JSONValue = [
        "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitTreeState": "clean", "compiler": "gc",
        "gitCommit": "5a8b1c7d3e9f2046", "buildDate": "2026-08-11T09:12:44Z", "goVersion": "go1.26.1",
        "platform": "linux/amd64",
    ]
}
