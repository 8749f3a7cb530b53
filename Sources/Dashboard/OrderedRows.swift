/// A sorted list that stays cheap when it is long: rows lie in chunks, so that putting one in, taking one out and finding a place
/// cost about the same among 100 and among 10,000.
struct OrderedRows<Key: Comparable & Sendable>: Sendable {
    private static var chunkLimit: Int { 128 }

    /// Never empty chunks; keys ascend within and across them.
    private var chunks: [[Key]] = []
    private(set) var count = 0

    init() {}

    /// - Parameter keys: in any order; equal ones must not occur.
    init(_ keys: [Key]) {
        let sorted = keys.sorted()
        let step = Self.chunkLimit / 2
        chunks = stride(from: 0, to: sorted.count, by: step).map { Array(sorted[$0..<min($0 + step, sorted.count)]) }
        count = sorted.count
    }

    subscript(index: Int) -> Key? {
        guard index >= 0 else { return nil }
        var rest = index
        for chunk in chunks {
            if rest < chunk.count { return chunk[rest] }
            rest -= chunk.count
        }
        return nil
    }

    mutating func insert(_ key: Key) {
        count += 1
        guard !chunks.isEmpty else {
            chunks = [[key]]
            return
        }
        let chunk = min(chunkIndex(for: key), chunks.count - 1)
        chunks[chunk].insert(key, at: Self.place(of: key, in: chunks[chunk]))
        if chunks[chunk].count > Self.chunkLimit {
            let half = chunks[chunk].count / 2
            let upper = Array(chunks[chunk][half...])
            chunks[chunk].removeSubrange(half...)
            chunks.insert(upper, at: chunk + 1)
        }
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        let chunk = chunkIndex(for: key)
        guard chunk < chunks.count else { return false }
        let place = Self.place(of: key, in: chunks[chunk])
        guard place < chunks[chunk].count, chunks[chunk][place] == key else { return false }
        chunks[chunk].remove(at: place)
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
        count -= 1
        return true
    }

    /// How many rows stand before `key`; its index, if it is one of them.
    func index(of key: Key) -> Int {
        let chunk = chunkIndex(for: key)
        let before = chunks.prefix(chunk).reduce(0) { $0 + $1.count }
        return chunk < chunks.count ? before + Self.place(of: key, in: chunks[chunk]) : before
    }

    /// The first chunk that does not end before `key`.
    private func chunkIndex(for key: Key) -> Int {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if let last = chunks[middle].last, last < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func place(of key: Key, in chunk: [Key]) -> Int {
        var low = 0
        var high = chunk.count
        while low < high {
            let middle = (low + high) / 2
            if chunk[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
