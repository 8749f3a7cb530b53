import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples
private typealias Life = MonitorLife

/// What a subscriber is told, and when.
@Suite struct MonitorMachineTests {
    private func conditions(_ phase: ProvisioningPhase) -> [KubeCondition] {
        Sample.moments.first { $0.phase == phase }?.conditions ?? []
    }

    private func provisioning(_ text: String) -> [KubeCondition] {
        Sample.prerequisites + [
            Sample.installed, Sample.summary("* InfrastructureReady: \(text)"), Sample.ready("False"),
        ]
    }

    private func started(_ kind: String, at seconds: Double) -> WireEvent {
        EventSamples.event("BeginCreateOrUpdate", kind, "demo-\(kind)", at: seconds)
    }

    @Test func theFirstLookIsTheStateAndTheNewestFiveOfFiveMinutes() throws {
        var life = Life()
        let events = try EventSamples.azure().filter { ($0.at ?? .distantFuture) <= Sample.at(340) }
        life.start(conditions(.scaling), events: events, at: 340)
        #expect(
            life.lines == [
                "340 Scaling condition info WorkersAvailable: MachineDeployment demo-md: 0 available replicas, at least 1 required",
                "340 Scaling event info subnet started", "340 Scaling event info subnet started",
                "340 Scaling event info infrastructure ready", "340 Scaling event info control plane ready",
                "340 Scaling event info node joined: demo-cp-0",
            ])
        #expect(life.log.map(\.update.progress) == Array(repeating: 85, count: 6))
        #expect(life.log.last?.update.timestamp == Sample.at(268))
        // Old events are known, but not told; a later look does not tell them either.
        var late = Life()
        late.start(conditions(.scaling), events: events, at: 800)
        #expect(late.log.count == 1)
    }

    @Test func aStateWithWhichAllIsOverComesLast() {
        var life = Life()
        life.start(
            [Sample.condition("CredentialReady", "False", "Failed", "azure-cred is not ready")],
            events: [
                EventSamples.event("CredentialNotReady", "ClusterDeployment", "demo", "azure-cred", type: "Warning")
            ],
            at: 100)
        #expect(
            life.lines == [
                "100 Failed event warning azure-cred", "100 Failed condition error azure-cred is not ready !",
            ])
        #expect(life.end == .failed)
    }

    @Test func aCreationIsToldPhaseByPhaseAndEndsWithReady() {
        var life = Life()
        for (index, moment) in Sample.moments.enumerated() {
            if index == 0 {
                life.start(moment.conditions, at: moment.at)
            } else {
                life.changed(moment.conditions, at: moment.at)
            }
        }
        #expect(
            life.log.map(\.update.phase) == [
                .initializing, .provisioning, .bootstrapping, .scaling, .installing, .ready,
            ])
        #expect(life.log.map(\.update.progress) == [5, 25, 50, 85, 90, 100])
        #expect(life.log.map(\.update.isTerminal) == [false, false, false, false, false, true])
        #expect(life.end == .ready)
        // Nothing follows, whatever comes.
        let count = life.log.count
        life.changed(conditions(.scaling), at: 510)
        life.happened(started("VirtualNetwork", at: 511), at: 511)
        life.deleted(at: 512)
        life.lost(3, at: 513)
        life.resumed(at: 514)
        life.pass(to: 9000)
        life.stopped(at: 9000)
        life.start(at: 9001)
        #expect(life.log.count == count)
        #expect(life.machine.nextDeadline == nil)
    }

    @Test func oneUpdateInTenSecondsAndTheNewestStateIsNotLost() {
        var life = Life()
        life.start(provisioning("a"), at: 0)
        life.changed(provisioning("b"), at: 1)
        life.changed(provisioning("c"), at: 5)
        life.changed(provisioning("c"), at: 7)
        life.pass(to: 30)
        // What came and went meanwhile was no change.
        life.changed(provisioning("d"), at: 31)
        life.changed(provisioning("e"), at: 33)
        life.changed(provisioning("d"), at: 35)
        life.pass(to: 60)
        #expect(
            life.lines.map { $0.replacing("Provisioning condition info InfrastructureReady: ", with: "") } == [
                "0 a", "10 c", "31 d",
            ])
    }

    @Test func eventsThatWaitBecomeOne() {
        var life = Life()
        life.start(provisioning("a"), at: 0)
        for (index, kind) in ["ResourceGroup", "VirtualNetwork", "NatGateway"].enumerated() {
            life.happened(started(kind, at: Double(index)), at: Double(index + 1))
        }
        life.happened(
            EventSamples.event("ClusterReconcilerNormalFailed", "AzureCluster", "demo", "busy", type: "Warning", at: 4),
            at: 4)
        life.happened(started("NetworkSecurityGroup", at: 5), at: 5)
        life.happened(started("Subnet", at: 6), at: 6)
        life.changed(provisioning("b"), at: 7)
        // A phase is told at once; the events wait on.
        life.changed(conditions(.bootstrapping), at: 8)
        life.pass(to: 40)
        #expect(
            life.lines == [
                "0 Provisioning condition info InfrastructureReady: a",
                "8 Bootstrapping condition info ControlPlaneInitialized: Control plane not yet initialized",
                "18 Bootstrapping event warning resource group started; network started; NAT gateway started; Azure: busy; "
                    + "security group started; 1 more",
            ])
        #expect(life.log.last?.update.relatedObject?.kind == "AzureCluster")
        #expect(life.log.last?.update.reason == "ClusterReconcilerNormalFailed")
    }

    @Test func eventsAndStateThatWaitFollowEachOther() {
        var life = Life()
        life.start(provisioning("a"), at: 0)
        life.happened(started("VirtualNetwork", at: 1), at: 1)
        life.changed(provisioning("b"), at: 2)
        life.pass(to: 40)
        #expect(
            life.lines == [
                "0 Provisioning condition info InfrastructureReady: a", "10 Provisioning event info network started",
                "20 Provisioning condition info InfrastructureReady: b",
            ])
        // What waits is told before the end.
        life.changed(provisioning("c"), at: 40)
        life.happened(started("NatGateway", at: 41), at: 41)
        life.deleted(at: 42)
        #expect(
            life.lines.suffix(2) == [
                "42 Provisioning event info NAT gateway started",
                "42 Provisioning system warning ClusterDeployment deleted !",
            ])
        #expect(life.end == .deleted)
    }

    @Test func eventsNeverMoveThePhaseBackNorDeclareItReady() {
        var life = Life()
        life.start([], at: 0)
        // Releases without a summary condition: the events are all there is.
        life.happened(EventSamples.event("InfrastructureReady", "Cluster", at: 20), at: 20)
        life.happened(started("VirtualNetwork", at: 21), at: 40)
        life.happened(EventSamples.event("CAPIClusterIsReady", "ClusterDeployment", at: 60), at: 60)
        life.changed(conditions(.scaling), at: 80)
        life.pass(to: 100)
        #expect(
            life.lines == [
                "0 Initializing condition info Initializing", "20 Bootstrapping event info infrastructure ready",
                "40 Bootstrapping event info network started", "60 Installing event info cluster ready",
                "80 Installing condition info WorkersAvailable: MachineDeployment demo-md: 0 available replicas, at least 1 required",
            ])
        #expect(life.log.map(\.update.progress) == [5, 50, 50, 90, 90])
        // The object itself may go back, and then the old events are no longer true; the percent stays.
        life.changed(conditions(.bootstrapping), at: 120)
        #expect(life.log.last?.update.phase == .bootstrapping)
        #expect(life.log.last?.update.progress == 90)
    }

    /// The recorded run with the limit in force.
    @Test func aRealCreationIsToldInTenToFifteenUpdates() throws {
        var life = Life()
        life.start([], at: 0)
        for event in EventFold.byTime(try EventSamples.azure()) {
            life.happened(event, at: try #require(event.at).timeIntervalSince(Sample.at(0)))
        }
        life.changed([Sample.healthy, Sample.ready("True", "Succeeded", "Object is ready", at: 386)], at: 386)
        #expect(
            life.lines.map { $0.replacing(" info", with: "").prefix(60) }
                == [
                    "0 Initializing condition Initializing",
                    "6 Provisioning event Helm release created; chart installed; provision",
                    "27 Provisioning event resource group started",
                    "37 Provisioning event warning Azure: failed to reconcile cluster ser",
                    "63 Provisioning event network started", "93 Provisioning event NAT gateway started",
                    "127 Provisioning event subnet started", "137 Provisioning event subnet started",
                    "243 Bootstrapping event infrastructure ready", "264 Scaling event control plane ready",
                    "274 Scaling event node joined: demo-cp-0", "350 Scaling event node joined: demo-md-r27h8-sr8cq",
                    "378 Installing event cluster ready", "386 Ready condition Object is ready !",
                ].map { $0.prefix(60) })
        #expect(life.end == .ready)
        let percents = life.log.compactMap(\.update.progress)
        #expect(percents == percents.sorted() && percents.count == life.log.count)
    }

    @Test(arguments: [(3600.0, 3300.0, "5m0s"), (10, 5, "5s"), (900, 600, "5m0s"), (480, 240, "4m0s")])
    func theLimitIsAnnouncedOnceAndKept(timeout: Double, warning: Double, left: String) {
        var life = Life(timeout: timeout)
        life.start(conditions(.scaling), at: 0)
        life.pass(to: timeout + 100)
        #expect(
            life.lines.dropFirst() == [
                "\(Int(warning)) Scaling system warning Provisioning timeout approaching (\(left) remaining)",
                "\(Int(timeout)) Scaling system warning Monitoring timeout exceeded, subscription terminated !",
            ])
        #expect(life.end == .timedOut)
    }

    @Test func aLostWatchIsToldOnceAndGivenUpAfterThreeTries() {
        var life = Life()
        life.start(conditions(.scaling), at: 0)
        life.resumed(at: 1)
        life.lost(1, at: 2)
        life.lost(2, at: 4)
        life.resumed(at: 5)
        life.lost(1, at: 20)
        life.lost(2, at: 22)
        life.lost(3, at: 26)
        #expect(
            life.lines.dropFirst() == [
                "2 Scaling system warning Cluster watch lost, trying again: lab refused the connection.",
                "5 Scaling system info Cluster watch resumed",
                "20 Scaling system warning Cluster watch lost, trying again: lab refused the connection.",
                "26 Scaling system error Cluster watch lost, subscription terminated: lab refused the connection. !",
            ])
        #expect(life.end == .lost)
    }

    @Test func aReadyInTheFirstSecondsIsBelievedWhenItHasLasted() {
        let early = [Sample.ready("True", "Succeeded", "Object is ready", at: 3)]
        // Nothing else speaks for it: it is not even shown until it was seen for 30 s, however late the first look is.
        for first in [4.0, 50] {
            var bare = Life()
            bare.start(early, at: first)
            #expect(bare.log.last?.update.phase == .initializing)
            bare.changed(early, at: first + 10)
            bare.pass(to: first + 29.9)
            #expect(bare.end == nil && bare.log.count == 1)
            bare.pass(to: first + 31)
            #expect(bare.lines.last == "\(Int(first) + 30) Ready condition info Object is ready !")
        }
        // Its cluster is healthy: shown, and ended when it has lasted.
        var healthy = Life()
        healthy.start(early + [Sample.condition("CAPIClusterSummary", "True", "InfoReported", at: 3)], at: 4)
        healthy.pass(to: 40)
        #expect(
            healthy.lines == ["4 Ready condition info Object is ready", "33 Ready condition info Object is ready !"])
        // It did not last.
        var gone = Life()
        gone.start(early, at: 4)
        gone.changed(conditions(.provisioning), at: 20)
        gone.pass(to: 100)
        #expect(gone.end == nil)
        #expect(gone.log.last?.update.phase == .provisioning)
    }

    @Test func aDryRunEndsAsCheckedAndNeverAsReady() {
        let checked = Sample.prerequisites + [Sample.ready("True", "Succeeded", "Object is ready", at: 3)]
        var life = Life()
        life.start(Sample.prerequisites, at: 2, isDryRun: true)
        life.changed(checked, at: 4, isDryRun: true)
        life.pass(to: 33)
        #expect(life.end == nil && life.log.allSatisfy { $0.update.phase == .initializing })
        life.pass(to: 60)
        #expect(life.lines.last == "34 Initializing system info only checked (dry run) !")
        #expect(life.end == .dryRun && life.log.last?.update.reason == "DryRun")
        #expect(life.log.allSatisfy { $0.update.progress == nil }, "nothing is built")
        // Found long after.
        var late = Life()
        late.start(checked, at: 90_000, isDryRun: true)
        #expect(
            late.lines == [
                "90000 Initializing condition info only checked (dry run)",
                "90000 Initializing system info only checked (dry run) !",
            ])
        // A check that fails has failed.
        var broken = Life()
        broken.start(
            [Sample.condition("TemplateReady", "False", "Failed", "no chart")], at: 5, isDryRun: true)
        #expect(broken.end == .failed)
    }

    @Test func whatHappenedToAnEarlierOneOfTheNameIsNotTold() {
        let old = EventSamples.event("CAPIClusterIsReady", "ClusterDeployment", at: -60)
        var foreign = EventSamples.event("CAPIClusterIsReady", "ClusterDeployment", at: 2)
        foreign.object.uid = "earlier"
        var life = Life()
        life.start(events: [old, foreign, EventSamples.event("InfrastructureReady", "Cluster", at: -20)], at: 3)
        life.happened(old, at: 4)
        life.pass(to: 60)
        #expect(life.lines == ["3 Initializing condition info Initializing"])
    }

    /// Two watches: the first event of the next one may be told before it is.
    @Test func theFirstEventOfTheNextOneIsNotLost() {
        var first = EventSamples.event("HelmReleaseCreated", "ClusterDeployment", at: 101)
        first.object.uid = "other"
        var life = Life()
        life.start(conditions(.scaling), at: 90)
        life.changed(conditions(.scaling), at: 91, deleted: 91)
        life.happened(first, at: 102)
        life.pass(to: 103)
        #expect(!life.lines.contains { $0.contains("Helm release created") })
        life.changed([], at: 103, uid: "other", created: 100)
        life.pass(to: 120)
        #expect(life.lines.last == "113 Initializing event info Helm release created")
    }

    @Test func theStalledOneFailsWithItsPercentKept() {
        var life = Life()
        life.start(conditions(.bootstrapping), at: 300)
        life.changed(
            Sample.prerequisites + [
                Sample.summary("* InfrastructureReady: quota exceeded"),
                Sample.ready(
                    "False", "Failed",
                    "Cluster is not ready. Check the provider logs for more details.\n* InfrastructureReady: quota exceeded",
                    at: 1810),
            ], at: 1811)
        #expect(life.lines.last == "1811 Failed condition error InfrastructureReady: quota exceeded !")
        #expect(life.log.last?.update.progress == 50)
        #expect(life.end == .failed)
    }

    @Test func aDeletionIsFollowedAndANewOneOfTheSameNameBeginsAnew() {
        var life = Life()
        life.start(conditions(.scaling), at: 300)
        life.changed(conditions(.ready), at: 310, deleted: 309)
        #expect(life.end == nil)
        #expect(life.log.last?.update.severity == .warning)
        life.changed(conditions(.initializing), at: 400, uid: "other")
        #expect(life.log.last?.update.phase == .initializing)
        #expect(life.log.last?.update.progress == 5)
        life.stopped(at: 410)
        #expect(life.lines.last == "410 Initializing system warning Monitoring stopped !")
        #expect(life.end == .stopped)
    }
}
