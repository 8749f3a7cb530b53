import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// What a person sees of a creation, from its objects at each moment of it.
@Suite struct DeploymentRulesTests {
    private let rules = DeploymentRules(source: SourceID("mgmt"), context: "mgmt")

    private func detail(_ item: Item) throws -> DeploymentDetail {
        guard case .deployment(let detail) = item.detail else { throw CancellationError() }
        return detail
    }

    private func item(_ conditions: [KubeCondition], at seconds: Double, runs: [Run] = []) -> Item {
        let reading = DeploymentReading(wire: Sample.wire(conditions), now: Sample.at(seconds))
        return rules.item(reading, runs: runs, now: Sample.at(seconds))
    }

    @Test(arguments: [
        (ProvisioningPhase.initializing, 5, 0), (.provisioning, 25, 1), (.bootstrapping, 50, 2), (.scaling, 85, 3),
        (.installing, 90, 4), (.ready, 100, 5),
    ])
    func everyPhaseHasItsWordPercentAndTrack(phase: ProvisioningPhase, percent: Int, done: Int) {
        let moment = Sample.moments.first { $0.phase == phase }
        let reading = Sample.reading(upTo: phase)
        let item = rules.item(reading, runs: [], now: Sample.at(moment?.at ?? 0))
        #expect(item.id.text == "deployment/mgmt/kcm-system/demo")
        #expect(item.word == phase.rawValue && item.profile == "azure-standalone-cp")
        #expect(item.state == (phase == .ready ? .done : .running))
        #expect(item.progress == Progress(percent: percent, done: done, total: 5, unit: "phases"))
        #expect(item.phases.map(\.name) == ["Initializing", "Provisioning", "Bootstrapping", "Scaling", "Installing"])
        #expect(item.phases.count { $0.state == .done } == done)
        #expect(item.currentPhase?.name == (phase == .ready ? nil : phase.rawValue))
        #expect(item.startedAt == Sample.at(0) && item.limit == 3600 && item.diagnosis == nil)
        #expect(item.endedAt == (phase == .ready ? Sample.at(440) : nil))
        #expect(item.attention(at: Sample.at(moment?.at ?? 0), source: nil) == nil)
    }

    @Test func aCreationThatWasSeenIsARunWithAllItsPhases() throws {
        let item = rules.item(Sample.reading(upTo: .ready), runs: [], now: Sample.at(500))
        let run = try #require(Run(item: item))
        #expect(run.outcome == .done && run.seconds == 440)
        #expect(run.phases.map(\.seconds) == [6, 239, 55, 78, 62])
    }

    @Test func aDeploymentThatWasFoundReadyTellsOnlyWhatItsConditionsTell() {
        let item = item(Sample.moments.last?.conditions ?? [], at: 86_400)
        #expect(item.state == .done && item.elapsed(at: Sample.at(86_400)) == 440)
        #expect(item.phases.map { $0.elapsed(at: Sample.at(86_400)) } == [6, nil, nil, nil, 62])
        #expect(item.evidence.at == Sample.at(86_400), "a watch that lives vouches for it")
        #expect(item.advice.isEmpty)
    }

    @Test func betterWitnessesDateThePhases() {
        var reading = DeploymentReading(wire: Sample.wire(Sample.moments[3].conditions), now: Sample.at(330))
        let phase = { (word: String) in
            rules.item(reading, runs: [], now: Sample.at(330)).phases.first { $0.name == word }
        }
        #expect(phase("Scaling")?.startedAt == nil, "it had begun before anybody looked")
        reading.tree.reached = ["InfrastructureReady": Sample.at(243), "ControlPlaneInitialized": Sample.at(260)]
        #expect(phase("Scaling")?.startedAt == Sample.at(260))
        #expect(phase("Provisioning")?.endedAt == Sample.at(243))
        reading.milestones = [
            DeploymentDetail.Milestone(
                at: Sample.at(255), phase: "Scaling", text: "node joined", reason: "SuccessfulSetNodeRef",
                object: "Machine a")
        ]
        #expect(phase("Bootstrapping")?.elapsed(at: Sample.at(330)) == 12)
        // A chart that was upgraded meanwhile does not make the infrastructure later than what came after it.
        let upgraded = Sample.condition("HelmReleaseReady", "True", "UpgradeSucceeded", at: 320)
        reading.take(
            Sample.wire([upgraded, Sample.summary(Sample.workers, at: 310), Sample.ready("False")]), now: Sample.at(330)
        )
        #expect(phase("Provisioning")?.startedAt == Sample.at(243))
    }

