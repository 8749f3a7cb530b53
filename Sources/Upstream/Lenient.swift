/// An entry of a list; one that cannot be read is left out, and hides no other.
package struct Lenient<Value: Decodable & Sendable>: Decodable, Sendable {
    package var value: Value?

    package init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
    /// A field that may be missing, null or of another type; nil in all three cases.
    package func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        try? decodeIfPresent(type, forKey: key)
    }

    /// The entries of a list that can be read, at most `limit`; none when it is no list.
    package func entries<Value: Decodable & Sendable>(_ type: Value.Type, _ key: Key, limit: Int) -> [Value] {
        guard let list = lenient([Lenient<Value>].self, key) else { return [] }
        return Array(list.lazy.compactMap(\.value).prefix(limit))
    }
}
