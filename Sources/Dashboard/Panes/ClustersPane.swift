import Fleet
import Screen

/// Clusters being created, changed or deleted: a row each, with how far it is and what remains; the selected one in
/// detail. A ParallelCluster stack and a k0rdent deployment have the same columns; the type says which it is.
enum ClustersPane: ListPane {
    static let noun = (one: "cluster", many: "clusters")
    static let hasShortDetail = true

    private enum Column { static let name = 1, region = 3, bar = 4, done = 5, left = 6, state = 7, seen = 8, home = 9 }

    /// From this width on, a row says itself what its numbers count.
    private static let columnsForUnits = 100

    static func table(width: Int, _ state: State) -> Table {
        let isWide = width >= columnsForUnits
        // The longest words need 18 columns; under 78 they are cut, but never so far that two of them read the same.
        let stateWidth: Table.Column.Width = width >= 78 ? .fixed(18) : .flexible(min: 13, weight: 1)
        let hasDeployments = state.shown.sources.values.contains { $0.kind == .deployment }
        var columns: [Table.Column] = [
            .init("", width: .fixed(2)), .init("NAME", width: .flexible(min: 12, weight: 3)),
            .init("TYPE", width: .fixed(4), priority: 4),
            .init("REGION", width: .fixed(hasDeployments ? 18 : 14), priority: 5),
            .init("PROGRESS", width: .flexible(min: 8, weight: 2), priority: 3),
            .init(isWide ? "DONE" : unitTitle(state), width: .fixed(isWide ? 22 : 10), priority: 2),
            .init("LEFT", width: .flexible(min: 18, weight: 1), priority: 1), .init("STATE", width: stateWidth),
            .init("SEEN", width: .fixed(5), alignment: .right, priority: 6),
        ]
        // A region is the whole address of a ParallelCluster stack; a deployment is at home in a namespace of a context.
        if hasDeployments { columns.append(.init("NAMESPACE", width: .fixed(24), priority: 7)) }
        return Table(columns: columns)
    }

    /// What the narrow column counts: all rows count resources while only ParallelCluster is read.
    private static func unitTitle(_ state: State) -> String {
        state.shown.orderedSources(of: state.tab.kinds).allSatisfy { $0.kind == .cluster } ? "RESOURCES" : "DONE"
    }

    static func fold(_ count: Int, _ hint: Line) -> [Line] {
        [
            Line(" +", Style(.statusOk)), Line("\(count) more", Style(.statusOk)), Line(), Line(), Line(), Line(),
            hint, Line("done", Style(.statusOk)),
        ]
    }

    static func row(_ item: Item, _ look: RowLook) -> [Line] {
        let bar = item.progress.map { progress in
            progress.bar(of: item.state, role: barRole(item)).line(
                width: look.width(of: Column.bar), glyphs: look.glyphs)
        }
        return [
            markCell(item, look), Line(KindParts.name(item, look.state, width: look.width(of: Column.name))),
            Line(item.kind == .deployment ? "k0" : "pc", Style(.muted)),
            Line(region(item, look), Style(.muted)), look.dated(bar ?? Line()),
            Line(done(item, width: look.width(of: Column.done)), Style(look.textRole)),
            look.dated(left(item, look)), stateCell(item, look),
            Line(DurationText.age(look.now.timeIntervalSince(item.evidence.at)), Style(.muted)),
            Line(cells(item, look)?.home(width: look.width(of: Column.home)) ?? "", Style(.muted)),
        ]
    }

    /// What a deployment says in another way than a stack; nil for a stack.
    private static func cells(_ item: Item, _ look: RowLook) -> DeploymentCells? {
        guard case .deployment(let detail) = item.detail else { return nil }
        return DeploymentCells(item, detail, look.state)
    }

    private static func markCell(_ item: Item, _ look: RowLook) -> Line {
        guard let mark = cells(item, look)?.doubtMark else { return look.markCell }
        return Line(look.isOld ? "~" : " ", Style(.statusStale)) + mark
    }

    /// Where it is built.
    private static func region(_ item: Item, _ look: RowLook) -> String {
        if case .cluster(let detail) = item.detail { return detail.region }
        return cells(item, look)?.place(width: look.width(of: Column.region)) ?? look.state.links.localName(item.source)
    }

    /// A failure freezes the bar where it was, and says so.
    private static func barRole(_ item: Item) -> Role {
        switch item.state {
        case .failed: .statusFail
        case .done: .statusOk
        case .waiting, .running, .held, .unknown: .barFill
        }
    }

    private static func done(_ item: Item, width: Int) -> String {
        guard let progress = item.progress else { return "" }
        let full = "\(progress.short) \(progress.unit)"
        return TextWidth.of(full) <= width ? full : progress.short
    }

    private static func left(_ item: Item, _ look: RowLook) -> Line {
        let left = LeftText.line(item, attention: look.attention, now: look.now)
        if let cells = cells(item, look) {
            return cells.left(left, attention: look.attention, width: look.width(of: Column.left))
        }
        guard case .cluster(let detail) = item.detail, let rollback = detail.rollback, !rollback.isOver else {
            return left
        }
        let fits = TextWidth.of(rollback.text) <= look.width(of: Column.left)
        return Line(fits ? rollback.text : rollback.shortText, Style(.statusFail))
    }

    /// The system's own word; before it, the age of an old one, where no column of its own says it:
    /// `~4m CREATE_IN_PROGRESS`.
    private static func stateCell(_ item: Item, _ look: RowLook) -> Line {
        let isAged = look.isOld && look.width(of: Column.seen) == 0
        let age = isAged ? look.age.map { "~\(DurationText.age($0)) " } ?? "" : ""
        guard let cells = cells(item, look) else { return Line(age + item.word, Style(look.role)) }
        let room = look.width(of: Column.state) - TextWidth.of(age)
        return Line(age + cells.word(width: room), Style(cells.isDoubtful && !look.isOld ? .statusWarn : look.role))
    }
}

extension ClusterDetail.Rollback {
    /// `rollback 12/40 deleted`
    var text: String { shortText + " deleted" }

    /// `rollback 12/40`, where there is no room to say what is counted.
    var shortText: String { "rollback \(deleted)/\(total)" }
}
