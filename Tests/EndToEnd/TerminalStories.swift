import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// What happens to a terminal, and to what is in it.
    @Suite(.needsTerminal) struct TerminalStories {
        /// A service with one node that failed and two that wait: nothing on the screen changes by itself.
        private func quietFleet(_ stage: Stage) async throws -> Service {
            let service = try await Service.start(stage)
            try stage.configure("metal: \(service.url)\n")
            for index in 1...3 { try await service.register("rack1-n0\(index)", address: "10.0.0.1\(index)") }
            try await service.report("10.0.0.12", "installation", "failed", "no bootable disk")
            return service
        }

        @Test("Any size down to 1x1 and a storm of resizes leave the same screen as before")
        func resize() async throws {
            try await Stage.play { stage in
                _ = try await quietFleet(stage)
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 1")
                try await terminal.press("4")
                try await terminal.see("METAL 3", "rack1-n02")
                // Paused, the screen depends on its size alone.
                try await terminal.press("p")
                let before = try await terminal.see("PAUSED")

                try await terminal.resize(columns: 200, rows: 50)
                try await terminal.see("ADDRESS", "10.0.0.12", "EVENTS OF rack1-n02", "bx2d-metal-48x192")
                try await terminal.resize(columns: 60, rows: 15)
                try await terminal.see("METAL 3", "rack1-n02", "failed")
                try await terminal.resize(columns: 20, rows: 5)
                try await terminal.see("The small screen") {
                    $0.hasPrefix("! 1 need") && $0.contains("! rack1-n02 fail")
                }
                try await terminal.resize(columns: 1, rows: 1)
                try await terminal.resize(columns: 80, rows: 24)
                try await terminal.see("The screen as it was before", within: 5) { $0 == before }

                // A window that is dragged; the kernel tells each of these sizes at once.
                let storm = """
                    for i in 1 2 3 4 5 6 7 8 9 10; do for size in "5 20" "50 200" "1 1" "15 60" "24 80"; do
                    set -- $size; stty -F "$TTY" rows $1 cols $2; done; done
                    """
                let tty = try await terminal.variable("pane_tty")
                #expect(try await stage.run("/bin/sh", ["-c", storm], environment: ["TTY": tty]).code == 0)
                try await terminal.see("The screen as it was before the storm", within: 5) { $0 == before }
                try await terminal.press("1")
                try await terminal.see("NEEDS YOU 1")
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
            }
        }

        @Test("A screen of one character still tells that something needs a person")
        func smallest() async throws {
            try await Stage.play { stage in
                _ = try await quietFleet(stage)
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 1")
                try await terminal.resize(columns: 1, rows: 1)
                try await terminal.see("The mark", within: 5) { $0.trimmingCharacters(in: .newlines) == "!" }
            }
        }

        @Test("Ctrl-Z gives the terminal to the shell, fg brings the whole screen back", arguments: ["bash", "dash"])
        func suspend(shell: String) async throws {
            let options = shell == "bash" ? ["--norc", "--noprofile", "-i"] : ["-i"]
            let program = "/bin/\(shell)"
            guard FileManager.default.isExecutableFile(atPath: program) else {
                try Test.cancel("\(program) is not there")
            }
            try await Stage.play { stage in
                _ = try await quietFleet(stage)
                let terminal = try await Terminal.open(
                    stage, environment: ["PS1": "ready> ", "SLIPWAY": Program.slipway ?? ""],
                    .shell([program] + options))
                try await terminal.see("ready>")
                // bash puts the modes right behind any program; dash leaves them as they are found.
                try await terminal.type("stty -a >~/before; \"$SLIPWAY\"; echo code=$?\n")
                try await terminal.see("NEEDS YOU 1", "no bootable disk")
                // The list alone: its detail may still be loading what was before.
                try await terminal.press("4", "z", "p")
                let screen = try await terminal.see("PAUSED", "rack1-n01")

                try await terminal.press("C-z")
                let stopped = try await terminal.see("Stopped", "ready>")
                #expect(!stopped.contains("METAL"))
                try await expectSane(terminal)
                try await terminal.type("stty -a >~/stopped\n")
                let before = try await modes(stage, "before")
                #expect(try await modes(stage, "stopped") == before)

                try await terminal.type("fg\n")
                try await terminal.see("The screen as it was before", within: 5) { $0 == screen }
                try await terminal.press("q")
                try await terminal.see("ready>")
                try await terminal.type("stty -a >~/after\n")
                #expect(try await modes(stage, "after") == before)
                try await expectSane(terminal)
            }
        }

        private func modes(_ stage: Stage, _ name: String) async throws -> String {
            try await eventually("What stty said \(name)") {
                let text = try? String(contentsOfFile: stage.home.path + "/" + name, encoding: .utf8)
                // The last word of `stty -a`.
                return text?.contains("extproc") == true ? text : nil
            }
        }

        @Test("A signal ends it and leaves the terminal as it was found", arguments: [SIGTERM, SIGHUP, SIGINT])
        func signals(signal: Int32) async throws {
            try await Stage.play { stage in
                _ = try await quietFleet(stage)
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 1")
                let during = try await terminal.modes()
                kill(try await terminal.pid(), signal)
                let ending = try await terminal.ending()
                #expect(ending.modesBefore == ending.modesAfter)
                #expect(ending.modesBefore != during)
                #expect(["0", String(128 + signal)].contains(ending.code))
                try await expectSane(terminal)
                #expect(try await terminal.lines().filter { !$0.isEmpty } == ["the shell before", "the shell after"])
            }
        }

        @Test("A window that is closed ends the program")
        func closed() async throws {
            try await Stage.play { stage in
                _ = try await quietFleet(stage)
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 1")
                let pid = try await terminal.pid()
                try await terminal.close()
                try await eventually("The end of process \(pid)") { kill(pid, 0) == 0 ? nil : () }
            }
        }

        @Test("Where no screen can be opened, a sentence says what to do")
        func noScreen() async throws {
            try await Stage.play { stage in
                try stage.configure("metal: http://127.0.0.1:9\n")
                let terminal = try await Terminal.open(
                    stage, columns: 200, .command(["env", "TERM=dumb", Program.slipway ?? ""]))
                let ending = try await terminal.ending()
                #expect(ending.code == "2")
                #expect(ending.modesBefore == ending.modesAfter)
                try await terminal.see("The terminal type \"dumb\" cannot show a full screen. Set TERM")
            }
        }

        @Test("In a pipe it prints lines, and ends when it is told to")
        func piped() async throws {
            try await Stage.play { stage in
                let service = try await quietFleet(stage)
                try await service.report("10.0.0.11", "installation")
                let child = try stage.start(Program.slipway, [])
                try await eventually("The failure as a line", seen: { child.printed + child.complained }) {
                    child.printed.contains("rack1-n02") && child.printed.contains("no bootable disk") ? () : nil
                }
                #expect(!child.printed.contains("\u{1B}"))
                service.child.send(SIGKILL)
                try await eventually("The trouble as a line", seen: { child.printed }) {
                    child.printed.contains("cannot be reached") ? () : nil
                }
                child.send(SIGTERM)
                #expect([0, 128 + SIGTERM].contains(try await child.ended(within: 5)))
            }
        }

        @Test("A poor terminal gets a poorer screen with the same facts")
        func poorTerminals() async throws {
            for (settings, isASCII, isColoured) in [
                (["TERM=unheard-of"], false, true), (["LC_ALL=C", "LANG=C"], true, true),
                (["NO_COLOR=1"], false, false),
                (["TERM=vt100"], false, false),
            ] {
                try await Stage.play { stage in
                    _ = try await quietFleet(stage)
                    let terminal = try await Terminal.open(
                        stage, .command(["env"] + settings + [Program.slipway ?? ""]))
                    try await terminal.see("NEEDS YOU 1", "rack1-n02", "no bootable disk")
                    try await terminal.press("4")
                    let screen = try await terminal.see("METAL 3", "installation")
                    let escapes = try await terminal.screen(escapes: true)
                    let colours = escapes.matches(of: /\u{1B}\[[0-9;]*(38|48|3[0-7]|4[0-7]|9[0-7])[;m]/)
                    let foreign = screen.filter { !$0.isASCII }
                    #expect(foreign.isEmpty || !isASCII, "\(settings)")
                    #expect(colours.isEmpty != isColoured, "\(settings)")
                    try await terminal.press("q")
                    #expect(try await terminal.ending().code == "0", "\(settings)")
                }
            }
        }
    }
}
