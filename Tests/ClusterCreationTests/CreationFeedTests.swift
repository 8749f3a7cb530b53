import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ClusterCreation

/// The feed over a scripted `pcluster` and a clock moved by hand.
@Suite(.timeLimit(.minutes(5))) struct CreationFeedTests {
    /// A feed that runs, and what it reported.
    final class Running: Sendable {
        let door = ScriptedPcluster()
        let time = ManualTime()
        let items = Mutex<[String: Item]>([:])
        let gone = Mutex<[String]>([])
        let words = Mutex<[String]>([])
        let source = Mutex<Source?>(nil)
        private let task = Mutex<Task<Void, Never>?>(nil)
        let feed = Mutex<CreationFeed?>(nil)

        func start(only: String? = nil) {
            let feed = CreationFeed(
                door: door, options: .init(id: SourceID("us-east-1"), region: "us-east-1", only: only),
                time: time.source, recall: { [] })
            self.feed.withLock { $0 = feed }
            let running = Task {
                await feed.run { report in
                    switch report {
                    case .whole(_, let items): self.take(items)
                    case .changed(let items, let gone):
                        self.take(items)
                        for id in gone {
                            self.items.withLock { $0[id.text.split(separator: "/").last.map(String.init) ?? ""] = nil }
                        }
                        self.gone.withLock { $0 += gone.map(\.text) }
                    case .source(let source): self.source.withLock { $0 = source }
                    }
                }
            }
            task.withLock { $0 = running }
        }

        private func take(_ items: [Item]) {
            self.items.withLock { known in for item in items { known[item.name] = item } }
            words.withLock { $0 += items.map { "\($0.name) \($0.word)" } }
        }

        /// Lets time pass in the feed's own steps.
        func pass(_ seconds: Double) async {
            var rest = seconds
            while rest > 0 {
                await time.untilAsleep()
                time.advance(by: min(rest, 5))
                rest -= 5
                await time.untilAsleep()
            }
        }

        func stop() async {
            let task = task.withLock { $0 }
            task?.cancel()
            await task?.value
        }

        func item(_ name: String) -> Item? { items.withLock { $0[name] } }
        var state: Source.State? { source.withLock { $0?.state } }
        var error: String? { source.withLock { $0?.error } }
    }

    static func summary(_ name: String, _ status: String) -> String {
        #"{"clusterName": "\#(name)", "cloudformationStackStatus": "\#(status)", "clusterStatus": "\#(status)","#
            + #" "cloudformationStackArn": "arn:\#(name)", "region": "us-east-1", "version": "3.16.1"}"#
    }

    static func list(_ clusters: (String, String)...) -> String {
        #"{"clusters": [\#(clusters.map { summary($0, $1) }.joined(separator: ","))]}"#
    }

    /// One cluster that is being created, as recorded.
    static func creating() throws -> Running {
        let running = Running()
        running.door.answer(.listClusters, list(("alpha", "CREATE_IN_PROGRESS")))
        try running.door.answer(.describeCluster, fixture: "timeline/05-describe-cluster")
        try running.door.answer(.stackEvents, fixture: "timeline/05-stack-events")
        try running.door.answer(.describeInstances, fixture: "instances")
        try running.door.answer(.listLogStreams, fixture: "log-streams")
        try running.door.answer(.logEvents, fixture: "log-events")
        return running
    }

    @Test func aCreationIsFollowedToItsEnd() async throws {
        let running = try Self.creating()
        running.start()
        await running.pass(10)
        #expect(running.item("alpha")?.currentPhase?.name == "head node bootstrap")
        #expect(running.state == .live)

        running.door.answer(.listClusters, Self.list(("alpha", "CREATE_COMPLETE")))
        try running.door.answer(.describeCluster, fixture: "timeline/12-describe-cluster")
        try running.door.answer(.stackEvents, fixture: "timeline/12-stack-events")
        try running.door.answer(.describeComputeFleet, fixture: "timeline/12-compute-fleet")
        await running.pass(10)
        #expect(running.item("alpha")?.state == .done)
        #expect(running.item("alpha")?.progress?.percent == 100)
        await running.stop()
    }

    @Test func whatIsInProgressIsAskedOftenAndWhatRestsIsNot() async throws {
        let running = try Self.creating()
        running.start()
        await running.pass(10)
        running.door.forgetQuestions()
        await running.pass(60)
        #expect((5...7).contains(running.door.count(.listClusters)), "every 10 s, as the seed asks")
        #expect((1...3).contains(running.door.count(.stackEvents)))
        #expect(running.door.count(.describeCluster) <= 1, "the dearest question")

        running.door.answer(.listClusters, Self.list(("alpha", "CREATE_COMPLETE")))
        try running.door.answer(.describeCluster, fixture: "timeline/12-describe-cluster")
        try running.door.answer(.stackEvents, fixture: "timeline/12-stack-events")
        await running.pass(20)
        running.door.forgetQuestions()
        await running.pass(120)
        #expect((1...3).contains(running.door.count(.listClusters)))
        #expect(running.door.count(.describeCluster) == 0)
        await running.stop()
    }

    @Test func notMoreThanTwoQuestionsAreUnderWay() async throws {
        let running = try Self.creating()
        let clusters = (0..<12).map { Self.summary("c\($0)", "CREATE_IN_PROGRESS") }.joined(separator: ",")
        running.door.answer(.listClusters, #"{"clusters": [\#(clusters)]}"#)
        running.start()
        await running.pass(60)
        #expect(running.door.mostUnderWay == 2)
        #expect(running.items.withLock { $0.count } == 12)
        await running.stop()
    }

    @Test func pagesAreFollowed() async throws {
        let running = Running()
        running.door.answer(
            .listClusters, #"{"nextToken": "two", "clusters": [\#(Self.summary("a", "CREATE_COMPLETE"))]}"#)
        running.door.answer(
            .listClusters, page: "two",
            // The same token again would be asked for ever.
            #"{"nextToken": "two", "clusters": [\#(Self.summary("b", "CREATE_COMPLETE"))]}"#)
        running.start()
        await running.pass(5)
        #expect(running.items.withLock { $0.keys.sorted() } == ["a", "b"])
        #expect(running.door.count(.listClusters) == 2)
        await running.stop()
    }

    @Test(arguments: [
        (PclusterProblem.refused(message: "Rate exceeded"), "throttling"), (.timedOut(20), "did not answer within 20s"),
        (.refused(message: "The security token included in the request is expired"), "have expired"),
        (.died("signal 9"), "ended before"), (.tooLarge(50 << 20), "50 MB"), (.unreadable, "not its JSON"),
        (.missing("it is not there"), "cannot be run"),
    ])
    func aRegionThatDoesNotAnswerKeepsItsClusters(problem: PclusterProblem, words: String) async throws {
        let running = try Self.creating()
        running.start()
        await running.pass(10)
        let before = running.item("alpha")
        running.door.refuseEverything(problem)
        await running.pass(60)
        #expect(running.state == .unreachable)
        #expect(running.error?.contains(words) == true, "\(running.error ?? "nothing")")
        #expect(running.item("alpha")?.progress == before?.progress)
        let asked = running.door.asked.count
        await running.pass(60)
        #expect(running.door.asked.count - asked < 6, "it backs off")

        running.door.refuseEverything(nil)
        await running.pass(90)
        #expect(running.state == .live && running.item("alpha") != nil)
        await running.stop()
    }

    @Test func oneClusterThatCannotBeReadHidesNoOther() async throws {
        let running = try Self.creating()
        running.door.answer(.listClusters, Self.list(("alpha", "CREATE_IN_PROGRESS"), ("odd", "CREATE_IN_PROGRESS")))
        running.door.refuse(
            .describeCluster, of: "odd",
            .refused(
                message: "Cluster 'odd' does not exist or belongs to an incompatible ParallelCluster major version."))
        running.start()
        await running.pass(20)
        #expect(running.state == .live)
        #expect(running.item("alpha")?.currentPhase != nil)
        #expect(running.item("odd")?.word == "CREATE_IN_PROGRESS")
        await running.stop()
    }

    @Test func aDeletedClusterIsToldBeforeItGoes() async throws {
        let running = try Self.creating()
        running.start()
        await running.pass(10)
        running.door.answer(.listClusters, Self.list(("alpha", "DELETE_IN_PROGRESS")))
        try running.door.answer(.describeCluster, fixture: "timeline/90-describe-cluster-deleting")
        await running.pass(20)
        #expect(running.item("alpha")?.word == "DELETE_IN_PROGRESS")
        running.door.answer(.listClusters, #"{"clusters": []}"#)
        await running.pass(20)
        #expect(running.words.withLock { $0.last { $0.hasPrefix("alpha") } } == "alpha DELETE_COMPLETE")
        #expect(running.gone.withLock { $0 } == ["cluster/us-east-1/alpha"])
        await running.stop()
    }

    @Test func aClusterThatIsAskedForByNameMayNotBeThereYet() async throws {
        let running = Running()
        let absent = "Cluster 'alpha' does not exist or belongs to an incompatible ParallelCluster major version."
        running.door.refuse(.describeCluster, .refused(message: absent))
        running.door.refuse(.stackEvents, .refused(message: absent))
        running.start(only: "alpha")
        await running.pass(15)
        #expect(running.item("alpha")?.word == "not created yet" && running.state == .live)
        #expect(running.door.count(.listClusters) == 0)

        try running.door.answer(.describeCluster, fixture: "timeline/01-describe-cluster")
        try running.door.answer(.stackEvents, fixture: "timeline/01-stack-events")
        await running.pass(30)
        #expect(running.item("alpha")?.state == .running)
        await running.stop()
    }

    @Test func aClusterThatIsReadAloneIsFollowedThroughItsDeletion() async throws {
        let running = try Self.creating()
        try running.door.answer(.describeCluster, fixture: "timeline/90-describe-cluster-deleting")
        running.start(only: "alpha")
        await running.pass(15)
        #expect(running.item("alpha")?.word == "DELETE_IN_PROGRESS" && running.item("alpha")?.state == .running)
        let absent = "Cluster 'alpha' does not exist or belongs to an incompatible ParallelCluster major version."
        running.door.refuse(.describeCluster, .refused(message: absent))
        await running.pass(15)
        #expect(running.item("alpha")?.word == "DELETE_COMPLETE" && running.item("alpha")?.state == .done)
        await running.stop()
    }

    @Test func aRefreshAsksEverythingAtOnce() async throws {
        let running = try Self.creating()
        running.start()
        await running.pass(10)
        running.door.forgetQuestions()
        let feed = running.feed.withLock { $0 }
        await feed?.refresh()
        for _ in 0..<200 { await Task.yield() }
        await running.time.untilAsleep()
        #expect(running.door.count(.listClusters) == 1 && running.door.count(.describeCluster) == 1)
        await running.stop()
    }
}
