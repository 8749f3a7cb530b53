import ClusterPool
import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The backend of the pool, as a controller among the others: lends clusters, resets and bootstraps them. It sees nothing but the objects,
/// and remembers only what it is at.
struct PoolBackend: KubeController {
    /// Something that is to happen at its own date.
    private struct Entry: Sendable {
        enum Deed: Sendable {
            case prepare
            case bootstrap
            /// Seconds that the session lasts.
            case lend(Double)
            case takeBack(session: String)
            /// The control plane of the next reset will not stop.
            case stick
            case repair
            /// Somebody wants a cluster.
            case arrival
            case examination
        }

        let at: Date
        let lot: Int
        let deed: Deed
    }

    /// What it is doing to a cluster.
    struct Work: Sendable {
        let operation: PoolDetail.Operation
        var index = 0
        var since: Date
        /// The name of the restore that it waits for.
        var restore = ""

        var step: PoolStep { operation.steps[index] }
    }

    /// A cluster.
    struct Lot: Sendable {
        let namespace: String
        var names: [PoolDetail.Role: String] = [:]
        var builds = 0
        var work: Work?
        /// When it looks at its work again.
        var due: Date?

        func name(_ role: PoolDetail.Role) -> String { names[role] ?? "" }

        func ref(_ kind: KubeVirtKind, _ name: String) -> KubeVirtRef {
            KubeVirtRef(kind: kind, namespace: namespace, name: name)
        }
    }

    let seed: UInt64
    private let faults: KubeVirtFaults
    private var lots: [Lot]
    private var agenda: [Entry] = []
    private var chance: SeededGenerator

    init(opening: Date, seed: UInt64, faults: KubeVirtFaults) {
        self.seed = seed
        self.faults = faults
        lots = SandboxPool.namespaces.map { Lot(namespace: $0) }
        chance = SeededGenerator(named: "pool", seed: seed)
        write(opening)
    }

    // MARK: the story

    /// Where everybody is when the screen opens: clusters 1, 3 and 8 are free, 2 and 5 lent, 4 is reset, 6 is built, 7 is broken.
    private mutating func write(_ opening: Date) {
        func add(_ age: Double, _ lot: Int, _ deed: Entry.Deed) {
            agenda.append(Entry(at: opening.addingTimeInterval(-age), lot: lot, deed: deed))
        }
        let day = 86_400.0
        add(20 * day, 0, .prepare)
        for (lot, days) in [(0, 9.1), (1, 9.05), (2, 6), (3, 6.02), (4, 5.9), (6, 9), (7, 3)] {
            add(days * day, lot, .bootstrap)
            // Not all of them stand idle until today.
            add(days * day * 0.6, lot, .lend(2700 + Double(lot) * 210))
        }
        add(5200, 0, .lend(2900))
        add(3360, 1, .lend(3600))
        add(31_000, 2, .lend(3900))
        add(3000, 3, .lend(2925))
        add(1260, 4, .lend(3600))
        add(5400, 6, .lend(3900))
        add(4000, 6, .stick)
        add(-1140, 6, .repair)
        add(buildingTime(of: 5), 5, .bootstrap)
        add(1200, 0, .examination)
        add(-150, 0, .arrival)
        agenda.sort { ($0.at, $0.lot) < ($1.at, $1.lot) }
    }

    /// How long ago a bootstrap began whose first disk is at 45 %.
    private func buildingTime(of lot: Int) -> Double {
        let pace = KubeVirtPace(seed: seed)
        let disk = "\(lots[lot].namespace)/\(machineName(lots[lot], 1, .controlPlane))-rootdisk"
        let before = PoolDetail.Operation.bootstrap.steps.prefix { $0 != .createControlPlane }.reduce(0) {
            $0 + $1.least
        }
        return before + 0.8 + pace.seconds(.diskPending, of: disk + "/0")
            + pace.seconds(.diskScheduled, of: disk + "/1")
            + 0.45 * pace.seconds(.filling, of: disk)
    }

    private mutating func plan(_ deed: Entry.Deed, lot: Int, at date: Date) {
        let index = agenda.firstIndex { $0.at > date } ?? agenda.endIndex
        agenda.insert(Entry(at: date, lot: lot, deed: deed), at: index)
    }

    // MARK: controller

    var next: Date? {
        let works = lots.compactMap(\.due).min()
        return [agenda.first?.at, works].compactMap { $0 }.min()
    }

