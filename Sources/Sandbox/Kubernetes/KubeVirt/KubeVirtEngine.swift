import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The controllers of KubeVirt and of its disk importer. Each looks at one object, writes what follows from the state of that moment, and
/// says when it wants to look again; what anybody writes brings it back sooner.
struct KubeVirtEngine: KubeController {
    let pace: KubeVirtPace
    let faults: KubeVirtFaults
    private var agenda = KubeVirtAgenda()
    /// Steps that take time and are under way.
    private var timers: [KubeVirtRef: (step: String, from: Date, until: Date)] = [:]
    /// How many timed steps each object has had: so that each takes its own time.
    private var turns: [KubeVirtRef: Int] = [:]
    /// Restores and snapshots that have not ended wait for what others write.
    private var waiting: [String: Set<KubeVirtRef>] = [:]

    /// A controller is told of a change through a watch: that takes a moment.
    private static let latency = 0.2

    init(seed: UInt64, faults: KubeVirtFaults) {
        pace = KubeVirtPace(seed: seed)
        self.faults = faults
    }

    // MARK: what is to be looked at

    var next: Date? { agenda.next }

    mutating func survey(_ store: KubeStore, at now: Date) {
        for kind in KubeVirtKind.allCases where kind != .pod && kind != .content {
            for key in (store.shelves[kind.rawValue]?.entries ?? [:]).keys {
                look(at: KubeVirtRef(kind: kind, namespace: key.namespace, name: key.name), by: now)
            }
        }
    }

    mutating func hear(_ news: KubeStore.News, at now: Date) {
        guard let kind = KubeVirtKind(rawValue: news.resource.name) else { return }
        let soon = now.addingTimeInterval(Self.latency)
        let object = news.object
        let ref = KubeVirtRef(
            kind: kind, namespace: object.at("metadata", "namespace")?.text ?? "", name: object.name)
        if kind != .pod, kind != .content { look(at: ref, by: soon) }
        switch kind {
        case .instance, .machine:
            look(at: KubeVirtRef(kind: .machine, namespace: ref.namespace, name: ref.name), by: soon)
        case .restore, .snapshot:
            let path = kind == .restore ? object.at("spec", "target", "name") : object.at("spec", "source", "name")
            look(at: KubeVirtRef(kind: .machine, namespace: ref.namespace, name: path?.text ?? ""), by: soon)
        case .disk, .claim, .pod:
            for owner in object.at("metadata", "ownerReferences")?.list ?? [] {
                guard let name = owner["name"]?.text,
                    let kind = KubeVirtKind.allCases.first(where: { $0.kind == owner["kind"]?.text })
                else { continue }
                look(at: KubeVirtRef(kind: kind, namespace: ref.namespace, name: name), by: soon)
            }
        case .content: break
        }
        for waiter in waiting[ref.namespace] ?? [] where waiter != ref { look(at: waiter, by: soon) }
    }

    mutating func act(on store: inout KubeStore, at now: Date) {
        guard let ref = agenda.take() else { return }
        guard let object = store.object(ref) else { return forget(ref) }
        switch ref.kind {
        case .machine: machine(ref, object, &store, now)
        case .instance: instance(ref, object, &store, now)
        case .disk: disk(ref, object, &store, now)
        case .claim: claim(ref, object, &store, now)
        case .snapshot: snapshot(ref, object, &store, now)
        case .restore: restore(ref, object, &store, now)
        case .pod, .content: break
        }
    }

    /// Looks at an object not later than this.
    mutating func look(at ref: KubeVirtRef, by date: Date) { agenda.add(ref, at: date) }

    /// Whether a restore or a snapshot is told of everything that happens in its namespace.
    mutating func wait(_ ref: KubeVirtRef, _ isWaiting: Bool) {
        if isWaiting {
            waiting[ref.namespace, default: []].insert(ref)
        } else {
            waiting[ref.namespace]?.remove(ref)
            if waiting[ref.namespace]?.isEmpty == true { waiting[ref.namespace] = nil }
        }
    }

    private mutating func forget(_ ref: KubeVirtRef) {
        timers[ref] = nil
        // Machines and disks come back under their names; restores never do.
        if ref.kind == .restore { turns[ref] = nil }
        wait(ref, false)
    }

    // MARK: what takes time

    /// Whether a step of an object is over. The first question starts it; until it is over the object is looked at again.
    mutating func isOver(
        _ step: KubeVirtPace.Step, _ ref: KubeVirtRef, _ object: JSONValue, _ now: Date
    ) -> Bool {
        let until = time(of: step, ref, object, now).until
        guard until > now else {
            timers[ref] = nil
            return true
        }
        look(at: ref, by: until)
        return false
    }

    /// When a step of an object began, and when it is over.
    mutating func time(
        of step: KubeVirtPace.Step, _ ref: KubeVirtRef, _ object: JSONValue, _ now: Date
    ) -> (from: Date, until: Date) {
        let name = "\(object.uid)/\(step.rawValue)"
        if let timer = timers[ref], timer.step == name { return (timer.from, timer.until) }
        let turn = turns[ref, default: 0]
        turns[ref] = turn + 1
        // A disk is filled once: its time must be known before it is there.
        let whose = step == .filling ? ref.path : "\(ref.path)/\(turn)"
        let until = now.addingTimeInterval(pace.seconds(step, of: whose))
        timers[ref] = (name, now, until)
        return (now, until)
    }
}
