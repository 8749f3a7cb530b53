import Collector
import Fleet
import Foundation

/// The dashboard as lines: what needs a person first, then one line for each thing that happens. No cursor moves, no colours.
struct PlainLines: Sendable {
    let fleet: any FleetPublisher
    let time: TimeSource

    /// Runs the fleet and follows it.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            await follow()
            group.cancelAll()
        }
    }

    /// Follows a fleet that runs already, until the task ends.
    func follow() async {
        await OneLook.settled(fleet)
        let (snapshot, subscription) = await fleet.subscribe()
        for line in Self.summary(snapshot) { Output.line(line) }
        for await _ in subscription.signals {
            for case .event(let event) in subscription.take() { Output.line(Self.text(event)) }
        }
    }

    static func summary(_ snapshot: Snapshot) -> [String] {
        let ranked = snapshot.ranked()
        let needs = ranked.compactMap { item -> String? in
            item.attention(at: snapshot.at, source: snapshot.sources[item.source]).map {
                "needs you: \(item.name) \($0.reason.word), \($0.cause)"
            }
        }
        let running = ranked.count { $0.state == .running }
        let sources = snapshot.sources.values.sorted { $0.id < $1.id }.map { source in
            "source \(source.id) \(source.state.rawValue)" + (source.error.map { ": \($0)" } ?? "")
        }
        return sources + ["\(ranked.count) items, \(running) running, \(needs.count) need you"] + needs
    }

    static func text(_ event: Event) -> String {
        "\(WireTime.clock(event.at, zone: .current, seconds: true)) \(event.name): \(event.text)"
    }
}
