import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is written into the annotations of a cluster's namespace; nil takes one out. Each change of the pool is one such patch. Pure.
struct PoolNotes: Sendable, Equatable {
    private(set) var notes: [String: String?] = [:]
    private let now: Date

    private init(_ now: Date) { self.now = now }

    /// As an RFC 7396 merge patch.
    ///
    /// - Parameter version: the change is refused when anything else has changed since; nil changes in any case.
    func patch(version: String?, labels: [String: String] = [:]) -> JSONValue {
        var metadata: [String: JSONValue] = ["annotations": .object(notes.mapValues { $0.map { .text($0) } ?? .null })]
        if let version { metadata["resourceVersion"] = .text(version) }
        if !labels.isEmpty { metadata["labels"] = .object(labels.mapValues { .text($0) }) }
        return ["metadata": .object(metadata)]
    }

    // MARK: lending

    static func lent(to session: String, life: Double?, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.set(.locked)
        notes.notes[PoolAnnotations.assignedSession] = session
        notes.notes[PoolAnnotations.lockTime] = WireTime.text(now)
        notes.notes[PoolAnnotations.lockExpires] = life.map { WireTime.text(now.addingTimeInterval($0)) }
        return notes
    }

    /// The lock lasts until then.
    static func extended(to end: Date, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.notes[PoolAnnotations.lockExpires] = WireTime.text(end)
        return notes
    }

    // MARK: operations

    /// Somebody is to do it; nobody has begun.
    static func queued(_ operation: PoolDetail.Operation, status: PoolStatus?, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        if let status { notes.set(status) }
        notes.forgetOperation()
        notes.forgetSession()
        notes.notes[PoolAnnotations.operation] = operation.rawValue
        return notes
    }

    static func begun(_ operation: PoolDetail.Operation, holder: String, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.notes[PoolAnnotations.operationHolder] = holder
        notes.notes[PoolAnnotations.operationStarted] = WireTime.text(now)
        notes.reach(PoolStep.steps(of: operation)[0])
        return notes
    }

    /// Goes on with what another one has begun.
    static func taken(over holder: String, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.notes[PoolAnnotations.operationHolder] = holder
        return notes
    }

    static func reached(_ step: PoolStep, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.reach(step)
        return notes
    }

    /// The cluster is free.
    ///
    /// - Parameter isAvailable: whether it said so already, all the time.
    static func done(_ operation: PoolDetail.Operation, isAvailable: Bool, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        if !isAvailable { notes.set(.available) }
        notes.forgetOperation()
        if operation == .reset { notes.notes[PoolAnnotations.lastReset] = WireTime.text(now) }
        return notes
    }

    /// The machines stand; their golden snapshots come next, before anybody gets the cluster: without them it could not be reset.
    static func built(now: Date) -> PoolNotes {
        var notes = queued(.snapshot, status: nil, now: now)
        notes.notes[PoolAnnotations.createdAt] = WireTime.text(now)
        // The machines are as new.
        notes.notes[PoolAnnotations.lastReset] = WireTime.text(now)
        return notes
    }

    /// Operation, beginning and step stay: they tell how far it came.
    static func failed(_ text: String, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.set(.error)
        notes.notes[PoolAnnotations.error] = text
        notes.notes[PoolAnnotations.operationHolder] = .some(nil)
        return notes
    }

    // MARK: by hand and by health

    static func marked(_ status: PoolStatus, reason: String?, now: Date) -> PoolNotes {
        var notes = PoolNotes(now)
        notes.set(status)
        notes.forgetOperation()
        notes.forgetSession()
        notes.notes[PoolAnnotations.error] = reason
        return notes
    }

    /// It was looked at.
    ///
    /// - Parameter found: what is to be written of it besides.
    static func checked(_ found: PoolNotes? = nil, now: Date) -> PoolNotes {
        var notes = found ?? PoolNotes(now)
        notes.notes[PoolAnnotations.lastHealthCheck] = WireTime.text(now)
        return notes
    }

    // MARK: parts

    private mutating func set(_ status: PoolStatus) {
        notes[PoolAnnotations.status] = status.rawValue
        notes[PoolAnnotations.statusSince] = WireTime.text(now)
    }

    private mutating func reach(_ step: PoolStep) {
        notes[PoolAnnotations.operationStep] = step.rawValue
        notes[PoolAnnotations.stepStarted] = WireTime.text(now)
    }

    private mutating func forgetSession() {
        for name in [PoolAnnotations.assignedSession, PoolAnnotations.lockTime, PoolAnnotations.lockExpires] {
            notes[name] = .some(nil)
        }
    }

    private mutating func forgetOperation() {
        for name in [
            PoolAnnotations.operation, PoolAnnotations.operationStarted, PoolAnnotations.operationHolder,
            PoolAnnotations.operationStep, PoolAnnotations.stepStarted, PoolAnnotations.error,
        ] { notes[name] = .some(nil) }
    }
}
