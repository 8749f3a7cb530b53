import Fleet
import Foundation

/// Tells how a practice cluster gets on: a line for each step, and at a bad end the cause and what to do.
struct PoolPrinter: WatchPrinting {
    private var last = ""
    /// When what is told of began: a bootstrap is several operations, one after the other.
    private var begunAt: Date?

    mutating func show(_ item: Item, _ snapshot: Snapshot) {
        let attention = item.attention(at: snapshot.at, source: snapshot.sources[item.source])
        var parts = [item.name, item.word]
        var key = item.word
        if item.state == .running || item.state == .waiting { begunAt = begunAt ?? item.startedAt ?? snapshot.at }
        if item.state == .running, let phase = item.currentPhase {
            if let progress = item.progress { parts.append("\(progress.percent)%") }
            parts.append(phase.name)
            parts.append("left \(item.estimate?.text ?? "no history")")
            key += phase.name
        }
        if let attention {
            let text = "\(attention.reason.word): \(attention.cause)"
            parts.append(text)
            key += text
        }
        // Percent and time left change all the time: what has to be said is the next step.
        guard key != last else { return }
        last = key
        Output.line("\(WireTime.clock(snapshot.at, zone: .current, seconds: true))  \(parts.joined(separator: "  "))")
    }

    mutating func end(_ item: Item, _ snapshot: Snapshot, _ status: ExitStatus) {
        if let begunAt {
            Output.line("          took \(DurationText.short(snapshot.at.timeIntervalSince(begunAt)))")
        }
        guard status == .failed else { return }
        let attention = item.attention(at: snapshot.at, source: snapshot.sources[item.source])
        for sign in attention?.signs ?? [] { Output.line("          sign: \(sign)") }
        for step in attention?.next ?? [] { Output.line("          next: \(step)") }
    }
}
