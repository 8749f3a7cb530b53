import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What only a practice cluster shows: when it is free, who has it, its machines, disks, restores and golden snapshots, its last day.
struct PoolSections {
    /// Cells of the last day: half an hour each, an hour, or two.
    private static let stripCells = [48, 24, 12]

    let item: Item
    let detail: PoolDetail
    let state: State
    let table: TrackTable

    init(_ item: Item, _ detail: PoolDetail, _ state: State, width: Int) {
        self.item = item
        self.detail = detail
        self.state = state
        table = TrackTable(width: width, glyphs: state.setting.glyphs)
    }

    private var now: Date { state.shownAt }
    private var glyphs: Glyphs { state.setting.glyphs }
    private var sections: SectionTable { SectionTable(width: table.width, glyphs: glyphs) }

    /// Few and short: the age of the last sign stands after them.
    static func facts(_ item: Item, _ detail: PoolDetail) -> [String] {
        let home = detail.namespace == item.name ? nil : "namespace \(detail.namespace)"
        return [item.state == .running ? detail.operation?.rawValue : nil, home, "golden \(detail.goldenText)"]
            .compactMap { $0 }
    }

    /// How long it has been what it is. The last operation is in the track; its percent and its end say nothing of a cluster that
    /// rests since.
    static func standing(_ item: Item, _ detail: PoolDetail, now: Date) -> String? {
        guard item.state != .running, item.state != .failed else { return nil }
        return detail.since.map { "for \(DurationText.short(now.timeIntervalSince($0)))" } ?? ""
    }

    /// What holds it up stands first: what is made and restored, then what is there.
    var all: [Line] {
        diskLines + machineLines + restoreLines + snapshotLines + dateLines + stripLines
            + table.lines("kube context", says: "\(detail.context), namespace \(detail.namespace)")
    }

    /// At a glance, a line each; what to do has to have room under it.
    var short: [Line] {
        let needsYou = state.attention(of: item) != nil
        let track = item.state == .running || item.state == .failed
        return (track ? ShortTrack(item: item, table: table, now: now).lines(isTitled: !needsYou) : [])
            + diskSummary + machineSummary + failureSummary
            + (needsYou ? [] : goldenSummary + dateLines + (track ? [] : stripLines))
    }

    // MARK: what has to be known before the rest is believed

    /// Then what people ask first: when it is free, and who has it.
    func troubles(isShort: Bool) -> [Line] { doubts(isShort: isShort) + freeLines + sessionLines }

    private func doubts(isShort: Bool) -> [Line] {
        var lines: [Line] = []
        let needsYou = state.attention(of: item) != nil
        if detail.isForgotten, !needsYou {
            let text = "its session is not among the live ones; nobody will give it back. Release it by hand."
            lines += table.lines("no live session", mark: Span("?", Style(.statusWarn)), says: text, role: .statusWarn)
        }
        if item.isLimping, !needsYou {
            let text = "not all of its machines run, so who gets it may not be able to use it"
            lines += table.lines("free in doubt", mark: Span("?", Style(.statusWarn)), says: text, role: .statusWarn)
        }
        // Where few lines are left, what to do is worth more than what could not be seen.
        guard !isShort || !needsYou else { return lines }
        let shown = detail.troubles.prefix(isShort ? 1 : 10)
        lines += shown.flatMap {
            table.lines("not read", mark: Span("?", Style(.statusWarn)), says: $0, role: .statusWarn)
        }
        let rest = detail.troubles.count - shown.count
        return rest > 0 ? lines + [Line("  and \(rest) more that could not be read", Style(.muted))] : lines
    }

    // MARK: when it is free, and who has it

