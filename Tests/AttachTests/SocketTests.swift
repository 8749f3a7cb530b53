import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import Attach

/// Real Unix sockets, in a folder of the test's own.
@Suite(.timeLimit(.minutes(5)), .serialized) struct SocketTests {
    /// Short: a socket's path may have 107 bytes.
    private static func folder() throws -> URL {
        let name = "sw-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private static func server(_ fleet: ScriptedFleet) -> AttachServer {
        AttachServer(fleet, setting: .init(program: "slipway test", host: "ops"), time: .system)
    }

    @Test func screensOfThisMachineShareAnAgentAndASecondOneLeavesItAlone() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let places = AgentSocket.places(environment: ["XDG_RUNTIME_DIR": folder.path], state: folder.path + "/state")
        let socket = try #require(places.first)
        #expect(socket.path == folder.path + "/slipway/agent.sock")
        #expect(AgentSocket.running(places) == nil)

        let fleet = ScriptedFleet(World.snapshot(500))
        let server = Self.server(fleet)
        let isReady = Mutex(false)
        let agent = Task { () -> UpstreamProblem? in
            do throws(UpstreamProblem) {
                try await AgentDesk.keep(server, at: socket, time: .system) { isReady.withLock { $0 = true } }
                return nil
            } catch {
                return error
            }
        }
        try await eventually("the agent is there") { isReady.withLock { $0 } }
        #expect(try Self.mode(socket.path) == 0o600)
        #expect(try Self.mode(socket.folder) == 0o700)
        #expect(AgentSocket.running(places)?.pid == getpid())

        let second = await Task { () -> UpstreamProblem? in
            do throws(UpstreamProblem) {
                try await AgentDesk.keep(Self.server(fleet), at: socket, time: .system)
                return nil
            } catch {
                return error
            }
        }.value
        #expect(second?.sentence == "An agent already runs (pid \(getpid())).")

        let screens = (0..<3).map { _ in
            AttachedFleet(
                [
                    AttachLink(
                        host: "here", way: SocketWay(socket), program: "slipway test", ownHost: "here", time: .system)
                ], time: .system)
        }
        for screen in screens { await screen.start() }
        for screen in screens {
            #expect(await screen.firstOutcomes(isWhole: true).allSatisfy { $0.problem == nil })
            #expect(try await json(screen.current()) == json(fleet.snapshot))
        }
        var world = World(seed: 3)
        for _ in 0..<40 { fleet.tell([world.change(items: 500)]) }
        for screen in screens {
            try await eventually("it follows") { try await json(screen.current()) == json(fleet.snapshot) }
        }
        let states = Mutex<[LinkState]>([])
        let told = Task { for await (_, state) in screens[0].linkStates { states.withLock { $0.append(state) } } }
        agent.cancel()
        #expect(await agent.value == nil)
        #expect(!FileManager.default.fileExists(atPath: socket.path))
        try await eventually("the end was told") {
            states.withLock { $0 }.contains {
                if case .lost(_, _, "The slipway on ops was ended.", _) = $0 { true } else { false }
            }
        }
        for screen in screens { await screen.stop() }
        told.cancel()
        #expect(await server.readers == 0)
    }

    @Test func whatAnAgentLeftBehindThatWasKilledIsNoObstacle() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = AgentSocket(path: folder.path + "/agent.sock")
        // A socket that nobody listens at any more.
        let descriptor = try #require(Self.bound(socket.path))
        close(descriptor)
        #expect(FileManager.default.fileExists(atPath: socket.path))
        #expect(socket.answering() == nil)
        let isReady = Mutex(false)
        let agent = Task {
            try? await socket.listen(ready: { isReady.withLock { $0 = true } }) { _ in }
        }
        try await eventually("it listens") { isReady.withLock { $0 } }
        #expect(socket.answering() == getpid())
        agent.cancel()
        await agent.value
        #expect(!FileManager.default.fileExists(atPath: socket.path))
    }

    @Test func whoComesInTheLastMomentEndsNothing() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = AgentSocket(path: folder.path + "/agent.sock")
        for _ in 0..<40 {
            let isReady = Mutex(false)
            let agent = Task { try? await socket.listen(ready: { isReady.withLock { $0 = true } }) { _ in } }
            try await eventually("it listens") { isReady.withLock { $0 } }
            for _ in 0..<5 { #expect(socket.answering() != nil) }
            agent.cancel()
            _ = socket.answering()
            await agent.value
        }
        // Nobody is there any more: that is said, and nothing else happens.
        let way = SocketWay(socket)
        do throws(UpstreamProblem) {
            try await way.open { _ in }
            Issue.record("somebody is there")
        } catch {
            #expect(error.sentence == "No agent answers at \(socket.path).")
        }
    }

    private static func bound(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? descriptor : nil
    }

    @Test func aFolderThatOthersMayChangeIsNotTrusted() async throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let shared = folder.appendingPathComponent("slipway")
        try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: false)
        chmod(shared.path, 0o770)
        let problem = await Self.problem(AgentSocket(path: shared.path + "/agent.sock"))
        #expect(problem?.sentence == "The folder \(shared.path) can be changed by others: no socket is put there.")
        #expect(problem?.advice == "chmod 700 \(shared.path)")
        // Nor is one that only seems to be ours.
        try FileManager.default.removeItem(at: shared)
        try FileManager.default.createSymbolicLink(atPath: shared.path, withDestinationPath: "/tmp")
        #expect(await Self.problem(AgentSocket(path: shared.path + "/agent.sock"))?.reason == .misconfigured)
        let long = AgentSocket(path: folder.path + "/" + String(repeating: "x", count: 120))
        #expect(await Self.problem(long)?.sentence.hasPrefix("The path of the socket is too long") == true)
    }

    private static func problem(_ socket: AgentSocket) async -> UpstreamProblem? {
        do throws(UpstreamProblem) {
            try await socket.listen { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test func aRelayPassesEverythingOnAndEndsWithEitherSide() async throws {
        let clock = TickingTime(speed: 20)
        let (one, other) = (MemoryPipe(clock.source), MemoryPipe(clock.source))
        let relaying = Task { await AgentDesk.relay(one.far, other.near) }
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let got = Mutex<[UInt8]>([])
        let reading = Task { try? await other.far.read { piece in got.withLock { $0 += piece } } }
        for start in stride(from: 0, to: bytes.count, by: 10_000) {
            try await one.near.write(Array(bytes[start..<start + 10_000]))
        }
        try await eventually("all is there") { got.withLock { $0.count } == bytes.count }
        #expect(got.withLock { $0 } == bytes)
        other.cut()
        await relaying.value
        await reading.value
        clock.end()
    }
}
