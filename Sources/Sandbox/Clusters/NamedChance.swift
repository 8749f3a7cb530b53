extension SeededGenerator {
    /// Chance that belongs to a name: worlds of one seed differ from thing to thing (FNV-1a).
    init(named name: String, seed: UInt64) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.init(seed: hash ^ (seed &* 0x9E37_79B9_7F4A_7C15))
    }

    /// So many lower-case hexadecimal digits.
    mutating func hexadecimal(_ count: Int) -> String {
        var text = ""
        while text.utf8.count < count {
            let digits = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return String(text.prefix(count))
    }

    /// An identifier of the form 8-4-4-4-12.
    mutating func identifier() -> String {
        [8, 4, 4, 4, 12].map { hexadecimal($0) }.joined(separator: "-")
    }
}
