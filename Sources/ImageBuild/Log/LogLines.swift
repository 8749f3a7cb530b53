/// Cuts a stream of bytes into harmless lines, in constant memory, whatever comes.
///
/// A line ends with LF or CRLF. A lone CR is a redraw: what stood before it was drawn over, and is given as such, because progress bars
/// write nothing else. So does a cursor movement, by which Spack's new installer redraws its rows. Of a line that is too long the
/// beginning is kept and the rest is skipped.
public struct LogLines: Sendable, Equatable {
    /// One line. Its bytes may be looked at only during the call that gives it.
    public struct Line {
        /// Valid UTF-8 without control characters and escape sequences; tabs are blanks.
        public let bytes: UnsafeBufferPointer<UInt8>
        /// Whether something was drawn over it: it can tell of progress, and of nothing else.
        public let isRedraw: Bool
        /// Whether the line was longer than what is kept.
        public let isCut: Bool

        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// What is kept of one line, in bytes.
    public static let longest = 8 << 10
    /// An escape sequence that has not ended after so many bytes is none.
    private static let longestControl = 64
    private static let longestString = 512

    private enum Mode { case text, escape, control, charset, string, stringEscape }

    private var kept: [UInt8] = []
    /// What an unfinished escape sequence has swallowed; given back when it turns out to be none.
    private var held: [UInt8] = []
    private var mode = Mode.text
    private var hasHighBytes = false
    private var isCut = false
    private var isAfterReturn = false

    public init() {}

    /// - Parameters:
    ///   - bytes: any part of the stream; lines, escape sequences and characters may be cut anywhere.
    ///   - body: is given every line that ends in it.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer, _ body: (Line) -> Void) {
        bytes.withMemoryRebound(to: UInt8.self) { feed($0, body) }
    }

    private mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Line) -> Void) {
        let count = bytes.count
        var place = 0
        while place < count {
            guard mode == .text else {
                escape(bytes[place], body)
                place += 1
                continue
            }
            // Most of a build's output is plain lines that lie whole in the buffer; those are never copied.
            var end = place
            var high: UInt8 = 0
            while end < count {
                let byte = bytes[end]
                if byte < 0x20 || byte == 0x7F { break }
                high |= byte
                end += 1
            }
            if end > place {
                if isAfterReturn { redraw(body) }
                let isWhole = kept.isEmpty && !isCut && high < 0x80 && end - place <= Self.longest
                if isWhole, let next = lineEnd(bytes, at: end) {
                    body(Line(bytes: UnsafeBufferPointer(rebasing: bytes[place..<end]), isRedraw: false, isCut: false))
                    place = next
                    continue
                }
                if high >= 0x80 { hasHighBytes = true }
                keep(UnsafeBufferPointer(rebasing: bytes[place..<end]))
                place = end
            }
            if place < count {
                control(bytes[place], body)
                place += 1
            }
        }
    }

    /// The last line of a stream that ended without a line end.
    public mutating func end(_ body: (Line) -> Void) {
        giveBack()
        if !kept.isEmpty { emit(isRedraw: false, body) }
        self = LogLines()
    }

    /// The place behind the line end at `place`, when the whole of it is here.
    private func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int? {
        guard place < bytes.count else { return nil }
        if bytes[place] == 0x0A { return place + 1 }
        return bytes[place] == 0x0D && place + 1 < bytes.count && bytes[place + 1] == 0x0A ? place + 2 : nil
    }

    private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) {
        let room = Self.longest - kept.count
        if bytes.count <= room { return kept.append(contentsOf: bytes) }
        isCut = true
        kept.append(contentsOf: bytes.prefix(max(0, room)))
    }

    private mutating func keep(_ byte: UInt8) {
        if kept.count < Self.longest { kept.append(byte) } else { isCut = true }
    }

    private mutating func control(_ byte: UInt8, _ body: (Line) -> Void) {
        switch byte {
        case 0x0A:
            isAfterReturn = false
            emit(isRedraw: false, body)
        case 0x0D: isAfterReturn = true
        case 0x1B:
            if isAfterReturn { redraw(body) }
            mode = .escape
            held.removeAll(keepingCapacity: true)
        // Tab, vertical tab, form feed.
        case 0x09, 0x0B, 0x0C:
            if isAfterReturn { redraw(body) }
            keep(Ascii.blank)
        // NUL is what a truncated log that is still written to is full of, and what every second byte of UTF-16 is.
        default: break
        }
    }

    private mutating func escape(_ byte: UInt8, _ body: (Line) -> Void) {
        // No sequence goes beyond its line.
        if byte == 0x0A || byte == 0x0D {
            giveBack()
            return control(byte, body)
        }
        switch mode {
        case .text: break
        case .escape:
            switch byte {
            case UInt8(ascii: "["): mode = .control
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                mode = .string
            case 0x20...0x2F: mode = .charset
            case 0x1B: break
            default: mode = .text
            }
        case .charset: if !(0x20...0x2F).contains(byte) { mode = .text }
        case .control:
            if byte == 0x1B {
                mode = .escape
                held.removeAll(keepingCapacity: true)
            } else if (0x40...0x7E).contains(byte) {
                finishEscape()
                // Up, down, to the next or previous line, to a column or a place: another row is written from here.
                if (0x41...0x48).contains(byte) || byte == UInt8(ascii: "f") || byte == UInt8(ascii: "d") {
                    redraw(body)
                }
            } else {
                hold(byte, limit: Self.longestControl)
            }
        case .string:
            if byte == 0x07 {
                finishEscape()
            } else if byte == 0x1B {
                mode = .stringEscape
            } else {
                hold(byte, limit: Self.longestString)
            }
        case .stringEscape:
            if byte == UInt8(ascii: "\\") {
                finishEscape()
            } else {
                // The string was never ended: another sequence begins.
                giveBack()
                mode = .escape
                escape(byte, body)
            }
        }
    }

    private mutating func hold(_ byte: UInt8, limit: Int) {
        if byte >= 0x20, byte != 0x7F { held.append(byte) }
        if held.count >= limit { giveBack() }
    }

    private mutating func finishEscape() {
        mode = .text
        held.removeAll(keepingCapacity: true)
    }

    private mutating func giveBack() {
        mode = .text
        guard !held.isEmpty else { return }
        for byte in held {
            if byte >= 0x80 { hasHighBytes = true }
            keep(byte)
        }
        held.removeAll(keepingCapacity: true)
    }

    private mutating func redraw(_ body: (Line) -> Void) {
        isAfterReturn = false
        if !kept.isEmpty { emit(isRedraw: true, body) }
    }

    private mutating func emit(isRedraw: Bool, _ body: (Line) -> Void) {
        if hasHighBytes { kept = LogText.harmless(kept) }
        kept.withUnsafeBufferPointer { body(Line(bytes: $0, isRedraw: isRedraw, isCut: isCut)) }
        kept.removeAll(keepingCapacity: true)
        hasHighBytes = false
        isCut = false
    }
}
