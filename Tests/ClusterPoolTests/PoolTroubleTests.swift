import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// Every text with which KubeVirt says that something fails reaches a person, wherever it stands.
@Suite struct PoolTroubleTests {
    private let rules = PoolSamples.rules

    private func diagnosis(_ object: PoolObject, status: String = "error", at seconds: Double = 60) throws -> Diagnosis?
    {
        var objects = try Sample.whole()
        objects.append(object)
        return rules.item(Sample.reading(Sample.foreign(status), objects), runs: [], now: Sample.at(seconds)).diagnosis
    }

    @Test(arguments: [
        // The text in `reason`, as KubeVirt writes it; in `message`; in both; and none at all.
        (#"[{"type":"Progressing","status":"False","reason":"Operation failed"}]"#, "Operation failed"),
        (
            #"[{"type":"Progressing","status":"False","message":"no PVC"}]"#,
            "no PVC (a volume is missing or cannot be made)"
        ),
        (
            #"[{"type":"Progressing","status":"False","reason":"Error","message":"target is not stopped"}]"#,
            "Error: target is not stopped (the machine was still running)"
        ),
        (
            #"[{"type":"Failure","status":"True","reason":"In error state"},{"type":"Progressing","status":"True","reason":"x"}]"#,
            "In error state"
        ),
        (#"[{"type":"Failure","status":"True"}]"#, "it failed"),
        (
            #"[{"type":"Progressing","status":"False"},{"type":"Ready","status":"False","reason":"Source does not exist"}]"#,
            "Source does not exist (the machine that it names is gone)"
        ),
        (#"[{"type":"Progressing","status":"False"}]"#, "it stopped without a reason"),
    ])
    func aRestoreSaysWhyItFailed(conditions: String, text: String) throws {
        let restore = try Sample.restore("cp-r", of: "cp-cluster2", at: 5, conditions: conditions)
        let diagnosis = try #require(try diagnosis(.restore(restore)))
        #expect(diagnosis.cause == "The reset failed: \(text).")
        #expect(diagnosis.signs.first?.hasPrefix("VirtualMachineRestore cp-r: ") == true)
        #expect(
            diagnosis.next.contains(
                "kubectl --context lab -n cluster2 describe virtualmachinerestores.snapshot.kubevirt.io cp-r"))
    }

    @Test func arestoreThatWasMadeUpForIsNoCause() throws {
        var objects = try Sample.whole()
        let conditions = #"[{"type":"Progressing","status":"False","reason":"Operation failed"}]"#
        objects.append(.restore(try Sample.restore("a", of: "cp-cluster2", at: 5, conditions: conditions)))
        objects.append(.restore(try Sample.restore("b", of: "cp-cluster2", at: 9, complete: true, restored: 12)))
        let item = rules.item(Sample.reading(Sample.foreign("error"), objects), runs: [], now: Sample.at(60))
        #expect(item.diagnosis?.cause == "The cluster says error, and nothing tells why.")
        #expect(try Sample.detail(item).restores.map(\.state) == [.done, .failed])
    }

    @Test(arguments: [
        (
            #","phase":"Failed","conditions":[{"type":"Progressing","status":"False","reason":"In error state"}]"#,
            "In error state"
        ),
        (#","error":{"message":"VolumeSnapshotClass not found"}"#, "VolumeSnapshotClass not found"),
        (
            #","conditions":[{"type":"Failure","status":"True","reason":"snapshot deadline exceeded"}]"#,
            "snapshot deadline exceeded"
        ),
        (#","phase":"Failed""#, "it failed"),
    ])
    func aSnapshotSaysWhyItIsNotReady(status: String, text: String) throws {
        let snapshot = try Sample.snapshot("wk-snap", of: "wk-cluster2", ready: false, status: status)
        #expect(snapshot.failure == text)
        #expect(try diagnosis(.snapshot(snapshot))?.signs.contains("VirtualMachineSnapshot wk-snap: \(text)") == true)
    }

    @Test(arguments: [
        ("ErrorUnschedulable", "no node has room for it"), ("ImagePullBackOff", "its image cannot be pulled"),
        ("ErrImagePull", "its image cannot be pulled"), ("DataVolumeError", "its disk could not be filled"),
        ("ErrorPvcNotFound", "a volume is missing or cannot be made"),
        ("CrashLoopBackOff", "the machine ends again and again after its start"),
    ])
    func aMachineThatCannotStartSaysWhy(word: String, meaning: String) throws {
        let machine = try Sample.machine(
            "cp-cluster2", word, status: #","startFailure":{"consecutiveFailCount":3}"#,
            conditions: #"[{"type":"Ready","status":"False","reason":"GuestNotRunning"}]"#)
        let item = rules.item(
            Sample.reading(Sample.foreign("resetting"), try Sample.whole() + [.machine(machine)]), runs: [],
            now: Sample.at(60))
        let attention = try #require(item.attention(at: Sample.at(60), source: nil))
        #expect(attention.reason == .atRisk)
        #expect(attention.cause == "Stop cannot go on: \(word), GuestNotRunning (3 failed starts) (\(meaning)).")
        #expect(attention.signs == ["VirtualMachine cp-cluster2: \(word), GuestNotRunning (3 failed starts)"])
        #expect(try Sample.detail(item).machines.first?.state == .failed)
        #expect(attention.next.allSatisfy { !$0.isEmpty } && attention.next.count > 2)
    }

    @Test func conditionsInstancesAndDisksAreHeard() throws {
        let failing = try Sample.machine(
            "cp-cluster2",
            conditions: #"[{"type":"Failure","status":"True","reason":"FailedCreate","message":"exceeded quota"}]"#)
        #expect(
            try diagnosis(.machine(failing))?.cause.contains("FailedCreate: exceeded quota (the namespace's quota")
                == true)
        let recovery = try Sample.machine(
            "cp-cluster2", conditions: #"[{"type":"ManualRecoveryRequired","status":"True"}]"#)
        #expect(try diagnosis(.machine(recovery))?.cause.contains("manual recovery is required") == true)
        let dead = try Sample.instance("wk-cluster2", "Failed", reason: "guest panicked")
        #expect(try diagnosis(.instance(dead))?.signs == ["VirtualMachineInstance wk-cluster2: guest panicked"])
        let disk: WireDisk = try Sample.decode(
            #"{"metadata":{"name":"d","namespace":"cluster2"},"status":{"phase":"Failed","conditions":[{"type":"Running","status":"False","reason":"importer crashed"}]}}"#
        )
        #expect(try diagnosis(.disk(disk))?.signs == ["DataVolume d: importer crashed"])
    }

    @Test func aMachineThatHangsWhileItStopsIsToldAfterItsGrace() throws {
        var objects = try Sample.whole()
        objects[0] = .machine(try Sample.machine("cp-cluster2", "Stopping"))
        objects[2] = .instance(try Sample.instance("cp-cluster2", deleted: 5))
        let reading = Sample.reading(Sample.foreign("resetting"), objects)
        #expect(rules.item(reading, runs: [], now: Sample.at(200)).diagnosis == nil)
        let stuck = try #require(rules.item(reading, runs: [], now: Sample.at(305)).diagnosis)
        #expect(
            stuck.cause
                == "Stop cannot go on: Stopping for 5m, longer than its grace period (the guest does not shut down).")
        #expect(stuck.next.contains("virtctl --context lab -n cluster2 stop cp-cluster2 --force --grace-period=0"))
    }

    @Test func everyHintLeadsSomewhere() {
        for hint in PoolHint.all {
            #expect(hint.words.allSatisfy { $0 == $0.lowercased() && PoolHint.first(for: "x \($0) y") != nil })
            #expect(!hint.meaning.hasSuffix(".") && hint.advice.hasSuffix(".") && !hint.steps.isEmpty)
        }
    }

    @Test func aCopiedCommandRunsNothingElse() {
        let advice = PoolAdvice(context: "la b", namespace: "-x;'rm", keeper: .slipway)
        #expect(advice.start("cp\u{1B}[1m") == "virtctl --context 'la b' -n 'x;'\\''rm' start 'cp\u{FFFD}[1m'")
    }
}
