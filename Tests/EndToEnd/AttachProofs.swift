import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

extension EndToEnd {
    /// What a link must stand: the real program on both sides of the real ssh, a real sshd, and a long way between them.
    @Suite(.needsSSH, .needsTerminal) struct AttachProofs {
        /// The host that collects, and two who look at it.
        private struct World {
            let stage: Stage
            let rig: SSHRig
            let link: SlowLink
            let service: Service
            let nodes: BusyNodes
            let agent: Child
            /// Temporary files of whoever looks.
            let scratch: URL
            /// Recordings of the collector, of the one behind the slow link, and of the laptop.
            let (there, near, laptop): (String, String, String)

            var environment: [String: String] { rig.environment.merging(["TMPDIR": scratch.path]) { $1 } }
            /// Steps forward with each `mark`, and with nothing else.
            static let marker = "10.0.0.9"

            static func start(_ stage: Stage, seed: UInt64) async throws -> World {
                let (rig, service) = try await SSHRig.collecting(stage)
                let link = try SlowLink.start(stage, to: rig.port, delay: 0.03, rate: 96_000)
                try rig.name("far", by: link.port)
                let scratch = stage.home.appendingPathComponent("tmp")
                try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
                try await service.register("marker", address: marker)
                try await service.report(marker, Service.phases[0])
                let nodes = BusyNodes(service, count: 24)
                nodes.start(seed: seed)
                stage.atEnd { nodes.become(.still) }
                let there = stage.home.path + "/there.slipway"
                let agent = try stage.start(
                    Program.slipway, ["agent", "--record", there], environment: rig.thereEnvironment)
                try await eventually("the agent", seen: { agent.complained }) {
                    agent.complained.contains("the agent listens") ? () : nil
                }
                return World(
                    stage: stage, rig: rig, link: link, service: service, nodes: nodes, agent: agent, scratch: scratch,
                    there: there, near: stage.home.path + "/near.slipway", laptop: stage.home.path + "/laptop.slipway")
            }

            /// Changes something that is told from everything else.
            func mark(_ number: Int) async throws { try await service.report(Self.marker, Service.phases[number]) }

            /// The whole fleet at the end of a recording, as the program prints it, but for the instant of the end.
            func fleet(_ recording: String) async throws -> String {
                let look = try await stage.slipway("replay", recording, "-o", "json")
                guard look.code == 0 else { throw StoryProblem("replay: \(look.err)") }
                return look.out.split(separator: "\n").filter { !$0.hasPrefix(#"  "at" : "#) }.joined(separator: "\n")
            }

            /// All relays over there: one for each who looks.
            var relays: Set<pid_t> { get throws { Set(try rig.processes).subtracting([agent.pid]) } }
        }

        @Test(
            "after cuts, a stop, a full pipe and a sleep of a minute each fleet is the one over there again; nothing is left"
        )
        func everything() async throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            do {
                try await Stage.play { try await Self.everything(try await World.start($0, seed: seed), seed: seed) }
            } catch {
                throw StoryProblem("With the seed \(seed): \(error)")
            }
        }

