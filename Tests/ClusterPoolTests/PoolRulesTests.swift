import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// What a person sees of a cluster, by what its namespace, its objects and the sessions say.
@Suite struct PoolRulesTests {
    private let rules = PoolSamples.rules

    private func session(
        _ id: String = "s1", cluster: String = "cluster2", lockedAt: Double? = 5, until: Double? = 3605
    ) -> WireSession {
        WireSession(
            id: id, scenario: "pods", expirationTime: until.map(Sample.at), assignedCluster: cluster,
            clusterLockTime: lockedAt.map(Sample.at))
    }

    @Test(arguments: [
        ("available", Item.State.done), ("locked", .held), ("resetting", .running), ("creating", .running),
        ("error", .failed), ("mended", .unknown),
    ])
    func everyStatusOfBothBackendsHasItsState(status: String, state: Item.State) throws {
        for annotations in [Sample.foreign(status), Sample.ours(status)] {
            let item = rules.item(Sample.reading(annotations, try Sample.whole()), runs: [], now: Sample.at(10))
            #expect(item.state == state && item.word == status && item.id.text == "pool/lab/cluster2")
            let detail = try Sample.detail(item)
            #expect(detail.status == status && detail.since == Sample.at(0) && detail.context == "lab")
            #expect(detail.machines.map(\.name) == ["cp-cluster2", "wk-cluster2"])
            #expect(
                detail.machines.allSatisfy { $0.state == .done && $0.address == "10.0.0.9" && $0.phase == "Running" })
            #expect(detail.snapshots.map(\.name) == ["cp-snap", "wk-snap"])
            #expect(detail.past.map(\.status) == [status])
            #expect((item.diagnosis == nil) == (status != "error"))
        }
    }

    @Test func whatIsWrittenOfALockIsShown() throws {
        let annotations = Sample.ours(
            "locked", at: 5,
            [
                PoolAnnotations.assignedSession: "s1", PoolAnnotations.lockTime: Sample.time(4),
                PoolAnnotations.lastReset: Sample.time(-300), PoolAnnotations.lastHealthCheck: Sample.time(1),
                PoolAnnotations.createdAt: Sample.time(-4000),
            ])
        let reading = Sample.reading(annotations, try Sample.whole())
        let detail = try Sample.detail(rules.item(reading, runs: [], now: Sample.at(10)))
        #expect(detail.session == PoolDetail.Session(id: "s1", lockedAt: Sample.at(4)))
        #expect(detail.lastResetAt == Sample.at(-300) && detail.lastHealthCheckAt == Sample.at(1))
        #expect(detail.createdAt == Sample.at(-4000) && detail.free == nil, "nobody says when the session ends")
        let cluster = rules.cluster(reading)
        #expect(cluster.status == .locked && cluster.assignedSession == "s1" && cluster.lockTime == Sample.at(4))
        #expect(cluster.controlPlaneVM == "cp-cluster2" && cluster.lastReset == Sample.at(-300))
    }

    @Test func aSessionOverridesAnAnnotationThatLies() throws {
        let reading = Sample.reading(Sample.foreign("available"), try Sample.whole(), sessions: [session()])
        let item = rules.item(reading, runs: [], now: Sample.at(10))
        let detail = try Sample.detail(item)
        #expect(item.state == .held && item.word == "locked" && detail.since == Sample.at(5))
        #expect(detail.session?.scenario == "pods" && detail.session?.isLive == true && item.diagnosis == nil)
        // An hour of the session, and a usual reset after it.
        #expect(detail.free == Estimate(p50: 3780, p90: 3840, n: 0, basis: .typical))
        #expect(rules.isMoving(item))
        let runs = [100, 130, 190, 400].map { run(seconds: $0) }
        let known = try Sample.detail(rules.item(reading, runs: runs, now: Sample.at(10)))
        #expect(known.free == Estimate(p50: 3780, p90: 4020, n: 4, basis: .history))
    }

    @Test(arguments: [
        // It was taken back after the session took it; the backend goes on naming it.
        ("available", Optional(-60.0)),
        // What is being reset or broken belongs to nobody.
        ("resetting", 5), ("error", 5), ("creating", 5),
    ])
    func aSessionThatLostItsClusterDoesNotHoldIt(status: String, lockedAt: Double?) throws {
        let reading = Sample.reading(
            Sample.foreign(status), try Sample.whole(),
            sessions: [session(lockedAt: lockedAt), session("x", cluster: "cluster1")])
        let item = rules.item(reading, runs: [], now: Sample.at(10))
        let detail = try Sample.detail(item)
        #expect(item.word == status && detail.session == nil)
    }

    @Test func aLockWithoutALiveSessionNeedsAPerson() throws {
        let locked = Sample.ours("locked", at: 5, [PoolAnnotations.assignedSession: "s9"])
        let unknown = Sample.reading(locked, try Sample.whole())
        #expect(rules.item(unknown, runs: [], now: Sample.at(10)).diagnosis == nil, "nobody asked the backend")
        let gone = rules.item(
            Sample.reading(locked, try Sample.whole(), sessions: [session(cluster: "cluster1")], now: 60), runs: [],
            now: Sample.at(130))
        #expect(gone.word == "locked, no session" && gone.state == .held)
        #expect(gone.attention(at: Sample.at(130), source: nil)?.reason == .atRisk)
        #expect(gone.diagnosis?.cause == "Session s9 holds it and does not exist any more, locked 2m ago.")
        #expect(gone.diagnosis?.next.contains("slipway pool release cluster2 --context lab") == true)
        // The look at the sessions was before the lock.
        let young = Sample.reading(locked, try Sample.whole(), sessions: [], now: 6)
        #expect(rules.item(young, runs: [], now: Sample.at(8)).diagnosis == nil)
    }

    @Test func aLockThatNamesNobodyNeedsAPerson() throws {
        let item = rules.item(
            Sample.reading(Sample.ours("locked"), try Sample.whole(), sessions: []), runs: [], now: Sample.at(10))
        #expect(item.word == "locked, no session")
        #expect(item.diagnosis?.cause == "It is locked, and no session holds it.")
        let held = Sample.reading(Sample.ours("locked"), try Sample.whole(), sessions: [session()])
        #expect(rules.item(held, runs: [], now: Sample.at(10)).diagnosis == nil)
    }

    @Test func aSessionThatIsOverAndOneTooManyAreTold() throws {
        let over = Sample.reading(Sample.foreign("available"), try Sample.whole(), sessions: [session(until: 600)])
        let late = rules.item(over, runs: [], now: Sample.at(1300))
        #expect(late.diagnosis?.cause == "Session s1 ended 11m ago and still holds it.")
        #expect(try Sample.detail(late).free == nil, "nobody knows when it is taken back")
        #expect(rules.item(over, runs: [], now: Sample.at(700)).diagnosis == nil, "it is taken back by itself")
        let both = Sample.reading(
            Sample.foreign("available"), try Sample.whole(),
            sessions: [session("a", lockedAt: 6), session("b", lockedAt: 7)])
        let item = rules.item(both, runs: [], now: Sample.at(10))
        #expect(item.diagnosis?.cause == "More than one session names it: b and a.")
    }

    @Test func anAvailableClusterWithADeadMachineIsAtRisk() throws {
        var objects = try Sample.whole()
        objects[0] = .machine(try Sample.machine("cp-cluster2", "Stopped"))
        let item = rules.item(Sample.reading(Sample.ours("available"), objects), runs: [], now: Sample.at(10))
        #expect(item.state == .done && item.attention(at: Sample.at(10), source: nil)?.reason == .atRisk)
        #expect(item.diagnosis?.cause == "Control plane cp-cluster2 is Stopped though the cluster is available.")
        #expect(item.diagnosis?.next.contains("virtctl --context lab -n cluster2 start cp-cluster2") == true)
        objects.remove(at: 0)
        let missing = rules.item(Sample.reading(Sample.ours("available"), objects), runs: [], now: Sample.at(10))
        #expect(missing.diagnosis?.cause == "Control plane is missing though the cluster is available.")
        #expect(try Sample.detail(missing).machines.first?.word == "missing")
        // One that starts is given time.
        objects.append(.machine(try Sample.machine("cp-cluster2", "Starting", at: 0)))
        let reading = Sample.reading(Sample.ours("available"), objects)
        #expect(rules.item(reading, runs: [], now: Sample.at(200)).diagnosis == nil)
        #expect(rules.isMoving(rules.item(reading, runs: [], now: Sample.at(200))), "time alone makes it late")
        #expect(rules.item(reading, runs: [], now: Sample.at(400)).diagnosis != nil)
    }

    @Test func whatCouldNotBeReadIsNotMissing() throws {
        var index = PoolIndex()
        index.take(.cluster(Sample.namespace(Sample.ours("available"))), now: Sample.at(10))
        let reading = try #require(index.entries["cluster2"]?.reading)
        let item = rules.item(reading, runs: [], now: Sample.at(10))
        let detail = try Sample.detail(item)
        #expect(item.diagnosis == nil && detail.machines.isEmpty)
    }

    @Test func withoutGoldenSnapshotsItCannotBeReset() throws {
        var objects = try Sample.whole()
        objects[5] = .snapshot(
            try Sample.snapshot(
                "wk-snap", of: "wk-cluster2", ready: false,
                status: #","phase":"Failed","error":{"message":"snapshot deadline exceeded"}"#))
        let late = rules.item(Sample.reading(Sample.ours("available"), objects), runs: [], now: Sample.at(10))
        #expect(
            late.diagnosis?.cause
                == "Golden snapshot wk-snap is not ready, so that the cluster cannot be reset: snapshot deadline exceeded (the storage did not finish the snapshot in time)."
        )
        #expect(
            late.diagnosis?.next.first
                == "kubectl --context lab -n cluster2 describe virtualmachinesnapshots.snapshot.kubevirt.io wk-snap")
        objects.removeLast(2)
        let none = rules.item(Sample.reading(Sample.ours("locked"), objects), runs: [], now: Sample.at(10))
        #expect(none.diagnosis?.cause == "It has no golden snapshot cp-snap and wk-snap, so that it cannot be reset.")
        #expect(
            none.diagnosis?.next.last
                == "slipway pool snapshot cluster2 --context lab")
    }

    @Test func aLabelAloneIsWaiting() throws {
        let empty = rules.item(Sample.reading([:], []), runs: [], now: Sample.at(10))
        #expect(empty.state == .waiting && empty.word == "creating" && empty.phases.isEmpty)
        let made = Sample.reading([:], [.machine(try Sample.machine("cp-cluster2", "Starting", at: 2))])
        #expect(rules.item(made, runs: [], now: Sample.at(10)).state == .running)
    }

    @Test func aNamespaceThatGoesIsShownGoing() throws {
        var index = PoolIndex()
        index.take(.cluster(Sample.namespace(Sample.ours("available"), deleted: 3)), now: Sample.at(10))
        let reading = try #require(index.entries["cluster2"]?.reading)
        let item = rules.item(reading, runs: [], now: Sample.at(10))
        #expect(item.word == "deleting" && item.state == .running && item.startedAt == Sample.at(3))
        #expect(item.profile == nil && item.diagnosis == nil)
    }

    @Test func whatWasSeenOfTheLastDayIsKept() throws {
        var reading = Sample.reading(Sample.foreign("available", at: 0), try Sample.whole())
        for (status, at) in [("resetting", 100.0), ("available", 250), ("available", 260)] {
            reading.take(Sample.namespace(Sample.foreign(status, at: at)), now: Sample.at(at + 1))
            reading.note(now: Sample.at(at + 1))
        }
        let past = try Sample.detail(rules.item(reading, runs: [], now: Sample.at(300))).past
        #expect(
            past == [
                PoolDetail.Span(status: "available", from: Sample.at(0), to: Sample.at(100)),
                PoolDetail.Span(status: "resetting", from: Sample.at(100), to: Sample.at(250)),
                PoolDetail.Span(status: "available", from: Sample.at(250)),
            ])
        reading.note(now: Sample.at(250 + 86_400))
        #expect(reading.memory.spans.map(\.status) == ["resetting", "available"])
        for number in 0..<1000 {
            let status = number % 2 == 0 ? "locked" : "available"
            reading.take(Sample.namespace(Sample.ours(status, at: Double(300 + number))), now: Sample.at(5000))
            reading.note(now: Sample.at(5000))
        }
        #expect(reading.memory.spans.count == PoolMemory.spanLimit)
    }

    private func run(seconds: Double, profile: String = "reset") -> Run {
        Run(
            item: ItemID(text: "pool/lab/cluster1"), kind: .pool, name: "cluster1", source: SourceID("lab"),
            profile: profile, startedAt: Sample.at(0), endedAt: Sample.at(seconds), outcome: .done, word: "available")
    }
}
