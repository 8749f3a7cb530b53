import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import Attach

/// Several hosts on one screen, and clocks that differ.
@Suite(.timeLimit(.minutes(5))) struct HostsTests {
    private static func server(_ fleet: ScriptedFleet, _ host: String, _ time: TimeSource) -> (
        AttachServer, Task<Void, Never>
    ) {
        let done: AttachServer.Perform = { .init(isGood: true, "\(host) does it to \($0.item)") }
        let server = AttachServer(fleet, setting: .init(program: "t", host: host), time: time, perform: done)
        return (server, Task { await server.run() })
    }

    @Test func twoHostsAreOneFleetAndOneThatIsDownDoesNotDisturbTheOther() async throws {
        let clock = TickingTime(speed: 40)
        let time = clock.source
        let names = ["ops1", "ops2"]
        let hosts = names.map { FarHost($0, time) }
        let fleets = [ScriptedFleet(World.snapshot(3)), ScriptedFleet(World.snapshot(5))]
        let servers = zip(fleets, names).map { Self.server($0, $1, time) }
        for (host, server) in zip(hosts, servers) { host.answers(server.0) }
        let attached = AttachedFleet(hosts.map { Stand.link($0, time) }, time: time)
        await attached.start()
        #expect(await attached.firstOutcomes(isWhole: true).allSatisfy { $0.problem == nil })
        let (whole, subscription) = await attached.subscribe()
        #expect(whole.items.count == 8)
        #expect(Set(whole.sources.keys.map(\.text)) == ["ops1/lab", "ops1/lab-b", "ops2/lab", "ops2/lab-b"])
        let item = try #require(whole.items[ItemID(text: "metal/ops2/lab/4")])
        #expect(item.source.text == "ops2/lab" && item.name == "n4")

        hosts[0].answers(nil)
        hosts[0].pipe?.cut()
        try await eventually("one is lost") {
            await attached.current().sources[SourceID("ops1/lab")]?.state == .unreachable
        }
        var world = World(seed: 2)
        let event = Event(
            at: ManualTime.start, kind: .metal, source: World.other, name: "lab-b", level: .info, text: "answers again")
        fleets[1].tell([.item(world.item(4, padding: 1)), .gone(ItemID(text: "metal/lab/0")), .event(event)])
        try await eventually("the other one goes on") {
            let now = await attached.current()
            return now.items.count == 7 && now.events.count == 1
        }
        let now = await attached.current()
        #expect(now.items[ItemID(text: "metal/ops2/lab/4")]?.advice.count == 1)
        #expect(now.events[0].name == "ops2/lab-b" && now.events[0].source.text == "ops2/lab-b")
        #expect(now.sources[SourceID("ops2/lab")]?.state == .live)
        #expect(now.items.keys.count { $0.text.hasPrefix("metal/ops1/") } == 3)
        // A follower that takes changes is where the fleet is.
        var followed = whole
        for change in subscription.take() { followed.apply(change) }
        #expect(try json(followed) == json(now))

        // What is asked goes to the right host under its own names.
        await attached.refresh(SourceID("ops2/lab"))
        #expect(fleets.map(\.refreshes) == [[], [World.source]])
        let outcome = await attached.perform(Action(.reset, item: ItemID(text: "metal/ops2/lab/4")))
        #expect(outcome.sentence == "ops2 does it to metal/lab/4")
        #expect(await !attached.perform(Action(.reset, item: ItemID(text: "metal/ops1/lab/1"))).isGood)
        #expect(await !attached.perform(Action(.reset, item: ItemID(text: "metal/ops3/lab/1"))).isGood)

        hosts[0].answers(servers[0].0)
        try await eventually("it is back") {
            await attached.current().sources[SourceID("ops1/lab")]?.state == .live
        }
        await attached.stop()
        for server in servers {
            server.1.cancel()
            await server.1.value
        }
        #expect(hosts.allSatisfy { $0.open == 0 })
        clock.end()
    }

    @Test(arguments: [3600.0, -90, 0.4]) func agesAreRightWhereClocksDiffer(ahead: Double) async throws {
        let clock = TickingTime(speed: 20)
        let time = clock.source
        let there = TimeSource(
            now: { time.now().addingTimeInterval(ahead) }, uptime: time.uptime, sleep: time.sleep)
        let host = FarHost("ops", time, quality: .init(delay: 0.2))
        var snapshot = World.snapshot(2)
        var source = try #require(snapshot.sources[World.source])
        source.lastSuccess = there.now().addingTimeInterval(-30)
        snapshot.apply(.source(source))
        var item = try #require(snapshot.items[ItemID(text: "metal/lab/1")])
        item.startedAt = there.now().addingTimeInterval(-300)
        item.phases[0].startedAt = there.now().addingTimeInterval(-60)
        item.advice = ["the log says 2026-11-20T22:00:00.000Z boot"]
        snapshot.apply(.item(item))
        let seenAt = time.now()
        let (server, serving) = Self.server(ScriptedFleet(snapshot), "ops", there)
        host.answers(server)
        let attached = AttachedFleet([Stand.link(host, time)], time: time)
        await attached.start()
        #expect(await attached.firstOutcomes(isWhole: true).allSatisfy { $0.problem == nil })
        let tolerance = abs(ahead) < 1 ? 1.0 : 0.7
        try await eventually("ages are right") {
            guard let source = await attached.current().sources[World.source], let last = source.lastSuccess else {
                return false
            }
            return abs(seenAt.timeIntervalSince(last) - 30) < tolerance
        }
        let seen = try #require(await attached.current().items[item.id])
        #expect(abs(seenAt.timeIntervalSince(try #require(seen.startedAt)) - 300) < tolerance)
        #expect(abs(seenAt.timeIntervalSince(try #require(seen.phases[0].startedAt)) - 60) < tolerance)
        #expect(seen.advice == item.advice)
        await attached.stop()
        serving.cancel()
        await serving.value
        clock.end()
    }

    @Test func namesTellHostsApart() {
        for (hosts, names) in [
            (["ops"], ["ops"]), (["me@ops1.example.org", "ops2"], ["ops1", "ops2"]),
            (["a@ops.lab", "a@ops.field"], ["ops.lab", "ops.field"]),
            (["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"]),
            (["a@ops", "b@ops"], ["a@ops", "b@ops"]), (["ops", "ops"], ["ops", "ops#2"]),
            (["ssh://me@ops:2222"], ["ops"]), (["ssh://me@[fe80::1]:22", "x"], ["fe80::1", "x"]),
        ] {
            #expect(HostNames.short(hosts) == names)
        }
    }

    @Test func aLensLeadsThereAndBack() throws {
        let lens = FleetLens(host: "ops")
        for id in ["metal/lab/12", "pool/a/b/c", "odd"] {
            let seen = lens.seen(ItemID(text: id))
            #expect(id == "odd" || lens.there(seen)?.text == id)
        }
        #expect(lens.there(ItemID(text: "metal/lab/12")) == nil)
        #expect(lens.there(SourceID("lab")) == nil)
        #expect(FleetLens(host: nil).there(ItemID(text: "metal/lab/12"))?.text == "metal/lab/12")
    }
}
