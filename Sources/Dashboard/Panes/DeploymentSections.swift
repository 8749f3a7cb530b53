import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What only a k0rdent deployment shows: why its word may not be trusted, the health of its cluster, its services, its
/// machines, what mattered so far, its conditions.
struct DeploymentSections {
    /// Lines of each kind that are shown; what comes from outside has no bound of its own.
    private enum Limit {
        static let health = 20, services = 60, objects = 60, parts = 12, failureLines = 4, shortServices = 2
    }

    let item: Item
    let detail: DeploymentDetail
    let state: State
    let table: TrackTable

    init(_ item: Item, _ detail: DeploymentDetail, _ state: State, width: Int) {
        self.item = item
        self.detail = detail
        self.state = state
        table = TrackTable(width: width, glyphs: state.setting.glyphs)
    }

    var now: Date { state.shownAt }
    var glyphs: Glyphs { state.setting.glyphs }

    /// Few and short: the age of the last sign stands after them, and a narrow screen cuts the end.
    static func facts(_ item: Item, _ detail: DeploymentDetail) -> [String] {
        let place = [detail.provider, detail.region].compactMap { $0 }.joined(separator: " ")
        let version = detail.kubernetesVersion.map { "k8s \($0)" }
        return detail.badges(besides: item.word)
            + [detail.namespace, place.isEmpty ? nil : place, version].compactMap { $0 }
    }

    var all: [Line] {
        let services = serviceSummary(isShort: false) + serviceLines
        return originLines + healthLines + services + objectLines + milestoneLines + conditionLines
    }

    /// Where it is and what it waits for, a line each; what to do has to have room under it.
    var short: [Line] {
        let needsYou = state.attention(of: item) != nil
        return trackLines(isTitled: !needsYou) + healthSummary + serviceSummary(isShort: true)
            + (needsYou ? [] : lastMilestone)
    }

    // MARK: what has to be known before the rest is believed

    func troubles(isShort: Bool) -> [Line] {
        var notes: [(name: String, mark: String, role: Role, text: String)] = []
        if detail.isFresh { notes.append(("fresh", "?", .statusWarn, freshText)) }
        if detail.isOutdated, let generation = detail.generation, let observed = detail.observedGeneration {
            let text = "not yet observed: its conditions speak of generation \(observed), it is at \(generation)"
            notes.append(("spec changed", "?", .statusWarn, text))
        }
        if detail.isDryRun { notes.append(("dry run", "=", .statusHold, "only checked, nothing is built")) }
        if detail.isPaused { notes.append(("paused", "=", .statusHold, "nothing moves until it is resumed")) }
        if detail.isDeleting { notes.append(("deleting", ">", .statusRun, deletionText)) }
        if let ready = detail.earlyReady(item) {
            let age = age(ready.changedAt).map { " for \($0)" } ?? ""
            notes.append(("not yet ready", "?", .statusWarn, "Ready says True\(age); nothing else shows it"))
        }
        if let text = prematureFailure { notes.append(("not a failure", "?", .statusWarn, text)) }
        // Where few lines are left, what to do is worth more than what could not be seen.
        if !isShort || state.attention(of: item) == nil {
            notes += detail.troubles.map { ("not read", "?", .statusWarn, $0) }
        }
        return notes.flatMap { note in
            isShort
                ? said(note.name, note.mark, note.text, note.role)
                : table.lines(note.name, mark: Span(note.mark, Style(note.role)), says: note.text, role: note.role)
        }
    }

    /// Controllers have said Ready before they had looked, so the age of that word counts.
    private var freshText: String {
        let age = detail.readyAge(item, at: now).map { "ready for \(DurationText.short($0))" } ?? "ready just now"
        let after = item.startedAt.flatMap { start in detail.readySince(item)?.timeIntervalSince(start) }
        let sooner = after.map { ", \(DurationText.short($0)) after its start" } ?? ""
        return "\(age)\(sooner): not trusted before 30s"
    }

    private var deletionText: String {
        guard let condition = detail.conditions.first(where: { $0.type == "Deleting" && $0.status == "True" }) else {
            return "what it built is taken down"
        }
        let age = condition.changedAt.map { ", for \(DurationText.age(now.timeIntervalSince($0)))" } ?? ""
        return (condition.message.isEmpty ? condition.reason : condition.message) + age
    }

