import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Practice clusters: a row each, with what is done with it and when it is free; the selected one in detail.
///
/// In the other panes done rows collapse to a count. Here done is available, and those are what people look for: they stay
/// (`Tab.foldsDone`), at the end of the list as everywhere; Space folds them.
enum PoolPane: ListPane {
    static let noun = (one: "cluster", many: "clusters")
    static let hasShortDetail = true

    /// The columns in their order.
    private enum Column: Int, CaseIterable {
        case mark, name, state, since, now, free, machines, controlPlane, worker, golden, reset, check, strip, seen
    }

    /// From this width on, slices of the last 24 hours are an hour long; under it, two.
    private static let columnsForHours = 100
    /// From this width on, they are half an hour long, and machines are named.
    private static let columnsForNames = 170

    static func table(width: Int, _ state: State) -> Table {
        let hasNames = width >= columnsForNames
        let sources = state.shown.orderedSources(of: [.pool])
        let isOld = sources.contains { $0.state(at: state.shownAt) != .live }
        return Table(
            columns: Column.allCases.map {
                column(for: $0, width: width, hasNames: hasNames, hasHomes: sources.count > 1, isOld: isOld)
            })
    }

    /// - Parameters:
    ///   - hasHomes: names may need the context before them.
    ///   - isOld: some words have their age before them.
    private static func column(
        for column: Column, width: Int, hasNames: Bool, hasHomes: Bool, isOld: Bool
    ) -> Table.Column {
        switch column {
        case .mark: .init("", width: .fixed(2))
        case .name: .init("NAME", width: .flexible(min: hasHomes ? 18 : 8, weight: 1))
        // Old words stand after their age, where that has no column.
        case .state: .init("STATE", width: .fixed(hasNames ? 18 : isOld ? 14 : 9))
        case .since: .init("SINCE", width: .fixed(5), alignment: .right, priority: 3)
        case .now: .init("STEP OR SESSION", width: .flexible(min: 14, weight: 4), priority: 2)
        case .free: .init("FREE IN", width: .fixed(hasNames ? 18 : 13), priority: 1)
        case .machines: hasNames ? .init("", width: .fixed(0), gap: 0) : .init("VM", width: .fixed(2), priority: 5)
        case .controlPlane: .init("CONTROL PLANE", width: .fixed(20), priority: 10)
        case .worker: .init("WORKER", width: .fixed(20), priority: 11)
        case .golden: .init("GOLD", width: .fixed(4), priority: 6)
        case .reset: .init("RESET", width: .fixed(5), alignment: .right, priority: 7)
        case .check: .init("CHECK", width: .fixed(5), alignment: .right, priority: 8)
        case .strip:
            .init("LAST 24H", width: .fixed(hasNames ? 48 : width >= columnsForHours ? 24 : 12), priority: 4)
        case .seen: .init("SEEN", width: .fixed(5), alignment: .right, priority: 9)
        }
    }

    static func fold(_ count: Int, _ hint: Line) -> [Line] {
        [
            Line(" +", Style(.statusOk)), Line("\(count) more", Style(.statusOk)),
            Line("available", Style(.statusOk)), Line(), hint,
            Line("now", Style(.statusOk)),
        ]
    }

    static func row(_ item: Item, _ look: RowLook) -> [Line] {
        guard case .pool(let detail) = item.detail else {
            return [
                look.markCell, look.nameCell(item, column: Column.name.rawValue), Line(item.word, Style(look.role)),
            ]
        }
        let cells = PoolCells(item, detail, look)
        return Column.allCases.map { column in
            let width = look.width(of: column.rawValue)
            return switch column {
            case .mark: cells.markCell
            case .name: Line(KindParts.name(item, look.state, width: width))
            case .state: cells.word(width: width, isAged: look.width(of: Column.seen.rawValue) == 0)
            case .since: Line(cells.since, Style(look.textRole))
            case .now: look.dated(cells.now(width: width, saysReset: look.width(of: Column.reset.rawValue) == 0))
            case .free: look.dated(cells.free(width: width))
            case .machines: look.dated(cells.machineMarks)
            case .controlPlane: look.dated(cells.machine(.controlPlane, width: width))
            case .worker: look.dated(cells.machine(.worker, width: width))
            case .golden: look.dated(cells.golden)
            case .reset: cells.reset
            case .check: cells.check
            case .strip: cells.strip(width: width)
            case .seen: Line(DurationText.age(look.now.timeIntervalSince(item.evidence.at)), Style(.muted))
            }
        }
    }
}
