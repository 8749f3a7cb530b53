import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterPool

private typealias Sample = PoolSamples

/// The pool as other programs read it, and which machine is which.
@Suite struct PoolModelTests {
    @Test func aClusterReadsAsTheSeedSays() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let free = PoolCluster(clusterID: "cluster1", namespace: "cluster1", status: .available, assignedSession: "")
        #expect(
            String(decoding: try encoder.encode(free), as: UTF8.self)
                == #"{"clusterId":"cluster1","controlPlaneVM":"cp-placeholder-cluster1","createdAt":"0001-01-01T00:00:00Z","lastHealthCheck":"0001-01-01T00:00:00Z","lastReset":"0001-01-01T00:00:00Z","namespace":"cluster1","status":"available","workerNodeVM":"wk-placeholder-cluster1"}"#
        )
        let lent = PoolCluster(
            clusterID: "c", namespace: "c", status: .locked, assignedSession: "s1", lockTime: Sample.at(0),
            lastReset: Sample.at(-60), controlPlaneVM: "x7", workerNodeVM: "y8", createdAt: Sample.at(-90),
            lastHealthCheck: Sample.at(1))
        let text = String(decoding: try encoder.encode(lent), as: UTF8.self)
        #expect(text.contains(#""assignedSession":"s1""#) && text.contains(#""lockTime":"2026-11-20T22:38:20.000Z""#))
        #expect(try JSONDecoder().decode(PoolCluster.self, from: Data(text.utf8)) == lent)
    }

    @Test func whatTheOriginalWritesIsRead() throws {
        let cluster: PoolCluster = try Sample.decode(
            #"{"clusterId":"cluster1","namespace":"cluster1","status":"mended","assignedSession":"","lockTime":"0001-01-01T00:00:00Z","lastReset":"2025-05-30T22:22:57.123456789+01:00"}"#
        )
        #expect(cluster.lockTime == nil && cluster.assignedSession == nil && cluster.status.rawValue == "mended")
        #expect(cluster.lastReset == WireTime.date("2025-05-30T21:22:57.123456789Z"))
    }

    @Test func everyClusterIsCountedWhereItStands() throws {
        let words = ["available", "available", "locked", "resetting", "error", "creating", "mended"]
        let stats = PoolStats(
            words.enumerated().map {
                PoolCluster(clusterID: "c\($0)", namespace: "c\($0)", status: PoolStatus(rawValue: $1))
            })
        #expect(stats.totalClusters == 7 && stats.availableClusters == 2 && stats.lockedClusters == 1)
        #expect(stats.resettingClusters == 1 && stats.errorClusters == 1 && stats.creatingClusters == 1)
        let again = try JSONDecoder().decode(PoolStats.self, from: JSONEncoder().encode(stats))
        #expect(again == stats && again.statusByCluster["c2"] == .locked)
    }

    @Test(arguments: [
        // Labels are believed before names, ours before the existing backend's.
        (
            [("a", #"{"cks.io/vm-role":"worker","role":"control-plane"}"#), ("b", #"{"role":"control-plane"}"#)], "b",
            "a"
        ),
        ([("wk-x", "{}"), ("cp-x", "{}")], "cp-x", "wk-x"),
        // Random names: the control plane was made first.
        ([("zulu", "{}"), ("alfa", "{}")], "zulu", "alfa"),
        ([("zulu", "{}"), ("cp-1", "{}")], "cp-1", "zulu"),
        ([("wk-1", #"{"role":"control-plane"}"#), ("x", "{}")], "wk-1", "x"),
        // One more than there are roles.
        ([("cp-1", "{}"), ("cp-2", "{}"), ("wk-1", "{}")], "cp-1", "wk-1"),
        ([("wk-1", "{}")], nil, "wk-1"), ([], nil, nil),
    ])
    func machinesAreFoundByWhateverTells(machines: [(String, String)], control: String?, worker: String?) throws {
        let wires = try machines.enumerated().map { try Sample.machine($1.0, labels: $1.1, at: Double($0)) }
        let found = PoolDiscovery.machines(wires.shuffled())
        #expect(found[.controlPlane]?.metadata.name == control && found[.worker]?.metadata.name == worker)
    }

    @Test func theOldMachineOfABootstrapIsNotTheNewOne() throws {
        var old = try Sample.machine("cp-old", at: -500)
        old.metadata.deletionTimestamp = Sample.at(0)
        let found = PoolDiscovery.machines([old, try Sample.machine("cp-new", at: 5)])
        #expect(found[.controlPlane]?.metadata.name == "cp-new")
    }

    @Test func bothNamingsOfGoldenSnapshotsAreKnown() throws {
        let machines = PoolDiscovery.machines([try Sample.machine("zulu", at: 0), try Sample.machine("alfa", at: 1)])
        func names(_ snapshots: [WireSnapshot]) -> [PoolDetail.Role: String] {
            PoolDiscovery.snapshots(snapshots, cluster: "cluster2", machines: machines).mapValues(\.metadata.name)
        }
        // Each says that it is a worker's: that label lies.
        #expect(
            names([
                try Sample.snapshot("cp-cluster2-snapshot", of: "zulu"),
                try Sample.snapshot("wk-cluster2-snapshot", of: "alfa"),
                try Sample.snapshot("before-exam", of: "zulu"), try Sample.snapshot("cp-cluster1-snapshot", of: "zulu"),
            ]) == [.controlPlane: "cp-cluster2-snapshot", .worker: "wk-cluster2-snapshot"])
        #expect(
            names([
                try Sample.snapshot("cp-cluster2-snapshot", of: "gone"),
                try Sample.snapshot("cp-snap", of: "gone", ready: false),
            ]) == [.controlPlane: "cp-cluster2-snapshot"], "what is ready can be restored")
        #expect(
            names([try Sample.snapshot("cp-cluster2-snapshot", of: ""), try Sample.snapshot("cp-snap", of: "")])
                == [.controlPlane: "cp-snap"])
    }

    @Test func sessionsAreAskedForByOneRouteThatChangesNothing() async throws {
        let door = ScriptedDoor()
        let reader = SessionReader(door)
        door.answer(
            SessionReader.path,
            .json(
                #"[{"id":"5f0c12ab","status":"running","scenarioId":"pods","assignedCluster":"cluster2","clusterLockTime":"2026-11-20T22:38:20.5+01:00","expirationTime":"0001-01-01T00:00:00Z"},{"status":"x"},7,{"id":"b","assignedCluster":5}]"#
            ))
        let sessions = try await reader.sessions()
        #expect(sessions.map(\.id) == ["5f0c12ab", "b"] && sessions[0].expirationTime == nil)
        #expect(sessions[0].clusterLockTime != nil && sessions[0].scenario == "pods")
        #expect(sessions[1].assignedCluster == nil)
        door.answer(SessionReader.path, .json("null"))
        #expect(try await reader.sessions().isEmpty)
        door.answer(SessionReader.path, .json("<html>"))
        await #expect(throws: UpstreamProblem.self) { try await reader.sessions() }
        door.answer(SessionReader.path, .json("{}", status: 500))
        await #expect(throws: UpstreamProblem.self) { try await reader.sessions() }
        #expect(door.asked.allSatisfy { $0.method == "GET" && $0.target == "/api/v1/sessions" && $0.body == nil })
    }
}
