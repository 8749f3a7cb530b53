import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which differences are worth a line in the event list. Pure.
enum EventRules {
    /// - Parameter earlier: the item before; nil for one that was not there.
    static func events(from earlier: Item?, to item: Item, now: Date) -> [Event] {
        guard let earlier else { return [event(item, now, .info, "appeared: \(item.word)")] }
        if item.state != earlier.state || item.startedAt != earlier.startedAt {
            switch item.state {
            case .failed:
                return [event(item, now, .bad, "failed, \(item.diagnosis?.cause ?? item.word)")]
            case .done:
                let took = item.elapsed(at: now).map { ", took \(DurationText.short($0))" } ?? ""
                return [event(item, now, .good, "\(earlier.word) -> \(item.word)\(took)")]
            case .waiting, .running, .held, .unknown: break
            }
        }
        guard item.word != earlier.word else { return [] }
        return [event(item, now, .info, "\(earlier.word) -> \(item.word)\(took(earlier.word, in: item, now: now))")]
    }

    /// A running item began to need a person, or no longer does.
    static func event(_ attention: Attention, of item: Item, now: Date) -> Event {
        event(item, now, .warning, "\(attention.reason.word): \(attention.cause)")
    }

    static func gone(_ item: Item, now: Date) -> Event { event(item, now, .info, "gone, was \(item.word)") }

    static func events(from earlier: Source?, to source: Source, now: Date) -> [Event] {
        guard let earlier else { return [] }
        switch (earlier.state, source.state) {
        case (.live, .live), (.late, .unreachable), (.late, .late), (.unreachable, .unreachable), (_, .stopped):
            return []
        case (.live, _), (.stopped, _):
            return [event(source, now, .warning, source.error ?? "does not answer")]
        case (_, .live):
            let gap = earlier.lastSuccess.map { " after \(DurationText.short(now.timeIntervalSince($0))) gap" } ?? ""
            return [event(source, now, .good, "answers again\(gap)")]
        case (.unreachable, .late): return []
        }
    }

    private static func took(_ word: String, in item: Item, now: Date) -> String {
        guard let phase = item.phases.first(where: { $0.name == word }), phase.state != .running,
            let seconds = phase.elapsed(at: now)
        else { return "" }
        let usual = phase.usual.map { " (usual \(DurationText.short($0)))" } ?? ""
        return ", took \(DurationText.short(seconds))\(usual)"
    }

    private static func event(_ item: Item, _ now: Date, _ level: Event.Level, _ text: String) -> Event {
        Event(
            at: now, kind: item.kind, source: item.source, item: item.id, name: item.name, level: level,
            text: SafeText.line(text))
    }

    private static func event(_ source: Source, _ now: Date, _ level: Event.Level, _ text: String) -> Event {
        Event(
            at: now, kind: source.kind, source: source.id, name: source.id.text, level: level,
            text: SafeText.line(text))
    }
}
