import Fleet
import Foundation
import TestSupport
import Testing

@testable import ClusterDeployment

private typealias Sample = EventSamples

/// What of an event is kept, whatever its shape.
@Suite struct WireEventTests {
    private func decode(_ text: String) throws -> WireEvent {
        try JSONDecoder().decode(WireEvent.self, from: Data(text.utf8))
    }

    @Test func theNewestOfItsTimesAndTheLargestCountAreKept() throws {
        let event = try decode(
            """
            {"metadata": {"name": "a.1", "namespace": "n", "uid": "u", "creationTimestamp": "2025-11-09T09:00:00Z",
              "labels": {"a": "b"}, "annotations": {"c": "d"}, "managedFields": [1]},
             "involvedObject": {"kind": "Machine", "name": "demo-md-x"}, "reason": "NodeJoined", "message": "a\\u001b[31mb",
             "type": "Normal", "count": 2, "series": {"count": 7, "lastObservedTime": "2025-11-09T09:46:09.123456Z"},
             "firstTimestamp": "2025-11-09T09:46:00Z", "lastTimestamp": "2025-11-09T09:46:05Z", "eventTime": null}
            """)
        #expect(event.at == WireTime.date("2025-11-09T09:46:09.123456Z"))
        #expect(event.count == 7)
        #expect(event.namespace == "n")
        #expect(event.object.text == "Machine demo-md-x")
        #expect(event.message == "a\u{FFFD}[31mb")
        #expect(event.metadata.labels.isEmpty && event.metadata.annotations.isEmpty)
    }

