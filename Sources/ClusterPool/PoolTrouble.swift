import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why a cluster has failed, or is in danger: the cause in one sentence, what speaks for it, and what to do. Pure.
struct PoolTrouble {
    /// A session is taken back within two rounds of the backend's clean-up, which comes every five minutes (wire-formats 11). Seconds.
    static let expiryGrace: Double = 600
    /// A machine that has been starting for longer than this, in seconds, is told.
    static let startGrace: Double = 300
    private static let limit = 6

    let reading: PoolReading
    let standing: PoolStanding
    let operation: PoolMemory.Operation?
    let advice: PoolAdvice
    let now: Date

    func diagnosis(_ state: Item.State) -> Diagnosis? {
        if standing.isDeleting { return nil }
        switch state {
        case .failed: return failed
        case .running: return obstacle
        case .done, .held: return lockDanger ?? standingDanger
        case .waiting, .unknown: return nil
        }
    }

    private var faults: [PoolFault] { PoolFault.all(reading, now: now) }

    // MARK: failed

    private var failed: Diagnosis {
        let faults = faults
        let told = reading.namespace.text(PoolAnnotations.error)
        let text = told ?? faults.first.map { $0.text } ?? ""
        var what = "The cluster says error"
        if let kind = operation?.kind ?? standing.operation {
            what = "The \(kind.rawValue) failed"
            if let operation, operation.reached.place > 0 { what += " at \(operation.reached.title)" }
        } else if faults.first?.kind == .restore {
            what = "The reset failed"
        }
        if text.isEmpty { what += ", and nothing tells why" }
        // Without a cause of its own the cluster may be reset again; that takes nothing from anybody.
        return diagnosis(what, text, faults, last: [advice.annotations, advice.reset])
    }

    // MARK: in danger

    /// What stands in the way of what is going on.
    private var obstacle: Diagnosis? {
        let faults = faults
        guard let first = faults.first else { return nil }
        let step = operation.map { $0.reached.title } ?? "It"
        return diagnosis("\(step) cannot go on", first.text, faults, last: [])
    }

    /// A lock whose holder is gone, or that more than one holds.
    private var lockDanger: Diagnosis? {
        if standing.isUnheld {
            return diagnosis(
                "It is locked, and no session holds it", "", [],
                first: ["Give the cluster back: nobody uses it.", advice.release], last: [advice.annotations])
        }
        guard let session = standing.session else { return nil }
        let lock = session.lockedAt.map { ", locked \(DurationText.age(now.timeIntervalSince($0))) ago" } ?? ""
        if session.isLive == false {
            return diagnosis(
                "Session \(session.id) holds it and does not exist any more\(lock)", "", [],
                first: ["Give the cluster back: nobody uses it.", advice.release], last: [advice.annotations])
        }
        if let end = session.expiresAt, now.timeIntervalSince(end) > Self.expiryGrace {
            return diagnosis(
                "Session \(session.id) ended \(DurationText.age(now.timeIntervalSince(end))) ago and still holds it",
                "",
                [], first: ["Give the cluster back: its time is over.", advice.release], last: [advice.annotations])
        }
        guard standing.strays.isEmpty else {
            let others = standing.strays.prefix(3).joined(separator: ", ")
            return diagnosis(
                "More than one session names it: \(session.id) and \(others)", "", [],
                first: ["End the sessions that are not in use."], last: [advice.annotations])
        }
        return nil
    }

    /// A cluster that can be used, or is, and is not whole.
    private var standingDanger: Diagnosis? {
        if let role = deadRole {
            let machine = reading.roles[role]
            let faults = faults
            let name = machine?.metadata.name ?? ""
            let text = faults.first { $0.name == name }?.text ?? ""
            let what =
                machine.map {
                    "\(Self.title(role)) \(name) is \($0.word) though the cluster is \(standing.status.rawValue)"
                }
                ?? "\(Self.title(role)) is missing though the cluster is \(standing.status.rawValue)"
            var first = machine.map { _ in [advice.describe(.machine, name)] } ?? [advice.objects]
            if let machine { first.append(machine.word == "Paused" ? advice.unpause(name) : advice.start(name)) }
            return diagnosis(what, text == machine?.word ? "" : text, faults, first: first, last: [advice.events])
        }
        return snapshotDanger
    }

