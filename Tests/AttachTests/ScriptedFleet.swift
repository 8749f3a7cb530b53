import Collector
import Fleet
import Foundation
import Synchronization
import TestSupport

/// A fleet that becomes what it is told to.
final class ScriptedFleet: FleetPublisher {
    private struct State {
        var snapshot: Snapshot
        var subscriptions: [Subscription] = []
        var refreshes: [SourceID?] = []
        var runs: [Run] = []
    }

    private let state: Mutex<State>

    init(_ snapshot: Snapshot) { state = Mutex(State(snapshot: snapshot)) }

    var snapshot: Snapshot { state.withLock { $0.snapshot } }
    var refreshes: [SourceID?] { state.withLock { $0.refreshes } }

    func tell(_ changes: [Change]) {
        state.withLock { state in
            for change in changes { state.snapshot.apply(change) }
            for subscription in state.subscriptions { subscription.offer(changes) }
        }
    }

    func remember(_ runs: [Run]) { state.withLock { $0.runs = runs } }

    func run() async {}

    func subscribe() async -> (fleet: Snapshot, changes: Subscription) {
        state.withLock { state in
            let subscription = Subscription()
            state.subscriptions.append(subscription)
            return (state.snapshot, subscription)
        }
    }

    func unsubscribe(_ subscription: Subscription) async {
        subscription.finish()
        state.withLock { $0.subscriptions.removeAll { $0 === subscription } }
    }

    func current() async -> Snapshot { snapshot }
    func refresh(_ source: SourceID?) async { state.withLock { $0.refreshes.append(source) } }
    func runs(of item: ItemID, limit: Int) async -> [Run] {
        state.withLock { $0.runs.filter { $0.item == item }.prefix(limit).map { $0 } }
    }
    func notice() async -> String? { nil }
}

/// A world in which things happen by chance, the same for the same seed.
struct World {
    static let source = SourceID("lab")
    static let other = SourceID("lab-b")
    private var state: UInt64
    private var minutes = 0.0

    init(seed: UInt64) { state = seed }

    static func snapshot(_ items: Int) -> Snapshot {
        var world = World(seed: 1)
        return Snapshot(
            at: ManualTime.start, items: (0..<items).map { world.item($0) },
            sources: [
                Source(
                    id: source, kind: .metal, state: .live, lastSuccess: ManualTime.start, period: 15,
                    address: "http://lab"),
                Source(id: other, kind: .metal, state: .live, lastSuccess: ManualTime.start, period: 15),
            ])
    }

    mutating func chance(_ below: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % below
    }

    mutating func item(_ number: Int, padding: Int = 0) -> Item {
        let now = ManualTime.start.addingTimeInterval(minutes * 60)
        let percent = chance(100)
        return Item(
            id: ItemID(kind: .metal, source: Self.source, key: "\(number)"), kind: .metal, name: "n\(number)",
            source: Self.source, state: [.running, .waiting, .done, .failed][chance(4)],
            word: ["installation", "image_download", "reboot"][chance(3)], startedAt: now.addingTimeInterval(-600),
            progress: Progress(percent: percent, done: percent / 10, total: 10, unit: "phases"),
            phases: [Phase(name: "installation", state: .running, startedAt: now.addingTimeInterval(-60))],
            evidence: Evidence(at: now, from: "api"),
            advice: (0..<padding).map { _ in "look \(chance(1_000_000)) \(chance(1_000_000)) \(chance(1_000_000))" })
    }

    /// Something that happens.
    mutating func change(items: Int) -> Change {
        minutes += 0.1
        let now = ManualTime.start.addingTimeInterval(minutes * 60)
        switch chance(12) {
        case 0: return .gone(ItemID(kind: .metal, source: Self.source, key: "\(chance(items))"))
        case 1:
            var source = Source(id: Self.other, kind: .metal, state: [.live, .late, .unreachable][chance(3)])
            source.lastSuccess = now
            source.error = source.state == .live ? nil : "lab-b did not answer (\(chance(50)))"
            return .source(source)
        case 2:
            return .event(
                Event(
                    at: now, kind: .metal, source: Self.source, name: "n1", level: .info,
                    text: "something \(chance(1_000_000))"))
        default: return .item(item(chance(items)))
        }
    }
}

/// Both as the public JSON has them, and their events, without the instant at which each was looked at.
func json(_ snapshot: Snapshot) throws -> String {
    var snapshot = snapshot
    snapshot.at = ManualTime.start
    let encoder = FleetCoder.encoder()
    let events = snapshot.events.suffix(Snapshot.eventLimit)
    return String(decoding: try encoder.encode(StatusReport(snapshot)), as: UTF8.self)
        + String(decoding: try encoder.encode(Array(events)), as: UTF8.self)
}
