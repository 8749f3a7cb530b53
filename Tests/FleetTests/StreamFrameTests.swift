import Foundation
import Testing

@testable import Fleet

@Suite struct StreamFrameTests {
    static let at = Date(timeIntervalSince1970: 1_795_212_000.125)
    static let position = StreamPosition(epoch: "k3x9", seq: 12)

    static func item(_ word: String = "Up") -> Item {
        Item(
            id: ItemID(text: "metal/lab/1"), kind: .metal, name: "node-1", source: SourceID("lab"), state: .running,
            word: word, evidence: Evidence(at: at, from: "status API"))
    }

    static let source = Source(id: SourceID("lab"), kind: .metal, state: .live, lastSuccess: at, period: 2)
    static let event = Event(at: at, kind: .metal, source: SourceID("lab"), name: "lab", level: .info, text: "up")

    static let frames: [StreamFrame] = [
        .hello(
            .init(program: "slipway 1", host: "ops", position: position, clock: at, capabilities: [.runs, .actions])),
        .hello(.init(program: "slipway 1", host: "here", clock: at, resume: position)),
        .fleet(
            .init(
                position: position, at: at, since: 4, items: [StreamItem(item())], gone: [ItemID(text: "metal/lab/2")],
                sources: [source], events: [event], isLast: false)),
        .change(
            .init(
                seq: 13, at: at,
                items: [.whole(StreamItem(item())), .patch(item().id, .between(old: item(), new: item("Down")))],
                gone: [ItemID(text: "metal/lab/3")], sources: [source],
                heard: [SourceID("dc"): at.addingTimeInterval(-1.25)], events: [event])),
        .ping(clock: at), .pong(clock: at, own: at.addingTimeInterval(3)),
        .request(.init(number: 1, wish: .refresh(nil))), .request(.init(number: 2, wish: .refresh(SourceID("lab")))),
        .request(.init(number: 3, wish: .runs(item().id, limit: 20))),
        .request(.init(number: 4, wish: .action(Action(.reset, item: item().id, isConfirmed: true)))),
        .request(.init(number: 5, wish: .fleet(since: position))), .request(.init(number: 6, wish: .fleet(since: nil))),
        .response(.init(number: 1, answer: .done)),
        .response(
            .init(
                number: 3,
                answer: .runs([
                    Run(
                        item: item().id, kind: .metal, name: "n", source: SourceID("lab"), startedAt: at,
                        endedAt: at.addingTimeInterval(60), outcome: .done, word: "Up")
                ]))),
        .response(.init(number: 4, answer: .outcome(.init(isGood: false, "it is lent", advice: "wait")))),
        .response(.init(number: 5, answer: .refused(sentence: "not here", advice: ""))),
        .bye(sentence: "the agent is stopping", advice: "start it again"),
    ]

    @Test(arguments: frames)
    func isOneLineAndComesBack(frame: StreamFrame) throws {
        let line = StreamLines.line(frame)
        #expect(line.last == 0x0A && line.dropLast().allSatisfy { $0 >= 0x20 })
        #expect(try StreamLines.frame(line.dropLast()) == frame)
    }

