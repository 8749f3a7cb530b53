import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One log stream of a head node: what was written while it was set up, and for a daemon what it writes every minute
/// afterwards.
///
/// Lines are made when they are asked for, because a cluster may be days old.
struct HeadNodeLog: Sendable {
    struct Entry: Sendable {
        let at: Date
        let text: String
    }

    let life: ClusterLife
    let log: String
    private let lines: [HeadNodeScript.Line]
    private let isDaemon: Bool

    var name: String { "\(life.headNodeHost).\(life.headNode.id).\(log)" }

    /// The streams in which something was written by then; none ever for a head node that hangs before it can write.
    static func all(of life: ClusterLife, at age: Double) -> [HeadNodeLog] {
        guard life.cluster.fate != .hanging else { return [] }
        let script = life.cluster.fate == .failingScript ? HeadNodeScript.failing : HeadNodeScript.ready
        let names = script.reduce(into: [String]()) { if !$0.contains($1.log) { $0.append($1.log) } }
        return names.map { name in
            HeadNodeLog(
                life: life, log: name, lines: script.filter { $0.log == name }, isDaemon: name == "clustermgtd")
        }.filter { $0.count(at: age) > 0 }
    }

    /// How many lines were written by then.
    func count(at age: Double) -> Int {
        let age = min(age, life.headNode.ends ?? .infinity)
        let written = lines.prefix { self.age(of: $0) <= age }.count
        guard isDaemon, written == lines.count, age >= beatsFrom else { return written }
        // A round is written at once.
        return written + (Int((age - beatsFrom) / Self.round) + 1) * Self.beat.count
    }

    /// - Parameter index: below the count.
    func entry(_ index: Int) -> Entry {
        guard index >= lines.count else { return entry(lines[index].text, at: age(of: lines[index])) }
        let beat = index - lines.count
        let at = beatsFrom + Double(beat / Self.beat.count) * Self.round
        return entry(Self.beat[beat % Self.beat.count], at: at)
    }

    private func age(of line: HeadNodeScript.Line) -> Double {
        life.headNode.launched + line.position * life.plan.bootstrap
    }

    private var beatsFrom: Double { (lines.last.map { age(of: $0) } ?? 0) + 10 }

    private static let round: Double = 60
    private static let beat = [
        "manage_cluster] - INFO - Managing cluster...",
        "_manage_compute_fleet_status_transitions] - INFO - Current compute fleet status: {fleet}",
        "manage_cluster] - INFO - Retrieving list of EC2 instances associated with the cluster",
        "_perform_health_check_actions] - INFO - Performing instance health check actions",
        "_maintain_nodes] - INFO - Following nodes are currently in replacement: (x0) []",
    ].map { "{cfn} - [slurm_plugin.clustermgtd:" + $0 }

    private func entry(_ text: String, at age: Double) -> Entry {
        let date = life.date(age)
        let stamp = WireTime.text(date)
        let second = stamp.prefix(19)
        let words = [
            "host": life.headNodeHost, "stack": life.cluster.name, "region": life.cluster.region,
            "instance": life.headNode.id,
            "cfn": "\(second.prefix(10)) \(second.suffix(8)),\(stamp.dropLast().suffix(3))", "chef": "\(second)+00:00",
            "slurm": String(stamp.dropLast()), "fleet": age < life.fleetRunsAt ?? 0 ? "STARTING" : "RUNNING",
        ]
        let parts = text.split(separator: "{", omittingEmptySubsequences: false)
        let filled = parts.dropFirst().map { part in
            let pieces = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
            return (words[String(pieces[0])] ?? "") + (pieces.count > 1 ? pieces[1] : "")
        }
        return Entry(at: date, text: parts[0] + filled.joined())
    }
}
