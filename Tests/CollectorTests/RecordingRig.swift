import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Collector

/// A fleet that changes when a test says so.
final class ScriptedFleet: FleetPublisher {
    private struct State {
        var snapshot: Snapshot
        var subscriptions: [Subscription] = []
    }

    private let time: ManualTime
    private let state: Mutex<State>

    init(_ items: [Item] = [], sources: [Source] = [], time: ManualTime) {
        self.time = time
        state = Mutex(State(snapshot: Snapshot(at: time.now, items: items, sources: sources)))
    }

    func say(_ changes: [Change]) {
        state.withLock { state in
            for change in changes { state.snapshot.apply(change) }
            for subscription in state.subscriptions { subscription.offer(changes) }
        }
    }

    var snapshot: Snapshot {
        state.withLock { state in
            state.snapshot.at = time.now
            return state.snapshot
        }
    }

    func run() async { try? await time.source.sleep(1e9) }
    func subscribe() async -> (fleet: Snapshot, changes: Subscription) {
        state.withLock { state in
            let subscription = Subscription()
            state.subscriptions.append(subscription)
            return (state.snapshot, subscription)
        }
    }
    func unsubscribe(_ subscription: Subscription) async { subscription.finish() }
    func current() async -> Snapshot { snapshot }
    func refresh(_ source: SourceID?) async {}
    func runs(of item: ItemID, limit: Int) async -> [Run] { [] }
    func notice() async -> String? { nil }
}

/// A folder of a test's own, gone with it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("recording-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String = "demo.slipway") -> String { path + "/" + name }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// All that lies in it.
    func bytes() throws -> [UInt8] {
        try names().flatMap { Array(try Data(contentsOf: URL(filePath: file($0)))) }
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// A recorder that follows a scripted fleet by a clock that is moved by hand.
final class RecordingRig: Sendable {
    let time: ManualTime
    let fleet: ScriptedFleet
    let recorder: Recorder
    private let task: Task<Void, Never>

    init(
        _ store: RecordingStore, _ items: [Item] = [], sources: [Source] = [], time: ManualTime = ManualTime(),
        epoch: String = "one"
    ) async {
        self.time = time
        let fleet = ScriptedFleet(items, sources: sources, time: time)
        let recorder = Recorder(store, program: "slipway test", host: "lab", epoch: epoch, time: time.source)
        (self.fleet, self.recorder) = (fleet, recorder)
        task = Task { await recorder.run(fleet) }
        await time.untilAsleep()
    }

    /// Changes the fleet some seconds later and waits until that is written.
    ///
    /// - Parameter seconds: above 1, or several changes are written together.
    func step(_ changes: [Change], after seconds: Double) async {
        await pass(seconds)
        fleet.say(changes)
        await time.untilAsleep(2)
    }

    /// Lets time pass; what was to be written at its end has been.
    func pass(_ seconds: Double) async {
        time.advance(by: seconds)
        await time.untilAsleep()
    }

    func stop() async {
        task.cancel()
        await task.value
    }

    /// Records, and gives what the fleet was after each step.
    static func record(
        to store: RecordingStore, time: ManualTime = ManualTime(), steps: Int = 60, epoch: String = "one"
    ) async -> [Snapshot] {
        let source = Source(id: .lab, kind: .metal, state: .live, lastSuccess: time.now, period: 2)
        let rig = await RecordingRig(
            store, (0..<5).map { node($0, at: time.now) }, sources: [source], time: time, epoch: epoch)
        var seen = [rig.fleet.snapshot]
        for step in 1...steps {
            // Sometimes soon, sometimes after a whole fleet is due.
            await rig.step(
                change(step, from: rig.fleet.snapshot), after: step % 7 == 0 ? 430.5 : 1.337 + Double(step % 5))
            seen.append(rig.fleet.snapshot)
        }
        await rig.stop()
        return seen
    }

    /// Something of each sort.
    static func change(_ step: Int, from fleet: Snapshot) -> [Change] {
        let now = fleet.at
        var item = node(step % 5, at: now)
        item.progress?.percent = step
        item.word = "phase \(step)"
        if step % 6 == 0 { item.diagnosis = Diagnosis(cause: "slow at \(step)", signs: ["a", "b"], next: ["wait"]) }
        var changes = [Change.item(item)]
        if step % 8 == 0 { changes.append(.item(node(100 + step, at: now))) }
        if step % 9 == 0, let last = fleet.items.keys.max() { changes.append(.gone(last)) }
        if step % 4 == 0 {
            changes.append(
                .event(
                    Event(
                        at: now, kind: .metal, source: .lab, item: item.id, name: "n", level: .info,
                        text: "step \(step)")))
        }
        var source = Source(id: .lab, kind: .metal, state: step % 10 == 0 ? .late : .live, lastSuccess: now, period: 2)
        if step % 10 == 0 { source.error = "lab did not answer." }
        return changes + [.source(source)]
    }

    static func node(_ number: Int, at now: Date) -> Item {
        Item(
            id: ItemID(kind: .metal, source: .lab, key: "\(number)"), kind: .metal, name: "n\(number)", source: .lab,
            state: .running, word: "installation", startedAt: now.addingTimeInterval(-600),
            progress: Progress(percent: 1, done: 5, total: 9, unit: "phases"),
            phases: [
                Phase(name: "boot", state: .done, startedAt: now.addingTimeInterval(-600), endedAt: now, usual: 30),
                Phase(name: "installation", state: .running, startedAt: now),
            ], evidence: Evidence(at: now, from: "status API"), advice: ["ssh n\(number) journalctl"],
            detail: .metal(MetalDetail(node: number, managementIP: "10.0.0.\(number)")))
    }
}

extension SourceID {
    static let lab = SourceID("lab")
}

extension Snapshot {
    /// What a screen can show of it, as text.
    var told: String {
        let events = events.suffix(Snapshot.eventLimit).map { "\(WireTime.text($0.at)) \($0.name) \($0.text)" }
        let report = try? FleetCoder.encoder().encode(StatusReport(self))
        return String(decoding: report ?? Data(), as: UTF8.self) + events.joined(separator: "\n")
    }
}

extension StreamFrame {
    /// The frames of a file, whatever they are.
    static func all(in path: String) throws -> [StreamFrame] {
        try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
            try RecordingLine.frame(Array($0))
        }
    }
}
