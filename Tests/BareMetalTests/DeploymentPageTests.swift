import Fleet
import Foundation
import GRDB
import Synchronization
import Testing

@testable import BareMetal

/// What a page tells of nodes that say much, in a database of its own and by a clock that is moved by hand.
@Suite struct DeploymentPageTests {
    private final class Place: Sendable {
        let folder: URL
        private let seconds: Mutex<Double>
        private let zone: TimeZone

        init(at start: Double = 1_000_000, zone: TimeZone = .gmt) throws {
            folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("slipway-page-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            seconds = Mutex(start)
            self.zone = zone
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        var path: String { folder.appendingPathComponent("metal.sqlite").path }

        func pass(_ time: Double) { seconds.withLock { $0 += time } }

        func open() throws -> DeploymentStore {
            let time = TimeSource(
                now: { [self] in Date(timeIntervalSince1970: seconds.withLock { $0 }) },
                uptime: { [self] in seconds.withLock { $0 } }, sleep: { _ in })
            return try DeploymentStore(path: path, time: time, zone: zone)
        }
    }

    private func register(_ store: DeploymentStore, _ number: Int = 1) async throws {
        _ = try await store.store(
            DeploymentRegistration(
                nodeName: "node-\(number)", serverProfile: "p",
                managementIP: try #require(DeploymentAddress("10.0.0.\(number)"))))
    }

    /// `phase status`, or a number for the installer's channel.
    private func say(
        _ text: String, to store: DeploymentStore, node: Int = 1, message: String = "m", server: String? = nil
    ) async throws {
        let words = text.split(separator: " ").map(String.init)
        let address = try #require(DeploymentAddress("10.0.0.\(node)"))
        if let number = Int(words[0]) {
            try await store.store(DeploymentInstallerReport(node: .id(node), step: .number(number), message: message))
        } else {
            try await store.store(
                DeploymentReport(
                    serverIP: address, phase: words[0], status: words[1], message: message, serverStatus: server))
        }
    }

    private func rows(_ entry: WirePage.Entry) throws -> [DeploymentRow] {
        try entry.rows.map { row in
            DeploymentRow(
                phase: row.phase, status: row.status, message: row.message,
                at: try #require(WireTime.date(row.timestamp)),
                channel: try #require(DeploymentRow.Channel(rawValue: row.channel)))
        }
    }

    private func everyRow(_ place: Place) async throws -> [DeploymentRow] {
        try await DatabaseQueue(path: place.path).read { db in
            try Row.fetchAll(
                db, sql: "SELECT phase, status, message, timestamp, channel FROM deployment_history ORDER BY id"
            ).map { row in
                DeploymentRow(
                    phase: row[0], status: row[1], message: row[2], at: Date(timeIntervalSince1970: row[3]),
                    channel: DeploymentRow.Channel(rawValue: row[4]) ?? .phase)
            }
        }
    }

    private func same(_ part: [DeploymentRow], as all: [DeploymentRow], after report: String) {
        let run = DeploymentRun(history: all, plan: PhasePlan())
        let shown = DeploymentRun(history: part, plan: PhasePlan())
        #expect(shown.startedAt == run.startedAt, "after \(report)")
        #expect(shown.endedAt == run.endedAt, "after \(report)")
        #expect(shown.outcome == run.outcome, "after \(report)")
        #expect(shown.phases.map(\.name) == run.phases.map(\.name), "after \(report)")
        #expect(shown.phases.map(\.startedAt) == run.phases.map(\.startedAt), "after \(report)")
        #expect(shown.phases.map(\.state) == run.phases.map(\.state), "after \(report)")
    }

    /// A phase and how its node speaks while it runs: signs of life on both channels, log lines, the cloud's state, late words.
    private static let course: [(report: String, signs: [String])] = [
        ("pending waiting", []), ("provisioning in_progress", []), ("server_requested success", []),
        ("ipxe_boot in_progress", ["ipxe_boot in_progress", "-1"]),
        ("config_requested in_progress", ["config_download in_progress", "2", "8"]),
        ("foundation_start in_progress", ["1", "foundation_start in_progress", "config_download in_progress"]),
        ("foundation_start success", []),
        ("image_download in_progress", ["4", "image_download in_progress", "nonsense in_progress", "-1"]),
        ("installation in_progress", ["5", "6", "ibm_cloud_status running", "installation in_progress", "-1"]),
    ]

    @Test(arguments: [
        ["installation in_progress"], ["failed failed", "-1", "ibm_cloud_status off"],
        ["installation failed", "post_install success", "deployment_failed failed"],
        ["installation failed", "installation in_progress", "5"],
        ["health_validation success", "post_install success", "7"],
        ["installation failed", "cleanup_completed success", "installation in_progress"],
    ]) func aPageTellsTheWholeRunHoweverMuchIsSaid(_ ending: [String]) async throws {
        let place = try Place()
        let store = try place.open()
        try await register(store)
        // A run before it, of which nothing must be seen.
        for old in ["ipxe_boot in_progress", "installation failed"] { try await say(old, to: store) }
        var entry: WirePage.Entry?
        func report(_ text: String) async throws {
            place.pass(10)
            try await say(text, to: store)
        }
        func compare(after text: String) async throws {
            entry = try await store.page().nodes.first
            same(try rows(try #require(entry)), as: try await everyRow(place), after: text)
            #expect(try #require(entry).rows.count <= 64)
        }
        for (text, signs) in Self.course {
            try await report(text)
            try await compare(after: text)
            guard !signs.isEmpty else { continue }
            for beat in 0..<60 { try await report(signs[beat % signs.count]) }
            try await compare(after: "\(text) and its signs of life")
        }
        for text in ending {
            try await report(text)
            for _ in 0..<20 where text == ending.last { try await report(text) }
            try await compare(after: text)
        }
        let last = try #require(entry)
        #expect(last.rows.first?.phase == "pending" && last.rows.count == 64)
        #expect(last.rows.count { $0.phase == "LOG" } <= 16)
        #expect(last.rows.map(\.timestamp) == last.rows.map(\.timestamp).sorted())
        #expect(last.status.deploymentID == "slipway-1-2")
    }

    /// A database of the first version tells the same as one that was followed from the start.
    @Test func anOlderDatabaseIsFollowedAnew() async throws {
        let place = try Place()
        var store = try place.open()
        try await register(store)
        try await say("installation failed", to: store)
        for (text, signs) in Self.course {
            for report in [text] + signs + signs {
                place.pass(10)
                try await say(report, to: store)
            }
        }
        let before = try #require(try await store.page().nodes.first)
        try store.close()
        try await DatabaseQueue(path: place.path).write { db in
            try db.execute(
                sql: """
                    DROP INDEX history_beginnings; DROP INDEX history_turns; DROP INDEX history_logs;
                    ALTER TABLE nodes DROP COLUMN run; ALTER TABLE deployment_history DROP COLUMN weight;
                    DELETE FROM grdb_migrations WHERE identifier = '2'
                    """)
        }
        store = try place.open()
        #expect(try await store.page().nodes.first == before)
        try await say("installation failed", to: store)
        try await say("ipxe_boot in_progress", to: store)
        let after = try #require(try await store.page().nodes.first)
        #expect(after.rows.map(\.phase) == ["ipxe_boot"] && after.status.deploymentID == "slipway-1-3")
    }

    @Test func whatOpensARunIsOneDeployment() async throws {
        let store = try Place().open()
        try await register(store)
        for report in ["provisioning in_progress", "server_requested success", "bare_metal_deploy in_progress"] {
            try await say(report, to: store, server: "starting")
        }
        try await say("-1", to: store)
        try await say("reinitialize in_progress", to: store)
        try await say("ipxe_boot in_progress", to: store)
        var entry = try #require(try await store.page().nodes.first)
        #expect(entry.rows.count == 9 && entry.status.deploymentID == "slipway-1-1")
        // In the middle of a run an opening is another one, for the rows and for the number alike.
        try await say("provisioning in_progress", to: store, server: "starting")
        entry = try #require(try await store.page().nodes.first)
        #expect(entry.rows.map(\.phase) == ["provisioning", "ibm_cloud_status"])
        #expect(entry.status.deploymentID == "slipway-1-2")
    }

    /// In Berlin the hour from two to three was there twice on 2026-10-25.
    @Test func pageTimesAreInUTCAcrossAClockChange() async throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let start = try #require(WireTime.date("2026-10-25T00:30:00Z"))
        let place = try Place(at: start.timeIntervalSince1970, zone: berlin)
        let store = try place.open()
        try await register(store)
        try await say("installation in_progress", to: store)
        place.pass(3600)
        try await say("installation success", to: store)
        place.pass(86_400)
        let page = try await store.page()
        let entry = try #require(page.nodes.first)
        #expect(page.utcOffsetSeconds == 0 && page.timestamp == "2026-10-26T01:30:00")
        #expect(entry.rows.map(\.timestamp) == ["2026-10-25T00:30:00", "2026-10-25T01:30:00"])
        #expect(entry.node.createdAt == "2026-10-25T00:30:00" && entry.node.updatedAt == "2026-10-25T01:30:00")
        #expect(entry.status.lastUpdate == "2026-10-25T01:30:00")
        // The orchestrator's routes show the service's own clock, on which both were half past two.
        #expect(
            try await store.history(node: 1).rows.map(\.timestamp) == ["2026-10-25T02:30:00", "2026-10-25T02:30:00"])
        #expect(try await store.node(1).createdAt == "2026-10-25T02:30:00")
        #expect(try await store.status(node: 1).lastUpdate == "2026-10-25T02:30:00")
    }

    @Test(arguments: ["\u{1B}", "\"", "\u{7F}", "/", "\u{1F6A2}", "\u{2028}"])
    func aPageIsBelowSixMebibytesInJSON(_ character: String) async throws {
        let store = try Place().open()
        let text = String(repeating: character, count: 4000)
        let word = String(repeating: character, count: 50)
        let nodes = 8
        for number in 1...nodes {
            try await register(store, number)
            for _ in 0..<70 { try await say("\(word) \(word)", to: store, node: number, message: text) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var since = 0
        var seen: [Int] = []
        while true {
            let page = try await store.page(since: since)
            #expect(try encoder.encode(page).count < 6 << 20)
            seen += page.nodes.map(\.status.nodeID)
            since = page.revision
            guard page.more, !page.nodes.isEmpty else { break }
        }
        #expect(seen == Array(1...nodes))
    }

    /// Neither earlier runs nor a run's own age make a read longer.
    @Test func readsDoNotGrowWithTheAgeOfANode() async throws {
        let place = try Place()
        let store = try place.open()
        try await register(store)
        for _ in 0..<3 {
            for report in ["ipxe_boot in_progress"] + Array(repeating: "installation in_progress", count: 400) {
                try await say(report, to: store)
            }
            try await say("installation failed", to: store)
        }
        try await say("ipxe_boot in_progress", to: store)
        let read = try await DatabaseQueue(path: place.path).read { db in
            let reader = DeploymentReader(db: db, plan: PhasePlan(), zone: .gmt, now: Date(timeIntervalSince1970: 0))
            return try reader.telling(of: try #require(try reader.node(where: "id = ?", 1))).count
        }
        #expect(read == 1)
        for _ in 0..<400 { try await say("installation in_progress", to: store) }
        let long = try await DatabaseQueue(path: place.path).read { db in
            let reader = DeploymentReader(db: db, plan: PhasePlan(), zone: .gmt, now: Date(timeIntervalSince1970: 0))
            return try reader.telling(of: try #require(try reader.node(where: "id = ?", 1))).count
        }
        #expect(long == 66)
    }
}
