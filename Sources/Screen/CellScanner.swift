/// What one cell (or, when wide, two) can hold of a text.
struct CellGlyph {
    var base: Unicode.Scalar
    var mark1: UInt32 = 0
    var mark2: UInt32 = 0
    var width: UInt8
}

/// Cuts any text into what cells can hold. It is the one door through which text reaches a grid, so measuring,
/// cutting and drawing always agree, and nothing that a terminal would obey gets past it:
///
/// - a tab is one blank; every other control, line separator, direction override, invisible format character and
///   tag is U+FFFD, one column;
/// - zero-width marks join the scalar before them, the first two are kept; without one before, U+FFFD;
/// - joiners and variation selectors are dropped, since terminals disagree about their width;
/// - a skin tone after an emoji is dropped, of a joined family the first person is kept;
/// - a flag is shown as its two letters, which every terminal measures the same.
///
/// It works on scalars, not on `Character`s: breaking graphemes would cost ten times as much and the rules above
/// are what a terminal can do anyway.
struct CellScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Behind the glyphs that were read: bytes of UTF-8 from the beginning.
    private(set) var offset = 0

    /// Scans a text. The scanner must not outlive the call: it looks at the bytes of the text where they are.
    static func scanning<Result>(_ text: Substring, _ body: (inout CellScanner) -> Result) -> Result {
        let result = text.utf8.withContiguousStorageIfAvailable { bytes in
            var scanner = CellScanner(bytes: bytes)
            return body(&scanner)
        }
        return result
            ?? Array(text.utf8).withUnsafeBufferPointer { bytes in
                var scanner = CellScanner(bytes: bytes)
                return body(&scanner)
            }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The scalar at `offset` and where it ends. The bytes are a string's, so they are valid UTF-8; were they not, the
    /// damage would be one U+FFFD.
    private func scalar() -> (value: UInt32, end: Int)? {
        guard offset < bytes.count else { return nil }
        let first = UInt32(bytes[offset])
        if first < 0x80 { return (first, offset + 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard offset + length <= bytes.count else { return (0xFFFD, bytes.count) }
        var value = first & (0x7F >> UInt32(length))
        for index in offset + 1..<offset + length { value = value << 6 | UInt32(bytes[index] & 0x3F) }
        return (value, offset + length)
    }

    /// The next glyph; nil at the end. `offset` is then behind it and behind everything that belongs to it.
    mutating func next() -> CellGlyph? {
        while let (value, end) = scalar() {
            offset = end
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            let width: UInt8
            switch TextWidth.kind(of: scalar) {
            case .dropped: continue
            case .blank: return CellGlyph(base: " ", width: 1)
            case .unsafe, .mark:
                skipMarks()
                return CellGlyph(base: "\u{FFFD}", width: 1)
            case .flagLetter:
                let letter = Unicode.Scalar(UInt8(truncatingIfNeeded: value - 0x1F1E6) + 0x41)
                return CellGlyph(base: letter, width: 1)
            case .narrow: width = 1
            case .wide: width = 2
            }
            var glyph = CellGlyph(base: scalar, width: width)
            takeMarks(&glyph)
            return glyph
        }
        return nil
    }

    private mutating func takeMarks(_ glyph: inout CellGlyph) {
        while let (value, end) = scalar() {
            // Nothing below joins, nor do the rules and blocks that stand in long rows.
            if value < 0x300 || (0x2500...0x25FC).contains(value) { return }
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            switch TextWidth.kind(of: scalar) {
            case .mark:
                if glyph.mark1 == 0 {
                    glyph.mark1 = value
                } else if glyph.mark2 == 0 {
                    glyph.mark2 = value
                }
            case .dropped:
                // A joiner between emoji: the rest of the family goes with it. In other scripts it joins letters
                // that are shown side by side.
                if value == 0x200D, TextWidth.isEmoji(glyph.base) {
                    offset = end
                    skipEmoji()
                    continue
                }
            case .wide where TextWidth.isSkinTone(scalar) && TextWidth.isEmoji(glyph.base): break
            default: return
            }
            offset = end
        }
    }

    private mutating func skipEmoji() {
        if let (value, end) = scalar(), let scalar = Unicode.Scalar(value), TextWidth.isEmoji(scalar) { offset = end }
    }

    private mutating func skipMarks() {
        while let (value, end) = scalar(), let scalar = Unicode.Scalar(value), case .mark = TextWidth.kind(of: scalar) {
            offset = end
        }
    }
}
