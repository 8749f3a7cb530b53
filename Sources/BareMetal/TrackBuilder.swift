import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns the rows of one run into its track of phases.
struct TrackBuilder {
    let rows: [DeploymentRow]
    let outcome: DeploymentRun.Outcome
    /// When the run ended; rows after it change no phase's end.
    let endedAt: Date?
    let plan: PhasePlan

    private struct Span {
        var startedAt: Date
        var endedAt: Date?
        var failed = false
    }

    var phases: [Phase] {
        let (spans, order) = spans()
        return order.map { name in phase(name, span: spans[name], spans: spans) }
    }

    /// The reported phases with their times, and the names of the whole track in order.
    private func spans() -> (spans: [String: Span], order: [String]) {
        var spans: [String: Span] = [:]
        var order = plan.steps.map(\.name)
        for row in rows {
            guard let name = row.meaning.name else { continue }
            // What a node still says after it was cleaned up is no part of its deployment.
            if outcome == .cleaned, let endedAt, row.at > endedAt { continue }
            if !order.contains(name) {
                let place = position(of: name, in: order, spans: spans)
                order.insert(name, at: place)
            }
            advance(to: name, at: row.at, in: &spans)
            var span = spans[name] ?? Span(startedAt: row.at)
            span.failed = row.status == "failed"
            if row.status == "success" || row.status == "failed" {
                span.endedAt = row.at
            } else if row.channel == .phase {
                // Reported anew: it runs again.
                span.endedAt = nil
            }
            spans[name] = span
        }
        if case .failed(let phase, _) = outcome, var span = spans[phase] {
            span.failed = true
            span.endedAt = span.endedAt ?? endedAt
            spans[phase] = span
        }
        return (spans, order)
    }

    private func position(of name: String, in order: [String], spans: [String: Span]) -> Int {
        if let place = plan.place(of: name) {
            return order.firstIndex { (plan.place(of: $0) ?? -1) > place } ?? order.endIndex
        }
        // An unknown word goes behind the last phase that was reached before it.
        return (order.lastIndex { spans[$0] != nil } ?? -1) + 1
    }

    /// What was running before ends when a phase behind it begins.
    private func advance(to name: String, at instant: Date, in spans: inout [String: Span]) {
        guard spans[name] == nil else { return }
        let place = plan.place(of: name)
        for (other, span) in spans where span.endedAt == nil {
            let otherPlace = plan.place(of: other)
            if let place, let otherPlace, otherPlace > place { continue }
            // An unknown word does not end a counted phase: it may be said in the middle of one.
            if place == nil, otherPlace != nil { continue }
            spans[other]?.endedAt = instant
        }
    }

    private func phase(_ name: String, span: Span?, spans: [String: Span]) -> Phase {
        let step = plan.index(of: name).map { plan.steps[$0] }
        let typical = step.map(plan.typical)
        var phase = Phase(
            name: name, startedAt: span?.startedAt, endedAt: span?.endedAt, usual: typical?.usual,
            usualHigh: typical?.high, usualCount: typical == nil ? nil : 0, limit: step?.limit)
        if let span {
            phase.state = span.failed ? .failed : span.endedAt == nil && outcome == .none ? .running : .done
            if phase.endedAt == nil, let endedAt { phase.endedAt = max(span.startedAt, endedAt) }
        } else if outcome == .deployed || isBehind(name, spans) {
            phase.state = .skipped
        }
        return phase
    }

    /// Whether a counted phase behind this one was reached.
    private func isBehind(_ name: String, _ spans: [String: Span]) -> Bool {
        guard let place = plan.index(of: name) else { return false }
        return spans.keys.contains { plan.index(of: $0).map { $0 > place } ?? false }
    }
}
