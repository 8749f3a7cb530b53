import Fleet
import Foundation
import Testing

@testable import ClusterCreation

/// What is said of failed stacks.
@Suite struct DiagnosisFailureTests {
    struct Reason: Decodable, Sendable {
        var code: String
        var reason: String
    }

    struct Failed: Decodable, Sendable {
        var hint: String
        var type: String
        var status: String
        var reason: String
        var nearMisses: [Failed]?
    }

    static let reasons: [Reason] = (try? DiagnosisFixtures.decode("failure-reasons.json")) ?? []
    static let failed: [Failed] = (try? DiagnosisFixtures.decode("resource-failures.json")) ?? []

    /// wire-formats 2.5.
    static let codes: Set<String> = [
        "AmiVersionMismatch", "InvalidAmi", "OnNodeStartDownloadFailure", "OnNodeStartExecutionFailure",
        "OnNodeStartFailure", "OnNodeConfiguredDownloadFailure", "OnNodeConfiguredExecutionFailure",
        "OnNodeConfiguredFailure", "EbsMountFailure", "EfsMountFailure", "FsxMountFailure", "RaidMountFailure",
        "HeadNodeBootstrapFailure", "ResourceCreationFailure", "StaticNodeBootstrapFailure", "ClusterCreationFailure",
    ]
    static let start = WireTime.date("2026-11-20T22:00:00Z") ?? .distantPast
    static let now = WireTime.date("2026-11-20T22:40:00Z") ?? .distantPast

    /// A stack of which one resource has failed.
    static func reading(
        _ stack: String, operation: String = "CREATE", id: String = "Thing", type: String, status: String,
        reason: String?
    ) -> ClusterReading {
        var reading = ClusterReading(name: "demo", region: "us-west-2", readAt: now)
        reading.description = WireCluster(
            clusterName: "demo", version: "3.14.0", clusterStatus: "CREATE_FAILED", cloudFormationStackStatus: stack)
        func event(_ id: String, _ type: String, _ status: String, _ after: Double, _ reason: String?) -> WireStackEvent
        {
            WireStackEvent(
                eventId: "\(id)\(status)", logicalResourceId: id, resourceType: type, resourceStatus: status,
                resourceStatusReason: reason, stackName: "demo",
                timestamp: WireTime.text(start.addingTimeInterval(after)))
        }
        reading.stack.take([
            event("demo", "AWS::CloudFormation::Stack", stack, 1900, nil),
            event("Other", "AWS::IAM::Role", "\(operation)_FAILED", 1830, "Resource creation cancelled"),
            event(id, type, status, 1800, reason),
            event(id, type, "\(operation)_IN_PROGRESS", 60, nil),
            event("demo", "AWS::CloudFormation::Stack", "\(operation)_IN_PROGRESS", 0, "User Initiated"),
        ])
        return reading
    }

    static func said(_ reading: ClusterReading) -> Diagnosis {
        FailureDiagnosis.diagnosis(reading, rootCause: nil, now: now)
    }

