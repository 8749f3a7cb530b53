import Fleet
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Takes apart what `BuildShell.follow` prints: one line about the log's size, then its bytes.
final class RemoteLog: Sendable {
    private struct State {
        var header: [UInt8] = []
        /// The log's size when it was opened; nil before the header, and where there is no log.
        var size: Int?
        var hasAnswered = false
        var wasEnded = false
        var offset: Int
        var isCurrent = false
    }

    private static let longestHeader = 4096
    private let state: Mutex<State>
    private let time: TimeSource

    init(from offset: Int, time: TimeSource) {
        state = Mutex(State(offset: offset))
        self.time = time
    }

    var offset: Int { state.withLock { $0.offset } }
    /// Whether the far side spoke to us at all.
    var hasAnswered: Bool { state.withLock { $0.hasAnswered } }
    /// Whether the build had ended before.
    var wasEnded: Bool { state.withLock { $0.wasEnded } }

    func take(_ bytes: [UInt8]) -> [BuildPiece] {
        state.withLock { state in
            guard !state.hasAnswered else { return Self.give(bytes, &state, time) }
            state.header += bytes
            // Start files of a shell may print something first.
            while let end = state.header.firstIndex(of: 0x0A) {
                let words = String(decoding: state.header[..<end], as: UTF8.self).split(separator: " ").map(String.init)
                state.header.removeFirst(end + 1)
                guard words.first == "size", words.count == 3 else { continue }
                let rest = state.header
                state.header = []
                return Self.begin(words, rest, &state, time)
            }
            if state.header.count > Self.longestHeader { state.header = [] }
            return []
        }
    }

    private static func begin(
        _ words: [String], _ rest: [UInt8], _ state: inout State, _ time: TimeSource
    ) -> [BuildPiece] {
        state.hasAnswered = true
        state.wasEnded = words[2] == "1"
        guard let size = Int(words[1]) else { return [.missing("The builder has no log of it yet.")] }
        state.size = size
        var pieces: [BuildPiece] = []
        if size < state.offset {
            pieces.append(.restarted(.truncated))
            state.offset = 0
        }
        return pieces + give(rest, &state, time)
    }

    private static func give(_ bytes: [UInt8], _ state: inout State, _ time: TimeSource) -> [BuildPiece] {
        var pieces: [BuildPiece] = []
        let size = state.size ?? 0
        var start = 0
        while start < bytes.count {
            let isPast = state.offset < size
            let room = isPast ? min(BuildPiece.largest, size - state.offset) : BuildPiece.largest
            let end = min(bytes.count, start + room)
            state.offset += end - start
            pieces.append(
                .bytes(
                    Array(bytes[start..<end]), place: BuildPlace(offset: state.offset), written: time.now(),
                    isPast: isPast))
            start = end
        }
        if !state.isCurrent, state.offset >= size {
            state.isCurrent = true
            pieces.append(.caughtUp)
        }
        return pieces
    }
}
