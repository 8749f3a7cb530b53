import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What only a ParallelCluster cluster shows: its resources by group, the wait condition, the three parts that must
/// work, what failed first and what is taken back.
struct ClusterSections {
    /// Resources that are listed one by one.
    private static let activeLimit = 12
    /// The group after which the wait condition stands: its head node has to signal it.
    private static let waitingGroup = "head node"

    let item: Item
    let detail: ClusterDetail
    let state: State
    let table: TrackTable

    init(_ item: Item, _ detail: ClusterDetail, _ state: State, width: Int) {
        self.item = item
        self.detail = detail
        self.state = state
        table = TrackTable(width: width, glyphs: state.setting.glyphs)
    }

    private var now: Date { state.shownAt }

    static func facts(_ item: Item, _ detail: ClusterDetail) -> [String] {
        let stack = detail.stackStatus == item.word ? nil : "stack \(detail.stackStatus)"
        let version = detail.version.map { "ParallelCluster \($0)" }
        return [detail.region, stack, detail.scheduler, version].compactMap { $0 }
    }

    var all: [Line] { groupLines(isShort: false) + componentLines + machineLines + activeLines }

    /// Of a cluster that is done, what works matters; of any other, where it is.
    var short: [Line] { groupLines(isShort: true) + (item.state == .done ? componentLines + machineLines : []) }

    // MARK: what went wrong

    func troubles(isShort: Bool) -> [Line] {
        (isShort ? [] : rootCauseLines) + rollbackLines(isShort: isShort) + unansweredLines
    }

    private var unansweredLines: [Line] {
        guard let trouble = detail.trouble, item.state != .waiting else { return [] }
        return table.lines("not answered", says: trouble, role: .statusWarn)
    }

    private var rootCauseLines: [Line] {
        var lines: [Line] = []
        if let cause = detail.rootCause {
            let at = WireTime.clock(cause.endedAt ?? cause.startedAt, zone: state.setting.zone, seconds: true)
            let text = "\(cause.logicalID), \(cause.shortType), \(cause.status) at \(at)"
            lines += table.lines("root cause", mark: failedMark, says: text, role: .statusFail)
            if let reason = cause.reason, !isTold(reason) { lines += table.lines("", says: reason) }
        }
        if let code = detail.failureCode, !isTold(code) { lines += table.lines("failure code", says: code) }
        return lines
    }

    /// Whether the diagnosis says it already.
    private func isTold(_ text: String) -> Bool { state.tells(text, of: item) }

    private var failedMark: Span { Span("!", Style(.statusFail)) }

    private func rollbackLines(isShort: Bool) -> [Line] {
        guard let rollback = detail.rollback else { return [] }
        let hasFailed = !rollback.failed.isEmpty
        let phase: Phase.State = hasFailed ? .failed : rollback.isOver ? .done : .running
        let share = Double(rollback.deleted) / Double(max(1, rollback.total))
        let bar = rollback.isOver ? nil : Bar(done: share, role: .statusFail)
        let text = rollback.text + (rollback.isOver ? ", over" : "")
        let lines = [table.line(text, state: phase, bar: bar)]
        guard hasFailed, !isShort else { return lines }
        return lines
            + table.lines(
                "not deleted", mark: failedMark, says: rollback.failed.joined(separator: ", "), role: .statusFail)
    }

    // MARK: resources

    func groupLines(isShort: Bool) -> [Line] {
        let groups = detail.groups.filter { $0.total > 0 || $0.state == .running || $0.state == .failed }
        let waiting = isShort ? groups.filter { $0.state == .waiting } : []
        // Where something is wrong, what is done matters least; when all is done, its steps do no more.
        let joinsDone = isShort && (state.attention(of: item) != nil || item.isEnded)
        let done = joinsDone ? groups.filter { $0.state == .done } : []
        var lines: [Line] = []
        var wait = detail.wait.map { waitLine($0) }
        if isShort, detail.wait?.state == .done { wait = nil }
        if !done.isEmpty { lines += joined("done", done, .done) }
        for group in groups where !done.contains(group) && !waiting.contains(group) {
            lines.append(groupLine(group))
            if group.name == Self.waitingGroup, let line = wait {
                lines.append(line)
                wait = nil
            }
        }
        if let wait { lines.append(wait) }
        if !waiting.isEmpty { lines += joined("to come", waiting, .waiting) }
        guard !lines.isEmpty, !groups.isEmpty else { return lines }
        return [table.title("resources", usual: "usual", last: "done", tail: expectation)] + lines
    }

    /// Several groups in one sentence.
    private func joined(_ word: String, _ groups: [ClusterDetail.ResourceGroup], _ phase: Phase.State) -> [Line] {
        let names = groups.map { "\($0.name) \($0.done)/\($0.total)" }.joined(separator: ", ")
        return Text.wrapped("\(word): \(names)", to: max(8, table.width - 2)).enumerated().map { index, part in
            Line(index == 0 ? "\(phase.mark.text) " : "  ", Style(phase.mark.role))
                + Line(part, Style(phase.mark.role))
        }
    }

    private var expectation: String {
        guard let total = item.progress?.total, item.progress?.unit == "resources" else { return "" }
        switch detail.expectedFrom {
        case "history": return "\(total) expected from history"
        case "typical": return "\(total) expected, typical"
        case "seen": return "\(total) seen so far"
        default: return ""
        }
    }

