import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Image builds: a row each, with the package that is being built, how far all of it is and whether the disk lasts; the selected one
/// in detail, with its log.
enum ImagesPane: ListPane {
    static let noun = (one: "image build", many: "image builds")
    static let hasShortDetail = true

    private enum Column: Int, CaseIterable {
        case mark, name, state, bar, done, package, phase, left, disk, took, place, build, seen
    }

    /// From this width on, the disk says in words what is wrong with it.
    private static let columnsForWords = 100

    static func table(width: Int, _ state: State) -> Table {
        let isOld = state.shown.orderedSources(of: [.image]).contains { $0.state(at: state.shownAt) != .live }
        return Table(
            columns: Column.allCases.map { column(for: $0, isWide: width >= columnsForWords, isOld: isOld) })
    }

    /// - Parameter isOld: some words have their age before them.
    private static func column(for column: Column, isWide: Bool, isOld: Bool) -> Table.Column {
        switch column {
        case .mark: .init("", width: .fixed(2))
        case .name: .init("NAME", width: .flexible(min: isWide ? 12 : 10, weight: 2))
        case .state: .init("STATE", width: .fixed(isWide || isOld ? 14 : 10))
        case .bar: .init("PROGRESS", width: .flexible(min: 8, weight: 1), priority: 4)
        case .done: .init("DONE", width: .fixed(4), alignment: .right)
        case .package: .init("PACKAGE", width: .flexible(min: isWide ? 16 : 14, weight: 3), priority: 2)
        case .phase: .init("PHASE", width: .fixed(13), priority: 5)
        case .left: .init("LEFT", width: .flexible(min: 12, weight: 1), priority: 1)
        case .disk: .init("DISK", width: .fixed(isWide ? 13 : 4), alignment: isWide ? .left : .right, priority: 3)
        case .took: .init("TOOK", width: .fixed(5), alignment: .right, priority: 8)
        case .place: .init("WHERE", width: .flexible(min: 10, weight: 4), priority: 7)
        case .build: .init("BUILD", width: .fixed(18), priority: 9)
        case .seen: .init("SEEN", width: .fixed(5), alignment: .right, priority: 6)
        }
    }

    static func fold(_ count: Int, _ hint: Line) -> [Line] {
        [
            Line(" +", Style(.statusOk)), Line("\(count) more", Style(.statusOk)), Line("complete", Style(.statusOk)),
            Line(), Line(), hint,
        ]
    }

    static func row(_ item: Item, _ look: RowLook) -> [Line] {
        guard case .image(let detail) = item.detail else {
            return [
                look.markCell, look.nameCell(item, column: Column.name.rawValue), Line(item.word, Style(look.role)),
            ]
        }
        let cells = ImageCells(item, detail, look)
        return Column.allCases.map { column in
            let width = look.width(of: column.rawValue)
            return switch column {
            case .mark: look.markCell
            case .name: Line(KindParts.name(item, look.state, width: width))
            case .state: cells.word(width: width, isAged: look.width(of: Column.seen.rawValue) == 0)
            case .bar: look.dated(cells.bar(width: width))
            case .done: Line(item.progress.map { "\($0.percent)%" } ?? "", Style(look.textRole))
            case .package: look.dated(cells.package(width: width))
            case .phase: look.dated(cells.phase(width: width))
            case .left: look.dated(cells.left(width: width))
            case .disk: look.dated(cells.disk(width: width))
            case .took: Line(item.elapsed(at: look.now).map(DurationText.age) ?? "", Style(look.textRole))
            case .place: Line(detail.place(width: width, look.glyphs), Style(.muted))
            case .build: Line(look.glyphs.shortened(item.key, to: width), Style(.muted))
            case .seen: Line(DurationText.age(look.now.timeIntervalSince(item.evidence.at)), Style(.muted))
            }
        }
    }
}
