import Foundation
import Testing

@testable import ImageBuild

/// One mistake each: where it is told, what is said, and how it is put right.
@Suite struct TemplateRuleTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let yaml: String
        let place: String
        let text: String
        var fix = ""
        var testDescription: String { yaml }
    }

    @Test(arguments: sections + names + numbers + lists + types)
    func oneMistakeIsOneProblem(_ mistake: Mistake) throws {
        let problems = TemplateSamples.problems(mistake.yaml)
        try #require(problems.count == 1, "\(problems)")
        let problem = problems[0]
        #expect("\(problem.line):\(problem.column) \(problem.path)" == mistake.place)
        #expect(problem.text.contains(mistake.text), "\(problem.text)")
        #expect(!problem.fix.isEmpty && (mistake.fix.isEmpty || problem.fix.contains(mistake.fix)), "\(problem.fix)")
    }

    /// The starter with one text replaced.
    static func starter(_ old: String, _ new: String) -> String {
        TemplateSamples.starter.replacingOccurrences(of: old, with: new)
    }

    static let noCompute = "cluster: {name: demo, region: us-west-2}\n"

    static let sections: [Mistake] = [
        .init(yaml: noCompute, place: "1:1 compute", text: "is missing", fix: "head_node"),
        .init(yaml: starter("  region: us-west-2\n", ""), place: "2:3 cluster.region", text: "is missing"),
        .init(yaml: starter("\n  name: starter-cluster", "\n  name:"), place: "2:3 cluster.name", text: "is empty"),
        .init(
            yaml: starter("compute:\n", "computer:\n"), place: "4:1 computer", text: "no such key", fix: "`compute`?"),
        .init(yaml: starter("head_node", "headnode"), place: "5:3 compute.headnode", text: "no such", fix: "head_node"),
        .init(
            yaml: starter("users:\n", "colour: red\nusers:\n"), place: "20:1 colour", text: "no such key",
            fix: "there are cluster, compute, software, users, data"),
        .init(
            yaml: starter("\nusers:", "\n? [a]\n: b\nusers:"), place: "20:3 ", text: "a list stands where a key",
            fix: "key: value"),
    ]

    static let names: [Mistake] = [
        .init(
            yaml: starter("starter-cluster", "star_ter"), place: "2:13 cluster.name", text: "`_`", fix: "starter would"),
        .init(yaml: starter("starter-cluster", "\"star ter\""), place: "2:14 cluster.name", text: "contains a blank"),
        // Behind an escape the column cannot be told, so the text is pointed to.
        .init(yaml: starter("starter-cluster", #""a\x41_""#), place: "2:9 cluster.name", text: "contains `_`"),
        .init(
            yaml: starter("starter-cluster", String(repeating: "a", count: 61)), place: "2:69 cluster.name",
            text: "61 characters; at most 60"),
        .init(
            yaml: starter("- name: compute", "- name: Compute"), place: "7:13 compute.queues[0].name", text: "`C`",
            fix: "compute would"),
        .init(
            yaml: starter("us-west-2", "eu-nort-1"), place: "3:11 cluster.region", text: "regions", fix: "eu-north-1"),
        .init(
            yaml: starter("us-west-2", "us-west-2a"), place: "3:11 cluster.region", text: "16 regions",
            fix: "the nearest are us-west-2,"),
        .init(yaml: starter("c5.large", "c5."), place: "5:17 compute.head_node", text: "no size", fix: "c5.large"),
        .init(
            yaml: starter("c5.large", "hpc6a.large"), place: "5:15 compute.head_node", text: "one letter and one digit"),
        .init(
            yaml: starter("c5.4xlarge", "c5 4xlarge"), place: "10:21 compute.queues[0].instance_types[1]",
            text: "no `.`"),
        .init(
            yaml: starter("c5.4xlarge", "cc.4x"), place: "10:13 compute.queues[0].instance_types[1]", text: "no number"),
        .init(yaml: starter("c5.4xlarge", "c5.4x!"), place: "10:16 compute.queues[0].instance_types[1]", text: "`!`"),
    ]

    static let numbers: [Mistake] = [
        .init(
            yaml: starter("min_count: 0", "min_count: -1"), place: "11:18 compute.queues[0].min_count", text: "below 0"),
        .init(
            yaml: starter("max_count: 20", "max_count: 1001"), place: "12:18 compute.queues[0].max_count",
            text: "0 to 1000", fix: "at most 1000"),
        .init(
            yaml: starter("max_count: 20", "max_count: \"20\""), place: "12:18 compute.queues[0].max_count",
            text: "text", fix: "quotes"),
        .init(
            yaml: starter("max_count: 20", "max_count: 20.5"), place: "12:18 compute.queues[0].max_count",
            text: "whole number"),
        .init(
            yaml: starter("max_count: 20", "max_count:"), place: "12:7 compute.queues[0].max_count", text: "is empty"),
        .init(
            yaml: starter("max_count: 20", "max_count: [20]"), place: "12:18 compute.queues[0].max_count",
            text: "found a list"),
        .init(
            yaml: starter("max_count: 20", "max_count: 99999999999999999999"),
            place: "12:18 compute.queues[0].max_count",
            text: "far too large"),
        .init(
            yaml: starter("min_count: 0\n      max_count: 20", "min_count: 2"),
            place: "11:18 compute.queues[0].min_count",
            text: "max_count, which is missing"),
        .init(yaml: starter("uid: 5001", "uid: 60001"), place: "22:10 users[0].uid", text: "1000 to 60000"),
        .init(
            yaml: starter("gid: 5001", "gid: 999"), place: "23:10 users[0].gid", text: "1000 to 60000", fix: "system"),
        .init(yaml: starter("gid: 5001", "gid: 05001"), place: "23:10 users[0].gid", text: "octal", fix: "zero"),
        .init(yaml: starter("    gid: 5001\n", ""), place: "21:5 users[0].gid", text: "is missing", fix: "gid: 5001"),
    ]

    static let lists: [Mistake] = [
        .init(
            yaml: TemplateSamples.short("    - {name: compute, instance_types: [c5.large]}\n"),
            place: "7:14 compute.queues[1].name", text: "used already, in line 5"),
        .init(
            yaml: TemplateSamples.short(
                "users:\n- {name: a, uid: 5001, gid: 5001}\n- {name: a, uid: 5002, gid: 5001}\n"),
            place: "9:10 users[1].name", text: "used already, in line 8"),
        .init(
            yaml: TemplateSamples.short(
                "users:\n- {name: a, uid: 5001, gid: 5001}\n- {name: b, uid: 5001, gid: 5001}\n"),
            place: "9:18 users[1].uid", text: "the uid `5001` is used already, in line 8"),
        .init(
            yaml: starter("name: user1", "name: user 1"), place: "21:15 users[0].name", text: "a blank", fix: "user1"),
        .init(yaml: starter("name: user1", "name: 5001"), place: "21:11 users[0].name", text: "digits only"),
        .init(
            yaml: starter("my-bucket", "s3://my-bucket/x"), place: "26:16 data.s3_mounts[0].bucket", text: "alone",
            fix: "write my-bucket"),
        .init(yaml: starter("my-bucket", "My"), place: "26:16 data.s3_mounts[0].bucket", text: "begins with `M`"),
        .init(yaml: starter("my-bucket", "my-"), place: "26:18 data.s3_mounts[0].bucket", text: "not in `-`"),
        .init(
            yaml: starter("/data", "data"), place: "26:40 data.s3_mounts[0].mount_point", text: "absolute", fix: "/data"
        ),
        .init(yaml: starter("/data", "/"), place: "26:40 data.s3_mounts[0].mount_point", text: "whole system"),
        .init(yaml: starter("/data", "/a/../b"), place: "26:40 data.s3_mounts[0].mount_point", text: "`..`"),
        .init(
            yaml: starter("gcc@11.2.0", "gcc: 11.2.0"), place: "15:7 software.spack_packages[0]", text: "mapping",
            fix: "gcc@11.2.0"),
        .init(
            yaml: starter("- gcc@11.2.0", "- 'gcc@11 && ls'"), place: "15:15 software.spack_packages[0]", text: "`&`"),
        .init(yaml: starter("- gcc@11.2.0", "-"), place: "15:6 software.spack_packages[0]", text: "is empty"),
    ]

    static let types: [Mistake] = [
        .init(yaml: "just words\n", place: "1:1 ", text: "found the text `just words`", fix: "cluster:"),
        .init(yaml: "- cluster\n", place: "1:1 ", text: "found a list"),
        .init(
            yaml: starter("\n  name: starter-cluster\n  region: us-west-2", " demo"), place: "1:10 cluster",
            text: "expected a mapping"),
        .init(yaml: TemplateSamples.short("users: 3\n"), place: "7:8 users", text: "list of users, found the text `3`"),
        .init(
            yaml: TemplateSamples.short("users: {name: a}\n"), place: "7:8 users",
            text: "list of users, found a mapping"),
        .init(
            yaml: TemplateSamples.short("software: {spack_packages: gcc@11 llvm@15}\n"),
            place: "7:28 software.spack_packages", text: "expected a list of packages", fix: "- gcc@11.2.0"),
        .init(yaml: starter("name: user1", "name: {a: b}"), place: "21:11 users[0].name", text: "found a mapping"),
        .init(yaml: starter("region: us-west-2", "region: *nowhere"), place: "3:11 cluster.region", text: "no anchor"),
        .init(
            yaml: starter("- gcc@11.2.0", "- &gc gcc\n    - *gcc"), place: "16:7 software.spack_packages[1]",
            text: "`*gcc`", fix: "`*gc`"),
    ]
}
