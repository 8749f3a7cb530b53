import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// Which phase a person sees, for every shape that a deployment has on the wire and for every trap in it.
@Suite struct PhaseDetectorTests {
    private func standing(_ conditions: [KubeCondition], at seconds: Double = 900) -> DeploymentStanding {
        PhaseDetector.standing(of: Sample.wire(conditions), now: Sample.at(seconds))
    }

    @Test func everyMomentOfACreationHasItsPhase() {
        for moment in Sample.moments {
            let found = PhaseDetector.phase(of: Sample.wire(moment.conditions), now: Sample.at(moment.at))
            #expect(found == moment.phase)
        }
    }

    /// The shape of the monitoring server's own tests: Cluster API conditions one by one.
    @Test(arguments: [
        ([], ProvisioningPhase.initializing), (["InfrastructureReady=False"], .provisioning),
        (["InfrastructureReady=Unknown"], .provisioning),
        (["InfrastructureReady=True", "ControlPlaneInitialized=False"], .bootstrapping),
        (["InfrastructureReady=True"], .bootstrapping),
        (["InfrastructureReady=True", "ControlPlaneInitialized=True", "ControlPlaneAvailable=False"], .bootstrapping),
        (["InfrastructureReady=True", "ControlPlaneInitialized=True", "WorkersAvailable=False"], .scaling),
        (["InfrastructureReady=True", "ControlPlaneInitialized=True"], .scaling),
        (
            ["InfrastructureReady=True", "ControlPlaneInitialized=True", "WorkersAvailable=True"]
                + ["ServicesInReadyState=False"], .installing
        ),
        (["ServicesInReadyState=False"], .installing), (["Ready=True"], .ready),
        (["Ready=False"], .initializing),
    ])
    func theFlatShapeIsReadToo(words: [String], phase: ProvisioningPhase) {
        let conditions = words.map { word in
            let halves = word.split(separator: "=").map(String.init)
            return Sample.condition(halves[0], halves[1], "", "")
        }
        #expect(standing(conditions).phase == phase)
    }

    @Test func theFlatShapeSaysThatItHasFailed() {
        let failed = Sample.ready("False", "Failed", "provisioning failed: quota exceeded")
        #expect(standing([failed]).failure == .reported)
        let flat = [Sample.condition("InfrastructureReady", "False", "Failed", "quota exceeded"), failed]
        let found = standing(Sample.prerequisites + flat)
        #expect(found.phase == .failed && found.reached == .provisioning)
        #expect(found.message == "provisioning failed: quota exceeded")
        var wire = Sample.wire([])
        wire.flatPhase = "scaling"
        #expect(PhaseDetector.phase(of: wire, now: Sample.at(9)) == .scaling)
        wire.flatPhase = "FAILED"
        wire.flatMessage = "no capacity"
        #expect(PhaseDetector.standing(of: wire, now: Sample.at(9)).message == "no capacity")
        wire.flatPhase = "Rebalancing"
        #expect(PhaseDetector.phase(of: wire, now: Sample.at(9)) == .initializing)
    }

    // MARK: traps

    @Test func aReasonFailedOnTheWayIsNoFailure() {
        // Older releases give it to all that is not ready yet.
        for moment in Sample.moments.dropLast() {
            var conditions = moment.conditions.filter { $0.type != "Ready" }
            conditions.append(Sample.ready("False", "Failed", "* InfrastructureReady: creating failed over"))
            #expect(standing(conditions, at: moment.at).phase == moment.phase)
        }
    }

    @Test func aProbeThatFailsIsNoFailure() {
        let found = standing(
            Sample.prerequisites + [
                Sample.installed, Sample.summary(Sample.probe),
                Sample.ready("False", "Failed", "* RemoteConnectionProbe: Remote connection probe failed"),
            ])
        #expect(found.phase == .scaling && found.failure == nil)
        for message in ["Remote connection probe failed", "* RemoteConnectionProbe: Remote connection probe failed"] {
            #expect(standing([Sample.ready("False", "Failed", message)]).phase == .initializing)
        }
    }

