/// Whose event is it? An object belongs to the deployment whose name it bears, or whose name and a hyphen its name begins with; the
/// longest such name wins, so that `demo` does not take `demo-2-md-x` where there is a `demo-2`, and never takes `demo2-x` or `my-demo`.
///
/// One question costs one look-up for each hyphen of the object's name, however many deployments there are.
public struct EventScope: Sendable {
    /// No cluster has as many deployments; names beyond it are not known.
    static let limit = 50_000
    /// Event times are whole seconds, and written by other clocks than that of the API server: seconds by which one may seem to be older
    /// than what it is about.
    private static let slack: Double = 5

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

    /// Whether an event that bears the name of a deployment is about this one, and not about an earlier one that had the same name.
    public static func isOf(_ wire: WireDeployment, _ event: WireEvent) -> Bool {
        if event.object.kind == "ClusterDeployment", !event.object.uid.isEmpty, !wire.metadata.uid.isEmpty,
            event.object.uid != wire.metadata.uid
        {
            return false
        }
        guard let at = event.at, let created = wire.metadata.creationTimestamp else { return true }
        return at >= created.addingTimeInterval(-slack)
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
