#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the warm interpreter says, cut out of its output. Pure: bytes of any size go in, whole frames come out.
struct WorkerFrames {
    struct Frame: Equatable {
        enum Outcome: String {
            /// Once, instead of an answer: the library is loaded, or it cannot be.
            case ready, unfit
            case ok, refused, timeout, died, large, stats
        }

        var id: Int
        var outcome: Outcome
        var body: Data
    }

    /// What the worker sends at most in one frame, and what of a header can be one.
    static let largest = 8 << 20
    private static let longestHeader = 64

    private var bytes: [UInt8] = []

    /// - Throws: `PclusterProblem` when this is no frame, or too large a one; nothing can be read after that.
    mutating func take(_ piece: [UInt8]) throws(PclusterProblem) -> [Frame] {
        bytes.append(contentsOf: piece)
        var frames: [Frame] = []
        var start = 0
        while let end = bytes[start...].prefix(Self.longestHeader).firstIndex(of: 0x0A) {
            let words = String(decoding: bytes[start..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, let id = Int(words[0]), let outcome = Frame.Outcome(rawValue: String(words[1])),
                let length = Int(words[2]), length >= 0
            else { throw .unreadable }
            guard length <= Self.largest else { throw .tooLarge(length) }
            guard bytes.count - end - 1 >= length else { break }
            frames.append(
                Frame(id: id, outcome: outcome, body: Data(bytes[(end + 1)..<(end + 1 + length)])))
            start = end + 1 + length
        }
        bytes.removeFirst(start)
        if bytes.count >= Self.longestHeader, !bytes.prefix(Self.longestHeader).contains(0x0A) { throw .unreadable }
        return frames
    }
}