    /// Older releases of kcm (as seen in November 2025) give the reason Failed to everything that is not ready yet.
    private var prematureFailure: String? {
        guard item.state == .running,
            let ready = detail.conditions.first(where: { $0.type == "Ready" && $0.status == "False" }),
            ready.reason == "Failed"
        else { return nil }
        let age = ready.changedAt.map { " for \(DurationText.age(now.timeIntervalSince($0)))" } ?? ""
        return "Ready says Failed\(age); no prerequisite is broken"
    }

    // MARK: its track, in short

    /// The phases in few lines; the full track is what all kinds share.
    private func trackLines(isTitled: Bool) -> [Line] {
        let done = item.phases.filter { $0.state == .done }
        let present = item.phases.filter { $0.state == .running || $0.state == .failed }
        let waiting = item.isEnded ? [] : item.phases.filter { $0.state == .waiting }
        guard !item.phases.isEmpty else { return [] }
        var lines = isTitled ? [table.title("phase", usual: "usual (p90)", last: "limit")] : []
        if !done.isEmpty {
            let names = done.map { phase in
                [phase.name, phase.elapsed(at: now).map(DurationText.short)].compactMap { $0 }.joined(separator: " ")
            }
            lines += joined("done", names, .done)
        }
        lines += present.map { phase in
            table.line(
                phase.name, state: phase.state,
                took: TrackText.took(phase.elapsed(at: now), isRunning: phase.state == .running),
                usual: TrackText.usual(phase.usual, high: phase.usualHigh, count: phase.usualCount),
                last: phase.limit.map(DurationText.short) ?? "-", tail: table.tail(phase.bar(at: now)))
        }
        if !waiting.isEmpty, isTitled { lines += joined("to come", waiting.map(\.name), .waiting) }
        return lines
    }

    private func joined(_ word: String, _ names: [String], _ phase: Phase.State) -> [Line] {
        let text = "\(word): \(names.joined(separator: ", "))"
        return Text.wrapped(text, to: max(8, table.width - 2)).enumerated().map { index, part in
            Line("\(index == 0 ? phase.mark.text : " ") \(part)", Style(phase.mark.role))
        }
    }

    private var lastMilestone: [Line] {
        guard let last = detail.milestones.last else { return [] }
        let age = DurationText.age(now.timeIntervalSince(last.at))
        return said("last milestone", " ", "\(age) ago: \(last.text), \(last.object)", .text)
    }

    // MARK: where it comes from

    private var originLines: [Line] {
        let credential = detail.credential.map { ", credential \($0)" } ?? ""
        return table.lines("template", says: "\(detail.template)\(credential)")
            + table.lines("kube context", says: "\(detail.context), namespace \(detail.namespace)")
    }

    // MARK: the health of its cluster

    private var healthyCount: Int { detail.health.count(where: \.isHealthy) }

    /// Cluster API looks at one thing after the other: the first that is not healthy is what is waited for.
    private var healthSummary: [Line] {
        guard !detail.health.isEmpty else { return [] }
        let name = "\(healthyCount)/\(detail.health.count) healthy"
        guard let first = detail.health.first(where: { !$0.isHealthy }) else {
            return item.state == .done ? said(name, "+", "", .statusOk) : []
        }
        let why = first.text.isEmpty ? String((first.parts.first ?? "").drop { $0 == " " }) : first.text
        let look = healthLook(first)
        return said(name, look.mark, "\(first.name)\(why.isEmpty ? "" : ": \(why)")", look.role)
    }

    private var healthLines: [Line] {
        guard !detail.health.isEmpty else { return [] }
        let count = detail.health.count
        if healthyCount == count {
            return said("\(count)/\(count) healthy", "+", "infrastructure, control plane and workers", .statusOk)
        }
        var lines = [Line("  health \(healthyCount)/\(detail.health.count)", Style(.muted))]
        for line in detail.health.prefix(Limit.health) {
            let look = healthLook(line)
            let head =
                Line("\(look.mark) ", Style(look.role))
                + Line(
                    Text.padded(glyphs.shortened(line.name, to: nameWidth), to: nameWidth),
                    Style(look.role))
            let indent = 2 + nameWidth + 2
            let text = line.isHealthy && line.text.isEmpty ? "healthy" : line.text
            let wrapped = Text.wrapped(text, to: max(8, table.width - indent))
            for (index, part) in wrapped.prefix(Limit.failureLines).enumerated() {
                let start = index == 0 ? head + Line("  ") : Line(String(repeating: " ", count: indent))
                lines.append(start + Line(part, Style(line.isHealthy ? .muted : .text)))
            }
            for part in line.parts.prefix(Limit.parts) { lines.append(Line("    \(part)", Style(.text))) }
            if line.parts.count > Limit.parts { lines.append(more(line.parts.count - Limit.parts, indent: 4)) }
        }
        return lines
    }

