import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// Where a reset, a bootstrap and the taking of snapshots are, by annotations or by the objects alone.
@Suite struct PoolOperationTests {
    private let rules = PoolSamples.rules

    private func step(_ item: Item) -> String? { item.currentPhase?.name }

    /// The watches that kubectl recorded of three resets of the existing backend, put together to one.
    @Test func aRecordedResetIsFollowedFrameByFrame() throws {
        let machines: [(isGone: Bool, object: WireMachine)] = try Sample.frames("watch-vm-reset-live.json")
        let instances: [(isGone: Bool, object: WireInstance)] = try Sample.frames("watch-vmi-reset-live.json")
        let restores: [(isGone: Bool, object: WireRestore)] = try Sample.frames(
            "watch-vmrestore-live.json", of: "cluster3")
        #expect(machines.count == 10 && instances.count == 8 && restores.count == 6)
        var index = PoolIndex()
        index.take(.cluster(Sample.namespace(Sample.foreign("available", at: -500))), now: Sample.at(-10))
        for kind in PoolKind.allCases { index.take(.synced(.objects(kind, namespace: nil)), now: Sample.at(-10)) }
        var clock = 0.0
        var percents: [Int] = []
        func see(_ news: PoolNews) throws -> Item {
            clock += 1
            index.take(news, now: Sample.at(clock))
            let reading = try #require(index.entries["cluster2"]?.reading)
            let item = rules.item(reading, runs: [], now: Sample.at(clock))
            percents.append(item.progress?.percent ?? 0)
            return item
        }
        func machine(_ frame: Int) throws -> String? { step(try see(.object(.machine(machines[frame].object)))) }
        func restore(_ frame: Int) throws -> String? { step(try see(.object(.restore(restores[frame].object)))) }
        func instance(_ frame: Int) throws -> String? {
            let frame = instances[frame]
            let name = KubeName(namespace: "cluster2", name: frame.object.metadata.name)
            return step(try see(frame.isGone ? .objectGone(.instance, name) : .object(.instance(frame.object))))
        }
        for frame in 0...1 {
            #expect(try machine(frame) == nil)
            #expect(try instance(frame) == nil)
        }
        percents = []
        let begun = try see(.cluster(Sample.namespace(Sample.foreign("resetting", at: 4))))
        #expect(step(begun) == "Stop" && begun.state == .running && begun.startedAt == Sample.at(4))
        #expect(begun.limit == 1200 && begun.profile == "reset" && begun.phases.count == 6)
        #expect(try machine(2) == "Stop")
        #expect(try instance(2) == "Stop", "the worker still runs")
        #expect(try machine(3) == "Stop")
        for frame in 0...1 { #expect(try restore(frame) == "Restore control plane") }
        #expect(try restore(2) == "Start control plane")
        #expect(try machine(4) == "Start control plane")
        #expect(try instance(3) == "Start control plane")
        #expect(try machine(5) == "Start control plane", "its instance does not run yet")
        #expect(try instance(4) == "Restore worker")
        #expect(try machine(6) == "Restore worker")
        #expect(try instance(5) == "Restore worker")
        #expect(try machine(7) == "Restore worker")
        for frame in 3...4 { #expect(try restore(frame) == "Restore worker") }
        for (frame, isMachine) in [(5, false), (8, true)] {
            #expect(try isMachine ? machine(frame) == "Start worker" : restore(frame) == "Start worker")
        }
        for frame in 6...7 { #expect(try instance(frame) == "Start worker") }
        #expect(try machine(9) == "Start worker", "it is the backend that says when it is over")
        let ended = try see(.cluster(Sample.namespace(Sample.foreign("available", at: clock))))
        #expect(ended.state == .done && ended.progress == Progress(percent: 100, done: 6, total: 6, unit: "steps"))
        #expect(ended.phases.allSatisfy { $0.state == .done })
        #expect(percents == percents.sorted(), "it never falls")
        let run = try #require(Run(item: ended))
        #expect(run.profile == "reset" && run.outcome == .done && run.seconds == ended.elapsed(at: Sample.at(clock)))
        let detail = try Sample.detail(ended)
        #expect(
            detail.restores.map(\.state) == [.done, .done] && detail.restores.map(\.role) == [.worker, .controlPlane])
        #expect(detail.past.map(\.status) == ["available", "resetting", "available"])
        #expect(detail.lastResetAt == detail.since)
    }

    @Test func ourOwnStepsAreTakenAsTheyAreWritten() throws {
        var reading = Sample.reading(Sample.ours("available", at: -100), try Sample.whole(), now: -10)
        let steps = PoolStep.steps(of: .reset)
        var percents: [Int] = []
        for (number, step) in steps.enumerated() {
            let at = Double(number) * 20
            reading.take(
                Sample.namespace(
                    Sample.ours(
                        "resetting", at: 0,
                        [
                            PoolAnnotations.operation: "reset", PoolAnnotations.operationStarted: Sample.time(0),
                            PoolAnnotations.operationStep: step.rawValue, PoolAnnotations.stepStarted: Sample.time(at),
                        ])), now: Sample.at(at + 1))
            reading.note(now: Sample.at(at + 1))
            let item = rules.item(reading, runs: [], now: Sample.at(at + 1))
            #expect(item.currentPhase?.name == step.title && item.currentPhase?.startedAt == Sample.at(at))
            #expect(item.progress?.done == number && item.evidence.patience == 300)
            percents.append(item.progress?.percent ?? -1)
        }
        #expect(percents == [0, 12, 19, 36, 59, 77])
        reading.take(Sample.namespace(Sample.ours("available", at: 130)), now: Sample.at(131))
        reading.note(now: Sample.at(131))
        let run = try #require(Run(item: rules.item(reading, runs: [], now: Sample.at(132))))
        #expect(run.seconds == 130 && run.phases.map(\.seconds) == [20, 20, 20, 20, 20, 30])
        // A lock begins something new.
        reading.take(Sample.namespace(Sample.ours("locked", at: 140)), now: Sample.at(140))
        reading.note(now: Sample.at(140))
        let locked = rules.item(reading, runs: [], now: Sample.at(141))
        #expect(locked.phases.isEmpty && locked.startedAt == nil && locked.profile == nil)
    }

    @Test func aResetThatFailsStopsWhereItWas() throws {
        var objects = try Sample.whole()
        objects[0] = .machine(try Sample.machine("cp-cluster2", "Stopped"))
        objects.append(.restore(try Sample.restore("cp-r-0", of: "cp-cluster2", at: -900, complete: true)))
        objects.append(.restore(try Sample.restore("cp-r-1", of: "cp-cluster2", at: 12)))
        var reading = Sample.reading(Sample.foreign("resetting"), objects, now: 14)
        let before = rules.item(reading, runs: [], now: Sample.at(15))
        #expect(before.currentPhase?.name == "Restore control plane" && before.currentPhase?.startedAt == Sample.at(12))
        let failed = try Sample.restore(
            "cp-r-1", of: "cp-cluster2", at: 12,
            conditions:
                #"[{"type":"Progressing","status":"False","reason":"admission webhook denied: exceeded quota: session-quota","message":""},{"type":"Ready","status":"False","reason":"x"}]"#
        )
        reading.take(.restore(failed), now: Sample.at(40))
        reading.note(now: Sample.at(40))
        let danger = rules.item(reading, runs: [], now: Sample.at(41))
        #expect(danger.attention(at: Sample.at(41), source: nil)?.reason == .atRisk)
        #expect(danger.diagnosis?.cause.hasPrefix("Restore control plane cannot go on: admission webhook") == true)
        reading.take(Sample.namespace(Sample.foreign("error", at: 44)), now: Sample.at(45))
        reading.note(now: Sample.at(45))
        let item = rules.item(reading, runs: [], now: Sample.at(50))
        #expect(item.state == .failed && item.endedAt == Sample.at(44) && item.progress == danger.progress)
        #expect(item.phases.map(\.state) == [.done, .done, .failed, .waiting, .waiting, .waiting])
        #expect(
            item.diagnosis?.cause
                == "The reset failed at Restore control plane: admission webhook denied: exceeded quota: session-quota (the namespace's quota is used up)."
        )
        #expect(Run(item: item)?.outcome == .failed)
        // Put right by hand: that was no successful reset.
        reading.take(Sample.namespace(Sample.foreign("available", at: 90)), now: Sample.at(91))
        reading.note(now: Sample.at(91))
        #expect(Run(item: rules.item(reading, runs: [], now: Sample.at(92))) == nil)
    }

    @Test func whatWasFoundInTheMiddleIsNotDatedByTheFirstLook() throws {
        var objects = try Sample.whole()
        objects[0] = .machine(try Sample.machine("cp-cluster2", "Stopped"))
        objects[1] = .machine(try Sample.machine("wk-cluster2", "Stopped"))
        objects.removeSubrange(2...3)
        // What an earlier reset has left behind is none of this one's.
        objects.append(.restore(try Sample.restore("cp-0", of: "cp-cluster2", at: -900, complete: true)))
        objects.append(.restore(try Sample.restore("wk-0", of: "wk-cluster2", at: -880, complete: true)))
        let found = rules.item(
            Sample.reading(Sample.foreign("resetting"), objects, now: 90), runs: [], now: Sample.at(91))
        #expect(found.currentPhase?.name == "Clean up" && found.currentPhase?.startedAt == nil)
        #expect(found.startedAt == Sample.at(0))
    }

    @Test func aClusterThatBreaksLaterIsNotABadReset() throws {
        var reading = Sample.reading(Sample.foreign("resetting"), try Sample.whole())
        for (status, at) in [("available", 100.0), ("error", 500)] {
            reading.take(Sample.namespace(Sample.foreign(status, at: at)), now: Sample.at(at))
            reading.note(now: Sample.at(at))
        }
        let item = rules.item(reading, runs: [], now: Sample.at(510))
        #expect(item.diagnosis?.cause == "The cluster says error, and nothing tells why.")
        #expect(Run(item: item) == nil && item.phases.isEmpty)
    }

    @Test func oneResetAfterAnotherIsAnother() throws {
        var reading = Sample.reading(Sample.foreign("resetting"), try Sample.whole())
        reading.take(Sample.namespace(Sample.foreign("resetting", at: 400)), now: Sample.at(401))
        reading.note(now: Sample.at(401))
        let item = rules.item(reading, runs: [], now: Sample.at(402))
        #expect(item.startedAt == Sample.at(400) && item.currentPhase?.name == "Stop")
        // A clock that is ahead of ours makes no new one at each look.
        reading.take(Sample.namespace(Sample.foreign("resetting", at: 500)), now: Sample.at(495))
        for at in [495.0, 498, 510] { reading.note(now: Sample.at(at)) }
        #expect(rules.item(reading, runs: [], now: Sample.at(511)).startedAt == Sample.at(495))
    }

    @Test func aFailureThatWasFoundTellsWhatItsAnnotationsTell() throws {
        let annotations = Sample.ours(
            "error", at: 60,
            [
                PoolAnnotations.operation: "bootstrap", PoolAnnotations.operationStarted: Sample.time(0),
                PoolAnnotations.operationStep: "get-join-command", PoolAnnotations.error: "ssh: handshake failed.",
            ])
        let item = rules.item(Sample.reading(annotations, try Sample.whole(), now: 70), runs: [], now: Sample.at(70))
        #expect(item.diagnosis?.cause == "The bootstrap failed at Join command: ssh: handshake failed.")
        #expect(item.startedAt == Sample.at(0) && item.endedAt == Sample.at(60))
        #expect(item.phases.first { $0.state == .failed }?.name == "Join command")
        #expect(item.diagnosis?.next.last == "slipway pool reset cluster2 --context lab")
        let bare = rules.item(Sample.reading(Sample.foreign("error"), try Sample.whole()), runs: [], now: Sample.at(9))
        #expect(bare.diagnosis?.cause == "The cluster says error, and nothing tells why." && bare.phases.isEmpty)
    }

    @Test func aBootstrapOfTheOtherBackendIsReadFromItsObjects() throws {
        var reading = Sample.reading(
            Sample.foreign("creating"), [.machine(try Sample.machine("cp-cluster2", at: -900))], now: 1)
        func look(_ at: Double, _ objects: PoolObject...) -> Item {
            for object in objects { reading.take(object, now: Sample.at(at)) }
            reading.note(now: Sample.at(at))
            return rules.item(reading, runs: [], now: Sample.at(at))
        }
        #expect(step(look(2)) == "Old machines")
        reading.remove(.machine, "cp-cluster2", now: Sample.at(9))
        #expect(step(look(10)) == "Image")
        let disk: WireDisk = try Sample.decode(
            #"{"metadata":{"name":"cp-cluster2-rootdisk","namespace":"cluster2"},"status":{"phase":"CloneInProgress","progress":"30%"}}"#
        )
        let wait = look(20, .machine(try Sample.machine("cp-cluster2", "Provisioning", at: 18)), .disk(disk))
        #expect(step(wait) == "Control plane ready" && wait.currentPhase?.startedAt == Sample.at(18))
        #expect(wait.currentPhase?.limit == 600 && wait.limit == 2700 && wait.evidence.patience == 600)
        #expect(
            try Sample.detail(wait).disks == [.init(name: "cp-cluster2-rootdisk", word: "CloneInProgress", percent: 30)]
        )
        let join = look(
            200, .machine(try Sample.machine("cp-cluster2", at: 18)), .instance(try Sample.instance("cp-cluster2")))
        #expect(step(join) == "Join command" && wait.progress?.percent ?? 0 < join.progress?.percent ?? 0)
        let both = look(280, .machine(try Sample.machine("wk-cluster2", "Starting", at: 275)))
        #expect(step(both) == "Both ready" && both.attention(at: Sample.at(280), source: nil) == nil)
        #expect(both.attention(at: Sample.at(275 + 901), source: nil)?.reason == .overdue)
        #expect(try Sample.detail(both).free == Estimate(p50: 240, p90: 480, n: 0, basis: .typical))
    }

