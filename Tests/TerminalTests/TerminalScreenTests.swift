import Foundation
import Screen
import Testing

@testable import Terminal

#if canImport(Glibc)
import Glibc
#endif

/// On a real pseudo-terminal. curses knows one screen at a time, so one test at a time.
@MainActor
@Suite(.serialized, .timeLimit(.minutes(1)))
struct TerminalScreenTests {
    static let xterm = ["TERM": "xterm-256color", "LANG": "C.UTF-8"]

    static let theme = Theme(
        name: "test",
        faces: [
            .statusFail: Face(fg: Color(.rgb(RGB(0xFF, 0, 0)))),
            .cursor: Face(fg: Color(.ansi(15)), bg: Color(.ansi(4))),
        ])

    static func open(
        _ pty: Pty, environment: [String: String] = xterm, change: (inout TerminalScreen.Options) -> Void = { _ in }
    ) throws -> TerminalScreen {
        var options = TerminalScreen.Options(input: pty.slave, output: pty.slave, environment: environment)
        change(&options)
        return try TerminalScreen(options: options)
    }

    static func frame(_ text: String, size: Size, style: Style = Style(.text), bell: Bool = false) -> Frame {
        var grid = Grid(size: size)
        grid.put(text, row: 1, column: 2, style: style)
        return Frame(grid: grid, bell: bell)
    }

    /// Everything written so far, up to a mark written now.
    static func written(_ pty: Pty, _ screen: TerminalScreen) async -> String {
        #expect(screen.copy("mark"))
        let mark = "\u{1B}]52;c;bWFyaw==\u{07}"
        return await pty.output(until: mark).replacingOccurrences(of: mark, with: "")
    }

    @Test func paintsWhatChangedAndNothingElse() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        #expect(screen.size == Size(columns: 80, rows: 24))
        #expect(screen.depth == .indexed256)
        let first = Self.frame("rack4-u17 é 中 done", size: screen.size, style: Style(.statusFail))
        screen.paint(first, theme: Self.theme)
        let whole = await Self.written(pty, screen)
        #expect(whole.contains("\u{1B}[?1049h"))
        #expect(whole.contains("rack4-u17 é 中 done"))
        #expect(whole.contains("38;5;196m"))

        screen.paint(first, theme: Self.theme)
        #expect(await Self.written(pty, screen) == "")

        var next = first
        next.grid.put("u18", row: 1, column: 8, style: Style(.statusFail))
        screen.paint(next, theme: Self.theme)
        let change = await Self.written(pty, screen)
        #expect(change.contains("8") && !change.contains("rack4"))
        #expect(change.hasPrefix("\u{1B}[?2026h") && change.hasSuffix("\u{1B}[?2026l"))
        #expect(change.utf8.count < 60)

        screen.redraw()
        screen.paint(next, theme: Self.theme)
        #expect(await Self.written(pty, screen).contains("rack4-u18 é 中 done"))

