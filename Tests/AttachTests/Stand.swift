import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import Attach

/// A far host with a fleet and a server, and a screen's end attached to it, on a clock that runs fast.
final class Stand: Sendable {
    let clock: TickingTime
    let host: FarHost
    let fleet: ScriptedFleet
    let attached: AttachedFleet
    let link: AttachLink
    private let server = Mutex<(server: AttachServer, task: Task<Void, Never>)?>(nil)
    private let states = Mutex<[LinkState]>([])
    private let life: Mutex<Task<Void, Never>?> = Mutex(nil)

    var time: TimeSource { clock.source }

    init(
        _ snapshot: Snapshot = World.snapshot(20), speed: Double = 40, quality: MemoryPipe.Quality = .init(),
        outbox: Int = Outbox.limit, perform: AttachServer.Perform? = nil
    ) {
        clock = TickingTime(speed: speed)
        host = FarHost("ops", clock.source, quality: quality)
        fleet = ScriptedFleet(snapshot)
        link = Self.link(host, clock.source)
        attached = AttachedFleet([link], time: clock.source)
        begin(outbox: outbox, perform: perform)
        let (attached, states) = (attached, attached.linkStates)
        life.withLock { $0 = Task { await attached.run() } }
        Task { for await (_, state) in states { self.note(state) } }
    }

    static func link(_ way: FarHost, _ time: TimeSource) -> AttachLink {
        AttachLink(
            host: way.place, way: way, program: "slipway test", ownHost: "laptop", time: time,
            backoff: Backoff(first: 1, longest: 60, jitter: 0), chance: { 0 })
    }

    private func note(_ state: LinkState) { states.withLock { $0.append(state) } }

    /// How the link stood, oldest first.
    var told: [LinkState] { states.withLock { $0 } }
    var resumed: [(gap: Double, reread: Int)] {
        told.compactMap { if case .resumed(let gap, let reread) = $0 { (gap, reread) } else { nil } }
    }
    var losses: [String] { told.compactMap { if case .lost(_, _, let sentence, _) = $0 { sentence } else { nil } } }

    var serving: AttachServer? { server.withLock { $0?.server } }

    /// A new run of the far program.
    func begin(_ other: ScriptedFleet? = nil, outbox: Int = Outbox.limit, perform: AttachServer.Perform? = nil) {
        var setting = AttachServer.Setting(program: "slipway test", host: "ops")
        setting.outbox = outbox
        let server = AttachServer(other ?? fleet, setting: setting, time: time, perform: perform)
        let old = self.server.withLock { held in
            defer { held = (server, Task { await server.run() }) }
            return held
        }
        host.answers(server)
        old?.task.cancel()
        host.pipe?.cut()
    }

    /// Until the screen shows what is there.
    func untilEqual(_ other: ScriptedFleet? = nil) async throws {
        let fleet = other ?? self.fleet
        try await eventually("both fleets are equal") { try await json(attached.current()) == json(fleet.snapshot) }
    }

    func end() async {
        await attached.stop()
        let held = server.withLock { $0 }
        held?.task.cancel()
        await held?.task.value
        await life.withLock { $0 }?.value
        clock.end()
    }

    /// Runs a test, and takes everything down.
    func whole(_ body: (Stand) async throws -> Void) async throws {
        do { try await body(self) } catch {
            await end()
            throw error
        }
        await end()
        // Nothing is left on either side.
        #expect(host.open == 0)
        #expect(await serving?.readers == 0)
    }
}
