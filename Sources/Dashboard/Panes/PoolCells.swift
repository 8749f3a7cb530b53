import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands in the row of a practice cluster.
struct PoolCells {
    let item: Item
    let detail: PoolDetail
    let look: RowLook

    init(_ item: Item, _ detail: PoolDetail, _ look: RowLook) {
        self.item = item
        self.detail = detail
        self.look = look
    }

    /// Locked for nobody, free while not all of it runs, or else in need of somebody: its word is not all there is to say.
    private var isDoubtful: Bool {
        detail.isForgotten || item.isLimping || (look.attention != nil && (item.state == .done || item.state == .held))
    }

    var markCell: Line {
        guard isDoubtful else { return look.markCell }
        return Line(look.isOld ? "~" : " ", Style(.statusStale)) + Line("?", Style(.statusWarn))
    }

    /// The word, without what it adds to the status where that has no room; before it, the age of an old one, where no column
    /// of its own says it: `~4m locked`.
    func word(width: Int, isAged: Bool) -> Line {
        let age = isAged && look.isOld ? look.age.map { "~\(DurationText.age($0)) " } ?? "" : ""
        let whole = age + item.word
        return Line(
            TextWidth.of(whole) <= width ? whole : age + item.poolStatus,
            Style(isDoubtful && !look.isOld ? .statusWarn : look.role))
    }

    /// Since when it has its status; of a lock, since when it is locked.
    var since: String { age(detail.since ?? detail.session?.lockedAt ?? item.startedAt) }

    /// Its name; `CONTEXT/NAME` where another context has a cluster of that name, as pools made from one plan do.
    static func name(_ item: Item, _ detail: PoolDetail, _ state: State, width: Int) -> String {
        let glyphs = state.setting.glyphs
        let isTwice = state.shown.orderedSources(of: [.pool]).contains { source in
            source.id != item.source
                && state.shown.items[ItemID(kind: .pool, source: source.id, key: item.name)] != nil
        }
        guard isTwice else { return glyphs.shortened(item.name, to: width) }
        let name = glyphs.shortened(item.name, to: max(1, width * 2 / 3))
        return glyphs.shortened(detail.context, to: max(1, width - TextWidth.of(name) - 1)) + "/" + name
    }

    // MARK: what is done with it

    /// The step of an operation and its age, the session that has it, or what is wrong with one that should be free.
    func now(width: Int, saysReset: Bool) -> Line {
        if look.state.travel == nil, let asked = look.state.asked[item.id] {
            let verb = asked.action.verb.rawValue
            let text = ["asking for \(verb)", "asked: \(verb)"].first { TextWidth.of($0) <= width }
            return Line(text ?? "asked", Style(.statusHold))
        }
        return switch item.state {
        case .running: step(width: width)
        case .held: session(width: width)
        case .failed: Line(failure(width: width), Style(.statusFail))
        case .done: idle(saysReset: saysReset)
        case .waiting: Line("nothing made yet", Style(.muted))
        case .unknown: Line()
        }
    }

    /// `4/7 restore worker 1m31s`
    private func step(width: Int) -> Line {
        guard let phase = item.currentPhase else { return Line() }
        let role: Role = phase.isSlow(at: look.now) ? .statusWarn : look.textRole
        let age = phase.elapsed(at: look.now).map { " \(DurationText.short($0))" } ?? ""
        let number = item.progress.map { "\($0.done + 1)/\($0.total) " } ?? ""
        let whole = number + phase.name + age
        if TextWidth.of(whole) <= width { return Line(whole, Style(role)) }
        let room = max(1, width - TextWidth.of(age))
        return Line(Self.brief(phase.name, width: room, glyphs: look.glyphs) + age, Style(role))
    }

    /// The name of a step; where it is too long, `cp` says which machine it is about.
    private static func brief(_ name: String, width: Int, glyphs: Glyphs) -> String {
        if TextWidth.of(name) <= width { return name }
        let brief = name.replacing("control plane", with: "cp").replacing("Control plane", with: "cp")
        return glyphs.shortened(brief, to: width)
    }

    private func session(width: Int) -> Line {
        guard let session = detail.session else { return Line("session not known", Style(.muted)) }
        if detail.isForgotten {
            let text = "\(session.id) is gone"
            return Line(TextWidth.of(text) <= width ? text : "session is gone", Style(.statusWarn))
        }
        if let end = session.expiresAt, end < look.now {
            let text = "ended \(age(end)) ago"
            let whole = "\(session.id) \(text)"
            return Line(TextWidth.of(whole) <= width ? whole : text, Style(.statusWarn))
        }
        let whole = [session.id, session.scenario].compactMap { $0 }.joined(separator: " ")
        return Line(TextWidth.of(whole) <= width ? whole : session.id, Style(look.textRole))
    }

