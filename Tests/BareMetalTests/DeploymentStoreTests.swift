import BareMetal
import Fleet
import Foundation
import GRDB
import Synchronization
import Testing

/// A folder that goes away with the test, and a clock that is moved by hand.
private final class Workplace: Sendable {
    let folder: URL
    private let seconds = Mutex(1_000_000.0)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("slipway-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var path: String { folder.appendingPathComponent("metal.sqlite").path }

    func pass(_ time: Double) { seconds.withLock { $0 += time } }

    var time: TimeSource {
        TimeSource(
            now: { [self] in Date(timeIntervalSince1970: seconds.withLock { $0 }) },
            uptime: { [self] in seconds.withLock { $0 } }, sleep: { _ in })
    }

    func open(maximumBytes: Int? = nil) throws -> DeploymentStore {
        try DeploymentStore(path: path, time: time, maximumBytes: maximumBytes)
    }
}

private func address(_ last: Int) throws -> DeploymentAddress { try #require(DeploymentAddress("10.0.0.\(last)")) }

extension DeploymentStore {
    fileprivate func register(_ number: Int) async throws -> DeploymentTicket {
        try await store(
            DeploymentRegistration(
                nodeName: "node-\(number)", serverProfile: "bx2d", managementIP: try address(number)))
    }

    /// `phase status`; a word that begins with `!` or a number goes to the installer's channel.
    fileprivate func say(_ text: String, node: Int = 1, message: String = "m") async throws {
        let words = text.split(separator: " ").map(String.init)
        if let number = Int(words[0]) {
            try await store(DeploymentInstallerReport(node: .id(node), step: .number(number), message: message))
        } else if words[0].hasPrefix("!") {
            let step = DeploymentInstallerReport.Step.word(String(words[0].dropFirst()))
            try await store(DeploymentInstallerReport(node: .address(try address(node)), step: step, message: message))
        } else {
            try await store(
                DeploymentReport(serverIP: try address(node), phase: words[0], status: words[1], message: message))
        }
    }
}

@Suite struct DeploymentStoreTests {
    /// Reports in order, and what `nodes.deployment_status` is after them.
    @Test(arguments: [
        ([], "pending"),
        (["installation in_progress"], "installation_in_progress"),
        (["nonsense odd"], "nonsense_odd"),
        (["health_validation success"], "deployed"),
        (["health_validation success", "post_install success", "7"], "deployed"),
        (["installation failed"], "failed"),
        (["installation failed", "post_install success"], "failed"),
        (["installation failed", "installation in_progress"], "installation_in_progress"),
        (["health_validation success", "ipxe_boot in_progress"], "ipxe_boot_in_progress"),
        (["4"], "DOWNLOADING_PACKAGES"),
        (["4", "-1"], "DOWNLOADING_PACKAGES"),
        (["4", "8"], "UNKNOWN"),
        (["4", "!download_start"], "UNKNOWN"),
        (["4", "!error"], "failed"),
    ]) func statusWord(_ reports: [String], _ expected: String) async throws {
        let store = try Workplace().open()
        _ = try await store.register(1)
        for report in reports { try await store.say(report) }
        #expect(try await store.node(1).deploymentStatus == expected)
    }

    @Test func durationsAreWrittenWhenAPhaseEnds() async throws {
        let place = try Workplace()
        let store = try place.open()
        _ = try await store.register(1)
        for (report, seconds) in [
            ("ipxe_boot in_progress", 10.0), ("ipxe_boot in_progress", 20), ("config_requested in_progress", 5),
            ("config_download success", 1), ("image_download in_progress", 60), ("-1", 30), ("nonsense in_progress", 9),
            ("5", 400), ("installation failed", 0),
        ] {
            try await store.say(report)
            place.pass(seconds)
        }
        let reader = try DatabaseQueue(path: place.path)
        let rows = try await reader.read { db in
            try Row.fetchAll(db, sql: "SELECT phase, duration FROM deployment_history ORDER BY id").map { row in
                "\(row[0] as String) \((row[1] as Double?).map { String(Int($0)) } ?? "-")"
            }
        }
        #expect(
            rows == [
                // Told twice and ended by what came next: the newest row has the whole time.
                "ipxe_boot -", "ipxe_boot 30", "config_requested -", "config_download 5",
                // A log line and an unknown word do not end it, the installer's next step does.
                "image_download 99", "LOG -", "nonsense 9", "INSTALLING_HYPERVISOR -", "installation 400",
            ])
    }

    @Test func statusObjectStandsStillAtTheEnd() async throws {
        let place = try Workplace()
        let store = try place.open()
        _ = try await store.register(1)
        place.pass(500)
        #expect(try await store.status(node: 1).elapsedTimeSeconds == 0)
        try await store.say("ipxe_boot in_progress")
        place.pass(5000)
        var status = try await store.status(node: 1)
        #expect(status.timedOut && status.elapsedTimeSeconds == 5000 && status.estimatedRemainingSeconds == 0)
        #expect(status.progressPercent == 7)
        try await store.say("ipxe_boot failed", message: "no link")
        place.pass(70_000)
        status = try await store.status(address: try address(1))
        #expect(!status.timedOut && status.elapsedTimeSeconds == 5000)
        #expect(status.currentPhase == "ipxe_boot" && status.phaseStatus == "failed" && status.message == "no link")
        #expect(status.lastUpdate == "1970-01-12T15:18:20")
        // The installer's channel shows in the phases' words, and its log lines do not.
        try await store.say("ipxe_boot in_progress")
        try await store.say("4", message: "downloading")
        try await store.say("-1", message: "a line")
        status = try await store.status(node: 1)
        #expect(status.currentPhase == "image_download" && status.message == "downloading")
        #expect(try await store.history(node: 1).rows.map(\.phase) == ["ipxe_boot", "ipxe_boot", "ipxe_boot"])
    }

    @Test func registeringAgainIsAnotherDeployment() async throws {
        let place = try Workplace()
        let store = try place.open()
        #expect(try await store.register(1).deploymentID == "slipway-1-1")
        // Nothing was reported: it never began.
        #expect(try await store.register(1).deploymentID == "slipway-1-2")
        try await store.say("installation in_progress")
        await #expect(throws: DeploymentError.self) { try await store.register(1) }
        try await store.say("installation failed")
        let ticket = try await store.register(1)
        #expect(ticket.nodeID == 1 && ticket.deploymentID == "slipway-1-3")
        let status = try await store.status(node: 1)
        #expect(status.currentPhase == "pending" && status.phaseStatus == "waiting" && status.progressPercent == 0)
        #expect(try await store.history(node: 1).rows.map(\.phase) == ["installation", "installation", "pending"])
        // Another node cannot take the address.
        await #expect(throws: DeploymentError.self) {
            try await store.store(
                DeploymentRegistration(nodeName: "other", serverProfile: "p", managementIP: try address(1)))
        }
    }

