/// What a piece of the screen means. Panes speak of roles, never of colours; a theme gives each role a face.
/// The 24 keys of a theme are these 22 with `cursor` split in two (`cursor.fg`, `cursor.bg`), and `background`.
public enum Role: UInt8, CaseIterable, Sendable {
    /// Ordinary text.
    case text
    /// Text on the raised ground of a popup.
    case surface
    /// Text of less weight: column titles, units, ages that are fine.
    case muted
    /// Rules and frames.
    case border
    /// The frame of the pane that has the keys.
    case borderFocus
    /// Titles of panes.
    case title
    /// A key that can be pressed.
    case key
    /// The selected row.
    case cursor
    /// What a filter or search matched.
    case match
    /// Done, available, live.
    case statusOk
    /// Running.
    case statusRun
    /// Waiting its turn.
    case statusWait
    /// Slow, late, at risk.
    case statusWarn
    /// Failed, overdue, unreachable.
    case statusFail
    /// A value that is older than it should be.
    case statusStale
    /// Locked or paused.
    case statusHold
    /// The done part of a bar.
    case barFill
    /// The part of a bar that is still to come.
    case barRest
    /// The tick at the usual duration.
    case barUsual
    /// The tick at the limit.
    case barLimit
    /// The lower half of a graph.
    case graphLow
    /// The upper half of a graph.
    case graphHigh

    /// The letter of this role in `Grid.styles()`. Stable: golden files are written with it.
    public var letter: Character {
        switch self {
        case .text: "t"
        case .surface: "u"
        case .muted: "m"
        case .border: "b"
        case .borderFocus: "f"
        case .title: "i"
        case .key: "k"
        case .cursor: "c"
        case .match: "a"
        case .statusOk: "o"
        case .statusRun: "r"
        case .statusWait: "w"
        case .statusWarn: "n"
        case .statusFail: "x"
        case .statusStale: "s"
        case .statusHold: "h"
        case .barFill: "l"
        case .barRest: "e"
        case .barUsual: "j"
        case .barLimit: "q"
        case .graphLow: "g"
        case .graphHigh: "p"
        }
    }
}
