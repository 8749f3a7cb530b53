import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What only an image build shows: what failed and why, the package that is being built, those done and to come, its disks, earlier
/// builds like it.
struct ImageSections {
    /// Lines of each sort; what comes from outside has no bound of its own.
    private enum Limit {
        static let packages = 20, next = 10, failed = 8, dependencies = 24, failures = 4, failureLines = 8, notes = 6
        static let similar = 6, shortNext = 4
    }

    let item: Item
    let detail: ImageDetail
    let state: State
    let table: TrackTable

    init(_ item: Item, _ detail: ImageDetail, _ state: State, width: Int) {
        self.item = item
        self.detail = detail
        self.state = state
        table = TrackTable(width: width, glyphs: state.setting.glyphs)
    }

    var now: Date { state.shownAt }
    private var glyphs: Glyphs { state.setting.glyphs }
    private var needsYou: Bool { state.attention(of: item) != nil }
    /// Nothing worth reading is left of what is cut.
    private var isNarrow: Bool { table.width < 54 }

    /// Few and short: the age of the last sign stands after them.
    static func facts(_ item: Item, _ detail: ImageDetail) -> [String] {
        let origin: String? =
            switch detail.origin {
            case .slipway: nil
            case .log: "log only"
            case .pctl, .petal, .pcluster: detail.origin.rawValue
            }
        let place = detail.place(width: 40, .ascii)
        return [origin, place.isEmpty ? nil : place].compactMap { $0 }
    }

    var all: [Line] { currentLines + packageLines + diskLines + similarLines + originLines }

    /// At a glance, a line each; what to do has to have room under it.
    var short: [Line] {
        let running = item.state == .failed || item.state == .done ? [] : currentSummary
        let lines = running + packageSummary + diskSummary
        if needsYou { return lines }
        return lines + (isNarrow ? [] : Array(similarLines.prefix(2))) + lastLine
    }

    // MARK: what has to be known

    /// What failed, then what is worth knowing before it hurts, then what could not be read.
    func troubles(isShort: Bool) -> [Line] {
        var lines = isShort ? failureSummary : failureLines
        // Where few lines are left, what to do is worth more.
        guard !isShort || !needsYou else { return lines }
        lines += notes("note", detail.notices, mark: ">", .statusRun, limit: isShort ? 1 : Limit.notes)
        if !isShort { lines += notes("warning", detail.warnings, mark: "?", .statusWarn, limit: Limit.notes) }
        return lines + notes("not read", detail.troubles, mark: "?", .statusWarn, limit: isShort ? 1 : Limit.notes)
    }

    private func notes(_ name: String, _ texts: [String], mark: String, _ role: Role, limit: Int) -> [Line] {
        let untold = texts.prefix(100).filter { !state.tells($0, of: item) }
        let lines = untold.prefix(limit).flatMap { text in
            isNarrow
                ? fact(name, (mark, role), text)
                : table.lines(name, mark: Span(mark, Style(role)), says: text, role: role)
        }
        let rest = texts.count - texts.prefix(100).count + max(0, untold.count - limit)
        return lines + (rest > 0 && limit > 1 ? [more(rest)] : [])
    }

    private var failureLines: [Line] {
        var lines: [Line] = []
        for failure in detail.failures.prefix(Limit.failures) {
            let what = [failure.package, failure.phase].compactMap { $0 }.joined(separator: ", ")
            lines.append(Line("! \(what.isEmpty ? "failure" : what)", Style(.statusFail, .bold)))
            let text = state.tells(failure.text, of: item) ? nil : failure.text
            for text in [text, failure.place].compactMap({ $0 }) {
                lines += Text.wrapped(text, to: max(8, table.width - 2)).map { Line("  \($0)", Style(.text)) }
            }
            for line in failure.lines.prefix(Limit.failureLines) {
                lines += Text.wrapped(line, to: max(8, table.width - 4)).prefix(3).map { part in
                    Line("  \(glyphs.vertical) ", Style(.border)) + Line(part, Style(.text))
                }
            }
            let isSaid = state.attention(of: item)?.next.contains(failure.fix) ?? false
            if !failure.fix.isEmpty, !isSaid { lines += table.lines("fix", says: failure.fix) }
        }
        let rest = detail.failures.count - Limit.failures
        return rest > 0 ? lines + [more(rest, " failures")] : lines
    }

