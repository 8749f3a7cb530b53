import Fleet
import Foundation
import Screen

@testable import Dashboard

/// Two hours of a small fleet, which can be asked for at any instant, and recorded.
enum TimeSample {
    static let now = Sample.now
    static let oldest = ago(7200)
    static let open = "rack1-u10"
    /// A node that comes 90 minutes ago and fails 2 minutes ago.
    static let late = "rack1-u14"

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    static let events: [Event] = [
        event(6000, "rack1-u20", .info, "ipxe_boot -> installation, took 12m"),
        event(5400, late, .info, "new, ipxe_boot"),
        event(3600, "rack1-u20", .good, "deployed, took 1h00m"),
        event(120, late, .bad, "failed, installation: no boot device"),
    ]

    private static func event(_ ago: Double, _ name: String, _ level: Event.Level, _ text: String) -> Event {
        Event(at: Self.ago(ago), kind: .metal, source: Sample.lab, name: name, level: level, text: text)
    }

    /// The fleet as it was.
    static func snapshot(at date: Date) -> Snapshot {
        let ago = now.timeIntervalSince(date)
        var items = [node(11, open, began: 7200, at: date), node(16, "rack1-u20", began: 7200, ended: 3600, at: date)]
        if ago <= 5400 { items.append(node(13, late, began: 5400, ended: 120, fails: true, at: date)) }
        var source = Sample.source(Sample.lab)
        source.lastSuccess = date.addingTimeInterval(-1)
        return Snapshot(at: date, items: items, sources: [source], events: events.filter { $0.at <= date })
    }

    private static func node(
        _ number: Int, _ name: String, began: Double, ended: Double? = nil, fails: Bool = false, at date: Date
    ) -> Item {
        let ago = now.timeIntervalSince(date)
        let isOver = ended.map { ago <= $0 } ?? false
        let state: Item.State = isOver ? fails ? .failed : .done : .running
        var item = Sample.node(number, name, state: state, phase: isOver ? 8 : 5)
        item.startedAt = Self.ago(began)
        item.endedAt = isOver ? ended.map(Self.ago) : nil
        item.limit = nil
        item.evidence.at = date.addingTimeInterval(-20)
        item.estimate =
            state == .running ? Estimate(p10: 400, p50: 560, p90: 840, n: 14, basis: .history, at: date) : nil
        item.phases = item.phases.map { phase in
            var phase = phase
            phase.limit = nil
            if phase.startedAt != nil { phase.startedAt = date.addingTimeInterval(-130) }
            return phase
        }
        return item
    }

    // MARK: the driver's part

    /// What is kept, in answer to a question.
    static func past(_ moment: Moment) -> Past {
        let date: Date
        switch moment {
        case .at(let at): date = max(oldest, at)
        case .change(let count, let from):
            let times =
                count < 0 ? events.map(\.at).filter { $0 < from }.reversed() : events.map(\.at).filter { $0 > from }
            date = times.count >= abs(count) ? times[abs(count) - 1] : times.last ?? from
        }
        return Past(snapshot: snapshot(at: date), range: oldest...now)
    }

    /// Answers what is asked for until nothing more is.
    ///
    /// - Returns: what was asked for.
    @discardableResult
    static func answer(_ effects: [Effect], _ state: inout State) -> [Moment] {
        var asked: [Moment] = []
        var rest = effects
        while !rest.isEmpty {
            guard case .seek(let moment) = rest.removeFirst() else { continue }
            asked.append(moment)
            rest += update(&state, .past(past(moment), of: moment))
        }
        return asked
    }

    /// Presses keys one after the other, each with its answer.
    @discardableResult
    static func press(_ keys: String, _ state: inout State) -> [Moment] {
        keys.split(separator: " ").flatMap { answer(state.press(String($0)), &state) }
    }

    static func tick(_ seconds: Double, _ state: inout State) {
        answer(update(&state, .tick(now.addingTimeInterval(seconds))), &state)
    }

    static func live(size: Size = Size(columns: 80, rows: 24), isReadOnly: Bool = true, glyphs: Glyphs = .box) -> State
    {
        Sample.state(snapshot(at: now), glyphs: glyphs, size: size, isReadOnly: isReadOnly)
    }

    static func replay(
        start: Date? = nil, speed: Double = 10, size: Size = Size(columns: 80, rows: 24), glyphs: Glyphs = .box
    ) -> State {
        var state = State(
            setting: .init(
                host: "ops-1", glyphs: glyphs, configPath: "c",
                replay: ReplaySetting(name: "incident.slipway", range: oldest...now, start: start, speed: speed)),
            now: now)
        _ = update(&state, .resized(size))
        tick(0, &state)
        return state
    }

    // MARK: hosts

    static let hosts = ["ops1", "ops2"]

    /// The sample of nodes as `ops1` reads it, and another lab of the same name at `ops2`.
    static var fleets: Snapshot { fleet(of: hosts) }

    static func fleet(of hosts: [String]) -> Snapshot {
        let items = hosts.flatMap { host in
            snapshot(at: now).items.values.map { item in
                var item = item
                item.source = SourceID("\(host)/lab-orch")
                item.id = ItemID(
                    kind: .metal, source: item.source,
                    key: item.id.text.split(separator: "/").last.map(String.init) ?? "")
                return item
            }
        }
        let sources = hosts.map { Sample.source(SourceID("\($0)/lab-orch")) }
        let events = events.map { event in
            var event = event
            event.source = sources[0].id
            return event
        }
        return Snapshot(at: now, items: items, sources: sources, events: events)
    }

    static func attached(
        _ hosts: [String] = hosts, _ snapshot: Snapshot? = nil, size: Size = Size(columns: 80, rows: 24),
        glyphs: Glyphs = .box
    ) -> State {
        var state = State(
            setting: .init(host: "laptop", glyphs: glyphs, configPath: "c", attached: hosts), now: now)
        _ = update(&state, .resized(size))
        guard let snapshot else { return state }
        _ = update(&state, .snapshot(snapshot))
        for host in hosts { _ = update(&state, .link(host, .live(roundTrip: 0.04))) }
        return state
    }
}
