import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

/// What is told in pieces and in any order, put together.
@Suite struct DeploymentIndexTests {
    private typealias Samples = DeploymentSamples
    private let demo = DeploymentKey(namespace: "kcm-system", name: "demo")

    private func index(_ news: DeploymentNews...) -> DeploymentIndex {
        var index = DeploymentIndex()
        for one in news { index.take(one, now: Samples.at(60)) }
        return index
    }

    private func event(
        _ reason: String, kind: String, name: String, at seconds: Double, uid: String = ""
    ) -> WireEvent {
        WireEvent(
            metadata: KubeMetadata(name: "e\(seconds)", namespace: "kcm-system", uid: "u\(name)\(seconds)"),
            object: .init(kind: kind, name: name, namespace: "kcm-system", uid: uid), reason: reason,
            at: Samples.at(seconds))
    }

    private func cluster(at seconds: Double = 0, name: String = "demo") throws -> WireClusterObject {
        try object(
            #"{"kind":"Cluster","metadata":{"name":"\#(name)","namespace":"kcm-system","creationTimestamp":"\#(WireTime.text(Samples.at(seconds)))"}}"#
        )
    }

    private func object(_ text: String) throws -> WireClusterObject {
        try JSONDecoder().decode(WireClusterObject.self, from: Data(text.utf8))
    }