    /// Its log line, which is what one looks for first.
    private var failureSummary: [Line] {
        guard let failure = detail.failures.first else { return [] }
        let role = Phase.State.failed.mark
        let text = failure.lines.last.flatMap { state.tells($0, of: item) ? nil : $0 }
        let what = failure.package ?? "failure"
        return (state.tells(failure.text, of: item) ? [] : fact(what, role, failure.text))
            + (text.map { fact(what, role, $0) } ?? [])
    }

    // MARK: the package that is being built

    private var currentLines: [Line] {
        guard let current = detail.current, item.state != .done else { return [] }
        var lines = [currentTitle(current)]
        let compiling = compilingLines(current)
        var isSaid = compiling.isEmpty
        for phase in current.phases.prefix(Limit.packages) {
            lines.append(phaseLine(phase))
            if !isSaid, phase.state == .running {
                lines += compiling
                isSaid = true
            }
        }
        if !isSaid { lines += compiling }
        lines += dependencyLines(current)
        if let log = current.log { lines += table.lines("log", says: log) }
        if let stage = current.stage { lines += table.lines("stage", says: stage) }
        return lines
    }

    /// `> [1/5] gcc@11.3.0  for 18m, usual 58m n=3`
    private func currentTitle(_ current: ImageDetail.Current) -> Line {
        let look = (item.state == .failed ? Phase.State.failed : .running).mark
        let number = current.numberText.map { "[\($0)] " } ?? ""
        let name = number + glyphs.shortened(current.spec, to: max(12, table.width - TextWidth.of(number) - 30))
        let usual = detail.packages.first { $0.spec == current.spec && $0.usual != nil }
        let facts = [
            current.startedAt.map { "for \(DurationText.short((item.endedAt ?? now).timeIntervalSince($0)))" },
            usual.flatMap { package in
                package.usual.map { "usual \(DurationText.short($0)) \(basis(package.usualCount))" }
            },
        ]
        return Line("\(look.text) \(name)", Style(look.role, .bold))
            + Line("  " + facts.compactMap { $0 }.joined(separator: ", "), Style(.muted))
    }

    private func phaseLine(_ phase: Phase) -> Line {
        let bar = phase.state == .running ? phase.bar(at: now) : nil
        let word = phase.state == .waiting ? "  pending" : phase.isSlow(at: now) ? "  slow" : ""
        return table.line(
            phase.name, state: phase.state,
            took: TrackText.took(phase.elapsed(at: now), isRunning: phase.state == .running),
            usual: TrackText.usual(phase.usual, high: phase.usualHigh, count: phase.usualCount),
            last: phase.limit.map(DurationText.short) ?? "-",
            tail: word.isEmpty
                ? table.tail(bar) : Line(word, Style(phase.state == .waiting ? .muted : .statusWarn)))
    }

    private func compilingLines(_ current: ImageDetail.Current) -> [Line] {
        let head = "  \(glyphs.treeLast) "
        let room = table.width - TextWidth.of(head) - 11
        guard let text = current.compiling(width: room, glyphs) else { return [] }
        return [Line(head, Style(.border)) + Line("Compiling: ", Style(.muted)) + Line(text, Style(.text))]
    }

    /// What is missing first: it is what the package waits for.
    private func dependencyLines(_ current: ImageDetail.Current) -> [Line] {
        let all = current.dependencies
        guard !all.isEmpty else { return [] }
        let missing = all.filter { !$0.isThere }
        let there = all.count - missing.count
        let run = Phase.State.waiting.mark
        let good = Phase.State.done.mark
        return
            (missing.isEmpty
            ? []
            : table.lines(
                "\(missing.count) missing", mark: Span(run.text, Style(run.role)), says: named(missing.map(\.spec)),
                role: .text))
            + (there == 0
                ? []
                : table.lines(
                    "\(there)/\(all.count) needed there", mark: Span(good.text, Style(good.role)),
                    says: named(all.filter(\.isThere).map(\.spec)), role: .muted))
    }

    private func named(_ specs: [String]) -> String {
        let names = specs.prefix(Limit.dependencies).map { glyphs.shortened($0, to: 40) }.joined(separator: ", ")
        let rest = specs.count - Limit.dependencies
        return rest > 0 ? "\(names) and \(rest) more" : names
    }

