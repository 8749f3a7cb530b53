import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// What is kept of KubeVirt's objects, and what of a bad one is still read.
@Suite struct WirePoolTests {
    @Test func recordedObjectsAreRead() throws {
        let namespaces: [WirePoolNamespace] = try Sample.list("get-pool-namespaces.json")
        #expect(namespaces.map(\.name) == ["cluster1", "cluster2", "cluster3"])
        #expect(namespaces.allSatisfy { $0.isPool && $0.status == .available && $0.isForeign && $0.since != nil })
        let machines: [WireMachine] = try Sample.list("get-vm.json")
        #expect(
            machines.count == 6 && machines.allSatisfy { $0.word == "Running" && $0.isReady && $0.isWanted == true })
        let instances: [WireInstance] = try Sample.list("get-vmi.json")
        #expect(instances.count == 6 && instances[0].address == "10.0.7.39" && instances[0].node == "node-1")
        #expect(instances[0].since == WireTime.date("2026-11-20T22:39:24Z"))
        let snapshots: [WireSnapshot] = try Sample.list("get-vmsnapshot.json")
        #expect(
            snapshots.count == 6 && snapshots.allSatisfy { $0.isReady && $0.failure == nil && $0.word == "Succeeded" })
        let restores: [WireRestore] = try Sample.list("get-vmrestore.json")
        #expect(restores.count == 6 && restores.allSatisfy { $0.isComplete && $0.word == "Operation complete" })
        #expect(restores[0].machine == "cp-cluster2" && restores[0].endedAt == WireTime.date("2026-11-20T22:38:15Z"))
    }

    @Test func onlyThePoolsOwnAnnotationsAreKept() throws {
        let namespace: WirePoolNamespace = try Sample.decode(
            ##"{"metadata":{"name":"c","labels":{"team":"hunter2"},"annotations":{"note":"hunter2","cks.io/cluster-status":"lock\u001b[31med","cks.io/error":""}}}"##
        )
        #expect(namespace.isPool && namespace.status?.rawValue == "lock\u{FFFD}[31med")
        #expect(namespace.text(PoolAnnotations.error) == nil && namespace.clusterID == "c")
        var dumped = ""
        dump(namespace, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        let other: WirePoolNamespace = try Sample.decode(#"{"metadata":{"name":"default"}}"#)
        #expect(!other.isPool)
    }

    @Test(
        arguments: [
            (#""running":true"#, true), (#""running":false,"runStrategy":"Always""#, false),
            (#""runStrategy":"Halted""#, false),
            (#""runStrategy":"RerunOnFailure""#, true), (#""runStrategy":"Manual""#, nil), (#""running":"yes""#, nil),
        ] as [(String, Bool?)])
    func whetherItShouldRunIsSaidInTwoWays(spec: String, wanted: Bool?) throws {
        let machine: WireMachine = try Sample.decode(#"{"metadata":{"name":"m"},"spec":{\#(spec)}}"#)
        #expect(machine.isWanted == wanted && machine.word == "Pending")
    }

    @Test func wordsThatAreMissingAreMadeFromWhatIsThere() throws {
        let starting: WireMachine = try Sample.decode(#"{"metadata":{"name":"m"},"status":{"created":true}}"#)
        let running: WireMachine = try Sample.decode(
            #"{"metadata":{"name":"m"},"status":{"created":true,"ready":true}}"#)
        #expect(starting.word == "Starting" && running.word == "Running")
        let disk: WireDisk = try Sample.decode(
            #"{"metadata":{"name":"d"},"status":{"phase":"ImportInProgress","progress":"45.12%"}}"#)
        let idle: WireDisk = try Sample.decode(#"{"metadata":{"name":"d"},"status":{"progress":"N/A"}}"#)
        #expect(disk.percent == 45.12 && idle.percent == nil && idle.word == "Pending")
    }

    @Test(arguments: ["null", "7", "[]", #""up""#, #"{"conditions":{},"phase":4,"interfaces":"x","error":3}"#])
    func whatIsMissingOrWrongIsEmpty(status: String) throws {
        let text = #"{"metadata":{"name":"m","namespace":"cluster2"},"spec":\#(status),"status":\#(status)}"#
        let objects: [PoolObject] = [
            .machine(try Sample.decode(text)), .instance(try Sample.decode(text)), .snapshot(try Sample.decode(text)),
            .restore(try Sample.decode(text)), .disk(try Sample.decode(text)),
        ]
        let item = Sample.rules.item(Sample.reading(Sample.ours("available"), objects), runs: [], now: Sample.at(20))
        #expect(item.state == .done && item.diagnosis != nil, "it has no worker")
    }

    @Test func listsAndTextsAreBounded() throws {
        let condition = #"{"type":"T","status":"True","reason":"\#(String(repeating: "m", count: 5000))"}"#
        let many = Array(repeating: condition, count: 500).joined(separator: ",")
        let restore: WireRestore = try Sample.decode(#"{"metadata":{"name":"r"},"status":{"conditions":[7,\#(many)]}}"#)
        #expect(restore.conditions.count == WireConditions.limit)
        #expect(restore.conditions.allSatisfy { $0.reason.count <= 301 })
        var reading = Sample.reading(Sample.ours("available"), [])
        for number in 0..<500 { reading.take(.machine(try Sample.machine("m\(number)")), now: Sample.at(20)) }
        #expect(reading.machines.count == PoolReading.objectLimit)
        // Of restores the newest are kept.
        for number in 0..<100 {
            reading.take(
                .restore(try Sample.restore("r\(number)", of: "cp-cluster2", at: Double(number))), now: Sample.at(200))
        }
        #expect(reading.restores.count == PoolReading.objectLimit && reading.restores["r99"] != nil)
    }

    @Test func noBytesBreakIt() throws {
        var generator = Bytes(state: 7)
        var read = 0
        let files = ["get-vm", "get-vmi", "get-vmsnapshot", "get-vmrestore", "get-pool-namespaces"]
        for file in files {
            let text = try Fixtures.text("kubernetes/pool/\(file).json")
            let start = Array(text.utf8)
            for _ in 0..<150 {
                let bytes = Data(generator.mutated(start))
                var objects: [PoolObject] = []
                func take<Object: Decodable & Sendable>(_ make: (Object) -> PoolObject) {
                    let list = try? JSONDecoder().decode(SampleList<Object>.self, from: bytes)
                    objects += (list?.items ?? []).compactMap(\.value).map(make)
                }
                switch file {
                case "get-vm": take { PoolObject.machine($0) }
                case "get-vmi": take { PoolObject.instance($0) }
                case "get-vmsnapshot": take { PoolObject.snapshot($0) }
                case "get-vmrestore": take { PoolObject.restore($0) }
                default: take { PoolObject.disk($0) }
                }
                read += objects.isEmpty ? 0 : 1
                for status in ["available", "resetting", "error"] {
                    let reading = Sample.reading(Sample.foreign(status), objects)
                    let item = Sample.rules.item(reading, runs: [], now: Sample.at(300))
                    #expect(!item.word.isEmpty && item.diagnosis?.cause.contains("\n") != true)
                }
            }
        }
        #expect(read > 100)
    }
}
