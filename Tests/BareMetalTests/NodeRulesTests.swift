import Fleet
import Foundation
import TestSupport
import Testing

@testable import BareMetal

/// Readings of a node become an item.
@Suite struct NodeRulesTests {
    static let now = ManualTime.start
    static let rules = NodeRules(
        source: SourceID("lab"), plan: PhasePlan(), address: "http://lab:8080")

    static func row(_ phase: String, _ status: String, ago: Double, _ message: String = "m") -> DeploymentRow {
        DeploymentRow(phase: phase, status: status, message: message, at: now.addingTimeInterval(-ago))
    }

    static func reading(
        _ rows: [DeploymentRow], status: String = "provisioning", updated ago: Double = 100_000,
        name: String = "node-01"
    ) -> NodeReading {
        NodeReading(
            node: WireNode(
                id: 1, nodeName: name, serverProfile: "bx2d", clusterRole: "compute", deploymentStatus: status,
                managementIP: "10.0.0.1", createdAt: nil, updatedAt: nil),
            deployment: "bm-1", changedAt: now.addingTimeInterval(-ago), rows: rows
        ).following(heard: [])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var rows: [DeploymentRow]
        var status = "x"
        var updated = 100_000.0
        var state: Item.State
        var word: String
        var percent: Int
        var testDescription: String { "\(word) \(percent)%" }
    }

    static let cases = [
        Case(rows: [], status: "provisioning", state: .running, word: "provisioning", percent: 0),
        Case(rows: [], status: "cluster_assigned", state: .unknown, word: "cluster_assigned", percent: 0),
        Case(rows: [], status: "pending", state: .waiting, word: "pending", percent: 0),
        Case(
            rows: [row("server_requested", "in_progress", ago: 60)], state: .running, word: "server_requested",
            percent: 0),
        Case(rows: [row("ipxe_boot", "in_progress", ago: 150)], state: .running, word: "ipxe_boot", percent: 3),
        // A phase that overruns counts as its whole limit and no more.
        Case(rows: [row("ipxe_boot", "in_progress", ago: 900)], state: .running, word: "ipxe_boot", percent: 7),
        Case(
            rows: [row("ipxe_boot", "success", ago: 900), row("image_download", "in_progress", ago: 450)],
            state: .running,
            word: "image_download", percent: 33),
        // A phase outside the nine leaves the percentage where it is.
        Case(
            rows: [row("installation", "success", ago: 400), row("post_install", "in_progress", ago: 10)],
            state: .running,
            word: "post_install", percent: 74),
        Case(
            rows: [row("installation", "in_progress", ago: 600), row("nonsense", "in_progress", ago: 10)],
            state: .running,
            word: "nonsense", percent: 59),
        Case(rows: [row("health_validation", "success", ago: 5)], state: .done, word: "deployed", percent: 100),
        // Failure freezes: 300 s into installation, however long ago that was.
        Case(
            rows: [row("installation", "in_progress", ago: 9300), row("installation", "failed", ago: 9000)],
            state: .failed,
            word: "failed", percent: 52),
        Case(
            rows: [row("installation", "failed", ago: 900), row("cleanup_completed", "success", ago: 10)],
            state: .waiting,
            word: "cleanup_completed", percent: 44),
        // The installer's channel writes only the node's status; newer than the history, it says where the node is.
        Case(
            rows: [row("foundation_start", "in_progress", ago: 700)], status: "DOWNLOADING_PACKAGES", updated: 90,
            state: .running, word: "image_download", percent: 24),
        Case(
            rows: [row("image_download", "in_progress", ago: 90)], status: "LOG", updated: 10, state: .running,
            word: "image_download", percent: 24),
        Case(
            rows: [row("image_download", "in_progress", ago: 90)], status: "UNKNOWN", updated: 10, state: .running,
            word: "image_download", percent: 24),
        Case(
            rows: [row("image_download", "in_progress", ago: 90)], status: "failed", updated: 0, state: .failed,
            word: "failed",
            percent: 24),
    ]

    @Test(arguments: cases)
    func stateWordAndPercent(expected: Case) {
        let item = Self.rules.item(
            Self.reading(expected.rows, status: expected.status, updated: expected.updated), now: Self.now)
        #expect(item.state == expected.state)
        #expect(item.word == expected.word)
        #expect(item.progress?.percent == expected.percent)
    }

    /// The second channel writes one word over the other; what was heard before is remembered, and a phase keeps its start.
    @Test func wordsOfTheSecondChannelAreRemembered() {
        let rows = [Self.row("foundation_start", "in_progress", ago: 2000)]
        var reading: NodeReading?
        for (word, ago) in [
            ("DOWNLOADING_PACKAGES", 1500.0), ("INSTALLING_HYPERVISOR", 900), ("RUNNING_NUX_INSTALL", 300), ("LOG", 5),
        ] {
            reading = Self.reading(rows, status: word, updated: ago).following(heard: reading?.heard ?? [])
        }
        let item = reading.map { Self.rules.item($0, now: Self.now) }
        let phases = Dictionary(uniqueKeysWithValues: (item?.phases ?? []).map { ($0.name, $0) })
        #expect(phases["image_download"]?.state == .done)
        #expect(phases["installation"]?.startedAt == Self.now.addingTimeInterval(-900))
        #expect(item?.word == "installation")
        #expect(item?.evidence.at == Self.now.addingTimeInterval(-5))
    }

    @Test func aFailureNamesItsPhaseItsCauseAndWhatToDo() {
        let rows = [
            Self.row("installation", "in_progress", ago: 500),
            Self.row("installation", "failed", ago: 80, "no bootable disk"),
        ]
        let item = Self.rules.item(Self.reading(rows), now: Self.now)
        #expect(item.diagnosis?.cause == "installation: no bootable disk")
        #expect(item.diagnosis?.signs.contains("7m after the phase began") == true)
        #expect(item.diagnosis?.next.last == "curl -s http://lab:8080/api/status/history/1")
    }

    @Test func textFromOutsideIsHarmless() {
        let rows = [Self.row("ipxe_boot", "in_progress", ago: 5, "\u{1B}]0;owned\u{07}")]
        let item = Self.rules.item(Self.reading(rows, name: "\u{1B}[31mred"), now: Self.now)
        #expect(item.name == "\u{FFFD}[31mred")
        guard case .metal(let detail) = item.detail else { return #expect(Bool(false)) }
        #expect(!detail.message.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func onlyPhasesWithoutALimitCanBeSilent() {
        let waiting = Self.rules.item(
            Self.reading([Self.row("monitoring_start", "in_progress", ago: 1900)]), now: Self.now)
        #expect(waiting.attention(at: Self.now, source: nil)?.reason == .silent)
        let booting = Self.rules.item(Self.reading([Self.row("ipxe_boot", "in_progress", ago: 301)]), now: Self.now)
        #expect(booting.attention(at: Self.now, source: nil)?.reason == .overdue)
    }
}
