import ArgumentParser
import Collector
import Fleet
import Foundation
import History
import Screen
import Yams

/// One look, then exit.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print what is there now, and exit.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, yaml }

    @OptionGroup var sources: SourceOptions

    @Option(name: [.short, .customLong("output")], help: "table, json or yaml.")
    var output = Format.table

    func run() async throws {
        try await telling {
            let snapshot = try await OneLook(options: sources).snapshot()
            switch output {
            case .table: print(StatusTable.text(snapshot), terminator: "")
            case .json:
                print(
                    String(decoding: try FleetCoder.encoder(pretty: true).encode(StatusReport(snapshot)), as: UTF8.self)
                )
            case .yaml:
                // Through JSON, so that both say the same in the same words.
                let json = try FleetCoder.encoder().encode(StatusReport(snapshot))
                let node = try Yams.compose(yaml: String(decoding: json, as: UTF8.self))
                print(try node.map { try Yams.serialize(node: Self.block($0)) } ?? "", terminator: "")
            }
            if snapshot.sources.values.allSatisfy({ $0.lastSuccess == nil }) {
                let first = snapshot.sources.values.first
                throw CommandFailure(
                    first?.error ?? "No source answered.", advice: first?.advice ?? "Try again.", status: .unreachable)
            }
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

/// Runs the configured feeds until each source has answered or failed, and takes what is there then.
struct OneLook {
    let options: SourceOptions
    /// No source is waited for longer, in seconds.
    private static let patience: Double = 15

    func snapshot() async throws -> Snapshot {
        try await collecting { collector, _ in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await Self.settled(collector) }
                group.addTask { try? await TimeSource.system.sleep(Self.patience) }
                await group.next()
                group.cancelAll()
            }
            return await collector.current()
        }
    }

    /// Runs a collector over the configured or detected sources while `body` works with it.
    func collecting<Result: Sendable>(
        _ body: @escaping @Sendable (FleetCollector, [OpenSource]) async throws -> Result
    ) async throws -> Result {
        let paths = Paths()
        let config = await SourceDetection.complete(try options.read(paths))
        guard !config.metal.isEmpty else {
            throw CommandFailure(
                "No source is configured, and no status API was found at \(SourceDetection.defaultURL).",
                advice: "Write `metal: http://HOST:8080` into \(Paths.short(paths.config)), or pass --metal URL.",
                status: .usage)
        }
        try? paths.makeStateFolder()
        let time = TimeSource.system
        let history = try HistoryStore.open(paths, time: time)
        let open = try await OpenSource.open(config, time: time)
        let collector = FleetCollector(
            feeds: open.map(\.feed), history: history, firstFrame: nil, time: time, isGuest: true)
        let result: Swift.Result<Result, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await collector.run() }
            defer { group.cancelAll() }
            do { return .success(try await body(collector, open)) } catch { return .failure(error) }
        }
        for source in open { await source.close() }
        return try result.get()
    }

    /// Returns when each source has answered or failed once.
    static func settled(_ collector: FleetCollector) async {
        let (fleet, subscription) = await collector.subscribe()
        var waiting = Set(fleet.sources.values.filter { $0.lastSuccess == nil && $0.error == nil }.map(\.id))
        if !waiting.isEmpty {
            for await _ in subscription.signals {
                for case .source(let source) in subscription.take() { waiting.remove(source.id) }
                if waiting.isEmpty { break }
            }
        }
        await collector.unsubscribe(subscription)
    }
}

/// The table of `slipway status`: the same words and marks as the screen, no colour, one line an item.
enum StatusTable {
    static func text(_ snapshot: Snapshot) -> String {
        let rows = snapshot.ranked().map { row($0, snapshot) }
        let titles = ["", "KIND", "NAME", "STATE", "DONE", "LEFT", "SEEN", "WHY"]
        let widths = titles.indices.map { index in ([titles] + rows).map { TextWidth.of($0[index]) }.max() ?? 0 }
        var lines = ([titles] + rows).map { cells in
            let line = zip(cells, widths).map { Text.padded($0, to: $1) }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        if rows.isEmpty { lines = ["nothing there"] }
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
