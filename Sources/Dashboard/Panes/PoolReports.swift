import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What happened to a practice cluster, newest first: its changes of status, and the restores of its machines.
enum PoolReports {
    private static let limit = 100

    static func lines(_ detail: PoolDetail, _ state: State) -> [Line] {
        let changes = detail.past.suffix(limit).map { span in
            let end = span.to ?? state.shownAt
            let text = "for \(DurationText.short(end.timeIntervalSince(span.from)))\(span.to == nil ? " so far" : "")"
            let role = PoolLook(span.status).role
            return (
                span.from,
                ReportList.line(
                    at: span.from, "status", width: 14, span.status, width: 24, role: role, text, state)
            )
        }
        let restores = detail.restores.prefix(limit).compactMap { restore -> (Date, Line)? in
            guard let at = restore.endedAt ?? restore.startedAt else { return nil }
            return (
                at,
                ReportList.line(
                    at: at, restore.role.text, width: 14, restore.word, width: 24, role: restore.state.mark.role,
                    restore.failure ?? restore.name, state)
            )
        }
        return (changes + restores).sorted { $0.0 > $1.0 }.prefix(limit).map(\.1)
    }
}
