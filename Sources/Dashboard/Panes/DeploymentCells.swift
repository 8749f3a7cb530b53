import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What stands in the row of a k0rdent deployment where its kind has more to say than others.
struct DeploymentCells {
    let item: Item
    let detail: DeploymentDetail
    let state: State

    init(_ item: Item, _ detail: DeploymentDetail, _ state: State) {
        self.item = item
        self.detail = detail
        self.state = state
    }

    private var glyphs: Glyphs { state.setting.glyphs }

    // MARK: which one it is

    /// Its name; `NAMESPACE/NAME` where another deployment has the same one, or `CONTEXT/NAME` where even the namespace is
    /// the same. What does not fit loses what the namesakes have in common first.
    func name(width: Int) -> String {
        let others = state.shown.namesakes(of: item)
        guard !others.isEmpty else { return glyphs.shortened(item.name, to: width) }
        let (home, theirs) = tellingHome(others)
        let whole = "\(home)/\(item.name)"
        guard TextWidth.of(whole) > width else { return whole }
        let common = theirs.map { zip($0, home).prefix { $0 == $1 }.count }.max() ?? 0
        let rest = common > 1 ? String(glyphs.ellipsis) + home.dropFirst(min(common, home.count - 1)) : home
        let head = Text.truncated(rest, to: max(4, width / 2), glyphs: glyphs) + "/"
        return head + glyphs.shortened(item.name, to: max(1, width - TextWidth.of(head)))
    }

    /// The shortest home that none of the others has, and theirs.
    private func tellingHome(_ others: [DeploymentDetail]) -> (own: String, theirs: [String]) {
        for path in [\DeploymentDetail.namespace, \.context]
        where !others.contains(where: { $0[keyPath: path] == detail[keyPath: path] }) {
            return (detail[keyPath: path], others.map { $0[keyPath: path] })
        }
        return (detail.home, others.map(\.home))
    }

    func home(width: Int) -> String { glyphs.shortened(detail.home, to: width) }

    /// `azure eastus`; the region alone where both do not fit.
    func place(width: Int) -> String {
        let parts = [detail.provider, detail.region].compactMap { $0 }
        guard let last = parts.last else { return "" }
        let whole = parts.joined(separator: " ")
        return TextWidth.of(whole) <= width ? whole : glyphs.shortened(last, to: width)
    }

    // MARK: whether it is to be believed, and how much longer

    /// It says Ready so soon that it may not have looked yet.
    var isDoubtful: Bool { detail.isFresh && item.state != .failed }

    var doubtMark: Line? { isDoubtful ? Line("?", Style(.statusWarn)) : nil }

    /// The system's word, and what it does not say: `Deleting, paused`.
    func word(width: Int) -> String {
        if isDoubtful { return "\(item.word)?" }
        let installed = servicesText.map { "\(item.word) \($0)" } ?? item.word
        let whole = ([installed] + detail.badges(besides: item.word)).joined(separator: ", ")
        return TextWidth.of(whole) <= width ? whole : item.word
    }

    /// `3/13` while services are what is being done.
    private var servicesText: String? {
        guard item.state == .running, !detail.isDeleting, item.currentPhase?.name == "Installing",
            let total = detail.servicesTotal, total > 0
        else { return nil }
        return "\(detail.servicesReady ?? 0)/\(total)"
    }

    /// - Parameter left: what is said of items of all kinds. What is wrong or has changed says more than a band.
    func left(_ left: Line, attention: Attention?, width: Int) -> Line {
        if let reason = attention?.reason, reason != .atRisk { return left }
        if isDoubtful {
            let age = detail.readyAge(item, at: state.shownAt).map { "ready for only \(DurationText.age($0))" }
            return Line(age ?? "ready just now", Style(.statusWarn))
        }
        if item.state == .held {
            let phase = item.phases.last { $0.state == .running }.map { "in \($0.name)" }
            return Line(detail.isDryRun ? "only checked" : phase ?? "", Style(.muted))
        }
        guard item.state == .running, !detail.isDeleting else { return left }
        if let ready = detail.earlyReady(item) {
            let age = ready.changedAt.map { " for \(DurationText.age(state.shownAt.timeIntervalSince($0)))" } ?? ""
            return Line("says ready\(age)", Style(.statusWarn))
        }
        let failed = detail.services.count { $0.state == .failed }
        if failed > 0 {
            let text = "\(failed) service\(failed == 1 ? "" : "s") failed"
            return Line(TextWidth.of(text) <= width ? text : "\(failed) failed", Style(.statusWarn))
        }
        guard let from = detail.servicesGrewFrom, let total = detail.servicesTotal else { return left }
        let grown = Line("total grew \(from)\(glyphs.arrow)\(total)", Style(.statusWarn))
        let both = left + Line(", ", Style(.muted)) + grown
        return both.width <= width ? both : grown
    }
}

extension DeploymentDetail {
    /// `mgmt-1/team-a`: where there is only one of its name.
    var home: String { "\(context)/\(namespace)" }

    /// What is out of the ordinary, without what the word for its state says already.
    func badges(besides word: String) -> [String] {
        [("deleting", isDeleting), ("paused", isPaused), ("dry run", isDryRun)]
            .filter { $0.1 && $0.0 != word.lowercased() }.map(\.0)
    }

    /// The condition that says Ready while the rules find that it is not, of the present spec.
    func earlyReady(_ item: Item) -> Condition? {
        guard item.state == .running, !isDeleting, !isOutdated else { return nil }
        return conditions.first { $0.type == "Ready" && $0.status == "True" }
    }

    /// Its conditions speak of an older spec.
    var isOutdated: Bool {
        guard let generation, let observedGeneration else { return false }
        return observedGeneration < generation
    }

    /// Since when it says that it is ready.
    func readySince(_ item: Item) -> Date? {
        conditions.first { $0.type == "Ready" && $0.status == "True" }?.changedAt ?? item.endedAt
    }

    /// Seconds.
    func readyAge(_ item: Item, at now: Date) -> Double? { readySince(item).map { max(0, now.timeIntervalSince($0)) } }
}

extension FleetModel {
    /// The other deployments with the name of this one, in other namespaces or contexts.
    func namesakes(of item: Item) -> [DeploymentDetail] {
        (names[item.name] ?? []).filter { $0 != item.id }.sorted().compactMap { id in
            guard case .deployment(let detail) = items[id]?.detail else { return nil }
            return detail
        }
    }
}

extension Glyphs {
    /// The beginning and the end of a name. What lies between is left out before it is measured: to shorten a text costs
    /// the square of its length, and names from outside may have hundreds of letters.
    func shortened(_ text: String, to columns: Int) -> String {
        let room = max(4, columns / 2 + 1)
        let ends = text.utf8.count > 2 * columns + 16 ? String(text.prefix(room)) + String(text.suffix(room)) : text
        return Text.shortened(ends, to: columns, glyphs: self)
    }
}
