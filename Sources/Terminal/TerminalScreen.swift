import CTerm
import Dispatch
import Screen

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The terminal as a full screen: frames go in, keys come out. Whatever ends the program, the terminal is given back
/// as it was found; only SIGKILL is beyond that.
///
/// Keys, signals and paints all happen on the main actor, one after the other, which is what curses needs.
@MainActor
public final class TerminalScreen {
    /// What can be asked for; nil leaves the choice to what the environment says.
    public struct Options: Sendable {
        /// How many colours to use.
        public var depth: ColorDepth?
        /// Put each frame between the marks of synchronised output.
        public var synchronised: Bool?
        /// Take clicks and the wheel. Off by default: with it on, the terminal's own selection needs Shift.
        public var mouse: Bool
        /// The terminal type, instead of `TERM`.
        public var term: String?
        /// Where keys are read from.
        public var input: Int32
        /// Where frames are written to.
        public var output: Int32
        /// The environment the terminal is judged by.
        public var environment: [String: String]

        /// Options.
        public init(
            depth: ColorDepth? = nil, synchronised: Bool? = nil, mouse: Bool = false, term: String? = nil,
            input: Int32 = 0, output: Int32 = 1, environment: [String: String]
        ) {
            self.depth = depth
            self.synchronised = synchronised
            self.mouse = mouse
            self.term = term
            self.input = input
            self.output = output
            self.environment = environment
        }
    }

    /// What comes from the terminal.
    public enum Input: Sendable, Equatable {
        /// A key, click or paste.
        case key(Key)
        /// The window has another size now; nothing on it can be relied on, the next paint is a whole one.
        case resized(Size)
        /// The program was stopped and goes on; the next paint is a whole one.
        case continued
        /// The program should end: SIGTERM, SIGINT, or SIGHUP, which also stands for a terminal that is gone.
        case end(signal: Int32)
    }

    /// The size now.
    public private(set) var size: Size
    /// How many colours are used.
    public let depth: ColorDepth
    /// Characters beyond ASCII can be shown.
    public let isUTF8: Bool
    /// Which characters to draw with.
    public let glyphs: Glyphs
    /// The terminal type in use. Not the one asked for when curses does not know that one.
    public let term: String
    /// The terminal type asked for, when curses does not know it and another stands in: worth telling the user.
    public let unknownTerm: String?

    private let options: Options
    private let capabilities: TerminalCapabilities
    private var painter: FramePainter
    private var decoder = KeyDecoder()
    private var titleIsOurs = false
    private var sources: [any DispatchSourceProtocol] = []
    private var isOpen = true
    private var handler: (@MainActor ([Input]) -> Void)?

    /// Takes the terminal: from here on everything else that writes to it spoils the screen.
    /// - Throws: `TerminalProblem`.
    public init(options: Options) throws {
        var environment = options.environment
        if let term = options.term { environment["TERM"] = term }
        let capabilities = TerminalCapabilities.detect(environment: environment)
        let wanted = environment["TERM"] ?? ""
        if isatty(options.input) != 1 || isatty(options.output) != 1 { throw TerminalProblem.notATerminal }
        if !capabilities.isFullScreen { throw TerminalProblem.lineModeOnly(term: wanted) }

        let depth = options.depth ?? capabilities.depth
        var features: Int32 = 0
        if options.mouse { features |= Int32(CT_FEATURE_MOUSE) }
        if capabilities.takesXtermControls { features |= Int32(CT_FEATURE_XTERM) }
        if options.synchronised ?? capabilities.synchronised, wanted != "linux" {
            features |= Int32(CT_FEATURE_SYNC)
        }
        let opened = try TerminalScreen.open(
            wanted: wanted, depth: depth, features: features, delay: capabilities.escapeDelay, options: options)

        self.options = options
        self.capabilities = capabilities
        term = opened.term
        // A direct entry that is missing is not worth a word: 256 colours look nearly the same.
        unknownTerm = opened.term == wanted || opened.term == "xterm-direct" ? nil : wanted
        self.depth = TerminalScreen.depth(depth, colors: Int(opened.info.colors), term: opened.term)
        isUTF8 = opened.info.is_utf8 != 0 && capabilities.isUTF8
        glyphs = .suited(isUTF8: opened.info.is_utf8 != 0 && capabilities.isUTF8, term: wanted)
        painter = FramePainter(depth: self.depth)
        size = TerminalScreen.measure(options.output)
    }

