import ClusterPool
import Foundation
import Upstream
import Yams

/// The part of a config that names pools of practice clusters.
extension ConfigReader {
    mutating func pools(_ node: Node) -> [Config.Pool] {
        var entries: [Config.Pool] = []
        if let contexts = plainContexts(node, of: "pool") {
            entries = contexts.isEmpty ? [] : [Config.Pool(kubernetes: .init(contexts: contexts))]
        } else {
            entries = (node.sequence.map(Array.init) ?? [node]).compactMap { poolEntry($0) }
        }
        tellTwice(entries.flatMap { $0.sources.map(\.id) }, node, of: "pool")
        return entries
    }

    private mutating func poolEntry(_ node: Node) -> Config.Pool? {
        var found = Config.Pool(kubernetes: .init(contexts: []))
        for (name, value) in entries(node, of: "pool") {
            switch name {
            case "contexts": found.kubernetes.contexts = contexts(value, of: "pool")
            case "name": found.kubernetes.name = text(value, "pool.name", "a short name")
            case "kubeconfig": found.kubernetes.kubeconfig = text(value, "pool.kubeconfig", "the path of a kubeconfig")
            case "program":
                found.kubernetes.program =
                    text(value, "pool.program", "the path of kubectl") ?? found.kubernetes.program
            case "sessions":
                if let url = text(value, "pool.sessions", "http://HOST:PORT"), HTTPClientDoor.isUsable(url) {
                    found.sessions = url
                } else {
                    complain(value, "pool.sessions: expected http://HOST:PORT or https://HOST")
                }
            case "clusters": found.clusters = clusters(value) ?? found.clusters
            case "minutes": found.life = minutes(value) ?? found.life
            case "templates": found.templates = path(value, "pool.templates", "the path of a folder")
            case "ssh-user": found.user = text(value, "pool.ssh-user", "a user of the machines") ?? found.user
            case "ssh-key": found.key = path(value, "pool.ssh-key", "the path of a private key")
            case "virtctl": found.virtctl = path(value, "pool.virtctl", "the path of virtctl") ?? found.virtctl
            default: complain(value, "pool.\(name): there is no such key")
            }
        }
        guard !found.kubernetes.contexts.isEmpty else {
            complain(node, "pool: expected contexts: [NAME, …], as `kubectl config get-contexts` lists them")
            return nil
        }
        return found
    }

    private mutating func clusters(_ node: Node) -> [String]? {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var names: [String] = []
        for node in nodes {
            let name = node.scalar?.string ?? ""
            do throws(PoolRefusal) {
                try PoolNames.check(cluster: name)
                if !names.contains(name) { names.append(name) }
            } catch {
                complain(node, "pool.clusters: \(error.sentence) \(error.advice)")
            }
        }
        if nodes.isEmpty { complain(node, "pool.clusters: expected names of clusters") }
        return names.isEmpty ? nil : names
    }

    /// - Returns: seconds.
    private mutating func minutes(_ node: Node) -> Double? {
        let most = Int(PoolSettings.longestLife / 60)
        if let minutes = node.scalar.flatMap({ Int($0.string) }), (1...most).contains(minutes) {
            return Double(minutes) * 60
        }
        complain(node, "pool.minutes: expected 1 to \(most)")
        return nil
    }

    /// A path as people write it, with `~/` for the home folder.
    private mutating func path(_ node: Node, _ name: String, _ expected: String) -> String? {
        text(node, name, expected).map { ($0 as NSString).expandingTildeInPath }
    }
}
