import Fleet
import Foundation
import TestSupport
import Testing

@testable import ClusterCreation

/// What a person sees of a creation, from the answers of the real program at twelve moments of one.
@Suite struct ClusterRulesTests {
    private let rules = ClusterRules(source: SourceID("us-east-1"))

    private func item(_ reading: ClusterReading, after seconds: Double = 0, runs: [Run] = []) -> Item {
        let last = reading.stack.events.last?.at ?? ManualTime.start
        return rules.item(reading, runs: runs, now: last + seconds)
    }

    private func detail(_ item: Item) throws -> ClusterDetail {
        guard case .cluster(let detail) = item.detail else { throw CancellationError() }
        return detail
    }

    @Test(arguments: [
        ("01", Item.State.running, 6, "infrastructure" as String?, "PENDING PENDING PENDING"),
        ("04", .running, 15, "infrastructure", "PENDING PENDING PENDING"),
        ("05", .running, 75, "head node bootstrap", "INITIALIZING PENDING PENDING"),
        ("08", .running, 75, "head node bootstrap", "INITIALIZING PENDING STARTING"),
        ("09", .done, 100, nil, "READY ACTIVE RUNNING"), ("12", .done, 100, nil, "READY ACTIVE RUNNING"),
    ])
    func aCreationGoesFromZeroToAHundred(
        moment: String, state: Item.State, percent: Int, phase: String?, components: String
    ) throws {
        var reading = try ClusterReading.recorded(moment)
        // The recording asked for the fleet while the stack was in progress, which the feed does not.
        if moment == "04" { reading.fleet = nil }
        let item = item(reading)
        #expect(item.state == state)
        #expect(item.progress?.unit == "resources")
        #expect(item.currentPhase?.name == phase)
        let words = try detail(item).components.map(\.word).joined(separator: " ")
        #expect(words == components)
        if moment == "08" {
            #expect(item.progress?.percent == 80, "the fleet was made to start before the stack was complete")
        } else {
            #expect(item.progress?.percent == percent)
        }
    }

    @Test func percentNeverFallsOnTheWay() throws {
        let percents = try ["01", "04", "05", "09", "12"].map { item(try .recorded($0)).progress?.percent ?? -1 }
        #expect(percents == percents.sorted())
    }

    @Test func aFailureKeepsItsPercentAndNamesItsCause() throws {
        let reading = try ClusterReading.recorded("x-failed")
        let item = item(reading)
        let detail = try detail(item)
        #expect(item.state == .failed && item.word == "CREATE_FAILED")
        #expect(item.progress?.percent == 75)
        #expect(detail.rootCause?.logicalID == "HeadNodeWaitCondition")
        #expect(detail.failureCode == "HeadNodeBootstrapFailure")
        #expect(item.phases.first { $0.name == "head node bootstrap" }?.state == .failed)
        #expect(item.diagnosis?.next.isEmpty == false)
        #expect(item.endedAt != nil && Run(item: item)?.outcome == .failed)
    }

    @Test func aRollbackIsCountedWhileThePercentageStands() throws {
        var reading = try ClusterReading.recorded("x-failed")
        let before = item(reading)
        let start = try #require(reading.stack.events.last?.at)
        reading.description?.cloudFormationStackStatus = "ROLLBACK_IN_PROGRESS"
        reading.stack.take([
            .event("HeadNode", "DELETE_COMPLETE", start + 9),
            .event("HeadNodeWaitCondition", "DELETE_COMPLETE", start + 5),
            .stack("ROLLBACK_IN_PROGRESS", start + 1),
        ])
        let after = item(reading)
        let rollback = try #require(try detail(after).rollback)
        #expect(rollback.deleted == 2 && !rollback.isOver && rollback.total == before.progress?.done.advanced(by: 1))
        #expect(after.progress == before.progress && after.endedAt == before.endedAt)
        #expect(after.word == "ROLLBACK_IN_PROGRESS" && after.state == .failed)
        let detail = try detail(after)
        #expect(detail.rootCause?.logicalID == "HeadNodeWaitCondition" && detail.rootCause?.status == "CREATE_FAILED")
        let earlier = try self.detail(before)
        #expect(detail.wait?.state == .failed && detail.wait?.startedAt == earlier.wait?.startedAt)
        #expect(detail.groups.allSatisfy { $0.startedAt ?? start < $0.endedAt ?? start })
    }

