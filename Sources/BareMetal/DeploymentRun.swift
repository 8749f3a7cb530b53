import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The newest deployment in a node's history, as rows tell it. Pure: rows and a plan in, phases, percent and outcome out.
public struct DeploymentRun: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        case none
        case deployed
        /// The phase that failed and what was said.
        case failed(phase: String, message: String)
        case cleaned
    }

    /// The rows of this run, oldest first; none if nothing was reported yet.
    public let rows: [DeploymentRow]
    public let outcome: Outcome
    public let startedAt: Date?
    public let endedAt: Date?
    /// The track, in order: the nine counted phases, and every other that was reported, where it belongs.
    public let phases: [Phase]
    private let plan: PhasePlan

    /// - Parameter history: all rows of a node, oldest first.
    public init(history: [DeploymentRow], plan: PhasePlan) {
        self.plan = plan
        let last = Self.lastRun(of: history, plan: plan)
        rows = Array(history[last.start...])
        outcome = last.end.outcome
        startedAt = rows.first?.at
        endedAt = last.end.at
        phases = TrackBuilder(rows: rows, outcome: outcome, endedAt: endedAt, plan: plan).phases
    }

    /// The word for what the node does now: the newest phase that says something, or the outcome.
    public var word: String {
        switch outcome {
        case .deployed: "deployed"
        case .failed: "failed"
        case .cleaned: "cleanup_completed"
        case .none: rows.reversed().lazy.compactMap(Self.word(of:)).first ?? "pending"
        }
    }

    /// The installer's words stand for the phase they belong to; asides say nothing about the phase.
    private static func word(of row: DeploymentRow) -> String? {
        let meaning = row.meaning
        if row.channel == .installer { return meaning.name }
        return meaning.isAside ? nil : row.phase
    }

    /// Counted phases that are over, also those that were passed without a report.
    public var phasesDone: Int {
        phases.filter { plan.index(of: $0.name) != nil && ($0.state == .done || $0.state == .skipped) }.count
    }

    /// 0…100, by the phases' limits: all of the earlier ones, and of the present one as much as its time has run, never more than all of it.
    /// Other phases leave it where it is, a deployed node has 100, a failed one stays where it failed.
    public func percent(at now: Date) -> Int { pace.percent(at: now) }

    /// How the percentage follows the time: all that has to be kept of a run to go on telling it.
    enum Pace: Sendable, Equatable {
        case still(Int)
        /// Of `total` seconds of limits, `passed` and as many as have run between two instants, but at most `limit`.
        case moving(from: Date, until: Date, passed: Double, limit: Double, total: Double)

        func percent(at now: Date) -> Int {
            switch self {
            case .still(let percent): return percent
            case .moving(let start, let end, let passed, let limit, let total):
                let taken = min(limit, max(0, min(now, end).timeIntervalSince(start)))
                // 100 is for deployed alone.
                return min(99, Int((passed + taken) / total * 100))
            }
        }
    }

    var pace: Pace {
        if outcome == .deployed { return .still(100) }
        guard let current = phases.last(where: { plan.index(of: $0.name) != nil && $0.startedAt != nil }),
            let index = plan.index(of: current.name), let startedAt = current.startedAt
        else { return .still(0) }
        let passed = plan.limits(before: index)
        let limit = plan.steps[index].limit
        // Only its own success gives a phase its whole share: one that ended because something unlisted began keeps what it had.
        let isComplete =
            current.state == .done
            && rows.contains { $0.status == "success" && $0.meaning.name == current.name }
        if isComplete { return .still(min(99, Int((passed + limit) / plan.total * 100))) }
        let end = [endedAt, current.endedAt].compactMap { $0 }.min() ?? .distantFuture
        return .moving(from: startedAt, until: end, passed: passed, limit: limit, total: plan.total)
    }

    /// Where the last run begins, and how it ended.
    private static func lastRun(of history: [DeploymentRow], plan: PhasePlan) -> (start: Int, end: DeploymentEnd) {
        var start = 0
        var end = DeploymentEnd()
        for (index, row) in history.enumerated() where end.follow(row, plan: plan) { start = index }
        return (start, end)
    }
}