    @Test func snapshotsOfAClusterThatIsFreeAreTaken() throws {
        var objects = try Sample.whole()
        objects[5] = .snapshot(try Sample.snapshot("wk-snap", of: "wk-cluster2", ready: false))
        let annotations = Sample.ours(
            "available", [PoolAnnotations.operation: "snapshot", PoolAnnotations.operationStarted: Sample.time(0)])
        var reading = Sample.reading(annotations, objects)
        let item = rules.item(reading, runs: [], now: Sample.at(12))
        #expect(item.state == .running && item.word == "available, snapshots" && item.diagnosis == nil)
        #expect(step(item) == "Snapshot worker" && item.progress?.percent == 50 && item.profile == "snapshot")
        reading.take(Sample.namespace(Sample.ours("available")), now: Sample.at(40))
        reading.note(now: Sample.at(40))
        #expect(Run(item: rules.item(reading, runs: [], now: Sample.at(41)))?.seconds == 40)
        // A word that was left behind means nothing.
        let stale = Sample.reading(Sample.ours("available", [PoolAnnotations.operation: "reset"]), try Sample.whole())
        #expect(rules.item(stale, runs: [], now: Sample.at(12)).state == .done)
    }

    @Test func silenceAndTimeAreMeasuredByWhatIsUsualHere() throws {
        let reading = Sample.reading(
            Sample.ours(
                "resetting",
                [
                    PoolAnnotations.operation: "reset", PoolAnnotations.operationStarted: Sample.time(0),
                    PoolAnnotations.operationStep: "start-worker",
                ]), try Sample.whole())
        let runs = [400.0, 410, 420].map { seconds in
            Run(
                item: ItemID(text: "p"), kind: .pool, name: "c", source: SourceID("lab"), profile: "reset",
                startedAt: Sample.at(0), endedAt: Sample.at(seconds + 100), outcome: .done, word: "available",
                phases: [
                    PhaseDuration(name: "Stop", seconds: 100, outcome: .done),
                    PhaseDuration(name: "Start worker", seconds: seconds, outcome: .done),
                ])
        }
        let item = rules.item(reading, runs: runs, now: Sample.at(40))
        #expect(item.evidence.patience == 420 && item.attention(at: Sample.at(425), source: nil) == nil)
        #expect(item.attention(at: Sample.at(440), source: nil)?.reason == .silent)
        // Stop weighs 100 of 622 now, the start of the worker 410.
        #expect(item.progress?.percent == 34)
        #expect(try Sample.detail(item).free == Estimate(p50: 480, p90: 480, n: 3, basis: .history))
        #expect(
            rules.item(reading, runs: runs, now: Sample.at(40)).attention(at: Sample.at(1300), source: nil)?.reason
                == .overdue)
        // Only those that took longer than it has taken tell what remains.
        let some = [100.0, 130, 190, 400, 500, 600].map { seconds in
            Run(
                item: ItemID(text: "p"), kind: .pool, name: "c", source: SourceID("lab"), profile: "reset",
                startedAt: Sample.at(0), endedAt: Sample.at(seconds), outcome: .done, word: "available")
        }
        let rest = try Sample.detail(rules.item(reading, runs: some, now: Sample.at(150)))
        #expect(rest.free == Estimate(p50: 300, p90: 480, n: 4, basis: .history))
        let late = try Sample.detail(rules.item(reading, runs: [], now: Sample.at(600)))
        #expect(late.free?.basis == Estimate.Basis.none, "longer than anything that is known")
    }
}
