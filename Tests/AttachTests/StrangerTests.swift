import Fleet
import Foundation
import TestSupport
import Testing
import Upstream

@testable import Attach

/// The other side is not what it should be.
@Suite(.timeLimit(.minutes(5))) struct StrangerTests {
    private static func line(_ frame: StreamFrame) -> [UInt8] { StreamLines.line(frame) }
    private static func hello(_ version: String = "1.0") -> [UInt8] {
        line(
            .hello(
                .init(
                    version: version, program: "slipway", host: "ops", position: .init(epoch: "e", seq: 0),
                    clock: ManualTime.start)))
    }

    /// What the link tells of a host that says this and waits.
    private static func loss(_ said: [[UInt8]], closes: Bool = false) async throws -> (String, String) {
        let clock = TickingTime(speed: 50)
        let host = FarHost("ops", clock.source)
        host.answers { talk in
            for bytes in said { try? await talk.write(bytes) }
            // What was said is read before the end is noticed.
            if closes { try? await clock.source.sleep(1) } else { try? await talk.read { _ in } }
        }
        let link = Stand.link(host, clock.source)
        let fleet = AttachedFleet([link], time: clock.source)
        await fleet.start()
        let problem = await link.firstOutcome()
        await fleet.stop()
        #expect(host.open == 0)
        clock.end()
        let found = try #require(problem)
        return (found.sentence, found.advice)
    }

    @Test func anotherVersionIsOneSentence() async throws {
        let (sentence, advice) = try await Self.loss([Self.hello("2.3")])
        #expect(sentence == "ops speaks version 2.3 of the stream and this slipway 1.0.")
        #expect(advice == "Install the newer slipway on this host.")
    }

    @Test func anOlderMinorVersionIsUnderstood() async throws {
        let clock = TickingTime(speed: 50)
        let host = FarHost("ops", clock.source)
        let source = StreamSource(World.snapshot(3), epoch: "e")
        host.answers { talk in
            try? await talk.write(Self.hello("1.9"))
            try? await talk.write([UInt8](#"{"weather":{"is":"fine"}}"#.utf8) + [10])
            for frame in source.fleet(since: nil, at: ManualTime.start) { try? await talk.write(Self.line(frame)) }
            try? await talk.read { _ in }
        }
        let link = Stand.link(host, clock.source)
        let fleet = AttachedFleet([link], time: clock.source)
        await fleet.start()
        #expect(await link.firstOutcome(isWhole: true) == nil)
        #expect(await fleet.current().items.count == 3)
        await fleet.stop()
        clock.end()
    }

    @Test func startFilesMayTalkFirst() async throws {
        let (sentence, _) = try await Self.loss(
            [
                Array("Welcome!\nLast login: today".utf8), [10], Self.hello(),
                Array("Connection reset by peer\n{\u{1B}[31m\n".utf8),
            ])
        #expect(sentence == "ops cannot be understood: the other side sent something that is not JSON.")
    }

    @Test func whatIsSaidInsteadOfAGreetingIsTheReason() async throws {
        let (sentence, _) = try await Self.loss([Array("a\u{1B}[2Jb\nno such thing\n".utf8)], closes: true)
        #expect(sentence == "ops cannot be reached: no such thing")
        let (silent, _) = try await Self.loss([])
        #expect(silent == "ops has said nothing for 30s.")
    }

    @Test func garbageOfAnySizeIsASentence() async throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: StreamLines.limit + 10)
        var random = World(seed: 8)
        let noise = (0..<200_000).map { _ in UInt8(random.chance(256)) }
        let deep: [UInt8] = (0..<100_000).flatMap { _ in Array(#"{"a":"#.utf8) } + [10]
        for (said, part) in [
            ([long], "ops"), ([noise], "ops"), ([Self.hello(), long], "more than 1 MiB"),
            ([Self.hello(), noise + [10]], "ops"), ([Self.hello(), deep], "nested"),
            ([Self.hello(), Array(#"{"fleet":{"items":7}}"#.utf8) + [10]], "cannot be read"),
        ] {
            let (sentence, _) = try await Self.loss(said)
            #expect(sentence.contains(part))
            #expect(!sentence.contains { $0.isNewline } && sentence.count < 500)
        }
    }

    /// A host that wants a person to answer something.
    private struct LockedWay: AttachWay {
        let place = "ops"
        func open(
            _ body: @escaping @Sendable (any Conversation) async throws -> Void
        ) async throws(UpstreamProblem) { throw problem(said: []) }
        func problem(said: [String]) -> UpstreamProblem {
            UpstreamProblem(.untrusted, "ops does not let us in.", advice: "Sign in.")
        }
    }

    @Test func whoHasSignedInIsConnectedAtOnce() async throws {
        let clock = TickingTime(speed: 50)
        let server = AttachServer(
            ScriptedFleet(World.snapshot(2)), setting: .init(program: "t", host: "ops"), time: clock.source)
        let serving = Task { await server.run() }
        let host = FarHost("ops", clock.source)
        host.answers(server)
        let link = AttachLink(
            host: "ops", way: LockedWay(), program: "t", ownHost: "laptop", time: clock.source)
        let fleet = AttachedFleet([link], time: clock.source)
        await fleet.start()
        #expect(await fleet.firstOutcomes().first?.problem?.reason == .untrusted)
        let start = clock.source.uptime()
        await fleet.retry("ops", by: host)
        #expect(await fleet.firstOutcomes().first?.problem == nil)
        // It would have waited for a minute by itself.
        #expect(clock.source.uptime() - start < 30)
        await fleet.stop()
        serving.cancel()
        await serving.value
        clock.end()
    }

    @Test func aFarewellIsToldInItsOwnWords() async throws {
        let bye = Self.line(.bye(sentence: "No source is configured.", advice: "Write one."))
        let (sentence, advice) = try await Self.loss([Self.hello() + bye])
        #expect(sentence == "No source is configured." && advice == "Write one.")
    }

    // MARK: strangers at the server

    /// What a server answers to who says this, until it closes.
    private static func answer(_ said: [UInt8], _ body: (AttachServer) async throws -> Void = { _ in }) async throws
        -> [StreamFrame]
    {
        let clock = TickingTime(speed: 50)
        let server = AttachServer(
            ScriptedFleet(World.snapshot(2)), setting: .init(program: "t", host: "ops"), time: clock.source)
        let serving = Task { await server.run() }
        let pipe = MemoryPipe(clock.source)
        let heard = Heard()
        async let reading: Void? = try? pipe.near.read { await heard.take($0) }
        async let talking: Void = {
            await server.serve(pipe.far)
            try? await clock.source.sleep(1)
            pipe.cut()
        }()
        try? await pipe.near.write(said)
        await talking
        _ = await reading
        #expect(await server.readers == 0)
        try await body(server)
        serving.cancel()
        await serving.value
        clock.end()
        return await heard.frames
    }

    private actor Heard {
        private var lines = StreamLines()
        private(set) var frames: [StreamFrame] = []

        func take(_ bytes: [UInt8]) {
            lines.take(bytes)
            while let line = try? lines.next() {
                if let frame = try? StreamLines.frame(line) { frames.append(frame) }
            }
        }
    }

    @Test func aServerLetsStrangersGoWithASentence() async throws {
        let garbage = try await Self.answer(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        guard case .bye(let sentence, _) = garbage.last else { throw NeverCame(description: "\(garbage)") }
        #expect(sentence.contains("not JSON"))

        let newer = try await Self.answer(
            Self.line(.hello(.init(version: "2.0", program: "x", host: "laptop", clock: ManualTime.start))))
        guard case .hello = newer.first, case .bye(let reason, let advice) = newer.last else {
            throw NeverCame(description: "\(newer)")
        }
        #expect(reason.contains("laptop speaks version 2.0") && advice.contains("Install the newer slipway"))
    }

    @Test func whoSaysNothingIsLetGo() async throws {
        #expect(try await Self.answer([]).allSatisfy { if case .ping = $0 { true } else { false } })
    }
}