    private func healthLook(_ line: DeploymentDetail.HealthLine) -> (mark: String, role: Role) {
        if line.isHealthy { return ("+", .statusOk) }
        guard item.state == .running || item.state == .held else { return ("!", .statusFail) }
        return line == detail.health.first { !$0.isHealthy } ? (">", .statusRun) : (".", .statusWait)
    }

    // MARK: services

    private func serviceSummary(isShort: Bool) -> [Line] {
        let total = detail.servicesTotal ?? detail.services.count
        guard total > 0 || !detail.services.isEmpty else { return [] }
        let ready = detail.servicesReady ?? detail.services.count { $0.state == .done }
        let grown = detail.servicesGrewFrom.map { "total grew from \($0) to \(total)" }
        guard isShort else {
            let title = serviceTitle("services \(ready)/\(total)")
            return [title] + (grown.map { [Line("> \($0)", Style(.statusWarn))] } ?? [])
        }
        let failed = detail.services.filter { $0.state == .failed }
        // Where the diagnosis tells why, the names are enough.
        let named = failed.prefix(Limit.shortServices)
        let untold = named.filter { $0.failure.map { !isTold($0) } ?? false }
        let names = named.map { "\($0.name) \($0.word)" } + (failed.count > named.count ? ["and more"] : [])
        let failures = failed.isEmpty ? nil : untold.isEmpty ? names.joined(separator: ", ") : "\(failed.count) failed"
        let open = failed.isEmpty && ready < total ? openServices : ""
        let says = [failures, grown, open.isEmpty ? nil : open].compactMap { $0 }.joined(separator: ", ")
        let isReady = ready >= total && failed.isEmpty
        let mark = isReady ? "+" : !failed.isEmpty ? "!" : item.state == .running ? ">" : "."
        let role: Role =
            isReady ? .statusOk : !failed.isEmpty ? .statusFail : grown == nil ? .statusRun : .statusWarn
        return said("\(ready)/\(total) services", mark, says, role)
            + untold.flatMap { service in
                said(service.name, "!", service.failure ?? "", .statusFail)
            }
    }

    /// What is being installed, by name.
    private var openServices: String {
        let running = detail.services.filter { $0.state == .running }
        let open = running.isEmpty ? detail.services.filter { $0.state == .waiting } : running
        let names = open.prefix(3).map { "\($0.name) \($0.word)" }.joined(separator: ", ")
        return open.count > 3 ? "\(names) and \(open.count - 3) more" : names
    }

    private func serviceTitle(_ text: String) -> Line {
        row(mark: " ", .muted, text, "state", "for", tail: Line("version, template", Style(.muted)), role: .muted)
    }

    private var serviceLines: [Line] {
        // What has failed, then what moves, then what waits, then what is there; each in the order in which it came.
        let order: [Phase.State] = [.failed, .running, .waiting, .skipped, .done]
        let services = order.flatMap { wanted in detail.services.filter { $0.state == wanted } }
        var lines: [Line] = []
        for service in services.prefix(Limit.services) {
            let look = service.state.mark
            let facts = [service.version, service.template, "in \(service.namespace)"].compactMap { $0 }
            lines.append(
                row(
                    mark: look.text, look.role, service.name, service.word, age(service.changedAt) ?? "-",
                    tail: Line(facts.joined(separator: "  "), Style(.muted)), role: look.role))
            if let failure = service.failure, !isTold(failure) { lines += wrapped(failure, limit: Limit.failureLines) }
        }
        let rest = services.dropFirst(Limit.services)
        if !rest.isEmpty {
            let failed = rest.count { $0.state == .failed }
            lines.append(more(rest.count, indent: 2, failed > 0 ? ", \(failed) of them failed" : ""))
        }
        return lines
    }

    // MARK: machines

