import Fleet
import Foundation
import Screen

@testable import Dashboard

/// Practice clusters that stand still: one of each thing that can be said of one.
enum PoolSample {
    static let now = Sample.now
    static let lab = SourceID("prod-lab")

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static let source = Source(
        id: lab, kind: .pool, state: .live, lastSuccess: ago(2), period: 60, address: "kube context \(lab)")

    static let resetSteps: [(name: String, usual: Double)] = [
        ("Stop", 25), ("Clean up", 12), ("Restore control plane", 40), ("Start control plane", 35),
        ("Restore worker", 40), ("Start worker", 35),
    ]
    static let bootstrapSteps: [(name: String, usual: Double)] = [
        ("Old machines", 15), ("KubeVirt", 1), ("Namespace", 2), ("Quota", 2), ("Image", 2),
        ("Control-plane secret", 1), ("Control-plane VM", 2), ("Control plane ready", 240), ("Join command", 65),
        ("Worker secret", 5), ("Worker VM", 2), ("Both ready", 150),
    ]

    /// The track up to the step at `index`, which runs since `since` seconds; those before it took what is usual.
    static func phases(
        _ steps: [(name: String, usual: Double)], _ index: Int, since: Double, _ state: Phase.State = .running,
        ended: Double? = nil
    ) -> [Phase] {
        var end = since
        var phases = steps.map {
            Phase(
                name: $0.name, usual: $0.usual, usualHigh: $0.usual * 1.8, usualCount: 61,
                limit: $0.usual > 100 ? 600 : nil)
        }
        (phases[index].state, phases[index].startedAt, phases[index].endedAt) = (state, ago(since), ended.map(ago))
        for step in phases.indices.reversed() where step < index {
            (phases[step].state, phases[step].endedAt) = (.done, ago(end))
            end += steps[step].usual
            phases[step].startedAt = ago(end)
        }
        return phases
    }

    static func estimate(_ p50: Double, _ p90: Double) -> Estimate {
        Estimate(p50: p50, p90: p90, n: 61, basis: .history, at: now)
    }

    /// A day of work: free at night, lent and reset by day; then `status` since `since` seconds.
    static func past(_ status: String, since: Double, seen: Double = 86_400) -> [PoolDetail.Span] {
        let blocks: [(String, Double)] = [
            ("available", 86_400), ("locked", 80_000), ("resetting", 74_600), ("available", 74_420),
            ("locked", 30_600), ("resetting", 27_000), ("available", 26_800), ("locked", 20_000), ("resetting", 9000),
            ("available", 8820),
        ]
        let starts = blocks.filter { $0.1 > since && $0.1 <= seen } + [(status, since)]
        return starts.indices.map { index in
            PoolDetail.Span(
                status: starts[index].0, from: ago(starts[index].1),
                to: index + 1 < starts.count ? ago(starts[index + 1].1) : nil)
        }
    }

    static func machine(
        _ role: PoolDetail.Role, _ name: String, _ word: String = "Running", _ state: Phase.State = .done,
        phase: String? = "Running", since: Double = 7200, address: String? = "10.244.3.17", failure: String? = nil
    ) -> PoolDetail.Machine {
        .init(
            role: role, name: "\(role == .controlPlane ? "cp" : "wk")-\(name)", word: word, state: state, phase: phase,
            since: ago(since), address: address, node: address == nil ? nil : "metal-7", failure: failure)
    }

    static func item(
        _ name: String, _ status: String, _ state: Item.State, word: String? = nil, since: Double, began: Double? = nil,
        ended: Double? = nil,
        percent: (Int, done: Int, of: Int)? = nil, phases: [Phase] = [], left: (Double, Double)? = nil,
        diagnosis: Diagnosis? = nil, _ change: (inout PoolDetail) -> Void = { _ in }
    ) -> Item {
        var detail = PoolDetail(
            context: lab.text, namespace: name, status: status, since: ago(since),
            machines: [machine(.controlPlane, name), machine(.worker, name, address: "10.244.5.40")],
            snapshots: [
                .init(
                    role: .controlPlane, name: "cp-snap", isReady: true, word: "Succeeded", createdAt: ago(12 * 86_400)),
                .init(role: .worker, name: "wk-snap", isReady: true, word: "Succeeded", createdAt: ago(12 * 86_400)),
            ], createdAt: ago(12 * 86_400 + 900), lastResetAt: ago(8820), lastHealthCheckAt: ago(140),
            past: past(status, since: since))
        change(&detail)
        return Item(
            id: ItemID(kind: .pool, source: lab, key: name), kind: .pool, name: name, source: lab, state: state,
            word: word ?? status, startedAt: ago(began ?? since), endedAt: ended.map(ago),
            limit: state == .running ? 1200 : nil,
            progress: percent.map { Progress(percent: $0.0, done: $0.done, total: $0.of, unit: "steps") },
            phases: phases, estimate: left.map(estimate),
            evidence: Evidence(at: ago(2), from: "Kubernetes \(lab)"), diagnosis: diagnosis, detail: .pool(detail))
    }

    static func available(_ name: String, since: Double) -> Item {
        item(
            name, "available", .done, since: since, began: since + 187, ended: since, percent: rested, phases: doneSteps
        )
    }

    /// What rests keeps the track of its last reset.
    static let rested = (100, done: 6, of: 6)
    static var doneSteps: [Phase] {
        var phases = phases(resetSteps, 5, since: 8855, .done, ended: 8820)
        phases[5].state = .done
        return phases
    }