    private var snapshotDanger: Diagnosis? {
        guard !reading.unread.contains(.snapshot), standing.operation != .snapshot else { return nil }
        let golden = reading.golden
        let wanting = PoolDetail.Role.allCases.filter { golden[$0]?.isReady != true }
        guard let role = wanting.first else { return nil }
        if let snapshot = golden[role] {
            let name = snapshot.metadata.name
            return diagnosis(
                "Golden snapshot \(name) is not ready, so that the cluster cannot be reset",
                snapshot.failure ?? snapshot.word, faults, first: [advice.describe(.snapshot, name)],
                last: [advice.snapshots])
        }
        let names = wanting.filter { golden[$0] == nil }.map {
            PoolDiscovery.snapshotNames(of: $0, cluster: reading.name)[0]
        }
        return diagnosis(
            "It has no golden snapshot \(names.joined(separator: " and ")), so that it cannot be reset", "", faults,
            first: [advice.objects], last: [advice.snapshots])
    }

    /// The first machine that is not up and not on its way.
    private var deadRole: PoolDetail.Role? {
        guard !reading.unread.contains(.machine) else { return nil }
        let roles = reading.roles
        return [.controlPlane, .worker].first { role in
            guard let machine = roles[role] else { return true }
            switch PoolMachines.state(of: machine) {
            case .done: return false
            case .running:
                let since = machine.conditions.of("Ready").flatMap { $0.isFalse ? $0.lastTransitionTime : nil }
                return since.map { now.timeIntervalSince($0) > Self.startGrace } ?? false
            default: return true
            }
        }
    }

    // MARK: parts

    private func diagnosis(
        _ what: String, _ text: String, _ faults: [PoolFault], first: [String] = [], last: [String]
    ) -> Diagnosis {
        let hint = ([text] + faults.map(\.text)).lazy.compactMap(PoolHint.first).first
        var cause = what
        if !text.isEmpty { cause += ": \(Self.ended(text))" }
        if let hint { cause += " (\(hint.meaning))" }
        let signs = faults.map(\.sign) + standing.strays.prefix(2).map { "session \($0) still names it" }
        var next = first + (hint.map { [$0.advice] } ?? [])
        if let fault = faults.first { next.append(advice.describe(fault.kind, fault.name)) }
        next += (hint?.steps ?? []).map { step($0, of: faults) } + last
        var seen = Set<String>()
        return Diagnosis(
            cause: SafeText.line(cause, limit: 500) + ".", signs: Array(signs.prefix(Self.limit)),
            next: Array(next.filter { seen.insert($0).inserted }.prefix(Self.limit)))
    }

    private func step(_ step: PoolHint.Step, of faults: [PoolFault]) -> String {
        let names = Set(reading.roles.values.map(\.metadata.name))
        let machine = faults.first { names.contains($0.name) }?.name ?? reading.roles[.controlPlane]?.metadata.name
        switch step {
        case .events: return advice.events
        case .claims: return advice.claims
        case .nodes: return advice.nodes
        case .classes: return advice.classes
        case .launcher: return machine.map(advice.launcher) ?? advice.events
        case .stop: return machine.map(advice.stop) ?? advice.objects
        case .forceStop: return machine.map(advice.forceStop) ?? advice.objects
        case .snapshots: return advice.snapshots
        }
    }

    private static func title(_ role: PoolDetail.Role) -> String { role == .controlPlane ? "Control plane" : "Worker" }

    /// Without a full stop: the sentence gets its own.
    private static func ended(_ text: String) -> Substring {
        var text = text[...]
        while let last = text.last, last == "." || last == " " { text = text.dropLast() }
        return text
    }
}
