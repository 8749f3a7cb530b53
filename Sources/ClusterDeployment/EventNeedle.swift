/// Words to be found in a text from outside, in any case of ASCII. A plain scan over bytes: its cost grows with the text only.
struct EventNeedle: Sendable, Equatable, Decodable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = text.utf8.map(Self.small) }

    init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        self.init(try box.decode(String.self))
        // Anything shorter would be found nearly everywhere.
        guard bytes.count >= 3 else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "words of less than three letters")
        }
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { text in
            guard let first = bytes.first, text.count >= bytes.count else { return false }
            return (0...text.count - bytes.count).contains { start in
                guard Self.small(text[start]) == first else { return false }
                return bytes.indices.allSatisfy { Self.small(text[start + $0]) == bytes[$0] }
            }
        }
    }

    private static func small(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
