import Foundation

extension Stage {
    /// A template called `rig` with these packages.
    ///
    /// - Returns: its path.
    func template(_ packages: [String]) throws -> String {
        let text = """
            cluster: {name: rig, region: us-east-1}
            compute:
              head_node: c5.large
              queues:
                - {name: compute, instance_types: [c5.2xlarge], min_count: 0, max_count: 2}
            software:
              spack_packages: [\(packages.joined(separator: ", "))]
            """
        let file = home.appendingPathComponent("rig.yaml")
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
