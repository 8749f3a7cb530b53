import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// What is told in pieces and in any order, put together.
@Suite struct PoolIndexTests {
    private func index(_ news: PoolNews...) -> PoolIndex {
        var index = PoolIndex()
        for one in news { index.take(one, now: Sample.at(10)) }
        return index
    }

    private let machines = PoolNews.Part.objects(.machine, namespace: "cluster2")

    @Test func whatIsNotToldAgainHasGone() throws {
        var index = index(
            .begins(.clusters(name: nil)), .cluster(Sample.namespace([:])),
            .cluster(Sample.namespace([:], name: "old")),
            .synced(.clusters(name: nil)), .begins(machines), .object(.machine(try Sample.machine("cp-a"))),
            .object(.machine(try Sample.machine("wk-a"))), .synced(machines))
        #expect(index.news().changed == ["cluster2", "old"])
        for news in [
            PoolNews.begins(.clusters(name: nil)), .cluster(Sample.namespace([:])), .synced(.clusters(name: nil)),
            .begins(machines), .object(.machine(try Sample.machine("wk-a"))), .synced(machines),
        ] { index.take(news, now: Sample.at(20)) }
        let (changed, gone) = index.news()
        #expect(gone == ["old"] && changed == ["cluster2"] && Array(index.entries.keys) == ["cluster2"])
        #expect(index.entries["cluster2"]?.reading.machines.keys.sorted() == ["wk-a"])
        index.take(.gone("cluster2"), now: Sample.at(30))
        #expect(index.news().gone == ["cluster2"] && !index.hasNews)
    }

    @Test func onlyWhatHasBeenToldIsKnownToBeAbsent() throws {
        var index = index(.cluster(Sample.namespace(Sample.foreign("resetting"))), .begins(machines))
        #expect(index.entries["cluster2"]?.reading.unread == Set(PoolKind.allCases))
        #expect(index.entries["cluster2"]?.reading.memory.operation?.firstSeen.isEmpty == true, "no step is guessed")
        index.take(.synced(machines), now: Sample.at(11))
        #expect(index.entries["cluster2"]?.reading.unread == Set(PoolKind.allCases).subtracting([.machine]))
        // A namespace that comes again is told again.
        index.take(.gone("cluster2"), now: Sample.at(12))
        index.take(.cluster(Sample.namespace([:])), now: Sample.at(13))
        #expect(index.entries["cluster2"]?.reading.unread == Set(PoolKind.allCases))
    }

    @Test func oneOfTheSameNameThatIsMadeAnewHasNoPast() throws {
        var index = index(
            .cluster(Sample.namespace(Sample.ours("available"))), .object(.machine(try Sample.machine("cp-a"))))
        index.take(.cluster(Sample.namespace(Sample.ours("creating"), uid: "another")), now: Sample.at(20))
        let reading = try #require(index.entries["cluster2"]?.reading)
        #expect(reading.machines.isEmpty && reading.memory.spans.map(\.status) == ["creating"])
    }

    @Test func whatIsNotToldIsATroubleOfItsNamespaceOnly() throws {
        let forbidden = UpstreamProblem(.status(403), "lab forbids it.", advice: "Ask.")
        var index = index(.cluster(Sample.namespace([:])), .cluster(Sample.namespace([:], name: "cluster1")), .settled)
        #expect(index.isSettled)
        _ = index.news()
        let restores = PoolNews.Part.objects(.restore, namespace: "cluster2")
        index.take(.lost(restores, failures: 1, forbidden), now: Sample.at(20))
        #expect(index.news().changed == ["cluster2"] && index.problem == nil)
        #expect(
            index.troubles(of: "cluster2") == ["restores: lab forbids it."] && index.troubles(of: "cluster1").isEmpty)
        index.take(.lost(restores, failures: 2, forbidden), now: Sample.at(21))
        #expect(!index.hasNews, "that it goes on is no news")
        index.take(.lost(.sessions, failures: 1, forbidden), now: Sample.at(22))
        #expect(index.troubles(of: "cluster1") == ["sessions: lab forbids it."])
        index.take(.sessions([]), now: Sample.at(23))
        index.take(.begins(.objects(.restore, namespace: nil)), now: Sample.at(24))
        index.take(.synced(.objects(.restore, namespace: nil)), now: Sample.at(24))
        #expect(index.troubles(of: "cluster2").isEmpty, "one watch for all tells it too")
        index.take(.lost(.clusters(name: "cluster1"), failures: 1, forbidden), now: Sample.at(25))
        #expect(index.problem == nil, "others are told")
        index.take(.lost(.clusters(name: nil), failures: 1, forbidden), now: Sample.at(26))
        #expect(index.problem == forbidden)
        index.take(.resumed(.clusters(name: nil)), now: Sample.at(27))
        #expect(index.problem == nil)
    }

    @Test func sessionsComeBeforeOrAfterTheirCluster() throws {
        let session = WireSession(id: "s1", assignedCluster: "two", clusterLockTime: Sample.at(5))
        var namespace = Sample.namespace(Sample.foreign("available"))
        namespace.metadata.labels[PoolLabels.clusterID] = "two"
        let early = index(.sessions([session]), .cluster(namespace))
        var late = index(.cluster(namespace))
        _ = late.news()
        late.take(.sessions([session]), now: Sample.at(11))
        for index in [early, late] {
            #expect(index.entries["cluster2"].map { PoolStanding($0.reading).session?.id } == "s1")
        }
        #expect(late.news().changed == ["cluster2"])
        late.take(.sessions([session]), now: Sample.at(26))
        #expect(!late.hasNews)
        late.take(.sessions([]), now: Sample.at(41))
        #expect(late.entries["cluster2"].map { PoolStanding($0.reading).status } == .available)
    }

    @Test func objectsOfOthersAreNobodys() throws {
        var index = index(.object(.machine(try Sample.machine("cp-a"))), .objectGone(.machine, KubeName(name: "x")))
        #expect(index.entries.isEmpty && !index.hasNews)
        index.remind(of: "nobody", now: Sample.at(1))
        #expect(index.entries.isEmpty)
    }
}