    private var freeLines: [Line] {
        switch item.state {
        case .running where item.isBeingDeleted: return []
        case .running, .held:
            if detail.isForgotten { return table.lines("free again", says: "not by itself", role: .statusWarn) }
            guard let estimate = item.untilFree else {
                return table.lines("free again", says: "not known: no history", role: .muted)
            }
            return table.lines("free again", says: "in about \(estimate.text)\(wayToFree)")
        case .failed: return table.lines("free again", says: "not by itself", role: .statusFail)
        case .waiting: return table.lines("free", says: "once it is bootstrapped; nothing is made yet", role: .muted)
        case .done, .unknown: return []
        }
    }

    /// What that time consists of, where that is more than the operation above.
    private var wayToFree: String {
        guard item.state == .held else { return "" }
        guard let left = untilEnd else { return ", once it is given back" }
        return left > 0 ? ": session, then reset" : ": reset, once it is given back"
    }

    /// Seconds until the session ends; below zero since it did.
    private var untilEnd: Double? { detail.session?.expiresAt?.timeIntervalSince(now) }

    private var sessionLines: [Line] {
        guard let session = detail.session else { return [] }
        let end = untilEnd.flatMap { left in
            let clock = session.expiresAt.map { WireTime.clock($0, zone: state.setting.zone) } ?? ""
            return left > 0
                ? "ends in \(DurationText.short(left)) at \(clock)" : "ended \(DurationText.short(-left)) ago"
        }
        let facts = [
            session.id, session.scenario.map { "scenario \($0)" },
            age(session.lockedAt).map { "locked \($0) ago" }, end,
            // Where we lend, the annotation is all there is to a session.
            session.isLive == nil && detail.keeper != .slipway ? "not asked whether it lives" : nil,
        ]
        let isBad = session.isLive == false || (untilEnd.map { $0 <= 0 } ?? false)
        let mark = isBad ? Span("?", Style(.statusWarn)) : Span(session.isLive == true ? "+" : " ", Style(.statusOk))
        return table.lines(
            "session", mark: mark, says: facts.compactMap { $0 }.joined(separator: ", "),
            role: isBad ? .statusWarn : .text)
    }

    // MARK: its machines

    private var machineLines: [Line] {
        guard !detail.machines.isEmpty else { return table.lines("machines", says: "not known", role: .muted) }
        return sections.lines("machines", word: "state", age: "for", facts: "name, address, node", detail.machines) {
            machine in
            SectionTable.Row(
                mark: machine.state.mark, name: machine.role.text, word: machine.word, age: age(machine.since) ?? "-",
                facts: [
                    machine.name.isEmpty ? nil : machine.name,
                    machine.phase == machine.word ? nil : machine.phase.map { "instance \($0)" },
                    machine.address, machine.node.map { "on \($0)" },
                ].compactMap { $0 },
                text: told(machine.failure))
        }
    }

    private var machineSummary: [Line] {
        detail.machines.prefix(2).map { machine in
            let look = machine.state.mark
            let facts = [machine.word, age(machine.since).map { "for \($0)" }, machine.address, machine.node]
            return table.said(machine.role.text, look, facts.compactMap { $0 }.joined(separator: "  "))
        }
    }

    // MARK: disks

    private var diskLines: [Line] {
        sections.lines("disks being made", word: "state", age: "done", facts: "", detail.disks) { disk in
            SectionTable.Row(
                mark: Phase.State.running.mark, name: disk.name, word: disk.word,
                age: disk.percentText ?? "-", bar: disk.share.map { Bar(done: $0) })
        }
    }

    private var diskSummary: [Line] {
        detail.disks.prefix(1).map { disk in
            let rest = detail.disks.count > 1 ? ", and \(detail.disks.count - 1) more" : ""
            let text = [disk.word, disk.percentText].compactMap { $0 }.joined(separator: " ")
            return table.said("disk", Phase.State.running.mark, "\(text)  \(disk.name)\(rest)")
        }
    }

    // MARK: restores and golden snapshots

