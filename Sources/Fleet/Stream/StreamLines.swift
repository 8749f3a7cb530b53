/// Frames as lines of JSON, and bytes as they arrive cut into lines: one value for each connection's reading end.
public struct StreamLines: Sendable {
    /// The longest line in bytes, without its end. A longer one is the work of something that is not us.
    public static let limit = 1 << 20
    /// What a frame may hold of parts that grow with the fleet: a line less what stands around them.
    static let room = limit - (64 << 10)

    /// What has arrived and was not yet given out.
    private var bytes: [UInt8] = []
    /// Where in it the next line begins, and up to where no end of it was found.
    private var start = 0
    private var searched = 0

    public init() {}

    /// The line of a frame with its end. The same bytes serve every reader.
    public static func line(_ frame: StreamFrame) -> [UInt8] {
        var bytes = JSONWriter.bytes(frame.value)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// - Parameter line: without its end. All text in it becomes harmless (`StreamGuard`).
    /// - Throws: `tooLong`, `notJSON`, `tooDeep` or `malformed`.
    public static func frame(_ line: some Collection<UInt8>) throws(StreamFault) -> StreamFrame {
        guard line.count <= limit else { throw .tooLong }
        return try StreamFrame(try JSONReader.value(Array(line), isFromOutside: true))
    }

    /// Takes what has arrived. Call `next` until it gives nothing before more is taken, so that little waits here.
    public mutating func take(_ arrived: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: arrived)
    }

    /// - Returns: the next whole line without its end; nil when more must arrive first. Empty lines are passed over.
    /// - Throws: `tooLong`; nothing can be read from this connection any more.
    public mutating func next() throws(StreamFault) -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<end]
            start = end + 1
            searched = start
            guard line.count <= Self.limit else { throw .tooLong }
            if !line.isEmpty, line != [UInt8(ascii: "\r")] { return Array(line) }
        }
        searched = bytes.count
        guard bytes.count - start <= Self.limit else { throw .tooLong }
        return nil
    }
}
