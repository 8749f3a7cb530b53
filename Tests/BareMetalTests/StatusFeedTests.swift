import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import BareMetal

/// The feed over scripted doors and a clock moved by hand: the real orchestrator's recorded answers, and every fault.
@Suite(.timeLimit(.minutes(5))) struct StatusFeedTests {
    /// A feed that runs, and what it reported.
    final class Running: Sendable {
        let door = ScriptedDoor()
        let time = ManualTime()
        let items = Mutex<[ItemID: Item]>([:])
        let source = Mutex<Source?>(nil)
        private let task = Mutex<Task<Void, Never>?>(nil)

        func start() {
            let feed = StatusFeed(
                client: StatusClient(door: door, name: "lab"),
                options: .init(id: SourceID("lab"), address: "http://lab:8080"), time: time.source)
            let running = Task {
                await feed.run { report in
                    switch report {
                    case .whole(_, let items):
                        self.items.withLock { $0 = Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) }) }
                    case .changed(let items, let gone):
                        self.items.withLock { known in
                            for item in items { known[item.id] = item }
                            for id in gone { known[id] = nil }
                        }
                    case .source(let source): self.source.withLock { $0 = source }
                    }
                }
            }
            task.withLock { $0 = running }
        }

        /// Lets the next question come.
        func next() async {
            await time.untilAsleep()
            time.advance(by: 61)
            await time.untilAsleep()
        }

        func stop() async {
            let task = task.withLock { $0 }
            task?.cancel()
            await task?.value
        }

        var names: [String] { items.withLock { $0.values.map(\.name).sorted() } }
        var state: Source.State? { source.withLock { $0?.state } }
        var error: String? { source.withLock { $0?.error } }
    }

    /// The routes of the original, with what it really answered.
    static func original() throws -> Running {
        let running = Running()
        running.door.answer("/api/status", .json(#"{"error": "415 Unsupported Media Type"}"#, status: 500))
        for (path, file) in [
            ("/api/config/nodes", "nodes"), ("/api/status/summary", "summary"), ("/api/status/history/1", "history"),
            ("/api/status/nodes/1", "node-status-at-installation"), ("/api/status/nodes/2", "node-status-deployed"),
            ("/api/status/nodes/3", "node-status-failed"),
            ("/api/status/nodes/4", "node-status-phase-outside-the-nine"),
            ("/health", "health"),
        ] {
            running.door.answer(path, .json(try Fixtures.text("bare-metal/\(file).json")))
        }
        return running
    }

    @Test func readsTheOriginalOrchestrator() async throws {
        let running = try Self.original()
        running.start()
        await running.time.untilAsleep()
        #expect(running.names == (1...4).map { "nutanix-poc-bm-node-0\($0)" })
        let states = running.items.withLock { items in
            Dictionary(uniqueKeysWithValues: items.values.map { ($0.name.suffix(2), "\($0.state) \($0.word)") })
        }
        #expect(states["01"] == "running installation")
        #expect(states["02"] == "done deployed")
        #expect(states["03"] == "failed failed")
        #expect(running.state == .live)
        await running.stop()
    }

    @Test func asksOnlyForWhatChanged() async throws {
        let running = try Self.original()
        running.start()
        await running.time.untilAsleep()
        running.door.forgetQuestions()
        await running.next()
        #expect(running.door.asked.map(\.target).filter { $0.contains("history") }.isEmpty)
        let changed = try Fixtures.text("bare-metal/nodes.json").replacingOccurrences(
            of: "2026-11-20T22:29:29.201919", with: "2026-11-20T22:31:00.000000")
        running.door.answer("/api/config/nodes", .json(changed))
        running.door.forgetQuestions()
        await running.next()
        #expect(running.door.asked.map(\.target).filter { $0.contains("history") } == ["/api/status/history/1"])
        await running.stop()
    }

    /// Faults: what is answered, and what the source then says. The items stay as they were.
    @Test(arguments: [
        (ScriptedDoor.Answer.problem(.init(.unreachable, "lab cannot be reached.", advice: "a")), "cannot be reached"),
        (.problem(.init(.timedOut, "lab did not answer within 10 s.", advice: "a")), "did not answer within 10 s"),
        (.problem(.init(.tooLarge(8), "lab sent more than 8 MB.", advice: "a")), "more than 8 MB"),
        (.json("<html>down</html>", status: 502), "answered 502"),
        (.json(#"{"error": "Internal server error"}"#, status: 500), "500: Internal server error"),
        (.json("<!doctype html><html></html>"), "with HTML"), (.json(#"{"nodes": [{"id": 1"#), "with broken JSON"),
        (.json(#"[1, 2]"#), "with JSON of another shape"), (.json(""), "with nothing"),
        (.json("\u{0}\u{1B}["), "not JSON"),
        (.json(#"{"error": "no"}"#, status: 401), "refused the question (401)"),
        (.json("", status: 429), "asked too often"),
    ])
    func faultsKeepTheItemsAndSayWhy(fault: ScriptedDoor.Answer, sentence: String) async throws {
        let running = try Self.original()
        running.start()
        await running.time.untilAsleep()
        let before = running.items.withLock { $0 }
        running.door.answerEverything(fault)
        await running.next()
        #expect(running.error?.contains(sentence) == true, "\(running.error ?? "no error")")
        #expect(running.state == .late)
        await running.next()
        #expect(running.state == .unreachable)
        #expect(running.items.withLock { $0.mapValues(\.word) } == before.mapValues(\.word))
        running.door.answerEverything(nil)
        await running.next()
        #expect(running.state == .live)
        #expect(running.error == nil)
        await running.stop()
    }

    @Test func oneNodeThatCannotBeReadHidesNoOther() async throws {
        let running = try Self.original()
        running.door.answer("/api/status/history/1", .json(#"{"error": "Internal server error"}"#, status: 500))
        running.start()
        await running.time.untilAsleep()
        #expect(running.names.count == 4)
        #expect(running.state == .live)
        // It is asked for again each time until it can be read.
        running.door.answer("/api/status/history/1", .json(try Fixtures.text("bare-metal/history.json")))
        await running.next()
        #expect(running.items.withLock { $0.values.first { $0.name.hasSuffix("01") }?.phases.first?.state } == .done)
        await running.stop()
    }

    @Test func passingTroubleDoesNotEndPaging() async throws {
        let running = Running()
        running.door.answer("/api/status", .json(Self.page([(1, "ipxe_boot")], revision: 1)))
        running.start()
        await running.time.untilAsleep()
        running.door.answerEverything(.json("bad gateway", status: 502))
        await running.next()
        #expect(running.error?.contains("answered 502") == true)
        #expect(running.door.asked.allSatisfy { $0.target.hasPrefix("/api/status") && !$0.target.contains("summary") })
        await running.stop()
    }

    @Test func aSuddenZeroIsNoEmptyFleetUnlessTheServiceIsWell() async throws {
        let running = try Self.original()
        running.start()
        await running.time.untilAsleep()
        running.door.answer("/api/config/nodes", .json(try Fixtures.text("bare-metal/nodes-empty.json")))
        running.door.answer("/api/status/summary", .json(try Fixtures.text("bare-metal/summary-empty.json")))
        running.door.answer("/health", .json(#"{"status": "unhealthy", "error": "database"}"#, status: 500))
        await running.next()
        #expect(running.names.count == 4)
        #expect(running.error?.contains("suddenly has no nodes") == true)
        running.door.answer("/health", .json(try Fixtures.text("bare-metal/health.json")))
        await running.next()
        await running.next()
        #expect(running.names.isEmpty)
        #expect(running.state == .live)
        await running.stop()
    }

    @Test func aNodeThatWasCleanedAwayGoes() async throws {
        let running = try Self.original()
        running.start()
        await running.time.untilAsleep()
        let list = try JSONDecoder().decode(
            WireNodeList.self, from: Data(try Fixtures.text("bare-metal/nodes.json").utf8))
        let fewer = WireNodeList(nodes: list.nodes.filter { $0.id != 3 })
        running.door.answer(
            "/api/config/nodes", .json(String(decoding: try JSONEncoder().encode(fewer), as: UTF8.self)))
        await running.next()
        #expect(running.names == ["nutanix-poc-bm-node-01", "nutanix-poc-bm-node-02", "nutanix-poc-bm-node-04"])
        await running.stop()
    }

    // MARK: pages

    static func page(_ nodes: [(Int, String)], instance: String = "a", revision: Int, more: Bool = false) -> String {
        let entries = nodes.map { id, phase in
            #"{"node_id": \#(id), "server_name": "n\#(id)", "server_ip": "10.0.0.\#(id)", "revision": \#(id), "#
                + #""deployment_history": [{"phase": "\#(phase)", "status": "in_progress", "message": "m", "#
                + #""timestamp": "2026-11-20T21:59:00"}]}"#
        }
        return #"{"instance": "\#(instance)", "revision": \#(revision), "more": \#(more), "total_nodes": 3, "#
            + #""nodes": [\#(entries.joined(separator: ","))]}"#
    }

    @Test func readsPagesAndThenOnlyChanges() async throws {
        let running = Running()
        running.door.answer(
            "/api/status", .json(Self.page([(1, "ipxe_boot"), (2, "ipxe_boot")], revision: 2, more: true)))
        running.door.answer(
            "/api/status?since=2&instance=a",
            .json(Self.page([(3, "installation")], revision: 3), headers: ["etag": "\"e3\""]))
        running.door.answer("/api/status?since=3&instance=a", .json("", status: 304))
        running.start()
        await running.time.untilAsleep()
        #expect(running.names == ["n1", "n2", "n3"])
        running.door.forgetQuestions()
        await running.next()
        #expect(running.door.asked.map(\.target) == ["/api/status?since=3&instance=a"])
        #expect(running.door.asked.first?.headers["If-None-Match"] == "\"e3\"")
        running.door.answer("/api/status?since=3&instance=a", .json(Self.page([(1, "installation")], revision: 4)))
        await running.next()
        #expect(running.items.withLock { $0.values.first { $0.name == "n1" }?.word } == "installation")
        // Another database: what it does not have has gone.
        running.door.answer(
            "/api/status?since=4&instance=a", .json(Self.page([(2, "ipxe_boot")], instance: "b", revision: 1)))
        await running.next()
        #expect(running.names == ["n2"])
        await running.stop()
    }

    @Test func aServiceThatNeverEndsItsPagesIsAProblem() async throws {
        let running = Running()
        running.door.answer("/api/status", .json(Self.page([(1, "ipxe_boot")], revision: 1, more: true)))
        running.start()
        await running.time.untilAsleep()
        #expect(running.error?.contains("never ends") == true)
        await running.stop()
    }

    @Test func oneUnreadableNodeDoesNotHideTheOthers() async throws {
        let running = Running()
        let page = Self.page([(1, "ipxe_boot")], revision: 1).replacingOccurrences(
            of: #""nodes": ["#,
            with:
                #""nodes": [{"server_name": 12}, null, "x", {"node_id": "7", "message": 3, "deployment_history": 5}, "#)
        running.door.answer("/api/status", .json(page))
        running.start()
        await running.time.untilAsleep()
        #expect(running.names == ["n1", "node 7"])
        await running.stop()
    }
}