    private var restoreLines: [Line] {
        sections.lines("restores", word: "reason", age: "ago", facts: "name", detail.restores) { restore in
            let took = restore.endedAt.flatMap { end in restore.startedAt.map { end.timeIntervalSince($0) } }
            return SectionTable.Row(
                mark: restore.state.mark, name: restore.role.text, word: restore.word,
                age: age(restore.endedAt ?? restore.startedAt) ?? "-",
                facts: [took.map { "took \(DurationText.short($0))" }, restore.name].compactMap { $0 },
                text: told(restore.failure))
        }
    }

    /// Of two that are well, the ages are enough.
    private var snapshotLines: [Line] {
        let isWhole = detail.goldenReady == detail.goldenTotal && detail.snapshots.count == 2
        guard !isWhole, !detail.snapshots.isEmpty else { return goldenSummary }
        return sections.lines(
            "golden \(detail.goldenText)", word: "state", age: "age", facts: "name", detail.snapshots
        ) { snapshot in
            SectionTable.Row(
                mark: (snapshot.isReady ? Phase.State.done : snapshot.failure == nil ? .running : .failed).mark,
                name: snapshot.role.text, word: snapshot.word, age: age(snapshot.createdAt) ?? "-",
                facts: [snapshot.name], text: told(snapshot.failure))
        }
    }

    private var goldenSummary: [Line] {
        let isWhole = detail.goldenReady == detail.goldenTotal
        let names = detail.snapshots.prefix(2).map { snapshot in
            [snapshot.name, snapshot.isReady ? nil : snapshot.word, age(snapshot.createdAt)]
                .compactMap { $0 }.joined(separator: " ")
        }
        let text = names.isEmpty ? "none yet: it cannot be reset" : names.joined(separator: ", ")
        let mark: (text: String, role: Role) =
            isWhole
            ? Phase.State.done.mark : detail.status == "creating" ? Phase.State.waiting.mark : ("?", .statusWarn)
        return [table.said("\(detail.goldenText) golden", mark, text)]
    }

    /// Of a failure, the texts that the diagnosis does not give: they are what one looks for first.
    private var failureSummary: [Line] {
        guard item.state == .failed else { return [] }
        let restores = detail.restores.prefix(2).map { ("restore \($0.role.short)", $0.failure) }
        let machines = detail.machines.prefix(2).map { ($0.role.text, $0.failure) }
        for (name, failure) in restores + machines {
            if let text = told(failure) { return [table.said(name, Phase.State.failed.mark, text)] }
        }
        return []
    }

    // MARK: dates

    private var dateLines: [Line] {
        let dates = [
            ("reset", detail.lastResetAt), ("health check", detail.lastHealthCheckAt), ("created", detail.createdAt),
        ].map { name, date in age(date).map { "\(name) \($0) ago" } ?? "\(name) not known" }
        return table.lines("last", says: dates.joined(separator: ", "), role: .muted)
    }

    private var stripLines: [Line] {
        let room = table.width - table.indent - 2
        let count = Self.stripCells.first { $0 <= room } ?? 12
        let strip = PoolStrip(detail.past, now: now, slices: count)
        let head = Line("  " + Text.padded("last 24 hours", to: table.indent - 2) + "  ", Style(.text))
        let indent = String(repeating: " ", count: table.indent + 2)
        guard !detail.past.isEmpty else { return [head + Line("not seen yet", Style(.muted))] }
        let legend = strip.legend(glyphs)
        return [
            head + strip.line(glyphs), Line(indent + strip.hours(state.setting.zone), Style(.muted)),
            Line(legend.width <= room ? indent : "  ") + legend,
        ]
    }

    // MARK: in common

    private func age(_ date: Date?) -> String? { date.map { DurationText.age(now.timeIntervalSince($0)) } }

    /// The text, unless the diagnosis says it already.
    private func told(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return state.tells(text, of: item) ? nil : text
    }
}

extension PoolDetail.Disk {
    /// 0 to 1; nil for what is no number.
    var share: Double? { percent.flatMap { $0.isFinite ? min(max($0, 0), 100) / 100 : nil } }

    /// `45%`, which its word stands before.
    var percentText: String? { share.map { "\(Int(($0 * 100).rounded(.down)))%" } }
}
