import Glibc

/// A recording of 500 nodes, 200 of them at work, as the recorder writes it: changes as they come, and the whole fleet each quarter of an
/// hour. One more item says in its name which minute it is, so that it can be seen whether a screen shows that minute.
struct RecordedDay {
    static let nodes = 500
    private static let minute = RecordedNode.step
    private static let wholeTicks = 15 * minute
    /// Lines of a whole fleet hold no more items.
    private static let itemsPerLine = 100
    private static let bufferSize = 1 << 20
    /// Nodes that can speak at the same tick are so many apart, and the first of them is so many times the tick on: 11 x 41 = 9 x 50 + 1.
    private static let stride = RecordedNode.step
    private static let turn = 41

    /// Unix seconds; a whole minute.
    let start: Double

    /// What the minute's item is called: no letter of it at the same place as in others that `differ`.
    static func sign(minute: Int) -> String {
        var seed = UInt64(truncatingIfNeeded: minute) &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
        var letters = ""
        while letters.count < 7 {
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            let letter = Character(UnicodeScalar(UInt8(ascii: "a") + UInt8(seed >> 40 & 15)))
            // A terminal may be told to repeat a letter.
            if letters.last != letter { letters.append(letter) }
        }
        return letters
    }

    /// Whether one can be waited for while the other is on the screen.
    static func differ(_ one: Int, _ other: Int) -> Bool {
        zip(sign(minute: one), sign(minute: other)).allSatisfy { $0 != $1 }
    }

    private func seconds(_ tick: Int) -> Double { start + Double(tick) * RecordedNode.tick }
    private func time(_ tick: Int) -> String { RecordedNode.time(seconds(tick)) }

    /// Writes a file that tells of some minutes.
    ///
    /// - Returns: its size in bytes.
    @discardableResult
    func write(to path: String, minutes: Range<Int>) throws -> Int {
        guard let file = fopen(path, "w") else { throw Self.problem(path) }
        defer { fclose(file) }
        chmod(path, 0o600)
        var buffer: [UInt8] = []
        var size = 0
        func put(_ line: String) throws {
            buffer.append(contentsOf: line.utf8)
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count > Self.bufferSize { try flush() }
        }
        func flush() throws {
            guard fwrite(buffer, 1, buffer.count, file) == buffer.count else { throw Self.problem(path) }
            size += buffer.count
            buffer.removeAll(keepingCapacity: true)
        }
        let first = minutes.lowerBound * Self.minute
        try put(
            #"{"hello":{"capabilities":[],"clock":"\#(time(first))","epoch":"bench","host":"bench","program":"bench","#
                + #""protocol":"1.0","seq":0}}"#)
        var seq = 0
        for tick in first..<minutes.upperBound * Self.minute {
            let changes = changes(at: tick)
            if tick > first, !changes.isEmpty {
                seq += 1
                try put(
                    #"{"change":{"at":"\#(time(tick))","heard":{"lab":0.25},"#
                        + #""items":[\#(changes.joined(separator: ","))],"seq":\#(seq)}}"#)
            }
            if (tick - first) % Self.wholeTicks == 0 { for line in whole(at: tick, seq) { try put(line) } }
        }
        try flush()
        return size
    }

    private func changes(at tick: Int) -> [String] {
        var changes: [String] = []
        for number in Swift.stride(from: Self.turn * tick % Self.stride, through: Self.nodes, by: Self.stride)
        where number > 0 {
            let node = RecordedNode(number, at: tick, epoch: start)
            if node.isSpeaking { changes.append(node.change) }
        }
        if tick % Self.minute == 0 {
            let name = "seek-\(Self.sign(minute: tick / Self.minute))"
            changes.append(
                #"{"id":"\#(RecordedNode.id(0))","patch":[{"op":"replace","path":"/name","value":"\#(name)"}]}"#)
        }
        return changes
    }

    private func whole(at tick: Int, _ seq: Int) -> [String] {
        let at = time(tick)
        let items =
            [minuteItem(at: tick)] + (1...Self.nodes).map { RecordedNode($0, at: tick, epoch: start).whole }
        func part(_ members: String, isLast: Bool) -> String {
            #"{"fleet":{"at":"\#(at)","epoch":"bench","isLast":\#(isLast),\#(members),"seq":\#(seq)}}"#
        }
        let slices = Swift.stride(from: 0, to: items.count, by: Self.itemsPerLine).map {
            part(
                #""items":[\#(items[$0..<min($0 + Self.itemsPerLine, items.count)].joined(separator: ","))]"#,
                isLast: false)
        }
        let sources =
            #""sources":[{"address":"http://10.1.0.1:8080","id":"lab","kind":"metal","lastSuccess":"\#(at)","#
            + #""period":15,"state":"live"}]"#
        return [#"{"mark":{"at":"\#(at)","items":\#(items.count)}}"#] + slices + [part(sources, isLast: true)]
    }

    /// It has failed just now, so it stands above all others.
    private func minuteItem(at tick: Int) -> String {
        """
        {"advice":["Look at its disks."],"detail":{"message":"no disk was found","node":0,"reports":[]},\
        "endedAt":"\(time(tick - Self.minute))","evidence":{"at":"\(time(tick - Self.minute))","from":"status API lab"},\
        "id":"\(RecordedNode.id(0))","kind":"metal","name":"seek-\(Self.sign(minute: tick / Self.minute))","phases":[],\
        "source":"lab","startedAt":"\(time(tick - 10 * Self.minute))","state":"failed","word":"storage_discovery"}
        """
    }

    private static func problem(_ path: String) -> BenchProblem {
        BenchProblem("\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}
