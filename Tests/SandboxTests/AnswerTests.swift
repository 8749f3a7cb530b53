import ClusterCreation
import Fleet
import Foundation
import Testing
import Upstream

/// The shapes and sentences of the real `pcluster`.
@Suite struct AnswerTests {
    @Test func aClusterThatIsCompleteAnswersEveryQuestion() async throws {
        let aws = SandboxAWS()
        let summary = try #require(try await aws.list().first { $0.clusterName == "hpc-prod" })
        #expect(summary.cloudformationStackStatus == "CREATE_COMPLETE")
        #expect(summary.scheduler?.type == "slurm")
        let cluster = try await aws.describe("hpc-prod")
        #expect(cluster.clusterStatus == "CREATE_COMPLETE")
        #expect(cluster.computeFleetStatus == "RUNNING")
        #expect(cluster.headNode?.instanceType == "m6i.2xlarge")
        #expect(cluster.headNode?.state == "running")
        #expect(cluster.failures == nil)
        #expect(try await aws.fleet("hpc-prod").status == "RUNNING")
        let instances = try await aws.instances("hpc-prod")
        #expect(instances.filter { $0.nodeType == "ComputeNode" && $0.state == "running" }.count == 4)
        let heads = try await aws.instances("hpc-prod", [(name: "node-type", value: "HeadNode")])
        #expect(heads.map(\.instanceId) == [cluster.headNode?.instanceId])
        #expect(try await aws.events("hpc-prod").events.first?.resourceStatus == "CREATE_COMPLETE")
        let version = try JSONSerialization.jsonObject(with: try await aws.data(.version)) as? [String: String]
        #expect(version == ["version": cluster.version ?? ""])
    }

    @Test(arguments: [
        (
            PclusterQuestion.Command.describeCluster,
            [
                "creationTime", "headNode", "version", "clusterConfiguration", "tags", "cloudFormationStackStatus",
                "clusterName", "computeFleetStatus", "cloudformationStackArn", "lastUpdatedTime", "region",
                "clusterStatus", "scheduler",
            ]
        ), (.describeComputeFleet, ["status", "lastStatusUpdatedTime"]), (.listLogStreams, ["logStreams"]),
        (.describeInstances, ["instances"]),
    ])
    func theKeysAreThoseThatWereRecorded(command: PclusterQuestion.Command, keys: [String]) async throws {
        let data = try await SandboxAWS().data(command, "hpc-prod")
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == Set(keys))
    }

    @Test func timesAreInUTCWithMilliseconds() async throws {
        let aws = SandboxAWS()
        let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/
        for event in try await aws.events("hpc-prod").events {
            #expect(try time.wholeMatch(in: try #require(event.timestamp)) != nil)
        }
        #expect(try await aws.describe("hpc-prod").headNode?.launchTime?.hasSuffix(".000Z") == true)
    }

    @Test(arguments: [
        PclusterQuestion.Command.describeCluster, .stackEvents, .describeComputeFleet, .listLogStreams, .logEvents,
    ])
    func anUnknownClusterIsRefused(command: PclusterQuestion.Command) async {
        let message =
            "Cluster 'nope' does not exist or belongs to an incompatible ParallelCluster major version."
        #expect(await SandboxAWS().problem(command, "nope") == .refused(message: message))
    }

    @Test func otherThingsThatDoNotExistAreAnsweredAsTheRealOneDoes() async throws {
        let aws = SandboxAWS()
        #expect(try await aws.instances("nope") == [])
        #expect(
            await aws.problem(.logEvents, "hpc-prod", [(name: "log-stream-name", value: "nope")])
                == .refused(message: "CloudWatch logging is not enabled for cluster hpc-prod."))
        #expect(
            await SandboxAWS(region: "mars-east-9").problem(.listClusters)
                == .refused(message: "Bad Request: invalid or unsupported region 'mars-east-9'"))
        for token in ["", "e/0", "e/-1", "e/99999", "e/x", "f/1"] {
            #expect(await aws.problem(.stackEvents, "hpc-prod", [(name: "next-token", value: token)]) != nil)
        }
    }

    @Test func pagesGiveEveryEventOnceNewestFirst() async throws {
        let aws = SandboxAWS()
        let (events, pages) = try await aws.events("hpc-prod")
        #expect(events.count > 100)
        #expect(pages == (events.count + 99) / 100)
        #expect(Set(events.compactMap(\.eventId)).count == events.count)
        let times = events.compactMap(\.timestamp)
        #expect(times == times.sorted(by: >))
        #expect(events.last?.logicalResourceId == "hpc-prod")
        #expect(events.last?.resourceStatusReason == "User Initiated")
    }

    @Test func aPageTokenStaysGoodWhileNewEventsComeInFront() async throws {
        let aws = SandboxAWS()
        aws.move(to: 6000 - 380 + 200)
        let before = try await aws.events("genomics").events
        let answer = try await aws.data(.stackEvents, "genomics")
        let object = try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
        let token = try #require(object["nextToken"] as? String)
        aws.time.advance(by: 200)
        let rest = try await aws.data(.stackEvents, "genomics", [(name: "next-token", value: token)])
        let ids = try #require(
            (try JSONSerialization.jsonObject(with: rest) as? [String: Any])?["events"] as? [[String: Any]]
        ).compactMap { $0["eventId"] as? String }
        #expect(ids == before.dropFirst(100).compactMap(\.eventId))
    }

    @Test func logPagesGoForwardAndEndWithTheSameToken() async throws {
        let aws = SandboxAWS()
        let stream = try #require(try await aws.streams("hpc-prod").first { $0.hasSuffix(".cfn-init") })
        let all = try await aws.lines("hpc-prod", "cfn-init")
        var parameters = [
            (name: "log-stream-name", value: stream), (name: "limit", value: "7"),
            (name: "start-from-head", value: "true"),
        ]
        var lines: [String] = []
        var last = ""
        for _ in 0..<20 {
            let data = try await aws.data(.logEvents, "hpc-prod", parameters)
            let page = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            lines += (page["events"] as? [[String: Any]] ?? []).compactMap { $0["message"] as? String }
            let token = try #require(page["nextToken"] as? String)
            if token == last { break }
            last = token
            parameters = parameters.prefix(3) + [(name: "next-token", value: token)]
        }
        #expect(lines == all)
    }
}
