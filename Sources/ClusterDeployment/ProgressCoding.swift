import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How the fields of a progress update become JSON, whatever the encoder's own settings are.
extension KeyedEncodingContainer {
    /// RFC 3339 in UTC; a time that is not known is Go's zero time.
    mutating func encodeTime(_ date: Date?, _ key: Key) throws {
        try encode(date.map { WireTime.text($0) } ?? "0001-01-01T00:00:00Z", forKey: key)
    }

    /// Left out when empty.
    mutating func encodeFilled<Value: Collection & Encodable>(_ value: Value, _ key: Key) throws {
        if !value.isEmpty { try encode(value, forKey: key) }
    }

    mutating func encodeTimeIfPresent(_ date: Date?, _ key: Key) throws {
        if let date { try encodeTime(date, key) }
    }
}

extension KeyedDecodingContainer {
    /// - Returns: nil for a missing time, and for Go's zero time.
    func time(_ key: Key) throws -> Date? {
        try decodeIfPresent(String.self, forKey: key).flatMap { WireTime.date($0) }
    }

    func text(_ key: Key) throws -> String { try decodeIfPresent(String.self, forKey: key) ?? "" }
}