    @Test(arguments: [
        ("CREATE_IN_PROGRESS", Item.State.running), ("CREATE_FAILED", .failed), ("CREATE_COMPLETE", .done),
        ("ROLLBACK_IN_PROGRESS", .failed), ("ROLLBACK_FAILED", .failed), ("ROLLBACK_COMPLETE", .failed),
        ("DELETE_IN_PROGRESS", .running), ("DELETE_FAILED", .failed), ("DELETE_COMPLETE", .done),
        ("UPDATE_IN_PROGRESS", .running), ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", .running), ("UPDATE_COMPLETE", .done),
        ("UPDATE_ROLLBACK_IN_PROGRESS", .failed), ("UPDATE_ROLLBACK_FAILED", .failed),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", .failed), ("UPDATE_ROLLBACK_COMPLETE", .failed),
        ("UPDATE_FAILED", .failed), ("REVIEW_IN_PROGRESS", .running), ("SOMETHING_NEW", .unknown),
    ])
    func everyStackStatusHasAPicture(status: String, state: Item.State) throws {
        var reading = ClusterReading(name: "alpha", region: "us-east-1", readAt: ManualTime.start)
        reading.description = try JSONDecoder().decode(
            WireCluster.self,
            from: Data(#"{"clusterName": "alpha", "cloudFormationStackStatus": "\#(status)"}"#.utf8))
        let item = item(reading)
        #expect(item.state == state)
        #expect(item.word == status)
    }

    @Test(arguments: [
        ("START_REQUESTED", Item.State.running, 80), ("STARTING", .running, 80), ("RUNNING", .done, 100),
        ("ENABLED", .done, 100), ("STOPPED", .done, 100), ("DISABLED", .done, 100), ("UNKNOWN", .done, 100),
        ("PROTECTED", .failed, 90),
    ])
    func theFleetDecidesWhenTheStackIsComplete(fleet: String, state: Item.State, percent: Int) throws {
        var reading = try ClusterReading.recorded("09")
        reading.fleet = nil
        reading.description?.computeFleetStatus = fleet
        let item = item(reading)
        #expect(item.state == state)
        #expect(item.progress?.percent == percent)
        let isSkipped = ["STOPPED", "DISABLED", "UNKNOWN"].contains(fleet)
        #expect((item.phases.last?.state == .skipped) == isSkipped)
    }

    @Test func aFleetThatIsStartedAgainDaysLaterIsNotOverdue() throws {
        var reading = try ClusterReading.recorded("12")
        let later = try #require(reading.stack.events.last?.at) + 604_800
        reading.readAt = later
        reading.description?.computeFleetStatus = "STARTING"
        reading.fleet?.lastStatusUpdatedTime = WireTime.text(later - 60)
        let item = rules.item(reading, runs: [], now: later)
        #expect(item.state == .running && item.attention(at: later, source: nil) == nil)
        #expect(item.currentPhase?.elapsed(at: later) == 60)
    }

    @Test func afterARollbackOnlyTheCauseHasFailed() throws {
        var reading = try ClusterReading.recorded("x-failed")
        let start = try #require(reading.stack.events.last?.at)
        reading.stack.take(
            [
                .event("Other", "DELETE_COMPLETE", start + 5),
                .event("Other", "CREATE_FAILED", start, reason: "Resource creation cancelled"),
                .event("Other", "CREATE_IN_PROGRESS", start - 5),
                .event("HeadNodeWaitCondition", "DELETE_COMPLETE", start + 5),
                .stack("ROLLBACK_IN_PROGRESS", start + 1),
            ].sorted { ($0.timestamp ?? "") > ($1.timestamp ?? "") })
        let active = try detail(item(reading)).active
        #expect(active.map(\.logicalID) == ["HeadNodeWaitCondition"])
        #expect(active.first?.status == "CREATE_FAILED" && active.first?.reason?.contains("chef") == true)
    }

    @Test func anUpdateIsNoOutage() throws {
        var reading = try ClusterReading.recorded("12")
        let end = try #require(reading.stack.events.last?.at)
        var event = WireStackEvent.stack("UPDATE_IN_PROGRESS", end + 60)
        (event.logicalResourceId, event.stackName) = ("alpha", "alpha")
        reading.stack.take([event])
        reading.description?.cloudFormationStackStatus = "UPDATE_IN_PROGRESS"
        reading.description?.clusterStatus = "UPDATE_IN_PROGRESS"
        let words = try detail(item(reading)).components.map(\.word)
        #expect(words == ["READY", "ACTIVE", "RUNNING"])
    }

    @Test func reasonsHideWhatAddressesCarry() {
        var stack = StackHistory()
        stack.take([
            .event(
                "A", "CREATE_FAILED", ManualTime.start,
                reason: "cannot get https://b.s3.amazonaws.com/x?X-Amz-Signature=s3cret")
        ])
        #expect(stack.events.first?.reason == "cannot get https://b.s3.amazonaws.com/x?…")
    }

    @Test func aFleetThatWasStartedLaterTeachesNothingAboutCreations() throws {
        var reading = try ClusterReading.recorded("12")
        #expect(Run(item: item(reading))?.phases.contains { $0.name == "compute fleet" } == true)
        let complete = try #require(reading.stack.events.last?.at)
        reading.fleet?.lastStatusUpdatedTime = WireTime.text(complete + 86_400)
        let item = item(reading)
        #expect(item.phases.last?.state == .done && item.state == .done && item.endedAt == complete)
        #expect(Run(item: item)?.phases.contains { $0.name == "compute fleet" } == false)
    }

    @Test func theWaitConditionAgesTowardsItsLimit() throws {
        let reading = try ClusterReading.recorded("05")
        let young = try #require(try detail(item(reading)).wait)
        #expect(young.state == .running && young.limit == 2100 && young.logicalID == "HeadNodeWaitCondition")
        let late = item(reading, after: 2101)
        #expect(late.attention(at: reading.stack.events.last!.at + 2101, source: nil)?.reason == .overdue)
    }

    @Test func aResourceThatTakesThreeTimesItsUsualTimeIsStuck() throws {
        let reading = try ClusterReading.recorded("01")
        let fresh = try detail(item(reading, after: 60)).active.first { $0.logicalID == "RoleHeadNode" }
        #expect(fresh?.isStuck == false && fresh?.usual == 60)
        let item = item(reading, after: 200)
        #expect(try detail(item).active.contains { $0.logicalID == "RoleHeadNode" && $0.isStuck })
        #expect(item.diagnosis?.cause.contains("RoleHeadNode") == true)
    }

    @Test func theExpectedNumberIsLearnedFromTheSameConfiguration() throws {
        let reading = try ClusterReading.recorded("05")
        #expect(item(reading).progress?.total == ResourceKinds.typicalCount)
        let profile = try #require(ClusterRules.profile(reading))
        let run = Run(
            item: ItemID(text: "cluster/us-east-1/old"), kind: .cluster, name: "old", source: SourceID("us-east-1"),
            profile: profile, startedAt: ManualTime.start, endedAt: ManualTime.start + 700, outcome: .done,
            word: "CREATE_COMPLETE",
            phases: [PhaseDuration(name: "head node bootstrap", seconds: 240, outcome: .done)],
            parts: [
                RunPart(name: "head node", seconds: 300, count: 20), RunPart(name: "other", seconds: 90, count: 41),
            ])
        let item = item(reading, runs: [run])
        #expect(item.progress?.total == 61)
        #expect(try detail(item).expectedFrom == "history")
    }

    @Test func propertiesGiveInstanceTypesAndNothingElse() {
        let properties = StackProperties(
            #"{"Timeout":"2400","LaunchTemplateData":{"InstanceType":"c5.2xlarge","UserData":"s3cret"}}"#)
        #expect(properties.instanceTypes == ["c5.2xlarge"] && properties.waitLimit == 2400)
        #expect(StackProperties("{\"InstanceType\": ").instanceTypes.isEmpty)
        #expect(StackProperties(String(repeating: "[", count: 100_000) + "InstanceType").instanceTypes.isEmpty)
    }

    @Test func eventsMayComeTwiceAndInAnyOrder() throws {
        let whole = try ClusterReading.recorded("12").stack
        var mixed = StackHistory()
        struct Events: Decodable { var events: [WireStackEvent] }
        let text = try Fixtures.text("pcluster/timeline/12-stack-events.json")
        let events = try JSONDecoder().decode(Events.self, from: Data(text.utf8)).events
        mixed.take(Array(events.prefix(10)))
        mixed.take(events)
        mixed.take(events)
        #expect(mixed.events.map(\.id).sorted() == whole.events.map(\.id).sorted())
        #expect(StackOperation(mixed)?.resources.count == StackOperation(whole)?.resources.count)
    }
}

extension WireStackEvent {
    static func event(_ id: String, _ status: String, _ at: Date, reason: String? = nil) -> WireStackEvent {
        make(id, "AWS::EC2::Thing", status, at, reason)
    }

    static func stack(_ status: String, _ at: Date, reason: String? = nil) -> WireStackEvent {
        make("gamma", "AWS::CloudFormation::Stack", status, at, reason)
    }

    private static func make(
        _ id: String, _ type: String, _ status: String, _ at: Date, _ reason: String?
    ) -> WireStackEvent {
        var event = WireStackEvent()
        event.eventId = "\(id) \(status) \(at.timeIntervalSince1970)"
        (event.logicalResourceId, event.resourceType, event.resourceStatus) = (id, type, status)
        (event.resourceStatusReason, event.stackName, event.timestamp) = (reason, "gamma", WireTime.text(at))
        return event
    }
}
