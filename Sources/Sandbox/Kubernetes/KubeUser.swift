/// Somebody who may ask the API server, and what about.
public struct KubeUser: Sendable, Equatable {
    /// What is allowed. Nothing else is.
    public struct Rule: Sendable, Equatable {
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`; `*` is all of them.
        public var verbs: Set<String>
        /// By group-qualified name: `events`, `clusters.cluster.x-k8s.io`, `clusters.cluster.x-k8s.io/status`; `*` is all.
        public var resources: Set<String>
        /// nil means everywhere, all namespaces at once included.
        public var namespaces: Set<String>?

        public init(verbs: Set<String>, resources: Set<String>, namespaces: Set<String>? = nil) {
            self.verbs = verbs
            self.resources = resources
            self.namespaces = namespaces
        }

        func allows(_ verb: String, _ resource: String, in namespace: String) -> Bool {
            (verbs.contains("*") || verbs.contains(verb)) && (resources.contains("*") || resources.contains(resource))
                && (namespaces?.contains(namespace) ?? true)
        }
    }

    public var name: String
    public var rules: [Rule]

    public init(name: String, rules: [Rule]) {
        self.name = name
        self.rules = rules
    }

    /// - Parameter namespace: empty for all namespaces at once and for what has none.
    func may(_ verb: String, _ resource: String, in namespace: String) -> Bool {
        rules.contains { $0.allows(verb, resource, in: namespace) }
    }

    /// May do everything.
    public static let admin = KubeUser(name: "admin", rules: [Rule(verbs: ["*"], resources: ["*"])])

    /// The demo's own user: looks at the deployments of two namespaces and at the practice clusters, and changes nothing.
    public static let ops = KubeUser(
        name: "ops",
        rules: [
            Rule(
                verbs: ["get", "list", "watch"],
                resources: [
                    "clusterdeployments.k0rdent.mirantis.com", "events", "clusters.cluster.x-k8s.io",
                    "machinedeployments.cluster.x-k8s.io", "machines.cluster.x-k8s.io",
                    "k0scontrolplanes.controlplane.cluster.x-k8s.io",
                ], namespaces: ["kcm-system", "team-a"]),
            Rule(
                verbs: ["get", "list", "watch"],
                resources: machines.union(["events", "persistentvolumeclaims", "pods", "resourcequotas"]),
                namespaces: Set(SandboxPool.namespaces + [SandboxPool.templates])),
            Rule(verbs: ["get", "list", "watch"], resources: ["namespaces"]),
        ])

    /// Lends, resets and rebuilds practice clusters, wherever they are.
    public static let poolManager = KubeUser(
        name: "pool-manager",
        rules: [
            Rule(
                verbs: ["*"],
                resources: machines.union(machines.map { $0 + "/status" }).union([
                    "namespaces", "secrets", "persistentvolumeclaims", "resourcequotas", "events",
                    "leases.coordination.k8s.io",
                ])),
            Rule(verbs: ["get", "list", "watch", "delete"], resources: ["pods"]),
        ])

    private static let machines = Set(KubeType.kubeVirt.map(\.name))
}
