import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is said of the time that is left, or why there is no such thing.
enum LeftText {
    static func line(_ item: Item, attention: Attention?, now: Date) -> Line {
        if let attention {
            switch attention.reason {
            case .failed:
                return Line(["failed", since(item, now)].compactMap { $0 }.joined(separator: " "), Style(.statusFail))
            case .overdue:
                return Line(
                    "overdue" + (attention.limit.map { ", limit \(DurationText.short($0))" } ?? ""), Style(.statusWarn))
            case .silent:
                return Line("silent \(DurationText.age(now.timeIntervalSince(item.evidence.at)))", Style(.statusWarn))
            case .atRisk: break
            }
        }
        if let phase = item.currentPhase, phase.isSlow(at: now), let usual = phase.usual, let high = phase.usualHigh {
            return Line("slow: usual \(DurationText.band(usual, high))", Style(.statusWarn))
        }
        switch item.state {
        case .running:
            return Line(item.estimate?.text ?? "no history", Style(item.estimate?.p50 == nil ? .muted : .text))
        case .done: return Line(since(item, now) ?? "", Style(.muted))
        case .waiting, .failed, .held, .unknown: return Line()
        }
    }

    /// `2h ago`, since its end.
    private static func since(_ item: Item, _ now: Date) -> String? {
        item.endedAt.map { "\(DurationText.age(now.timeIntervalSince($0))) ago" }
    }
}
