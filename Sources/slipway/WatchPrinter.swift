import Fleet
import Foundation

/// What `slipway watch` writes about an item as it changes.
protocol WatchPrinting {
    mutating func show(_ item: Item, _ snapshot: Snapshot)
    /// The item has ended: what is left to say.
    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus)
    /// A sentence about the command itself, for the error output.
    mutating func say(_ line: String)
}

extension WatchPrinting {
    mutating func say(_ line: String) { Output.error("slipway: \(line)") }
}

/// Prints an item when what it says has changed.
struct WatchPrinter: WatchPrinting {
    let format: WatchCommand.Format
    private var last = ""

    init(format: WatchCommand.Format) { self.format = format }

    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus) {}

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
