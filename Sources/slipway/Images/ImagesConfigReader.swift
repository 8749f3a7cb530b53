import ImageBuild
import Upstream
import Yams

/// The part of a config that says where image builds are.
extension ConfigReader {
    mutating func images(_ node: Node) -> Config.Images {
        var found = Config.Images()
        // `images: [ops@builder-1]` is the shortest way to say it.
        guard node.mapping != nil else {
            found.builders = builders(node)
            return found
        }
        for (name, value) in entries(node, of: "images") {
            switch name {
            case "builders": found.builders = builders(value)
            case "aws": found.aws = text(value, "images.aws", "the path of aws") ?? found.aws
            case "profile": found.profile = text(value, "images.profile", "the name of an AWS profile")
            case "pcluster":
                if let flag = value.bool {
                    found.readsPcluster = flag
                } else {
                    complain(value, "images.pcluster: expected true or false")
                }
            default: complain(value, "images.\(name): there is no such key")
            }
        }
        return found
    }

    private mutating func builders(_ node: Node) -> [String] {
        var hosts: [String] = []
        for node in node.sequence.map(Array.init) ?? [node] {
            let host = node.scalar?.string ?? ""
            if let fault = SSHLine(host: host).fault {
                complain(node, "images: \(fault)")
            } else if hosts.contains(host) {
                complain(node, "images: \(host) is there twice")
            } else {
                hosts.append(host)
            }
        }
        return hosts
    }
}
