import Yams

/// The part of a config that names ParallelCluster's regions.
extension ConfigReader {
    mutating func pclusters(_ node: Node) -> [Config.Pcluster] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        // `pcluster: [us-east-1, eu-west-1]` is the shortest way to say it.
        if node.scalar != nil || (node.sequence.map { $0.allSatisfy { $0.scalar != nil } } ?? false) {
            let regions = regions(node)
            return regions.isEmpty ? [] : [Config.Pcluster(regions: regions)]
        }
        let entries = nodes.compactMap { pcluster($0) }
        var sources: Set<String> = []
        for source in entries.flatMap({ $0.sources.map(\.id) }) where !sources.insert(source).inserted {
            complain(node, "pcluster: \(source) is there twice; give the entries names of their own")
        }
        return entries
    }

    private mutating func pcluster(_ node: Node) -> Config.Pcluster? {
        var found = Config.Pcluster(regions: [])
        for (name, value) in entries(node, of: "pcluster") {
            switch name {
            case "regions": found.regions = regions(value)
            case "name": found.name = text(value, "pcluster.name", "a short name")
            case "program": found.program = text(value, "pcluster.program", "the path of pcluster") ?? found.program
            case "profile": found.profile = text(value, "pcluster.profile", "the name of an AWS profile")
            case "limit":
                if let seconds = value.scalar.flatMap({ Double($0.string) }), seconds > 0, seconds.isFinite {
                    found.limit = seconds
                } else {
                    complain(value, "pcluster.limit: expected seconds above 0")
                }
            default: complain(value, "pcluster.\(name): there is no such key")
            }
        }
        guard !found.regions.isEmpty else {
            complain(node, "pcluster: expected regions: [us-east-1, …]")
            return nil
        }
        return found
    }

    private mutating func regions(_ node: Node) -> [String] {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var regions: [String] = []
        for node in nodes {
            guard let region = node.scalar?.string, Config.Pcluster.isRegion(region) else {
                complain(node, "pcluster.regions: expected names such as us-east-1")
                continue
            }
            if !regions.contains(region) { regions.append(region) }
        }
        return regions
    }
}