    private var objectLines: [Line] {
        guard !detail.objects.isEmpty else { return [] }
        let objects = detail.foldedObjects
        let shown = Array(objects.prefix(Limit.objects))
        // Branches, kinds and names together are long; the words after them are short.
        let width = max(nameWidth, min(46, table.width - 36))
        var lines = [
            row(mark: " ", .muted, "machines", "state", "age", tail: Line(), role: .muted, nameWidth: width)
        ]
        for (object, branch) in zip(shown, TreeBranches.of(shown.map(\.depth), glyphs: glyphs)) {
            let look = object.state.mark
            lines.append(
                row(
                    mark: look.text, look.role, "\(branch)\(object.kind) \(object.name)", object.word,
                    age(object.createdAt) ?? "-", tail: Line(object.text, Style(.muted)), role: look.role,
                    nameWidth: width))
        }
        if objects.count > Limit.objects { lines.append(more(objects.count - Limit.objects, indent: 2)) }
        return lines
    }
}

extension DeploymentSections {
    // MARK: columns that services, machines and conditions share

    private static let wordWidth = 13
    private static let ageWidth = 5
    private static let columnsForCut = 54

    /// The longest condition of Cluster API has 26 letters.
    var nameWidth: Int { max(14, min(26, table.width - 46)) }

    func row(
        mark: String, _ markRole: Role, _ name: String, _ word: String, _ age: String, tail: Line, role: Role,
        nameWidth wanted: Int? = nil
    ) -> Line {
        let width = wanted ?? nameWidth
        let name = Text.padded(glyphs.shortened(name, to: width), to: width)
        return Line("\(mark) ", Style(markRole)) + Line(name, Style(role))
            + Line("  " + Text.padded(word, to: Self.wordWidth, glyphs: glyphs), Style(role))
            + Line(Text.padded(age, to: Self.ageWidth, alignment: .right, glyphs: glyphs) + "  ", Style(.muted)) + tail
    }

    /// A fact in one line; what does not fit is cut, but where nothing worth reading would be left it is continued.
    func said(_ name: String, _ mark: String, _ text: String, _ role: Role) -> [Line] {
        if table.width < Self.columnsForCut {
            return Array(table.lines(name, mark: Span(mark, Style(role)), says: text, role: role).prefix(3))
        }
        let width = table.indent - 2
        return [
            Line("\(mark) ", Style(role))
                + Line(Text.padded(glyphs.shortened(name, to: width), to: width), Style(role))
                + Line("  \(text)", Style(role == .statusFail ? .text : role))
        ]
    }

    /// A text under its row.
    func wrapped(_ text: String, limit: Int) -> [Line] {
        let parts = Text.wrapped(text, to: max(8, table.width - 6))
        return parts.prefix(limit).enumerated().map { index, part in
            let isCut = index == limit - 1 && parts.count > limit
            return Line("    \(part)\(isCut ? String(glyphs.ellipsis) : "")", Style(.text))
        }
    }

    func more(_ count: Int, indent: Int, _ text: String = "") -> Line {
        Line(String(repeating: " ", count: indent) + "and \(count) more\(text)", Style(.muted))
    }

    func age(_ date: Date?) -> String? { date.map { DurationText.age(now.timeIntervalSince($0)) } }

    /// Whether the diagnosis says it already.
    func isTold(_ text: String) -> Bool { state.tells(text, of: item) }
}

extension DeploymentDetail {
    /// The tree without what says nothing: three and more equal machines that are well are one line, as many are.
    fileprivate var foldedObjects: [ClusterObject] {
        var result: [ClusterObject] = []
        var index = objects.startIndex
        while index < objects.endIndex {
            let first = objects[index]
            let equal = objects[index...].prefix { object in
                object.state == .done && object.kind == first.kind && object.depth == first.depth
                    && object.word == first.word
            }
            // With something under it, it is not a leaf.
            let isLeaf = !objects.indices.contains(equal.endIndex) || objects[equal.endIndex].depth <= first.depth
            if equal.count >= 3, isLeaf, first.depth > 0 {
                var folded = first
                (folded.kind, folded.name, folded.text) = ("\(equal.count) \(first.kind)s", "", "")
                folded.createdAt = equal.compactMap(\.createdAt).min()
                result.append(folded)
                index = equal.endIndex
            } else {
                result.append(first)
                index += 1
            }
        }
        return result
    }
}
