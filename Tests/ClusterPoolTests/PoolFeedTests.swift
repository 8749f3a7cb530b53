import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

/// The whole feed against an API server at its door.
@Suite(.timeLimit(.minutes(5))) struct PoolFeedTests {
    @Test func thePoolIsFoundByItsLabelOrItsAnnotationAndFollowed() async throws {
        let script = KubeScript()
        for name in ["cluster1", "cluster2"] {
            script.cluster(name, "available")
            script.machines(name)
        }
        // Another backend's, which has no label.
        script.cluster("other", "available", labelled: false)
        script.machines("other")
        script.put("namespaces", "", "default")
        let heard = Heard()
        try await run(script, heard) { _ in
            try await heard.waits { $0.isLive }
            #expect(
                heard.state.whole == ["cluster1", "cluster2", "other"], "told before the source counts as answered")
            #expect(heard.state.items["cluster1"]?.diagnosis == nil, "nothing is missing when it is first told")
            try await heard.waits { _ in script.streams == 16 }
            #expect(script.watched.contains("virtualmachines/cluster1"))
            script.put("virtualmachines", "cluster1", "cp-cluster1", #","status":{"printableStatus":"Stopped"}"#)
            try await heard.waits { $0.items["cluster1"]?.diagnosis?.cause.contains("cp-cluster1 is Stopped") == true }
            script.cluster("cluster2", "resetting")
            try await heard.waits { $0.items["cluster2"]?.state == .running }
            #expect(heard.state.items["cluster2"]?.phases.count == 6)
            // One that is made while we look is followed with its objects, and one that goes is gone.
            script.cluster("cluster3", "creating")
            script.machines("cluster3")
            try await heard.waits { $0.items["cluster3"].flatMap { try? PoolSamples.detail($0) }?.snapshots.count == 2 }
            script.remove("namespaces", "", "cluster1")
            try await heard.waits { $0.items["cluster1"] == nil && $0.items["cluster2"] != nil }
        }
        #expect(script.streams == 0)
        let methods = script.asked.filter { $0.method != "GET" }
        #expect(methods.allSatisfy { $0.target.hasSuffix("selfsubjectaccessreviews") }, "reading changes nothing")
    }

    @Test func withoutTheLabelThePoolIsFoundByItsAnnotation() async throws {
        let script = KubeScript()
        script.cluster("cluster1", "available", labelled: false)
        script.put("namespaces", "", "default")
        let heard = Heard()
        try await run(script, heard) { _ in
            try await heard.waits { $0.isLive }
            #expect(heard.state.whole == ["cluster1"])
            script.cluster("cluster2", "creating", labelled: false)
            try await heard.waits { $0.items["cluster2"]?.state == .running }
            // It leaves the pool and stays a namespace.
            script.put("namespaces", "", "cluster1")
            try await heard.waits { $0.items["cluster1"] == nil }
        }
    }

    @Test func aLargePoolIsReadByFewWatches() async throws {
        let script = KubeScript()
        for number in 1...50 {
            script.cluster("c\(number)", "available")
            script.machines("c\(number)")
        }
        script.put("virtualmachines", "office", "pc", #","status":{"printableStatus":"Stopped"}"#)
        let heard = Heard()
        try await run(script, heard) { _ in
            try await heard.waits { $0.isLive }
            #expect(heard.state.whole?.count == 50)
            try await heard.waits { _ in script.streams == 6 }
            #expect(heard.state.items.values.allSatisfy { $0.state == .done && $0.diagnosis == nil })
            script.remove("virtualmachines", "c7", "wk-c7")
            try await heard.waits { $0.items["c7"]?.diagnosis?.cause.contains("Worker is missing") == true }
        }
    }

    @Test func whatIsForbiddenHidesNothingElse() async throws {
        let script = KubeScript()
        for name in ["cluster1", "cluster2"] {
            script.cluster(name, "available")
            script.machines(name)
        }
        script.set {
            $0.forbidden = [
                "namespaces/", "namespaces/cluster2", "namespaces/cluster3", "virtualmachinesnapshots/cluster1",
            ]
            $0.groups.removeAll { $0 == "cdi.kubevirt.io" }
        }
        let heard = Heard()
        try await run(script, heard) { _ in
            try await heard.waits { $0.isLive }
            #expect(heard.state.whole == ["cluster1"])
            let item = try #require(heard.state.items["cluster1"])
            #expect(item.diagnosis == nil, "what may not be read is not missing")
            #expect(
                try PoolSamples.detail(item).troubles == [
                    "snapshots: lab does not let you watch virtualmachinesnapshots.snapshot.kubevirt.io in cluster1."
                ])
        }
    }

    @Test func aServerThatMayNotBeReadOrHasNoKubeVirtIsSaidSo() async throws {
        let script = KubeScript()
        script.cluster("cluster1", "available")
        script.set { $0.groups = [] }
        let heard = Heard()
        try await run(script, heard) { feed in
            try await heard.waits { $0.source?.error?.contains("KubeVirt is not installed in lab") == true }
            script.set {
                $0.groups = ["kubevirt.io"]
                $0.forbidden = ["namespaces/", "namespaces/cluster1", "namespaces/cluster2", "namespaces/cluster3"]
            }
            await feed.refresh()
            try await heard.waits { $0.source?.error?.contains("does not let you watch namespaces") == true }
            script.set { $0.forbidden = [] }
            await feed.refresh()
            try await heard.waits { $0.isLive && $0.items["cluster1"] != nil }
            let troubles = try PoolSamples.detail(try #require(heard.state.items["cluster1"])).troubles
            #expect(troubles.contains("snapshots: lab has no virtualmachinesnapshots.snapshot.kubevirt.io."))
        }
    }

    @Test func aServerThatIsGoneIsToldAndItsItemsStay() async throws {
        let script = KubeScript()
        script.cluster("cluster1", "available")
        let heard = Heard()
        try await run(script, heard) { feed in
            try await heard.waits { $0.isLive }
            script.set { $0.isDown = true }
            script.cut()
            try await heard.waits { $0.source?.state == .unreachable }
            #expect(heard.state.items["cluster1"] != nil)
            script.set { $0.isDown = false }
            script.cluster("cluster1", "locked")
            await feed.refresh()
            try await heard.waits { $0.isLive && $0.items["cluster1"]?.state == .held }
        }
    }

    @Test func sessionsSayWhoHoldsWhat() async throws {
        let script = KubeScript()
        script.cluster("cluster1", "available")
        script.machines("cluster1")
        let backend = ScriptedDoor()
        backend.answer(
            SessionReader.path,
            .json(#"[{"id":"5f0c","assignedCluster":"cluster1","expirationTime":"2099-01-01T00:00:00Z"}]"#))
        let heard = Heard()
        try await run(script, heard, sessions: SessionReader(backend)) { _ in
            try await heard.waits { $0.items["cluster1"]?.word == "locked" }
            #expect(try PoolSamples.detail(try #require(heard.state.items["cluster1"])).session?.id == "5f0c")
        }
        backend.answer(SessionReader.path, .json("{}", status: 503))
        let other = Heard()
        try await run(script, other, sessions: SessionReader(backend)) { _ in
            try await other.waits {
                $0.items["cluster1"].flatMap { try? PoolSamples.detail($0) }?.troubles
                    == ["sessions: The session backend answered 503."]
            }
            #expect(other.state.items["cluster1"]?.word == "available")
        }
        #expect(backend.asked.allSatisfy { $0.method == "GET" })
    }

    @Test func whatTimeAloneChangesIsLookedAtAgain() async throws {
        let script = KubeScript()
        script.cluster("cluster1", "available")
        script.machines("cluster1")
        script.put(
            "virtualmachines", "cluster1", "cp-cluster1",
            #","status":{"printableStatus":"Starting","conditions":[{"type":"Ready","status":"False","lastTransitionTime":"2026-11-20T22:00:00Z"}]}"#
        )
        let clock = ManualTime()
        let heard = Heard()
        let feed = self.feed(script, time: clock.source)
        let running = Task { await feed.run { heard.take($0) } }
        try await heard.waits(moving: clock) { $0.items["cluster1"] != nil }
        #expect(heard.state.items["cluster1"]?.diagnosis == nil)
        let first = try #require(heard.state.items["cluster1"]?.evidence.at)
        try await heard.waits(moving: clock) { $0.items["cluster1"]?.diagnosis != nil }
        #expect(heard.state.items["cluster1"]?.diagnosis?.cause.contains("cp-cluster1 is Starting though") == true)
        script.put(
            "virtualmachines", "cluster1", "cp-cluster1", #","status":{"printableStatus":"Running","ready":true}"#)
        // At rest it is vouched for in turn.
        try await heard.waits(moving: clock) {
            $0.items["cluster1"].map { $0.diagnosis == nil && $0.evidence.at > first.addingTimeInterval(600) } ?? false
        }
        running.cancel()
        await running.value
    }

    private func feed(_ script: KubeScript, sessions: SessionReader? = nil, time: TimeSource) -> PoolFeed {
        PoolFeed(
            api: KubeAPI(name: "lab", door: script), sessions: sessions,
            options: .init(
                id: SourceID("lab"), context: "lab", gathering: 0.02, cadence: Cadence(busy: 0.2, quiet: 0.2)),
            time: time, recall: { [] })
    }

    private func run(
        _ script: KubeScript, _ heard: Heard, sessions: SessionReader? = nil, _ body: (PoolFeed) async throws -> Void
    ) async throws {
        let feed = feed(script, sessions: sessions, time: .system)
        let running = Task { await feed.run { heard.take($0) } }
        do {
            try await body(feed)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        await running.value
    }
}