    @Test func readyInTheFirstSecondsIsNotBelievedBeforeAnythingWasBuilt() {
        let early = Sample.prerequisites + [Sample.ready("True", "Succeeded", at: 3)]
        #expect(standing(early, at: 5).phase == .initializing)
        // Found when it has stayed so for long: meant so. Before, only our own clock can tell that it stays.
        #expect(standing(early, at: 50).phase == .initializing)
        #expect(standing(early, at: 603).phase == .ready)
        let contradicted = early + [Sample.summary(Sample.infrastructure)]
        #expect(standing(contradicted, at: 5).phase == .provisioning)
    }

    /// The clocks of two machines differ, frames are told again, a look comes late: none of it makes an early Ready older.
    @Test(arguments: [0.0, 42, 300, -300]) func anEarlyReadyMustLastByOurOwnClock(skew: Double) {
        let early = Sample.wire(Sample.prerequisites + [Sample.ready("True", "Succeeded", at: 8)])
        var reading = DeploymentReading(wire: early, now: Sample.at(50 + skew))
        func phase(_ seconds: Double) -> ProvisioningPhase { reading.standing(now: Sample.at(seconds + skew)).phase }
        #expect(phase(50) == .initializing)
        reading.take(early, now: Sample.at(70 + skew))
        #expect(phase(79) == .initializing && phase(80) == .ready)
        #expect(reading.standing(now: Sample.at(81 + skew)).isFresh == false)
        // Taken back and said again: it must last again.
        reading.take(Sample.wire([Sample.ready("False", at: 90)]), now: Sample.at(90 + skew))
        reading.take(early, now: Sample.at(95 + skew))
        #expect(phase(96) == .initializing && phase(125) == .ready)
    }

    @Test func aReadyInOurFutureIsFreshForThirtySecondsOnly() {
        let wire = Sample.wire(Sample.moments.last?.conditions ?? [])
        let reading = DeploymentReading(wire: wire, now: Sample.at(140))
        #expect(reading.standing(now: Sample.at(169)).isFresh)
        #expect(reading.standing(now: Sample.at(170)).isFresh == false)
        #expect(reading.standing(now: Sample.at(170)).phase == .ready)
    }

    /// That its checks held says nothing about what is built after them, though the condition stays as it is.
    @Test func readyOfADryRunIsNotReadyWhenItIsBuilt() {
        let checked = Sample.prerequisites + [Sample.ready("True", at: 3)]
        var reading = DeploymentReading(wire: Sample.wire(checked, isDryRun: true), now: Sample.at(5))
        reading.take(Sample.wire(checked, generation: 2), now: Sample.at(5000))
        #expect(reading.standing(now: Sample.at(5001)).phase == .initializing)
    }

    @Test func aPrerequisiteThatIsStillLookedAtIsNotBroken() {
        let looking = Sample.condition("TemplateReady", "False", "Progressing", "the chart is fetched")
        #expect(standing([looking]).phase == .initializing && !PhaseDetector.isBroken(looking))
        #expect(PhaseDetector.isBroken(Sample.condition("TemplateReady", "False", "Failed", "no chart")))
        #expect(PhaseDetector.isBroken(Sample.condition("HelmReleaseReady", "False", "InstallFailed")))
        #expect(!PhaseDetector.isBroken(Sample.condition("HelmReleaseReady", "False", "DependencyNotReady")))
        #expect(!PhaseDetector.isBroken(Sample.ready("False", "Failed")))
    }

    @Test func readyIsFreshForThirtySeconds() {
        let conditions = Sample.moments.last?.conditions ?? []
        #expect(standing(conditions, at: 441).phase == .ready)
        #expect(standing(conditions, at: 441).isFresh)
        #expect(standing(conditions, at: 471).isFresh == false)
    }

