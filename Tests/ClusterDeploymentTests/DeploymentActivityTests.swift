import Fleet
import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// What is going on with a deployment after it was Ready: none of it is a creation that takes days.
@Suite struct DeploymentActivityTests {
    private let rules = DeploymentRules(source: SourceID("mgmt"), context: "mgmt")
    private let day: Double = 86_400

    private func item(_ reading: DeploymentReading, at seconds: Double) -> Item {
        rules.item(reading, runs: [], now: Sample.at(seconds))
    }

    private func ready(at seconds: Double) -> [KubeCondition] {
        Sample.prerequisites + [
            Sample.installed, Sample.healthy, Sample.ready("True", "Succeeded", "Object is ready", at: seconds),
        ]
    }

    private func scaling(since seconds: Double) -> [KubeCondition] {
        Sample.prerequisites + [
            Sample.installed, Sample.summary(Sample.workers, at: seconds), Sample.ready("False", at: seconds),
        ]
    }

    @Test func aChangeBeginsWhenItStopsBeingReadyAndEndsWhenItIsReadyAgain() throws {
        var reading = Sample.reading(upTo: .ready)
        reading.take(Sample.wire(scaling(since: 10 * day), generation: 2), now: Sample.at(10 * day + 2))
        var item = item(reading, at: 10 * day + 60)
        #expect(item.state == .running && item.word == "Scaling" && item.startedAt == Sample.at(10 * day))
        #expect(item.phases.map(\.name) == ["Update"] && item.progress == nil && item.limit == 3600)
        #expect(item.profile == "azure-standalone-cp update")
        #expect(item.attention(at: Sample.at(10 * day + 60), source: nil) == nil)
        reading.take(Sample.wire(ready(at: 10 * day + 300), generation: 2), now: Sample.at(10 * day + 301))
        item = self.item(reading, at: 10 * day + 400)
        let run = try #require(Run(item: item))
        #expect(run.seconds == 300 && run.phases.map(\.name) == ["Update"] && item.progress?.percent == 100)
        // And once more.
        reading.take(Sample.wire(scaling(since: 20 * day)), now: Sample.at(20 * day))
        #expect(self.item(reading, at: 20 * day).startedAt == Sample.at(20 * day))
    }

