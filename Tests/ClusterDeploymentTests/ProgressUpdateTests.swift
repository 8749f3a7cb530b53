import Foundation
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// What a client of the k0rdent MCP server reads.
@Suite struct ProgressUpdateTests {
    private func json(_ update: ProgressUpdate) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(update), as: UTF8.self)
    }

    private static let service = WireService(
        name: "ingress", namespace: "ingress", template: "ingress-nginx-4-11-5", state: "Failed", type: "Helm",
        version: "4.11.5", failureMessage: "timed out", lastStateTransitionTime: Sample.at(380),
        conditions: [Sample.condition("Helm", "False", "Failed", "no space", at: 381)])

    @Test func aStateHasEveryField() throws {
        let wire = Sample.wire(
            [
                Sample.healthy, Sample.services("0/1"),
                Sample.ready("False", "Progressing", "0/1 Services are ready.", at: 379),
            ],
            services: [Self.service])
        let text = try json(MonitorView(wire, now: Sample.at(390)).state(Sample.at(390)))
        #expect(
            text == """
                {"conditions":[\
                {"lastTransitionTime":"2025-11-09T09:52:18.000Z","reason":"InfoReported","status":"True",\
                "type":"CAPIClusterSummary"},\
                {"lastTransitionTime":"2025-11-09T09:52:19.000Z","message":"0/1","reason":"Failed","status":"False",\
                "type":"ServicesInReadyState"},\
                {"lastTransitionTime":"2025-11-09T09:52:19.000Z","message":"0/1 Services are ready.",\
                "reason":"Progressing","status":"False","type":"Ready"}],\
                "message":"0/1 Services are ready.",\
                "metadata":{"createdAt":"2025-11-09T09:46:00.000Z","credentialRef":{"name":"azure-cred","namespace":"kcm-system"},\
                "name":"demo","namespace":"kcm-system","provider":"azure","region":"eastus",\
                "templateRef":{"name":"azure-standalone-cp-1-0-15","namespace":"kcm-system"}},\
                "phase":"Installing","progress":90,"reason":"Progressing",\
                "services":[{"conditions":[{"lastTransitionTime":"2025-11-09T09:52:21.000Z","message":"no space","reason":"Failed",\
                "status":"False","type":"Helm"}],\
                "failureMessage":"timed out","lastTransitionTime":"2025-11-09T09:52:20.000Z","name":"ingress","namespace":"ingress",\
                "state":"Failed","template":"ingress-nginx-4-11-5","type":"Helm","version":"4.11.5"}],\
                "severity":"warning","source":"condition","timestamp":"2025-11-09T09:52:30.000Z"}
                """)
    }

    @Test func anEventHasProgressMetadataAndItsObject() throws {
        var view = MonitorView(Sample.wire([]), now: Sample.at(0))
        let event = EventSamples.event("HelmReleaseCreated", "ClusterDeployment", at: 1)
        let told = view.take(event, now: Sample.at(1))
        let milestone = try #require(told)
        #expect(
            try json(view.event(milestone, of: event)) == """
                {"message":"Helm release created",\
                "metadata":{"createdAt":"2025-11-09T09:46:00.000Z","credentialRef":{"name":"azure-cred","namespace":"kcm-system"},\
                "name":"demo","namespace":"kcm-system","provider":"azure","region":"eastus",\
                "templateRef":{"name":"azure-standalone-cp-1-0-15","namespace":"kcm-system"}},\
                "phase":"Initializing","progress":5,"reason":"HelmReleaseCreated",\
                "relatedObject":{"kind":"ClusterDeployment","name":"demo","namespace":"kcm-system","uid":"58f0d0ec"},\
                "severity":"info","source":"event","timestamp":"2025-11-09T09:46:01.000Z"}
                """)
    }

    @Test func whatIsNotKnownIsEmptyAndMetadataStay() throws {
        let bare = WireDeployment(metadata: KubeMetadata(name: "x"), template: "")
        let update = ProgressUpdate(
            timestamp: Sample.at(0), phase: .unknown, source: .system, isTerminal: true,
            metadata: ProgressUpdate.Metadata(bare))
        #expect(
            try json(update) == """
                {"metadata":{"createdAt":"0001-01-01T00:00:00Z","credentialRef":{"name":""},"name":"x","namespace":"",\
                "provider":"","region":"","templateRef":{"name":""}},"phase":"Unknown","source":"system","terminal":true,\
                "timestamp":"2025-11-09T09:46:00.000Z"}
                """)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let wire = Sample.wire(
            [Sample.ready("True", "Succeeded", "Object is ready", at: 440)], services: [Self.service])
        var update = MonitorView(wire, now: Sample.at(600)).state(Sample.at(600))
        update.relatedObject = ProgressUpdate.RelatedObject(kind: "Machine", name: "a", namespace: "", uid: "")
        #expect(update.isTerminal && update.phase == .ready && update.progress == 100)
        #expect(try JSONDecoder().decode(ProgressUpdate.self, from: Data(json(update).utf8)) == update)
    }

    /// As the server of k0rdent sends it, with words and fields that are not known here.
    @Test func anUpdateOfTheOtherServerIsRead() throws {
        let text =
            #"{"timestamp": "2025-11-09T09:52:17.123456789Z", "phase": "Deleting", "extra": 1,"#
            + #" "metadata": {"createdAt": "0001-01-01T00:00:00Z"}}"#
        let update = try JSONDecoder().decode(ProgressUpdate.self, from: Data(text.utf8))
        #expect(update.phase == .unknown)
        #expect(update.metadata.createdAt == nil)
        #expect(update.timestamp.timeIntervalSince1970.rounded() == 1_762_681_937)
    }

    @Test(arguments: [(300, "5m0s"), (5, "5s"), (0, "0s"), (-4, "0s"), (3725, "1h2m5s"), (59.6, "1m0s")])
    func durationsAreThoseOfGo(seconds: Double, text: String) { #expect(GoDuration.text(seconds) == text) }
}