    mutating func survey(_ store: KubeStore, at now: Date) {}
    mutating func hear(_ news: KubeStore.News, at now: Date) {}

    mutating func act(on store: inout KubeStore, at now: Date) {
        if let entry = agenda.first, entry.at <= now {
            agenda.removeFirst()
            return perform(entry, &store, now)
        }
        guard
            let index = lots.indices.filter({ lots[$0].due ?? .distantFuture <= now }).min(by: { left, right in
                (lots[left].due ?? now, left) < (lots[right].due ?? now, right)
            })
        else { return }
        lots[index].due = nil
        goOn(index, &store, now)
    }

    private mutating func perform(_ entry: Entry, _ store: inout KubeStore, _ now: Date) {
        let lot = lots[entry.lot]
        let notes = Self.notes(lot, store)
        switch entry.deed {
        case .prepare: for object in PoolShapes.templates { store.add(object, at: now) }
        case .bootstrap:
            store.add(PoolShapes.namespace(lot.namespace), at: now)
            begin(.bootstrap, entry.lot, &store, now)
        case .lend(let seconds):
            guard notes["cluster-status"] == "available", notes["operation"] == nil, lot.work == nil else { return }
            let session = chance.hexadecimal(8)
            note(
                lot, &store, now, status: "locked",
                [
                    "assigned-session": session, "lock-time": Self.text(now),
                    "lock-expires": Self.text(now.addingTimeInterval(seconds)),
                ])
            plan(.takeBack(session: session), lot: entry.lot, at: now.addingTimeInterval(seconds))
        case .takeBack(let session):
            guard notes["cluster-status"] == "locked", notes["assigned-session"] == session else { return }
            begin(.reset, entry.lot, &store, now)
        case .stick: faults.add(.stuckStopping, for: "\(lot.namespace)/\(lot.name(.controlPlane))")
        case .repair: repair(lot, entry.lot, notes, &store, now)
        case .arrival: arrive(&store, now)
        case .examination:
            for lot in lots {
                guard let status = Self.notes(lot, store)["cluster-status"], status != "creating" else { continue }
                note(lot, &store, now, ["last-health-check": Self.text(now)])
            }
            plan(.examination, lot: 0, at: now.addingTimeInterval(300))
        }
    }

    /// Somebody frees the machine that would not stop, by deleting its pod.
    private mutating func repair(
        _ lot: Lot, _ index: Int, _ notes: [String: String], _ store: inout KubeStore, _ now: Date
    ) {
        faults.remove("\(lot.namespace)/\(lot.name(.controlPlane))")
        for pod in store.objects(.pod, in: lot.namespace)
        where pod.at("metadata", "labels", "vm.kubevirt.io/name")?.text == lot.name(.controlPlane) {
            store.drop(lot.ref(.pod, pod.name), at: now)
        }
        guard notes["cluster-status"] == "error", lot.work == nil else { return }
        begin(.reset, index, &store, now)
    }

    /// A session takes any free cluster; the next comes some minutes later. Where two are free, one is sometimes built anew instead.
    private mutating func arrive(_ store: inout KubeStore, _ now: Date) {
        let free = lots.indices.filter {
            let notes = Self.notes(lots[$0], store)
            return lots[$0].work == nil && notes["cluster-status"] == "available" && notes["operation"] == nil
        }
        if free.count > 1, chance.unit() < 0.08 {
            perform(Entry(at: now, lot: free[0], deed: .bootstrap), &store, now)
        } else if !free.isEmpty {
            let lot = free[Int(chance.next() % UInt64(free.count))]
            let seconds = 900 + 2400 * chance.unit()
            perform(Entry(at: now, lot: lot, deed: .lend(seconds)), &store, now)
            // Every now and then one does not come back by itself.
            if chance.unit() < 0.1 {
                plan(.stick, lot: lot, at: now.addingTimeInterval(seconds - 60))
                plan(.repair, lot: lot, at: now.addingTimeInterval(seconds + 1800))
            }
        }
        plan(.arrival, lot: 0, at: now.addingTimeInterval(260 + 440 * chance.unit()))
    }

    // MARK: work

