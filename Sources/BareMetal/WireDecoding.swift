#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A JSON key made from any text.
struct WireKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// Reading fields that may be missing, null or of another type than agreed: what cannot be read is absent, never an error.
extension KeyedDecodingContainer<WireKey> {
    func text(_ name: String) -> String? {
        let key = WireKey(name)
        if let text = try? decodeIfPresent(String.self, forKey: key) { return text }
        if let number = try? decodeIfPresent(Int.self, forKey: key) { return String(number) }
        return nil
    }

    func number(_ name: String) -> Double? {
        let key = WireKey(name)
        if let number = try? decodeIfPresent(Double.self, forKey: key) { return number }
        if let text = try? decodeIfPresent(String.self, forKey: key), let number = Double(text) { return number }
        return nil
    }

    func integer(_ name: String) -> Int? {
        // `Int(exactly:)` of a rounded value: 1e300 and NaN must not trap.
        number(name).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }

    func flag(_ name: String) -> Bool? { try? decodeIfPresent(Bool.self, forKey: WireKey(name)) }

    /// The elements of a list that can be read; nil if it is not a list.
    func list<Element: Decodable>(_ name: String, of type: Element.Type) -> [Element]? {
        (try? decodeIfPresent([Lossy<Element>].self, forKey: WireKey(name)))?.compactMap(\.value)
    }
}

/// An element that may be unreadable without spoiling the list around it.
private struct Lossy<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}
