/// Whose event is it? An object belongs to the deployment whose name it bears, or whose name and a hyphen its name begins with; the
/// longest such name wins, so that `demo` does not take `demo-2-md-x` where there is a `demo-2`, and never takes `demo2-x` or `my-demo`.
///
/// One question costs one look-up for each hyphen of the object's name, however many deployments there are.
public struct EventScope: Sendable {
    /// No cluster has as many deployments; names beyond it are not known.
    static let limit = 50_000

    private var names: [String: Set<String>] = [:]
    private var count = 0

    /// - Parameter keys: all deployments known; the more siblings it knows, the less a name can be mistaken.
    public init(_ keys: some Sequence<DeploymentKey> = []) {
        for key in keys { insert(key) }
    }

    public mutating func insert(_ key: DeploymentKey) {
        guard count < Self.limit, names[key.namespace, default: []].insert(key.name).inserted else { return }
        count += 1
    }

    public mutating func remove(_ key: DeploymentKey) {
        guard names[key.namespace]?.remove(key.name) != nil else { return }
        count -= 1
        if names[key.namespace]?.isEmpty == true { names[key.namespace] = nil }
    }

    public func contains(_ key: DeploymentKey) -> Bool { names[key.namespace]?.contains(key.name) ?? false }

    /// - Returns: nil when it belongs to no deployment known.
    public func owner(of event: WireEvent) -> DeploymentKey? {
        owner(kind: event.object.kind, name: event.object.name, namespace: event.namespace)
    }

    public func owner(kind: String, name: String, namespace: String) -> DeploymentKey? {
        guard let names = names[namespace] else { return nil }
        if names.contains(name) { return DeploymentKey(namespace: namespace, name: name) }
        // A deployment is itself, and never part of another, even while it is not known yet.
        guard kind != "ClusterDeployment" else { return nil }
        var rest = name[...]
        while let hyphen = rest.lastIndex(of: "-") {
            rest = rest[..<hyphen]
            let candidate = String(rest)
            if names.contains(candidate) { return DeploymentKey(namespace: namespace, name: candidate) }
        }
        return nil
    }
}
