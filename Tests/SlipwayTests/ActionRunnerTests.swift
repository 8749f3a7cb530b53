import ClusterPool
import Fleet
import Foundation
import Sandbox
import TestSupport
import Testing
import Upstream

@testable import slipway

/// What the screen asks for is done in the demo's own pool, whose backend goes on with what it does.
@Suite(.timeLimit(.minutes(5))) struct ActionRunnerTests {
    /// The demo's pool on its clock, and a runner of actions beside it.
    private func play(
        speed: Double = 80, backend: String? = nil,
        _ test: @Sendable (ActionRunner, Look) async throws -> Void
    ) async throws {
        let clock = TickingTime(speed: speed)
        defer { clock.end() }
        let time = clock.source
        let training = SandboxKubernetes(time: time)
        let pool = SandboxPool(api: training, time: time, seed: 7)
        var managed = DemoWorld.managed(training, time: time)
        managed.backend = backend
        let runner = ActionRunner(pools: [managed], history: nil) { _ in }
        let desk = PoolDesk(managed.api, settings: managed.settings, time: time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            defer { group.cancelAll() }
            // The past of the demo, at once: what is due in it is done at its own dates.
            clock.jump(by: DemoWorld.past)
            try await time.sleep(1)
            try await test(runner, Look(api: managed.api, desk: desk, time: time))
            _ = await runner.end()
        }
    }

    private struct Look: Sendable {
        let api: KubeAPI
        let desk: PoolDesk
        let time: TimeSource

        func note(_ name: String, of cluster: String) async throws -> String? {
            let found: KubeAny? = try await api.get(.namespaces, namespace: nil, name: cluster)
            return found?.metadata.annotations["cks.io/\(name)"]
        }

        /// Waits until an operation has ended well, which dates a note anew. Somebody in the demo may be lent the cluster at once.
        func wait(_ cluster: String, until name: String, isNot earlier: String?) async throws {
            var seen: [String: String] = [:]
            for _ in 0..<4000 {
                let found: KubeAny? = try? await api.get(.namespaces, namespace: nil, name: cluster)
                seen = found?.metadata.annotations ?? seen
                let isOver = seen["cks.io/operation"] == nil && seen["cks.io/cluster-status"] != "error"
                if isOver, let date = seen["cks.io/\(name)"], date != earlier { return }
                try await time.sleep(2)
            }
            Issue.record("the \(name) of \(cluster) never came: \(seen)")
            throw CancellationError()
        }
    }

    private func item(_ cluster: String) -> ItemID { ItemID(kind: .pool, source: SourceID("pool"), key: cluster) }

    @Test func whatIsAskedForIsDone() async throws {
        try await play { runner, look in
            // Lent by hand, taken back, and restored; the backend of the demo leaves it alone meanwhile.
            let lent = await runner.perform(Action(.assign, item: item("cluster8"), argument: "mine"))
            #expect(lent == Action.Outcome(isGood: true, "lent to session mine"))
            #expect(try await look.note("assigned-session", of: "cluster8") == "mine")
            let hurts = await runner.perform(Action(.reset, item: item("cluster8")))
            #expect(!hurts.isGood && hurts.sentence.contains("held by session mine"))
            let first = try await look.note("last-reset", of: "cluster8")
            let back = await runner.perform(Action(.release, item: item("cluster8")))
            #expect(back.isGood && back.sentence.contains("being reset"))
            try await look.wait("cluster8", until: "last-reset", isNot: first)
            // Made anew under other names; whoever works on it next finds them.
            let made = try await look.note("created-at", of: "cluster8")
            let built = await runner.perform(Action(.bootstrap, item: item("cluster8"), isConfirmed: true))
            #expect(built.isGood, "\(built)")
            try await look.wait("cluster8", until: "created-at", isNot: made)
            let second = try await look.note("last-reset", of: "cluster8")
            let again = await runner.perform(Action(.reset, item: item("cluster8"), isConfirmed: true))
            #expect(again.isGood, "\(again)")
            try await look.wait("cluster8", until: "last-reset", isNot: second)
        }
    }

    @Test func whatCannotBeDoneIsAnswered() async throws {
        try await play(speed: 20) { runner, look in
            for stranger in ["pool/other/cluster1", "pool/pool/", "metal/pool/cluster1", "pool/pool/a/b"] {
                #expect(await !runner.perform(Action(.reset, item: ItemID(text: stranger))).isGood)
            }
            let unknown = await runner.perform(Action(.reset, item: item("nope")))
            #expect(!unknown.isGood && unknown.advice.contains("cluster1"))
            let bad = await runner.perform(Action(.assign, item: item("cluster8"), argument: "a b"))
            #expect(!bad.isGood && bad.sentence.contains("sessionId"))
            let status = try await look.note("cluster-status", of: "cluster8")
            #expect(status == "available")
        }
        try await play(backend: "http://cks.example:8080") { runner, _ in
            let refused = await runner.perform(Action(.reset, item: item("cluster8")))
            #expect(!refused.isGood && refused.sentence.contains("lent by another backend"))
        }
    }

    @Test func whatIsUnfinishedIsToldAtTheEnd() async throws {
        try await play(speed: 40) { runner, look in
            _ = await runner.perform(Action(.reset, item: item("cluster8")))
            while try await look.note("operation-step", of: "cluster8") == nil { try await look.time.sleep(1) }
            let lines = await runner.end()
            #expect(lines.count == 2 && lines[0].hasPrefix("slipway: The reset of cluster8 is left"), "\(lines)")
            #expect(lines.last?.contains("slipway pool maintain --once --context cks-pool") == true)
            #expect(try await look.note("cluster-status", of: "cluster8") == "resetting")
        }
    }
}
