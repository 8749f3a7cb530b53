#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension JSONValue {
    /// A value from its JSON, as `FleetCoder` reads it.
    ///
    /// - Throws: `DecodingError`, when something that the value needs is not there or is something else.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try TreeDecoder(value: self).decode(type)
    }

    /// The elements of a list that can be read; one that cannot costs only itself.
    func elements<Value: Decodable>(of type: Value.Type) -> [Value] {
        (list ?? []).compactMap { try? $0.decoded(as: type) }
    }
}

private struct TreeDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw Self.mismatch(type) }
        return KeyedDecodingContainer(TreeFields<Key>(members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let elements) = value else { throw Self.mismatch([JSONValue].self) }
        return TreeElements(elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value == .null }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == Date.self {
            guard let date = value.text.flatMap({ WireTime.date($0) }), let result = date as? Value else {
                throw Self.mismatch(type)
            }
            return result
        }
        let found: Any?
        switch (value, type) {
        case (.text(let text), is String.Type): found = text
        case (.bool(let bool), is Bool.Type): found = bool
        case (.whole(let whole), is Double.Type): found = Double(whole)
        case (.number(let number), is Double.Type): found = number
        case (.whole(let whole), is Float.Type): found = Float(whole)
        case (.number(let number), is Float.Type): found = Float(number)
        case (.whole(let whole), is any FixedWidthInteger.Type):
            found = (type as? any FixedWidthInteger.Type).flatMap { Self.exactly(whole, $0) }
        case (_, is JSONValue.Type): found = value
        case (_, is String.Type), (_, is Bool.Type), (_, is Double.Type), (_, is any FixedWidthInteger.Type):
            found = nil
        default: return try type.init(from: self)
        }
        guard let result = found as? Value else { throw Self.mismatch(type) }
        return result
    }

    private static func exactly<Number: FixedWidthInteger>(_ whole: Int, _ type: Number.Type) -> Any? {
        Number(exactly: whole)
    }

    static func mismatch(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: [], debugDescription: "something else stands there"))
    }
}

private struct TreeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSONValue]

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }

    // The frequent ones by themselves: to find out what is wanted costs more than to give it.
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        guard case .text(let text) = try member(key) else { throw TreeDecoder.mismatch(type) }
        return text
    }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        guard case .whole(let whole) = try member(key) else { throw TreeDecoder.mismatch(type) }
        return whole
    }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        guard case .bool(let bool) = try member(key) else { throw TreeDecoder.mismatch(type) }
        return bool
    }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        switch try member(key) {
        case .whole(let whole): return Double(whole)
        case .number(let number): return number
        default: throw TreeDecoder.mismatch(type)
        }
    }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try TreeDecoder(value: member(key)).decode(type)
    }
    func nestedContainer<Other: CodingKey>(
        keyedBy type: Other.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Other> { try TreeDecoder(value: member(key)).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try TreeDecoder(value: member(key)).unkeyedContainer()
    }
    func superDecoder() -> any Decoder { TreeDecoder(value: members["super"] ?? .null) }
    func superDecoder(forKey key: Key) throws -> any Decoder { TreeDecoder(value: try member(key)) }

    private func member(_ key: Key) throws -> JSONValue {
        guard let member = members[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "it is not there"))
        }
        return member
    }
}

private struct TreeElements: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(elements: [JSONValue]) { self.elements = elements }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try element() == .null else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try TreeDecoder(value: element()).decode(type)
        currentIndex += 1
        return value
    }
    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let container = try TreeDecoder(value: element()).container(keyedBy: type)
        currentIndex += 1
        return container
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try TreeDecoder(value: element()).unkeyedContainer()
        currentIndex += 1
        return container
    }
    mutating func superDecoder() throws -> any Decoder {
        let decoder = TreeDecoder(value: try element())
        currentIndex += 1
        return decoder
    }

    private func element() throws -> JSONValue {
        guard currentIndex < elements.count else {
            throw DecodingError.valueNotFound(
                JSONValue.self, .init(codingPath: [], debugDescription: "the list has ended"))
        }
        return elements[currentIndex]
    }
}
