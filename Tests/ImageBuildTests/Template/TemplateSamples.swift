import Foundation

@testable import ImageBuild

/// Templates for the tests.
enum TemplateSamples {
    /// The template that pctl brings along.
    static let starter = """
        cluster:
          name: starter-cluster
          region: us-west-2
        compute:
          head_node: c5.large
          queues:
            - name: compute
              instance_types:
                - c5.2xlarge
                - c5.4xlarge
              min_count: 0
              max_count: 20
        software:
          spack_packages:
            - gcc@11.2.0
            - openmpi@4.1.4
            - python@3.10
            - cmake@3.24
            - git@2.39
        users:
          - name: user1
            uid: 5001
            gid: 5001
        data:
          s3_mounts:
            - {bucket: my-bucket, mount_point: /data}

        """

    /// The shortest one; `rest` follows at the left edge, from line 7 on.
    static func short(_ rest: String) -> String {
        """
        cluster: {name: demo, region: us-west-2}
        compute:
          head_node: c5.large
          queues:
            - name: compute
              instance_types: [c5.2xlarge]

        """ + rest
    }

    static func read(_ text: String) throws(TemplateProblems) -> ImageTemplate {
        try ImageTemplate.read(Data(text.utf8), name: "t.yaml")
    }

    /// What is wrong with a template; nothing if it is good.
    static func problems(_ text: String) -> [TemplateProblem] { problems(Data(text.utf8)) }

    static func problems(_ bytes: Data) -> [TemplateProblem] {
        do {
            _ = try ImageTemplate.read(bytes, name: "t.yaml")
            return []
        } catch {
            return error.problems
        }
    }
}

/// Chance that can be repeated (SplitMix64).
struct FuzzChance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
