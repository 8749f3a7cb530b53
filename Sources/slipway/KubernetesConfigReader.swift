import Upstream
import Yams

/// The part of a config that names kube contexts.
extension ConfigReader {
    mutating func kubernetes(_ node: Node) -> [Config.Kubernetes] {
        // `kubernetes: [mgmt-eu, mgmt-us]` is the shortest way to say it.
        if node.scalar != nil || (node.sequence.map { $0.allSatisfy { $0.scalar != nil } } ?? false) {
            let contexts = contexts(node)
            return contexts.isEmpty ? [] : [Config.Kubernetes(contexts: contexts)]
        }
        let nodes = node.sequence.map(Array.init) ?? [node]
        let entries = nodes.compactMap { kubernetesEntry($0) }
        var sources: Set<String> = []
        for source in entries.flatMap({ $0.sources.map(\.id) }) where !sources.insert(source).inserted {
            complain(node, "kubernetes: \(source) is there twice; give the entries names of their own")
        }
        return entries
    }

    private mutating func kubernetesEntry(_ node: Node) -> Config.Kubernetes? {
        var found = Config.Kubernetes(contexts: [])
        for (name, value) in entries(node, of: "kubernetes") {
            switch name {
            case "contexts": found.contexts = contexts(value)
            case "name": found.name = text(value, "kubernetes.name", "a short name")
            case "namespaces": found.namespaces = namespaces(value)
            case "kubeconfig": found.kubeconfig = text(value, "kubernetes.kubeconfig", "the path of a kubeconfig")
            case "program": found.program = text(value, "kubernetes.program", "the path of kubectl") ?? found.program
            case "limit":
                if let seconds = value.scalar.flatMap({ Double($0.string) }), seconds > 0, seconds.isFinite {
                    found.limit = seconds
                } else {
                    complain(value, "kubernetes.limit: expected seconds above 0")
                }
            default: complain(value, "kubernetes.\(name): there is no such key")
            }
        }
        guard !found.contexts.isEmpty else {
            complain(node, "kubernetes: expected contexts: [NAME, …], as `kubectl config get-contexts` lists them")
            return nil
        }
        return found
    }

    private mutating func contexts(_ node: Node) -> [String] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var contexts: [String] = []
        for node in nodes {
            guard let context = node.scalar?.string, !context.isEmpty else {
                complain(node, "kubernetes.contexts: expected names, as `kubectl config get-contexts` lists them")
                continue
            }
            if !contexts.contains(context) { contexts.append(context) }
        }
        return contexts
    }

    private mutating func namespaces(_ node: Node) -> NamespaceFilter? {
        guard let pattern = text(node, "kubernetes.namespaces", "a regular expression") else { return nil }
        do {
            return try NamespaceFilter(pattern)
        } catch {
            complain(node, "kubernetes.namespaces: \(error)")
            return nil
        }
    }
}
