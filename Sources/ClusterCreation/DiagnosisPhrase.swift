/// What a line says, as a rule writes it: words in any case, with `*` for whatever stands between them.
///
/// No regular expression: lines come from outside, and the cost of these grows with their length only.
struct DiagnosisPhrase: Sendable, Equatable, Decodable {
    private let parts: [[UInt8]]

    init(_ text: String) {
        parts = text.split(separator: "*").map { Self.folded(String($0), limit: 200) }
    }

    init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        let text = try box.decode(String.self)
        self.init(text)
        // An empty phrase would be found everywhere.
        guard parts.contains(where: { $0.count >= 3 }) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "the phrase '\(text)' says nothing")
        }
    }

    func isSaid(in text: String) -> Bool { end(in: Self.folded(text, limit: 2000)) != nil }

    /// - Parameter line: folded by `folded(_:limit:)`.
    func isSaid(in line: [UInt8]) -> Bool { end(in: line) != nil }

    /// - Returns: the first byte behind what was found; nil when it is not said.
    func end(in line: [UInt8]) -> Int? {
        line.withUnsafeBufferPointer { line in
            var from = 0
            for part in parts {
                guard let end = Self.end(of: part, in: line, from: from) else { return nil }
                from = end
            }
            return from
        }
    }

    /// Bytes with ASCII letters made small.
    static func folded(_ text: String, limit: Int) -> [UInt8] {
        text.utf8.prefix(limit).map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func end(of part: [UInt8], in line: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
        guard let first = part.first, line.count - from >= part.count else { return nil }
        var start = from
        let last = line.count - part.count
        search: while start <= last {
            guard line[start] == first else {
                start += 1
                continue
            }
            var offset = 1
            while offset < part.count {
                guard line[start + offset] == part[offset] else {
                    start += 1
                    continue search
                }
                offset += 1
            }
            return start + part.count
        }
        return nil
    }
}