    /// The guide shows one line for each sort of frame. It is a public format: what stands there goes on being read and written so.
    @Test func theGuideShowsWhatIsSpoken() throws {
        let guide = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Fleet/README.md")
        let lines = try String(contentsOf: guide, encoding: .utf8).split(separator: "\n").filter {
            $0.hasPrefix(#"{""#)
        }
        for line in lines {
            let frame = try StreamLines.frame(line.utf8)
            #expect(String(decoding: StreamLines.line(frame).dropLast(), as: UTF8.self) == line)
        }
        let sorts = Set(
            try lines.compactMap { try JSONReader.value(Array($0.utf8), isFromOutside: true).object?.keys.first })
        #expect(sorts == ["hello", "fleet", "change", "ping", "pong", "request", "response", "bye"])
    }

    /// What a newer version adds is passed over; what it does to the frames that we know must not be guessed at.
    @Test(arguments: [
        (#"{"weather":{"sun":true}}"#, StreamFrame.unknown("weather")),
        (#"{"also":1,"ping":{"clock":"2026-11-20T22:00:00.125Z","mood":"good"}}"#, .ping(clock: at)),
        (#"{"request":{"number":9,"dance":{}}}"#, .request(.init(number: 9, wish: .unknown("dance")))),
        (
            #"{"request":{"number":9,"action":{"verb":"paint","item":"x","isConfirmed":true}}}"#,
            .request(.init(number: 9, wish: .unknown("action")))
        ),
        (#"{"response":{"number":9,"song":[1]}}"#, .response(.init(number: 9, answer: .unknown("song")))),
        // Entries that cannot be read cost only themselves.
        (
            #"{"change":{"seq":3,"at":"2026-11-20T22:00:00.125Z","gone":[1,"a/b/c"],"events":[{}],"sources":[7],"heard":{"a":"x"}}}"#,
            .change(.init(seq: 3, at: at, gone: [ItemID(text: "a/b/c")]))
        ),
    ])
    func toleratesWhatIsNew(line: String, frame: StreamFrame) throws {
        #expect(try StreamLines.frame(Array(line.utf8)) == frame)
    }

    @Test(arguments: [
        "[]", "1", "{}", #"{"ping":{}}"#, #"{"fleet":{"seq":1}}"#,
        #"{"fleet":{"epoch":"a","seq":-1,"at":"2026-11-20T22:00:00Z"}}"#,
        #"{"change":{"at":"2026-11-20T22:00:00Z"}}"#, #"{"change":{"seq":"1","at":"2026-11-20T22:00:00Z"}}"#,
        #"{"change":{"seq":1,"at":"2026-11-20T22:00:00Z","items":[{"id":"a"}]}}"#, #"{"request":{}}"#,
        #"{"response":5}"#,
    ])
    func refusesHalfAFrame(line: String) {
        #expect { try StreamLines.frame(Array(line.utf8)) } throws: {
            if case .malformed(let what)? = $0 as? StreamFault { !what.isEmpty } else { false }
        }
    }

    /// The far side has signed in, but what its items quote comes from the world.
    @Test func nothingThatArrivesCanColourATerminal() throws {
        let line = #"""
            {"change":{"seq":1,"at":"2026-11-20T22:00:00.125Z","items":[{"item":{"id":"metal/lab/1\u001b[2J","kind":"metal",
            "name":"\u001b]0;x\u0007","source":"lab","state":"running","word":"\u009b31mred","phases":[],
            "evidence":{"at":"2026-11-20T22:00:00.125Z","from":"a\r\nb"},
            "advice":["\u202e"],"detail":{"message":"\u001b[31m","reports":[]}}},
            {"id":"x","patch":[{"op":"add","path":"/word","value":"\u001b"}]}],
            "events":[{"at":"2026-11-20T22:00:00.125Z","kind":"metal","source":"lab","name":"\u0007","level":"bad","text":"\u001b[5m"}]}}
            """#.replacing("\n", with: "")
        guard case .change(let step) = try StreamLines.frame(Array(line.utf8)), case .whole(let told) = step.items[0]
        else {
            Issue.record("no change")
            return
        }
        let item = try #require(told.item())
        let said = [item.id.text, item.name, item.word, item.evidence.from] + item.advice + step.events.map(\.text)
        #expect(
            said == [
                "metal/lab/1\u{FFFD}[2J", "\u{FFFD}]0;x\u{FFFD}", "\u{FFFD}31mred", "a  b", "\u{FFFD}", "\u{FFFD}[5m",
            ])
        let all = "\(step)"
        #expect(!all.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
    }

    @Test func aResponseKeepsToALine() throws {
        let run = Run(
            item: Self.item().id, kind: .metal, name: String(repeating: "n", count: 5000), source: SourceID("lab"),
            startedAt: Self.at, endedAt: Self.at, outcome: .done, word: "Up")
        let line = StreamLines.line(.response(.init(number: 1, answer: .runs(Array(repeating: run, count: 1000)))))
        guard case .response(let response) = try StreamLines.frame(line.dropLast()),
            case .runs(let runs) = response.answer
        else {
            Issue.record("no runs")
            return
        }
        #expect(runs.count > 100 && runs.count < 250)
    }

    @Test(arguments: [
        ("1.0", nil), ("1.7", nil), ("1.0.3", nil), ("2.0", "Install the newer slipway on this host"),
        ("0.9", "Install the newer slipway on ops"), ("x", "Look what answers on ops"),
        ("", "Look what answers on ops"),
    ])
    func versionsThatUnderstandEachOther(theirs: String, advice: String?) {
        let mismatch = StreamVersion.current.mismatch(with: theirs, on: "ops")
        #expect(mismatch?.advice == advice)
        #expect(mismatch?.sentence.contains("ops speaks") ?? true)
    }
}

@Suite struct StreamLinesTests {
    /// However the bytes arrive, the same lines come out.
    @Test(arguments: [1, 2, 7, 64, 100_000])
    func cutsWhateverArrives(size: Int) throws {
        let sent = StreamFrameTests.frames.map(StreamLines.line)
        let bytes = Array("\r\n\n".utf8) + sent.joined() + Array("half".utf8)
        var lines = StreamLines()
        var read: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines.take(bytes[start..<min(bytes.count, start + size)])
            while let line = try lines.next() { read.append(line + [0x0A]) }
        }
        #expect(read == sent)
    }

    @Test func aLineWithoutEndIsGivenUp() throws {
        var lines = StreamLines()
        let chunk = [UInt8](repeating: 0x61, count: 64 << 10)
        for _ in 0..<16 {
            lines.take(chunk)
            #expect(try lines.next() == nil)
        }
        lines.take([0x61])
        #expect(throws: StreamFault.tooLong) { try lines.next() }
        #expect(throws: StreamFault.tooLong) { try StreamLines.frame([UInt8](repeating: 0x20, count: (1 << 20) + 1)) }
    }
}

@Suite struct StreamClockTests {
    static let now = Date(timeIntervalSince1970: 1_795_212_000)

    /// A pong to a clock that is `ahead`, by a way that takes so long there and back.
    static func pong(_ clock: inout StreamClock, ahead: Double, there: Double, back: Double, sent: Date = now) {
        clock.took(
            sent: sent, far: sent.addingTimeInterval(there + ahead), received: sent.addingTimeInterval(there + back))
    }

    @Test func theShortestWayCounts() throws {
        var clock = StreamClock()
        #expect(clock.offset == 0 && clock.roundTrip == nil)
        clock.greeted(far: Self.now.addingTimeInterval(31), at: Self.now)
        #expect(clock.offset == 31)
        Self.pong(&clock, ahead: 30, there: 1.5, back: 0.1)
        // It may only have been held up: no link is called slow for one.
        #expect(clock.roundTrip != nil && clock.steadyRoundTrip == nil)
        Self.pong(&clock, ahead: 30, there: 0.02, back: 0.02)
        Self.pong(&clock, ahead: 30, there: 0.1, back: 2)
        #expect(abs(clock.offset - 30) < 0.001)
        #expect(abs(try #require(clock.steadyRoundTrip) - 0.04) < 0.001)
        #expect(abs(clock.far(Self.now).timeIntervalSince(Self.now) - 30) < 0.001)
    }

    @Test func oldSamplesAreForgotten() {
        var clock = StreamClock()
        Self.pong(&clock, ahead: -5, there: 0.01, back: 0.01)
        for _ in 0..<8 { Self.pong(&clock, ahead: -5, there: 0.3, back: 0.1) }
        #expect(abs(clock.offset + 4.9) < 0.001)
    }

    /// One of the clocks was set: what was measured before is of no use, however short its way was.
    @Test func aClockThatWasSetCountsAtOnce() {
        var clock = StreamClock()
        Self.pong(&clock, ahead: 0, there: 0.01, back: 0.01)
        Self.pong(&clock, ahead: 3600, there: 0.2, back: 0.2)
        #expect(abs(clock.offset - 3600) < 0.001)
        // Ours was set back while the ping was away.
        clock.took(sent: Self.now, far: Self.now, received: Self.now.addingTimeInterval(-60))
        #expect(abs(clock.offset - 3600) < 0.001)
    }
}
