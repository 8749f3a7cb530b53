import ClusterCreation
import Fleet
import Foundation
import Sandbox
import Testing

/// The lives of the sandbox's clusters, walked through in time.
@Suite struct CreationTests {
    /// Seconds since the world began at which the life that is led at the demo's opening began.
    static func begin(_ age: Double) -> Double { 6000 - age }
    static let genomics = begin(380)

    @Test func aCreationLosesNoResourceAndEndsComplete() async throws {
        let aws = SandboxAWS()
        var seen: [String: String] = [:]
        var complete = 0
        var counts: [Int] = []
        for age in stride(from: 5.0, through: 760, by: 15) {
            aws.move(to: Self.genomics + age)
            let statuses = try await aws.events("genomics").events.statuses
            #expect(Set(seen.keys).isSubset(of: Set(statuses.keys)))
            let now = statuses.values.count { $0 == "CREATE_COMPLETE" }
            #expect(now >= complete)
            seen = statuses
            complete = now
            counts.append(now)
        }
        #expect((44...50).contains(seen.count))
        #expect(complete == seen.count)
        // It is a way, not a jump: work is seen in many of the looks.
        #expect(Set(counts).count > 8)
        let cluster = try await aws.describe("genomics")
        #expect(cluster.clusterStatus == "CREATE_COMPLETE")
        #expect(cluster.computeFleetStatus == "RUNNING")
    }

