import Fleet
import Foundation
import Sandbox
import Testing
import Upstream

@testable import ClusterPool

/// The manager against a KubeVirt that reacts to what is written: clusters are made, lent, taken back, and what fails is said.
@Suite(.timeLimit(.minutes(3))) struct PoolManagerTests {
    @Test func aBootstrapMakesThreeClustersWithGoldenSnapshots() async throws {
        let rig = try await ManagerRig()
        defer { rig.end() }
        let clusters = ["cluster1", "cluster2", "cluster3"]
        let virtctl = RigVirtctl(failures: 2)
        let manager = rig.manager("m", clusters, duty: .own, virtctl: virtctl)
        try await rig.running(manager) {
            for cluster in clusters { _ = try await manager.order(.bootstrap, cluster) }
            for cluster in clusters { _ = try await rig.available(cluster) }
        }
        for cluster in clusters {
            #expect(try await rig.namespace(cluster).metadata.labels[PoolLabels.pool] == "true")
            let snapshots = try await rig.snapshots(cluster)
            #expect(snapshots.map(\.metadata.name) == ["cp-snap", "wk-snap"])
            #expect(snapshots.allSatisfy { $0.isReady && $0.metadata.labels[PoolLabels.clusterID] == cluster })
            #expect(snapshots.map { $0.metadata.labels[PoolLabels.role] } == ["control-plane", "worker"])
            #expect(try await rig.machines(cluster).allSatisfy { $0.isReady })
        }
        // The join command goes into the worker's first boot, and nowhere else.
        #expect(virtctl.commands.count > 3)
        let secret: KubeSecret? = try await rig.kube.get(.secrets, namespace: "cluster1", name: "wk-cluster1")
        let boot = try #require(secret?.data?["userdata"].flatMap { Data(base64Encoded: $0) })
        #expect(String(decoding: boot, as: UTF8.self).contains(RigVirtctl.join))
        #expect(!rig.notes.log.contains { $0.contains("abcdef") })
        // Each step is in the history.
        let bootstraps = rig.notes.runs.filter { $0.profile == "bootstrap" }
        #expect(bootstraps.count == 3 && bootstraps.allSatisfy { $0.outcome == .done && $0.phases.count == 12 })
        #expect(rig.notes.runs.filter { $0.profile == "snapshot" }.count == 3)
    }

    @Test func aClusterIsLentTakenBackAndRestored() async throws {
        let rig = try await ManagerRig()
        defer { rig.end() }
        try await rig.made(["cluster1"])
        let manager = rig.manager("m", ["cluster1"])
        try await rig.running(manager) {
            let lent = try await manager.assign("ab12")
            #expect(lent.clusterID == "cluster1" && lent.status == .locked && lent.controlPlaneVM == "cp-cluster1")
            // The same session gets the same cluster; another one hears who has it and until when.
            #expect(try await manager.assign("ab12").lockTime == lent.lockTime)
            let refusal = await #expect(throws: PoolRefusal.self) { try await manager.assign("cd34") }
            #expect(refusal?.sentence == "no available clusters in pool")
            #expect(refusal?.advice.contains("cluster1 is held by session ab12, free again in about 1h") == true)
            let back = try await manager.release(session: "ab12")
            #expect(back.status == .resetting && back.assignedSession == nil)
            let free = try await rig.available("cluster1")
            #expect(free.text(PoolAnnotations.lastReset) != nil && free.text(PoolAnnotations.operationStep) == nil)
            #expect(try await rig.machines("cluster1").allSatisfy { $0.isReady })
            let reset = try #require(rig.notes.runs.first { $0.profile == "reset" })
            #expect(reset.phases.map(\.name) == PoolStep.steps(of: .reset).map(\.title))
            #expect((60...600).contains(reset.seconds))
            // A second reset cleans up what the first left behind, and works as well.
            _ = try await manager.order(.reset, "cluster1")
            _ = try await rig.wait("cluster1") {
                $0.time(PoolAnnotations.lastReset) ?? .distantPast > free.time(PoolAnnotations.lastReset)
                    ?? .distantPast && $0.operation == nil
            }
        }
    }

    /// A person sees that it is done, and asks for the next thing before the one who did it has put down his tools.
    @Test func whatIsOrderedWhileTheLastWorkEndsIsDoneToo() async throws {
        let rig = try await ManagerRig()
        defer { rig.end() }
        try await rig.made(["cluster1"])
        let notes = rig.notes
        let (ends, end) = AsyncStream.makeStream(of: Run.self)
        let (goings, going) = AsyncStream.makeStream(of: Void.self)
        let manager = PoolManager(
            rig.kube, settings: rig.settings("m", ["cluster1"]), duty: .own,
            guest: PoolGuest(.init(context: "rig"), commands: RigVirtctl()), time: rig.time,
            record: { run in
                // What was done is written to the cluster, and its end is not known here yet.
                end.yield(run)
                for await _ in goings { break }
                notes.note(run)
            })
        try await rig.running(manager) {
            _ = try await manager.order(.reset, "cluster1")
            var isFirst = true
            for await _ in ends.prefix(2) {
                if isFirst { _ = try await manager.order(.reset, "cluster1") }
                isFirst = false
                going.yield()
            }
            _ = try await rig.available("cluster1")
        }
    }

    @Test(arguments: [
        (
            KubeVirtFault.restoreFails(reason: "Error creating pvc: exceeded quota"), "wk-cluster1-restore-*",
            "exceeded quota"
        ),
        (.restoreErrs(reason: "VolumeSnapshotClass is gone"), "cp-cluster1-restore-*", "VolumeSnapshotClass is gone"),
        (.stuckStopping, "cp-cluster1", "cp-cluster1 did not stop"),
    ])
    func whatFailsIsSaidInTheWordsOfWhatFailed(fault: KubeVirtFault, pattern: String, words: String) async throws {
        let rig = try await ManagerRig(speed: 90)
        defer { rig.end() }
        try await rig.made(["cluster1"])
        await rig.kubeVirt.set(fault, for: pattern)
        let manager = rig.manager("m", ["cluster1"])
        try await rig.running(manager) {
            _ = try await manager.order(.reset, "cluster1")
            let failed = try await rig.wait("cluster1") { $0.status == .error }
            #expect(failed.text(PoolAnnotations.error)?.contains(words) == true)
            // How far it came stays written, and reaches the row.
            #expect(failed.operation == .reset && failed.step != nil)
            var item = await manager.item("cluster1")
            while item?.state != .failed {
                try await rig.time.sleep(1)
                item = await manager.item("cluster1")
            }
            #expect(item?.diagnosis?.cause.contains(words) == true)
            #expect(rig.notes.runs.last?.outcome == .failed)
            // When the cause is mended, the same order works.
            await rig.kubeVirt.heal()
            _ = try await manager.order(.reset, "cluster1")
            _ = try await rig.available("cluster1")
        }
    }

    @Test func whatHurtsIsDoneOnlyWhenItIsSaidTwice() async throws {
        let rig = try await ManagerRig()
        defer { rig.end() }
        try await rig.made(["cluster1"])
        let desk = rig.desk("d", ["cluster1"])
        _ = try await desk.assign("ab12")
        for verb in [Action.Verb.reset, .bootstrap] {
            let refusal = await #expect(throws: PoolRefusal.self) { try await desk.order(verb, "cluster1") }
            #expect(refusal?.reason == .unconfirmed && refusal?.sentence.contains("session ab12") == true)
        }
        let refusal = await #expect(throws: PoolRefusal.self) {
            try await desk.order(.snapshot, "cluster1", isConfirmed: true)
        }
        #expect(refusal?.reason == .conflict)
        #expect(try await rig.namespace("cluster1").status == .locked)
        let other = await #expect(throws: PoolRefusal.self) {
            try await desk.order(.release, "cluster1", argument: "of-before")
        }
        #expect(other?.reason == .unknown, "what was meant for another session")
        let done = try await desk.order(.reset, "cluster1", isConfirmed: true)
        #expect(done.status == .resetting)
    }

    @Test func badNamesAreRefusedWithTheirField() async throws {
        let rig = try await ManagerRig(image: false)
        defer { rig.end() }
        let desk = rig.desk("d", ["cluster1"])
        for session in ["", String(repeating: "a", count: 65), "a b", "a\u{1B}[31m", "a/b", "ä"] {
            let refusal = await #expect(throws: PoolRefusal.self) { try await desk.assign(session) }
            #expect(refusal?.reason == .invalid(field: "sessionId"))
            #expect(refusal?.sentence.contains("\u{1B}") == false)
        }
        for cluster in ["", "A", "-a", "a-", "a.b", String(repeating: "c", count: 61), "../x"] {
            let refusal = await #expect(throws: PoolRefusal.self) { try await desk.order(.bootstrap, cluster) }
            #expect(refusal?.reason == .invalid(field: "cluster"))
        }
        let empty = await #expect(throws: PoolRefusal.self) { try await desk.assign("s1") }
        #expect(empty?.reason == .noneFree([]))
        let unknown = await #expect(throws: PoolRefusal.self) { try await desk.release(session: "s1") }
        #expect(unknown?.reason == .unknown)
        let foreign = await #expect(throws: PoolRefusal.self) { try await desk.order(.bootstrap, "default") }
        #expect(foreign?.reason == .conflict, "a bootstrap deletes what is in its namespace")
        let missing = await #expect(throws: PoolRefusal.self) { try await desk.order(.reset, "cluster9") }
        #expect(missing?.reason == .unknown)
    }

    @Test func theRoundFindsIllClustersAndLocksThatHaveRunOut() async throws {
        let rig = try await ManagerRig()
        defer { rig.end() }
        let clusters = ["cluster1", "cluster2"]
        try await rig.made(clusters)
        _ = try await rig.desk("d", clusters).assign("late", cluster: "cluster2", life: 120)
        // Somebody stops a machine of a free cluster.
        let patch: JSONValue = ["spec": ["runStrategy": "Halted"]]
        let machines = KubeResource(group: "kubevirt.io", version: "v1", plural: "virtualmachines")
        let _: KubeAny = try await rig.kube.patch(machines, namespace: "cluster1", name: "wk-cluster1", patch)
        let manager = rig.manager("m", clusters)
        try await rig.running(manager) {
            let ill = try await rig.wait("cluster1") { $0.status == .error }
            #expect(ill.text(PoolAnnotations.error) == "health check: wk-cluster1 is Stopped")
            #expect(ill.time(PoolAnnotations.lastHealthCheck) != nil)
            let back = try await rig.wait("cluster2") {
                $0.status == .resetting || $0.text(PoolAnnotations.lastReset) != nil && $0.status == .available
            }
            #expect(back.text(PoolAnnotations.assignedSession) == nil)
            let start: JSONValue = ["spec": ["runStrategy": "Always"]]
            let _: KubeAny = try await rig.kube.patch(machines, namespace: "cluster1", name: "wk-cluster1", start)
            let well = try await rig.available("cluster1")
            #expect(well.text(PoolAnnotations.error) == nil)
            _ = try await rig.available("cluster2")
        }
    }
}

private struct KubeSecret: KubeObject {
    var metadata: KubeMetadata
    var data: [String: String]?
}
