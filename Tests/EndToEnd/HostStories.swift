import Foundation
import Testing

extension EndToEnd {
    /// Several hosts on one screen.
    @Suite(.needsSSH, .needsTerminal) struct HostStories {
        @Test("one of two hosts goes down: it is named, and the other goes on; it comes back by itself")
        func one() async throws {
            try await Stage.play { stage in
                let (rig, service) = try await SSHRig.collecting(stage)
                let link = try SlowLink.start(stage, to: rig.port, delay: 0.005, rate: 1_000_000)
                try rig.name("ops1", by: link.port)
                try rig.name("ops2")
                try await service.register("rack1-n01", address: "10.0.0.11")
                try await service.report("10.0.0.11", Service.phases[0])

                let terminal = try await Terminal.dashboard(
                    stage, columns: 120, environment: rig.environment, "attach", "ops1", "ops2")
                try await terminal.see("METAL 2", "now \(Service.phases[0]) 2")
                try await terminal.press("4", "z")
                try await terminal.see("ops1 \(Service.phases[0])", "ops2 \(Service.phases[0])")
                for phase in Service.phases[1...2] {
                    // Nobody gets there any more, and who was there is cut off.
                    link.close()
                    try await terminal.see("ops1 lost", "ops1 cannot be reached", "ops2/lab ok")
                    try await service.report("10.0.0.11", phase)
                    let during = try await terminal.see("ops2 \(phase)")
                    #expect(!during.contains("ops1 \(phase)") && during.contains("ops1 lost"), "\(during)")
                    try link.open()
                    // It is tried again after a while that gets longer.
                    try await terminal.see("ops1 \(phase)", "ops2 \(phase)", "ops1/lab ok", within: 40)
                }
                try await terminal.press("q")
                #expect(try await terminal.ending().code == "0")
                try await eventually(
                    "the end over there", within: 30, seen: { "\(try rig.clients) \(try rig.processes)" }
                ) {
                    let isEmpty = try rig.processes.isEmpty && rig.clients.isEmpty
                    return isEmpty && rig.connections == 0 && link.connections == 0 ? () : nil
                }
            }
        }
    }
}
