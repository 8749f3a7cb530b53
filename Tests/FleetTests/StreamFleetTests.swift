import Foundation
import Testing

@testable import Fleet

/// The telling and the reading end together, over lines.
@Suite struct StreamFleetTests {
    static let at = StreamFrameTests.at

    /// What a person at the reading end must see: the same values as at the telling end, as far as they are told.
    static func shown(_ snapshot: Snapshot) -> [String: JSONValue] {
        var shown: [String: JSONValue] = [:]
        for item in snapshot.items.values { shown[item.id.text] = StreamItem(item).value }
        for source in snapshot.sources.values { shown["source " + source.id.text] = .tree(source) }
        shown["events"] = .list(snapshot.events.suffix(20).map { .tree($0) })
        return shown
    }

    static func sent(_ frames: some Sequence<StreamFrame>) throws -> [StreamFrame] {
        try frames.map { frame in
            let line = StreamLines.line(frame)
            #expect(line.count <= StreamLines.limit)
            return try StreamLines.frame(line.dropLast())
        }
    }

    /// A few changes of a random world.
    static func changes(_ random: inout StreamRandom, _ world: inout Snapshot) -> [Change] {
        let changes: [Change] = (0..<random.below(6)).map { _ in
            let item = random.item(random.below(40))
            switch random.below(8) {
            case 0: return .gone(item.id)
            case 1:
                return .event(
                    Event(
                        at: random.date(), kind: item.kind, source: item.source, name: "n", level: .bad,
                        text: "e\(random.next())"))
            case 2:
                return .source(
                    Source(
                        id: SourceID("s\(random.below(3))"), kind: .metal, state: random.below(2) == 0 ? .live : .late,
                        error: "e"))
            default:
                guard var known = world.items[item.id], random.below(2) == 0 else { return .item(item) }
                known.evidence.at = random.date()
                return .item(known)
            }
        }
        for change in changes { world.apply(change) }
        return changes
    }

