import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands in the place of the first line's beginning while the screen is not at now. Nobody shall take what was for what is.
enum Banner {
    /// A pause is as good as now for so many seconds.
    private static let secondsForAge: Double = 300
    /// Columns that the name of a recording may take.
    private static let nameWidth = 24

    /// Nil at now.
    ///
    /// - Parameter room: columns that it may have; words go, the last ones first, but not the instant.
    static func line(_ state: State, room: Int) -> Line? {
        guard let travel = state.travel else { return nil }
        let isMoving = travel.isPlaying
        // Reversed, so that it stands out without colours as well.
        let style = Style(isMoving ? .statusRun : .statusHold, [.bold, .reverse])
        let texts = state.setting.replay.map { [replay(travel, $0, state)] } ?? paused(travel, state)
        let lines = texts.map { Line(" \(isMoving ? ">" : "=") \($0) ", style) }
        return lines.first { $0.width <= room } ?? lines.last
    }

    /// The same before the line of a screen without panes; nil where that shows what is as good as now.
    static func tiny(_ state: State) -> String? {
        guard let travel = state.travel, travel.isPast || state.isReplay else { return nil }
        return "= \(WireTime.clock(travel.at, zone: state.setting.zone)) "
    }

    /// `PAUSED at 14:03:12, 2h05m ago, 37 events since`, and what is left of it in less room.
    private static func paused(_ travel: TimeTravel, _ state: State) -> [String] {
        let head = "PAUSED at \(clock(travel.at, like: state.now, state))"
        if travel.isSeeking { return ["\(head), \(seeking(travel, state))", "\(head) ..."] }
        let ago = state.now.timeIntervalSince(travel.at)
        let age = travel.isPast || ago >= secondsForAge ? ", \(coarse(ago)) ago" : ""
        if let gap = unrecorded(travel, state) { return [head + age + gap, head + gap, head] }
        let since = ", " + (travel.isPast ? events(after: travel.at, state) : "\(travel.changes) changes since")
        return [head + age + since, head + age, head]
    }

    /// `REPLAY incident.slipway x10 at 2026-11-21 14:03:12, 1h03m of 2h00m`
    private static func replay(_ travel: TimeTravel, _ replay: ReplaySetting, _ state: State) -> String {
        let name = state.setting.glyphs.shortened(replay.name, to: nameWidth)
        let speed = replay.speed == 1 ? "" : " x\(replay.speed.formattedShort)"
        let pace = travel.isPlaying ? speed : state.isAtEnd ? "" : " PAUSED"
        let clock = day(travel.at, state) + WireTime.clock(travel.at, zone: state.setting.zone, seconds: true)
        let head = "REPLAY \(name)\(pace) at \(clock)"
        if travel.isSeeking, !travel.isPlaying { return "\(head), \(seeking(travel, state))" }
        if state.isAtEnd { return "\(head), end of the recording" }
        if let gap = unrecorded(travel, state) { return head + gap }
        let whole = replay.range.upperBound.timeIntervalSince(replay.range.lowerBound)
        let done = travel.at.timeIntervalSince(replay.range.lowerBound)
        return "\(head), \(DurationText.short(done)) of \(DurationText.short(whole))"
    }

    /// What is shown is older than the instant: that nobody looked is something else than that nothing changed.
    private static func unrecorded(_ travel: TimeTravel, _ state: State) -> String? {
        travel.unrecordedSince.map { ", nothing recorded since \(clock($0, like: travel.at, state))" }
    }

    /// Where it is going, while that is read.
    private static func seeking(_ travel: TimeTravel, _ state: State) -> String {
        switch travel.target {
        case .at(.distantPast): "going to the oldest ..."
        case .at(let date): "going to \(clock(date, like: state.now, state)) ..."
        case .change(let count, _): count < 0 ? "going to a change before ..." : "going to a change after ..."
        }
    }

    private static func events(after date: Date, _ state: State) -> String {
        let events = state.fleet.events
        let count = events.count - (events.lastIndex { $0.at <= date }.map { $0 + 1 } ?? 0)
        // Older ones are kept, but not here.
        let more = count == events.count && count >= Snapshot.eventLimit ? "+" : ""
        return "\(count)\(more) event\(count == 1 && more.isEmpty ? "" : "s") since"
    }

    /// With the day where it is another one.
    private static func clock(_ date: Date, like now: Date, _ state: State) -> String {
        let day = day(date, state)
        return (day == self.day(now, state) ? "" : day) + WireTime.clock(date, zone: state.setting.zone, seconds: true)
    }

    /// `2026-11-21 `
    private static func day(_ date: Date, _ state: State) -> String {
        WireTime.naiveText(date, zone: state.setting.zone).prefix(10) + " "
    }

    /// In minutes, so that a screen that stands still is not painted every second.
    private static func coarse(_ seconds: Double) -> String {
        seconds < 60 ? "less than 1m" : DurationText.short((seconds / 60).rounded(.down) * 60)
    }
}