    @Test func aSpecThatChangedIsAChangeFromWhenItWasSeen() {
        var reading = Sample.reading(upTo: .ready)
        var wire = Sample.wire(ready(at: 440), generation: 2)
        wire.observedGeneration = 1
        reading.take(wire, now: Sample.at(5 * day))
        var item = item(reading, at: 5 * day)
        #expect(
            item.word == "Initializing" && item.startedAt == Sample.at(5 * day) && item.phases.map(\.name) == ["Update"]
        )
        // The same at the first look.
        item = self.item(DeploymentReading(wire: wire, now: Sample.at(6 * day)), at: 6 * day)
        #expect(item.startedAt == Sample.at(6 * day) && item.state == .running)
    }

    @Test func aFirstLookLongAfterTheCreationTellsAChangeByItsTransition() {
        let changed = DeploymentReading(wire: Sample.wire(scaling(since: 30 * day)), now: Sample.at(30 * day + 100))
        #expect(item(changed, at: 30 * day + 100).startedAt == Sample.at(30 * day))
        let broken = Sample.condition("CredentialReady", "False", "Failed", "expired", at: 30 * day)
        let failed = DeploymentReading(
            wire: Sample.wire([broken, Sample.ready("False", "Failed", "expired", at: 30 * day)]),
            now: Sample.at(31 * day))
        let item = item(failed, at: 31 * day)
        #expect(item.state == .failed && item.progress == nil && item.endedAt == Sample.at(30 * day))
    }

    @Test func howLongACreationTookIsNotMadeUp() {
        let reading = DeploymentReading(wire: Sample.wire(ready(at: 30 * day)), now: Sample.at(31 * day))
        let item = item(reading, at: 31 * day)
        #expect(item.state == .done && item.startedAt == nil && item.endedAt == Sample.at(30 * day))
        #expect(item.phases.isEmpty && Run(item: item) == nil)
    }

    @Test func aLongCreationThatWasWatchedStaysOne() {
        var reading = DeploymentReading(wire: Sample.wire([]), now: Sample.at(0))
        reading.take(Sample.wire(scaling(since: 4000)), now: Sample.at(4001))
        #expect(item(reading, at: 4001).startedAt == Sample.at(0))
        #expect(item(reading, at: 4001).attention(at: Sample.at(4001), source: nil)?.reason == .overdue)
        reading.take(Sample.wire(ready(at: 8000)), now: Sample.at(8001))
        #expect(item(reading, at: 8100).elapsed(at: Sample.at(8100)) == 8000)
    }

    @Test func aReadyThatIsTakenBackAtOnceWasNone() {
        var reading = Sample.reading(upTo: .scaling)
        reading.take(Sample.wire(ready(at: 380)), now: Sample.at(381))
        let fresh = item(reading, at: 381)
        #expect(fresh.word == "Ready" && fresh.state == .running && fresh.endedAt == nil, "no run has ended yet")
        #expect(fresh.progress?.percent == 95, "percent could not fall again")
        #expect(item(reading, at: 411).state == .done && item(reading, at: 411).progress?.percent == 100)
        reading.take(Sample.wire(Sample.moments[4].conditions), now: Sample.at(395))
        let item = item(reading, at: 395)
        #expect(item.word == "Installing" && item.startedAt == Sample.at(0) && item.progress?.percent == 90)
        #expect(item.phases.count == 5)
    }

    @Test func aDeletionIsItsOwnRunAndKeepsThePercent() {
        var reading = Sample.reading(upTo: .provisioning)
        reading.take(
            Sample.wire(
                [Sample.condition("Deleting", "True", "WaitingForClusterDeletion", at: 121)], deletedAt: 120),
            now: Sample.at(122))
        var item = item(reading, at: 150)
        #expect(item.word == "Deleting" && item.state == .running && item.startedAt == Sample.at(120))
        #expect(item.progress?.percent == 25 && item.limit == nil && item.phases.map(\.name) == ["Deletion"])
        #expect(item.evidence.patience == 900 && item.profile == "azure-standalone-cp deletion")
        var old = Sample.reading(upTo: .ready)
        old.take(Sample.wire(ready(at: 440), deletedAt: 9 * day), now: Sample.at(9 * day))
        item = self.item(old, at: 9 * day)
        #expect(item.progress == nil && item.startedAt == Sample.at(9 * day) && item.endedAt == nil)
        #expect(item.diagnosis == nil)
    }

    @Test func whatWasOnlyCheckedForDaysBeginsWhenItIsBuilt() {
        let checked = Sample.prerequisites + [Sample.ready("True", "Succeeded", at: 3)]
        var reading = DeploymentReading(wire: Sample.wire(checked, isDryRun: true), now: Sample.at(10))
        reading.note(now: Sample.at(60))
        #expect(item(reading, at: 60).word == "Dry run")
        var wire = Sample.wire(checked, generation: 2)
        wire.observedGeneration = 1
        reading.take(wire, now: Sample.at(3 * day))
        var item = item(reading, at: 3 * day + 1)
        #expect(item.word == "Initializing" && item.startedAt == Sample.at(3 * day) && item.phases.count == 5)
        #expect(item.progress?.percent == 5)
        // Its end was seen late: the cluster's age tells it better.
        let late =
            Sample.prerequisites + [
                Sample.installed, Sample.summary(Sample.workers, at: 3 * day + 8),
                Sample.ready("False", at: 3 * day + 8),
            ]
        reading = DeploymentReading(wire: Sample.wire(checked, isDryRun: true), now: Sample.at(10))
        reading.take(Sample.wire(late, generation: 2), now: Sample.at(3 * day + 300))
        reading.tree.objects = [cluster(at: 3 * day + 6)]
        item = self.item(reading, at: 3 * day + 300)
        #expect(item.startedAt == Sample.at(3 * day + 6) && item.profile == "azure-standalone-cp")
        #expect(item.currentPhase?.name == "Scaling")
        // One that was made before the last look at the dry run, or after its end was seen, is another.
        for other in [5, 3 * day + 400] {
            reading.tree.objects = [cluster(at: other)]
            #expect(self.item(reading, at: 3 * day + 500).startedAt == Sample.at(3 * day + 300))
        }
    }

    private func cluster(at seconds: Double) -> DeploymentDetail.ClusterObject {
        DeploymentDetail.ClusterObject(
            kind: "Cluster", name: "demo", depth: 0, word: "Provisioned", state: .done, createdAt: Sample.at(seconds))
    }

    /// The cluster of the next life is told before the deployment's own end.
    @Test func aClusterOfAnotherLifeMovesNoStart() {
        var reading = Sample.reading(upTo: .ready)
        reading.tree.objects = [cluster(at: 3 * day)]
        let old = item(reading, at: 3 * day)
        #expect(old.startedAt == Sample.at(0) && old.elapsed(at: Sample.at(3 * day)) == 440)
        let conditions = [
            Sample.summary(Sample.infrastructure, at: 3 * day + 8), Sample.ready("False", at: 3 * day + 8),
        ]
        reading.take(Sample.wire(conditions, uid: "other", createdAt: 3 * day - 1), now: Sample.at(3 * day + 9))
        let new = item(reading, at: 3 * day + 9).following(old)
        #expect(new.startedAt == Sample.at(3 * day - 1) && new.progress?.percent == 25 && new.progress?.done == 1)
    }

    /// Withdrawn after ten seconds, but both were told a minute later.
    @Test func aReadyThatIsReadLateAndWithdrawnLeavesNoPercent() {
        var reading = Sample.reading(upTo: .installing)
        reading.take(Sample.wire(ready(at: 440)), now: Sample.at(500))
        reading.take(
            Sample.wire(
                Sample.prerequisites + [
                    Sample.installed, Sample.healthy, Sample.services("0/1", at: 450), Sample.ready("False", at: 450),
                ]), now: Sample.at(501))
        let item = item(reading, at: 501)
        #expect(item.word == "Installing" && item.startedAt == Sample.at(0) && item.progress?.percent == 90)
        #expect(reading.memory.percent == 90)
    }

    @Test func aNameThatIsUsedAgainBeginsAnew() {
        var reading = Sample.reading(upTo: .ready)
        reading.suppressed = 150
        reading.take(Sample.wire([], uid: "other"), now: Sample.at(day))
        #expect(reading.suppressed == 0 && reading.memory.readySince == nil && reading.memory.percent == 5)
        #expect(item(reading, at: day).word == "Initializing")
    }
}
