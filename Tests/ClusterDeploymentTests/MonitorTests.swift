import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import ClusterDeployment

private typealias Sample = DeploymentSamples

/// Deployments that are looked up: by name, each as it was put here.
private final class ScriptedLookup: DeploymentLookup {
    private struct State {
        var found: [DeploymentKey: [KubeCondition]] = [:]
        var events: [WireEvent] = []
        var problem: UpstreamProblem?
    }

    private let state = Mutex(State())
    private let hook = Mutex<(@Sendable () async -> Void)?>(nil)

    func put(_ key: DeploymentKey, _ conditions: [KubeCondition], events: [WireEvent] = []) {
        state.withLock {
            $0.found[key] = conditions
            $0.events = events
        }
    }

    func fail(_ problem: UpstreamProblem?) { state.withLock { $0.problem = problem } }

    /// What happens while somebody is waiting for the answer.
    func meanwhile(_ action: @escaping @Sendable () async -> Void) { hook.withLock { $0 = action } }

    func state(
        of key: DeploymentKey
    ) async throws(UpstreamProblem) -> (deployment: WireDeployment, events: [WireEvent])? {
        if let action = hook.withLock({ $0 }) { await action() }
        let (problem, conditions, events) = state.withLock { ($0.problem, $0.found[key], $0.events) }
        if let problem { throw problem }
        guard let conditions else { return nil }
        return (MonitorTests.wire(key, conditions), events)
    }
}

/// Clients, streams, limits and timers.
@Suite struct MonitorTests {
    static let demo = DeploymentKey(namespace: "kcm-system", name: "demo")

    fileprivate static func wire(_ key: DeploymentKey, _ conditions: [KubeCondition]) -> WireDeployment {
        var wire = Sample.wire(conditions, name: key.name)
        wire.metadata.namespace = key.namespace
        return wire
    }

    private static func conditions(_ phase: ProvisioningPhase) -> [KubeCondition] {
        Sample.moments.first { $0.phase == phase }?.conditions ?? []
    }

    private let time = ManualTime()
    private let lookup = ScriptedLookup()

    private func monitor(filter: NamespaceFilter? = nil, perClient: Int = 10, overall: Int = 100) -> DeploymentMonitor {
        for index in 0..<120 {
            lookup.put(DeploymentKey(namespace: "kcm-system", name: "dev-\(index)"), Self.conditions(.provisioning))
        }
        lookup.put(Self.demo, Self.conditions(.provisioning))
        return DeploymentMonitor(
            time: time.source, filter: filter, lookup: lookup, perClient: perClient, overall: overall)
    }

    private func text(_ update: ProgressUpdate?) -> String {
        guard let update else { return "end" }
        return "\(update.phase.rawValue) \(update.message)" + (update.isTerminal ? " !" : "")
    }

    private func refusal(_ monitor: DeploymentMonitor, _ client: String, _ key: DeploymentKey, _ timeout: Double = 60)
        async -> String?
    {
        do throws(MonitorProblem) {
            _ = try await monitor.subscribe(client: client, key: key, timeout: timeout)
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test func aStreamTellsFromTheFirstLookToTheEnd() async throws {
        let monitor = monitor()
        let stream = try await monitor.subscribe(client: "a", key: Self.demo)
        await monitor.take(.deployment(Self.wire(DeploymentKey(namespace: "kcm-system", name: "demo-2"), [])))
        // The sibling's, another namespace's and nobody's.
        await monitor.take(.event(EventSamples.event("InfrastructureReady", "Cluster", "demo-2-x")))
        await monitor.take(.event(EventSamples.event("InfrastructureReady", "Cluster", "else")))
        await monitor.take(.deployment(Self.wire(Self.demo, Self.conditions(.bootstrapping))))
        await monitor.take(.deployment(Self.wire(Self.demo, Self.conditions(.ready))))
        var lines: [String] = []
        for await update in stream { lines.append(text(update)) }
        #expect(
            lines == [
                "Provisioning InfrastructureReady: virtualnetworks creating or updating",
                "Bootstrapping ControlPlaneInitialized: Control plane not yet initialized", "Ready Object is ready !",
            ])
        #expect(await monitor.active == 0)
        #expect(await monitor.published == 3)
        await monitor.take(.gone(Self.demo))
    }

    @Test func whoMayNotIsToldWhyInTheWordsOfTheServer() async throws {
        let monitor = monitor(filter: try NamespaceFilter("^kcm-"))
        let other = DeploymentKey(namespace: "team-b", name: "demo")
        #expect(await refusal(monitor, "a", other) == "namespace \"team-b\" not allowed by session filter")
        let unknown = DeploymentKey(namespace: "kcm-system", name: "nope")
        #expect(await refusal(monitor, "a", unknown) == "clusterdeployment kcm-system/nope not found")
        for (timeout, text) in [(0.0, "0"), (-5, "-5"), (-0.5, "-0.5"), (.nan, "nan"), (.infinity, "inf")] {
            #expect(await refusal(monitor, "a", Self.demo, timeout) == "invalid timeout \"\(text)\"")
        }
        lookup.fail(UpstreamProblem(.unreachable, "lab refused the connection.", advice: ""))
        #expect(await refusal(monitor, "a", Self.demo) == "lab refused the connection.")
        #expect(await monitor.active == 0)
    }

    @Test func oneLookIsTheStateAndObeysTheFilterToo() async throws {
        let monitor = monitor(filter: try NamespaceFilter("^kcm-"))
        let update = try await monitor.state(of: Self.demo)
        #expect(text(update) == "Provisioning InfrastructureReady: virtualnetworks creating or updating")
        #expect(update.timestamp == time.now)
        await #expect(throws: MonitorProblem.namespaceNotAllowed("team-b")) {
            try await monitor.state(of: DeploymentKey(namespace: "team-b", name: "demo"))
        }
        let unknown = DeploymentKey(namespace: "kcm-system", name: "nope")
        await #expect(throws: MonitorProblem.notFound(unknown)) { try await monitor.state(of: unknown) }
        #expect(await monitor.active == 0)
    }

