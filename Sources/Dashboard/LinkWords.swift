import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How the links stand, in words. What is wrong names its host, for on call one has to know where to look, and gets its room before all
/// else that stands in the line.
struct LinkWords {
    /// What hosts of one fate have in common: `! ops2 lost 31s`, `! 2 of 3 hosts lost: ops2 31s, ops3 4m`.
    private struct Telling {
        var head: Line
        /// Which they are, where they are several.
        var names = Line()

        var line: Line { head + names }
    }

    /// Columns that the sources behind it keep before the names of hosts that are well give way.
    private static let columnsForSources = 22
    /// Columns of a host's name where something is told of it.
    private static let nameWidth = 24

    /// From the longest to the shortest.
    private let hosts: [Line]
    private let tellings: [Telling]
    /// That a host is not there, in the fewest words; nil when all are. Other words give way to it.
    let trouble: String?
    private let glyphs: Glyphs
    private let columnsForSources: Int

    /// - Parameter isBeside: the banner of another time takes the first place, so that there is little room.
    init(_ state: State, isBeside: Bool = false) {
        let links = state.links.all
        glyphs = state.setting.glyphs
        columnsForSources = state.shown.sources.isEmpty ? 0 : Self.columnsForSources
        let isAlone = links.count == 1
        tellings = Fate.allCases.compactMap { fate in
            let told = links.compactMap { link in
                fate.detail(link, now: state.now).map { detail in
                    (name: Text.shortened(link.host, to: Self.nameWidth, glyphs: state.setting.glyphs), detail: detail)
                }
            }
            guard let first = told.first else { return nil }
            let style = Style(fate.role)
            if told.count == 1 {
                return Telling(head: Line(fate.text(isAlone && !isBeside ? "" : "\(first.name) ", first.detail), style))
            }
            let names = told.map { $0.detail.isEmpty ? $0.name : "\($0.name) \($0.detail)" }.joined(separator: ", ")
            return Telling(
                head: Line(fate.text("\(told.count) of \(links.count) hosts "), style), names: Line(": \(names)", style)
            )
        }
        let isAway = links.contains { link in Fate.away.contains { $0.detail(link, now: state.now) != nil } }
        trouble = isAway ? tellings.first?.head.text : nil
        let names = links.enumerated().reduce(Line()) { line, link in
            line + Line(link.offset == 0 ? "" : " + ", Style(.muted)) + Line(link.element.host)
        }
        // How many they are is not told twice.
        let isCounted = tellings.contains { !$0.names.isEmpty }
        let attached = names + Line(isAlone ? " (attached)" : "", Style(.muted))
        hosts =
            isBeside
            ? tellings.isEmpty ? [attached] : []
            : isAlone ? [attached, names] : isCounted ? [attached] : [attached, Line("\(links.count) hosts")]
    }

    /// `ops1 + ops2  ! ops2 lost 31s`; `dana@ops (attached)`
    ///
    /// - Parameter room: columns that it may have, with those of the sources behind it.
    func line(room: Int) -> Line {
        let told = Self.joined(tellings.map(\.line))
        // Which hosts are slow, or back, can be left away.
        let tellings = trouble == nil ? [told, Self.joined(self.tellings.map(\.head))] : [told]
        let lines = tellings.flatMap { told in hosts.map { Self.joined([$0, told]) } }
        if let line = lines.first(where: { $0.width <= room - columnsForSources }) { return line }
        if let line = lines.dropFirst().first(where: { $0.width <= room || told.isEmpty }) { return line }
        return (tellings.last ?? told).truncated(to: max(0, room), glyphs: glyphs)
    }

    private static func joined(_ lines: [Line]) -> Line {
        lines.filter { !$0.isEmpty }.reduce(Line()) { $0.isEmpty ? $1 : $0 + Line("  ") + $1 }
    }
}

/// What is worth a word of a link, the worst first.
private enum Fate: CaseIterable {
    case lost, connecting, arriving, slow, back

    /// Nothing of what such a host collects is seen.
    static let away = [lost, connecting]

    var role: Role {
        switch self {
        case .lost: .statusFail
        case .connecting, .arriving, .slow: .statusWarn
        case .back: .statusOk
        }
    }

    /// - Parameter who: with a blank behind it; empty where there is only one host.
    func text(_ who: String, _ detail: String = "") -> String {
        let behind = detail.isEmpty ? "" : " \(detail)"
        switch self {
        case .lost: return "! \(who)lost\(behind)"
        case .connecting: return "? \(who)connecting"
        case .arriving: return "? \(who)reading\(behind)"
        case .slow: return "\(who)slow\(behind)"
        case .back: return "\(who)back\(detail.isEmpty ? "" : " after \(detail)")"
        }
    }

    /// How long, how much or how slow, which may be empty; nil when this is not what has come of the link.
    func detail(_ link: Links.Link, now: Date) -> String? {
        switch (self, link.state) {
        case (.lost, .lost(let since, _, _, _)): return DurationText.age(now.timeIntervalSince(since))
        case (.connecting, .connecting): return ""
        case (.arriving, .arriving(let items, let total)): return total.map { "\(items) of \($0)" } ?? "\(items)"
        case (.slow, .live(let roundTrip)):
            guard let roundTrip, roundTrip >= Links.slowRoundTrip, roundTrip.isFinite else { return nil }
            let tenths = Int((min(roundTrip, 999) * 10).rounded())
            return "\(tenths / 10).\(tenths % 10)s"
        case (.back, .resumed(let gap, _)):
            return now.timeIntervalSince(link.at) < Links.toldSeconds ? Links.gapText(gap) : nil
        default: return nil
        }
    }
}