        var blue = Self.theme
        blue[.statusFail] = Face(fg: Color(.rgb(RGB(0, 0, 0xFF))))
        screen.paint(next, theme: blue)
        let recoloured = await Self.written(pty, screen)
        #expect(recoloured.contains("38;5;21m") && recoloured.contains("rack4-u18"))
    }

    @Test func showsCursorTitleAndBell() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        var frame = Self.frame("x", size: screen.size, bell: true)
        frame.title = "slip\u{1B}way"
        frame.cursor = Frame.Position(row: 10, column: 50)
        screen.paint(frame, theme: Self.theme)
        let whole = await Self.written(pty, screen)
        #expect(whole.contains("\u{1B}[22;0t\u{1B}]2;slip way\u{07}\u{07}"))
        #expect(whole.contains("\u{1B}[11;51H") && whole.contains("\u{1B}[?25h"))
        frame.cursor = nil
        frame.bell = false
        screen.paint(frame, theme: Self.theme)
        #expect(await Self.written(pty, screen).contains("\u{1B}[?25l"))
        screen.close()
        #expect(await pty.output(until: "\u{1B}[?1049l").contains("\u{1B}[23;0t"))
    }

    @Test func givesTheTerminalBack() async throws {
        let pty = try Pty()
        let before = pty.modes
        let screen = try Self.open(pty)
        #expect(pty.modes != before)
        #expect(throws: TerminalProblem.alreadyOpen) { try Self.open(pty) }
        screen.paint(Self.frame("x", size: screen.size), theme: Self.theme)
        screen.close()
        screen.close()
        #expect(pty.modes == before)
        let all = await pty.output(until: "\u{1B}[?1049l")
        #expect(all.contains("\u{1B}[?2004h") && all.contains("\u{1B}[?2004l"))
        screen.paint(Self.frame("late", size: screen.size), theme: Self.theme)
        #expect(pty.modes == before)
    }

    @Test func readsKeys() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        let (inputs, feed) = AsyncStream<TerminalScreen.Input>.makeStream()
        screen.start { batch in
            for input in batch { feed.yield(input) }
        }
        var iterator = inputs.makeAsyncIterator()
        let typed: [(String, [Key])] = [
            ("j", [.character("j")]), ("é", [.character("é")]), ("中", [.character("中")]), ("\r", [.enter]),
            ("\t", [.tab]), ("\u{1B}[Z", [.backTab]), ("\u{7F}", [.backspace]), ("\u{4}", [.control("d")]),
            ("\u{1A}", [.control("z")]), ("\u{3}", [.control("c")]), ("\u{1B}OA", [.up]), ("\u{1B}OB", [.down]),
            ("\u{1B}OC", [.right]), ("\u{1B}OD", [.left]), ("\u{1B}[5~", [.pageUp]), ("\u{1B}[6~", [.pageDown]),
            ("\u{1B}OH", [.home]), ("\u{1B}OF", [.end]), ("\u{1B}[3~", [.delete]), ("\u{1B}OP", [.function(1)]),
            ("\u{1B}[15~", [.function(5)]), ("\u{1B}[24~", [.function(12)]), ("\u{1B}x", [.alt("x")]),
            ("\u{1B}", [.escape]), ("jjj", [.character("j"), .character("j"), .character("j")]),
            ("\u{1B}[200~two\rlines\u{1B}[201~k", [.paste("two\nlines"), .character("k")]),
        ]
        screen.paint(Self.frame("x", size: screen.size), theme: Self.theme)
        for (bytes, keys) in typed {
            pty.type(bytes)
            for key in keys { #expect(await iterator.next() == .key(key)) }
        }
    }

    @Test func losesNoKeyOfAFlood() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        let (batches, feed) = AsyncStream<[TerminalScreen.Input]>.makeStream()
        screen.start { feed.yield($0) }
        pty.type(String(repeating: "j", count: 3000))
        var count = 0
        var most = 0
        for await batch in batches {
            count += batch.count
            most = max(most, batch.count)
            if count >= 3000 { break }
        }
        #expect(count == 3000)
        #expect(most > 1, "keys that are waiting come together")
    }

    @Test func keepsErrorsOffTheScreen() async throws {
        let pty = try Pty()
        let log = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        #expect(screen.divertErrors(to: log.slave))
        FileHandle.standardError.write(Data("warning: something".utf8))
        #expect(await log.output(until: "something").contains("warning"))
        #expect(await !Self.written(pty, screen).contains("something"))
    }

    @Test func readsTheMouse() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty) { $0.mouse = true }
        defer { screen.close() }
        let (inputs, feed) = AsyncStream<TerminalScreen.Input>.makeStream()
        screen.start { batch in
            for input in batch { feed.yield(input) }
        }
        var iterator = inputs.makeAsyncIterator()
        pty.type("\u{1B}[<0;120;8M")
        #expect(await iterator.next() == .key(.mouse(MouseEvent(.press, row: 7, column: 119))))
        pty.type("\u{1B}[<65;1;1M")
        #expect(await iterator.next() == .key(.mouse(MouseEvent(.wheelDown, row: 0, column: 0))))
    }

    @Test func followsSizeAndSignals() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        let (inputs, feed) = AsyncStream<TerminalScreen.Input>.makeStream()
        screen.start { batch in
            for input in batch { feed.yield(input) }
        }
        var iterator = inputs.makeAsyncIterator()
        for (columns, rows) in [(1, 1), (200, 1), (1, 200), (200, 50)] as [(UInt16, UInt16)] {
            let size = Size(columns: Int(columns), rows: Int(rows))
            pty.resize(columns: columns, rows: rows)
            kill(getpid(), SIGWINCH)
            #expect(await iterator.next() == .resized(size))
            #expect(screen.size == size)
            // A frame of the old size may still be on its way.
            screen.paint(Self.frame("中 frame", size: Size(columns: 80, rows: 24)), theme: Self.theme)
            screen.paint(Self.frame("中 frame", size: size), theme: Self.theme)
        }
        #expect(await Self.written(pty, screen).hasSuffix("\u{1B}[?2026l"))
        kill(getpid(), SIGCONT)
        #expect(await iterator.next() == .continued)
        screen.paint(Self.frame("again", size: screen.size), theme: Self.theme)
        #expect(await Self.written(pty, screen).contains("again"))
        for number in [SIGTERM, SIGINT, SIGHUP] {
            kill(getpid(), number)
            #expect(await iterator.next() == .end(signal: number))
        }
        pty.hangUp()
        #expect(await iterator.next() == .end(signal: SIGHUP))
    }

    @Test func aTerminalWithoutASizeIs80x24() throws {
        let pty = try Pty(columns: 0, rows: 0)
        let screen = try Self.open(pty)
        defer { screen.close() }
        #expect(screen.size == Size(columns: 80, rows: 24))
    }

    @Test func takesUnknownAndPoorTerminals() async throws {
        let cases: [(term: String, depth: ColorDepth, unknown: String?)] = [
            ("no-such-terminal", .ansi8, "no-such-terminal"), ("vt100", .mono, nil), ("xterm", .ansi8, nil),
            ("linux", .ansi8, nil), ("tmux-256color", .indexed256, nil),
        ]
        for entry in cases {
            let pty = try Pty()
            let screen = try Self.open(pty, environment: ["TERM": entry.term, "LANG": "C.UTF-8"])
            #expect(screen.depth == entry.depth, "\(entry.term)")
            #expect(screen.unknownTerm == entry.unknown)
            screen.paint(Self.frame("hello", size: screen.size, style: Style(.cursor)), theme: Self.theme)
            let all = await pty.output(until: "hello")
            #expect(!all.contains("2026h"), "\(entry.term)")
            if entry.depth == .mono { #expect(all.contains(";7m"), "a selection without colour is reversed") }
            screen.close()
        }
        let pty = try Pty()
        #expect(throws: TerminalProblem.lineModeOnly(term: "dumb")) {
            try Self.open(pty, environment: ["TERM": "dumb"])
        }
        #expect(throws: TerminalProblem.notATerminal) {
            try TerminalScreen(options: TerminalScreen.Options(input: -1, output: -1, environment: Self.xterm))
        }
    }

    @Test func copiesWhatTerminalsTake() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        #expect(screen.copy("kubectl get pods\n"))
        #expect(await pty.output(until: "\u{07}").hasSuffix("\u{1B}]52;c;a3ViZWN0bCBnZXQgcG9kcwo=\u{07}"))
        #expect(!screen.copy(String(repeating: "x", count: 74_995)))
    }

    #if os(Linux)
    /// Code that only the start needed is given back too, and comes again when it is needed.
    @Test func givesMemoryBackAndGoesOn() async throws {
        let pty = try Pty()
        let screen = try Self.open(pty)
        defer { screen.close() }
        screen.paint(Self.frame("before", size: screen.size), theme: Self.theme)
        #expect(await Self.written(pty, screen).contains("before"))
        let before = try Self.residentFilePages()
        screen.releaseMemory()
        #expect(try Self.residentFilePages() < before)
        screen.paint(Self.frame("behind", size: screen.size), theme: Self.theme)
        #expect(await Self.written(pty, screen).contains("hind"))
    }

    /// Pages of program and libraries that this process has in memory, in kB.
    private static func residentFilePages() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssFile:") }
        return try #require(line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }
    #endif

    @Test func aCrashGivesTheTerminalBack() async throws {
        let pty = try Pty()
        let before = pty.modes
        let path = pty.path
        // The child inherits it: looking up the names of a whole test program takes minutes, and nobody reads them here.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        await #expect(processExitsWith: .failure) { [path = path as String] in
            try await MainActor.run {
                let fd = Glibc.open(path, O_RDWR)
                let screen = try TerminalScreen(
                    options: TerminalScreen.Options(
                        input: fd, output: fd, environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8"]))
                screen.paint(
                    TerminalScreenTests.frame("before", size: screen.size), theme: TerminalScreenTests.theme)
                let empty: [Int] = []
                _ = empty[CommandLine.arguments.count]
            }
        }
        let all = await pty.output(until: "\u{1B}[?1049l")
        #expect(all.contains("before"))
        #expect(all.contains("\u{1B}[?2004l"))
        #expect(pty.modes == before)
    }
}