    @Test func readyOfAnOlderGenerationIsNoNews() {
        func phase(generation: Int, condition: Int?, status: Int?) -> ProvisioningPhase {
            var wire = Sample.wire(
                Sample.prerequisites + [
                    Sample.healthy, Sample.services("1/1"), Sample.ready("True", "Succeeded", observed: condition),
                ], generation: generation)
            wire.observedGeneration = status
            return PhaseDetector.phase(of: wire, now: Sample.at(900))
        }
        #expect(phase(generation: 2, condition: 1, status: nil) == .initializing)
        #expect(phase(generation: 2, condition: nil, status: 1) == .initializing)
        #expect(phase(generation: 2, condition: 2, status: 1) == .ready)
        #expect(phase(generation: 2, condition: nil, status: nil) == .ready)
        #expect(phase(generation: 2, condition: nil, status: 2) == .ready)
    }

    @Test(arguments: [
        "CredentialReady", "TemplateReady", "HelmChartReady", "ClusterDataSourceReady", "ClusterAuthenticationReady",
        "ServicesReferencesValidation",
    ])
    func aPrerequisiteThatDoesNotHoldFails(type: String) {
        let message = "the Credential kcm-system/azure-cred is not ready"
        let found = standing([
            Sample.condition(type, "False", "Failed", message), Sample.ready("False", "Failed", message),
        ])
        #expect(found.phase == .failed && found.failure == .prerequisite(type) && found.message == message)
        // It is only looked at.
        #expect(standing([Sample.condition(type, "Unknown", "Progressing")]).phase == .initializing)
    }

    @Test func thirtyMinutesWithoutAClusterAreAFailure() {
        let summary = Sample.summary("* InfrastructureReady: quota exceeded")
        let message =
            "Cluster is not ready. Check the provider logs for more details.\n* InfrastructureReady: quota exceeded"
        let found = standing([summary, Sample.ready("False", "Failed", message, at: 1809)], at: 1900)
        #expect(found.phase == .failed && found.isStalled && found.isTerminal)
        #expect(found.reached == .provisioning && found.message == "InfrastructureReady: quota exceeded")
        #expect(standing([Sample.healthy, Sample.ready("False", "Failed", message)]).phase == .installing)
    }

    @Test(arguments: [
        ("InstallFailed", true), ("UpgradeFailed", true), ("RetriesExceeded", true), ("Progressing", false),
        ("DependencyNotReady", false),
    ])
    func aChartFailsOnlyWhenItsReasonSaysSo(reason: String, fails: Bool) {
        let found = standing(Sample.prerequisites + [Sample.condition("HelmReleaseReady", "False", reason, "no route")])
        #expect((found.failure == .release) == fails)
        #expect(found.phase == (fails ? .failed : .initializing))
    }

    @Test func deletionHidesEverythingElse() {
        let broken = Sample.condition("CredentialReady", "False", "Failed", "gone")
        var found = PhaseDetector.standing(of: Sample.wire([broken], deletedAt: 700), now: Sample.at(800))
        #expect(found.isDeleting && found.word == "Deleting" && found.phase != .failed)
        let waits = "waiting for machines"
        found = standing([Sample.condition("Deleting", "True", "WaitingForClusterDeletion", waits)])
        #expect(found.isDeleting && found.message == waits)
        found = standing([Sample.ready("False", "Deleting", "deleting")])
        #expect(found.isDeleting && found.message == "deleting")
    }

    @Test func pauseAndDryRunAreToldBesideThePhase() {
        let paused = Sample.condition("Paused", "True", "Paused")
        var found = standing((Sample.moments.first { $0.phase == .scaling }?.conditions ?? []) + [paused])
        #expect(found.phase == .scaling && found.isPaused && found.word == "Paused")
        found = standing([paused, Sample.condition("TemplateReady", "False", "Failed", "no such chart")])
        #expect(found.word == "Failed", "a pause hides no failure")
        #expect(standing([Sample.condition("Paused", "False", "NotPaused")]).isPaused == false)
        // Checked, not built: that all conditions hold does not make it ready.
        let dry = Sample.wire(Sample.prerequisites + [Sample.ready("True", at: 3)], isDryRun: true)
        #expect(PhaseDetector.standing(of: dry, now: Sample.at(600)).word == "Dry run")
        let standsAlready = Sample.wire(Sample.moments.last?.conditions ?? [], isDryRun: true)
        #expect(PhaseDetector.standing(of: standsAlready, now: Sample.at(600)).word == "Ready")
    }