    @Test func cleanupKeepsTheHistory() async throws {
        let store = try Workplace().open()
        _ = try await store.register(1)
        try await store.say("installation failed")
        #expect(try await store.cleanUp(node: 1).summary.successfulOperations == 1)
        _ = try await store.cleanUp(node: 1)
        try await store.say("installation failed", message: "late")
        #expect(try await store.node(1).deploymentStatus == "cleanup_completed")
        #expect(
            try await store.history(node: 1).rows.map(\.phase) == ["installation", "cleanup_completed", "installation"])
        try await store.say("ipxe_boot in_progress")
        let status = try await store.status(node: 1)
        #expect(status.deploymentID == "slipway-1-2" && status.currentPhase == "ipxe_boot" && !status.timedOut)
    }

    @Test func pagesFollowTheChanges() async throws {
        let store = try Workplace().open()
        for number in 1...5 { _ = try await store.register(number) }
        var since = 0
        var seen: [[Int]] = []
        while true {
            let page = try await store.page(since: since, instance: store.instance, limit: 2)
            seen.append(page.nodes.map(\.status.nodeID))
            #expect(page.totalNodes == 5)
            since = page.revision
            guard page.more else { break }
        }
        #expect(seen == [[1, 2], [3, 4], [5]])
        #expect(try await store.page(since: since).nodes.isEmpty)
        try await store.say("4", node: 2, message: "\u{1B}[31mred")
        for line in 0..<100 { try await store.say("-1", node: 2, message: "line \(line)") }
        try await store.say("installation in_progress", node: 2)
        let page = try await store.page(since: since)
        let entry = try #require(page.nodes.first)
        #expect(page.nodes.count == 1 && entry.status.nodeID == 2 && page.revision > since)
        // The talk of the installer does not push the phases out, and bytes are kept as they were sent.
        #expect(entry.rows.first?.phase == "DOWNLOADING_PACKAGES" && entry.rows.first?.channel == "installer")
        #expect(entry.rows.first?.message == "\u{1B}[31mred")
        #expect(entry.rows.last?.phase == "installation" && entry.rows.last?.channel == "phase")
        #expect(entry.rows.count { $0.phase == "LOG" } == 16 && entry.rows.count == 18)
        // A revision of another database, or one this database has not reached, means nothing.
        #expect(try await store.page(since: page.revision, instance: "another").nodes.count == 5)
        #expect(try await store.page(since: page.revision + 1000).nodes.count == 5)
    }

    @Test func aPageIsBoundedInBytes() async throws {
        let store = try Workplace().open()
        let text = String(repeating: "\u{1F6A2}", count: 4000)
        for number in 1...8 {
            _ = try await store.register(number)
            for _ in 0..<64 { try await store.say("installation in_progress", node: number, message: text) }
        }
        let page = try await store.page()
        #expect(page.more && page.nodes.count < 8 && !page.nodes.isEmpty)
        #expect(try await store.page(since: page.revision).nodes.count == 8 - page.nodes.count)
    }

    /// Whoever was answered is in the file: seen by another connection at once, and in a copy of the files as a crash would leave them.
    @Test func whatIsAcknowledgedIsInTheFile() async throws {
        let place = try Workplace()
        let store = try place.open()
        for number in 1...20 { _ = try await store.register(number) }
        let other = try DatabaseQueue(path: place.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for post in 0..<400 {
                group.addTask {
                    try await store.say("installation in_progress", node: post % 20 + 1, message: "post \(post)")
                    let found = try await other.read { db in
                        try Int.fetchOne(
                            db, sql: "SELECT count(*) FROM deployment_history WHERE message = ?",
                            arguments: ["post \(post)"])
                    }
                    #expect(found == 1)
                }
            }
            // Refusals among them take nothing with them.
            for _ in 0..<50 {
                group.addTask {
                    await #expect(throws: DeploymentError.self) {
                        try await store.say("installation failed", node: 200)
                    }
                }
            }
            try await group.waitForAll()
        }
        let copy = place.folder.appendingPathComponent("copy.sqlite").path
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: place.path + suffix, toPath: copy + suffix)
        }
        let reopened = try DeploymentStore(path: copy, time: place.time)
        #expect(reopened.instance == store.instance)
        var rows = 0
        for node in 1...20 { rows += try await reopened.history(node: node).rows.count }
        #expect(rows == 400)
    }

    @Test func aFullDatabaseRefusesAndKeeps() async throws {
        let place = try Workplace()
        let store = try place.open(maximumBytes: 200_000)
        _ = try await store.register(1)
        var stored = 0
        let failure = await #expect(throws: DeploymentError.self) {
            while stored < 1000 {
                try await store.say("installation in_progress", message: String(repeating: "x", count: 3000))
                stored += 1
            }
        }
        guard case .unavailable(let sentence) = failure else {
            Issue.record("not told as a fault of the disk: \(String(describing: failure))")
            return
        }
        #expect(sentence.contains("full") && !sentence.contains("xxx"))
        #expect(stored > 10)
        #expect(try await store.history(node: 1).rows.count == stored)
    }

    @Test func aDamagedDatabaseIsRefusedAndLeft() async throws {
        let place = try Workplace()
        let store = try place.open()
        _ = try await store.register(1)
        for _ in 0..<200 {
            try await store.say("installation in_progress", message: String(repeating: "x", count: 500))
        }
        try store.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: place.path))
        var holed = whole
        holed.replaceSubrange(8192..<40_960, with: Data(repeating: 0xA5, count: 40_960 - 8192))
        for damage in [Data("this is no database, only a text of some length".utf8), whole.prefix(20_000), holed] {
            try damage.write(to: URL(fileURLWithPath: place.path))
            let failure = #expect(throws: DeploymentError.self) { try place.open() }
            #expect(failure?.message.contains("damaged") == true, "\(failure?.message ?? "opened")")
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == damage)
        }
        let missing = #expect(throws: DeploymentError.self) {
            try DeploymentStore(path: place.path + "/no/such/folder", time: place.time)
        }
        #expect(missing?.message.contains("folder") == true)
    }
}
