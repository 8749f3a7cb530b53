import Collector
import Fleet
import Foundation
import History
import Synchronization
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// Follows one build to its end and tells what happens: in a terminal a block of lines that is written over, else a line for each change.
struct AmiFollower {
    /// The build, or the beginning of its id; nil takes the newest.
    let id: String?
    let options: AmiOutputOptions
    /// Where it is looked for, for people.
    let place: String
    /// Who records what is seen.
    let recorders: [Recorder]
    /// It was started by this command, so that its place may not know it yet.
    var isNew = false
    /// Seconds that a place may take to know of a new build.
    private static let appearance: Double = 10
    /// Without an answer of its place for so many seconds the command ends.
    private static let giveUp: Double = 120

    /// - Parameter onStop: what Ctrl-C does; nil leaves the build alone. What it throws ends the following.
    func follow(
        _ source: OpenSource, history: HistoryStore, onStop: (@Sendable () async throws -> Void)?
    ) async throws -> ExitStatus {
        guard let onStop else {
            return try await OneLook.collecting([source], history: history, recorders: recorders) { collector, _ in
                try await tell(collector, sayings: Sayings())
            }
        }
        let sayings = Sayings()
        let signals = await UnixSignalsSequence(trapping: [.sigint])
        return try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            group.addTask {
                try await OneLook.collecting([source], history: history, recorders: recorders) { collector, _ in
                    try await tell(collector, sayings: sayings)
                }
            }
            group.addTask {
                await withDiscardingTaskGroup { presses in
                    var isFirst = true
                    for await _ in signals {
                        if isFirst { sayings.add("The build is being ended; Ctrl-C once more ends it at once.") }
                        isFirst = false
                        // The second press must not wait for the first.
                        presses.addTask {
                            do { try await onStop() } catch { sayings.fail(error) }
                        }
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() { if let next { return next } }
            return .failed
        }
    }

    /// What is to be said between two looks, and what ends the following.
    private final class Sayings: Sendable {
        private let state = Mutex<(lines: [String], failure: (any Error)?)>(([], nil))

        func add(_ line: String) { state.withLock { $0.lines.append(line) } }
        func fail(_ error: any Error) { state.withLock { $0.failure = error } }

        /// - Throws: what was given to `fail`.
        func take() throws -> [String] {
            try state.withLock { state in
                if let failure = state.failure { throw failure }
                defer { state.lines = [] }
                return state.lines
            }
        }
    }

    private func tell(_ collector: FleetCollector, sayings: Sayings) async throws -> ExitStatus {
        await OneLook.settled(collector)
        let (fleet, subscription) = await collector.subscribe()
        var snapshot = fleet
        let time = TimeSource.system
        let start = time.uptime()
        var printer = options.printer
        var found: ItemID?
        while true {
            snapshot.at = time.now()
            for line in try sayings.take() { printer.say(line) }
            found = found ?? newest(snapshot)
            if let item = found.flatMap({ snapshot.items[$0] }) {
                printer.show(item, snapshot)
                if item.endedAt != nil {
                    let status: ExitStatus = item.state == .done ? .done : .failed
                    printer.end(item, snapshot, status)
                    return status
                }
            }
            if found == nil, !isNew || time.uptime() - start > Self.appearance { throw absent(snapshot) }
            if let silent = snapshot.sources.values.first(where: { $0.state != .live }),
                silent.age(at: snapshot.at) ?? (time.uptime() - start) > Self.giveUp
            {
                throw CommandFailure(
                    silent.error ?? "\(silent.id) does not answer.",
                    advice: silent.advice ?? "The build goes on without us; try again.", status: .unreachable)
            }
            try await time.sleep(0.5)
            for change in subscription.take() { snapshot.apply(change) }
        }
    }

    private func newest(_ snapshot: Snapshot) -> ItemID? {
        snapshot.items.values.filter { $0.isBuild(id) }.max(by: Item.isOlder)?.id
    }

    private func absent(_ snapshot: Snapshot) -> CommandFailure {
        if let source = snapshot.sources.values.first(where: { $0.lastSuccess == nil }), let error = source.error {
            return CommandFailure(error, advice: source.advice ?? "Try again.", status: .unreachable)
        }
        let what =
            id.map { "There is no build \(SafeText.line($0, limit: 80)) on \(place)." }
            ?? "Nothing was built on \(place) in the last day."
        return CommandFailure(
            what, advice: "`slipway ami list` shows what there is; `slipway ami build -t FILE` starts one.",
            status: .usage)
    }
}

extension Item {
    /// Whether it is the build that a person names.
    ///
    /// - Parameter name: its id, the beginning of that, or its name; nil means any.
    func isBuild(_ name: String?) -> Bool {
        guard kind == .image else { return false }
        guard let name else { return true }
        let key = id.text.dropFirst(ItemID(kind: .image, source: source, key: "").text.count)
        return key.hasPrefix(name) || self.name == name
    }

    static func isOlder(_ left: Item, _ right: Item) -> Bool {
        (left.startedAt ?? .distantPast, left.id) < (right.startedAt ?? .distantPast, right.id)
    }
}