    mutating func begin(_ operation: PoolDetail.Operation, _ index: Int, _ store: inout KubeStore, _ now: Date) {
        if operation == .bootstrap {
            lots[index].builds += 1
            for role in PoolDetail.Role.allCases {
                lots[index].names[role] = machineName(lots[index], lots[index].builds, role)
            }
        } else {
            // Somebody else may have made them anew.
            for machine in store.objects(.machine, in: lots[index].namespace) {
                let role = machine.at("metadata", "labels", "cks.io/vm-role")?.text.flatMap(PoolDetail.Role.init)
                if let role { lots[index].names[role] = machine.name }
            }
        }
        let first = operation.steps[0].rawValue
        note(
            lots[index], &store, now, status: operation.status,
            [
                "operation": operation.rawValue, "operation-started": Self.text(now), "operation-step": first,
                "step-started": Self.text(now), "error": nil, "assigned-session": nil, "lock-time": nil,
                "lock-expires": nil,
            ])
        lots[index].work = Work(operation: operation, since: now)
        start(index, &store, now)
    }

    private mutating func start(_ index: Int, _ store: inout KubeStore, _ now: Date) {
        guard var work = lots[index].work else { return }
        work.since = now
        begin(&work, lots[index], &store, now)
        lots[index].work = work
        lots[index].due = now.addingTimeInterval(work.step.least)
    }

    private mutating func goOn(_ index: Int, _ store: inout KubeStore, _ now: Date) {
        let lot = lots[index]
        guard var work = lot.work else { return }
        let notes = Self.notes(lot, store)
        guard notes["operation"] == work.operation.rawValue, notes["operation-step"] == work.step.rawValue else {
            // Somebody else has taken it over.
            lots[index].work = nil
            return
        }
        switch outcome(of: work, lot, store, now) {
        case .waiting: lots[index].due = now.addingTimeInterval(2)
        case .failed(let reason):
            lots[index].work = nil
            // The step stays written: it tells how far it came.
            note(lot, &store, now, status: "error", ["error": reason])
        case .done where work.index + 1 < work.operation.steps.count:
            work.index += 1
            lots[index].work = work
            note(lot, &store, now, ["operation-step": work.step.rawValue, "step-started": Self.text(now)])
            start(index, &store, now)
        case .done: finish(index, work.operation, &store, now)
        }
    }

    private mutating func finish(_ index: Int, _ operation: PoolDetail.Operation, _ store: inout KubeStore, _ now: Date)
    {
        lots[index].work = nil
        if operation == .bootstrap {
            note(lots[index], &store, now, ["created-at": Self.text(now), "last-reset": Self.text(now)])
            return begin(.snapshot, index, &store, now)
        }
        var notes: [String: String?] = [
            "operation": nil, "operation-started": nil, "operation-step": nil, "step-started": nil,
        ]
        if operation == .reset { notes["last-reset"] = Self.text(now) }
        note(lots[index], &store, now, status: "available", notes)
    }

    // MARK: annotations

    /// The pool's annotations of a cluster, without their prefix.
    private static func notes(_ lot: Lot, _ store: KubeStore) -> [String: String] {
        let all = store.object("namespaces", "", lot.namespace)?.at("metadata", "annotations")?.object ?? [:]
        var notes: [String: String] = [:]
        for (key, value) in all where key.hasPrefix("cks.io/") { notes[String(key.dropFirst(7))] = value.text }
        return notes
    }

    /// Writes annotations; nil takes one out. A new status is dated.
    private func note(
        _ lot: Lot, _ store: inout KubeStore, _ now: Date, status: String? = nil, _ notes: [String: String?]
    ) {
        store.change("namespaces", "", lot.namespace, at: now) { namespace in
            var all = namespace.at("metadata", "annotations") ?? [:]
            if let status, all["cks.io/cluster-status"]?.text != status {
                all["cks.io/cluster-status"] = .text(status)
                all["cks.io/status-since"] = .time(now)
            }
            for (key, value) in notes { all["cks.io/\(key)"] = value.map { .text($0) } }
            namespace.setMetadata("annotations", all)
        }
    }

    private static func text(_ date: Date) -> String { JSONValue.time(date).text ?? "" }

    /// Short and random, as the backend makes them; another one with every bootstrap.
    private func machineName(_ lot: Lot, _ build: Int, _ role: PoolDetail.Role) -> String {
        var chance = SeededGenerator(named: "\(lot.namespace)/\(build)/\(role.rawValue)", seed: seed)
        let letters = Array("bcdfghjkmnpqrstvwxz")
        let others = letters + Array("23456789")
        return String(letters[Int(chance.next() % UInt64(letters.count))])
            + String((0..<5).map { _ in others[Int(chance.next() % UInt64(others.count))] })
    }
}
