import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing
import Upstream

/// Streams of changes, and what can become of them.
@Suite(.timeLimit(.minutes(5))) struct KubernetesWatchTests {
    private static let watch = KubernetesRig.deployments + "?watch=1"

    @Test func aWatchTellsWhatIsThereAndThenWhatChanges() async throws {
        let rig = try await KubernetesRig()
        let revision = try await rig.create("a", labels: ["tier": "gold"])
        let all = rig.watch(Self.watch)
        let gold = rig.watch(Self.watch + "&labelSelector=tier%3Dgold")
        #expect(await all.next() == "ADDED a")
        #expect(await gold.next() == "ADDED a")
        try await rig.create("b")
        _ = try await rig.patch(KubernetesRig.deployments + "/b", ["metadata": ["labels": ["tier": "gold"]]])
        _ = try await rig.patch(KubernetesRig.deployments + "/a", ["metadata": ["labels": ["tier": .null]]])
        try await rig.ask("DELETE", KubernetesRig.deployments + "/b")
        let told = ["ADDED b", "MODIFIED b", "MODIFIED a", "DELETED b"]
        #expect(await all.next(4) == told)
        // For a selector, what begins to match is new, and what ceases to match is gone.
        #expect(await gold.next(3) == ["ADDED b", "DELETED a", "DELETED b"])
        let resumed = rig.watch(Self.watch + "&resourceVersion=\(revision)")
        #expect(await resumed.next(4) == told)
        await rig.api.endStreams()
        #expect(await resumed.next() == nil)
        #expect(await resumed.problem == nil)
    }

    @Test func bookmarksComeEveryMinuteAndMarkTheEndOfTheBeginning() async throws {
        let rig = try await KubernetesRig()
        try await rig.create("a")
        let stream = rig.watch(
            Self.watch + "&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
        #expect(await stream.next() == "ADDED a")
        let end = try #require(await stream.nextFrame())
        #expect(end["type"] == "BOOKMARK")
        #expect(end.at("object", "metadata", "annotations") == ["k8s.io/initial-events-end": "true"])
        // Changes of other types move its revision on, so that it stays young.
        try await rig.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "other"]])
        await rig.time.untilAsleep()
        rig.time.advance(by: 60)
        let later = try #require(await stream.nextFrame())
        #expect(later["type"] == "BOOKMARK")
        #expect(later.at("object", "metadata", "annotations") == nil)
        let revision = try await rig.get(KubernetesRig.deployments).body.at("metadata", "resourceVersion")
        #expect(later.at("object", "metadata", "resourceVersion") == revision)
        let mistake = try await rig.get(Self.watch + "&sendInitialEvents=true")
        #expect(mistake.status == 422)
    }

    @Test func aWatchEndsProperlyWhenItsTimeIsOver() async throws {
        let rig = try await KubernetesRig()
        let stream = rig.watch(Self.watch + "&timeoutSeconds=30")
        await rig.time.untilAsleep()
        rig.time.advance(by: 30)
        #expect(await stream.next() == nil)
        #expect(try await stream.end.get().status == 200)
    }

    @Test func whatIsForgottenIsAnsweredWithGone() async throws {
        let rig = try await KubernetesRig(memory: 8)
        let revision = try await rig.create("a")
        let open = rig.watch(Self.watch + "&resourceVersion=\(revision)")
        await rig.untilStreams(1)
        await rig.api.forgetChanges()
        // Even from the newest revision that could be known.
        let newest = rig.watch(Self.watch + "&resourceVersion=\(revision)")
        #expect(await newest.nextFrame()?.at("object", "code") == 410)
        let late = rig.watch(Self.watch + "&resourceVersion=2")
        let error = try #require(await late.nextFrame())
        #expect(error["type"] == "ERROR")
        #expect(error.at("object", "code") == 410)
        #expect(error.at("object", "reason") == "Expired")
        #expect(error.at("object", "message")?.text?.hasPrefix("too old resource version: 2 (") == true)
        #expect(await late.next() == nil)
        let events = rig.watch("/api/v1/events?watch=1&resourceVersion=2")
        let words = await events.nextFrame()?.at("object", "message")
        #expect(words == "The resourceVersion for the provided watch is too old.")
        // A stream that had missed nothing goes on.
        try await rig.create("b")
        #expect(await open.next() == "ADDED b")
    }

    @Test func aReaderWhoIsTooSlowIsEnded() async throws {
        let rig = try await KubernetesRig(memory: 8)
        let revision = try await rig.create("a")
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let door = rig.api.door(user: "admin")
        let lines = Mutex(0)
        let task = Task {
            try await door.follow(
                HTTPQuestion(target: Self.watch + "&resourceVersion=\(revision)"), patience: 1e9, opened: {}
            ) { _ in
                lines.withLock { $0 += 1 }
                for await _ in gate { break }
            }
        }
        await rig.untilStreams(1)
        for number in 0..<40 { try await rig.create("b\(number)") }
        open.finish()
        #expect(try await task.value.status == 200)
        #expect(lines.withLock { $0 } < 40)
        #expect(await rig.api.streams == 0)
    }

    @Test(arguments: [
        (KubeFault.text(status: 502, "dial tcp: connection refused"), 502), (.unauthorized, 401),
        (.throttled(retryAfter: 1), 429),
    ])
    func faultsAreAnswers(fault: KubeFault, status: Int) async throws {
        let rig = try await KubernetesRig()
        await rig.api.set(fault: fault)
        #expect(try await rig.get(KubernetesRig.deployments).status == status)
        #expect(try await rig.watch(Self.watch).end.get().status == status)
        await rig.api.set(fault: nil)
        #expect(try await rig.get(KubernetesRig.deployments).status == 200)
    }

    @Test func faultsCutAndSilence() async throws {
        let rig = try await KubernetesRig()
        try await rig.create("a")
        let cut = rig.watch(Self.watch)
        #expect(await cut.next() == "ADDED a")
        await rig.api.cutStreams()
        #expect(await cut.problem == .cut)
        let silent = rig.watch(Self.watch, patience: 90)
        #expect(await silent.next() == "ADDED a")
        await rig.api.set(fault: .silentStreams)
        try await rig.create("b")
        await rig.time.untilAsleep()
        rig.time.advance(by: 91)
        #expect(await silent.problem == .timedOut)
        await rig.api.set(fault: .refused)
        #expect(await rig.watch(Self.watch).problem == .unreachable)
        await rig.api.set(fault: .hanging)
        let hanging = rig.watch(Self.watch)
        await rig.time.untilAsleep()
        rig.time.advance(by: 5)
        #expect(await hanging.problem == .timedOut)
    }

    @Test func aTypeThatIsRemovedEndsItsStreams() async throws {
        let rig = try await KubernetesRig()
        let stream = rig.watch(Self.watch)
        await rig.untilStreams(1)
        await rig.api.removeResource("clusterdeployments.k0rdent.mirantis.com")
        #expect(await stream.next() == nil)
        #expect(await stream.problem == nil)
        #expect(try await rig.get(KubernetesRig.deployments).status == 404)
        #expect(try await rig.get("/apis/k0rdent.mirantis.com/v1beta1").body["resources"]?.list?.isEmpty == false)
    }

    @Test func eventsLiveForAnHourSinceTheyWereLastSeen() async throws {
        let rig = try await KubernetesRig()
        let target = "/api/v1/namespaces/team-a/events"
        for name in ["a", "b"] {
            try await rig.ask(
                "POST", target,
                [
                    "metadata": ["name": .text(name)], "reason": "Pulled",
                    "involvedObject": ["kind": "Pod", "name": .text(name)],
                ])
        }
        #expect(try await rig.names(target + "?fieldSelector=involvedObject.name%3Da,reason%3DPulled") == ["a"])
        let stream = rig.watch(target + "?watch=1&timeoutSeconds=9000")
        #expect(await stream.next(2) == ["ADDED a", "ADDED b"])
        rig.time.advance(by: 1800)
        _ = try await rig.patch(target + "/b", ["count": 2])
        #expect(await stream.next() == "MODIFIED b")
        rig.time.advance(by: 1801)
        #expect(try await rig.names(target) == ["b"])
        #expect(await stream.next() == "DELETED a")
    }
}