    @Test func everyFailureCodeIsInTheRegisterAndInTheFixture() throws {
        let register = try #require(FailureCodes.shared)
        #expect(Set(register.codes.map(\.code)) == Self.codes)
        #expect(Set(register.reasons.map(\.code) + [register.otherwise]) == Self.codes)
        #expect(Set(Self.reasons.map(\.code)) == Self.codes)
        for code in Self.codes { #expect(register.entry(code, texts: []) != nil, "\(code)") }
    }

    @Test(arguments: reasons) func theCodeIsKnownFromTheEvent(_ example: Reason) throws {
        #expect(FailureDiagnosis.code(forReason: example.reason) == example.code)
        let reading = Self.reading(
            "CREATE_FAILED", id: "HeadNodeWaitCondition20261120220000", type: "AWS::CloudFormation::WaitCondition",
            status: "CREATE_FAILED", reason: example.reason)
        let said = Self.said(reading)
        #expect(said.signs.contains("failure code \(example.code), by the event's reason"))
        let register = try #require(FailureCodes.shared)
        let entry = try #require(register.entry(example.code, texts: [example.reason]))
        var values = DiagnosisValues()
        values["version"] = "3.14.0"
        #expect(said.cause == values.sentence(entry.cause))
    }

    @Test func anEmptyReasonHasNoCode() {
        #expect(FailureDiagnosis.code(forReason: "") == nil)
        #expect(FailureDiagnosis.code(forReason: " \n") == nil)
    }

    @Test func oneCodeIsToldByWhatWasSaid() {
        let texts = [
            "WaitCondition timed out. Received 0 conditions when expecting 1", "Failed to run chef recipe x",
            "Failed to bootstrap the head node.",
        ]
        let causes = texts.map { text in
            Self.said(
                Self.reading(
                    "CREATE_FAILED", id: "HeadNodeWaitCondition1", type: "AWS::CloudFormation::WaitCondition",
                    status: "CREATE_FAILED", reason: text)
            ).cause
        }
        #expect(Set(causes).count == 3)
        #expect(causes[0].contains("did not signal in time"))
    }

    @Test func everyHintHasAFixtureAndANearMiss() throws {
        let register = try #require(ResourceHints.shared)
        let ids = register.reasons.map(\.id) + register.resources.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(Set(ids) == Set(Self.failed.map(\.hint)))
        #expect(Self.failed.allSatisfy { $0.nearMisses?.isEmpty == false })
    }

    @Test(arguments: failed) func aFailedResourceIsExplained(_ example: Failed) throws {
        let register = try #require(ResourceHints.shared)
        for entry in [example] + (example.nearMisses ?? []) {
            let operation = entry.status.hasPrefix("DELETE") ? "DELETE" : "CREATE"
            let reading = Self.reading(
                "\(operation)_FAILED", operation: operation, type: entry.type, status: entry.status,
                reason: entry.reason)
            let root = try #require(StackOperation(reading.stack)?.rootCause)
            #expect(register.hint(root)?.id == entry.hint, "\(entry.reason)")
            #expect(entry.hint != example.hint || entry.reason == example.reason)
            let said = Self.said(reading)
            #expect(said.cause.hasSuffix(".") && said.cause != ".")
            #expect(said.signs.contains { $0.hasPrefix("Thing \(entry.status): ") })
            #expect(!said.next.isEmpty)
            for text in [said.cause] + said.signs + said.next {
                #expect(!text.contains("RequestToken"))
                #expect(DiagnosisValues.names(in: text).isEmpty, "not filled: \(text)")
            }
        }
    }

    @Test func theRecordedFailureIsExplained() throws {
        struct Page: Decodable { var events: [WireStackEvent] }
        var reading = ClusterReading(name: "gamma", region: "us-east-1", readAt: Self.now)
        reading.description = try DiagnosisFixtures.decode("../pcluster/describe-cluster-failed.json")
        reading.stack.take(try DiagnosisFixtures.decode("../pcluster/stack-events-failed.json", as: Page.self).events)
        let said = Self.said(reading)
        #expect(said.cause == "A chef recipe failed while the head node was set up.")
        #expect(said.signs.first == "failure code HeadNodeBootstrapFailure: Failed to set up the head node.")
        #expect(
            said.signs.contains { $0.hasPrefix("HeadNodeWaitCondition CREATE_FAILED: WaitCondition received failed") })
        #expect(said.signs.contains { $0.hasPrefix("failed ") && $0.hasSuffix("after 20s") })
        #expect(
            said.next.contains(
                "pcluster delete-cluster -n gamma -r us-east-1  # deletes the cluster and the storage it made"))
    }

    @Test func aTimeOutIsExplainedByTheLogsThatAreLeft() {
        var reading = Self.reading(
            "CREATE_FAILED", id: "HeadNodeWaitCondition1", type: "AWS::CloudFormation::WaitCondition",
            status: "CREATE_FAILED", reason: "WaitCondition timed out. Received 0 conditions when expecting 1")
        let line = "[2026-11-20T22:29:55+00:00] INFO: Waiting for static fleet capacity provisioning"
        reading.logs = .streams([
            ClusterReading.Stream(log: "chef-client", name: "ip-10-0-0-12.i-0aa.chef-client", lines: [line])
        ])
        let said = Self.said(reading)
        #expect(
            said.cause == "The head node was ready, but static compute nodes did not come before the time was over.")
        #expect(said.signs.first == "for: chef-client: INFO: Waiting for static fleet capacity provisioning")
        #expect(said.signs.contains("failure code HeadNodeBootstrapFailure, by the event's reason"))
        reading.logs = .streams([])
        reading.description?.headNode = WireCluster.HeadNode(
            instanceId: "i-0aa", launchTime: WireTime.text(Self.start), state: "running")
        #expect(Self.said(reading).cause == "The head node likely had no route to AWS: it never sent a log line.")
    }

    @Test func theRollbackIsNotTakenForTheCause() {
        // A rollback terminates the head node; that it is gone explains nothing.
        let reading = Self.reading(
            "ROLLBACK_COMPLETE", id: "HeadNodeWaitCondition1", type: "AWS::CloudFormation::WaitCondition",
            status: "CREATE_FAILED", reason: "WaitCondition timed out. Received 0 conditions when expecting 1")
        let said = Self.said(reading)
        #expect(said.cause.contains("did not signal in time"))
        #expect(said.signs.contains { $0.hasPrefix("ROLLBACK_COMPLETE: CloudFormation has taken back") })
        #expect(said.next.last?.hasPrefix("pcluster delete-cluster -n demo -r us-west-2  # deletes") == true)
    }

    @Test(arguments: [
        "CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED",
        "UPDATE_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    ]) func everyFailedStateAsksForSomething(stack: String) {
        let operation = stack.hasPrefix("UPDATE") ? "UPDATE" : stack.hasPrefix("DELETE") ? "DELETE" : "CREATE"
        let reading = Self.reading(
            stack, operation: operation, type: "AWS::EC2::SecurityGroup", status: "\(operation)_FAILED",
            reason: "It did not want to.")
        let said = Self.said(reading)
        #expect(said.cause == "Thing (AWS::EC2::SecurityGroup) could not be \(operation.lowercased())d.")
        #expect(said.signs.contains { $0.hasPrefix("\(stack): ") })
        #expect(said.next.count >= 2)
    }

    @Test func aFailedDeletionNamesWhatStays() {
        let reading = Self.reading(
            "DELETE_FAILED", operation: "DELETE", type: "AWS::EC2::SecurityGroup", status: "DELETE_FAILED",
            reason: "resource sg-0 has a dependent object")
        let command =
            "aws cloudformation delete-stack --stack-name demo --region us-west-2 --retain-resources Thing Other"
            + "  # deletes the stack, and leaves these resources behind"
        #expect(Self.said(reading).next.contains(command))
    }

    @Test func aFailureOfWhichNothingIsKnownIsStillToldHonestly() {
        var reading = ClusterReading(name: "demo", region: "us-west-2", readAt: Self.now)
        let blank = FailureDiagnosis.diagnosis(reading, rootCause: nil, now: Self.now)
        #expect(blank.cause == "The stack is UNKNOWN, and no event says why.")
        #expect(
            blank.next == [
                "pcluster get-cluster-stack-events -n demo -r us-west-2",
                "pcluster describe-cluster -n demo -r us-west-2",
            ])
        reading.description = WireCluster(
            clusterName: "demo", clusterStatus: "CREATE_FAILED", cloudFormationStackStatus: "CREATE_FAILED",
            failures: [WireCluster.Failure(failureCode: "BrandNewFailure", failureReason: "The moon is full.")])
        let new = FailureDiagnosis.diagnosis(reading, rootCause: nil, now: Self.now)
        #expect(new.signs.first == "failure code BrandNewFailure: The moon is full.")
        #expect(!new.cause.isEmpty && !new.next.isEmpty)
    }

    @Test func theStacksOwnReasonIsToldWhenNoResourceFailed() {
        var reading = ClusterReading(name: "demo", region: "us-west-2", readAt: Self.now)
        reading.stack.take([
            WireStackEvent(
                eventId: "2", logicalResourceId: "demo", resourceType: "AWS::CloudFormation::Stack",
                resourceStatus: "ROLLBACK_IN_PROGRESS",
                resourceStatusReason: "User cancelled it. Rollback requested by user.",
                stackName: "demo", timestamp: "2026-11-20T22:10:00Z"),
            WireStackEvent(
                eventId: "1", logicalResourceId: "demo", resourceType: "AWS::CloudFormation::Stack",
                resourceStatus: "CREATE_IN_PROGRESS", stackName: "demo", timestamp: "2026-11-20T22:00:00Z"),
        ])
        #expect(
            Self.said(reading).cause
                == "The stack is ROLLBACK_IN_PROGRESS: User cancelled it. Rollback requested by user.")
    }

    @Test func aProtectedFleetOfACompleteClusterHasItsOwnAdvice() {
        var reading = ClusterReading(name: "demo", region: "us-west-2", readAt: Self.now)
        reading.fleet = WireFleet(status: "PROTECTED")
        let said = FailureDiagnosis.protected(reading)
        #expect(said.cause.contains("protected mode"))
        #expect(
            said.next.last
                == "pcluster update-compute-fleet -n demo -r us-west-2 --status START_REQUESTED"
                + "  # starts the compute fleet"
        )
    }
}
