import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A JSON key made from any text.
struct StateKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Reading what pctl and petal wrote: a field that is missing, null, empty or of another type is absent, never an error.
extension KeyedDecodingContainer<StateKey> {
    /// One harmless line; Go leaves an empty text where another language leaves nothing.
    func text(_ name: String, limit: Int = 200) -> String? {
        let key = StateKey(name)
        var found = try? decodeIfPresent(String.self, forKey: key)
        if found == nil, let number = try? decodeIfPresent(Int.self, forKey: key) { found = String(number) }
        guard let found, !found.allSatisfy(\.isWhitespace) else { return nil }
        return SafeText.line(found, limit: limit)
    }

    func number(_ name: String) -> Double? {
        let key = StateKey(name)
        if let number = try? decodeIfPresent(Double.self, forKey: key) { return number.isFinite ? number : nil }
        guard let text = try? decodeIfPresent(String.self, forKey: key), let number = Double(text) else { return nil }
        return number.isFinite ? number : nil
    }

    /// A whole number of 0 and more; `Int(exactly:)`, since 1e300 must not trap.
    func count(_ name: String) -> Int? {
        number(name).flatMap { Int(exactly: $0.rounded(.towardZero)) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    func flag(_ name: String) -> Bool? { try? decodeIfPresent(Bool.self, forKey: StateKey(name)) }

    /// nil for Go's zero time too.
    func time(_ name: String) -> Date? {
        (try? decodeIfPresent(String.self, forKey: StateKey(name))).flatMap { WireTime.date($0) }
    }
}

/// An element that may be unreadable without spoiling the list around it.
struct StateElement<Value: Decodable & Sendable>: Decodable, Sendable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// Decodes a file that another program may be writing at this moment.
enum StateFile {
    /// - Returns: nil for half a file, or none at all.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: Data) -> Value? {
        // Bytes that are not UTF-8 spoil only the letter where they stand.
        try? JSONDecoder().decode(type, from: Data(String(decoding: bytes, as: UTF8.self).utf8))
    }
}