    @Test func eventsThatComeFirstFindTheirDeployment() {
        let early = event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1)
        let foreign = event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo2", at: 2)
        let index = index(.events([early, foreign]), .deployment(Samples.wire([])))
        #expect(index.entries[demo]?.reading.milestones.map(\.reason) == ["HelmReleaseCreated"])
        #expect(index.entries[demo]?.reading.events.count == 1)
    }

    @Test func whatIsNotToldAgainHasGone() {
        var index = index(
            .begins, .deployment(Samples.wire([])), .deployment(Samples.wire([], name: "old", uid: "2")), .synced)
        #expect(index.isSynced && index.news().changed.count == 2)
        for news in [DeploymentNews.begins, .deployment(Samples.wire([])), .synced] {
            index.take(news, now: Samples.at(70))
        }
        #expect(index.news().gone == [DeploymentKey(namespace: "kcm-system", name: "old")])
        #expect(Array(index.entries.keys) == [demo])
        index.take(.gone(demo), now: Samples.at(80))
        #expect(index.news().gone == [demo])
    }

    @Test func oneOfTheSameNameThatIsMadeAnewHasNoPast() {
        var index = index(
            .deployment(Samples.wire([])),
            .events([event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1)]))
        index.take(.deployment(Samples.wire([], uid: "another", createdAt: 88)), now: Samples.at(90))
        #expect(index.entries[demo]?.reading.milestones.isEmpty == true)
        #expect(index.entries[demo]?.reading.events.isEmpty == true)
    }

    /// Kubernetes keeps events for an hour, and a name may be used again within that.
    @Test(arguments: [true, false]) func whatHappenedToAnEarlierOneIsNotThisOnes(comesFirst: Bool) {
        let past = [
            event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: -600, uid: "earlier"),
            event("InfrastructureReady", kind: "Cluster", name: "demo", at: -300),
            event("CAPIClusterIsReady", kind: "ClusterDeployment", name: "demo", at: 1, uid: "earlier"),
            event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 2, uid: Samples.uid),
        ]
        let deployment = DeploymentNews.deployment(Samples.wire([]))
        let index =
            comesFirst
            ? index(.events(past), deployment)
            : index(deployment, .events(past))
        #expect(index.entries[demo]?.reading.milestones.map(\.at) == [Samples.at(2)])
        #expect(index.entries[demo]?.reading.events.count == 1)
    }

    /// Events and deployments come by two watches; neither waits for the other.
    @Test func theFirstEventsOfTheNextOneAreItsOwn() {
        var index = index(
            .deployment(Samples.wire([])),
            .events([event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1, uid: Samples.uid)]))
        let early = [
            event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 101, uid: "next"),
            event("BeginCreateOrUpdate", kind: "VirtualNetwork", name: "demo-vnet", at: 102),
        ]
        index.take(.events(early), now: Samples.at(102))
        index.take(.deployment(Samples.wire([], uid: "next", createdAt: 100)), now: Samples.at(103))
        #expect(index.entries[demo]?.reading.milestones.map(\.at) == [Samples.at(101), Samples.at(102)])
        #expect(index.entries[demo]?.reading.wire.metadata.uid == "next")
    }

    /// A namespace in which much happens that nobody asked for, before the deployments are told.
    @Test func muchNoiseTakesNoMilestoneFromADeployment() {
        let early = event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1)
        var index = index(.events([early]))
        for number in 0..<20_000 {
            index.take(
                .events([event("Pulled", kind: "Pod", name: "web-\(number % 9000)", at: Double(number))]),
                now: Samples.at(60))
        }
        for number in 0..<5000 {
            index.take(
                .events([event("NodeJoined", kind: "Machine", name: "demo-md-x", at: Double(number))]),
                now: Samples.at(60))
        }
        index.take(.deployment(Samples.wire([])), now: Samples.at(60))
        #expect(index.entries[demo]?.reading.milestones.first?.reason == "HelmReleaseCreated")
        var orphans = EventOrphans()
        for number in 0..<30_000 {
            orphans.keep(event("NodeJoined", kind: "Machine", name: "d\(number)", at: Double(number)))
        }
        #expect(orphans.count <= 6000)
        let newest = orphans.take(for: DeploymentKey(namespace: "kcm-system", name: "d29999")) { _ in true }
        #expect(newest.count == 1)
    }

    /// What is no longer read is not kept, neither what was told of it nor why nothing is.
    @Test func aNewBeginningForgetsWhatIsNotReadAnyMore() throws {
        let forbidden = UpstreamProblem(.status(403), "mgmt forbids it.", advice: "Ask.")
        var index = index(
            .begins, .deployment(Samples.wire([])), .object(.cluster, try cluster()), .synced,
            .lost(.events(namespace: nil), failures: 1, forbidden),
            .lost(.objects(namespace: "b"), failures: 1, forbidden)
        )
        _ = index.news()
        #expect(index.entries[demo]?.reading.tree.objects.count == 1 && index.lost.count == 2)
        index.take(.begins, now: Samples.at(70))
        #expect(index.lost.isEmpty && index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.count == 1, "no tree falls while everything is told again")
        index.take(.deployment(Samples.wire([])), now: Samples.at(71))
        index.take(.synced, now: Samples.at(72))
        #expect(index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.isEmpty == true)
    }

    @Test func objectsGrowATreeWhicheverComesFirst() throws {
        let cluster = try object(#"{"kind":"Cluster","metadata":{"name":"demo","namespace":"kcm-system"}}"#)
        let machine = try object(
            #"{"kind":"Machine","metadata":{"name":"demo-cp-0","namespace":"kcm-system","labels":{"cluster.x-k8s.io/cluster-name":"demo","cluster.x-k8s.io/control-plane":""}},"status":{"phase":"Running"}}"#
        )
        var index = index(.object(.cluster, cluster), .deployment(Samples.wire([])), .object(.machine, machine))
        #expect(index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.map(\.name) == ["demo", "demo-cp-0"])
        index.take(.objectGone(.machine, KubeName(namespace: "kcm-system", name: "demo-cp-0")), now: Samples.at(70))
        #expect(index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.map(\.name) == ["demo"])
    }

    @Test func whatIsNotToldIsATroubleOfItsNamespaceOnly() {
        let forbidden = UpstreamProblem(.status(403), "mgmt forbids it.", advice: "Ask.")
        var index = index(.deployment(Samples.wire([])), .synced)
        _ = index.news()
        index.take(.lost(.events(namespace: "kcm-system"), failures: 1, forbidden), now: Samples.at(70))
        #expect(index.troubles(of: demo) == ["events: mgmt forbids it."])
        #expect(index.troubles(of: DeploymentKey(namespace: "team-a", name: "x")).isEmpty)
        #expect(index.news().changed == [demo])
        #expect(index.problem == nil, "deployments are told")
        index.take(.lost(.events(namespace: "kcm-system"), failures: 2, forbidden), now: Samples.at(75))
        #expect(!index.hasNews, "that it goes on is no news")
        index.take(.resumed(.events(namespace: "kcm-system")), now: Samples.at(80))
        #expect(index.troubles(of: demo).isEmpty)
        index.take(.lost(.deployments(namespace: nil), failures: 1, forbidden), now: Samples.at(90))
        #expect(index.problem == forbidden)
    }

    @Test func oneChangeNamesOneDeploymentHoweverManyThereAre() {
        var index = DeploymentIndex()
        for number in 0..<5000 {
            index.take(
                .deployment(Samples.wire([], name: "d-\(number)", uid: "\(number)")), now: Samples.at(60))
        }
        _ = index.news()
        index.take(.events([event("NodeJoined", kind: "Machine", name: "d-17-md-x", at: 61)]), now: Samples.at(61))
        #expect(index.news().changed == [DeploymentKey(namespace: "kcm-system", name: "d-17")])
    }

    /// All machines of a cluster are told one by one after a new list: their tree is built once.
    @Test func aTreeIsBuiltWhenItIsAskedForHoweverManyObjectsWereTold() throws {
        var index = index(.deployment(Samples.wire([])), .object(.cluster, try cluster()))
        _ = index.news()
        let before = try #require(index.entries[demo]?.reading.tree)
        for number in 0..<50 {
            let machine = try object(
                #"{"kind":"Machine","metadata":{"name":"own-name-\#(number)","namespace":"kcm-system"},"spec":{"clusterName":"demo"}}"#
            )
            index.take(.object(.machine, machine), now: Samples.at(61))
            #expect(index.entries[demo]?.reading.tree == before)
        }
        #expect(index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.count == 51)
        // Its name says nothing about whose it was.
        index.take(.objectGone(.machine, KubeName(namespace: "kcm-system", name: "own-name-7")), now: Samples.at(62))
        #expect(index.news().changed == [demo])
        #expect(index.entries[demo]?.reading.tree.objects.count == 50)
    }

    /// A dashboard that is opened late is told all events of the last hour at once.
    @Test func anOldEventIsJudgedByItsOwnTime() {
        let early = WireEvent(
            metadata: KubeMetadata(name: "s", namespace: "kcm-system", uid: "s"),
            object: .init(kind: "ServiceSet", name: "demo", namespace: "kcm-system"),
            reason: "ServiceSetCollectServiceStatusesFailed", message: "no matching ClusterSummary", type: "Warning",
            at: Samples.at(40))
        let created = event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1)
        let installing = Samples.wire(Samples.prerequisites + [Samples.healthy, Samples.services("0/1")])
        var index = DeploymentIndex()
        for news in [DeploymentNews.deployment(installing), .events([created, early])] {
            index.take(news, now: Samples.at(600))
        }
        #expect(index.entries[demo]?.reading.milestones.map(\.reason) == ["HelmReleaseCreated"])
    }

    @Test func atRestTheEventsAreForgottenWhenKubernetesForgetsThem() {
        var index = index(
            .deployment(Samples.wire([])),
            .events([event("HelmReleaseCreated", kind: "ClusterDeployment", name: "demo", at: 1)]))
        index.confirm(demo, now: Samples.at(3000))
        #expect(index.entries[demo]?.reading.events.count == 1)
        index.confirm(demo, now: Samples.at(4000))
        #expect(index.entries[demo]?.reading.events.isEmpty == true)
        #expect(index.entries[demo]?.reading.milestones.count == 1, "what mattered stays")
    }
}