    // MARK: Painting

    /// Brings a frame onto the terminal; what is there already is not written again. Does nothing while the screen is
    /// left.
    public func paint(_ frame: Frame, theme: Theme) {
        guard ct_is_live() != 0 else { return }
        let before = painter.title
        let rang = painter.bell
        guard painter.paint(frame, theme: theme) else { return }
        if let title = frame.title, title != before || !titleIsOurs { show(title: title) }
        if frame.bell, !rang { write("\u{07}") }
    }

    /// Paints everything anew at the next paint: something else has written to the terminal.
    public func redraw() {
        painter.forget()
        ct_repaint()
    }

    /// Puts text on the clipboard of the person's own machine, through ssh and tmux too where they let it pass.
    /// - Returns: False when the text is longer than terminals take (74,994 bytes) or the terminal has no such thing.
    public func copy(_ text: String) -> Bool {
        guard capabilities.takesXtermControls, ct_is_live() != 0, let bytes = ControlSequences.clipboard(text) else {
            return false
        }
        write(bytes)
        return true
    }

    // MARK: Keys and signals

    /// Begins to read. All keys that have come since the last time are handed over in one batch, so that a held-down
    /// key costs one paint and not thirty.
    public func start(_ handler: @escaping @MainActor ([Input]) -> Void) {
        guard self.handler == nil else { return }
        self.handler = handler
        read(options.input) { $0.readKeys() }
        if ct_signal_channel() >= 0 { read(ct_signal_channel()) { $0.readSignals() } }
        // The window may have changed since it was measured.
        takeSize()
    }

    /// Gives the terminal to the shell, as Ctrl-Z does elsewhere, and takes it again when the shell says so.
    public func suspend() {
        guard ct_is_live() != 0 else { return }
        leave()
        ct_stop_group()
        // A group without a shell above it is never stopped, and then nobody continues it either.
        DispatchQueue.main.asyncAfter(deadline: .now() + .milliseconds(100)) { [weak self] in
            MainActor.assumeIsolated {
                if ct_is_live() == 0 { self?.goOn() }
            }
        }
    }

    /// Sends what is written to standard error to another file until the screen is closed.
    /// - Returns: False if that is not possible.
    @discardableResult
    public func divertErrors(to file: Int32) -> Bool { ct_divert_errors(file) != 0 }

    /// Gives back to the system what is of no more use: memory that is free, for reading a large fleet for the first time needs far more
    /// than keeping it, and the pages of the program and its libraries that only the start needed. Those that are needed come back by
    /// themselves.
    public func releaseMemory() { ct_release_memory() }

    /// Gives the terminal back. Can be called any number of times.
    public func close() {
        for source in sources { source.cancel() }
        sources = []
        handler = nil
        guard isOpen else { return }
        isOpen = false
        leave()
        ct_close()
    }

    private func readKeys() {
        var keys: [Key] = []
        var isClosed = false
        var isDry = false
        // Bounded, so that a flood of input cannot keep frames from being painted.
        for _ in 0..<4096 where !isDry && keys.count < 1024 {
            let event = ct_read()
            isClosed = event.kind == CT_CLOSED
            isDry = isClosed || event.kind == CT_NONE
            if !isDry { decoder.take(event, into: &keys) }
        }
        if !isDry {
            // What curses has taken in already does not make the descriptor readable again.
            DispatchQueue.main.async { [weak self] in MainActor.assumeIsolated { self?.readKeys() } }
        }
        if isDry { decoder.flush(into: &keys) }
        var batch = keys.map(Input.key)
        if isClosed {
            // It stays readable for ever: without this the handler would be called without end.
            sources.first?.cancel()
            batch.append(.end(signal: SIGHUP))
        }
        deliver(batch)
    }

