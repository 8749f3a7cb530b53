import Fleet

/// The last lines of a log, bounded by their number and by their bytes.
public struct BuildTail: Sendable, Equatable {
    /// The longest line that is kept, in bytes.
    private static let longest = 400

    /// The lines one behind the other; what is too old is dropped now and then, not at every line.
    private var bytes: [UInt8] = []
    /// Where each of them ends.
    private var ends: [Int] = []
    /// The texts of the last lines but `fresh`: looking for secrets costs far more than keeping them.
    private var texts: [String] = []
    private var fresh = 0
    private let lineLimit: Int
    private let byteLimit: Int

    public init(lines: Int = 200, bytes: Int = 32 << 10) {
        lineLimit = max(1, lines)
        byteLimit = max(Self.longest, bytes)
    }

    /// Oldest first, each one harmless line without secrets.
    public var lines: [String] {
        var settled = self
        settled.settle()
        return settled.texts
    }

    /// Makes the texts of what was added, so that they are made once however often they are asked for.
    mutating func settle() {
        var first = max(0, ends.count - lineLimit)
        while first < ends.count, bytes.count - start(first) > byteLimit { first += 1 }
        let kept = texts.suffix(max(0, ends.count - first - fresh))
        texts =
            kept
            + (first + kept.count..<ends.count).map { index in
                SecretText.line(String(decoding: bytes[start(index)..<ends[index]], as: UTF8.self))
            }
        fresh = 0
    }

    mutating func append(_ line: LineBytes) {
        var count = min(line.count, Self.longest)
        if count < line.count { while count > 0, line[count] & 0xC0 == 0x80 { count -= 1 } }
        bytes.append(contentsOf: line.base.prefix(count))
        ends.append(bytes.count)
        fresh += 1
        if ends.count >= 2 * lineLimit || bytes.count >= 2 * byteLimit { drop() }
    }

    private func start(_ index: Int) -> Int { index == 0 ? 0 : ends[index - 1] }

    private mutating func drop() {
        var first = max(0, ends.count - lineLimit)
        while first < ends.count - 1, bytes.count - start(first) > byteLimit { first += 1 }
        let from = start(first)
        bytes.removeFirst(from)
        ends.removeFirst(first)
        for index in ends.indices { ends[index] -= from }
    }
}
