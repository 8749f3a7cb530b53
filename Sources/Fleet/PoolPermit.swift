/// What may be done to a practice cluster, judged in one place for the screen, which asks a person, and for the manager, which refuses.
/// Pure. Sentences are for people, without a full stop.
public struct PoolPermit: Sendable {
    private let item: Item
    private let detail: PoolDetail

    /// - Returns: nil for an item that is no practice cluster.
    public init?(_ item: Item) {
        guard case .pool(let detail) = item.detail else { return nil }
        self.item = item
        self.detail = detail
    }

    public func permit(_ verb: Action.Verb) -> ActionPermit {
        if item.word == "deleting" { return .refused("\(name) is being deleted") }
        if detail.keeper == .backend, ![.bootstrap, .markAvailable].contains(verb) {
            return .refused(
                "\(name) is kept by another backend, which would not know of it; marking it available takes it over")
        }
        return switch verb {
        case .assign: assign
        case .release: release
        case .reset: reset
        case .bootstrap: bootstrap
        case .snapshot: snapshot
        case .markAvailable: markAvailable
        case .markError: markError
        }
    }

    private var name: String { item.name }
    private var isLocked: Bool { detail.status == "locked" }
    private var holder: String { detail.session.map { "session \($0.id)" } ?? "nobody that is known" }

    /// What is being done to it, or is queued.
    private var work: String? {
        guard item.endedAt == nil, item.state == .running || item.state == .waiting else { return nil }
        return detail.operation.map { item.state == .waiting ? "\($0.rawValue) that is queued" : $0.rawValue }
    }

    private var assign: ActionPermit {
        if let work { return .refused("\(name) is not free: there is a \(work)") }
        guard detail.status == "available" else {
            let by = isLocked ? ", held by \(holder)" : ""
            return .refused("\(name) is not free: its status is \(detail.status)\(by)")
        }
        return .asks("\(name) is lent to the session")
    }

    private var release: ActionPermit {
        guard isLocked else { return .refused("\(name) is held by no session: it is \(detail.status)") }
        return .asks("\(holder) loses \(name), and \(name) is reset")
    }

    private var reset: ActionPermit {
        if let work { return .refused("\(name) is busy: there is a \(work)") }
        let ready = detail.snapshots.filter(\.isReady).count
        guard ready == 2 else {
            return .refused("\(name) has \(ready) of 2 golden snapshots ready: nothing to restore")
        }
        if isLocked { return .asksName("\(name) is held by \(holder), whose work is lost") }
        return .asks("\(name) is stopped and restored from its golden snapshots")
    }

    private var bootstrap: ActionPermit {
        if let work { return .refused("\(name) is busy: there is a \(work)") }
        if isLocked { return .asksName("\(name) is held by \(holder), whose work is lost; its machines are made anew") }
        let machines = detail.machines.filter { !$0.name.isEmpty }
        guard machines.isEmpty else {
            return .asksName(
                "the machines \(machines.map(\.name).joined(separator: " and ")) and their snapshots are deleted and made anew"
            )
        }
        return .asks("\(name) is made from the templates")
    }

    private var snapshot: ActionPermit {
        if let work { return .refused("\(name) is busy: there is a \(work)") }
        if isLocked { return .refused("\(name) is held by \(holder): a snapshot would keep that session's work") }
        let up = detail.machines.filter { $0.state == .done }
        guard up.count == 2 else { return .refused("\(name) has \(up.count) of 2 machines running") }
        if !detail.snapshots.isEmpty { return .asksName("the golden snapshots of \(name) are deleted and taken anew") }
        return .asks("the golden snapshots of \(name) are taken")
    }

    private var markAvailable: ActionPermit {
        if let work { return .asksName("the \(work) of \(name) is broken off where it is") }
        if isLocked { return .refused("\(name) is held by \(holder): release it instead") }
        if detail.status == "available", detail.keeper != .backend { return .refused("\(name) is available") }
        return .asks("\(name) may be lent as it is")
    }

    private var markError: ActionPermit {
        if let work { return .asksName("the \(work) of \(name) is broken off where it is") }
        if isLocked { return .asksName("\(name) is held by \(holder), which loses it") }
        return .asks("\(name) is lent to nobody until it is mended")
    }
}