    @Test func elevenIsTooManyForOneClientAndAHundredAndOneForAll() async throws {
        let monitor = monitor()
        var streams: [AsyncStream<ProgressUpdate>] = []
        for index in 0..<100 {
            let key = DeploymentKey(namespace: "kcm-system", name: "dev-\(index)")
            streams.append(try await monitor.subscribe(client: "client-\(index / 10)", key: key))
        }
        let more = DeploymentKey(namespace: "kcm-system", name: "dev-110")
        #expect(await refusal(monitor, "client-3", more) == "per-client subscription limit exceeded (max: 10)")
        #expect(await refusal(monitor, "client-10", more) == "server subscription limit exceeded (max: 100)")
        await monitor.unsubscribeAll(client: "client-3")
        #expect(await monitor.active == 90)
        #expect(await refusal(monitor, "client-3", more) == nil)
        // All streams of that client have ended after what they were told; the others go on.
        var told = 0
        for await _ in streams[30] { told += 1 }
        #expect(told == 1)
        streams = []
        #expect(await monitor.active == 0)
    }

    @Test func theSameDeploymentTwiceIsTwoStreams() async throws {
        let monitor = monitor(perClient: 2)
        let first = try await monitor.subscribe(client: "a", key: Self.demo)
        let second = try await monitor.subscribe(client: "a", key: Self.demo)
        let other = try await monitor.subscribe(client: "b", key: Self.demo)
        #expect(await refusal(monitor, "a", Self.demo) == "per-client subscription limit exceeded (max: 2)")
        await monitor.unsubscribe(client: "a", key: Self.demo)
        await monitor.take(.gone(Self.demo))
        for (stream, last) in [
            (first, "Provisioning InfrastructureReady: virtualnetworks creating or updating"),
            (second, "Provisioning InfrastructureReady: virtualnetworks creating or updating"),
            (other, "Provisioning ClusterDeployment deleted !"),
        ] {
            var lines: [String] = []
            for await update in stream { lines.append(text(update)) }
            #expect(lines.last == last)
        }
    }

    @Test func timersWarnEndAndPublishWhatWaits() async throws {
        let monitor = monitor()
        let run = Task { await monitor.run() }
        await time.untilAsleep()
        let stream = try await monitor.subscribe(client: "a", key: Self.demo, timeout: 100)
        var reader = stream.makeAsyncIterator()
        _ = await reader.next()
        await time.untilAsleep()
        await monitor.take(.event(EventSamples.event("BeginCreateOrUpdate", "VirtualNetwork", "demo-vnet")))
        // What waits goes when its ten seconds are over, though the run slept for longer.
        for (seconds, line) in [
            (10.0, "Provisioning network started"),
            (40, "Provisioning Provisioning timeout approaching (50s remaining)"),
            (50, "Provisioning Monitoring timeout exceeded, subscription terminated !"),
        ] {
            await time.untilAsleep()
            time.advance(by: seconds)
            #expect(text(await reader.next()) == line)
        }
        #expect(text(await reader.next()) == "end")
        #expect(await monitor.timeouts == 1)
        #expect(await monitor.active == 0)
        run.cancel()
        await run.value
        #expect(time.sleepers == 0)
    }