        private static func everything(_ world: World, seed: UInt64) async throws {
            let laptop = try await Terminal.dashboard(
                world.stage, columns: 100, rows: 30, environment: world.environment, "attach", "--record", world.laptop,
                world.rig.host)
            try await laptop.see("METAL 25", "builder (attached)", within: 60)
            let relay = try world.relays
            #expect(relay.count == 1)
            let asleep = family(of: try await laptop.pid())
            #expect(asleep.count >= 2, "the program and its ssh")
            // Whoever is stopped cannot be ended either.
            world.stage.atEnd { for pid in asleep { kill(pid, SIGCONT) } }
            for pid in asleep { kill(pid, SIGSTOP) }

            let near = try world.stage.start(
                Program.slipway, ["attach", "--plain", "--record", world.near, "far"], environment: world.environment)
            try await eventually("the fleet", within: 20, seen: { near.printed + near.complained }) {
                near.printed.contains("25 items") ? () : nil
            }
            try await cutTenTimes(world, near, seed: seed)
            try await stopOverThere(world, near)
            try await fillThePipe(world, near, besides: relay)

            // The laptop has said nothing for 45 s and was given up, though it takes nothing that it could be told by.
            try await eventually("the end of the laptop's relay", within: 60, seen: { world.agent.complained }) {
                try world.relays.isDisjoint(with: relay) ? () : nil
            }
            for pid in asleep { kill(pid, SIGCONT) }
            try await laptop.see("The link as it is back", within: 30) {
                $0.contains("back after") || $0.contains(" gap")
            }
            try await world.mark(4)
            try await seen(4, near)

            // Nothing changes any more over there but that the service does not answer.
            world.nodes.become(.still)
            #expect(world.nodes.trouble == nil)
            world.service.child.send(SIGKILL)
            try await laptop.see("lab", "unreachable", within: 60)
            for recording in [world.near, world.laptop] {
                var fleets = ("", "")
                try await eventually("The fleet over there", within: 30, seen: { "\(fleets.0)\n\n\(fleets.1)" }) {
                    fleets = (try await world.fleet(world.there), try await world.fleet(recording))
                    return fleets.0 == fleets.1 ? () : nil
                }
                #expect(fleets.0.contains("\"word\" : \"\(Service.phases[4])\"") && fleets.0.contains("unreachable"))
            }

            near.send(SIGTERM)
            #expect(try await near.ended() == 128 + SIGTERM)
            try await laptop.press("q")
            #expect(try await laptop.ending().code == "0")
            try await eventually(
                "the end of everything", within: 60, seen: { "\(try world.rig.clients) \(try world.rig.processes)" }
            ) {
                let isQuiet = try world.relays.isEmpty && world.rig.clients.isEmpty
                return isQuiet && world.rig.connections == 0 && world.link.connections == 0 ? () : nil
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: world.scratch.path) == [])
            world.agent.send(SIGTERM)
            #expect(try await world.agent.ended() == 0)
            #expect(try world.rig.processes == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: world.rig.home.path + "/slipway") == [])
        }

        /// Ten times at random moments: while all is well, in the middle of the greeting, in the middle of the fleet.
        private static func cutTenTimes(_ world: World, _ near: Child, seed: UInt64) async throws {
            var dice = BusyNodes.Dice(seed: seed)
            func times(_ text: String) -> Int { near.printed.components(separatedBy: text).count - 1 }
            for number in 1...10 {
                let isEarly = Int.random(in: 0..<3, using: &dice) == 0
                let returns = times("link far back after")
                try await eventually("connection \(number)", within: 30, seen: { near.printed }) {
                    world.link.connections == 1 ? () : nil
                }
                try await Task.sleep(for: .seconds(Double.random(in: 0...0.7, using: &dice)))
                world.link.cut()
                guard !isEarly else { continue }
                try await eventually("return \(number)", within: 30, seen: { near.printed }) {
                    times("link far back after") > returns ? () : nil
                }
            }
            try await world.mark(1)
            try await seen(1, near)
            #expect(times("link far lost") >= 1 && times("link far back after") >= 1)
        }

        private static func stopOverThere(_ world: World, _ near: Child) async throws {
            let all = [world.agent.pid] + (try world.relays)
            for pid in all { kill(pid, SIGSTOP) }
            try await world.mark(2)
            try await Task.sleep(for: .seconds(3))
            let isTold = near.printed.contains("marker: \(Service.phases[1]) ->")
            #expect(!isTold, "nobody could have told it")
            for pid in all { kill(pid, SIGCONT) }
            try await seen(2, near)
        }

        /// Until nothing more goes into it, though there is more and more to tell.
        private static func fillThePipe(_ world: World, _ near: Child, besides laptop: Set<pid_t>) async throws {
            world.link.clog(true)
            world.nodes.become(.wild)
            var last = (written: -1, since: ContinuousClock.now)
            try await eventually("A full pipe", within: 40) {
                let written = try world.relays.subtracting(laptop).map(Self.written).max() ?? 0
                if written != last.written { last = (written, .now) }
                return ContinuousClock.now - last.since > .seconds(3) ? () : nil
            }
            try await world.mark(3)
            world.nodes.become(.usual)
            world.link.clog(false)
            try await seen(3, near)
        }

        private static func seen(_ number: Int, _ near: Child) async throws {
            try await eventually("Mark \(number)", within: 30, seen: { near.printed }) {
                near.printed.contains("marker: \(Service.phases[number - 1]) -> \(Service.phases[number])") ? () : nil
            }
        }

        /// A process and all that it has started.
        private static func family(of pid: pid_t) -> [pid_t] {
            [pid] + SSHRig.children(of: pid).flatMap(family)
        }

        /// Bytes that a process has written in its life.
        private static func written(_ pid: pid_t) -> Int {
            let text = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(pid)/io") ?? Data(), as: UTF8.self)
            return text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }.flatMap { Int($0.dropFirst(7)) } ?? 0
        }
    }
}
