import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ClusterSections {
    /// The newest stack events, newest first: what, its status, and why, or else its type.
    static func eventLines(_ detail: ClusterDetail, _ state: State) -> [Line] {
        detail.events.reversed().map { event in
            ReportList.line(
                at: event.at, event.logicalID, width: 28, event.status, width: 20, role: role(of: event.status),
                event.reason ?? StackType.short(event.type), state)
        }
    }

    private static func role(of status: String) -> Role {
        if status.hasSuffix("FAILED") { return .statusFail }
        if status.hasSuffix("COMPLETE") { return .statusOk }
        return status.hasSuffix("IN_PROGRESS") ? .statusRun : .text
    }

    /// The newest lines of each log under its name and the age of its last line.
    static func logLines(_ detail: ClusterDetail, _ state: State) -> [Line] {
        detail.logs.flatMap { log in
            let age = log.lastAt.map { "last line \(DurationText.age(state.shownAt.timeIntervalSince($0))) ago" }
            let title =
                Line(log.name, Style(.title, .bold)) + Line("  \(age ?? "no line yet")", Style(.muted))
                + Line("  \(log.stream)", Style(.muted))
            return [title]
                + log.lines.map { line in
                    Line("\(state.setting.glyphs.vertical) ", Style(.border)) + Line(line, Style(.text))
                }
        }
    }
}
