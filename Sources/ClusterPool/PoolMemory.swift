import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What one look cannot tell: what earlier looks at a cluster have seen.
public struct PoolMemory: Sendable, Equatable {
    /// The present operation of a cluster, or its last one.
    struct Operation: Sendable, Equatable {
        var kind: PoolDetail.Operation
        var startedAt: Date
        /// Its beginning as it was told, with which that of another one is compared; the clock that wrote it may be ahead of ours.
        var toldStart: Date?
        var endedAt: Date?
        var hasFailed = false
        /// The furthest step; it never goes back.
        var reached: PoolStep
        /// When each step was first seen. Not the one of the first look: that had begun before.
        var firstSeen: [PoolStep: Date] = [:]
    }

    /// Spans that ended longer ago than this, in seconds, are forgotten.
    static let past: Double = 86_400
    /// A cluster whose status flutters must not fill the memory.
    static let spanLimit = 300

    public let firstLook: Date
    /// Its statuses, oldest first; the last is the present one.
    private(set) var spans: [PoolDetail.Span] = []
    private(set) var operation: Operation?
    /// An operation that ended well when another one followed at once, until somebody has told of it: the cluster never said that it was
    /// free in between.
    private(set) var finished: Operation?
    /// When anything of it was last seen to change.
    public internal(set) var changedAt: Date?

    init(firstLook: Date) { self.firstLook = firstLook }

    mutating func note(_ standing: PoolStanding, reading: PoolReading, now: Date) {
        noteSpan(standing, now: now)
        if let kind = standing.operation, standing.isOperating || standing.isQueued, kind != operation?.kind {
            finish(at: min(standing.startedAt ?? now, now))
        }
        if standing.isOperating, let kind = standing.operation {
            follow(kind, standing, reading, now: now)
        } else {
            settle(standing, reading, now: now)
        }
    }

    /// What was going on has made way for something else, and did not fail.
    private mutating func finish(at end: Date) {
        guard var ended = operation, ended.endedAt == nil else { return }
        ended.endedAt = max(ended.startedAt, end)
        finished = ended
        operation = nil
    }

    /// It has been told that it ended.
    mutating func forgetFinished() { finished = nil }

    private mutating func noteSpan(_ standing: PoolStanding, now: Date) {
        spans.removeAll { $0.to.map { now.timeIntervalSince($0) > Self.past } ?? false }
        let status = standing.status.rawValue
        guard spans.last?.status != status else { return }
        var from = min(standing.since ?? now, now)
        if let last = spans.last {
            // It cannot have begun before the one that it follows.
            from = max(from, last.from)
            spans[spans.count - 1].to = from
        }
        spans.append(PoolDetail.Span(status: status, from: from))
        if spans.count > Self.spanLimit { spans.removeFirst(spans.count - Self.spanLimit) }
    }

    private mutating func follow(
        _ kind: PoolDetail.Operation, _ standing: PoolStanding, _ reading: PoolReading, now: Date
    ) {
        var operation =
            present(kind, standing)
            ?? Operation(
                kind: kind, startedAt: min(standing.startedAt ?? now, now), toldStart: standing.startedAt,
                reached: PoolStep.steps(of: kind)[0])
        defer { self.operation = operation }
        guard let step = PoolSteps(reading, kind: kind, startedAt: operation.startedAt).current else { return }
        // What was going on when it was first looked at had begun before.
        let isWatched = !operation.firstSeen.isEmpty || spans.count > 1 || operation.startedAt >= firstLook
        if operation.firstSeen[step] == nil, step.place >= operation.reached.place {
            operation.firstSeen[step] = step.place == 0 ? operation.startedAt : isWatched ? now : nil
        }
        if step.place > operation.reached.place { operation.reached = step }
        if step == reading.namespace.step, let told = reading.namespace.time(PoolAnnotations.stepStarted) {
            operation.firstSeen[step] = min(max(told, operation.startedAt), now)
        }
    }

    /// The operation that is known, if that is the one that goes on.
    private func present(_ kind: PoolDetail.Operation, _ standing: PoolStanding) -> Operation? {
        guard let operation, operation.kind == kind, operation.endedAt == nil else { return nil }
        // Another beginning is another operation, though nobody saw the end of the one before.
        return standing.startedAt == nil || standing.startedAt == operation.toldStart ? operation : nil
    }

    /// Nothing is being done to it.
    private mutating func settle(_ standing: PoolStanding, _ reading: PoolReading, now: Date) {
        let hasFailed = standing.status == .error
        if let earlier = operation, earlier.endedAt == nil {
            let told = standing.since.flatMap { $0 > earlier.startedAt ? $0 : nil }
            operation?.endedAt = max(earlier.startedAt, min(told ?? now, now))
            operation?.hasFailed = hasFailed
        } else if hasFailed, operation?.hasFailed != true {
            // It had failed before anybody looked; what went well before that is not what failed.
            operation = failed(standing, reading)
        }
        // A lock begins something new, and a failure that a person has put right is over.
        let isTaken = standing.status == .locked && operation?.kind != .snapshot
        if isTaken || operation?.hasFailed == true && !hasFailed { operation = nil }
    }

    /// A failure as its annotations tell it.
    private func failed(_ standing: PoolStanding, _ reading: PoolReading) -> Operation? {
        guard let kind = standing.operation, let start = standing.startedAt else { return nil }
        let step = reading.namespace.step.flatMap { $0.operation == kind ? $0 : nil }
        return Operation(
            kind: kind, startedAt: start, toldStart: start, endedAt: max(start, standing.since ?? start),
            hasFailed: true, reached: step ?? PoolStep.steps(of: kind)[0])
    }
}
