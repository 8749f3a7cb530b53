import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The phases of an item in few lines: what is done, what runs or failed with its figures, what is to come.
struct ShortTrack {
    /// More are not named one by one.
    private static let namesLimit = 5
    private static let figuresLimit = 12

    let item: Item
    let table: TrackTable
    let now: Date

    /// - Parameter isTitled: with the titles of the figures and what is to come; without, what to do has more room.
    func lines(isTitled: Bool) -> [Line] {
        guard !item.phases.isEmpty else { return [] }
        let done = item.phases.filter { $0.state == .done }
        let waiting = item.isEnded ? [] : item.phases.filter { $0.state == .waiting }
        var lines = isTitled ? [table.title("phase", usual: "usual (p90)", last: "limit")] : []
        if !done.isEmpty {
            let names = done.map { phase in
                [phase.name, phase.elapsed(at: now).map(DurationText.short)].compactMap { $0 }.joined(separator: " ")
            }
            let took = done.compactMap { $0.elapsed(at: now) }.reduce(0, +)
            let many = took > 0 ? "\(done.count) steps, \(DurationText.short(took))" : "\(done.count) steps"
            lines += joined("done", done.count > Self.namesLimit ? [many] : names, .done)
        }
        lines += item.phases.filter { $0.state == .running || $0.state == .failed }.prefix(Self.figuresLimit).map(
            figures)
        if !waiting.isEmpty, isTitled {
            let rest = waiting.count > Self.namesLimit ? ["and \(waiting.count - Self.namesLimit) more"] : []
            lines += joined("to come", waiting.prefix(Self.namesLimit).map(\.name) + rest, .waiting)
        }
        return lines
    }

    private func figures(_ phase: Phase) -> Line {
        table.line(
            phase.name, state: phase.state,
            took: TrackText.took(phase.elapsed(at: now), isRunning: phase.state == .running),
            usual: TrackText.usual(phase.usual, high: phase.usualHigh, count: phase.usualCount),
            last: phase.limit.map(DurationText.short) ?? "-", tail: table.tail(phase.bar(at: now)))
    }

    private func joined(_ word: String, _ names: [String], _ phase: Phase.State) -> [Line] {
        let text = "\(word): \(names.joined(separator: ", "))"
        return Text.wrapped(text, to: max(8, table.width - 2)).enumerated().map { index, part in
            Line("\(index == 0 ? phase.mark.text : " ") \(part)", Style(phase.mark.role))
        }
    }
}
