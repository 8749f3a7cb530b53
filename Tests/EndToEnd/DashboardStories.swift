import Foundation
import Testing

extension EndToEnd {
    /// A person brings up nodes and looks at the dashboard meanwhile.
    @Suite(.needsTerminal) struct DashboardStories {
        @Test("Each phase that a node posts is on the screen within 2 s")
        func followsPosts() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.report("10.0.0.11", "ipxe_boot")
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see(
                    "NEEDS YOU 0", "METAL 1", "now ipxe_boot 1", "127.0.0.1:\(service.port) ok", "read-only")

                // Something runs now: a second node is noticed as fast as the first one's phases.
                var waits: [Duration] = []
                waits.append(
                    try await timed {
                        try await service.register("rack1-n02", address: "10.0.0.12")
                        try await service.report("10.0.0.12", "ipxe_boot")
                    } until: {
                        try await terminal.see("METAL 2", "now ipxe_boot 2")
                    })
                try await terminal.press("4")
                try await terminal.see("METAL 2", "rack1-n01", "rack1-n02", "PHASE", "LEFT")
                for phase in Service.phases[1...4] {
                    waits.append(
                        try await timed {
                            try await service.report("10.0.0.11", phase)
                        } until: {
                            try await terminal.see("The row of rack1-n01 in \(phase)") { screen in
                                screen.components(separatedBy: "\n").contains {
                                    $0.contains("rack1-n01") && $0.contains(phase)
                                }
                            }
                        })
                }
                // The promise is 2 s. A single wait may be longer by what this test itself takes to look, on a busy machine.
                #expect(waits.sorted()[waits.count / 2] < .seconds(2), "\(waits)")
                #expect(waits.allSatisfy { $0 < .seconds(3) }, "\(waits)")
            }
        }

        private func timed(_ act: () async throws -> Void, until seen: () async throws -> Void) async throws -> Duration
        {
            try await act()
            return try await ContinuousClock().measure(seen)
        }

        @Test("A failure is in NEEDS YOU with its cause, and opens to what to do; a success is not")
        func needsYou() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                for index in 1...4 { try await service.register("rack1-n0\(index)", address: "10.0.0.1\(index)") }
                try await service.report("10.0.0.11", "installation")
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 0", "nothing needs you", "METAL 4")

                try await service.report("10.0.0.12", "installation", "failed", "no bootable disk found")
                try await service.deploy("10.0.0.13")
                try await service.deploy("10.0.0.14")
                let overview = try await terminal.see("NEEDS YOU 1", "no bootable disk found", "deployed")
                let need = try #require(
                    overview.components(separatedBy: "\n").first { $0.contains("no bootable disk") })
                #expect(need.contains("!") && need.contains("rack1-n02") && need.contains("failed"))
                #expect(try await terminal.variable("pane_title") == "slipway: 1 needs you")

                try await terminal.press("Enter")
                try await terminal.see("rack1-n02 ──", "! failed", "no bootable disk found", "signs", "next")
                try await terminal.press("Escape")
                // The one that failed comes first; those that are done are a count.
                let list = try await terminal.see("METAL 4", "2 more").components(separatedBy: "\n")
                let rows = list.filter { $0.contains("rack1-n") || $0.contains("2 more") }
                #expect(
                    rows[0].contains("rack1-n02") && rows[1].contains("rack1-n01") && rows[2].contains("deployed"),
                    "\(rows)")
                try await terminal.press("6")
                try await terminal.see(
                    "INBOX", "rack1-n02", "failed, installation: no bootable disk found", "-> deployed")
            }
        }

        @Test("The keys do what the help says")
        func keys() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                for index in 1...4 { try await service.register("rack1-n0\(index)", address: "10.0.0.1\(index)") }
                try await service.report("10.0.0.11", "installation")
                try await service.report("10.0.0.12", "image_download")
                try await service.deploy("10.0.0.13")
                try await service.deploy("10.0.0.14")
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("METAL 4")

                // Digits and Tab.
                for (key, text) in [
                    ("2", "No kube context with practice clusters is read"), ("5", "No image build is read"),
                    ("6", "INBOX"),
                    ("4", "PHASE"),
                ] {
                    try await terminal.press(key)
                    try await terminal.see(text)
                }
                try await terminal.press("Tab")
                try await terminal.see("No image build is read")
                try await terminal.press("BTab")
                try await terminal.see("METAL 4", "2 more")

                // Space unfolds the ended ones and folds them again.
                try await terminal.press("Space")
                try await terminal.see("rack1-n03", "rack1-n04")
                try await terminal.press("Space")
                try await terminal.see("2 more")

                // The filter works while it is typed; Esc takes it back, Enter keeps it, Esc takes a kept one away.
                try await terminal.press("/")
                try await terminal.type("n02")
                try await terminal.see("The filter n02") {
                    $0.contains("/n02") && $0.contains("rack1-n02") && !$0.contains("rack1-n01")
                }
                try await terminal.press("Escape")
                try await terminal.see("rack1-n01", "rack1-n02", "2 more")
                try await terminal.press("/")
                try await terminal.type("!n02")
                try await terminal.press("Enter")
                try await terminal.see("filter: !n02", "rack1-n01")
                try await terminal.press("Escape")
                try await terminal.seeNo("filter:")

                // Sorting.
                try await terminal.press("s")
                let byName = try await terminal.see("by name")
                #expect(rows(byName) == ["rack1-n01", "rack1-n02", "rack1-n03", "rack1-n04"])
                try await terminal.press("s")
                let byProgress = try await terminal.see("by progress")
                #expect(rows(byProgress).prefix(2) == ["rack1-n02", "rack1-n01"])
                try await terminal.press("s", "s")
                try await terminal.seeNo("  by ")

                // Zoom takes the detail away, Enter opens the item under the cursor, Esc closes it.
                try await terminal.press("g")
                try await terminal.see("took", "usual (p90)")
                try await terminal.press("z")
                try await terminal.seeNo("usual (p90)")
                try await terminal.press("z")
                try await terminal.see("usual (p90)")
                try await terminal.press("g", "j", "Enter")
                try await terminal.see("The page of one node") {
                    $0.contains("usual (p90)") && !$0.contains("NODE ") && !$0.contains("2 more")
                }
                try await terminal.press("Escape")
                try await terminal.see("2 more")

                // Help lists every key and closes by any.
                try await terminal.press("?")
                try await terminal.see("KEYS", "any other key closes", "Open the Overview pane.")
                try await terminal.press("G")
                try await terminal.see("Leave.")
                try await terminal.press("x")
                try await terminal.seeNo("any other key closes")

                // Copying puts the address on the person's clipboard.
                try await terminal.press("g", "y")
                try await terminal.see("COPY", "address", "JSON")
                try await terminal.press("i")
                let notice = try await terminal.see("copied: 10.0.0.1")
                #expect(notice.contains("copied: \(try await terminal.clipboard())"))
            }
        }

        /// The nodes of the list, from the top.
        private func rows(_ screen: String) -> [String] {
            screen.components(separatedBy: "\n").prefix { !$0.contains("took") }.filter { $0.contains("%") }
                .compactMap { line in
                    line.split(separator: " ").first { $0.contains("rack1-n") }.map { String($0.drop { $0 != "r" }) }
                }
        }

        @Test("A paused screen stands still while collecting goes on")
        func pause() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.report("10.0.0.11", "installation")
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("now installation 1")
                try await terminal.press("p")
                try await terminal.see("PAUSED at")
                try await service.report("10.0.0.11", "installation", "failed", "no bootable disk found")
                let held = try await terminal.see("Changes behind the pause") {
                    $0.contains("PAUSED") && !$0.contains(" 0 changes")
                }
                #expect(held.contains("NEEDS YOU 0") && held.contains("now installation 1"))
                try await terminal.press("p")
                try await terminal.see("NEEDS YOU 1", "no bootable disk found")
                #expect(try await !terminal.screen().contains("PAUSED"))
            }
        }

        @Test("q leaves: exit code 0, and the shell's screen is as it was")
        func quit() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("NEEDS YOU 0")
                #expect(try await terminal.variable("alternate_on") == "1")
                try await terminal.press("q")
                let ending = try await terminal.ending()
                #expect(ending.code == "0")
                #expect(ending.modesBefore == ending.modesAfter)
                #expect(try await terminal.lines().filter { !$0.isEmpty } == ["the shell before", "the shell after"])
                try await expectSane(terminal)
            }
        }

        @Test("A source that was taken out of the config is no longer shown")
        func formerSource() async throws {
            try await Stage.play { stage in
                for name in ["former", "present"] {
                    let service = try await Service.start(stage, database: "\(name).db")
                    try stage.configure("metal: {url: \"\(service.url)\", name: \(name)}\n")
                    try await service.register("\(name)-n01", address: "10.0.0.11")
                    let terminal = try await Terminal.dashboard(stage)
                    try await terminal.see("\(name) ok", "METAL 1")
                    if name == "present" { try await terminal.seeNo("former", within: 5) }
                    try await terminal.press("q")
                    _ = try await terminal.ending()
                    try await terminal.close()
                    try stage.forget("code", "before", "after", "pid")
                }
            }
        }

        @Test("A status API on the default port is found by itself, also when it starts later")
        func detected() async throws {
            guard Ports.isFree(8080) else {
                try Test.cancel("port 8080 of this machine is in use")
            }
            try await Stage.play { stage in
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("No source is configured or was found")
                try await terminal.press("4")
                try await terminal.see("metal: http://HOST:8080", "slipway serve", "slipway --demo")
                let service = try await Service.start(stage, port: 8080)
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await terminal.see("METAL 1", "rack1-n01", "localhost:8080 ok")
                let status = try await stage.slipway("status")
                #expect(status.code == 0 && status.out.contains("rack1-n01"))
            }
        }
    }
}

/// What a terminal looks like after a program that behaved.
func expectSane(_ terminal: Terminal, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let flags = [
        "alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0", "keypad_flag": "0", "keypad_cursor_flag": "0",
        "scroll_region_upper": "0",
    ]
    for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
        #expect(try await terminal.variable(name) == value, "\(name)", sourceLocation: sourceLocation)
    }
}