    @Test func aCreationTakesAboutElevenMinutesInTheOrderOfItsPhases() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.genomics + 900)
        let events = try await aws.events("genomics").events
        func at(_ prefix: String, _ type: String) throws -> Date {
            try #require(events.newest(of: prefix, type: "AWS::\(type)").flatMap { Self.date($0.timestamp) })
        }
        let start = try #require(Self.date(events.last?.timestamp))
        let head = try at("HeadNode", "EC2::Instance").timeIntervalSince(start)
        let wait = try at("HeadNodeWaitCondition20", "CloudFormation::WaitCondition").timeIntervalSince(start)
        let stack = try at("genomics", "CloudFormation::Stack").timeIntervalSince(start)
        let fleet = try #require(Self.date(try await aws.fleet("genomics").lastStatusUpdatedTime))
            .timeIntervalSince(start)
        #expect((200...330).contains(head))
        #expect((200...420).contains(wait - head))
        #expect((5...40).contains(stack - wait))
        #expect((30...100).contains(fleet - stack))
        #expect((540...780).contains(fleet))
        let condition = try #require(
            events.newest(of: "HeadNodeWaitCondition20", type: "AWS::CloudFormation::WaitCondition"))
        #expect(condition.resourceProperties == #"{"Count":"1","Timeout":"1800"}"#)
        let template = events.newest(of: "HeadNodeLaunchTemplate", type: "AWS::EC2::LaunchTemplate")
        #expect(template?.resourceProperties == #"{"LaunchTemplateData":{"InstanceType":"c5.2xlarge"}}"#)

        var history = StackHistory()
        history.take(events)
        #expect(history.events.count == events.count)
        #expect(history.events.compactMap(\.waitLimit).max() == 1800)
        #expect(Set(history.events.flatMap(\.instanceTypes)) == ["c5.2xlarge", "c6i.8xlarge", "r6i.8xlarge"])
    }

    @Test func theFleetIsUnknownUntilTheStackIsCompleteAndThenStarts() async throws {
        let aws = SandboxAWS()
        var words: [String] = []
        for age in stride(from: 5.0, through: 900, by: 5) {
            aws.move(to: Self.genomics + age)
            let described = try await aws.describe("genomics")
            let fleet = try await aws.fleet("genomics").status
            #expect(fleet == described.computeFleetStatus)
            if described.cloudFormationStackStatus != "CREATE_COMPLETE" { #expect(fleet == "UNKNOWN") }
            if words.last != fleet { words.append(fleet ?? "") }
        }
        #expect(words == ["UNKNOWN", "STARTING", "RUNNING"])
        #expect(try await aws.instances("genomics").count == 7)
    }

    @Test func theHeadNodeIsMissingUntilItIsLaunched() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.genomics + 30)
        #expect(try await aws.describe("genomics").headNode == nil)
        #expect(try await aws.instances("genomics") == [])
        #expect(try await aws.streams("genomics") == [])
        aws.move(to: Self.genomics + 350)
        #expect(try await aws.describe("genomics").headNode?.state == "running")
        #expect(try await aws.instances("genomics").map(\.nodeType) == ["HeadNode"])
    }

    @Test func logsGrowWhileTheHeadNodeIsSetUp() async throws {
        let aws = SandboxAWS()
        var counts: [Int] = []
        for age in stride(from: 290.0, through: 650, by: 30) {
            aws.move(to: Self.genomics + age)
            let lines = try await aws.lines("genomics", "cfn-init") + aws.lines("genomics", "chef-client")
            counts.append(lines.count)
        }
        #expect(counts == counts.sorted())
        #expect(Set(counts).count > 6)
        let logs = try await aws.streams("genomics")
        for log in ["cfn-init", "chef-client", "cloud-init", "cloud-init-output", "slurmctld", "clustermgtd"] {
            #expect(logs.contains { $0.hasSuffix(".\(log)") }, "\(log)")
        }
        let name = /ip-10-0-\d+-\d+\.i-[0-9a-f]{17}\.[a-z-]+/
        #expect(try logs.allSatisfy { try name.wholeMatch(in: $0) != nil })
        #expect(try await aws.lines("genomics", "cfn-init").last?.contains("Build complete") == true)
        let heart = try await aws.lines("genomics", "clustermgtd").count
        aws.time.advance(by: 600)
        #expect(try await aws.lines("genomics", "clustermgtd").count == heart + 50)
        #expect(try await aws.lines("hpc-prod", "clustermgtd", limit: 12).count == 12)
    }

    @Test func aClusterIsDeletedAndComesBackAsAnother() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.genomics + 3000)
        let first = try await aws.describe("genomics").cloudformationStackArn
        var words: [String] = []
        var deleted: [Int] = []
        for age in stride(from: 3000.0, through: 3960, by: 10) {
            aws.move(to: Self.genomics + age)
            let word = try await aws.list().first { $0.clusterName == "genomics" }?.clusterStatus ?? "gone"
            if words.last != word { words.append(word) }
            if word == "DELETE_IN_PROGRESS" {
                deleted.append(
                    try await aws.events("genomics").events.statuses.values.count { $0 == "DELETE_COMPLETE" })
            }
        }
        #expect(words == ["CREATE_COMPLETE", "DELETE_IN_PROGRESS", "gone", "CREATE_IN_PROGRESS"])
        #expect(deleted == deleted.sorted() && deleted.count > 5)
        #expect(try await aws.describe("genomics").cloudformationStackArn != first)
    }

    @Test func everySecondFileSystemTakesFarLongerThanUsual() async throws {
        for (life, range) in [(0.0, 840.0...1200), (1, 300...800), (2, 840...1200)] {
            let aws = SandboxAWS()
            aws.move(to: Self.begin(800) + life * 5100 + 2500)
            let events = try await aws.events("cfd-fsx").events
            let rows = events.filter { $0.resourceType == "AWS::FSx::FileSystem" }
            let times = rows.compactMap { Self.date($0.timestamp) }
            let taken = try #require(times.first).timeIntervalSince(try #require(times.last))
            #expect(range.contains(taken), "\(taken)")
            #expect(try await aws.describe("cfd-fsx").clusterStatus == "CREATE_COMPLETE")
        }
    }

    @Test func theSameSeedGivesTheSameWorldAndAnotherOneDoesNot() async throws {
        var answers: [[Data]] = []
        for seed: UInt64 in [7, 7, 8] {
            let aws = SandboxAWS(seed: seed)
            aws.move(to: 6000)
            var all: [Data] = []
            for cluster in ["genomics", "cfd-fsx", "gpu-hang", "md-test"] {
                all.append(try await aws.data(.describeCluster, cluster))
                all.append(try await aws.data(.stackEvents, cluster))
                all.append(try await aws.data(.describeInstances, cluster))
            }
            answers.append(all)
        }
        // Keys of an object come in no order, and values are what counts.
        #expect(try answers[0].map(Self.object) == answers[1].map(Self.object))
        #expect(try answers[0].map(Self.object) != answers[2].map(Self.object))
    }

    @Test func thePastIsAsTheWorldIs() {
        let now = Date(timeIntervalSince1970: 1_795_212_000)
        let runs = SandboxPast.clusterRuns(source: SourceID("demo"), seed: 7, now: now)
        #expect(runs.count == 28)
        #expect(Set(runs.map { "\($0.item)@\($0.startedAt)" }).count == 28)
        for run in runs {
            #expect(run.endedAt < now)
            #expect(run.outcome == .done && run.profile == nil)
            #expect(
                run.phases.map(\.name) == [
                    "infrastructure", "head node bootstrap", "stack completion", "compute fleet",
                ])
            #expect(abs(run.phases.reduce(0) { $0 + $1.seconds } - run.seconds) < 0.01)
            #expect((400...950).contains(run.seconds))
        }
        #expect(runs == SandboxPast.clusterRuns(source: SourceID("demo"), seed: 7, now: now))
    }

    static func object(_ data: Data) throws -> NSDictionary? {
        try JSONSerialization.jsonObject(with: data) as? NSDictionary
    }

    static func date(_ text: String?) -> Date? {
        text.flatMap { try? Date($0, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
    }
}
