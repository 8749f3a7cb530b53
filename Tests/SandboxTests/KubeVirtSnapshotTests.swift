import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// Snapshots and restores, with the sentences that KubeVirt writes into `reason`.
@Suite(.timeLimit(.minutes(5))) struct KubeVirtSnapshotTests {
    // MARK: snapshots

    @Test func aSnapshotOfARunningMachineIsTaken() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.snapshot("cp-snap", of: "cp")
        let phases = try await rig.watch(45) {
            let snapshot = try await rig.object(KubeVirtRig.snapshots, "cp-snap")
            guard let phase = snapshot?.at("status", "phase")?.text else { return nil }
            return phase + (snapshot?.at("status", "readyToUse")?.bool == true ? " ready" : "")
        }
        #expect(phases == ["InProgress", "Succeeded", "Succeeded ready"])
        let snapshot = try #require(try await rig.object(KubeVirtRig.snapshots, "cp-snap"))
        #expect(
            try await rig.conditions(KubeVirtRig.snapshots, "cp-snap")
                == "Progressing=False Operation complete; Ready=True Ready")
        #expect(
            snapshot.at("status", "sourceIndications")?.list?.compactMap { $0["indication"]?.text }
                == ["GuestAgent", "Online"])
        #expect(snapshot.at("status", "creationTime")?.text?.hasSuffix("Z") == true)
        #expect(snapshot.at("status", "snapshotVolumes", "includedVolumes") == ["rootdisk"])
        #expect(snapshot.at("status", "snapshotVolumes", "excludedVolumes") == ["cloudinit"])
        let content = try #require(snapshot.at("status", "virtualMachineSnapshotContentName")?.text)
        #expect(try await rig.names(KubeVirtRig.contents) == [content])
        #expect(try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "snapshotInProgress") == nil)
        #expect(try await rig.word("cp") == "Running")
    }

    @Test func theSourceIsLockedWhileASnapshotIsTaken() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.snapshot("a", of: "cp")
        rig.time.advance(by: 5)
        #expect(try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "snapshotInProgress") == "a")
        #expect(
            try await rig.conditions(KubeVirtRig.snapshots, "a")
                == "Progressing=True Source locked and operation in progress; Ready=False Not ready")
        // A second one takes its turn.
        try await rig.snapshot("b", of: "cp")
        rig.time.advance(by: 5)
        #expect(
            try await rig.conditions(KubeVirtRig.snapshots, "b")?.contains("snapshot \"a\" in progress") == true)
        rig.time.advance(by: 90)
        for name in ["a", "b"] {
            #expect(try await rig.object(KubeVirtRig.snapshots, name)?.at("status", "readyToUse") == true)
        }
    }

    /// What goes wrong with a snapshot: its name, its deadline, how long it is watched, and how it ends.
    @Test(
        arguments: [
            (nil, "cp", nil, 299.0, "InProgress", "Progressing=True Source locked and operation in progress"),
            (nil, "cp", nil, 302, "Failed", "Failure=True snapshot deadline exceeded"),
            (nil, "cp", "1m0s", 62, "Failed", "Failure=True snapshot deadline exceeded"),
            (nil, "cp", "0s", 3000, "InProgress", "Progressing=True Source locked and operation in progress"),
            (nil, "nobody", nil, 60, "InProgress", "Progressing=False Source does not exist"),
            (nil, "nobody", nil, 302, "Failed", "Failure=True snapshot deadline exceeded"),
            ("quota exceeded", "cp", nil, 60, "Failed", "Failure=True quota exceeded"),
        ] as [(String?, String, String?, Double, String, String)])
    func aSnapshotFails(
        reason: String?, machine: String, deadline: String?, seconds: Double, phase: String, condition: String
    ) async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        await rig.kubeVirt.set(reason.map { .snapshotFails(reason: $0) } ?? .snapshotNeverReady, for: "*-snap")
        try await rig.snapshot(
            "cp-snap", of: machine, more: deadline.map { ["failureDeadline": .text($0)] } ?? [:])
        rig.time.advance(by: seconds)
        let snapshot = try #require(try await rig.object(KubeVirtRig.snapshots, "cp-snap"))
        #expect(snapshot.at("status", "phase")?.text == phase)
        #expect(snapshot.at("status", "readyToUse") == false)
        #expect(snapshot.at("status", "error", "message")?.text == reason)
        #expect(try await rig.conditions(KubeVirtRig.snapshots, "cp-snap")?.contains(condition) == true)
        if phase == "Failed" { #expect(try await rig.names(KubeVirtRig.contents).isEmpty) }
        #expect(try await rig.word("cp") == "Running")
    }

    // MARK: restores

    /// A machine that is stopped, with a snapshot of it.
    private func stopped() async throws -> KubeVirtRig {
        let rig = try await KubeVirtRig()
        try await rig.runningMachine("cp")
        try await rig.snapshot("cp-snap", of: "cp")
        try await rig.run("cp", false)
        _ = try await rig.watch(90) { nil }
        return rig
    }

    @Test func aRestoreGoesThroughItsSentencesAndChangesTheDisk() async throws {
        let rig = try await stopped()
        defer { rig.task.cancel() }
        try await rig.restore("cp-restore-1", of: "cp", from: "cp-snap")
        var holders: Set<String> = []
        let sentences = try await rig.watch(45) {
            if let holder = try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "restoreInProgress")?.text {
                holders.insert(holder)
            }
            return try await rig.conditions(KubeVirtRig.restores, "cp-restore-1")
        }
        #expect(
            sentences == [
                "Progressing=True Initializing VirtualMachineRestore; Ready=False Initializing VirtualMachineRestore",
                "Progressing=True Creating new PVCs; Ready=False Waiting for new PVCs",
                "Progressing=True Updating target spec; Ready=False Waiting for target update",
                "Progressing=False Operation complete; Ready=True Operation complete",
            ])
        #expect(holders == ["cp-restore-1"])
        let restore = try #require(try await rig.object(KubeVirtRig.restores, "cp-restore-1"))
        #expect(restore.at("status", "complete") == true)
        #expect(restore.at("status", "restoreTime")?.text?.hasSuffix("Z") == true)
        #expect(restore.at("status", "deletedDataVolumes") == ["cp-rootdisk"])
        #expect(restore.at("metadata", "ownerReferences")?.list?.first?["name"] == "cp")
        let entry = try #require(restore.at("status", "restores")?.list?.first)
        let claim = try #require(entry["persistentVolumeClaim"]?.text)
        #expect(claim == "restore-\(restore.at("metadata", "uid")?.text ?? "")-rootdisk")
        #expect(entry["volumeName"] == "rootdisk")
        #expect(try await rig.names(KubeVirtRig.disks) == [claim])
        #expect(try await rig.names(KubeVirtRig.claims) == [claim])
        let machine = try #require(try await rig.object(KubeVirtRig.machines, "cp"))
        #expect(machine.at("spec", "runStrategy") == "Halted")
        #expect(machine.at("spec", "template", "spec", "volumes")?.list?.first?.at("dataVolume", "name")?.text == claim)
        // And it runs again.
        try await rig.run("cp", true)
        #expect(
            try await rig.wait(60) { try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "ready") == true }
                != nil)
    }

    /// A target that runs: what each policy makes of it after so many seconds.
    @Test(
        arguments: [
            (
                nil, 250.0,
                "Progressing=False Waiting for target to be ready; Ready=False Waiting for target to be ready"
            ),
            (
                nil, 305,
                "Progressing=False Operation failed; Ready=False Operation failed; "
                    + "Failure=True Restore target failed to be ready within 5m0s"
            ),
            (
                "FailImmediate", 3,
                "Progressing=False Operation failed; Ready=False Operation failed; Failure=True Restore target not ready"
            ),
            (
                "WaitEventually", 4000,
                "Progressing=False Waiting for target to be ready; Ready=False Waiting for target to be ready"
            ),
            ("StopTarget", 90, "Progressing=False Operation complete; Ready=True Operation complete"),
        ] as [(String?, Double, String)])
    func aTargetMustBeStopped(policy: String?, seconds: Double, sentences: String) async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.snapshot("cp-snap", of: "cp")
        rig.time.advance(by: 60)
        try await rig.restore("r", of: "cp", from: "cp-snap", policy: policy)
        rig.time.advance(by: seconds)
        #expect(try await rig.conditions(KubeVirtRig.restores, "r") == sentences)
    }

    @Test func aTargetThatStopsInTimeIsRestored() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.snapshot("cp-snap", of: "cp")
        rig.time.advance(by: 60)
        try await rig.restore("r", of: "cp", from: "cp-snap")
        rig.time.advance(by: 30)
        try await rig.run("cp", false)
        #expect(
            try await rig.wait(90) { try await rig.object(KubeVirtRig.restores, "r")?.at("status", "complete") == true }
                != nil)
    }

    @Test(arguments: [
        (KubeVirtFault.restoreFails(reason: "no space left on pool"), "Failure=True no space left on pool"),
        (
            .restoreErrs(reason: "StorageClass fast does not exist"),
            "Progressing=False StorageClass fast does not exist; Ready=False StorageClass fast does not exist"
        ),
        (.restoreHangs, "Progressing=True Creating new PVCs; Ready=False Waiting for new PVCs"),
    ])
    func aRestoreGoesWrong(fault: KubeVirtFault, sentence: String) async throws {
        let rig = try await stopped()
        defer { rig.task.cancel() }
        await rig.kubeVirt.set(fault, for: "*-restore-*")
        try await rig.restore("cp-restore-1", of: "cp", from: "cp-snap")
        rig.time.advance(by: 900)
        #expect(try await rig.conditions(KubeVirtRig.restores, "cp-restore-1")?.contains(sentence) == true)
        #expect(try await rig.object(KubeVirtRig.restores, "cp-restore-1")?.at("status", "complete") == false)
        let hasFailed = try await rig.object(KubeVirtRig.restores, "cp-restore-1")?.condition("Failure") != nil
        await rig.kubeVirt.heal("*-restore-*")
        rig.time.advance(by: 60)
        // What has failed stays so; all else goes on.
        #expect(
            try await rig.object(KubeVirtRig.restores, "cp-restore-1")?.at("status", "complete")?.bool == !hasFailed)
        // The machine is free again once the restore is gone.
        try await rig.ask("DELETE", KubeVirtRig.restores + "/cp-restore-1")
        rig.time.advance(by: 2)
        #expect(try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "restoreInProgress") == nil)
    }

    @Test func aRestoreNeedsAUsableSnapshotOfTheSameMachine() async throws {
        let rig = try await stopped()
        defer { rig.task.cancel() }
        try await rig.restore("missing", of: "cp", from: "nothing")
        rig.time.advance(by: 3)
        #expect(
            try await rig.conditions(KubeVirtRig.restores, "missing")?
                .hasSuffix("Failure=True VMSnapshot team-a/nothing does not exist") == true)
        // One that is not ready yet is waited for.
        try await rig.snapshot("late", of: "cp")
        try await rig.restore("early", of: "cp", from: "late")
        rig.time.advance(by: 4)
        #expect(
            try await rig.conditions(KubeVirtRig.restores, "early")
                == "Progressing=False VMSnapshot team-a/late not ready; Ready=False VMSnapshot team-a/late not ready")
        rig.time.advance(by: 90)
        #expect(try await rig.object(KubeVirtRig.restores, "early")?.at("status", "complete") == true)
        // A machine that was made anew under its old name is another machine.
        try await rig.ask("DELETE", KubeVirtRig.machines + "/cp")
        rig.time.advance(by: 60)
        try await rig.machine("cp", runs: false)
        rig.time.advance(by: 300)
        try await rig.restore("other", of: "cp", from: "cp-snap")
        rig.time.advance(by: 5)
        #expect(
            try await rig.conditions(KubeVirtRig.restores, "other")?.hasSuffix(
                "restore source and restore target are different but restore target already exists") == true)
    }
}
