import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DeploymentSections {
    private enum Report { static let milestones = 60, conditions = 40, events = 100, messageLines = 3 }

    // MARK: what mattered

    /// Newest first, as events are everywhere.
    var milestoneLines: [Line] {
        let suppressed = detail.suppressed > 0 ? "\(detail.suppressed) further events suppressed" : ""
        guard !detail.milestones.isEmpty || detail.suppressed > 0 else { return [] }
        let title = ["milestones \(detail.milestones.count)", suppressed].filter { !$0.isEmpty }
        var lines = [Line("  " + title.joined(separator: ", "), Style(.muted))]
        for milestone in detail.milestones.reversed().prefix(Report.milestones) {
            let look = milestone.severity.look
            lines.append(
                Line("\(look.mark) ", Style(look.role))
                    + Line(WireTime.clock(milestone.at, zone: state.setting.zone, seconds: true), Style(.muted))
                    + Line("  " + Text.padded(milestone.phase, to: 14, glyphs: glyphs), Style(.muted))
                    + Line(pad(milestone.text, to: 24), Style(look.role))
                    + Line("  \(milestone.object)", Style(.muted)))
        }
        let rest = detail.milestones.count - Report.milestones
        if rest > 0 { lines.append(more(rest, indent: 2)) }
        return lines
    }

    /// A text that is longer pushes what follows; it is not cut for the sake of a column.
    private func pad(_ text: String, to width: Int) -> String {
        TextWidth.of(text) >= width ? text : Text.padded(text, to: width)
    }

    // MARK: conditions

    /// Ready first, then what is not as it should be.
    var conditionLines: [Line] {
        guard !detail.conditions.isEmpty else { return [] }
        let looks = detail.conditions.map { ($0, ConditionLook($0, isFailed: item.state == .failed)) }
        let first = looks.filter { $0.0.type == "Ready" }
        let others = looks.filter { $0.0.type != "Ready" }
        let sorted = first + others.filter { !$0.1.isFine } + others.filter(\.1.isFine)
        var lines = [
            row(
                mark: " ", .muted, "conditions", "status", "for", tail: Line("generation, reason", Style(.muted)),
                role: .muted)
        ]
        for (condition, look) in sorted.prefix(Report.conditions) {
            lines.append(
                row(
                    mark: look.mark, look.role, condition.type, condition.status, age(condition.changedAt) ?? "-",
                    tail: generation(of: condition) + Line(condition.reason, Style(.text)), role: look.role))
            if !isSaid(condition) { lines += wrapped(condition.message, limit: Report.messageLines) }
        }
        if sorted.count > Report.conditions { lines.append(more(sorted.count - Report.conditions, indent: 2)) }
        return lines
    }

    /// `gen 4  `, and in the weight of an old value where the spec has moved on since.
    private func generation(of condition: DeploymentDetail.Condition) -> Line {
        guard let observed = condition.observedGeneration else { return Line() }
        let isOld = detail.generation.map { observed < $0 } ?? false
        return isOld
            ? Line("~gen \(observed), old  ", Style(.statusWarn)) : Line("gen \(observed)  ", Style(.muted))
    }

    /// Whether the lines above say it: the summary is the health, and Ready repeats it.
    private func isSaid(_ condition: DeploymentDetail.Condition) -> Bool {
        if condition.message.isEmpty || isTold(condition.message) { return true }
        if condition.type == "CAPIClusterSummary" { return !detail.health.isEmpty }
        return detail.health.contains { !$0.text.isEmpty && condition.message.contains($0.text) }
    }

    // MARK: raw events

    /// The events as Kubernetes keeps them, newest first. A page has the room to give each its whole message.
    static func eventLines(_ detail: DeploymentDetail, _ state: State) -> [Line] {
        guard !detail.events.isEmpty else {
            let why = detail.troubles.isEmpty ? "; Kubernetes forgets events after about an hour" : ""
            return [Line("none kept\(why)", Style(.muted))]
        }
        let isPage = state.listPane?.isOpen == true
        let glyphs = state.setting.glyphs
        let width = state.size.columns < 140 ? 24 : 36
        let indent = String(repeating: " ", count: 9)
        return detail.events.suffix(Report.events).reversed().flatMap { event in
            let role: Role = event.type == "Normal" ? .text : .statusWarn
            let count = event.count > 1 ? " x\(event.count)" : ""
            guard isPage else {
                return [
                    ReportList.line(
                        at: event.at, glyphs.shortened(event.object, to: width), width: width, event.reason,
                        width: width, role: role,
                        event.message + count, state)
                ]
            }
            let object = glyphs.shortened(event.object, to: 40)
            let head =
                Line(WireTime.clock(event.at, zone: state.setting.zone, seconds: true) + " ", Style(.muted))
                + Line("\(event.reason)\(count)", Style(role)) + Line("  \(object)", Style(.muted))
            let room = eventColumns(state.size.columns) - indent.count
            return [head]
                + Text.wrapped(event.message, to: max(8, room)).filter { !$0.isEmpty }.map {
                    Line(indent + $0, Style(.text))
                }
        }
    }

    /// The columns that a page gives to events: all, or the right part of a wide one (see `ItemPage`).
    private static func eventColumns(_ columns: Int) -> Int {
        (columns < 150 ? columns : columns - columns * 6 / 10) - 2
    }
}

/// How a condition looks. False is what most say until all is done; which one is a failure by itself is decided where it is read.
struct ConditionLook {
    /// Of these, True is what is out of the ordinary.
    private static let exceptions: Set<String> = ["Deleting", "Paused", "HelmChartNameChanged"]

    let mark: String
    let role: Role
    let isFine: Bool

    /// - Parameter isFailed: the rules call the deployment failed.
    init(_ condition: DeploymentDetail.Condition, isFailed: Bool) {
        let isException = Self.exceptions.contains(condition.type)
        switch condition.status {
        case "True": (mark, role, isFine) = isException ? ("=", .statusHold, false) : ("+", .statusOk, true)
        case "False" where isException: (mark, role, isFine) = ("-", .muted, true)
        case "False":
            let isBroken = isFailed || condition.isBroken == true
            (mark, role, isFine) = isBroken ? ("!", .statusFail, false) : (">", .statusRun, false)
        default: (mark, role, isFine) = ("?", .statusStale, false)
        }
    }
}

extension DeploymentDetail.Milestone.Severity {
    fileprivate var look: (mark: String, role: Role) {
        switch self {
        case .info: ("+", .text)
        case .warning: ("!", .statusWarn)
        case .error: ("!", .statusFail)
        }
    }
}

/// The branches in front of the names of a tree whose nodes come parents first.
enum TreeBranches {
    /// Deeper nodes stand where this one does: branches of any depth would leave no room for names.
    private static let deepest = 8

    static func of(_ depths: [Int], glyphs: Glyphs) -> [String] {
        // From the end, because whether a node is the last of its parent is told by what follows.
        var follows = [Bool](repeating: false, count: deepest + 1)
        return depths.reversed().map { raw in
            let depth = max(0, min(deepest, raw))
            var branch = ""
            if depth > 0 {
                for level in 1..<depth { branch += follows[level] ? "\(glyphs.vertical)  " : "   " }
                branch += (follows[depth] ? glyphs.treeChild : glyphs.treeLast) + " "
            }
            follows[depth] = true
            for level in (depth + 1)..<(deepest + 1) { follows[level] = false }
            return branch
        }.reversed()
    }
}
