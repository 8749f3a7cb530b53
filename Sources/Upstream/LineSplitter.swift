import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Cuts what arrives in pieces into lines.
struct LineSplitter {
    private let limit: Int
    private var buffer = ByteBuffer()
    /// Bytes of the buffer that are known to hold no line end: a long line is not searched again with each piece.
    private var searched = 0

    init(limit: Int) { self.limit = limit }

    mutating func take(_ piece: ByteBuffer) throws {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(piece)
        guard buffer.readableBytes <= limit || buffer.readableBytesView.dropFirst(searched).contains(0x0A) else {
            throw NIOTooManyBytesError(maxBytes: limit)
        }
    }

    /// The next whole line that is not empty, without its end.
    mutating func next() -> Data? {
        while true {
            let view = buffer.readableBytesView
            guard let end = view.dropFirst(searched).firstIndex(of: 0x0A) else {
                searched = view.count
                return nil
            }
            let line = view[view.startIndex..<end]
            buffer.moveReaderIndex(forwardBy: line.count + 1)
            searched = 0
            if let line = Self.trimmed(line) { return line }
        }
    }

    /// What came after the last line end.
    func last() -> Data? { Self.trimmed(buffer.readableBytesView) }

    private static func trimmed(_ line: ByteBufferView) -> Data? {
        let line = line.last == 0x0D ? line.dropLast() : line
        return line.isEmpty ? nil : Data(line)
    }
}
