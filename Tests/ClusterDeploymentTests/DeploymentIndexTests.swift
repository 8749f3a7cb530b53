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

    private func event(_ reason: String, kind: String, name: String, at seconds: Double) -> WireEvent {
        WireEvent(
            metadata: KubeMetadata(name: "e\(seconds)", namespace: "kcm-system", uid: "u\(seconds)"),
            object: .init(kind: kind, name: name, namespace: "kcm-system"), reason: reason, at: Samples.at(seconds))
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
        index.take(.deployment(Samples.wire([], uid: "another")), now: Samples.at(90))
        #expect(index.entries[demo]?.reading.milestones.isEmpty == true)
    }

    @Test func objectsGrowATreeWhicheverComesFirst() throws {
        let cluster = try object(#"{"kind":"Cluster","metadata":{"name":"demo","namespace":"kcm-system"}}"#)
        let machine = try object(
            #"{"kind":"Machine","metadata":{"name":"demo-cp-0","namespace":"kcm-system","labels":{"cluster.x-k8s.io/cluster-name":"demo","cluster.x-k8s.io/control-plane":""}},"status":{"phase":"Running"}}"#
        )
        var index = index(.object(.cluster, cluster), .deployment(Samples.wire([])), .object(.machine, machine))
        #expect(index.entries[demo]?.reading.tree.objects.map(\.name) == ["demo", "demo-cp-0"])
        index.take(.objectGone(.machine, KubeName(namespace: "kcm-system", name: "demo-cp-0")), now: Samples.at(70))
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
