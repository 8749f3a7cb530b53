import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// The screen here, the collecting elsewhere: the real program on both sides of the real ssh and a real sshd.
    @Suite(.needsSSH, .needsTerminal) struct AttachStories {
        /// A host whose slipway reads a service with one node.
        private static func host(_ stage: Stage) async throws -> (rig: SSHRig, service: Service) {
            let (rig, service) = try await SSHRig.collecting(stage)
            try await service.register("rack1-n01", address: "10.0.0.11")
            try await service.report("10.0.0.11", Service.phases[0])
            return (rig, service)
        }

        @Test(
            "what the other host collects is on the screen; a link that is cut comes back, says what was missed, and leaves nothing"
        )
        func cutting() async throws {
            try await Stage.play { stage in
                let (rig, service) = try await Self.host(stage)
                let terminal = try await Terminal.dashboard(
                    stage, environment: rig.environment, "attach", rig.host)
                try await terminal.see("METAL 1", "builder (attached)")
                for phase in Service.phases[1...3] {
                    rig.cut()
                    try await service.report("10.0.0.11", phase)
                    try await terminal.see("now \(phase) 1")
                    try await eventually("the link", within: 30, seen: { "\(rig.connections)" }) {
                        rig.connections == 1 ? () : nil
                    }
                }
                try await terminal.see("gap")
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
                try await eventually("the end over there", within: 30, seen: { "\(rig.connections)" }) {
                    let isEmpty = try rig.processes.isEmpty
                    return rig.connections == 0 && isEmpty ? () : nil
                }
            }
        }

        @Test(
            "an agent collects for all; a second one says so and leaves the first alone; no slipway over there is one sentence"
        )
        func agents() async throws {
            try await Stage.play { stage in
                let (rig, service) = try await Self.host(stage)
                try stage.configure("metal: {name: lab, url: '\(service.url)'}\n")
                let agent = try stage.start(Program.slipway, ["agent"])
                try await eventually("the agent", seen: { agent.complained }) {
                    agent.complained.contains("the agent listens") ? () : nil
                }
                let second = try await stage.slipway("agent")
                #expect(
                    second.code == 2 && second.err.contains("An agent already runs (pid \(agent.pid))"), "\(second.err)"
                )
                let terminal = try await Terminal.dashboard(stage)
                try await terminal.see("METAL 1", "lab ok")
                try await service.report("10.0.0.11", Service.phases[1])
                try await terminal.see("now \(Service.phases[1]) 1")
                // What was kept is the agent's, so that one can go back to before the screen was opened.
                try await terminal.press("p")
                try await terminal.press("Home")
                try await terminal.see("PAUSED", "lab asking")
                try await terminal.press("]")
                try await terminal.see("PAUSED", "now \(Service.phases[0]) 1")
                try await terminal.press("End")
                try await terminal.see("now \(Service.phases[1]) 1")
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
                agent.send(SIGTERM)
                #expect(try await agent.ended() == 0)

                try FileManager.default.removeItem(atPath: rig.home.path + "/bin/slipway")
                let nowhere = try await stage.slipway("attach", "--plain", rig.host, environment: rig.environment)
                #expect(nowhere.code == 4 && nowhere.err.contains("There is no slipway on builder"), "\(nowhere.err)")
                try rig.refuse()
                let refused = try await stage.slipway("attach", "--plain", rig.host, environment: rig.environment)
                #expect(refused.code == 4 && refused.err.contains("does not let us in"), "\(refused.err)")
            }
        }

        @Test(
            "what is recorded can be looked at again, as a snapshot of any time and as lines; what is no recording is said"
        )
        func recording() async throws {
            try await Stage.play { stage in
                let service = try await Service.start(stage)
                try stage.configure("metal: {name: lab, url: '\(service.url)'}\n")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.report("10.0.0.11", Service.phases[0])
                let file = stage.home.path + "/seen.slipway"
                let recorder = try stage.start(Program.slipway, ["--plain", "--record", file])
                try await eventually("the node", seen: { recorder.printed }) {
                    recorder.printed.contains("1 items") ? () : nil
                }
                func words(at time: String) async throws -> [String] {
                    let look = try await stage.slipway("replay", file, "--at", time, "-o", "json")
                    // Nothing was written in the first second.
                    guard look.code == 0 else { return [look.err] }
                    struct Report: Decodable {
                        struct Item: Decodable { var word: String }
                        var version: Int
                        var items: [Item]
                    }
                    return try JSONDecoder().decode(Report.self, from: Data(look.out.utf8)).items.map(\.word)
                }
                // It can be read while it is written.
                try await eventually("the recorded node") {
                    try await words(at: "-0m") == [Service.phases[0]] ? () : nil
                }
                let before = Date().ISO8601Format(.init(includingFractionalSeconds: true))
                try await service.report("10.0.0.11", Service.phases[1])
                try await eventually("the phase", seen: { recorder.printed }) {
                    recorder.printed.contains(Service.phases[1]) ? () : nil
                }
                recorder.send(SIGTERM)
                _ = try await recorder.ended()

                #expect(try await words(at: before) == [Service.phases[0]])
                #expect(try await words(at: "-0m") == [Service.phases[1]])
                let lines = try await stage.slipway("replay", file)
                #expect(
                    lines.code == 0 && lines.out.contains("\(Service.phases[0]) -> \(Service.phases[1])"),
                    "\(lines.out)")
                let wrong = try await stage.slipway("replay", stage.home.path + "/config/slipway/config.yaml")
                #expect(wrong.code == 2 && wrong.err.contains("is not a recording"), "\(wrong.err)")
            }
        }
    }
}
