import Upstream
import Yams

/// The part of a config that names kube contexts.
extension ConfigReader {
    mutating func kubernetes(_ node: Node) -> [Config.Kubernetes] {
        var entries: [Config.Kubernetes] = []
        if let contexts = plainContexts(node, of: "kubernetes") {
            entries = contexts.isEmpty ? [] : [Config.Kubernetes(contexts: contexts)]
        } else {
            entries = (node.sequence.map(Array.init) ?? [node]).compactMap { kubernetesEntry($0) }
        }
        tellTwice(entries.flatMap { $0.sources.map(\.id) }, node, of: "kubernetes")
        return entries
    }

    /// `kubernetes: [mgmt-eu, mgmt-us]` is the shortest way to say it; nil for the longer ones.
    mutating func plainContexts(_ node: Node, of key: String) -> [String]? {
        guard node.scalar != nil || (node.sequence.map { $0.allSatisfy { $0.scalar != nil } } ?? false) else {
            return nil
        }
        return contexts(node, of: key)
    }

    mutating func tellTwice(_ ids: [String], _ node: Node, of key: String) {
        var sources: Set<String> = []
        for source in ids where !sources.insert(source).inserted {
            complain(node, "\(key): \(source) is there twice; give the entries names of their own")
        }
    }

    private mutating func kubernetesEntry(_ node: Node) -> Config.Kubernetes? {
        var found = Config.Kubernetes(contexts: [])
        for (name, value) in entries(node, of: "kubernetes") {
            switch name {
            case "contexts": found.contexts = contexts(value, of: "kubernetes")
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

    mutating func contexts(_ node: Node, of key: String) -> [String] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var contexts: [String] = []
        for node in nodes {
            guard let context = node.scalar?.string, !context.isEmpty else {
                complain(node, "\(key).contexts: expected names, as `kubectl config get-contexts` lists them")
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
