/// The characters the screen is drawn with, each one column wide in every font. No emoji and no private-use icons:
/// they are missing, or of another width, on too many terminals.
public struct Glyphs: Equatable, Hashable, Sendable {
    /// For a `Rule`.
    public var horizontal: Character
    /// Between panes.
    public var vertical: Character
    /// Corners of a frame.
    public var topLeft, topRight, bottomLeft, bottomRight: Character
    /// Where a rule meets a frame.
    public var teeLeft, teeRight, teeTop, teeBottom, cross: Character
    /// The done part of a bar.
    public var barFill: Character
    /// Half a cell of it; nil where the set has none.
    public var barHalf: Character?
    /// The running step of a bar.
    public var barRunning: Character
    /// What is to come.
    public var barRest: Character
    /// The usual duration on a bar.
    public var tickUsual: Character
    /// The limit on a bar.
    public var tickLimit: Character
    /// Something was cut off here.
    public var ellipsis: Character
    /// From one thing to the next, as in `image -> installation`.
    public var arrow: String
    /// In front of the selected row. Not `>`, which is the mark of a running item.
    public var cursor: Character
    /// Levels of a sparkline, lowest first. The lowest is a zero; absent values are blank.
    public var levels: [Character]
    /// Branches of a tree: a child, and the last one.
    public var treeChild, treeLast: String

    /// Nothing but ASCII.
    public static let ascii = Glyphs(
        horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
        teeLeft: "+", teeRight: "+", teeTop: "+", teeBottom: "+", cross: "+",
        barFill: "#", barHalf: nil, barRunning: ">", barRest: "-", tickUsual: "|", tickLimit: "!",
        ellipsis: "~", arrow: "->", cursor: "*", levels: ["_", ".", "-", "=", "#"], treeChild: "|-", treeLast: "`-")

    /// Light lines and block elements.
    public static let box = Glyphs(
        horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
        teeLeft: "├", teeRight: "┤", teeTop: "┬", teeBottom: "┴", cross: "┼",
        barFill: "█", barHalf: "▌", barRunning: "▒", barRest: "─", tickUsual: "│", tickLimit: "┃",
        ellipsis: "…", arrow: "→", cursor: "▌", levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], treeChild: "├─",
        treeLast: "└─")

    /// The set for a terminal: ASCII if the locale is not UTF-8, and on the Linux console, whose font has no
    /// complete set of blocks.
    public static func suited(isUTF8: Bool, term: String) -> Glyphs {
        isUTF8 && term != "linux" && term != "dumb" ? .box : .ascii
    }
}