    @Test(arguments: [
        ("False", "CAPIClusterMissing", "", ProvisioningPhase.initializing),
        ("Unknown", "UnknownReported", "", .provisioning),
        ("Unknown", "UnknownReported", "* ControlPlaneInitialized: Condition not yet reported", .bootstrapping),
        ("False", "Failed", "cannot read the cluster", .provisioning),
        // One thing alone comes without its star.
        ("False", "IssuesReported", "InfrastructureReady: OpenStackCluster status.ready is false", .provisioning),
        ("False", "IssuesReported", "* ControlPlaneMachinesReady: Machine demo-cp-1 is not ready", .scaling),
        ("False", "IssuesReported", "* TopologyReconciled: waits for a hook", .scaling),
    ])
    func aSummaryThatIsNoPlainListIsReadToo(status: String, reason: String, message: String, phase: ProvisioningPhase) {
        let summary = Sample.condition("CAPIClusterSummary", status, reason, message, at: 8)
        #expect(standing(Sample.prerequisites + [Sample.installed, summary, Sample.ready("False")]).phase == phase)
    }

    @Test func anAdoptedClusterHasNoSummary() {
        let adopted = Sample.prerequisites + [Sample.installed, Sample.condition("SveltosClusterReady", "True", at: 9)]
        #expect(standing(adopted + [Sample.services("1/2"), Sample.ready("False")]).phase == .installing)
        #expect(standing(adopted + [Sample.services("2/2"), Sample.ready("True", at: 20)], at: 21).phase == .ready)
    }

    // MARK: recorded

    private struct List: Decodable { var items: [WireDeployment] }
    private struct Frame: Decodable {
        var type: String
        var object: WireDeployment
    }

    @Test func aRecordedListIsReadWhole() throws {
        let text = try Fixtures.text("kubernetes/get-clusterdeployments.json")
        let list = try JSONDecoder().decode(List.self, from: Data(text.utf8)).items
        let later = (list.compactMap { $0.conditions.first?.lastTransitionTime }.max() ?? Sample.at(0)) + 3600
        let standings = list.map { PhaseDetector.standing(of: $0, now: later) }
        #expect(standings.map(\.phase) == [.ready, .ready, .failed])
        #expect(standings.last?.message.contains("quota exceeded") == true)
        let one = try Sample.decode(Fixtures.text("kubernetes/get-one.json"))
        #expect(one.key.text == "kcm-system/dev-0")
        #expect(DeploymentServices(one).ready == 3 && DeploymentServices(one).total == 3)
    }

    @Test func aRecordedWatchGoesThroughThePhasesInOrder() throws {
        let text = try Fixtures.text("kubernetes/watch-clusterdeployments-live.json")
        var phases: [String: [ProvisioningPhase]] = [:]
        for line in text.split(separator: "\n") {
            let object = try JSONDecoder().decode(Frame.self, from: Data(line.utf8)).object
            let now = object.conditions.compactMap(\.lastTransitionTime).max() ?? Sample.at(0)
            phases[object.metadata.name, default: []].append(PhaseDetector.phase(of: object, now: now))
        }
        let way: [ProvisioningPhase] = [
            .initializing, .initializing, .provisioning, .bootstrapping, .scaling, .installing, .ready,
        ]
        #expect(phases["live-0"] == way)
        #expect(phases["live-1"] == [.initializing, .initializing, .provisioning, .failed])
    }

    @Test func wordsAreReadInAnyCaseAndOrdered() {
        #expect(ProvisioningPhase(word: "SCALING") == .scaling && ProvisioningPhase(word: "Upgrading") == nil)
        #expect(ProvisioningPhase.allCases == ProvisioningPhase.allCases.sorted())
        #expect(DeploymentKey(text: "a/b")?.text == "a/b" && DeploymentKey(text: "a/b/c") == nil)
        let keys = [DeploymentKey(namespace: "b", name: "a"), DeploymentKey(namespace: "a", name: "b")]
        #expect(keys.sorted().map(\.description) == ["a/b", "b/a"])
    }
}
