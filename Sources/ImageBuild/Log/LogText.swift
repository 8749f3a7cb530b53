/// Bytes that claim to be UTF-8 become UTF-8 that can do nothing.
enum LogText {
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// - Returns: the same text with U+FFFD in the place of what is no UTF-8, of C1 controls and of bidirectional controls, and a blank
    ///   in the place of U+2028 and U+2029, as `SafeText` does it for strings. C0 controls are not expected here.
    static func harmless(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte < 0x80 {
                result.append(byte)
                place += 1
                continue
            }
            let length = length(bytes, at: place)
            switch length {
            case 0:
                result.append(contentsOf: replacement)
                // One mark for a run of them: a binary file would treble in size otherwise.
                place += 1
                while place < bytes.count, bytes[place] >= 0x80, self.length(bytes, at: place) == 0 { place += 1 }
            default:
                if isMark(bytes, at: place) {
                    // A byte order mark says nothing, and would stand in front of the first line's meaning.
                } else if isSeparator(bytes, at: place) {
                    result.append(Ascii.blank)
                } else if isControl(bytes, at: place) {
                    result.append(contentsOf: replacement)
                } else {
                    result.append(contentsOf: bytes[place..<(place + length)])
                }
                place += length
            }
        }
        return result
    }

    /// The bytes of the character that begins here; 0 when none does.
    private static func length(_ bytes: [UInt8], at place: Int) -> Int {
        func follows(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            place + offset < bytes.count && range.contains(bytes[place + offset])
        }
        switch bytes[place] {
        case 0xC2...0xDF: return follows(1) ? 2 : 0
        case 0xE0: return follows(1, 0xA0...0xBF) && follows(2) ? 3 : 0
        case 0xED: return follows(1, 0x80...0x9F) && follows(2) ? 3 : 0
        case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
        case 0xF0: return follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : 0
        case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
        case 0xF4: return follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : 0
        default: return 0
        }
    }

    private static func isMark(_ bytes: [UInt8], at place: Int) -> Bool {
        bytes[place] == 0xEF && bytes[place + 1] == 0xBB && bytes[place + 2] == 0xBF
    }

    private static func isSeparator(_ bytes: [UInt8], at place: Int) -> Bool {
        bytes[place] == 0xE2 && bytes[place + 1] == 0x80 && (0xA8...0xA9).contains(bytes[place + 2])
    }

    private static func isControl(_ bytes: [UInt8], at place: Int) -> Bool {
        switch (bytes[place], bytes[place + 1]) {
        case (0xC2, 0x80...0x9F): true
        case (0xE2, 0x80): (0x8E...0x8F).contains(bytes[place + 2]) || (0xAA...0xAE).contains(bytes[place + 2])
        case (0xE2, 0x81): (0xA6...0xA9).contains(bytes[place + 2])
        default: false
        }
    }
}