    private var currentSummary: [Line] {
        guard let current = detail.current else { return stageSummary }
        let number = current.numberText.map { "[\($0)] " } ?? ""
        let phase = current.phase
        let usual = phase.flatMap { phase in
            phase.usual.map { "usual \(DurationText.short($0)) \(basis(phase.usualCount ?? 0))" }
        }
        let age = (phase?.elapsed(at: now)).map { " for \(DurationText.age($0))" } ?? ""
        let facts = [phase.map { $0.name + age }, usual].compactMap { $0 }
        let name = number + glyphs.shortened(current.spec, to: max(12, table.width - TextWidth.of(number) - 34))
        let slow: Role = phase?.isSlow(at: now) == true ? .statusWarn : .text
        let title = Line("> \(name)", Style(.statusRun, .bold))
        let rest = Line("  \(facts.joined(separator: ", "))", Style(slow))
        return (isNarrow ? [title, rest] : [title + rest]) + (needsYou ? [] : compilingLines(current))
    }

    /// The stages of the whole in a line: `+ Launch 2m  > Software 18m  . Image`.
    private var stageSummary: [Line] {
        guard !item.phases.isEmpty, !isTrackOfPackages else { return [] }
        var line = Line()
        for phase in item.phases.prefix(8) {
            let age = phase.elapsed(at: now).map { " \(DurationText.age($0))" } ?? ""
            line += Line("\(phase.state.mark.text) \(phase.name)\(age)  ", Style(phase.state.mark.role))
        }
        return [line]
    }

    // MARK: packages

    /// Those that were asked for; where nobody knows them, all.
    private var listed: [ImageDetail.Package] {
        let roots = detail.packages.filter(\.isRoot)
        return roots.isEmpty ? detail.packages : roots
    }

    /// Then the steps of its track are its packages, which have been shown.
    private var isTrackOfPackages: Bool {
        guard let phase = item.phases.first, let package = listed.first else { return false }
        return phase.name == package.spec && item.phases.count == listed.count
    }

    private var packageLines: [Line] {
        let listed = listed
        guard !listed.isEmpty else { return [] }
        let rest = dependencySummary
        if isTrackOfPackages { return rest }
        let title = "packages \(listed.count(where: \.isThere))/\(listed.count)"
        let lines = [table.title(title, usual: "usual", last: "")]
        guard listed.count > Limit.packages else { return lines + listed.map(packageLine) + rest }
        // Of many, what moves or failed is named; what is done is counted, and so is what is far away.
        let done = listed.filter(\.isThere)
        let took = done.compactMap(\.seconds).filter(\.isFinite).reduce(0, +)
        let others = listed.filter { !$0.isThere && $0.state != .waiting }
        let waiting = listed.filter { $0.state == .waiting }
        var many = others.prefix(Limit.failed).map(packageLine)
        if !done.isEmpty {
            let text = "\(done.count) done" + (took > 0 ? ", \(DurationText.short(took))" : "")
            many.insert(Line("\(Phase.State.done.mark.text) \(text)", Style(Phase.State.done.mark.role)), at: 0)
        }
        if others.count > Limit.failed { many.append(more(others.count - Limit.failed)) }
        many += waiting.prefix(Limit.next).map(packageLine)
        if waiting.count > Limit.next { many.append(more(waiting.count - Limit.next, " to come")) }
        return lines + many + rest
    }

    private func packageLine(_ package: ImageDetail.Package) -> Line {
        let isRunning = package.state == .running
        let since = package.startedAt.map { max(0, now.timeIntervalSince($0)) }
        let took = isRunning && !item.isEnded ? since ?? package.seconds : package.seconds
        let usual = package.usual.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        var tail = Line(package.way.map { "  \($0)" } ?? "", Style(.muted))
        if isRunning, let took, let usual {
            // Half as much again as usual is what is called slow.
            let slow = usual * 1.5
            let isSlow = took > slow && package.usualCount >= 3
            let scale = slow * 1.15
            let bar = Bar(
                done: 0, running: took / scale, usual: usual / scale, limit: slow / scale,
                role: isSlow ? .statusWarn : .barFill)
            tail = isSlow ? Line("  slow", Style(.statusWarn)) : table.tail(bar)
        }
        return table.line(
            package.spec, state: package.state, took: TrackText.took(took, isRunning: isRunning && !item.isEnded),
            usual: TrackText.usual(usual, count: usual == nil ? nil : package.usualCount), last: "", tail: tail)
    }