    @Test func theEndOfTheMonitorEndsEveryStream() async throws {
        let monitor = monitor()
        let run = Task { await monitor.run() }
        let stream = try await monitor.subscribe(client: "a", key: Self.demo)
        await time.untilAsleep()
        run.cancel()
        await run.value
        var lines: [String] = []
        for await update in stream { lines.append(text(update)) }
        #expect(lines.last == "Provisioning Monitoring stopped !")
        #expect(time.sleepers == 0)
        #expect(await refusal(monitor, "a", Self.demo) == "monitoring has stopped")
    }

    @Test func aLostWatchEndsAllSubscriptionsAfterThreeTries() async throws {
        let monitor = monitor()
        let stream = try await monitor.subscribe(client: "a", key: Self.demo)
        let problem = UpstreamProblem(.cut, "lab hung up.", advice: "")
        await monitor.take(.lost(namespace: nil, failures: 1, problem))
        await monitor.take(.resumed(namespace: nil))
        for failures in 1...3 { await monitor.take(.lost(namespace: nil, failures: failures, problem)) }
        var lines: [String] = []
        for await update in stream { lines.append(String(text(update).dropFirst(13))) }
        #expect(
            lines.dropFirst() == [
                "Cluster watch lost, trying again: lab hung up.", "Cluster watch resumed",
                "Cluster watch lost, trying again: lab hung up.",
                "Cluster watch lost, subscription terminated: lab hung up. !",
            ])
    }

    @Test func whatHappensDuringTheFirstLookIsNotLost() async throws {
        let monitor = monitor()
        lookup.meanwhile {
            await monitor.take(.deployment(Self.wire(Self.demo, Self.conditions(.bootstrapping))))
            await monitor.take(.gone(Self.demo))
            #expect(await monitor.active == 1)
        }
        var lines: [String] = []
        for await update in try await monitor.subscribe(client: "a", key: Self.demo) { lines.append(text(update)) }
        #expect(lines.count == 3)
        #expect(lines.last == "Bootstrapping ClusterDeployment deleted !")
        // Unsubscribed before it had begun: a stream that has ended.
        lookup.meanwhile { await monitor.unsubscribeAll(client: "a") }
        for await update in try await monitor.subscribe(client: "a", key: Self.demo) {
            #expect(Bool(false), "\(update)")
        }
    }

    @Test func aSlowReaderLosesTheOldestAndNeverTheLast() async throws {
        let monitor = monitor()
        let stream = try await monitor.subscribe(client: "a", key: Self.demo)
        for index in 0..<200 {
            await monitor.take(
                .deployment(Self.wire(Self.demo, Self.conditions(index % 2 == 0 ? .bootstrapping : .provisioning))))
        }
        await monitor.take(.deployment(Self.wire(Self.demo, Self.conditions(.ready))))
        var lines: [String] = []
        for await update in stream { lines.append(text(update)) }
        #expect(lines.count == DeploymentMonitor.waiting)
        #expect(lines.last == "Ready Object is ready !")
    }

    @Test func nothingIsLeftOfAThousandSubscriptions() async throws {
        let monitor = monitor()
        let run = Task { await monitor.run() }
        for round in 0..<1000 {
            let stream = try await monitor.subscribe(client: "a", key: Self.demo)
            switch round % 3 {
            case 0: await monitor.unsubscribe(client: "a", key: Self.demo)
            case 1:
                // Its reader is cancelled.
                let reader = Task { for await _ in stream {} }
                reader.cancel()
                await reader.value
            // Nobody ever reads it.
            default: break
            }
        }
        #expect(await monitor.active == 0)
        await time.untilAsleep()
        #expect(time.sleepers == 1)
        run.cancel()
        await run.value
        #expect(time.sleepers == 0)
    }

    /// Fifty subscriptions, a hundred events a second for a minute: what is published is what the limit allows.
    @Test func fiftySubscriptionsUnderLoadStayWithinTheirLimit() async throws {
        let monitor = monitor(perClient: 50)
        var streams: [AsyncStream<ProgressUpdate>] = []
        for index in 0..<50 {
            let key = DeploymentKey(namespace: "kcm-system", name: "dev-\(index)")
            streams.append(try await monitor.subscribe(client: "a", key: key))
        }
        for index in 0..<6000 {
            if index % 100 == 0 { time.advance(by: 1) }
            let name = "dev-\(index % 50)-node-\(index)"
            await monitor.take(.event(EventSamples.event("BeginCreateOrUpdate", "Subnet", name, at: Double(index))))
        }
        // The first state, and one update in ten seconds.
        #expect(await monitor.published <= 50 * 7)
        #expect(await monitor.published >= 50 * 6)
        streams = []
    }
}
