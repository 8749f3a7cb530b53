import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

/// The k0rdent world, as somebody sees it who reads the API server.
@Suite(.timeLimit(.minutes(5))) struct KubernetesWorldTests {
    /// A world beside a clock that is moved by hand; it opens `SandboxWorld.past` seconds after it is made.
    private struct World {
        let time = ManualTime()
        let api: SandboxKubernetes
        let task: Task<Void, Never>

        init(seed: UInt64 = 7) async {
            api = SandboxKubernetes(time: time.source, memory: 50_000)
            let kordent = SandboxKordent(api: api, time: time.source, seed: seed)
            task = Task { await kordent.run() }
            await time.untilAsleep()
        }

        /// Moves on, and waits until all that is due has happened.
        func move(by seconds: Double) async {
            time.advance(by: seconds)
            await time.untilAsleep()
        }

        func deployment(_ name: String, in namespace: String = "kcm-system") async throws -> JSONValue? {
            let target = "/apis/k0rdent.mirantis.com/v1beta1/namespaces/\(namespace)/clusterdeployments/\(name)"
            let reply = try await api.ask(HTTPQuestion(target: target))
            return reply.status == 200 ? JSONValue(reply.body) : nil
        }

        func list(_ target: String) async throws -> [JSONValue] {
            JSONValue(try await api.ask(HTTPQuestion(target: target)).body)?["items"]?.list ?? []
        }
    }

    /// The phase that the conditions tell, by the order of wire-formats 7.4.
    private static func phase(_ deployment: JSONValue) -> String {
        guard let ready = deployment.condition("Ready") else { return "Initializing" }
        if deployment.condition("Deleting") != nil { return "Deleting" }
        if ready["status"] == "True" { return "Ready" }
        guard let summary = deployment.condition("CAPIClusterSummary") else {
            return ready["reason"] == "Failed" ? "Failed" : "Initializing"
        }
        let text = summary["message"]?.text ?? ""
        if ready["reason"] == "Failed", ready["message"]?.text?.hasPrefix("Cluster is not ready. Check") == true {
            return "Failed"
        }
        for (bullet, phase) in [
            ("* InfrastructureReady", "Provisioning"), ("* ControlPlane", "Bootstrapping"), ("* Worker", "Scaling"),
        ] where text.hasPrefix(bullet) || text.contains("\n\(bullet)") {
            return phase
        }
        return "Installing"
    }

    @Test func theAzureDeploymentGoesThroughItsPhasesInSevenMinutes() async throws {
        let world = await World()
        defer { world.task.cancel() }
        // One second before its creation, which is 150 s before the screen opens.
        await world.move(by: SandboxWorld.past - 151)
        #expect(try await world.deployment("azure-dev") == nil)
        var phases: [String] = []
        var seconds = 0.0
        while phases.last != "Ready", seconds < 600 {
            await world.move(by: 1)
            seconds += 1
            guard let deployment = try await world.deployment("azure-dev") else { continue }
            let phase = Self.phase(deployment)
            if phase != phases.last { phases.append(phase) }
        }
        #expect(phases == ["Initializing", "Provisioning", "Bootstrapping", "Scaling", "Installing", "Ready"])
        #expect((390...490).contains(seconds))
        let events = try await world.list("/api/v1/namespaces/kcm-system/events").filter {
            $0.at("involvedObject", "name")?.text?.hasPrefix("azure-dev") == true
        }
        #expect(events.reduce(0) { $0 + ($1["count"]?.whole ?? 0) } >= 100)
        let reasons = Set(events.compactMap { $0["reason"]?.text })
        #expect(
            reasons.isSuperset(of: [
                "HelmReleaseCreated", "InstallSucceeded", "BeginCreateOrUpdate", "InfrastructureReady",
                "ControlPlaneReady", "SuccessfulSetNodeRef", "CAPIClusterIsReady", "ArtifactUpToDate",
                "ClusterReconcilerNormalFailed", "VMIdentityNone", "CredentialFrom",
            ]))
        let machines = try await world.list(
            "/apis/cluster.x-k8s.io/v1beta1/namespaces/kcm-system/machines?labelSelector=cluster.x-k8s.io/cluster-name%3Dazure-dev"
        )
        #expect(machines.map { $0.at("status", "phase") } == ["Running", "Running"])
        #expect(machines.allSatisfy { $0.at("status", "nodeRef", "name") != nil })
    }

    /// Where each deployment is when the screen opens.
    private static let opening = [
        ("kcm-system", "az-prod", "Ready"), ("kcm-system", "azure-dev", "Provisioning"),
        ("kcm-system", "vs-edge", "Bootstrapping"), ("kcm-system", "aws-ml", "Scaling"),
        ("kcm-system", "gcp-batch", "Installing"), ("kcm-system", "aws-stuck", "Provisioning"),
        ("kcm-system", "az-nocred", "Failed"), ("kcm-system", "os-lab", "Deleting"),
        ("team-a", "az-dryrun", "Initializing"), ("team-a", "aws-paused", "Provisioning"),
        ("team-a", "az-eager", "Provisioning"), ("restricted", "az-vault", "Ready"),
    ]

    @Test func theWorldOpensWithSomethingOfEverything() async throws {
        let world = await World()
        defer { world.task.cancel() }
        await world.move(by: SandboxWorld.past)
        for (namespace, name, phase) in Self.opening {
            let deployment = try #require(try await world.deployment(name, in: namespace), "\(name)")
            #expect(Self.phase(deployment) == phase, "\(name)")
        }
        let paused = try await world.deployment("aws-paused", in: "team-a")
        #expect(paused?.condition("Paused")?["status"] == "True")
        let dry = try await world.deployment("az-dryrun", in: "team-a")
        #expect(dry?.at("spec", "dryRun") == true)
    }

    @Test func whatIsSlowFailsAfterHalfAnHourAndRecovers() async throws {
        let world = await World()
        defer { world.task.cancel() }
        await world.move(by: SandboxWorld.past + 140)
        let failed = try #require(try await world.deployment("aws-stuck"))
        #expect(Self.phase(failed) == "Failed")
        await world.move(by: 1500)
        let recovered = try #require(try await world.deployment("aws-stuck"))
        #expect(Self.phase(recovered) == "Ready")
        // In the end it is deleted, and begins anew under another identity.
        await world.move(by: 3600)
        let next = try #require(try await world.deployment("aws-stuck"))
        #expect(next.at("metadata", "uid") != recovered.at("metadata", "uid"))
    }

    @Test func detailsOfTheOthersAreToBeSeen() async throws {
        let world = await World()
        defer { world.task.cancel() }
        await world.move(by: SandboxWorld.past - 90 + 9)
        // Ready before anybody has looked, and soon not any more.
        let eager = try #require(try await world.deployment("az-eager", in: "team-a"))
        #expect(Self.phase(eager) == "Ready")
        await world.move(by: 81)
        let failing = try #require(try await world.deployment("gcp-batch"))
        let service = try #require(failing.at("status", "services")?.list?.last)
        #expect(service["state"] == "Failed")
        #expect(service["failureMessage"]?.text?.contains("ImagePullBackOff") == true)
        // An old kcm knows only one reason.
        let old = try #require(try await world.deployment("aws-legacy", in: "team-a"))
        #expect(old.condition("Ready")?["reason"] == "Failed")
        #expect(Self.phase(old) == "Provisioning")
        var totals: [String] = []
        for _ in 0..<300 {
            await world.move(by: 1)
            let services = try await world.deployment("aws-ml")?.condition("ServicesInReadyState")?["message"]?.text
            if let services, services != totals.last { totals.append(services) }
        }
        #expect(totals == ["0/1", "0/3", "1/3", "2/3", "3/3"])
        // What is deleted says what it waits for, and goes.
        var waits: [String] = []
        while let leaving = try await world.deployment("os-lab"), waits.count < 99 {
            let reason = leaving.condition("Deleting")?["reason"]?.text ?? ""
            if reason != waits.last { waits.append(reason) }
            await world.move(by: 5)
        }
        #expect(
            waits == ["WaitingForClusterDeletion", "WaitingForHelmReleaseDeletion", "WaitingForServiceSetsDeletion"])
    }

    @Test func theDemosUserSeesTwoNamespaces() async throws {
        let world = await World()
        defer { world.task.cancel() }
        let ops = world.api.door(user: "ops")
        func status(_ namespace: String) async throws -> Int {
            let root = "/apis/k0rdent.mirantis.com/v1beta1"
            return try await ops.ask(HTTPQuestion(target: root + namespace + "/clusterdeployments")).status
        }
        #expect(try await status("/namespaces/kcm-system") == 200)
        #expect(try await status("/namespaces/team-a") == 200)
        #expect(try await status("/namespaces/restricted") == 403)
        #expect(try await status("") == 403)
        #expect(try await world.deployment("az-vault", in: "restricted") != nil)
    }

    /// All frames of somewhat more than an hour about deployments and events.
    private static func frames(seed: UInt64, steps: Int) async throws -> [Data] {
        let world = await World(seed: seed)
        defer { world.task.cancel() }
        for _ in 0..<steps { await world.move(by: 4000 / Double(steps)) }
        var frames: [Data] = []
        for target in ["/apis/k0rdent.mirantis.com/v1beta1/clusterdeployments", "/api/v1/events"] {
            let revision = "?watch=1&timeoutSeconds=1&resourceVersion=1002"
            let question = HTTPQuestion(target: target + revision, deadline: 60, bodyLimit: 1 << 28)
            let task = Task { try await world.api.ask(question) }
            // The world, the stream and the question's deadline.
            await world.time.untilAsleep(3)
            world.time.advance(by: 1)
            frames.append(try await task.value.body)
            await world.time.untilAsleep()
        }
        return frames
    }

    @Test func theSameSeedGivesTheSameFrames() async throws {
        let one = try await Self.frames(seed: 7, steps: 2)
        #expect(one.allSatisfy { $0.count > 100_000 })
        #expect(try await Self.frames(seed: 7, steps: 2) == one)
        #expect(try await Self.frames(seed: 8, steps: 2) != one)
    }

    @Test func historyHasEveryTemplateAndPhase() {
        let runs = SandboxPast.deploymentRuns(source: SourceID("kcm-mgmt"), seed: 7, now: ManualTime.start)
        let byProfile = Dictionary(grouping: runs) { $0.profile ?? "" }
        #expect(byProfile["azure-standalone-cp"]?.count == 14)
        #expect(byProfile.count == 5)
        #expect(
            runs.allSatisfy {
                $0.phases.map(\.name) == ["Initializing", "Provisioning", "Bootstrapping", "Scaling", "Installing"]
                    && $0.endedAt < ManualTime.start && (300...600).contains($0.seconds)
            })
    }
}
