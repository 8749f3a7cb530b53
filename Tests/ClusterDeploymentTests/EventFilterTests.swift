import Fleet
import Foundation
import Testing

@testable import ClusterDeployment

private typealias Sample = EventSamples

/// Which events matter, what is shown of them, and when they are told again.
@Suite struct EventFilterTests {
    /// Told at 0; what the same reason of the same object is worth so many seconds later.
    @Test(arguments: [
        ("BeginCreateOrUpdate", "VirtualNetwork", 29, false), ("BeginCreateOrUpdate", "VirtualNetwork", 30, true),
        ("ServiceSetCollectServiceStatusesFailed", "ServiceSet", 299, false),
        ("ServiceSetCollectServiceStatusesFailed", "ServiceSet", 300, true),
        ("ClusterReconcilerNormalFailed", "AzureCluster", 119, false),
        ("ClusterReconcilerNormalFailed", "AzureCluster", 120, true),
        // News that is told once does not become news again.
        ("CAPIClusterIsProvisioning", "ClusterDeployment", 59, false),
        ("CAPIClusterIsProvisioning", "ClusterDeployment", 3000, false),
        ("InfrastructureReady", "Cluster", 3000, false),
    ])
    func whatWasToldIsToldAgainAfterItsWindow(reason: String, kind: String, seconds: Double, again: Bool) {
        var filter = EventFilter()
        _ = filter.take(Sample.event(reason, kind, at: 0), now: .distantPast)
        let verdict = filter.take(Sample.event(reason, kind, at: seconds), now: .distantPast)
        if again {
            guard case .milestone = verdict else { return #expect(Bool(false), "\(verdict)") }
        } else {
            #expect(verdict == .suppressed(.duplicate))
        }
        // Another object's is another event, unless it is the same news.
        let other = filter.take(Sample.event(reason, kind, "demo-2", at: seconds + 1), now: .distantPast)
        #expect((other == .suppressed(.duplicate)) == (reason.hasPrefix("CAPI") || reason.hasPrefix("Infra")))
    }

    @Test func theSameEventSeenAgainIsNotNews() {
        var filter = EventFilter()
        let now = DeploymentSamples.at(0)
        func joined(_ count: Int, at seconds: Double) -> EventFilter.Verdict {
            filter.take(Sample.event("NodeJoined", "Machine", at: seconds, uid: "u", count: count), now: now)
        }
        guard case .milestone = joined(1, at: 0) else { return #expect(Bool(false), "not told") }
        #expect(joined(1, at: 0) == .seen)
        #expect(joined(2, at: 1000) == .suppressed(.duplicate))
        #expect(joined(5, at: 2000) == .suppressed(.duplicate))
        #expect(filter.suppressed == 4)
        // A warning that still comes after its window is.
        func failed(_ count: Int, at seconds: Double) -> EventFilter.Verdict {
            filter.take(
                Sample.event(
                    "FailedCreateVPC", "AWSCluster", "demo", "limit", type: "Warning", at: seconds, uid: "w",
                    count: count),
                now: now)
        }
        guard case .milestone = failed(1, at: 0) else { return #expect(Bool(false), "not told") }
        #expect(failed(2, at: 60) == .suppressed(.duplicate))
        guard case .milestone = failed(3, at: 120) else { return #expect(Bool(false), "not told again") }
    }

    @Test func servicesCannotBeReadBeforeTheClusterStands() {
        let event = Sample.event("ServiceSetCollectServiceStatusesFailed", "ServiceSet", "demo", "x", type: "Warning")
        var early = EventFilter()
        #expect(early.take(event, phase: .bootstrapping, now: .distantPast) == .suppressed(.early))
        var late = EventFilter()
        guard case .milestone = late.take(event, phase: .installing, now: .distantPast) else {
            return #expect(Bool(false), "not told")
        }
        var failed = EventFilter()
        guard case .milestone = failed.take(event, phase: .failed, now: .distantPast) else {
            return #expect(Bool(false), "not told")
        }
    }

    @Test func afterReadyNewsAreNewsAgain() {
        var fold = EventFold()
        let now = DeploymentSamples.at(0)
        for (reason, seconds) in [
            ("CAPIClusterIsProvisioning", 0.0), ("CAPIClusterIsReady", 100), ("CAPIClusterIsProvisioning", 200),
            ("CAPIClusterIsProvisioning", 300),
        ] {
            fold.take(Sample.event(reason, "ClusterDeployment", at: seconds), now: now)
        }
        #expect(fold.milestones.map(\.text) == ["provisioning started", "cluster ready", "provisioning started"])
        #expect(fold.reached == .provisioning)
        #expect(fold.firstEvidence(of: .provisioning) == now)
    }

    /// One of gigantic reasons, names and counts after the other: nothing grows without end, and what was just told is still known.
    @Test func memoryIsBounded() {
        var fold = EventFold()
        for index in 0..<3000 {
            fold.take(
                Sample.event("NodeJoined", "Machine", "demo-\(index)", at: Double(index * 40)), now: .distantPast)
        }
        #expect(fold.milestones.count == 60)
        #expect(fold.events.count == 60)
        #expect(fold.events.last?.object == "Machine demo-2999")
        #expect(fold.firstEvidence(of: .scaling) == DeploymentSamples.at(0))
        let verdict = fold.take(
            Sample.event("NodeJoined", "Machine", "demo-2999", at: Double(2999 * 40), uid: "other"), now: .distantPast)
        #expect(verdict == .suppressed(.duplicate))
    }

    /// An error that comes every two minutes for hours takes one line, and leaves the others theirs.
    @Test func aWarningThatIsToldAgainTakesItsOwnPlace() {
        var fold = EventFold()
        let now = DeploymentSamples.at(0)
        fold.take(Sample.event("BeginCreateOrUpdate", "VirtualNetwork", "demo-vnet", at: 0), now: now)
        for index in 0..<100 {
            fold.take(
                Sample.event(
                    "FailedCreateVPC", "AWSCluster", "demo", "limit, request \(index)", type: "Warning",
                    at: Double(10 + 200 * index)), now: now)
        }
        fold.take(
            Sample.event("FailedCreateVPC", "AWSCluster", "demo-b", "limit", type: "Warning", at: 11), now: now)
        #expect(fold.milestones.map(\.object) == ["VirtualNetwork demo-vnet", "AWSCluster demo-b", "AWSCluster demo"])
        #expect(fold.milestones.last?.at == DeploymentSamples.at(19_810))
        #expect(fold.milestones.last?.text.hasSuffix("request 99 x100") == true)
        #expect(fold.milestones[1].text.contains(" x") == false)
    }

    @Test func eventsStandInTheOrderOfTheirTimes() {
        var fold = EventFold()
        let now = DeploymentSamples.at(0)
        fold.take(Sample.event("NodeJoined", "Machine", "demo-b", at: 50), now: now)
        fold.take(Sample.event("NodeJoined", "Machine", "demo-a", at: 10), now: now)
        fold.take(Sample.event("Pulled", "Pod", "demo-p", "x", at: 60, uid: "p", count: 1), now: now)
        fold.take(Sample.event("Pulled", "Pod", "demo-p", "x", at: 90, uid: "p", count: 4), now: now)
        #expect(fold.milestones.map(\.object) == ["Machine demo-a", "Machine demo-b"])
        #expect(fold.events.map(\.count) == [1, 1, 4])
        #expect(fold.suppressed == 4)
        #expect(fold.firstEvidence(of: .scaling) == DeploymentSamples.at(10))
        #expect(fold.firstEvidence(of: .installing) == nil)
    }

    /// The recorded run: 150 events, and those that a person wants to know of.
    @Test func aRealCreationIsToldInFourteenMilestones() throws {
        let events = try Sample.azure()
        #expect(events.count == 150)
        var fold = EventFold()
        fold.take(all: events, now: DeploymentSamples.at(400))
        #expect(
            fold.milestones.map { "\(Int($0.at.timeIntervalSince(DeploymentSamples.at(0)))) \($0.text)" }.map {
                String($0.prefix(32))
            } == [
                "0 Helm release created", "4 chart installed", "6 provisioning started", "27 resource group started",
                "30 Azure: failed to reconcile cl", "63 network started", "93 NAT gateway started",
                "127 subnet started", "127 subnet started", "243 infrastructure ready", "264 control plane ready",
                "268 node joined: demo-cp-0", "350 node joined: demo-md-r27h8-s", "378 cluster ready",
            ])
        #expect(fold.suppressed == 136)
        #expect(fold.firstEvidence(of: .bootstrapping) == DeploymentSamples.at(243))
        // A new list after a lost watch tells nothing new.
        let before = fold.milestones
        fold.take(all: events, now: DeploymentSamples.at(500))
        #expect(fold.milestones == before)
        #expect(fold.suppressed == 136)
    }
}