    private func failure(width: Int) -> String {
        guard let phase = item.phases.last(where: { $0.state == .failed }) else {
            return item.diagnosis?.cause ?? ""
        }
        let whole = "failed at \(phase.name)"
        return TextWidth.of(whole) <= width ? whole : Self.brief(phase.name, width: width, glyphs: look.glyphs)
    }

    /// Of a free one, what keeps it from being of use.
    private func idle(saysReset: Bool) -> Line {
        if let machine = detail.machines.first(where: { $0.state != .done }) {
            return Line("\(machine.role.short) \(machine.word)", Style(.statusWarn))
        }
        if detail.goldenReady < detail.goldenTotal {
            return Line("golden \(detail.goldenText)", Style(.statusWarn))
        }
        if !detail.troubles.isEmpty { return Line("not all was read", Style(.statusWarn)) }
        guard saysReset, let reset = detail.lastResetAt else { return Line() }
        return Line("reset \(age(reset)) ago", Style(.muted))
    }

    // MARK: when it is free

    func free(width: Int) -> Line {
        switch item.state {
        case .done where item.isLimping: return Line("now?", Style(.statusWarn))
        case .done: return Line("now", Style(.statusOk))
        case .failed: return Line("not by itself", Style(.statusFail))
        case .held where detail.isForgotten: return Line("not by itself", Style(.statusWarn))
        case .waiting: return Line("not by itself", Style(.muted))
        case .running where item.isBeingDeleted: return Line("never", Style(.muted))
        case .held, .running: break
        case .unknown: return Line()
        }
        let isSlow = item.currentPhase?.isSlow(at: look.now) ?? false
        if isSlow || (look.attention.map { $0.reason != .atRisk } ?? false) {
            let line = LeftText.line(item, attention: look.attention, now: look.now)
            if line.width <= width { return line }
            if let word = look.attention?.reason.word, !isSlow { return Line(word, Style(.statusWarn)) }
        }
        guard let estimate = item.untilFree else { return Line("no history", Style(.muted)) }
        let text = estimate.text
        let fits = TextWidth.of(text) <= width || estimate.basis != .typical
        return Line(fits ? text : String(text.dropLast(4)), Style(isSlow ? .statusWarn : look.textRole))
    }

    // MARK: its machines and dates

    /// Control plane, then worker, a mark each; blank for one that is not known.
    var machineMarks: Line {
        [PoolDetail.Role.controlPlane, .worker].reduce(Line()) { line, role in
            let mark = detail.machine(role)?.state.mark
            return line + Line(mark?.text ?? " ", Style(mark?.role ?? .muted))
        }
    }

    /// `+ Running cp-ckad-01`
    func machine(_ role: PoolDetail.Role, width: Int) -> Line {
        guard width > 0, let machine = detail.machine(role) else { return Line() }
        let mark = machine.state.mark
        let line = Line("\(mark.text) \(machine.word)", Style(mark.role))
        let room = width - line.width - 1
        return room < 4 ? line : line + Line(" \(look.glyphs.shortened(machine.name, to: room))", Style(.muted))
    }

    var golden: Line {
        let isWhole = detail.goldenReady == detail.goldenTotal
        // While it is made, there are none yet.
        let role: Role = isWhole || detail.status == "creating" ? .muted : .statusWarn
        return Line(detail.goldenText, Style(role))
    }

    var reset: Line { Line(age(detail.lastResetAt), Style(.muted)) }
    var check: Line { Line(age(detail.lastHealthCheckAt), Style(.muted)) }

    func strip(width: Int) -> Line {
        guard width > 0 else { return Line() }
        return look.dated(PoolStrip(detail.past, now: look.now, slices: width).line(look.glyphs))
    }

    /// `-` where nothing tells.
    private func age(_ date: Date?) -> String {
        date.map { DurationText.age(look.now.timeIntervalSince($0)) } ?? "-"
    }
}

extension PoolDetail.Role {
    /// In words that are read, not typed.
    var text: String { self == .controlPlane ? "control plane" : "worker" }
    var short: String { self == .controlPlane ? "cp" : "worker" }
}
