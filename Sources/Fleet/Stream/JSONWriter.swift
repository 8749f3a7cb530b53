/// Makes a `JSONValue` into JSON text: one line, names in alphabetical order, so that the same value is always the same text.
public enum JSONWriter {
    public static func bytes(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        write(value, to: &bytes)
        return bytes
    }

    static func write(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .whole(let value): bytes.append(contentsOf: String(value).utf8)
        // JSON has no word for what is not finite.
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? String(value) : "null").utf8)
        case .text(let text): write(text, to: &bytes)
        case .list(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                write(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                write(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        // Most texts are written as they stand, and at once.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { write(byte, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func write(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
            bytes.append(contentsOf: String(byte, radix: 16).utf8)
        default: bytes.append(byte)
        }
    }

    /// How many bytes the text has, without making it.
    static func size(_ value: JSONValue) -> Int {
        switch value {
        case .null: 4
        case .bool(let value): value ? 4 : 5
        case .whole(let value): digits(value)
        case .number(let value): value.isFinite ? String(value).utf8.count : 4
        case .text(let text): size(text)
        case .list(let values): values.reduce(2 + max(0, values.count - 1)) { $0 + size($1) }
        case .object(let members):
            members.reduce(2 + max(0, members.count - 1)) { $0 + size($1.key) + 1 + size($1.value) }
        }
    }

    static func size(_ text: String) -> Int {
        text.utf8.reduce(2) { sum, byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x09, 0x0A, 0x0D: sum + 2
            case 0..<0x20: sum + 6
            default: sum + 1
            }
        }
    }

    private static func digits(_ value: Int) -> Int {
        var count = value < 0 ? 2 : 1
        var rest = value.magnitude
        while rest > 9 {
            rest /= 10
            count += 1
        }
        return count
    }
}
