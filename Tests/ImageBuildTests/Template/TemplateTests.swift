import Foundation
import Testing

@testable import ImageBuild

/// What is read from a good template, and what a bad one is told as a whole.
@Suite struct TemplateTests {
    @Test func theStarterIsReadWhole() throws {
        let template = try TemplateSamples.read(TemplateSamples.starter)
        #expect(template.name == "t.yaml")
        #expect(template.cluster == .init(name: "starter-cluster", region: "us-west-2"))
        #expect(template.headNode == "c5.large")
        let types = ["c5.2xlarge", "c5.4xlarge"]
        #expect(template.queues == [.init(name: "compute", instanceTypes: types, minCount: 0, maxCount: 20)])
        #expect(
            template.packages.map(\.text) == ["gcc@11.2.0", "openmpi@4.1.4", "python@3.10", "cmake@3.24", "git@2.39"])
        #expect(template.users == [.init(name: "user1", uid: 5001, gid: 5001)])
        #expect(template.mounts == [.init(bucket: "my-bucket", mountPoint: "/data")])
        #expect(template.buildOrder.notes.isEmpty)
        #expect(template.buildOrder.specs == template.packages)
    }

    @Test(arguments: [
        "", "software:\n", "software: {spack_packages: []}\n", "software: {spack_packages: ~}\n", "users: []\n",
        "users:\ndata:\n", "data: {s3_mounts: null}\n", "# a comment\n...\n",
        "software:\n  spack_packages: [gcc@11.2.0, 'hdf5 +mpi ^openmpi@4', \"x cflags='-O3 -g'\"]\n",
        "software:\n  spack_packages:\n  - &compiler gcc@11.2.0\n  - *compiler\n",
        "users:\n  - &one {name: a, uid: 5001, gid: 5000}\n  - {<<: *one, name: b, uid: 5002}\n",
        "users: [{name: first.last, uid: 1000, gid: 60000}]\n",
    ])
    func optionalSectionsMayBeAnyOfThese(rest: String) {
        #expect(TemplateSamples.problems(TemplateSamples.short(rest)) == [])
    }

    @Test(arguments: ["hpc6a.48xlarge", "u-6tb1.metal", "c7i-flex.large", "c6a.metal-48xl", "trn1.32xlarge"])
    func realInstanceTypesOfComputeNodesAreTaken(type: String) {
        let text = TemplateSamples.starter.replacingOccurrences(of: "c5.4xlarge", with: type)
        #expect(TemplateSamples.problems(text) == [])
    }

    @Test func windowsLineEndsAndAByteOrderMarkDoNotMatter() {
        let text = "\u{FEFF}" + TemplateSamples.starter.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(TemplateSamples.problems(text) == [])
        let bad = text.replacingOccurrences(of: "uid: 5001", with: "uid: 51")
        #expect(TemplateSamples.problems(bad).map { [$0.line, $0.column] } == [[22, 10]])
    }

    @Test func mergedAndAliasedPartsAreReadWhereTheyAreUsed() throws {
        let template = try TemplateSamples.read(
            """
            cluster: {name: demo, region: us-west-2}
            compute:
              head_node: c5.large
              queues:
                - &small
                  name: small
                  instance_types: &types [c5.large, c5.xlarge]
                  max_count: 4
                - <<: *small
                  name: large
                  max_count: 8
                - {name: third, instance_types: *types}
            """)
        #expect(template.queues.map(\.name) == ["small", "large", "third"])
        #expect(template.queues.map(\.maxCount) == [4, 8, 0])
        #expect(template.queues.allSatisfy { $0.instanceTypes == ["c5.large", "c5.xlarge"] })
    }

    @Test func compilersAreBuiltFirstAndNothingTwice() throws {
        let given = ["hdf5 +mpi", "gcc@12", "zlib", "hdf5  +mpi ", "llvm@15 %gcc@12", "gcc@12", "gcc@13"]
        let order = PackageOrder(try given.map { try PackageSpec($0) })
        #expect(order.specs.map(\.text) == ["gcc@12", "llvm@15 %gcc@12", "gcc@13", "hdf5 +mpi", "zlib"])
        #expect(
            order.notes == [
                "hdf5 +mpi is listed more than once and is built once.",
                "gcc@12 is listed more than once and is built once.",
                "gcc@12 is built earlier than listed, since compilers come first.",
            ])
    }

    // MARK: all problems at once

    static let tenMistakes = """
        cluster:
          name: 1demo
          region: us-wst-2
        compute:
          head_node: c5large
          queues:
            - name: compute
              instance_types: [c5.2xlarge, C5.4xlarge]
              min_count: 30
              max_count: 20
            - name: compute
              instance_types: []
              max_counts: 5
        software:
          spack_packages:
            - gcc@11.2.0
            - openmpi@4.1.4; reboot
        users:
          - {name: user1, uid: 500, gid: 5001}

        """

    @Test func tenMistakesAreToldAtOnceInTheOrderOfTheFile() {
        let problems = TemplateSamples.problems(Self.tenMistakes)
        let places = problems.map { "\($0.line):\($0.column) \($0.path)" }
        #expect(
            places == [
                "2:9 cluster.name", "3:11 cluster.region", "5:21 compute.head_node",
                "8:36 compute.queues[0].instance_types[1]", "9:18 compute.queues[0].min_count",
                "11:13 compute.queues[1].name", "12:23 compute.queues[1].instance_types",
                "13:7 compute.queues[1].max_counts", "17:20 software.spack_packages[1]", "19:24 users[0].uid",
            ])
        #expect(problems.allSatisfy { !$0.text.isEmpty && !$0.fix.isEmpty })
    }

    @Test func theReportFitsIntoEightyColumnsAndCanBeJumpedFrom() throws {
        let error = #expect(throws: TemplateProblems.self) { try TemplateSamples.read(Self.tenMistakes) }
        let report = try #require(error).report(file: "seeds/t.yaml")
        #expect(
            report == """
                10 problems in seeds/t.yaml:
                seeds/t.yaml:2:9: cluster.name: `1demo` begins with `1`; a cluster's name is a
                    letter, then letters, digits and `-`
                  fix: demo would do
                seeds/t.yaml:3:11: cluster.region: `us-wst-2` is none of the 16 regions that
                    pctl knows
                  fix: the nearest are us-west-2, us-east-2, us-west-1
                seeds/t.yaml:5:21: compute.head_node: `c5large` is no instance type: it has no
                    `.` before its size
                  fix: write it like c5.2xlarge
                seeds/t.yaml:8:36: compute.queues[0].instance_types[1]: `C5.4xlarge` is no
                    instance type: it is written in small letters
                  fix: write c5.4xlarge
                seeds/t.yaml:9:18: compute.queues[0].min_count: min_count 30 is above max_count,
                    which is 20
                  fix: lower min_count, or set max_count to 30 or more
                seeds/t.yaml:11:13: compute.queues[1].name: the queue name `compute` is used
                    already, in line 7
                  fix: choose another one
                seeds/t.yaml:12:23: compute.queues[1].instance_types: is empty; expected at
                    least one instance type
                  fix: write [c5.2xlarge]
                seeds/t.yaml:13:7: compute.queues[1].max_counts: there is no such key
                  fix: did you mean `max_count`?
                seeds/t.yaml:17:20: software.spack_packages[1]: `openmpi@4.1.4; reboot` has `;`,
                    which a shell would act on
                  fix: remove it
                seeds/t.yaml:19:24: users[0].uid: 500 is not from 1000 to 60000
                  fix: numbers below 1000 belong to the system; write 5001
                """)
        #expect(report.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func oneProblemIsOne() throws {
        let error = #expect(throws: TemplateProblems.self) { try TemplateSamples.read("") }
        #expect(try #require(error).description.hasPrefix("1 problem in t.yaml:\nt.yaml:1:1: "))
    }

    @Test func aFileOfAnotherKindDoesNotFillTheScreen() throws {
        let text = TemplateSamples.short(
            "software:\n  spack_packages:\n" + String(repeating: "    - -x\n", count: 3000))
        let error = try #require(#expect(throws: TemplateProblems.self) { try TemplateSamples.read(text) })
        #expect(error.count == 3000)
        #expect(error.problems.count == TemplateProblems.most)
        #expect(error.description.hasPrefix("3000 problems in t.yaml, the first 200 of them:\nt.yaml:9:7: "))
    }
}
