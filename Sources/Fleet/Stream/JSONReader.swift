#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes JSON text into a `JSONValue`: the grammar of RFC 8259 and nothing beyond it.
///
/// `JSONDecoder` must try one type after the other to find out what it has, and takes ten times as long, which is felt when somebody moves
/// about in a recording with hundreds of items. All input is taken for hostile: no byte is used unseen, depth is bounded.
public struct JSONReader {
    /// Objects and lists within each other; what we write ourselves has eight.
    public static let depthLimit = 64

    private let bytes: [UInt8]
    private let isFromOutside: Bool
    private var position = 0
    private var depth = 0

    /// - Parameters:
    ///   - bytes: one JSON value with nothing but blanks around it. Bytes that are not UTF-8 become U+FFFD.
    ///   - isFromOutside: every text in it, names included, becomes what `StreamGuard` lets through.
    /// - Throws: `notJSON`, or `tooDeep`.
    public static func value(_ bytes: [UInt8], isFromOutside: Bool) throws(StreamFault) -> JSONValue {
        var reader = JSONReader(bytes: bytes, isFromOutside: isFromOutside)
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw .notJSON }
        return value
    }

    private init(bytes: [UInt8], isFromOutside: Bool) {
        self.bytes = bytes
        self.isFromOutside = isFromOutside
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(StreamFault) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .list(try list())
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(StreamFault) -> JSONValue {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count,
            word.withUTF8Buffer({ bytes[position..<position + count].elementsEqual($0) })
        else { throw .notJSON }
        position += count
        return value
    }

    private mutating func enter() throws(StreamFault) {
        position += 1
        depth += 1
        guard depth <= Self.depthLimit else { throw .tooDeep }
        skipBlanks()
    }

    /// Of members with the same name the last one counts.
    private mutating func object() throws(StreamFault) -> [String: JSONValue] {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        if skip(UInt8(ascii: "}")) { return members }
        members.reserveCapacity(6)
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw .notJSON }
            let name = try text()
            skipBlanks()
            guard skip(UInt8(ascii: ":")) else { throw .notJSON }
            members[name] = try value()
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw .notJSON }
        return members
    }

    private mutating func list() throws(StreamFault) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return values }
        repeat {
            values.append(try value())
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw .notJSON }
        return values
    }

    /// A number without a fraction is whole where it fits, however it was written: `1.0` and `1` are the same number in JSON.
    private mutating func number() throws(StreamFault) -> JSONValue {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        let first = position
        let digits = skipDigits()
        guard digits > 0, digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw .notJSON }
        var isWhole = true
        if skip(UInt8(ascii: ".")) {
            isWhole = false
            guard skipDigits() > 0 else { throw .notJSON }
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isWhole = false
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw .notJSON }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int(text) { return .whole(whole) }
        guard let number = Double(text), number.isFinite else { throw .notJSON }
        return JSONValue(number: number)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func text() throws(StreamFault) -> String {
        position += 1
        let start = position
        var isPlain = true
        // Most texts have nothing to undo and are taken as they stand.
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw .notJSON }
            if byte >= 0x7F { isPlain = false }
            position += 1
        }
        let text: String
        if next == UInt8(ascii: "\"") {
            text = String(decoding: bytes[start..<position], as: UTF8.self)
        } else {
            isPlain = false
            var units = Array(bytes[start..<position])
            while let byte = next, byte != UInt8(ascii: "\"") {
                guard byte >= 0x20 else { throw .notJSON }
                position += 1
                if byte == UInt8(ascii: "\\") { try escape(into: &units) } else { units.append(byte) }
            }
            text = String(decoding: units, as: UTF8.self)
        }
        let count = position - start
        guard skip(UInt8(ascii: "\"")) else { throw .notJSON }
        guard isFromOutside, !isPlain || count > StreamGuard.textLimit else { return text }
        return StreamGuard.text(text)
    }

    private mutating func escape(into units: inout [UInt8]) throws(StreamFault) {
        guard let byte = next else { throw .notJSON }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
        case UInt8(ascii: "n"): units.append(0x0A)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "r"): units.append(0x0D)
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0C)
        case UInt8(ascii: "u"): units.append(contentsOf: Array(String(try scalar()).utf8))
        default: throw .notJSON
        }
    }

    /// The scalar behind `\u`, two escapes where it is beyond 16 bits; half a pair alone is U+FFFD.
    private mutating func scalar() throws(StreamFault) -> Unicode.Scalar {
        let first = try fourHexDigits()
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let mark = position
        guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            position = mark
            return "\u{FFFD}"
        }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second) else {
            position = mark
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func fourHexDigits() throws(StreamFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw .notJSON
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
