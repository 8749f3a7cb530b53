import Foundation

/// A terminal that a person sits at: a window of a tmux server of its own.
struct Terminal: Sendable {
    private let stage: Stage
    private static let label = "story"

    /// What runs in the window.
    enum Occupant: Sendable {
        /// A command under a shell without job control and line editing, so that nobody but the command touches the
        /// terminal's modes. Before, after and the exit code are written down in the home folder.
        case command([String])
        /// A shell that a person types at.
        case shell([String])
    }

    static func open(
        _ stage: Stage, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:], _ occupant: Occupant
    ) async throws -> Terminal {
        let terminal = Terminal(stage: stage)
        let command: [String]
        switch occupant {
        case .shell(let shell): command = shell
        case .command(let arguments):
            let script = stage.home.appendingPathComponent("window.sh")
            try Data(Self.script.utf8).write(to: script)
            command = ["sh", script.path] + arguments
        }
        stage.atEnd { _ = try? await terminal.tmux(["kill-server"]) }
        let configuration = stage.home.appendingPathComponent("tmux.conf")
        try Data(Self.configuration.utf8).write(to: configuration)
        try await terminal.tmux(
            ["-f", configuration.path, "new-session", "-d", "-x", String(columns), "-y", String(rows), "-s", label]
                + command,
            environment: environment)
        return terminal
    }

    /// The dashboard in a window.
    static func dashboard(
        _ stage: Stage, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:], _ arguments: String...
    ) async throws -> Terminal {
        try await open(
            stage, columns: columns, rows: rows, environment: environment,
            .command([Program.slipway ?? "slipway"] + arguments))
    }

    /// A terminal of many colours that takes copies, and stays to be looked at when its program has ended.
    private static let configuration = """
        set -g default-terminal tmux-256color
        set -s set-clipboard on
        set -s escape-time 0
        set -g remain-on-exit on

        """

    private static let script = """
        echo the shell before
        stty -a >"$HOME/before"
        sh -c 'echo $$ >"$HOME/pid"; exec "$@"' sh "$@"
        echo $? >"$HOME/code"
        stty -a >"$HOME/after"
        echo the shell after
        exec cat
        """

    // MARK: what a person does

    /// Presses keys, by tmux's names: `4`, `Tab`, `Enter`, `C-z`.
    func press(_ keys: String...) async throws { try await tmux(["send-keys", "-t", Self.label] + keys) }

    /// Types text as it is.
    func type(_ text: String) async throws { try await tmux(["send-keys", "-t", Self.label, "-l", text]) }

    func resize(columns: Int, rows: Int) async throws {
        try await tmux(["resize-window", "-t", Self.label, "-x", String(columns), "-y", String(rows)])
    }

    /// Closes the window while the program runs in it.
    func close() async throws { try await tmux(["kill-server"]) }

    // MARK: what a person sees

    /// - Parameter escapes: with the sequences that make its colours.
    func screen(escapes: Bool = false) async throws -> String {
        try await tmux(["capture-pane", "-p", "-t", Self.label] + (escapes ? ["-e"] : []))
    }

    func lines() async throws -> [String] { try await screen().components(separatedBy: "\n") }

    /// Waits until all texts are on the screen, and returns it.
    @discardableResult
    func see(_ texts: String..., within seconds: Double = 20) async throws -> String {
        try await see(texts.map { "\"\($0)\"" }.joined(separator: ", "), within: seconds) { screen in
            texts.allSatisfy(screen.contains)
        }
    }

    /// Waits until a text is no longer on the screen.
    @discardableResult
    func seeNo(_ text: String, within seconds: Double = 20) async throws -> String {
        try await see("A screen without \"\(text)\"", within: seconds) { !$0.contains(text) }
    }

    @discardableResult
    func see(_ what: String, within seconds: Double = 20, _ isThere: (String) -> Bool) async throws -> String {
        try await eventually(what, within: seconds, seen: { try await screen() }) {
            let screen = try await screen()
            return isThere(screen) ? screen : nil
        }
    }

    // MARK: what the terminal knows

    /// One of tmux's variables: `alternate_on`, `cursor_flag`, `pane_title`, `pane_tty`, ….
    func variable(_ name: String) async throws -> String {
        try await tmux(["display-message", "-p", "-t", Self.label, "#{\(name)}"]).trimmingCharacters(in: .newlines)
    }

    /// What a program has put on the clipboard.
    func clipboard() async throws -> String { try await tmux(["show-buffer"]) }

    /// The modes of the terminal, asked from outside.
    func modes() async throws -> String {
        try await stage.run("/usr/bin/stty", ["-a", "-F", try await variable("pane_tty")]).out
    }

    // MARK: the program in it

    /// The process of an `Occupant.command`.
    func pid() async throws -> Int32 {
        try await eventually("The program's process") {
            stage.text("pid").flatMap { Int32($0.trimmingCharacters(in: .newlines)) }
        }
    }

    struct Ending: Equatable {
        let code: String
        let modesBefore: String
        let modesAfter: String
    }

    /// Waits until the command in the window has ended.
    func ending(within seconds: Double = 20) async throws -> Ending {
        try await eventually("The end of the program", within: seconds, seen: { try await screen() }) {
            guard let code = stage.text("code"), let before = stage.text("before"), let after = stage.text("after"),
                try await screen().contains("the shell after")
            else { return nil }
            return Ending(code: code.trimmingCharacters(in: .newlines), modesBefore: before, modesAfter: after)
        }
    }

    @discardableResult
    private func tmux(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let outcome = try await stage.run(Program.tmux, ["-u", "-L", Self.label] + arguments, environment: environment)
        guard outcome.code == 0 else { throw StoryProblem("tmux \(arguments.joined(separator: " ")): \(outcome.err)") }
        return outcome.out
    }
}
