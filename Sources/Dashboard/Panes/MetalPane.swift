import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Bare-metal nodes: a row each, with the present phase against its usual time and its limit; the selected one in detail.
enum MetalPane: ListPane {
    static let noun = (one: "node", many: "nodes")
    /// What is still to come belongs to a node's track: its phases are always the same nine.
    static let hasShortDetail = false

    private static let table = Table(columns: [
        .init("", width: .fixed(2)), .init("NODE", width: .flexible(min: 12, weight: 4)),
        .init("PHASE", width: .fixed(17)), .init("DONE", width: .fixed(8), alignment: .right, priority: 2),
        .init("TOOK", width: .fixed(6), alignment: .right),
        .init("OF LIMIT", width: .flexible(min: 10, weight: 2), priority: 3),
        .init("LEFT", width: .flexible(min: 18, weight: 1)),
        .init("SEEN", width: .fixed(5), alignment: .right, priority: 4),
        .init("ADDRESS", width: .fixed(15), priority: 5), .init("PROFILE", width: .flexible(min: 18), priority: 6),
    ])

    static func table(width: Int, _ state: State) -> Table { table }

    static func fold(_ count: Int, _ hint: Line) -> [Line] {
        [
            Line(" +", Style(.statusOk)), Line("\(count) more", Style(.statusOk)), Line("deployed", Style(.statusOk)),
            Line(), Line(), Line(), hint,
        ]
    }

    static func row(_ item: Item, _ look: RowLook) -> [Line] {
        let now = look.now
        let phase = item.phases.last { $0.state == .running } ?? item.phases.last { $0.state == .failed }
        let took = phase?.elapsed(at: now) ?? (item.state == .done ? item.elapsed(at: now) : nil)
        let values = Style(look.textRole)
        var cells = [
            look.markCell, look.nameCell(item, column: 1),
            Line(item.state == .failed ? phase?.name ?? item.word : item.word, Style(look.role)),
            Line(item.progress?.short ?? "", values), Line(took.map(DurationText.short) ?? "", values),
            phase.flatMap { $0.bar(at: now, hasTrack: false)?.line(width: look.width(of: 5), glyphs: look.glyphs) }
                ?? Line(),
            LeftText.line(item, attention: look.attention, now: now),
            Line(DurationText.age(now.timeIntervalSince(item.evidence.at)), Style(.muted)),
        ]
        if case .metal(let detail) = item.detail {
            cells.append(Line(detail.managementIP ?? "", Style(.muted)))
            cells.append(Line(detail.serverProfile ?? "", Style(.muted)))
        }
        return cells
    }
}
