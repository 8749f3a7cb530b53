import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

/// The whole feed against the sandbox's API server at its door.
@Suite(.timeLimit(.minutes(5))) struct DeploymentFeedTests {
    @Test func theFirstReportIsWholeAndWhatIsForbiddenHidesNothing() async throws {
        let api = SandboxKubernetes(time: .system)
        for (namespace, name) in [("kcm-system", "demo"), ("team-a", "train"), ("restricted", "hidden")] {
            try await api.put(namespace, name, ready: "False")
        }
        let heard = Heard()
        try await run(api, user: "ops", heard) { _ in
            try await heard.waits { $0.isLive }
            #expect(heard.state.whole == ["demo", "train"], "told before the source counts as answered")
            try await api.put("team-a", "new", ready: "Unknown")
            try await heard.waits { $0.items["new"] != nil }
            try await api.put("team-a", "new", ready: "True")
            try await heard.waits { $0.items["new"]?.state == .done }
            try await api.remove("team-a", "train")
            try await heard.waits { $0.items["train"] == nil && $0.items["demo"] != nil }
        }
    }

    @Test func aServerThatIsGoneIsToldAndItsItemsStay() async throws {
        let api = SandboxKubernetes(time: .system)
        try await api.put("kcm-system", "demo", ready: "False")
        let heard = Heard()
        try await run(api, user: "admin", heard) { feed in
            try await heard.waits { $0.isLive }
            await api.set(fault: .text(status: 502, "connect: connection refused"))
            await api.cutStreams()
            try await heard.waits {
                $0.source?.state == .unreachable && $0.source?.error?.contains("is down") == true
            }
            #expect(heard.state.items["demo"] != nil)
            await api.set(fault: nil)
            await feed.refresh()
            try await heard.waits { $0.isLive }
            try await api.put("kcm-system", "demo", ready: "True")
            try await heard.waits { $0.items["demo"]?.state == .done }
        }
        #expect(await api.streams == 0)
    }

    @Test func withoutTheResourceItIsSaidWhatIsMissingUntilItIsThere() async throws {
        let api = SandboxKubernetes(time: .system)
        await api.removeResource("clusterdeployments.k0rdent.mirantis.com")
        let heard = Heard()
        try await run(api, user: "admin", heard) { feed in
            try await heard.waits { $0.source?.error?.contains("k0rdent is not installed in mgmt") == true }
            for resource in KubeType.standard where resource.plural == "clusterdeployments" {
                await api.register(resource)
            }
            try await heard.waits { $0.isLive }
        }
    }

    private func run(
        _ api: SandboxKubernetes, user: String, _ heard: Heard, _ body: (DeploymentFeed) async throws -> Void
    ) async throws {
        let feed = DeploymentFeed(
            api: KubeAPI(name: "mgmt", door: api.door(user: user)),
            options: .init(
                id: SourceID("mgmt"), context: "mgmt", reading: .init(preferred: { ["kcm-system", "team-a"] }),
                gathering: 0.02, cadence: Cadence(busy: 0.2, quiet: 0.2)),
            time: .system, recall: { [] })
        let running = Task { await feed.run { heard.take($0) } }
        do {
            try await body(feed)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        await running.value
    }
}

extension SandboxKubernetes {
    fileprivate func put(_ namespace: String, _ name: String, ready: String) throws {
        let since = Date(timeIntervalSinceNow: -60).ISO8601Format()
        let text =
            #"{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","metadata":{"name":"\#(name)","namespace":"\#(namespace)"},"spec":{"template":"azure-standalone-cp-1-0-15"},"status":{"conditions":[{"type":"CAPIClusterSummary","status":"\#(ready)","lastTransitionTime":"\#(since)"},{"type":"Ready","status":"\#(ready)","reason":"Progressing","lastTransitionTime":"\#(since)"}]}}"#
        let place = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#(namespace)"}}"#
        for object in [place, text] {
            // Made long ago: a Ready in the first seconds would have to last before it is believed.
            let made = Date(timeIntervalSinceNow: -900)
            write([KubeWrite(at: made, .put(try JSONDecoder().decode(JSONValue.self, from: Data(object.utf8))))])
        }
    }

    fileprivate func remove(_ namespace: String, _ name: String) throws {
        let text =
            #"{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","metadata":{"name":"\#(name)","namespace":"\#(namespace)"}}"#
        write([KubeWrite(at: Date(), .remove(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))))])
    }
}
