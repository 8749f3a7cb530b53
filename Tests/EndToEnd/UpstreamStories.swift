import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// Status APIs that are not ours, or not well.
    @Suite(.needsTerminal) struct UpstreamStories {
        private static let names = (1...4).map { "nutanix-poc-bm-node-0\($0)" }

        @Test("The original orchestrator works unchanged")
        func original() async throws {
            try await Stage.play { stage in
                let orchestrator = try Orchestrator.start(stage, answers: Recorded.answers())
                try stage.configure("metal: {url: \"\(orchestrator.url)\", name: lab}\n")
                let status = try await stage.slipway("status", "-o", "json")
                #expect(status.code == 0, "\(status.err)")
                let report = try JSONDecoder().decode(Report.self, from: Data(status.out.utf8))
                #expect(report.version == 1)
                let items = report.items.sorted { $0.name < $1.name }
                #expect(items.map(\.name) == Self.names)
                #expect(items.map(\.state) == ["running", "done", "failed", "running"])
                #expect(items.map(\.word) == ["installation", "deployed", "failed", "nonsense"])
                #expect(report.attention.first == items[2].id)
                #expect(items[2].attention?.cause.contains("no bootable disk") == true)

                let terminal = try await Terminal.dashboard(stage, columns: 200, rows: 50)
                try await terminal.see("METAL 4", "lab ok", "no bootable disk")
                try await terminal.press("4", "z")
                try await terminal.see(Self.names[0], Self.names[1], Self.names[2], Self.names[3])
            }
        }

        private struct Report: Decodable {
            struct Item: Decodable {
                struct Attention: Decodable { let cause: String }

                let id: String
                let name: String
                let state: String
                let word: String
                let attention: Attention?
            }

            let version: Int
            let items: [Item]
            let attention: [String]
        }

        struct Fault: Sendable, CustomTestStringConvertible {
            /// Nil: it is down.
            let mood: Orchestrator.Mood?
            let reason: String

            var testDescription: String { mood.map { "\($0)" } ?? "down" }
        }

        static let faults = [
            Fault(mood: nil, reason: "cannot be reached"), Fault(mood: .hanging, reason: "did not answer within 10 s"),
            Fault(mood: .html, reason: "with HTML"), Fault(mood: .halfJSON, reason: "with broken JSON"),
            Fault(mood: .cut, reason: "closed the connection in the middle"),
            Fault(mood: .failing, reason: "lab answered 500: database is locked"),
            Fault(mood: .huge, reason: "sent more than 8 MB"),
        ]

        @Test("A source in trouble is marked with the reason; its rows stay, and keys answer", arguments: faults)
        func trouble(_ fault: Fault) async throws {
            try await Stage.play { stage in
                let orchestrator = try Orchestrator.start(stage, answers: Recorded.answers())
                try stage.configure("metal: {url: \"\(orchestrator.url)\", name: lab}\n")
                let terminal = try await Terminal.dashboard(stage, columns: 200, rows: 50)
                try await terminal.see("METAL 4", "lab ok")
                try await terminal.press("4", "z")
                try await terminal.see(Self.names[3])

                if let mood = fault.mood { orchestrator.become(mood) } else { orchestrator.stop() }
                try await terminal.press("r")
                let marked = try await terminal.see(fault.reason, "shown as of")
                #expect(marked.contains(/lab ~?\d*[smh]? ?(late|unreachable)/))
                let rows = marked.components(separatedBy: "\n").filter { line in
                    Self.names.contains { line.contains($0) }
                }
                #expect(rows.filter { $0.contains("~") }.count == 4, "\(marked)")
                try await expectQuickKeys(terminal)
                try expectSmall(try await terminal.pid())

                if fault.mood == nil { try orchestrator.resume() } else { orchestrator.become(.well) }
                try await terminal.press("r")
                try await terminal.see("lab ok")
                try await terminal.press("1")
                try await terminal.see("METAL 4", "answers again")
            }
        }

        @Test("A status API that never was there is told as such, and the dashboard stays open")
        func neverThere() async throws {
            try await Stage.play { stage in
                try stage.configure("metal: {url: \"http://127.0.0.1:9\", name: lab}\n")
                let terminal = try await Terminal.dashboard(stage, columns: 120)
                try await terminal.see("The source in trouble") { $0.contains(/lab (late|unreachable)/) }
                try await terminal.press("4")
                try await terminal.see("never read: http://127.0.0.1:9 cannot be reached")
                try await expectQuickKeys(terminal)
            }
        }

        @Test("The service is killed and started again: rows stay with their age, then it answers again")
        func restarted() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.report("10.0.0.11", "installation")
                let terminal = try await Terminal.dashboard(stage, columns: 120)
                try await terminal.see("now installation 1", ":\(service.port) ok")
                service.child.send(SIGKILL)
                _ = try await service.child.ended()
                try await terminal.see("unreachable")
                try await terminal.press("4")
                try await terminal.see("rack1-n01", "installation", "shown as of", "cannot be reached", "~>")

                let again = try await Service.start(stage, port: service.port)
                try await again.report("10.0.0.11", "cluster_formation")
                try await terminal.see(":\(service.port) ok", "cluster_formation")
                try await terminal.press("1")
                try await terminal.see("answers again")
            }
        }

        @Test("Control characters in names and messages are harmless text")
        func harmless() async throws {
            try await Stage.play { stage in
                var answers = try Recorded.answers()
                let evil = #"evil\u001b]0;owned\u0007\u001b[31;5mred\u001b[2J\u009b7m\r\nEND"#
                for (path, reply) in answers {
                    var body = reply.body.replacingOccurrences(of: Self.names[0], with: evil)
                    body = body.replacingOccurrences(
                        of: "no bootable disk", with: #"no \u001b[41mbootable\u001b]52;c;b3duZWQ=\u0007 disk"#)
                    answers[path] = .init(status: reply.status, body: body)
                }
                let orchestrator = try Orchestrator.start(stage, answers: answers)
                try stage.configure("metal: {url: \"\(orchestrator.url)\", name: lab}\n")
                let terminal = try await Terminal.dashboard(stage, columns: 200, rows: 50)
                try await terminal.see("METAL 4", "lab ok", "no ", "bootable")
                try await terminal.press("4", "z")
                try await terminal.see("evil", Self.names[3])
                #expect(try await terminal.variable("pane_title").contains("owned") == false)
                // There is nothing to show: nobody has copied anything.
                await #expect(throws: StoryProblem.self) { try await terminal.clipboard() }
                // Both rows are overdue: from the name on they look alike.
                let lines = try await terminal.screen(escapes: true).components(separatedBy: "\n")
                let looks = try ["evil", Self.names[3]].map { name in
                    let line = try #require(lines.first { $0.contains(name) })
                    let start = try #require(line.range(of: name)).lowerBound
                    return line[start...].matches(of: /\u{1B}\[[^m]*m/).map { String($0.output) }.prefix(3)
                }
                #expect(looks[0] == looks[1])
                for command in [["status"], ["status", "-o", "json"], ["status", "-o", "yaml"]] {
                    let outcome = try await stage.run(Program.slipway, command)
                    #expect(outcome.out.contains("evil"))
                    #expect(
                        !outcome.out.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }
                    )
                }
            }
        }

        /// A key is answered in a frame; what is measured here holds two starts of tmux's client as well.
        private func expectQuickKeys(_ terminal: Terminal) async throws {
            var waits: [Duration] = []
            for _ in 0..<3 {
                for (key, text) in [("2", "No kube context with practice clusters is read"), ("4", "METAL")] {
                    waits.append(
                        try await ContinuousClock().measure {
                            try await terminal.press(key)
                            try await terminal.see(text)
                        })
                }
            }
            #expect(waits.sorted()[waits.count / 2] < .milliseconds(100), "\(waits)")
        }

        /// - Parameter pid: whose memory at its peak must be below 150 MB.
        private func expectSmall(_ pid: Int32) throws {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM") })
            let kilobytes = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
            #expect(kilobytes < 150_000)
        }
    }
}