    private func groupLine(_ group: ClusterDetail.ResourceGroup) -> Line {
        let phase = Phase(name: group.name, state: group.state, startedAt: group.startedAt, endedAt: group.endedAt)
        let isMoving = group.state == .running || group.state == .failed
        let share = Double(group.done) / Double(max(1, group.total))
        return table.line(
            group.name, state: group.state,
            took: TrackText.took(phase.elapsed(at: now), isRunning: group.state == .running),
            usual: TrackText.usual(group.usual, count: group.usualCount), last: "\(group.done)/\(group.total)",
            tail: table.tail(isMoving ? Bar(done: share, role: group.state == .failed ? .statusFail : .barFill) : nil))
    }

    private func waitLine(_ wait: ClusterDetail.Wait) -> Line {
        let phase = Phase(
            name: wait.logicalID, state: wait.state, startedAt: wait.startedAt, endedAt: wait.endedAt,
            limit: wait.limit)
        let age = DurationText.age(phase.elapsed(at: now) ?? now.timeIntervalSince(wait.startedAt))
        let limit = DurationText.age(wait.limit)
        let role = wait.state.mark.role
        switch wait.state {
        case .running:
            return table.line(
                "wait condition", state: wait.state,
                says: "\(age) of \(limit)" + (table.hasUsual ? ", nothing received" : ""), role: role,
                bar: phase.bar(at: now))
        case .failed:
            return table.line(
                "wait condition", state: wait.state, says: "failed after \(age) of \(limit)", role: role,
                bar: phase.bar(at: now))
        case .done: return table.line("wait condition", state: wait.state, says: "signalled after \(age)", role: role)
        case .waiting, .skipped:
            return table.line("wait condition", state: wait.state, says: "not waited for", role: role)
        }
    }

    // MARK: what must work

    private var componentLines: [Line] {
        guard !detail.components.isEmpty else { return [] }
        let wordWidth = max(14, detail.components.map { TextWidth.of($0.word) }.max() ?? 0)
        return [Line("  configuration", Style(.muted))]
            + detail.components.map { component in
                let word = Text.padded(component.word, to: wordWidth, glyphs: state.setting.glyphs)
                return table.line(component.name, state: component.state, says: word, role: component.state.mark.role)
                    + Line("  \(component.sign)", Style(.muted))
            }
    }

    private var machineLines: [Line] {
        var lines: [Line] = []
        if let node = detail.headNode {
            let facts = [
                node.instanceID, node.instanceType, node.state,
                node.launchedAt.map { "launched \(DurationText.age(now.timeIntervalSince($0))) ago" },
                node.publicIP.map { "\($0) public" }, node.privateIP.map { "\($0) private" },
            ]
            let role: Role = node.state == "running" || node.state == "pending" ? .text : .statusWarn
            lines += table.lines(
                "head node instance", says: facts.compactMap { $0 }.joined(separator: ", "), role: role)
        }
        if let count = detail.computeNodes { lines += table.lines("compute nodes", says: "\(count) running") }
        return lines
    }

    // MARK: what is being worked on

    private var activeLines: [Line] {
        guard !detail.active.isEmpty else { return [] }
        // Names differ at their ends and are long; types come last and may be cut.
        let nameWidth = max(17, min(34, table.width - 44))
        let wordWidth = detail.active.contains { !$0.troubleWord.isEmpty } ? 8 : 0
        let title = Line(
            "  " + Text.padded("working on", to: nameWidth) + Text.padded("for", to: 7, alignment: .right)
                + Text.padded("usual", to: 8, alignment: .right) + String(repeating: " ", count: wordWidth) + "  type",
            Style(.muted))
        var lines = [title]
        for resource in detail.active.prefix(Self.activeLimit) {
            lines.append(activeLine(resource, nameWidth: nameWidth, wordWidth: wordWidth))
            if resource.isFailed, let reason = resource.reason, resource != detail.rootCause, !isTold(reason) {
                lines.append(Line("    \(reason)", Style(.text)))
            }
        }
        let rest = detail.active.count - Self.activeLimit
        if rest > 0 { lines.append(Line("  and \(rest) more", Style(.muted))) }
        return lines
    }

    private func activeLine(_ resource: ClusterDetail.Resource, nameWidth: Int, wordWidth: Int) -> Line {
        let glyphs = state.setting.glyphs
        let role: Role = resource.isFailed ? .statusFail : resource.isStuck ? .statusWarn : .statusRun
        let seconds = (resource.endedAt ?? now).timeIntervalSince(resource.startedAt)
        let name = Text.shortened(resource.logicalID, to: nameWidth, glyphs: glyphs)
        let took = TrackText.took(max(0, seconds), isRunning: resource.endedAt == nil)
        let word = wordWidth > 0 ? Text.padded("  \(resource.troubleWord)", to: wordWidth) : ""
        return Line("\(resource.isFailed ? "!" : ">") ", Style(role))
            + Line(Text.padded(name, to: nameWidth), Style(role))
            + Line(Text.padded(took, to: 7, alignment: .right), Style(role))
            + Line(
                Text.padded(resource.usual.map(DurationText.age) ?? "-", to: 8, alignment: .right), Style(.muted))
            + Line(word, Style(role, .bold)) + Line("  \(resource.shortType)", Style(.muted))
    }
}

extension ClusterDetail.Resource {
    var isFailed: Bool { status.hasSuffix("_FAILED") }

    /// Why it stands out among what is being worked on.
    var troubleWord: String { isFailed ? "failed" : isStuck ? "stuck" : "" }

    /// Its type without `AWS::`, which all have.
    var shortType: String { StackType.short(type) }
}

/// Names that CloudFormation gives to what a stack is made of.
enum StackType {
    static func short(_ type: String) -> String { type.hasPrefix("AWS::") ? String(type.dropFirst(5)) : type }
}
