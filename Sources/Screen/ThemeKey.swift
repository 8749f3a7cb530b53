/// One of the 24 keys of a theme file. The loader, the checks and the table in `Themes/README.md` are made from this
/// register, so a key cannot exist in one of them only.
public struct ThemeKey: Equatable, Sendable {
    /// What a key sets.
    public enum Target: Equatable, Sendable {
        /// The ground of the whole screen.
        case background
        /// The text of a role.
        case foreground(Role)
        /// The ground of a role.
        case ground(Role)
    }

    /// What contrast is wanted against the ground: ratios of WCAG 2.2.
    public enum Contrast: Double, Sendable {
        /// Must only be seen, and never carries a fact alone.
        case seen = 3
        /// Must be read.
        case read = 4.5
        /// Must be read by anybody: failures and the selected row.
        case urgent = 7
    }

    /// The key in the file.
    public var name: String
    /// What it sets.
    public var target: Target
    /// What is checked when the file is read; nil for what carries nothing.
    public var contrast: Contrast?
    /// What it is for, for the documentation.
    public var meaning: String

    /// All of them, in the order of the documentation.
    public static let all: [ThemeKey] = [
        ThemeKey("background", .background, nil, "the ground that contrast is measured against"),
        ThemeKey("surface", .ground(.surface), nil, "the ground of popups"),
        ThemeKey("text", .foreground(.text), .read, "ordinary text"),
        ThemeKey("muted", .foreground(.muted), .seen, "column titles, units, ages that are fine"),
        ThemeKey("border", .foreground(.border), nil, "rules and frames"),
        ThemeKey("border.focus", .foreground(.borderFocus), .seen, "the frame of the pane that has the keys"),
        ThemeKey("title", .foreground(.title), .read, "titles of panes"),
        ThemeKey("key", .foreground(.key), .read, "keys in hints and help"),
        ThemeKey("cursor.fg", .foreground(.cursor), .urgent, "the text of the selected row"),
        ThemeKey("cursor.bg", .ground(.cursor), nil, "the ground of the selected row"),
        ThemeKey("match", .foreground(.match), .read, "what a filter or search matched"),
        ThemeKey("status.ok", .foreground(.statusOk), .read, "done, available, live"),
        ThemeKey("status.run", .foreground(.statusRun), .read, "running"),
        ThemeKey("status.wait", .foreground(.statusWait), .read, "waiting its turn"),
        ThemeKey("status.warn", .foreground(.statusWarn), .read, "slow, late, at risk"),
        ThemeKey("status.fail", .foreground(.statusFail), .urgent, "failed, overdue, unreachable"),
        ThemeKey("status.stale", .foreground(.statusStale), .seen, "values older than they should be"),
        ThemeKey("status.hold", .foreground(.statusHold), .read, "locked or paused"),
        ThemeKey("bar.fill", .foreground(.barFill), .seen, "the done part of a bar"),
        ThemeKey("bar.rest", .foreground(.barRest), .seen, "the part of a bar that is to come"),
        ThemeKey("bar.usual", .foreground(.barUsual), .seen, "the tick at the usual duration"),
        ThemeKey("bar.limit", .foreground(.barLimit), .seen, "the tick at the limit"),
        ThemeKey("graph.low", .foreground(.graphLow), .seen, "the lower half of graphs"),
        ThemeKey("graph.high", .foreground(.graphHigh), .seen, "the upper half of graphs"),
    ]

    private init(_ name: String, _ target: Target, _ contrast: Contrast?, _ meaning: String) {
        self.name = name
        self.target = target
        self.contrast = contrast
        self.meaning = meaning
    }

    /// The statuses, which must be told apart from each other.
    static let statuses = all.filter { $0.name.hasPrefix("status.") }

    /// The one of `words` that a mistyped word most likely meant; nil when none is near.
    static func nearest(to word: String, in words: [String]) -> String? {
        let near = words.map { (word: $0, distance: distance(word.lowercased(), $0)) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= max(2, min(3, word.count / 2)) else { return nil }
        return near.word
    }

    /// Insertions, deletions and replacements between two words (Levenshtein).
    private static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let replaced = diagonal + (x == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
