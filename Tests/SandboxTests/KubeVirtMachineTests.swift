import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// Machines, their instances and their disks.
@Suite(.timeLimit(.minutes(5))) struct KubeVirtMachineTests {
    @Test func aMachineThatIsWantedComesUpThroughTheRealPhases() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.machine("cp")
        let sights = try await rig.watch(260) {
            let machine = try await rig.object(KubeVirtRig.machines, "cp")
            let phase = try await rig.object(KubeVirtRig.instances, "cp")?.at("status", "phase")?.text ?? "-"
            guard let word = machine?.at("status", "printableStatus")?.text else { return nil }
            return "\(word) \(phase) \(machine?.at("status", "ready")?.bool == true ? "ready" : "")"
        }
        #expect(
            sights == [
                "Provisioning - ", "Starting - ", "Starting Pending ", "Starting Scheduling ", "Starting Scheduled ",
                "Running Running ", "Running Running ready",
            ]
                || sights == [
                    "Provisioning - ", "Starting Pending ", "Starting Scheduling ", "Starting Scheduled ",
                    "Running Running ", "Running Running ready",
                ])
        let instance = try #require(try await rig.object(KubeVirtRig.instances, "cp"))
        let passed = instance.at("status", "phaseTransitionTimestamps")?.list ?? []
        #expect(passed.compactMap { $0["phase"]?.text } == ["Pending", "Scheduling", "Scheduled", "Running"])
        let times = passed.compactMap { $0["phaseTransitionTimestamp"]?.text }
        #expect(times.count == 4 && times == times.sorted())
        let address = instance.at("status", "interfaces")?.list?.first?["ipAddress"]?.text
        #expect(address?.hasPrefix("10.0.") == true)
        #expect(instance.at("status", "nodeName")?.text?.hasPrefix("node-") == true)
        #expect(instance.condition("AgentConnected")?["status"] == "True")
        // Found by the seed's way of discovering machines.
        #expect(try await rig.names(KubeVirtRig.pods + "?labelSelector=kubevirt.io%3Dvirt-launcher").count == 1)
    }

    @Test func aMachineThatIsStoppedTakesItsTime() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.run("cp", false)
        let seconds = try await rig.wait { try await rig.object(KubeVirtRig.instances, "cp") == nil }
        #expect((10...43).contains(try #require(seconds)))
        let words = try await rig.watch(2) { try await rig.word("cp") }
        #expect(words.last == "Stopped")
        let machine = try #require(try await rig.object(KubeVirtRig.machines, "cp"))
        #expect(machine.at("status", "created") == nil)
        #expect(machine.at("status", "ready") == nil)
        #expect(machine.condition("Ready")?["reason"] == "VMINotExists")
        #expect(try await rig.names(KubeVirtRig.pods).isEmpty)
        // The disk stays, so the second start is quick, and the same old word works too.
        try await rig.ask("PATCH", KubeVirtRig.machines + "/cp", ["spec": ["runStrategy": .null, "running": true]])
        let start = try await rig.wait {
            try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "ready") == true
        }
        #expect((14...45).contains(try #require(start)))
    }

    @Test(arguments: [
        (JSONValue.object(["http": ["url": "x"]]), "Import"),
        (JSONValue.object(["pvc": ["namespace": "team-b", "name": "golden"]]), "Clone"),
    ])
    func aDiskIsFilled(source: JSONValue, way: String) async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.machine("cp", runs: false, source: source)
        if way == "Clone" {
            rig.time.advance(by: 20)
            // Without its image it waits.
            let waits = try #require(try await rig.object(KubeVirtRig.disks, "cp-rootdisk"))
            #expect(waits.at("status", "phase") == "Pending")
            #expect(waits.condition("Running")?["reason"] == "CloneWithoutSource")
            try await rig.ask(
                "POST", "/api/v1/namespaces/team-b/persistentvolumeclaims",
                ["metadata": ["name": "golden"], "spec": [:]])
        }
        var percents: [String] = []
        let phases = try await rig.watch(240) {
            guard let disk = try await rig.object(KubeVirtRig.disks, "cp-rootdisk") else { return nil }
            let progress = disk.at("status", "progress")?.text ?? ""
            if progress.hasSuffix("%"), percents.last != progress { percents.append(progress) }
            return disk.at("status", "phase")?.text
        }
        #expect(phases == ["Pending", way + "Scheduled", way + "InProgress", "Succeeded"])
        let numbers = percents.compactMap { Double($0.dropLast()) }
        #expect(numbers.count > 40 && numbers == numbers.sorted() && numbers.last == 100)
        #expect(try await rig.object(KubeVirtRig.claims, "cp-rootdisk")?.at("status", "phase") == "Bound")
        #expect(try await rig.word("cp") == "Stopped")
    }

    /// What goes wrong, and the word that the machine has then.
    @Test(arguments: [
        (KubeVirtFault.neverReady, "Starting"), (.unschedulable, "ErrorUnschedulable"),
        (.diskFails(reason: "Unable to process data: no space left"), "DataVolumeError"),
    ])
    func faultsKeepAMachineFromRunningUntilTheyAreHealed(fault: KubeVirtFault, word: String) async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        await rig.kubeVirt.set(fault, for: "cp*")
        try await rig.machine("cp")
        try await rig.machine("wk")
        _ = try await rig.watch(900) { nil }
        #expect(try await rig.word("cp") == word)
        #expect(try await rig.object(KubeVirtRig.machines, "cp")?.at("status", "ready") == nil)
        #expect(try await rig.word("wk") == "Running")
        if case .diskFails(let reason) = fault {
            let disk = try #require(try await rig.object(KubeVirtRig.disks, "cp-rootdisk"))
            #expect(disk.at("status", "phase") == "Failed")
            #expect(disk.condition("Running")?["message"]?.text == reason)
        }
        await rig.kubeVirt.heal("cp*")
        #expect(try await rig.wait { try await rig.word("cp") == "Running" } != nil)
    }

    @Test func aStuckMachineStopsWhenItIsHealed() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        await rig.kubeVirt.set(.stuckStopping, for: "team-a/cp")
        try await rig.run("cp", false)
        #expect(try await rig.watch(600) { try await rig.word("cp") } == ["Running", "Stopping"])
        await rig.kubeVirt.heal()
        #expect(try await rig.watch(45) { try await rig.word("cp") } == ["Stopping", "Stopped"])
    }

    @Test func whatAMachineOwnsGoesWithIt() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        try await rig.runningMachine("cp")
        try await rig.snapshot("cp-snap", of: "cp")
        _ = try await rig.watch(60) { nil }
        #expect(try await rig.names(KubeVirtRig.contents).count == 1)
        try await rig.ask("DELETE", KubeVirtRig.machines + "/cp")
        #expect(try await rig.watch(45) { try await rig.word("cp") } == ["Running", "Terminating"])
        for list in [
            KubeVirtRig.machines, KubeVirtRig.instances, KubeVirtRig.disks, KubeVirtRig.claims, KubeVirtRig.pods,
        ] {
            #expect(try await rig.names(list).isEmpty, "\(list)")
        }
        // A snapshot is nobody's, and owns its content.
        #expect(try await rig.names(KubeVirtRig.snapshots) == ["cp-snap"])
        try await rig.ask("DELETE", KubeVirtRig.snapshots + "/cp-snap")
        #expect(try await rig.names(KubeVirtRig.contents).isEmpty)
    }

    @Test func dependentsMayBeLeft() async throws {
        let rig = try await KubernetesRig()
        let claims = "/api/v1/namespaces/team-a/persistentvolumeclaims"
        func claim(_ name: String, of owners: [JSONValue] = []) async throws -> JSONValue {
            let references = owners.map { owner -> JSONValue in
                [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": owner.at("metadata", "name") ?? "",
                    "uid": owner.at("metadata", "uid") ?? "",
                ]
            }
            return try await rig.ask(
                "POST", claims, ["metadata": ["name": .text(name), "ownerReferences": .list(references)], "spec": [:]]
            ).body
        }
        let (one, two, three) = (try await claim("one"), try await claim("two"), try await claim("three"))
        _ = try await claim("of-one", of: [one])
        _ = try await claim("of-both", of: [one, two])
        _ = try await claim("of-three", of: [three])
        try await rig.ask("DELETE", claims + "/one")
        #expect(try await rig.names(claims) == ["of-both", "of-three", "three", "two"])
        try await rig.ask("DELETE", claims + "/two")
        try await rig.ask("DELETE", claims + "/three?propagationPolicy=Orphan")
        #expect(try await rig.names(claims) == ["of-three"])
    }

    @Test func aWatchSeesWhatControllersDo() async throws {
        let rig = try await KubeVirtRig()
        defer { rig.task.cancel() }
        let stream = rig.base.watch(KubeVirtRig.instances + "?watch=1", user: "pool-manager")
        await rig.base.untilStreams(1)
        try await rig.machine("cp")
        for _ in 0..<8 {
            rig.time.advance(by: 30)
            try await rig.ask("GET", KubeVirtRig.machines)
        }
        #expect(await stream.next(3) == ["ADDED cp", "MODIFIED cp", "MODIFIED cp"])
    }
}
