import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The steps of an operation with their times as far as something tells them, and how far it is. Pure.
struct PoolTrack {
    let reading: PoolReading
    let operation: PoolMemory.Operation
    private let steps: [PoolStep]

    init(_ reading: PoolReading, operation: PoolMemory.Operation) {
        self.reading = reading
        self.operation = operation
        steps = PoolStep.steps(of: operation.kind)
    }

    private var isDone: Bool { operation.endedAt != nil && !operation.hasFailed }

    /// The number of steps that are done.
    private var done: Int { isDone ? steps.count : operation.reached.place }

    var phases: [Phase] {
        let starts = starts
        return steps.enumerated().map { index, step in
            let start = starts[index]
            if index < done {
                // How long it took is only known with both ends.
                let end = index + 1 < steps.count ? starts[index + 1] : operation.endedAt
                let isKnown = start != nil && end != nil
                return phase(step, .done, isKnown ? start : nil, isKnown ? end : nil)
            }
            if index == done {
                return phase(step, operation.hasFailed ? .failed : .running, start, operation.endedAt)
            }
            return phase(step, .waiting, nil, nil)
        }
    }

    private func phase(_ step: PoolStep, _ state: Phase.State, _ start: Date?, _ end: Date?) -> Phase {
        Phase(
            name: step.title, state: state, startedAt: start,
            endedAt: start.flatMap { start in end.map { max(start, $0) } }, usual: step.usual, usualCount: 0,
            limit: step.limit)
    }

    /// When each step up to the one reached began: as it was seen, or as the objects tell. No later one begins before an earlier one.
    private var starts: [Date?] {
        let told = PoolSteps(reading, kind: operation.kind, startedAt: operation.startedAt)
        let last = isDone ? steps.count - 1 : operation.reached.place
        var starts = steps.enumerated().map { index, step -> Date? in
            guard index <= last else { return nil }
            if index == 0 { return operation.startedAt }
            // The objects keep the times of what is there now; a look may have been late.
            let signs = [operation.firstSeen[step], told.told(step)].compactMap { $0 }
            return signs.filter { $0 >= operation.startedAt }.min()
        }
        var bound = operation.endedAt
        for index in starts.indices.reversed() {
            guard let known = starts[index] else { continue }
            starts[index] = bound.map { min($0, known) } ?? known
            bound = starts[index]
        }
        return starts
    }

    /// By the steps that are done, each weighing as much as it usually takes: by the runs recorded here, or typically.
    func progress(runs: [Run]) -> Progress {
        let weights = steps.map { step in Self.median(of: step, in: runs) ?? step.usual }
        let total = weights.reduce(0, +)
        let share = total > 0 ? weights.prefix(done).reduce(0, +) / total : 0
        // What has not ended is not whole, however it rounds.
        let percent = isDone ? 100 : min(99, Int((share * 100).rounded()))
        return Progress(percent: percent, done: done, total: steps.count, unit: "steps")
    }

    private static func median(of step: PoolStep, in runs: [Run]) -> Double? {
        let title = step.title
        let taken = runs.lazy.filter { $0.profile == step.operation.rawValue && $0.outcome == .done }
            .compactMap { $0.phases.first { $0.name == title }?.seconds }
        return PoolFree.quantiles(Array(taken))?.p50
    }
}