    @Test func whatCannotBeReadIsLeftOut() throws {
        let event = try decode(
            #"{"metadata": {"name": "a", "creationTimestamp": "2025-11-09T09:00:00Z"}, "involvedObject": "x", "reason": 5,"#
                + #" "count": -3, "series": [], "firstTimestamp": "soon", "message": ["m"]}"#)
        #expect(event.at == WireTime.date("2025-11-09T09:00:00Z"))
        #expect(event.count == 1)
        #expect(event.reason.isEmpty && event.message.isEmpty && event.object.text.isEmpty)
        #expect(try decode(#"{"metadata": {"name": "a"}}"#).at == nil)
        #expect(throws: DecodingError.self) { try decode(#"{"reason": "NodeJoined"}"#) }
    }

    @Test func longTextsAreCut() throws {
        let long = String(repeating: "x", count: 100_000)
        let event = try decode(
            #"{"metadata": {"name": "a"}, "reason": "\#(long)", "message": "\#(long)", "count": 9000000000}"#)
        #expect(event.message.count == 401)
        #expect(event.reason.count == 129)
        #expect(event.count == 1_000_000)
    }

    @Test func recordedEventsAreRead() throws {
        struct Frame: Decodable { var object: WireEvent }
        let page = try JSONDecoder().decode(
            Sample.List.self, from: Data(try Fixtures.text("kubernetes/get-events-10.json").utf8))
        #expect(page.items.count == 10)
        #expect(page.items.first?.message == "control plane machine dev-0-cp-0 is ready")
        let frames = try Fixtures.text("kubernetes/watch-events-live.json").split(separator: "\n").map {
            try JSONDecoder().decode(Frame.self, from: Data($0.utf8)).object
        }
        #expect(frames.first?.count == 41)
        #expect(frames.first?.at == WireTime.date("2026-11-20T22:23:33Z"))
        #expect(frames.allSatisfy { $0.namespace == "kcm-system" && !$0.object.name.isEmpty })
    }
}

/// Whose event it is.
@Suite struct EventScopeTests {
    private let scope = EventScope(
        ["demo", "demo2", "my-demo", "demo-2"].map { DeploymentKey(namespace: "kcm-system", name: $0) })

    @Test(
        arguments: [
            ("demo", "demo"), ("demo-md-x", "demo"), ("demo-", "demo"), ("demo-20-md", "demo"), ("demo-2x", "demo"),
            ("demo2", "demo2"), ("demo2-cp-0", "demo2"), ("demo2x", nil), ("demo22-cp", nil), ("my-demo", "my-demo"),
            ("my-demo-cp-0", "my-demo"), ("my-demo-2-x", "my-demo"), ("my-demo2", nil), ("my", nil),
            ("demo-2", "demo-2"),
            ("demo-2-md-x", "demo-2"), ("demo-2-", "demo-2"), ("Demo-md", nil), ("x-demo", nil), ("", nil), ("-", nil),
        ] as [(String, String?)])
    func everyNameHasItsOwner(name: String, owner: String?) {
        #expect(scope.owner(of: Sample.event("NodeJoined", "Machine", name))?.name == owner)
    }

    @Test func aDeploymentIsNeverPartOfAnother() {
        #expect(scope.owner(of: Sample.event("HelmReleaseCreated", "ClusterDeployment", "demo-3")) == nil)
        #expect(scope.owner(kind: "Machine", name: "demo-md", namespace: "other") == nil)
    }

    @Test func withoutTheSiblingItsObjectsFallToTheShorterName() {
        var scope = scope
        let sibling = DeploymentKey(namespace: "kcm-system", name: "demo-2")
        scope.remove(sibling)
        #expect(!scope.contains(sibling))
        #expect(scope.owner(of: Sample.event("NodeJoined", "Machine", "demo-2-md-x"))?.name == "demo")
        for name in ["demo", "demo2", "my-demo"] { scope.remove(DeploymentKey(namespace: "kcm-system", name: name)) }
        #expect(scope.owner(of: Sample.event("NodeJoined", "Machine", "demo")) == nil)
    }

    @Test func namesBeyondAllReasonAreNotKept() {
        let keys = (0..<EventScope.limit + 5).map { DeploymentKey(namespace: "n", name: "d\($0)") }
        var scope = EventScope(keys)
        #expect(scope.contains(keys[EventScope.limit - 1]) && !scope.contains(keys[EventScope.limit]))
        scope.remove(keys[0])
        scope.remove(keys[0])
        scope.insert(keys[EventScope.limit])
        #expect(scope.contains(keys[EventScope.limit]))
        scope.insert(keys[0])
        #expect(!scope.contains(keys[0]))
    }

    /// 5,000 deployments and an event with the longest name that exists: the cost is that of its hyphens.
    @Test func aQuestionCostsTheSameWithThousandsOfDeployments() {
        let many = EventScope((0..<5000).map { DeploymentKey(namespace: "kcm-system", name: "dev-\($0)") })
        #expect(many.owner(kind: "Machine", name: "dev-4711-md-0", namespace: "kcm-system")?.name == "dev-4711")
        let longest = String(repeating: "-", count: 253)
        for _ in 0..<2000 { #expect(many.owner(kind: "Machine", name: longest, namespace: "kcm-system") == nil) }
    }

    @Test func noSecretIsKept() throws {
        let text = #"Get "https://bot:hunter2@charts.example/index.yaml?X-Amz-Signature=abc": EOF"#
        let shown = #"Get "https://…@charts.example/index.yaml?…"#
        let quoted = text.replacing("\"", with: "\\\"")
        let event = try JSONDecoder().decode(
            WireEvent.self, from: Data(#"{"metadata":{"name":"e"},"message":"\#(quoted)"}"#.utf8))
        #expect(event.message.hasPrefix(shown))
        let wire = try DeploymentSamples.decode(
            #"""
            {"metadata":{"name":"demo"},"status":{"phase":"Failed","message":"\#(quoted)","conditions":[
            {"type":"HelmReleaseReady","status":"False","message":"\#(quoted)"},
            {"type":"CAPIClusterSummary","status":"False","message":"* InfrastructureReady: a\n* WorkersAvailable: \#(quoted)"}],
            "services":[{"name":"dns","state":"Failed","failureMessage":"\#(quoted)"}]}}
            """#)
        let texts =
            wire.conditions.map(\.message) + [wire.flatMessage, wire.services?.first?.failureMessage].map { $0 ?? "" }
        #expect(texts.count == 4)
        for text in texts { #expect(text.contains(shown) && !text.contains("hunter2")) }
        #expect(
            wire.conditions.last?.message.hasPrefix("* InfrastructureReady: a\n* Workers") == true, "lines stay lines")
    }
}