    static func locked(_ name: String, _ session: String, since: Double, left: Double) -> Item {
        item(
            name, "locked", .held, since: since, began: 9007, ended: 8820, percent: rested, phases: doneSteps
        ) { detail in
            detail.session = .init(
                id: session, lockedAt: ago(since), expiresAt: ago(-left), scenario: "network-policies", isLive: true)
            detail.free = estimate(left + 150, left + 240)
        }
    }

    static var forgotten: Item {
        item(
            "ckad-03", "locked", .held, word: "locked, no session", since: 9400, began: 20_187, ended: 20_000
        ) { detail in
            detail.session = .init(id: "0c9e11d7", lockedAt: ago(9400), expiresAt: ago(5800), isLive: false)
        }
    }

    static var resetting: Item {
        item(
            "ckad-12", "resetting", .running, since: 141, percent: (59, 4, 6),
            phases: phases(resetSteps, 4, since: 29), left: (95, 160)
        ) { detail in
            (detail.operation, detail.free) = (.reset, estimate(95, 160))
            detail.machines = [
                machine(.controlPlane, "ckad-12", since: 31),
                machine(.worker, "ckad-12", "Stopped", .waiting, phase: nil, since: 122, address: nil),
            ]
            detail.restores = [
                .init(
                    role: .worker, name: "wk-ckad-12-restore-1795211971", state: .running, word: "Waiting for new PVCs",
                    startedAt: ago(29)),
                .init(
                    role: .controlPlane, name: "cp-ckad-12-restore-1795211896", state: .done,
                    word: "Operation complete", startedAt: ago(104), endedAt: ago(64)),
            ]
        }
    }

    static let failureText = "restore source cp-snap: VolumeSnapshot not ready, snapshot deadline exceeded"

    static var broken: Item {
        item(
            "ckad-11", "error", .failed, since: 1320, began: 1642, ended: 1320, percent: (59, 4, 6),
            phases: phases(resetSteps, 4, since: 1530, .failed, ended: 1320),
            diagnosis: Diagnosis(
                cause: "The reset failed at Restore worker: \(failureText)",
                signs: ["the restore has waited 3m30s, usual 40s", "storage class rbd-fast is slow for 3 others"],
                next: [
                    "kubectl --context prod-lab -n ckad-11 describe vmrestore wk-ckad-11-restore-1795210380",
                    "Once the snapshot is ready again, let the pool's backend reset it.",
                ])
        ) { detail in
            detail.operation = .reset
            detail.machines[1] = machine(
                .worker, "ckad-11", "Stopped", .failed, phase: nil, since: 1600, address: nil,
                failure: "RestoreFailed: persistentvolumeclaim restore-1f2e-rootdisk is pending")
            detail.snapshots[1].isReady = false
            detail.snapshots[1].word = "Failed"
            detail.snapshots[1].failure = "snapshot deadline exceeded"
            detail.restores = [
                .init(
                    role: .worker, name: "wk-ckad-11-restore-1795210380", state: .failed, word: "Operation failed",
                    startedAt: ago(1530), failure: failureText)
            ]
            detail.troubles = ["VirtualMachineInstances: forbidden in namespace ckad-11"]
        }
    }

    static var creating: Item {
        item(
            "ckad-20", "creating", .running, since: 84, percent: (5, 7, 12),
            phases: phases(bootstrapSteps, 7, since: 59), left: (380, 560)
        ) { detail in
            detail.operation = .bootstrap
            detail.machines = [
                machine(.controlPlane, "ckad-20", "Provisioning", .running, phase: nil, since: 58, address: nil)
            ]
            detail.snapshots = []
            detail.disks = [.init(name: "cp-ckad-20-rootdisk", word: "ImportInProgress", percent: 45.12)]
            (detail.createdAt, detail.lastResetAt, detail.lastHealthCheckAt) = (ago(69), nil, nil)
            detail.past = [.init(status: "creating", from: ago(84))]
        }
    }

    /// Free, but not as it should be.
    static var limping: Item {
        var item = available("ckad-09", since: 4000)
        guard case .pool(var detail) = item.detail else { return item }
        detail.machines[1] = machine(.worker, "ckad-09", "CrashLoopBackOff", .failed, since: 300)
        item.detail = .pool(detail)
        return item
    }

    static var items: [Item] {
        [
            available("ckad-05", since: 8820), available("ckad-07", since: 1900), limping,
            locked("ckad-01", "a41f9c3e", since: 2280, left: 1320),
            locked("ckad-02", "77b0e2d4", since: 300, left: 3300),
            forgotten, resetting, broken, creating,
        ]
    }

    static var events: [Event] {
        [
            Event(
                at: ago(1900), kind: .pool, source: lab, item: ItemID(kind: .pool, source: lab, key: "ckad-07"),
                name: "ckad-07", level: .good, text: "resetting -> available, took 4m02s"),
            Event(
                at: ago(1320), kind: .pool, source: lab, item: ItemID(kind: .pool, source: lab, key: "ckad-11"),
                name: "ckad-11", level: .bad, text: "error, restore worker: snapshot deadline exceeded"),
        ]
    }

    static var snapshot: Snapshot { Snapshot(at: now, items: items, sources: [source], events: events) }

    /// With the nodes of the other sample.
    static var withNodes: Snapshot {
        Snapshot(
            at: now, items: Sample.items + items, sources: [source, Sample.source(Sample.lab)],
            events: Sample.events + events)
    }
}
