import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// The facts without a screen, for scripts.
    @Suite(.needsCurl) struct CommandStories {
        @Test("status says the same as table, json and yaml")
        func status() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.register("rack1-n02", address: "10.0.0.12")
                try await service.report("10.0.0.11", "installation", "failed", "no bootable disk found")
                try await service.deploy("10.0.0.12")
                let table = try await stage.slipway("status")
                let lines = table.out.split(separator: "\n")
                #expect(table.code == 0 && lines.count == 3)
                #expect(
                    lines[0].contains("NAME") && lines[1].contains("no bootable disk found")
                        && lines[2].contains("deployed"))
                // A column stands under its title.
                let start = try #require(lines[0].range(of: "NAME")).lowerBound.utf16Offset(in: lines[0])
                #expect(lines[1].dropFirst(start).hasPrefix("rack1-n01"), "\(table.out)")
                let json = try await stage.slipway("status", "-o", "json").out
                let yaml = try await stage.slipway("status", "-o", "yaml").out
                for text in ["rack1-n01", "rack1-n02", "no bootable disk found", "deployed", "attention", "metal/"] {
                    #expect(json.contains(text) && yaml.contains(text), "\(text)")
                }
                #expect(yaml.hasPrefix("at:") || yaml.contains("\nversion: 1"))
                service.child.send(SIGTERM)
                #expect(try await service.child.ended() == 0)
                let down = try await stage.slipway("status")
                #expect(down.code == 4 && down.err.contains("cannot be reached"))
            }
        }

        @Test("watch prints a line a phase and ends as the node does")
        func watch() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: \(service.url)\n")
                for index in 1...3 {
                    try await service.register("rack1-n0\(index)", address: "10.0.0.1\(index)")
                    try await service.report("10.0.0.1\(index)", "installation")
                }
                let good = try stage.start(Program.slipway, ["watch", "metal", "rack1-n01"])
                let bad = try stage.start(Program.slipway, ["watch", "metal", "10.0.0.12"])
                for child in [good, bad] {
                    try await eventually("The first line") { child.printed.contains("installation") ? () : nil }
                }
                try await service.report("10.0.0.12", "installation", "failed", "no bootable disk found")
                try await service.report("10.0.0.11", "cluster_formation")
                try await eventually("The next phase") { good.printed.contains("cluster_formation") ? () : nil }
                try await service.report("10.0.0.11", "deployed", "success")
                #expect(try await good.ended() == 0)
                #expect(good.printed.split(separator: "\n").last?.contains("deployed") == true)
                #expect(try await bad.ended() == 1)
                #expect(
                    bad.printed.contains("failed: ") && bad.printed.contains("no bootable disk found")
                        && bad.printed.contains("next: "))

                let unknown = try await stage.slipway("watch", "metal", "nobody")
                #expect(
                    unknown.code == 2 && unknown.err.contains("no node nobody") && unknown.err.contains("rack1-n01"))

                // Limits that were over long ago.
                let limits = Service.phases.map { "\($0): 0.01" }.joined(separator: ", ")
                try Data("metal: {url: \"\(service.url)\", limits: {\(limits)}}".utf8)
                    .write(to: stage.home.appendingPathComponent("strict.yaml"))
                let late = try await stage.slipway(
                    "watch", "metal", "rack1-n03", "--config", stage.home.path + "/strict.yaml")
                #expect(late.code == 3 && late.out.contains("overdue"), "\(late)")

                let orphan = try stage.start(Program.slipway, ["watch", "metal", "rack1-n03", "--give-up", "1"])
                try await eventually("The first line") { orphan.printed.contains("installation") ? () : nil }
                service.child.send(SIGKILL)
                #expect(try await orphan.ended() == 4)
                #expect(orphan.complained.contains("cannot be reached"))
                #expect(try await stage.slipway("watch", "metal", "rack1-n03", "--give-up", "1").code == 4)
            }
        }

        @Test("What is wrong in the config is told with file and line")
        func wrongConfig() async throws {
            try await Stage.play { stage in
                try stage.configure("theme: default-dark\nmetal:\n  url: ftp://lab\nglyphs: round\ncolour: red\n")
                for command in [["status"], ["watch", "metal", "x"], ["config", "check"], []] {
                    let outcome = try await stage.run(Program.slipway, command)
                    #expect(outcome.code == 2)
                    for line in [
                        "config.yaml:3: metal: ftp://lab", "config.yaml:4: glyphs: expected auto",
                        "config.yaml:5: colour",
                    ] {
                        #expect(outcome.err.contains(line), "\(command): \(outcome.err)")
                    }
                }
                try stage.configure("metal: [oops\n")
                let broken = try await stage.slipway("status")
                #expect(broken.code == 2 && broken.err.contains("config.yaml:") && broken.err.contains("not YAML"))
            }
        }

        @Test(
            "Wrong arguments: exit code 2 and how it is meant",
            arguments: [
                ["nonsense"], ["--speed", "0"], ["status", "-o", "xml"], ["watch", "metal"], ["watch", "pool", "x"],
                ["watch", "metal", "x", "--give-up", "0"], ["serve", "--port", "70000"],
                ["serve", "--timezone", "Mars/Base"],
                ["status", "--metal", "not an address"], ["status", "--config", "/nowhere.yaml"],
                ["themes", "check", "nope"],
            ])
        func wrongArguments(_ arguments: [String]) async throws {
            try await Stage.play { stage in
                let outcome = try await stage.run(Program.slipway, arguments)
                #expect(outcome.code == 2)
                #expect(outcome.out.isEmpty && outcome.err.count > 20, "\(outcome)")
            }
        }

        @Test("Nothing that was acknowledged is lost when the service is killed under load")
        func killed() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                let clients = 4
                for index in 1...clients { try await service.register("rack1-n0\(index)", address: "10.0.0.1\(index)") }
                let posters = (1...clients).map { PostingClient(port: service.port, address: "10.0.0.1\($0)") }
                for poster in posters { poster.start() }
                try await eventually("Some load", seen: { "\(posters.map(\.acknowledged.count))" }) {
                    posters.allSatisfy { $0.acknowledged.count > 50 } ? () : nil
                }
                service.child.send(SIGKILL)
                #expect(try await service.child.ended() == 128 + SIGKILL)
                try await eventually("The end of the load") { posters.allSatisfy(\.isOver) ? () : nil }

                let again = try await Service.start(stage, port: service.port)
                #expect(try await again.curl("/health").status == 200)
                for (index, poster) in posters.enumerated() {
                    let history = try await again.curl("/api/status/history/\(index + 1)")
                    let rows = try JSONDecoder().decode(History.self, from: Data(history.body.utf8)).rows
                    let kept = Set(rows.map(\.message))
                    #expect(poster.acknowledged.filter { !kept.contains($0) }.isEmpty)
                    // At most the one that was under way was stored without an answer, and nothing twice.
                    #expect(rows.count == kept.count && rows.count <= poster.acknowledged.count + 1)
                }
                try await again.report("10.0.0.11", "installation")
            }
        }

        private struct History: Decodable {
            struct Row: Decodable { let message: String }

            let rows: [Row]

            enum CodingKeys: String, CodingKey { case rows = "deployment_history" }
        }
    }
}
