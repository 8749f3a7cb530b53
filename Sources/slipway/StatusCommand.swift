import ArgumentParser
import Fleet
import Foundation
import Yams

/// One look, then exit.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print what is there now, and exit.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, yaml }

    @OptionGroup var sources: SourceOptions
    @OptionGroup var recording: RecordOptions

    @Option(name: [.short, .customLong("output")], help: "table, json or yaml.")
    var output = Format.table

    func run() async throws {
        try await telling {
            let snapshot = try await OneLook(options: sources, recorders: try await recording.recorders()).snapshot()
            Output.text(try Self.text(snapshot, as: output))
            if snapshot.sources.values.allSatisfy({ $0.lastSuccess == nil }) {
                let first = snapshot.sources.values.first
                throw CommandFailure(
                    first?.error ?? "No source answered.", advice: first?.advice ?? "Try again.", status: .unreachable)
            }
        }
    }

    /// A snapshot as it is printed, with its last line end.
    static func text(_ snapshot: Snapshot, as format: Format) throws -> String {
        switch format {
        case .table: return StatusTable.text(snapshot)
        case .json:
            return String(decoding: try FleetCoder.encoder(pretty: true).encode(StatusReport(snapshot)), as: UTF8.self)
                + "\n"
        case .yaml:
            // Through JSON, so that both say the same in the same words.
            let json = try FleetCoder.encoder().encode(StatusReport(snapshot))
            let node = try Yams.compose(yaml: String(decoding: json, as: UTF8.self))
            return try node.map { try Yams.serialize(node: Self.block($0)) } ?? ""
        }
    }

    /// JSON's flow style is valid YAML, but nobody wants to read it.
    private static func block(_ node: Node) -> Node {
        switch node {
        case .mapping(let mapping):
            return .mapping(
                .init(mapping.map { ($0.key.isPlain ? plain($0.key) : $0.key, block($0.value)) }, mapping.tag, .block))
        case .sequence(let sequence): return .sequence(.init(sequence.map(block), sequence.tag, .block))
        default: return node
        }
    }

    private static func plain(_ node: Node) -> Node { Node(node.scalar?.string ?? "") }
}

extension Node {
    /// A key that needs no quotes.
    fileprivate var isPlain: Bool { scalar?.string.allSatisfy { $0.isLetter || $0.isNumber } ?? false }
}

/// The table of `slipway status`: the same words and marks as the screen, no colour, one line an item.
enum StatusTable {
    static func text(_ snapshot: Snapshot) -> String {
        let rows = snapshot.ranked().map { row($0, snapshot) }
        let titles = ["", "KIND", "NAME", "STATE", "DONE", "LEFT", "SEEN", "WHY"]
        var lines = rows.isEmpty ? ["nothing there"] : PlainTable.lines(titles, rows)
        for source in snapshot.sources.values.sorted(by: { $0.id < $1.id }) where source.error != nil {
            lines.append("source \(source.id) \(source.state.rawValue): \(source.error ?? "") \(source.advice ?? "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ item: Item, _ snapshot: Snapshot) -> [String] {
        let attention = item.attention(at: snapshot.at, source: snapshot.sources[item.source])
        let left = item.state == .running ? item.estimate?.text ?? "no history" : ""
        return [
            item.urgency(at: snapshot.at, source: snapshot.sources[item.source]).mark, item.kind.rawValue, item.name,
            item.word, item.progress?.text ?? "", left,
            DurationText.age(snapshot.at.timeIntervalSince(item.evidence.at)),
            attention.map { "\($0.reason.word): \($0.cause)" } ?? "",
        ]
    }
}
