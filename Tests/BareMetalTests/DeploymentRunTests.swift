import Fleet
import Foundation
import Testing

@testable import BareMetal

/// `phase status @second`; a `!` in front marks the installer's channel. Oldest first, parted by commas.
private func history(_ text: String) -> [DeploymentRow] {
    text.split(separator: ",").map { entry in
        var words = entry.split(separator: " ").map(String.init)
        let isInstaller = words.first?.hasPrefix("!") ?? false
        if isInstaller { words[0].removeFirst() }
        return DeploymentRow(
            phase: words[0], status: words[1], message: "said of \(words[0])",
            at: Date(timeIntervalSince1970: Double(words[2].dropFirst()) ?? 0),
            channel: isInstaller ? .installer : .phase)
    }
}

@Suite struct DeploymentRunTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let history: String
        let now: Double
        let percent: Int
        let outcome: DeploymentRun.Outcome
        var word: String?
        var rows: Int?
        var testDescription: String { name }
    }

    private static let failedInstallation = DeploymentRun.Outcome.failed(
        phase: "installation", message: "said of installation")

    static let cases = [
        Case(name: "nothing yet", history: "", now: 50, percent: 0, outcome: .none, word: "pending", rows: 0),
        Case(
            name: "half of the first phase", history: "ipxe_boot in_progress @0", now: 150, percent: 3, outcome: .none,
            word: "ipxe_boot"),
        Case(
            name: "a phase over its limit stops at its end", history: "ipxe_boot in_progress @0", now: 9000, percent: 7,
            outcome: .none),
        Case(
            name: "a phase in the middle, earlier ones unreported", history: "image_download in_progress @900",
            now: 1350,
            percent: 33, outcome: .none),
        Case(
            name: "unlisted phases leave the percentage",
            history: "image_download in_progress @900,post_install success @1000,ibm_cloud_status running @1010",
            now: 1350,
            percent: 24, outcome: .none),
        Case(
            name: "an unknown word leaves the percentage",
            history: "image_download in_progress @900,nonsense in_progress @950", now: 1350, percent: 33,
            outcome: .none,
            word: "nonsense"),
        Case(
            name: "deployed is 100", history: "ipxe_boot in_progress @0,health_validation success @90", now: 95,
            percent: 100, outcome: .deployed, word: "deployed"),
        Case(
            name: "a late phase does not undo deployed",
            history: "health_validation success @90,post_install success @95,dns_registration success @96", now: 9000,
            percent: 100, outcome: .deployed),
        Case(
            name: "a failure freezes", history: "installation in_progress @1800,installation failed @2400", now: 99_999,
            percent: 59, outcome: failedInstallation, word: "failed"),
        Case(
            name: "a bare failure happened in the phase before it",
            history: "installation in_progress @1800,failed failed @2400", now: 99_999, percent: 59,
            outcome: .failed(phase: "installation", message: "said of failed")),
        Case(
            name: "a consequence does not replace the cause",
            history: "installation in_progress @1800,installation failed @2400,deployment_failed failed @2500",
            now: 99_999,
            percent: 59, outcome: failedInstallation),
        Case(
            name: "what comes beside the track does not undo a failure",
            history:
                "installation in_progress @1800,installation failed @2400,post_install success @2500,ibm_cloud_status off @2600",
            now: 99_999, percent: 59, outcome: failedInstallation),
        Case(
            name: "another try undoes a failure",
            history: "installation in_progress @1800,installation failed @2400,installation in_progress @2500",
            now: 2600,
            percent: 64, outcome: .none, word: "installation", rows: 3),
        Case(
            name: "cleaned up stays so",
            history: "installation failed @10,cleanup_completed success @20,installation failed @30",
            now: 40, percent: 44, outcome: .cleaned, word: "cleanup_completed"),
        Case(
            name: "a boot after the cleanup is a new run",
            history: "installation failed @10,cleanup_completed success @20,ipxe_boot in_progress @1000", now: 1150,
            percent: 3, outcome: .none, rows: 1),
        Case(
            name: "a boot after a failure is a new run",
            history: "installation failed @10,ipxe_boot in_progress @1000,ipxe_boot in_progress @1010", now: 1150,
            percent: 3,
            outcome: .none, rows: 2),
        Case(
            name: "a boot in the middle of a run is not",
            history: "installation in_progress @10,ipxe_boot in_progress @20",
            now: 30, percent: 45, outcome: .none, rows: 2),
        Case(
            name: "an opening phase is a new run, and several are one",
            history: "installation in_progress @10,provisioning in_progress @100,server_requested success @110",
            now: 120,
            percent: 0, outcome: .none, rows: 2),
        Case(
            name: "what is said beside them does not part openings",
            history:
                "installation failed @10,provisioning in_progress @100,ibm_cloud_status starting @101,!LOG in_progress @102,!UNKNOWN in_progress @103,bare_metal_deploy in_progress @110,ibm_cloud_status running @111",
            now: 120, percent: 0, outcome: .none, word: "bare_metal_deploy", rows: 6),
        Case(
            name: "an installer's word that is called like an opening or an end is neither",
            history: "installation in_progress @0,!provisioning in_progress @60,!deployed in_progress @70", now: 600,
            percent: 59, outcome: .none, word: "installation", rows: 3),
        Case(
            name: "a late report of an earlier phase",
            history: "image_download in_progress @900,foundation_start success @905",
            now: 1350, percent: 33, outcome: .none),
        Case(
            name: "the installer's words move it",
            history:
                "ipxe_boot success @0,!DOWNLOADING_PACKAGES in_progress @900,!LOG in_progress @901,!UNKNOWN in_progress @902",
            now: 1350, percent: 33, outcome: .none),
        Case(
            name: "the installer gives up",
            history: "!INSTALLING_HYPERVISOR in_progress @1800,!error failed @2400,!LOG in_progress @9000", now: 99_999,
            percent: 59, outcome: .failed(phase: "installation", message: "said of error"), word: "failed"),
    ]

    @Test(arguments: cases) func percentAndOutcome(_ example: Case) {
        let run = DeploymentRun(history: history(example.history), plan: PhasePlan())
        #expect(run.percent(at: Date(timeIntervalSince1970: example.now)) == example.percent)
        #expect(run.outcome == example.outcome)
        if let word = example.word { #expect(run.word == word) }
        if let rows = example.rows { #expect(run.rows.count == rows) }
    }

    /// Each phase as `name:state:seconds`, only those that were reached.
    private func track(_ text: String) -> [String] {
        DeploymentRun(history: history(text), plan: PhasePlan()).phases.compactMap { phase in
            guard let start = phase.startedAt else { return nil }
            let took = phase.endedAt.map { String(Int($0.timeIntervalSince(start))) } ?? "-"
            return "\(phase.name):\(phase.state.rawValue):\(took)"
        }
    }

    @Test func trackOfPhases() {
        #expect(
            track(
                "ipxe_boot in_progress @0,config_requested in_progress @60,network_config success @70,installation in_progress @80"
            )
                == ["ipxe_boot:done:60", "config_download:done:10", "network_config:done:0", "installation:running:-"])
        // What is said after the end moves no end.
        #expect(
            track("installation in_progress @0,failed failed @30,ibm_cloud_status stopped @500")
                == ["installation:failed:30"])
    }

    /// What the orchestrator really had in its table: `ipxe_boot` twice, from two reporters.
    @Test func recordedHistory() throws {
        let data = try Data(contentsOf: fixture("history.json"))
        let rows = try JSONDecoder().decode(WireHistory.self, from: data).rows.map { row in
            DeploymentRow(
                phase: row.phase, status: row.status, message: row.message,
                at: try #require(WireTime.date(row.timestamp)))
        }
        let run = DeploymentRun(history: rows, plan: PhasePlan())
        #expect(run.rows.count == 13)
        #expect(run.phasesDone == 6)
        #expect(run.outcome == .none)
        #expect(run.phases.map(\.state) == Array(repeating: .done, count: 6) + Array(repeating: .waiting, count: 3))
        #expect(run.percent(at: try #require(rows.last?.at)) == 74)
    }

    private func fixture(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/bare-metal/\(name)")
    }
}