    /// What the packages need, counted.
    private var dependencySummary: [Line] {
        let others = detail.packages.filter { !$0.isRoot }
        guard !others.isEmpty, others.count < detail.packages.count else { return [] }
        let failed = others.count { $0.state == .failed }
        let binary = others.count { $0.way == "binary" }
        let source = others.count { $0.way == "source" }
        let facts = [
            "\(others.count(where: \.isThere)) of \(others.count) there", source > 0 ? "\(source) from source" : nil,
            binary > 0 ? "\(binary) from a cache" : nil, failed > 0 ? "\(failed) failed" : nil,
        ]
        return table.lines(
            "what they need", mark: Span(failed > 0 ? "!" : " ", Style(.statusFail)),
            says: facts.compactMap { $0 }.joined(separator: ", "), role: failed > 0 ? .statusFail : .muted)
    }

    /// `1/5 packages  next openmpi@4.1.4, cmake@3.24.0`
    private var packageSummary: [Line] {
        let listed = listed
        guard !listed.isEmpty, item.state != .done || detail.imageID != nil else { return [] }
        let done = listed.count(where: \.isThere)
        let waiting = listed.filter { $0.state == .waiting }
        let names = waiting.prefix(Limit.shortNext).map { glyphs.shortened($0.spec, to: 24) }
        let rest = waiting.count > names.count ? " and \(waiting.count - names.count) more" : ""
        let next = names.isEmpty ? detail.imageID ?? "" : "then \(names.joined(separator: ", "))\(rest)"
        let look: (text: String, role: Role) = done == listed.count ? Phase.State.done.mark : (" ", .text)
        return fact("\(done)/\(listed.count) packages", look, next)
    }

    // MARK: earlier builds, and where it comes from

    private var similarLines: [Line] {
        guard !detail.similar.isEmpty else { return [] }
        let names = detail.similar.prefix(Limit.similar).map { build in
            let mark = StatusMark(build.isGood ? .done : .failed)
            let ago = DurationText.age(now.timeIntervalSince(build.endedAt))
            return
                "\(mark.mark) \(glyphs.shortened(build.name, to: 30)) \(DurationText.short(build.seconds)), \(ago) ago"
        }
        return table.lines("similar builds", says: names.joined(separator: "; "), role: .muted)
    }

    private var originLines: [Line] {
        let image = [detail.imageID, detail.imageName].compactMap { $0 }.joined(separator: ", ")
        return (image.isEmpty ? [] : table.lines("image", says: image))
            + (detail.template.map { table.lines("template", says: $0) } ?? [])
            + table.lines("build", says: item.key, role: .muted)
    }

    /// The newest line of the log; all of it is a key away.
    private var lastLine: [Line] {
        // Under a list that leaves room for more, the end of the log is there already.
        let isShown = state.tab == .images && state.size.columns >= 84 && state.size.rows >= 30
        guard !isShown, let last = detail.tail.last(where: { !$0.allSatisfy { $0 == " " } }) else { return [] }
        return [Line("\(glyphs.vertical) ", Style(.border)) + Line(last, Style(.muted))]
    }

    private func basis(_ count: Int) -> String { count == 0 ? "typical" : "n=\(count)" }

    /// A fact in a line, or, where columns are few, in up to three.
    func fact(_ name: String, _ mark: (text: String, role: Role), _ text: String) -> [Line] {
        guard isNarrow, !text.isEmpty else { return [table.said(name, mark, text)] }
        let wrapped = Text.wrapped("\(name): \(text)", to: max(8, table.width - 2))
        return wrapped.prefix(3).enumerated().map { index, part in
            let end = index == 2 && wrapped.count > 3 ? String(glyphs.ellipsis) : ""
            return Line(
                "\(index == 0 ? mark.text : " ") \(part)\(end)", Style(mark.role == .statusOk ? .text : mark.role))
        }
    }

    private func more(_ count: Int, _ what: String = "") -> Line { Line("  and \(count) more\(what)", Style(.muted)) }
}

extension ImageDetail.Package {
    /// Installed, now or before. One that was left out because another failed is not.
    var isThere: Bool { state == .done || (state == .skipped && (way == "installed" || way == "external")) }
}
