import Fleet
import Foundation
import Screen

@testable import Dashboard

/// A fleet that stands still: every state, every reason to need somebody, one source that is well and one that is not.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_795_212_000)
    static let lab = SourceID("lab-orch")
    static let edge = SourceID("edge-orch")

    static let steps: [(String, Double)] = [
        ("ipxe_boot", 300), ("config_download", 120), ("foundation_start", 180), ("storage_discovery", 300),
        ("image_download", 900), ("installation", 1200), ("cluster_formation", 600), ("dns_registration", 120),
        ("health_validation", 300),
    ]

    static func source(_ id: SourceID, state: Source.State = .live, seen: Double = 1, error: String? = nil) -> Source {
        Source(
            id: id, kind: .metal, state: state, lastSuccess: now.addingTimeInterval(-seen), error: error,
            advice: error == nil ? nil : "Check that it runs.", nextTry: now.addingTimeInterval(8), period: 2,
            address: "http://\(id)")
    }

    /// A node in the phase at `index`, for `taken` seconds, having begun `since` seconds ago.
    static func node(
        _ number: Int, _ name: String, state: Item.State = .running, phase index: Int? = 4, taken: Double = 130,
        since: Double = 700, source: SourceID = lab, message: String = "downloading image"
    ) -> Item {
        let phases = steps.enumerated().map { offset, step in
            var phase = Phase(
                name: step.0, usual: step.1 * 0.5, usualHigh: step.1 * 0.8, usualCount: 14, limit: step.1)
            guard let index else { return phase }
            if offset < index || state == .done {
                phase.state = .done
                phase.startedAt = now.addingTimeInterval(-since + Double(offset) * 40)
                phase.endedAt = phase.startedAt?.addingTimeInterval(40)
            } else if offset == index, state != .waiting {
                phase.state = state == .failed ? .failed : .running
                phase.startedAt = now.addingTimeInterval(-taken)
                phase.endedAt = state == .failed ? now.addingTimeInterval(-taken / 2) : nil
            }
            return phase
        }
        let word = state == .done ? "deployed" : state == .failed ? "failed" : index.map { steps[$0].0 } ?? "pending"
        let ended = state == .done || state == .failed
        return Item(
            id: ItemID(kind: .metal, source: source, key: String(number)), kind: .metal, name: name, source: source,
            state: state, word: word, startedAt: state == .waiting ? nil : now.addingTimeInterval(-since),
            endedAt: ended ? now.addingTimeInterval(-taken / 2) : nil, limit: 4020,
            progress: Progress(
                percent: state == .done ? 100 : (index ?? 0) * 11, done: state == .done ? 9 : index ?? 0, total: 9,
                unit: "phases"),
            phases: phases,
            estimate: state == .running ? Estimate(p10: 400, p50: 560, p90: 840, n: 14, basis: .history, at: now) : nil,
            evidence: Evidence(at: now.addingTimeInterval(-min(taken, since)), from: "status API \(source)"),
            diagnosis: state == .failed
                ? Diagnosis(
                    cause: "\(steps[index ?? 0].0): \(message)", signs: ["reported by the node"],
                    next: ["Open the server's console.", "curl -s http://lab/api/status/history/\(number)"]) : nil,
            advice: ["Open the server's console."], profile: "bx2d-metal-48x192",
            detail: .metal(
                MetalDetail(
                    node: number, managementIP: "10.240.0.\(number)", serverProfile: "bx2d-metal-48x192",
                    clusterRole: "compute-storage", deploymentStatus: "\(word)_in_progress", message: message,
                    reports: [
                        .init(
                            phase: "ipxe_boot", status: "success", message: "booted", at: now.addingTimeInterval(-since)
                        ),
                        .init(phase: word, status: "in_progress", message: message, at: now.addingTimeInterval(-taken)),
                    ])))
    }

    static var items: [Item] {
        [
            node(11, "rack1-u10", phase: 4), node(12, "rack1-u12", phase: 5, taken: 300, since: 1500),
            node(13, "rack1-u14", state: .failed, phase: 3, taken: 240, message: "no boot device"),
            node(14, "rack1-u16", phase: 4, taken: 1000, since: 1400),
            node(15, "rack1-u18", state: .waiting, phase: nil),
            node(16, "rack1-u20", state: .done, phase: 8, taken: 7200, since: 9600),
            node(17, "rack2-u10", state: .done, phase: 8, taken: 600, since: 3000),
            node(18, "rack2-u12", state: .done, phase: 8, taken: 90_000, since: 92_400),
            node(19, "edge-a", phase: 0, taken: 60, since: 60, source: edge),
        ]
    }

    static var events: [Event] {
        [
            Event(
                at: now.addingTimeInterval(-400), kind: .metal, source: lab, item: items[1].id, name: "rack1-u12",
                level: .info, text: "image_download -> installation, took 6m12s (usual 7m30s)"),
            Event(
                at: now.addingTimeInterval(-120), kind: .metal, source: lab, item: items[2].id, name: "rack1-u14",
                level: .bad, text: "failed, storage_discovery: no boot device"),
            Event(
                at: now.addingTimeInterval(-47), kind: .metal, source: edge, name: "edge-orch", level: .warning,
                text: "edge-orch did not answer within 10 s."),
        ]
    }

    static var snapshot: Snapshot {
        Snapshot(
            at: now, items: items,
            sources: [
                source(lab),
                source(edge, state: .unreachable, seen: 47, error: "edge-orch did not answer within 10 s."),
            ], events: events)
    }

    static func state(
        _ snapshot: Snapshot = snapshot, glyphs: Glyphs = .box, size: Size = Size(columns: 80, rows: 24),
        isReadOnly: Bool = true
    ) -> State {
        var state = State(
            setting: .init(
                host: "ops-1", isReadOnly: isReadOnly, glyphs: glyphs, configPath: "~/.config/slipway/config.yaml"),
            now: now)
        _ = update(&state, .resized(size))
        _ = update(&state, .snapshot(snapshot))
        return state
    }
}

extension State {
    /// Presses keys by name, as `4 j j Enter`; gives what they want done outside.
    @discardableResult
    mutating func press(_ keys: String) -> [Effect] {
        keys.split(separator: " ").flatMap { name in
            Key(name: String(name)).map { update(&self, .key($0)) } ?? []
        }
    }

    mutating func type(_ text: String) {
        for character in text { _ = update(&self, .key(.character(character))) }
    }

    var text: String { view(self, size: size).grid.text() }
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// The line that holds `text`.
    func line(_ part: String) -> String? { lines.first { $0.contains(part) } }
}
