/// The bytes of one line while it is looked at. Every access is checked: outside the line there are zeros, so that no scan runs out of it.
///
/// Valid only as long as the buffer it looks into.
struct LineBytes {
    let base: UnsafeBufferPointer<UInt8>

    var count: Int { base.count }

    @inline(__always)
    subscript(place: Int) -> UInt8 {
        place >= 0 && place < base.count ? base[place] : 0
    }

    /// The part between two places; places outside the line are moved into it.
    func part(_ from: Int, _ to: Int? = nil) -> LineBytes {
        let start = min(max(0, from), count)
        let end = min(max(start, to ?? count), count)
        return LineBytes(base: UnsafeBufferPointer(rebasing: base[start..<end]))
    }

    func text(limit: Int = 400) -> String {
        guard count > limit else { return String(decoding: base, as: UTF8.self) }
        var end = limit
        while end > 0, base[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: base[0..<end]), as: UTF8.self) + "\u{2026}"
    }

    /// Whether the word stands at this place.
    @inline(__always)
    func has(_ word: StaticString, at place: Int = 0) -> Bool {
        let length = word.utf8CodeUnitCount
        guard place >= 0, place <= count - length else { return false }
        let bytes = word.utf8Start
        for index in 0..<length where base[place + index] != bytes[index] { return false }
        return true
    }

    /// Whether it is the word and nothing else.
    func equals(_ word: StaticString) -> Bool { count == word.utf8CodeUnitCount && has(word) }

    func ends(_ word: StaticString) -> Bool { has(word, at: count - word.utf8CodeUnitCount) }

    /// The first place of the word at or after `from`.
    func find(_ word: StaticString, from: Int = 0) -> Int? {
        let length = word.utf8CodeUnitCount
        let last = count - length
        let first = word.utf8Start[0]
        var place = max(0, from)
        while place <= last {
            if base[place] == first, has(word, at: place) { return place }
            place += 1
        }
        return nil
    }

    func contains(_ word: StaticString) -> Bool { find(word) != nil }

    /// The first place at or after `from` that is no blank; the line's end when there is none.
    @inline(__always)
    func afterBlanks(_ from: Int = 0) -> Int {
        var place = from
        while place < count, self[place] == Ascii.blank { place += 1 }
        return place
    }

    /// The end of the word that begins at `from`.
    func wordEnd(_ from: Int) -> Int {
        var place = from
        while place < count, self[place] != Ascii.blank { place += 1 }
        return place
    }

    /// Without blanks at either end.
    var trimmed: LineBytes {
        let start = afterBlanks()
        var end = count
        while end > start, self[end - 1] == Ascii.blank { end -= 1 }
        return part(start, end)
    }

    /// A whole number of at most nine digits and the place behind it.
    func number(_ from: Int) -> (value: Int, end: Int)? {
        var place = from
        var value = 0
        while Ascii.isDigit(self[place]), place - from < 9 {
            value = value * 10 + Int(self[place] - Ascii.zero)
            place += 1
        }
        return place > from && !Ascii.isDigit(self[place]) ? (value, place) : nil
    }

    /// A number with an optional fraction, and the place behind it.
    func decimal(_ from: Int) -> (value: Double, end: Int)? {
        guard let whole = number(from) else { return nil }
        guard self[whole.end] == Ascii.dot, Ascii.isDigit(self[whole.end + 1]) else {
            return (Double(whole.value), whole.end)
        }
        var place = whole.end + 1
        var digits = 0.0
        var scale = 1.0
        while Ascii.isDigit(self[place]) {
            if scale < 1e9 {
                digits = digits * 10 + Double(self[place] - Ascii.zero)
                scale *= 10
            }
            place += 1
        }
        return ((Double(whole.value) * scale + digits) / scale, place)
    }

    /// `3/7`, also `1,234 / 5,678` as Bazel writes it, and the place behind it.
    func ratio(_ from: Int) -> (done: Int, total: Int, end: Int)? {
        guard let done = grouped(from) else { return nil }
        var place = afterBlanks(done.end)
        guard self[place] == Ascii.slash else { return nil }
        place = afterBlanks(place + 1)
        guard let total = grouped(place), total.value > 0, done.value <= total.value else { return nil }
        return (done.value, total.value, total.end)
    }

    private func grouped(_ from: Int) -> (value: Int, end: Int)? {
        guard var read = number(from) else { return nil }
        while self[read.end] == Ascii.comma, let next = number(read.end + 1), next.end - read.end == 4,
            read.value < 1_000_000
        {
            read = (read.value * 1000 + next.value, next.end)
        }
        return read
    }
}

/// The few characters that the grammar is made of.
enum Ascii {
    static let blank = UInt8(ascii: " ")
    static let zero = UInt8(ascii: "0")
    static let dot = UInt8(ascii: ".")
    static let comma = UInt8(ascii: ",")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let dash = UInt8(ascii: "-")
    static let percent = UInt8(ascii: "%")
    static let open = UInt8(ascii: "[")
    static let close = UInt8(ascii: "]")
    static let quote = UInt8(ascii: "'")
    static let at = UInt8(ascii: "@")

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    @inline(__always)
    static func isLower(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    @inline(__always)
    static func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
    /// What names of hosts, programs and containers are made of.
    @inline(__always)
    static func isName(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == dash || byte == dot || byte == UInt8(ascii: "_")
    }
    /// What Spack's hashes are made of: lower-case base32; the other digits are let through, which a shortened example may have.
    @inline(__always)
    static func isHash(_ byte: UInt8) -> Bool { isLower(byte) || isDigit(byte) }
}
