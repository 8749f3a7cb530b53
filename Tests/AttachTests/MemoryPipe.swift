import Fleet
import Foundation
import Synchronization
import Upstream

/// A connection in memory: as far, as narrow and as reliable as a test wants it.
final class MemoryPipe: Sendable {
    struct Closed: Error {}

    /// Seconds that bytes are on their way, and how many pass in a second.
    struct Quality: Sendable {
        var delay = 0.0
        var rate = Double.infinity
    }

    /// Bytes under way before a writer has to wait.
    static let capacity = 32 << 10

    private struct Direction {
        var pieces: [(due: Double, bytes: [UInt8])] = []
        var waiting = 0
        var free = 0.0
        var isStalled = false
        var count = 0
    }

    private struct State {
        var up = Direction()
        var down = Direction()
        var isCut = false
    }

    private let state = Mutex(State())
    private let time: TimeSource
    private let quality: Quality

    init(_ time: TimeSource, quality: Quality = Quality()) {
        self.time = time
        self.quality = quality
    }

    /// The end of who has connected, and of who was connected to.
    var near: End { End(pipe: self, isNear: true) }
    var far: End { End(pipe: self, isNear: false) }

    func cut() { state.withLock { $0.isCut = true } }
    var isCut: Bool { state.withLock { $0.isCut } }

    /// What the far end says is not read any more.
    func stall(_ isStalled: Bool) { state.withLock { $0.down.isStalled = isStalled } }

    /// Bytes that were said so far, both ways.
    var count: Int { state.withLock { $0.up.count + $0.down.count } }

    /// In pieces, so that of a long line the first bytes arrive long before the last.
    private func write(_ bytes: [UInt8], isNear: Bool) async throws {
        for start in stride(from: 0, to: bytes.count, by: 1024) {
            try await writePiece(Array(bytes[start..<min(start + 1024, bytes.count)]), isNear: isNear)
        }
    }

    private func writePiece(_ bytes: [UInt8], isNear: Bool) async throws {
        while true {
            let now = time.uptime()
            let isDone = try state.withLock { state in
                if state.isCut { throw Closed() }
                let path: WritableKeyPath<State, Direction> = isNear ? \.up : \.down
                guard state[keyPath: path].waiting < Self.capacity else { return false }
                let start = max(now, state[keyPath: path].free)
                state[keyPath: path].free = start + Double(bytes.count) / quality.rate
                state[keyPath: path].pieces.append((state[keyPath: path].free + quality.delay, bytes))
                state[keyPath: path].waiting += bytes.count
                state[keyPath: path].count += bytes.count
                return true
            }
            if isDone { return }
            try await time.sleep(0.001)
        }
    }

    private func read(isNear: Bool) async throws -> [UInt8]? {
        while true {
            let now = time.uptime()
            let (bytes, isOver) = state.withLock { state -> ([UInt8], Bool) in
                let path: WritableKeyPath<State, Direction> = isNear ? \.down : \.up
                guard !state.isCut else { return ([], true) }
                guard !state[keyPath: path].isStalled else { return ([], false) }
                let ready = state[keyPath: path].pieces.prefix { $0.due <= now }
                state[keyPath: path].pieces.removeFirst(ready.count)
                let bytes = ready.flatMap(\.bytes)
                state[keyPath: path].waiting -= bytes.count
                return (bytes, false)
            }
            if isOver { return nil }
            if !bytes.isEmpty { return bytes }
            try await time.sleep(0.001)
        }
    }

    struct End: Conversation {
        fileprivate let pipe: MemoryPipe
        fileprivate let isNear: Bool

        func write(_ bytes: [UInt8]) async throws { try await pipe.write(bytes, isNear: isNear) }

        func read(_ take: @Sendable ([UInt8]) async throws -> Void) async throws {
            // In pieces of any size, as from a network.
            while let bytes = try await pipe.read(isNear: isNear) {
                for start in stride(from: 0, to: bytes.count, by: 1399) {
                    try await take(Array(bytes[start..<min(start + 1399, bytes.count)]))
                }
            }
        }

        func close() { pipe.cut() }
    }
}