    @Test func percentRisesWithWhatIsKnownAndNeverFalls() {
        var reading = Sample.reading(upTo: .provisioning)
        func percent(_ seconds: Double) -> Int? {
            rules.item(reading, runs: [], now: Sample.at(seconds)).progress?.percent
        }
        let network = DeploymentDetail.Milestone(
            at: Sample.at(63), phase: "Provisioning", text: "network started", reason: "BeginCreateOrUpdate",
            object: "VirtualNetwork demo")
        func more(_ number: Int, _ severity: DeploymentDetail.Milestone.Severity = .info) -> DeploymentDetail.Milestone
        {
            var other = network
            (other.object, other.severity) = ("Subnet demo-\(number)", severity)
            return other
        }
        reading.milestones = [network, network, more(1)]
        #expect(percent(70) == 31)
        reading.milestones += (2...30).map { more($0, $0 % 2 == 0 ? .warning : .error) }
        #expect(percent(75) == 31, "what fails brings nothing nearer")
        reading.milestones = (1...30).map { more($0) }
        #expect(percent(80) == 40)
        reading.note(now: Sample.at(80))
        reading.milestones = []
        #expect(percent(90) == 40)
        let initialized = "* ControlPlaneAvailable: K0sControlPlane status.ready is false"
        reading.take(Sample.wire([Sample.summary(initialized, Sample.workers)]), now: Sample.at(250))
        #expect(percent(250) == 60)
        reading.take(Sample.wire([Sample.summary(Sample.infrastructure)]), now: Sample.at(260))
        #expect(percent(260) == 60, "infrastructure that breaks again takes nothing back")
        reading.take(
            Sample.wire([Sample.healthy, Sample.services("2/4"), Sample.ready("False")]), now: Sample.at(380))
        #expect(percent(380) == 92)
        var flat = Sample.wire([Sample.condition("InfrastructureReady", "True")])
        flat.flatPhase = "Provisioning"
        #expect(
            rules.item(DeploymentReading(wire: flat, now: Sample.at(9)), runs: [], now: Sample.at(9)).progress?.percent
                == 40)
    }

    @Test func totalsThatGrowAreTold() throws {
        var reading = DeploymentReading(
            wire: Sample.wire([Sample.healthy, Sample.services("1/2"), Sample.ready("False")]), now: Sample.at(380))
        #expect(try detail(rules.item(reading, runs: [], now: Sample.at(380))).servicesGrewFrom == nil)
        reading.take(
            Sample.wire([Sample.healthy, Sample.services("2/5"), Sample.ready("False")]), now: Sample.at(400))
        let detail = try detail(rules.item(reading, runs: [], now: Sample.at(400)))
        #expect(detail.servicesReady == 2 && detail.servicesTotal == 5 && detail.servicesGrewFrom == 2)
    }

    @Test func aFailureFreezesThePercentAndItsPhase() {
        var reading = Sample.reading(upTo: .scaling)
        let broken = Sample.condition("CredentialReady", "False", "Failed", "the secret has expired", at: 320)
        reading.take(
            Sample.wire([broken, Sample.installed, Sample.summary(Sample.infrastructure)]), now: Sample.at(321))
        let item = rules.item(reading, runs: [], now: Sample.at(330))
        #expect(item.state == .failed && item.word == "Failed" && item.endedAt == Sample.at(320))
        #expect(item.progress?.percent == 85)
        #expect(item.phases.first { $0.state == .failed }?.name == "Provisioning")
        // What is repaired goes on as the same run.
        reading.take(Sample.wire(Sample.moments[4].conditions), now: Sample.at(380))
        let repaired = rules.item(reading, runs: [], now: Sample.at(380))
        #expect(repaired.state == .running && repaired.startedAt == item.startedAt && repaired.endedAt == nil)
        #expect(repaired.progress?.percent == 90)
    }

    @Test func thirtyMinutesEndAtTheThirtiethMinute() {
        // Kubernetes does not move a transition when only the reason changes.
        let message = "Cluster is not ready. Check the provider logs for more details.\n* InfrastructureReady: slow"
        let item = item(
            [Sample.summary("* InfrastructureReady: slow"), Sample.ready("False", "Failed", message)], at: 2000)
        #expect(item.endedAt == Sample.at(1808) && item.word == "Failed")
    }

    @Test func pausedAndDryRunAreHeld() throws {
        let paused = Sample.condition("Paused", "True", "Paused")
        var item = item(Sample.moments[3].conditions + [paused], at: 300)
        #expect(item.state == .held && item.word == "Paused" && item.progress?.percent == 85)
        #expect(item.currentPhase?.name == "Scaling" && item.limit == nil)
        #expect(try detail(item).isPaused)
        #expect(item.attention(at: Sample.at(90_000), source: nil) == nil)
        let dry = Sample.wire(Sample.prerequisites + [Sample.ready("True", at: 3)], isDryRun: true)
        item = rules.item(DeploymentReading(wire: dry, now: Sample.at(60)), runs: [], now: Sample.at(60))
        #expect(item.state == .held && item.word == "Dry run" && item.phases.isEmpty && item.progress == nil)
        #expect(try detail(item).isDryRun)
        let bad = Sample.wire([Sample.condition("TemplateReady", "False", "Failed", "no chart")], isDryRun: true)
        item = rules.item(DeploymentReading(wire: bad, now: Sample.at(60)), runs: [], now: Sample.at(60))
        #expect(item.state == .failed)
        #expect(try detail(item).conditions.map(\.isBroken) == [true])
        var flat = Sample.wire([])
        flat.flatPhase = "Unknown"
        item = rules.item(DeploymentReading(wire: flat, now: Sample.at(60)), runs: [], now: Sample.at(60))
        #expect(item.word == "Initializing")
    }

    @Test func evidenceIsTheNewestSignAndSilenceHasItsMeasure() {
        var reading = Sample.reading(upTo: .provisioning)
        func evidence(_ runs: [Run] = []) -> Evidence { rules.item(reading, runs: runs, now: Sample.at(300)).evidence }
        #expect(evidence() == Evidence(at: Sample.at(60), from: "Kubernetes mgmt", patience: 600))
        reading.events = [
            DeploymentDetail.KubeEvent(
                at: Sample.at(127), type: "Normal", reason: "BeginCreateOrUpdate", object: "Subnet a", message: "")
        ]
        #expect(evidence().at == Sample.at(127))
        let run = Run(
            item: rules.itemID(reading.key), kind: .deployment, name: "other", source: SourceID("mgmt"),
            profile: "azure-standalone-cp", startedAt: Sample.at(0), endedAt: Sample.at(2000), outcome: .done,
            word: "Ready",
            phases: [PhaseDuration(name: "Provisioning", seconds: 1500, outcome: .done)])
        #expect(evidence([run]).patience == 1500)
        reading.troubles = ["events: forbidden in kcm-system"]
        #expect(evidence().patience == 1200)
        let item = rules.item(reading, runs: [], now: Sample.at(1500))
        #expect(item.attention(at: Sample.at(1500), source: nil)?.reason == .silent)
        #expect(rules.item(Sample.reading(upTo: .initializing), runs: [], now: Sample.at(9)).evidence.patience == 180)
    }

    @Test func theDetailSaysWhereAndWhat() throws {
        var reading = Sample.reading(upTo: .provisioning)
        (reading.suppressed, reading.troubles) = (140, ["machines: forbidden\nin kcm-system"])
        let detail = try detail(rules.item(reading, runs: [], now: Sample.at(60)))
        #expect(detail.context == "mgmt" && detail.namespace == "kcm-system" && detail.provider == "azure")
        #expect(detail.region == "eastus" && detail.credential == "azure-cred" && detail.suppressed == 140)
        #expect(detail.template == "azure-standalone-cp-1-0-15" && detail.generation == 1)
        #expect(detail.health.map(\.isHealthy) == [false, false, false, true, false, true, false])
        #expect(detail.conditions.first { $0.type == "CAPIClusterSummary" }?.message.contains("\n") == false)
        #expect(detail.troubles == ["machines: forbidden in kcm-system"])
    }

    @Test func timeAloneChangesAnItemAtKnownMoments() {
        func next(_ phase: ProvisioningPhase, at seconds: Double) -> Date? {
            rules.nextLook(Sample.reading(upTo: phase), now: Sample.at(seconds))
        }
        #expect(next(.ready, at: 441) == Sample.at(470) && next(.ready, at: 470) == nil)
        #expect(next(.scaling, at: 300) == Sample.at(1508) && next(.installing, at: 380) == nil)
    }

    @Test func textFromOutsideIsHarmless() {
        var wire = Sample.wire([], name: "de\u{1B}[31mmo")
        wire.metadata.namespace = "a\nb"
        let item = rules.item(DeploymentReading(wire: wire, now: Sample.at(0)), runs: [], now: Sample.at(0))
        let shown = [item.id.text, item.name, item.word, item.profile ?? ""] + item.advice
        #expect(shown.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 } })
        #expect(item.advice[0].contains("'a b'"))
    }
}
