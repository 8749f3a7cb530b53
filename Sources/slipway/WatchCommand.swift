import ArgumentParser
import BareMetal
import Collector
import Fleet
import Foundation

/// One item as lines until it ends; the exit status tells how.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow one item as lines until it ends.",
        discussion:
            "Exit status: 0 it ended well, 1 it failed, 2 there is no such item, 3 it is overdue, 4 unreachable.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(help: "What sort of item: metal.")
    var kind: String

    @Argument(help: "Its name, number or address.")
    var name: String

    @OptionGroup var sources: SourceOptions

    @Option(name: [.short, .customLong("output")], help: "text, or json: one item a line.")
    var output = Format.text

    @Option(help: "Seconds without an answer of the source until it counts as unreachable.")
    var giveUp = 60.0

    func validate() throws {
        guard Kind(rawValue: kind) == .metal else {
            throw ValidationError("\(kind) cannot be watched; this version watches metal.")
        }
        guard giveUp > 0 else { throw ValidationError("--give-up must be above 0.") }
    }

    func run() async throws {
        try await telling {
            let status = try await OneLook(options: sources).collecting { collector, open in
                try await follow(collector, open)
            }
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    private func follow(_ collector: FleetCollector, _ open: [OpenSource]) async throws -> ExitStatus {
        await OneLook.settled(collector)
        let (fleet, subscription) = await collector.subscribe()
        var snapshot = fleet
        guard let id = try await find(in: snapshot, open) else {
            throw CommandFailure(
                "There is no node \(name).", advice: "There are: \(Self.names(snapshot)).", status: .usage)
        }
        var printer = WatchPrinter(format: output)
        // Time alone can make it overdue or unreachable: look again each second, also when nothing changes.
        while true {
            snapshot.at = TimeSource.system.now()
            guard let item = snapshot.items[id] else {
                throw CommandFailure(
                    "\(name) has gone from its source.", advice: "Nothing is left to watch.", status: .failed)
            }
            printer.show(item, snapshot)
            if let status = ending(item, snapshot) { return status }
            try await TimeSource.system.sleep(1)
            for change in subscription.take() { snapshot.apply(change) }
        }
    }

    private func find(in snapshot: Snapshot, _ open: [OpenSource]) async throws -> ItemID? {
        let found = snapshot.items.values.filter { item in
            guard item.kind.rawValue == kind else { return false }
            if item.name == name || item.id.text == name { return true }
            guard case .metal(let detail) = item.detail else { return false }
            return detail.managementIP == name || detail.node.map(String.init) == name
        }
        if found.count > 1 {
            throw CommandFailure(
                "\(found.count) nodes are called \(name).",
                advice: "Say which: \(found.map(\.id.text).sorted().joined(separator: ", ")).", status: .usage)
        }
        if let item = found.first { return item.id }
        let failed = snapshot.sources.values.filter { $0.lastSuccess == nil }
        if failed.count == snapshot.sources.count, let source = failed.first {
            throw CommandFailure(
                source.error ?? "\(source.id) does not answer.", advice: source.advice ?? "Try again.",
                status: .unreachable)
        }
        // A service knows its nodes by more addresses than it shows.
        for source in open {
            guard let status = try? await source.client.status(address: name) else { continue }
            let id = ItemID(kind: .metal, source: source.feed.source.id, key: String(status.nodeID))
            if snapshot.items[id] != nil { return id }
        }
        return nil
    }

    private func ending(_ item: Item, _ snapshot: Snapshot) -> ExitStatus? {
        switch item.state {
        case .done: return .done
        case .failed: return .failed
        case .waiting, .running, .held, .unknown: break
        }
        // A node that was cleaned up after a failure has ended too.
        if item.endedAt != nil { return .failed }
        if let limit = item.limit, let taken = item.elapsed(at: snapshot.at), taken > limit { return .overdue }
        if let source = snapshot.sources[item.source], source.state != .live, source.age(at: snapshot.at) ?? 0 > giveUp
        {
            Output.error("slipway: \(source.error ?? "\(source.id) does not answer.")")
            return .unreachable
        }
        return nil
    }

    private static func names(_ snapshot: Snapshot) -> String {
        let names = snapshot.items.values.map(\.name).sorted()
        let shown = names.prefix(12).joined(separator: ", ")
        return names.isEmpty ? "none at all" : names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
    }
}

/// Prints an item when what it says has changed.
struct WatchPrinter {
    let format: WatchCommand.Format
    private var last = ""

    init(format: WatchCommand.Format) { self.format = format }

    mutating func show(_ item: Item, _ snapshot: Snapshot) {
        let text: String
        let key: String
        switch format {
        case .text:
            let attention = item.attention(at: snapshot.at, source: snapshot.sources[item.source])
            var parts = [item.word]
            if let progress = item.progress { parts.append(progress.text) }
            if item.state == .running { parts.append("left \(item.estimate?.text ?? "no history")") }
            if item.isEnded, let taken = item.elapsed(at: snapshot.at) {
                parts.append("took \(DurationText.short(taken))")
            }
            if let attention { parts.append("\(attention.reason.word): \(attention.cause)") }
            key = parts.joined(separator: "  ")
            text = "\(WireTime.clock(snapshot.at, zone: .current, seconds: true))  \(item.name)  \(key)"
            if attention != nil, item.isEnded, key != last {
                Output.line(text)
                for step in attention?.next ?? [] { Output.line("          next: \(step)") }
                last = key
                return
            }
        case .json:
            let entry = StatusReport.Entry(
                item: item, attention: item.attention(at: snapshot.at, source: snapshot.sources[item.source]))
            text = (try? FleetCoder.encoder().encode(entry)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
            key = text
        }
        guard key != last else { return }
        last = key
        Output.line(text)
    }
}
