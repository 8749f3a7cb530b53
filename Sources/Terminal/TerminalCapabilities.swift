import Screen

/// What can be known about a terminal from the environment alone.
public struct TerminalCapabilities: Equatable, Sendable {
    /// How many colours to use.
    public var depth: ColorDepth
    /// Which characters to draw with.
    public var glyphs: Glyphs
    /// Put each frame between the marks of synchronised output, so that it appears at once.
    public var synchronised: Bool
    /// The locale speaks UTF-8.
    public var isUTF8: Bool
    /// Takes xterm's titles, clipboard writes and bracketed paste. A terminal that does not would print them.
    public var takesXtermControls: Bool
    /// Milliseconds to wait after Esc for the rest of a key: longer over ssh, where one key may come in two packets.
    public var escapeDelay: Int
    /// Full screen makes sense at all: `dumb` terminals and none at all get line mode.
    public var isFullScreen: Bool

    /// Reads `TERM`, `COLORTERM`, `NO_COLOR`, `CLICOLOR`, `LC_ALL`, `LC_CTYPE`, `LANG`, `TMUX`, `STY` and `SSH_TTY`.
    public static func detect(environment: [String: String]) -> TerminalCapabilities {
        let term = environment["TERM"] ?? ""
        let multiplexed = isMultiplexed(term: term, environment: environment)
        let isUTF8 = localeIsUTF8(environment)
        let plain = term.isEmpty || term == "dumb"
        let xterm = !plain && xtermLike.contains { term.hasPrefix($0) }
        return TerminalCapabilities(
            depth: depth(term: term, multiplexed: multiplexed, environment: environment),
            glyphs: .suited(isUTF8: isUTF8, term: term),
            // tmux and screen handle the marks in few versions and with faults: only when asked for.
            synchronised: xterm && !multiplexed,
            isUTF8: isUTF8,
            takesXtermControls: xterm,
            escapeDelay: has(environment, "SSH_TTY") ? 50 : 25,
            isFullScreen: !plain)
    }

    /// Entries whose terminals take xterm's controls, by the beginning of their names. `screen` is left out: it takes
    /// titles in a form of its own and prints what it does not know; tmux takes them.
    private static let xtermLike = [
        "xterm", "tmux", "alacritty", "foot", "kitty", "rxvt", "st-", "wezterm", "contour", "ghostty", "konsole",
        "gnome", "vte", "mlterm", "iterm",
    ]

    private static func isMultiplexed(term: String, environment: [String: String]) -> Bool {
        term.hasPrefix("tmux") || term.hasPrefix("screen") || has(environment, "TMUX") || has(environment, "STY")
    }

    private static func depth(term: String, multiplexed: Bool, environment: [String: String]) -> ColorDepth {
        // https://no-color.org: any value that is not empty.
        if has(environment, "NO_COLOR") || environment["CLICOLOR"] == "0" { return .mono }
        if term.isEmpty || term == "dumb" || term.hasPrefix("vt") { return .mono }
        let direct = ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "")
        // Direct colour is spoken through xterm's entry, so only where the keys are xterm's too.
        let foreign = term.hasPrefix("rxvt") || term.hasPrefix("st-") || term.hasPrefix("linux")
        if term.hasSuffix("-direct") || (direct && !multiplexed && !foreign) { return .direct }
        if term.contains("256color") || direct { return .indexed256 }
        if ["alacritty", "foot", "kitty", "xterm-kitty", "wezterm", "ghostty", "xterm-ghostty"].contains(term) {
            return .indexed256
        }
        return term.hasSuffix("-16color") ? .ansi16 : .ansi8
    }

    /// The first of the three that is set decides, as in the C library.
    private static func localeIsUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let lower = locale.lowercased()
        // The codeset stands behind a dot and may have a variant behind it: `de_DE.UTF-8@euro`.
        let codeset = lower.split(separator: "@").first ?? ""
        return codeset.hasSuffix("utf-8") || codeset.hasSuffix("utf8")
    }

    private static func has(_ environment: [String: String], _ name: String) -> Bool {
        !(environment[name] ?? "").isEmpty
    }
}
