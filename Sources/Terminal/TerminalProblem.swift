/// Why there is no full screen.
public enum TerminalProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Input or output is a file or a pipe.
    case notATerminal
    /// The terminal cannot place characters: it is for line mode.
    case lineModeOnly(term: String)
    /// curses knows neither the terminal nor the one that stands in for unknown ones.
    case cannotOpen(term: String)
    /// Another screen of this process is open.
    case alreadyOpen

    /// One sentence of what failed and one of what to do.
    public var description: String {
        switch self {
        case .notATerminal:
            "Input or output is not a terminal. Run it in a terminal window, or ask for plain lines instead."
        case .lineModeOnly(let term):
            "The terminal type \"\(term)\" cannot show a full screen. Set TERM to what your terminal is, for example "
                + "xterm-256color, or ask for plain lines instead."
        case .cannotOpen(let term):
            "No description of the terminal type \"\(term)\" was found. Install the package ncurses-base, or set TERM "
                + "to xterm."
        case .alreadyOpen:
            "The screen is already in use by this program. Close it before it is opened again."
        }
    }
}
