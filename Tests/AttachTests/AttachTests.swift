import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Upstream

@testable import Attach

@Suite(.timeLimit(.minutes(5))) struct AttachTests {
    @Test(arguments: [11, 12] as [UInt64])
    func theScreenEqualsTheFarFleetAfterTenCuts(seed: UInt64) async throws {
        try await Stand(quality: .init(delay: 0.1, rate: 50_000)).whole { stand in
            var world = World(seed: seed)
            try await stand.untilEqual()
            for cut in 1...10 {
                for _ in 0..<30 {
                    stand.fleet.tell([world.change(items: 40)])
                    if world.chance(3) == 0 { try await stand.time.sleep(Double(world.chance(20)) / 10) }
                }
                stand.host.pipe?.cut()
                stand.fleet.tell((0..<world.chance(5)).map { _ in world.change(items: 40) })
                try await eventually("the link is back") { stand.resumed.count >= cut }
            }
            try await stand.untilEqual()
            #expect(stand.resumed.count == 10)
            #expect(stand.told.first == .connecting)
            // Each gap is the wait before the next try, and a way there and back.
            #expect(stand.resumed.allSatisfy { $0.gap > 0.5 && $0.gap < 30 })
            #expect(stand.losses.allSatisfy { $0 == "The connection to ops was lost." })
        }
    }

    @Test func theGapIsToldWithWhatWasMissed() async throws {
        try await Stand().whole { stand in
            try await stand.untilEqual()
            var world = World(seed: 5)
            stand.host.answers(nil)
            stand.host.pipe?.cut()
            try await eventually("it was tried in vain") { stand.host.tries >= 5 }
            let lost = await stand.attached.current()
            let source = try #require(lost.sources[World.source])
            #expect(source.state == .unreachable)
            #expect(source.error == "ops cannot be reached: nobody there")
            // Values keep their age.
            #expect(source.lastSuccess == ManualTime.start)
            #expect(lost.items == stand.fleet.snapshot.items)
            for number in [1, 1, 2, 3, 3, 4] { stand.fleet.tell([.item(world.item(number, padding: 1))]) }
            if let serving = stand.serving { stand.host.answers(serving) }
            try await stand.untilEqual()
            try await eventually("it is told") { stand.resumed.count == 1 }
            // 1 + 2 + 4 + 8 s of waiting at least.
            #expect(stand.resumed[0].gap >= 15)
            #expect(stand.resumed[0].reread == 4)
        }
    }

    @Test func whoDoesNotReadIsGivenTheLastValuesAndHoldsUpNobody() async throws {
        let limit = 24 << 10
        try await Stand(World.snapshot(60), speed: 10, outbox: limit).whole { stand in
            try await stand.untilEqual()
            let quick = FarHost("quick", stand.time)
            if let serving = stand.serving { quick.answers(serving) }
            let other = AttachedFleet([Stand.link(quick, stand.time)], time: stand.time)
            let life = Task { await other.run() }
            try await eventually("both read") { await stand.serving?.readers == 2 }
            stand.host.pipe?.stall(true)
            var world = World(seed: 3)
            // Ten times of what may wait, and of what the connection holds.
            for number in 0..<1200 {
                stand.fleet.tell([.item(world.item(number % 60, padding: 10))])
                if number % 40 == 39 { try await stand.time.sleep(1) }
                #expect(await stand.serving?.mostWaiting ?? 0 <= limit)
            }
            try await eventually("the other one has all") {
                try await json(other.current()) == json(stand.fleet.snapshot)
            }
            let before = stand.host.pipe?.count ?? 0
            stand.host.pipe?.stall(false)
            try await stand.untilEqual()
            // One more fleet at most, instead of all that has changed.
            #expect((stand.host.pipe?.count ?? 0) - before < 60 * 2000)
            #expect(stand.resumed.isEmpty && stand.losses.isEmpty)
            life.cancel()
            await life.value
        }
    }

    @Test func aSlowLinkOnlyTakesLonger() async throws {
        try await Stand(World.snapshot(300), quality: .init(delay: 1, rate: 2000)).whole { stand in
            try await stand.untilEqual()
            // Longer than a host may take to greet, and to be silent.
            #expect(stand.time.uptime() > 50)
            var world = World(seed: 7)
            // More than the link can carry; what arrives is never older than what may wait.
            for _ in 0..<60 {
                stand.fleet.tell((0..<20).map { _ in .item(world.item(world.chance(300), padding: 2)) })
                try await stand.time.sleep(1)
            }
            try await stand.untilEqual()
            #expect(stand.losses.isEmpty && stand.host.tries == 1)
        }
    }

    /// The screen opens with the first items; what tells of the whole fleet waits for it.
    @Test func aFleetIsLookedAtWhileItArrives() async throws {
        let clock = TickingTime(speed: 50)
        let host = FarHost("ops", clock.source)
        let gate = AsyncStream.makeStream(of: Void.self)
        host.answers { talk in
            var fleet = StreamSource(World.snapshot(200), epoch: "e").fleet(since: nil, at: ManualTime.start)
            let hello = StreamFrame.Hello(
                program: "slipway", host: "ops", position: fleet.position, clock: ManualTime.start)
            try? await talk.write(StreamLines.line(.hello(hello)))
            if let first = fleet.next() { try? await talk.write(StreamLines.line(first)) }
            for await _ in gate.stream {}
            for part in fleet { try? await talk.write(StreamLines.line(part)) }
            try? await talk.read { _ in }
        }
        let attached = AttachedFleet([Stand.link(host, clock.source)], time: clock.source)
        await attached.start()
        #expect(await attached.firstOutcomes().map(\.problem) == [nil])
        let begun = await attached.current().items.count
        #expect(begun > 0 && begun < 200)
        gate.continuation.finish()
        #expect(await attached.firstOutcomes(isWhole: true).map(\.problem) == [nil])
        #expect(await attached.current().items.count == 200)
        await attached.stop()
        var told: [LinkState] = []
        await attached.run()
        for await (_, state) in attached.linkStates { told.append(state) }
        #expect(told.prefix(2) == [.connecting, .arriving(items: begun, of: 200)])
        clock.end()
    }

    @Test func anotherRunOfTheServerIsReadAnew() async throws {
        try await Stand().whole { stand in
            var world = World(seed: 9)
            try await stand.untilEqual()
            for _ in 0..<50 { stand.fleet.tell([world.change(items: 20)]) }
            try await stand.untilEqual()
            let next = ScriptedFleet(World.snapshot(7))
            stand.begin(next)
            try await eventually("items of before are gone") {
                await stand.attached.current().items == next.snapshot.items
            }
            for _ in 0..<50 { next.tell([.item(world.item(world.chance(9)))]) }
            try await eventually("the new ones are followed") {
                await stand.attached.current().items == next.snapshot.items
            }
        }
    }

    @Test func aMinuteOfSleepIsAGapAndNothingElse() async throws {
        try await Stand(speed: 10).whole { stand in
            try await stand.untilEqual()
            stand.host.pipe?.stall(true)
            var world = World(seed: 2)
            for number in 0..<5 { stand.fleet.tell([.item(world.item(number, padding: 1))]) }
            stand.clock.jump(by: 60)
            try await eventually("it is back") { stand.resumed.count == 1 }
            try await stand.untilEqual()
            #expect(stand.losses.first?.hasPrefix("ops has said nothing for") == true)
            #expect(stand.resumed[0].gap > 55)
            #expect(stand.resumed[0].reread == 5)
        }
    }

    @Test func tenReadersCostOneEncoding() async throws {
        let clock = TickingTime(speed: 20)
        let fleet = ScriptedFleet(World.snapshot(30))
        let server = AttachServer(fleet, setting: .init(program: "t", host: "ops"), time: clock.source)
        let serving = Task { await server.run() }
        let readers = (0..<10).map { number -> AttachedFleet in
            let way = FarHost("r\(number)", clock.source)
            way.answers(server)
            return AttachedFleet([Stand.link(way, clock.source)], time: clock.source)
        }
        let lives = readers.map { reader in Task { await reader.run() } }
        try await eventually("all read") { await server.readers == 10 }
        for reader in readers { try await eventually("it is whole") { await reader.current().items.count == 30 } }
        let before = await server.encoded
        var world = World(seed: 4)
        for _ in 0..<20 {
            fleet.tell((0..<5).map { _ in .item(world.item(world.chance(30))) })
            try await clock.source.sleep(2)
        }
        for reader in readers {
            try await eventually("all are equal") { try await json(reader.current()) == json(fleet.snapshot) }
        }
        let encoded = await server.encoded - before
        #expect(encoded <= 40 && encoded > 0)
        for life in lives { life.cancel() }
        for life in lives { await life.value }
        try await eventually("all are gone") { await server.readers == 0 }
        serving.cancel()
        await serving.value
        clock.end()
    }

    @Test func anIdleLinkCostsLittle() async throws {
        try await Stand(speed: 100).whole { stand in
            try await stand.untilEqual()
            let pipe = try #require(stand.host.pipe)
            let (start, before) = (stand.time.uptime(), pipe.count)
            try await stand.time.sleep(600)
            let seconds = stand.time.uptime() - start
            #expect(stand.host.tries == 1)
            #expect(Double(pipe.count - before) / seconds < 30)
            // Both sides have given signs of life.
            #expect(pipe.count - before > 200)
        }
    }

    @Test func changesOfASecondAreToldAtOnce() async throws {
        try await Stand(speed: 10).whole { stand in
            try await stand.untilEqual()
            try await stand.time.sleep(5)
            var world = World(seed: 6)
            let before = await stand.serving?.encoded ?? 0
            let start = stand.time.uptime()
            while stand.time.uptime() - start < 10 {
                stand.fleet.tell([.item(world.item(1)), .item(world.item(2))])
                try await stand.time.sleep(0.1)
            }
            let told = (await stand.serving?.encoded ?? 0) - before
            #expect(told <= 12 && told >= 2)
        }
    }

    // MARK: asking

    @Test func requestsAreAnsweredByTheFarSide() async throws {
        let done = Mutex<[Action]>([])
        let stand = Stand(perform: { action in
            done.withLock { $0.append(action) }
            return Action.Outcome(isGood: true, "the reset has been ordered and begins")
        })
        try await stand.whole { stand in
            try await stand.untilEqual()
            let item = ItemID(text: "metal/lab/3")
            let run = Run(
                item: item, kind: .metal, name: "n3", source: World.source, startedAt: ManualTime.start,
                endedAt: ManualTime.start.addingTimeInterval(60), outcome: .done, word: "deployed")
            stand.fleet.remember([run])
            #expect(await stand.attached.runs(of: item, limit: 5) == [run])
            await stand.attached.refresh(World.source)
            await stand.attached.refresh(nil)
            #expect(stand.fleet.refreshes == [World.source, nil])
            let action = Action(.reset, item: item, isConfirmed: true)
            #expect(
                await stand.attached.perform(action) == .init(isGood: true, "the reset has been ordered and begins"))
            #expect(done.withLock { $0 } == [action])
        }
    }

    @Test func nothingIsChangedWhereTheFarSideDoesNotAllowIt() async throws {
        try await Stand().whole { stand in
            try await stand.untilEqual()
            let action = Action(.reset, item: ItemID(text: "metal/lab/3"))
            let outcome = await stand.attached.perform(action)
            #expect(!outcome.isGood && outcome.sentence == "ops lets nothing be changed")
            #expect(outcome.advice.contains("--allow-writes"))
            // Who asks all the same is refused there.
            let reply = await stand.link.ask(.action(action))
            guard case .answer(.refused(let sentence, _)) = reply else { throw NeverCame(description: "\(reply)") }
            #expect(sentence == "ops lets nothing be changed")
        }
    }

    @Test func anAnswerThatDoesNotComeIsSaid() async throws {
        let isOpen = Mutex(false)
        let stand = Stand(perform: { _ in
            try? await eventually("it may be done") { isOpen.withLock { $0 } }
            return Action.Outcome(isGood: true, "done")
        })
        try await stand.whole { stand in
            try await stand.untilEqual()
            let action = Action(.reset, item: ItemID(text: "metal/lab/3"))
            #expect(await stand.attached.perform(action).sentence == "ops did not answer within 10s")
            async let outcome = stand.attached.perform(action)
            try await stand.time.sleep(2)
            stand.host.answers(nil)
            stand.host.pipe?.cut()
            #expect(await outcome.sentence == "the link to ops was lost before the answer came")
            try await eventually("it is lost") { !stand.losses.isEmpty }
            #expect(await stand.attached.perform(action).sentence == "the link to ops is lost: nothing was done")
            isOpen.withLock { $0 = true }
        }
    }
}
