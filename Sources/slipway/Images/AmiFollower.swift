import Collector
import Fleet
import Foundation
import History
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
    /// A build that was started a moment ago is not known at once. Seconds.
    private static let appearance: Double = 10
    /// Without an answer of its place for so many seconds the command ends.
    private static let giveUp: Double = 120

    /// - Parameter onStop: what Ctrl-C does; nil leaves the build alone.
    func follow(
        _ source: OpenSource, history: HistoryStore, onStop: (@Sendable () async -> Void)?
    ) async throws -> ExitStatus {
        let signals = await UnixSignalsSequence(trapping: onStop == nil ? [] : [.sigint])
        let stopping = Task {
            for await _ in signals { Task { await onStop?() } }
        }
        defer { stopping.cancel() }
        return try await OneLook.collecting([source], history: history) { collector, _ in
            try await tell(collector)
        }
    }

    private func tell(_ collector: FleetCollector) async throws -> ExitStatus {
        await OneLook.settled(collector)
        let (fleet, subscription) = await collector.subscribe()
        var snapshot = fleet
        let time = TimeSource.system
        let start = time.uptime()
        var printer = options.printer
        var found: ItemID?
        while true {
            snapshot.at = time.now()
            found = found ?? newest(snapshot)
            if let item = found.flatMap({ snapshot.items[$0] }) {
                printer.show(item, snapshot)
                if item.endedAt != nil {
                    let status: ExitStatus = item.state == .done ? .done : .failed
                    printer.end(item, snapshot, status)
                    return status
                }
            }
            if found == nil, time.uptime() - start > Self.appearance { throw absent(snapshot) }
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
        let builds = snapshot.items.values.filter { item in
            guard item.kind == .image else { return false }
            guard let id else { return true }
            let key = item.id.text.dropFirst(ItemID(kind: .image, source: item.source, key: "").text.count)
            return key == id || key.hasPrefix(id) || item.name == id
        }
        return builds.max { ($0.startedAt ?? .distantPast, $0.id) < ($1.startedAt ?? .distantPast, $1.id) }?.id
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
