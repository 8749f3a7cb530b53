#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Any JSON: what is sent to an API server, or kept by one, without knowing its kind.
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case whole(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// A number as JSON has it: without a fraction it is whole, where it is small enough to be exact; null where it is not finite, for
    /// which JSON has no word.
    public init(number: Double) {
        guard number.isFinite else {
            self = .null
            return
        }
        self = number.rounded() == number && abs(number) < 0x1p53 ? .whole(Int(number)) : .number(number)
    }

    public var text: String? { if case .text(let text) = self { text } else { nil } }
    public var whole: Int? { if case .whole(let whole) = self { whole } else { nil } }
    public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    public var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
    public var object: [String: JSONValue]? { if case .object(let object) = self { object } else { nil } }

    /// A member of an object; nil for what is not there, and for all that is not an object. Setting one in anything else makes an
    /// object of it; setting nil takes the member out.
    public subscript(_ key: String) -> JSONValue? {
        get { object?[key] }
        set {
            var members = object ?? [:]
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The value behind names that lead from object to object: `at("metadata", "name")`.
    public func at(_ path: String...) -> JSONValue? {
        path.reduce(Optional(self)) { value, key in value?[key] }
    }

    /// This value with a merge patch applied (RFC 7386): objects are merged, null takes a member out, all else replaces.
    public func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = object ?? [:]
        for (key, change) in changes {
            members[key] = change == .null ? nil : (members[key] ?? .null).merged(with: change)
        }
        return .object(members)
    }

    /// The JSON text, with keys in alphabetical order, so that the same value is always the same text.
    public var data: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only a number that is not finite has no text, and none is ever read or made here.
        return (try? encoder.encode(self)) ?? Data("null".utf8)
    }

    /// - Returns: nil for what is not JSON.
    public init?(_ data: Data) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: data) else { return nil }
        self = value
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .null
        } else if let value = try? box.decode(String.self) {
            self = .text(value)
        } else if let value = try? box.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? box.decode([JSONValue].self) {
            self = .list(value)
        } else if let value = try? box.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? box.decode(Int.self) {
            self = .whole(value)
        } else {
            self = .number(try box.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        switch self {
        case .null: try box.encodeNil()
        case .bool(let value): try box.encode(value)
        case .whole(let value): try box.encode(value)
        case .number(let value): try box.encode(value)
        case .text(let value): try box.encode(value)
        case .list(let value): try box.encode(value)
        case .object(let value): try box.encode(value)
        }
    }
}

// No literal for null: `nil` must go on to mean that there is no value.
extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .whole(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
