import Foundation

/// A full-screen program as the measurements see it.
struct Subject {
    let launch: ChildProcess.Launch
    /// Text that the first useful frame holds.
    let sign: String
    /// Keys that bring up the list that is measured.
    let opening: String
    let down: String
    let up: String
    /// Rows that the cursor can move in without scrolling, as far as is known.
    let reach: Int
    /// Keys that go to another pane and back; none where there is no such thing.
    let panes: [String]
    /// The key that paints everything anew.
    let redraw: String?

    static let columns: UInt16 = 200
    static let rows: UInt16 = 50
    private static let arrowDown = "\u{1B}[B"
    private static let arrowUp = "\u{1B}[A"

    static func slipway(_ place: Place, nodes: Int) -> Subject {
        Subject(
            launch: place.launch([]), sign: "-unit", opening: "4", down: "j", up: "k", reach: min(15, nodes / 3),
            panes: ["1", "4"], redraw: "\u{0C}")
    }

    /// The programs that ours is compared with, where they are installed.
    static func anchor(_ name: String, folder: String) -> Subject? {
        guard let program = ChildProcess.Launch.find(name) else { return nil }
        let launch = ChildProcess.Launch(
            program: program,
            environment: Place.environment(folder))
        return Subject(
            launch: launch, sign: name == "btop" ? "cpu" : "CPU", opening: "", down: arrowDown, up: arrowUp, reach: 5,
            panes: [],
            redraw: name == "htop" ? "\u{0C}" : nil)
    }

    /// Opens it and waits until it stands still.
    func open() throws -> Pty {
        let pty = try Pty(launch, columns: Self.columns, rows: Self.rows)
        guard pty.wait(for: sign, atMost: 30) != nil else {
            throw BenchProblem("\(launch.program) showed nothing useful in 30 s.")
        }
        pty.settle(quiet: 0.5, atMost: 5)
        return pty
    }

    /// The same with the list on the screen, after what has to load has loaded.
    func openList(after warmUp: Double) throws -> Pty {
        let pty = try open()
        _ = pty.collect(for: warmUp)
        pty.write(opening)
        pty.settle()
        return pty
    }
}
