import ClusterCreation
import Fleet
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing
import Upstream

/// What goes wrong in the sandbox's AWS.
@Suite struct TroubleTests {
    static let hang = CreationTests.begin(1380)
    static let script = CreationTests.begin(520)

    @Test func aHeadNodeThatHangsRunsOutAndIsRolledBack() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.hang + 2000)
        let cluster = try await aws.describe("gpu-hang")
        #expect(cluster.clusterStatus == "CREATE_IN_PROGRESS")
        #expect(cluster.headNode?.state == "running")
        #expect(try await aws.streams("gpu-hang") == [])

        aws.move(to: Self.hang + 2260)
        let events = try await aws.events("gpu-hang").events
        let rows = events.filter { $0.resourceType == "AWS::CloudFormation::WaitCondition" }
        let failed = try #require(rows.first { $0.resourceStatus == "CREATE_FAILED" })
        #expect(failed.resourceStatusReason == "WaitCondition timed out. Received 0 conditions when expecting 1")
        let began = try #require(CreationTests.date(rows.last?.timestamp))
        #expect(abs(try #require(CreationTests.date(failed.timestamp)).timeIntervalSince(began) - 1800) < 0.01)
        #expect(try await aws.streams("gpu-hang") == [])

        var words: [String] = []
        var last = try await aws.describe("gpu-hang")
        for age in stride(from: 2000.0, through: 2700, by: 5) {
            aws.move(to: Self.hang + age)
            last = try await aws.describe("gpu-hang")
            let word = try #require(last.cloudFormationStackStatus)
            if words.last != word { words.append(word) }
        }
        #expect(words == ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"])
        #expect(last.clusterStatus == "CREATE_FAILED")
        #expect(last.failures?.map(\.failureCode) == ["HeadNodeBootstrapFailure"])
        #expect(last.failures?.map(\.failureReason) == ["Cluster creation timed out."])
        #expect(last.headNode == nil)
    }

    @Test func aRollbackDeletesAllButTheLogs() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.hang + 2700)
        let statuses = try await aws.events("gpu-hang").events.statuses
        #expect(statuses["CloudWatchLogGroup"] == "DELETE_SKIPPED")
        #expect(statuses.values.count { $0 == "DELETE_COMPLETE" } == statuses.count - 1)
        aws.move(to: Self.hang + 5500)
        #expect(try await aws.describe("gpu-hang").cloudFormationStackStatus == "ROLLBACK_COMPLETE")
        aws.move(to: Self.hang + 5930)
        #expect(try await aws.list().contains { $0.clusterName == "gpu-hang" } == false)
        aws.move(to: Self.hang + 6010)
        #expect(try await aws.describe("gpu-hang").clusterStatus == "CREATE_IN_PROGRESS")
    }

    @Test func aScriptThatFailsIsNamedInTheLogsAndInTheReason() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.script + 620)
        let cluster = try await aws.describe("md-test")
        #expect(cluster.clusterStatus == "CREATE_FAILED")
        #expect(cluster.failures?.first?.failureCode == "OnNodeConfiguredExecutionFailure")
        let reason = try await aws.events("md-test").events.first { $0.resourceStatus == "CREATE_FAILED" }?
            .resourceStatusReason
        #expect(
            reason?.hasPrefix("WaitCondition received failed message: 'Failed to execute OnNodeConfigured script")
                == true)
        let streams = try await aws.streams("md-test")
        let instance = try #require(streams.first?.split(separator: ".").dropFirst().first)
        #expect(reason?.hasSuffix("for uniqueId: \(instance)") == true)
        for log in ["cfn-init", "cloud-init-output", "chef-client"] {
            #expect(streams.contains { $0.hasSuffix(".\(log)") }, "\(log)")
        }
        let lines = try await aws.lines("md-test", "cfn-init")
        #expect(lines.contains { $0.contains("[ERROR] Command runpostinstall") })
        #expect(lines.contains { $0.contains("Unable to find a match: gromacs-openmpi") })
        #expect(lines.contains { $0.contains("{") } == false)
        // The logs say so before the stack does.
        let failed = try #require(
            CreationTests.date(
                try await aws.events("md-test").events.first { $0.resourceStatus == "CREATE_FAILED" }?.timestamp))
        aws.time.advance(by: failed.timeIntervalSince(aws.time.now) - 2)
        #expect(try await aws.describe("md-test").clusterStatus == "CREATE_IN_PROGRESS")
        #expect(try await aws.lines("md-test", "cfn-init").contains { $0.contains("BUILD FAILED") })
    }

    @Test func aStreamFilterNeedsAHeadNode() async throws {
        let aws = SandboxAWS()
        aws.move(to: Self.hang + 2700)
        let problem = await aws.problem(
            .listLogStreams, "gpu-hang", [(name: "filters", value: "Name=node-type,Values=HeadNode")])
        #expect(
            problem == .refused(message: "HeadNode instance not available. Node Type filter cannot be used."))
    }

    @Test func throttledTimesComeAndGoInTheBusyRegionOnly() async throws {
        let aws = SandboxAWS(region: "eu-west-1")
        var quiet = SandboxAWS(region: "eu-west-1")
        quiet.region = "us-east-1"
        var refused: [Bool] = []
        for elapsed in stride(from: 3000.0, to: 4800, by: 15) {
            aws.move(to: elapsed)
            quiet.move(to: elapsed)
            let problem = await aws.problem(.listClusters)
            if let problem { #expect(problem == .refused(message: "Rate exceeded")) }
            refused.append(problem != nil)
            #expect(await quiet.problem(.listClusters) == nil)
        }
        let spells = zip(refused, refused.dropFirst()).count { !$0 && $1 }
        #expect(spells == 2)
        #expect((30...34).contains(refused.count { $0 }))
    }

    @Test func aThrottledDescriptionTimesOutAfterAShortWait() async {
        let slept = Mutex<[Double]>([])
        let clock = ManualTime()
        let time = TimeSource(
            now: { clock.now }, uptime: { 0 }, sleep: { seconds in slept.withLock { $0.append(seconds) } })
        let door = SandboxPcluster(time: time, seed: 7)
        clock.advance(by: 600)
        let question = PclusterQuestion(.describeCluster, region: "eu-west-1", cluster: "weather")
        await #expect(throws: PclusterProblem.timedOut(question.deadline)) { try await door.ask(question) }
        #expect(slept.withLock { $0 } == [1])
        // EC2 is not CloudFormation.
        var other = question
        other.command = .describeInstances
        await #expect(throws: Never.self) { try await door.ask(other) }
    }

    @Test func anUnthrottledBusyRegionShowsItsClusters() async throws {
        let aws = SandboxAWS(region: "eu-west-1")
        aws.move(to: 6000)
        let words = try await aws.list().map { "\($0.clusterName) \($0.clusterStatus ?? "")" }
        #expect(words == ["weather CREATE_COMPLETE", "ocean CREATE_IN_PROGRESS"])
    }
}