    private func readSignals() {
        // A storm of changes of size is one change: only the last size matters.
        var isResized = false
        while case let number = ct_next_signal(), number != 0 {
            switch number {
            case SIGWINCH: isResized = true
            case SIGCONT: goOn()
            default: deliver([.end(signal: number)])
            }
        }
        if isResized { takeSize() }
    }

    private func takeSize() {
        guard isOpen else { return }
        let now = TerminalScreen.measure(options.output)
        if now == size { return }
        size = now
        ct_resize(Int32(now.columns), Int32(now.rows))
        painter.forget()
        deliver([.resized(now)])
    }

    private func goOn() {
        guard isOpen else { return }
        ct_resume()
        painter.forget()
        let now = TerminalScreen.measure(options.output)
        var batch: [Input] = [.continued]
        if now != size {
            size = now
            ct_resize(Int32(now.columns), Int32(now.rows))
            batch.append(.resized(now))
        }
        deliver(batch)
    }

    private func deliver(_ batch: [Input]) {
        if !batch.isEmpty { handler?(batch) }
    }

    private func read(_ file: Int32, _ action: @escaping @MainActor (TerminalScreen) -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: file, queue: .main)
        source.setEventHandler { [weak self] in
            MainActor.assumeIsolated {
                if let self { action(self) }
            }
        }
        source.resume()
        sources.append(source)
    }

    // MARK: Leaving

    private func leave() {
        titleIsOurs = false
        ct_leave()
        ct_on_leave("", 0)
    }

    private func show(title: String) {
        guard capabilities.takesXtermControls else { return }
        if !titleIsOurs {
            write(ControlSequences.saveTitle)
            ct_on_leave(ControlSequences.restoreTitle, ControlSequences.restoreTitle.utf8.count)
            titleIsOurs = true
        }
        write(ControlSequences.title(title))
    }

    private func write(_ text: String) { ct_write(text, text.utf8.count) }

    // MARK: Opening

    private static func open(
        wanted: String, depth: ColorDepth, features: Int32, delay: Int, options: Options
    ) throws -> (term: String, info: ct_info) {
        var names = [wanted, "xterm-256color", "xterm"]
        // There is no way to say red, green and blue under an entry of 256 colours.
        if depth == .direct, !wanted.hasSuffix("-direct") { names.insert("xterm-direct", at: 0) }
        for name in names {
            var info = ct_info()
            let status = name.withCString { term in
                var request = ct_options(
                    term: term, input: options.input, output: options.output, features: features,
                    escape_delay: Int32(delay))
                return ct_open(&request, &info)
            }
            switch status {
            case CT_OPENED: return (name, info)
            case CT_UNKNOWN_TERM: continue
            case CT_ALREADY_OPEN: throw TerminalProblem.alreadyOpen
            default: throw TerminalProblem.notATerminal
            }
        }
        throw TerminalProblem.cannotOpen(term: wanted)
    }

    /// The depth asked for, or what the terminal has if that is less.
    private static func depth(_ wanted: ColorDepth, colors: Int, term: String) -> ColorDepth {
        let most: ColorDepth =
            switch colors {
            case ..<8: .mono
            case ..<16: .ansi8
            case ..<256: .ansi16
            default: term.hasSuffix("-direct") ? .direct : .indexed256
            }
        let ladder: [ColorDepth] = [.mono, .ansi8, .ansi16, .indexed256, .direct]
        let steps = [wanted, most].compactMap(ladder.firstIndex)
        return steps.min().map { ladder[$0] } ?? .mono
    }

    private static func measure(_ output: Int32) -> Size {
        var columns: Int32 = 0
        var rows: Int32 = 0
        ct_measure(output, &columns, &rows)
        return Size(columns: Int(columns), rows: Int(rows))
    }
}