    /// Frames are lost, readers are slow, connections break, servers start anew: in the end the reader shows what the server has, and each
    /// change that it gave on its way was one.
    @Test(arguments: 0..<8)
    func theReaderEndsUpWithWhatTheServerHas(seed: Int) throws {
        var random = StreamRandom(seed)
        var world = Snapshot(at: Self.at, items: (0..<10).map { random.item($0) })
        var server = StreamSource(world, epoch: "first")
        var mirror = StreamMirror(at: Self.at)
        var screen = Snapshot(at: Self.at)
        var asked: StreamPosition?? = .some(nil)
        for round in 0..<100 {
            if round == 60 { server = StreamSource(world, epoch: "second") }
            var frames = server.advance(Self.changes(&random, &world), at: Self.at)
            if let since = asked, random.below(3) > 0 {
                frames = Array(server.fleet(since: since, at: Self.at))
                asked = nil
            } else if random.below(6) == 0 {
                frames = []
            }
            for frame in try Self.sent(frames) {
                switch mirror.take(frame) {
                case .needsFleet: asked = .some(mirror.position)
                case .refused(let fault): Issue.record("\(fault)")
                case .ready, .waiting: break
                }
                guard random.below(2) == 0 else { continue }
                for change in mirror.settle().changes {
                    if case .item(let item) = change { #expect(screen.items[item.id] != item) }
                    if case .gone(let id) = change { #expect(screen.items[id] != nil) }
                    screen.apply(change)
                }
            }
        }
        for frame in try Self.sent(server.fleet(since: mirror.position, at: Self.at)) { _ = mirror.take(frame) }
        for change in mirror.settle().changes { screen.apply(change) }
        #expect(Self.shown(mirror.snapshot) == Self.shown(world))
        #expect(Self.shown(screen) == Self.shown(world))
        #expect(mirror.position == server.position)
    }

    @Test func aGapIsSeenOnceAndHealed() throws {
        var random = StreamRandom(3)
        let items = (0..<5).map { random.item($0) }
        var server = StreamSource(Snapshot(at: Self.at, items: items), epoch: "a")
        var mirror = StreamMirror(at: Self.at)
        #expect(mirror.take(.change(.init(seq: 9, at: Self.at))) == .waiting)
        for frame in server.fleet(since: nil, at: Self.at) { #expect(mirror.take(frame) == .ready) }
        #expect(mirror.settle().reread == nil)

        var steps: [StreamFrame] = []
        for (index, item) in items.prefix(4).enumerated() {
            var item = item
            item.word = "Lost\(index)"
            steps += server.advance([.item(item)], at: Self.at)
        }
        steps += server.advance([.gone(items[4].id)], at: Self.at)
        #expect(mirror.take(steps[0]) == .ready)
        #expect(mirror.take(steps[2]) == .needsFleet(.gap(due: 2, came: 3)))
        #expect(mirror.take(steps[3]) == .waiting)
        #expect(mirror.settle().changes.count == 1)

        let fleet = Array(server.fleet(since: mirror.position, at: Self.at))
        guard case .fleet(let part) = fleet[0] else { return }
        #expect(part.since == 1 && part.items.count == 3 && part.gone == [items[4].id])
        #expect(mirror.take(fleet[0]) == .ready)
        let settled = mirror.settle()
        #expect(settled.reread == 4 && settled.changes.count == 4)
        // A change that the fleet contained already changes nothing.
        #expect(mirror.take(steps[4]) == .waiting)
        #expect(mirror.take(try #require(server.advance([.item(items[0])], at: Self.at).first)) == .ready)
        #expect(mirror.settle() == .init(changes: [.item(items[0])], reread: nil))
    }

    @Test func whatDoesNotFitIsAskedForAnew() throws {
        var random = StreamRandom(4)
        let item = random.item(0)
        var mirror = StreamMirror(at: Self.at)
        _ = mirror.take(
            .fleet(.init(position: StreamPosition(epoch: "a", seq: 0), at: Self.at, items: [StreamItem(item)])))
        let patch = ItemPatch(operations: [.remove(path: "/no/such")])
        #expect(
            mirror.take(.change(.init(seq: 1, at: Self.at, items: [.patch(item.id, patch)])))
                == .needsFleet(.misfit(item.id)))
        #expect(mirror.position?.seq == 0)
        #expect(
            mirror.take(.fleet(.init(position: StreamPosition(epoch: "b", seq: 4), at: Self.at, since: 0))) == .waiting)
    }

    /// After a restart of the server only what really differs is a change.
    @Test func aWholeFleetAfterARestartTellsTheDifference() throws {
        var random = StreamRandom(5)
        var items = (0..<20).map { random.item($0) }
        let dc = Source(id: SourceID("dc"), kind: .pool, state: .live)
        let first = StreamSource(
            Snapshot(
                at: Self.at, items: items, sources: [StreamFrameTests.source, dc], events: [StreamFrameTests.event]),
            epoch: "a")
        var mirror = StreamMirror(at: Self.at)
        for frame in try Self.sent(first.fleet(since: nil, at: Self.at)) { _ = mirror.take(frame) }
        _ = mirror.settle()
        let gone = items.removeLast()
        items[3].word = "Other"
        let second = StreamSource(
            Snapshot(at: Self.at, items: items, sources: [StreamFrameTests.source], events: [StreamFrameTests.event]),
            epoch: "b")
        for frame in try Self.sent(second.fleet(since: mirror.position, at: Self.at)) { _ = mirror.take(frame) }
        let settled = mirror.settle()
        var stopped = dc
        stopped.state = .stopped
        #expect(settled.changes == [.item(items[3]), .gone(gone.id), .source(stopped)])
        #expect(settled.reread == 2)
    }

    /// A reader that was away for more vanished items than are remembered gets everything.
    @Test func beyondTheBoundTheFleetIsWhole() throws {
        var server = StreamSource(Snapshot(at: Self.at), epoch: "a")
        let start = server.position
        for number in 0..<(StreamSource.goneLimit + 10) {
            var item = StreamFrameTests.item()
            item.id = ItemID(text: "metal/lab/\(number)")
            _ = server.advance([.item(item)], at: Self.at)
            _ = server.advance([.gone(item.id)], at: Self.at)
        }
        func since(_ position: StreamPosition) -> Int? {
            var fleet = server.fleet(since: position, at: Self.at)
            guard case .fleet(let part) = fleet.next() else { return nil }
            return part.since
        }
        #expect(since(start) == nil)
        #expect(since(StreamPosition(epoch: "a", seq: 20)) == 20)
        #expect(since(StreamPosition(epoch: "a", seq: 1 << 40)) == nil)
        #expect(since(StreamPosition(epoch: "b", seq: 20)) == nil)
    }

    /// A thousand items do not fit a line; each part does, and one runaway item costs only its detail.
    @Test func aLargeFleetTakesSeveralLines() throws {
        var random = StreamRandom(6)
        var items = (0..<1000).map { random.item($0) }
        items[0].detail = .metal(MetalDetail(message: String(repeating: "x", count: 2 << 20)))
        var server = StreamSource(Snapshot(at: Self.at), epoch: "a")
        var mirror = StreamMirror(at: Self.at)
        let frames = try Self.sent(
            Array(server.fleet(since: nil, at: Self.at)) + server.advance(items.map(Change.item), at: Self.at))
        #expect(frames.count > 2)
        for frame in frames { #expect(mirror.take(frame) == .ready) }
        _ = mirror.settle()
        items[0].detail = .none
        #expect(mirror.snapshot.items == Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0) }))
        var other = StreamMirror(at: Self.at)
        for frame in try Self.sent(server.fleet(since: nil, at: Self.at)) { #expect(other.take(frame) == .ready) }
        _ = other.settle()
        #expect(other.snapshot.items == mirror.snapshot.items)
    }

    /// Over a slow link something can be looked at soon: the first part is short, and has what stands on top of every list.
    @Test func whatIsMostUrgentComesFirst() throws {
        var random = StreamRandom(11)
        var items = (0..<300).map { random.item($0) }
        for index in items.indices { items[index].state = index == 250 ? .failed : .done }
        let server = StreamSource(Snapshot(at: Self.at, items: items), epoch: "a")
        let parts = server.fleet(since: nil, at: Self.at).compactMap { frame -> (StreamFrame.Part, size: Int)? in
            guard case .fleet(let part) = frame else { return nil }
            return (part, StreamLines.line(frame).count)
        }
        let first = try #require(parts.first)
        #expect(first.0.items.first?.id == items[250].id)
        #expect(first.size < 8 << 10 && parts.allSatisfy { $0.size < 96 << 10 })
        #expect(parts.allSatisfy { $0.0.total == 300 })
        #expect(parts.map(\.0.isLast) == Array(repeating: false, count: parts.count - 1) + [true])
        #expect(parts.reduce(0) { $0 + $1.0.items.count } == 300)
    }

    /// Five live sources that only go on answering, for a minute: within what an idle attach may need, and none of them ever looks late.
    @Test func answersThatTellNothingCostLittle() throws {
        let sources = (0..<5).map {
            Source(id: SourceID("region-\($0)"), kind: .metal, state: .live, lastSuccess: Self.at, period: 2)
        }
        var server = StreamSource(Snapshot(at: Self.at, sources: sources), epoch: "a")
        var mirror = StreamMirror(at: Self.at)
        for frame in server.fleet(since: nil, at: Self.at) { _ = mirror.take(frame) }
        var bytes = 0
        for tick in 1...240 {
            let now = Self.at.addingTimeInterval(Double(tick) / 4)
            var changes: [Change] = []
            for (index, source) in sources.enumerated() where tick % 8 == index {
                var source = source
                source.lastSuccess = now
                source.nextTry = now.addingTimeInterval(2)
                changes.append(.source(source))
            }
            for frame in try Self.sent(server.advance(changes, at: now)) {
                bytes += StreamLines.line(frame).count
                #expect(mirror.take(frame) == .ready)
            }
            for change in mirror.settle().changes {
                guard case .source(let source) = change else { continue }
                #expect(source.period == 2 && source.state == .live)
            }
            #expect(mirror.snapshot.sources.values.allSatisfy { $0.state(at: now) == .live })
        }
        #expect(bytes < 60 * 120, "\(bytes / 60) B/s")
        #expect(bytes > 1000)
    }

    @Test func whatNobodyCanSeeIsNotTold() throws {
        var server = StreamSource(Snapshot(at: Self.at, items: [StreamFrameTests.item()]), epoch: "a")
        var item = StreamFrameTests.item()
        item.evidence.at.addTimeInterval(0.0001)
        #expect(server.advance([.item(item), .gone(ItemID(text: "never/seen/1"))], at: Self.at).isEmpty)
        #expect(server.position.seq == 0)
        // Of several values only the last is told, as what differs.
        let frames = server.advance(
            [.item(StreamFrameTests.item("Busy")), .item(StreamFrameTests.item("Down"))], at: Self.at)
        let patch = ItemPatch(operations: [.replace(path: "/word", "Down")])
        #expect(frames == [.change(.init(seq: 1, at: Self.at, items: [.patch(item.id, patch)]))])
    }

    /// A newer server: fields and kinds that we do not know are carried along, so that what follows still fits.
    @Test func aNewerServerIsFollowed() throws {
        var value = StreamItem(StreamFrameTests.item()).value
        value["mood"] = ["of": ["the", "day"]]
        value["word"] = "Up"
        var strange = value
        strange["id"] = "moon/lab/1"
        strange["kind"] = "moon"
        var mirror = StreamMirror(at: Self.at)
        let items = [value, strange].compactMap { StreamItem($0) }
        _ = mirror.take(.fleet(.init(position: StreamFrameTests.position, at: Self.at, items: items)))
        #expect(mirror.settle().changes == [.item(StreamFrameTests.item())])
        #expect(mirror.unreadable == 1)
        var next = value
        next["mood"] = ["of": ["the", "night"]]
        next["word"] = "Down"
        let known = strange.merged(with: ["kind": "metal"])
        let step = StreamFrame.Step(
            seq: 13, at: Self.at,
            items: [
                .patch(StreamFrameTests.item().id, .between(value, next)),
                .patch(ItemID(text: "moon/lab/1"), .between(strange, known)),
            ])
        #expect(mirror.take(.change(step)) == .ready)
        #expect(mirror.settle().changes.first == .item(StreamFrameTests.item("Down")))
        #expect(mirror.unreadable == 0 && mirror.snapshot.items.count == 2)
    }
}
