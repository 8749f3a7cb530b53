import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the fields of a body that somebody posts, strictly: what is wrong is refused with the field's name.
///
/// Bodies that are *read* from a service are decoded with tolerance instead; what is taken into the system of record is not guessed at.
struct DeploymentFields {
    private let box: KeyedDecodingContainer<WireKey>
    /// What stands before a field's name in a message: `node_config.` or nothing.
    private let prefix: String

    init(_ box: KeyedDecodingContainer<WireKey>, prefix: String = "") {
        self.box = box
        self.prefix = prefix
    }

    init(_ decoder: any Decoder) throws {
        do {
            box = try decoder.container(keyedBy: WireKey.self)
        } catch {
            throw DeploymentError.invalid("The body must be a JSON object.")
        }
        prefix = ""
    }

    func has(_ name: String) -> Bool {
        let key = WireKey(name)
        return box.contains(key) && (try? box.decodeNil(forKey: key)) != true
    }

    /// - Parameter limit: the most characters (Unicode scalars) it may have.
    func text(_ name: String, limit: Int) throws -> String {
        guard has(name) else { throw DeploymentError.invalid("Missing required field: \(prefix)\(name)") }
        guard let text = try? box.decode(String.self, forKey: WireKey(name)) else {
            throw DeploymentError.invalid("\(prefix)\(name) must be a text.")
        }
        guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace && $0.value != 0 }) else {
            throw DeploymentError.invalid("\(prefix)\(name) must not be empty.")
        }
        guard text.unicodeScalars.count <= limit else {
            throw DeploymentError.invalid("\(prefix)\(name) must not be longer than \(limit) characters.")
        }
        // SQLite's texts end at a NUL; every other control character is kept as it was sent.
        return text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }

    func optionalText(_ name: String, limit: Int) throws -> String? { has(name) ? try text(name, limit: limit) : nil }

    func address(_ name: String) throws -> DeploymentAddress {
        let text = try text(name, limit: 200)
        guard let address = DeploymentAddress(text) else {
            throw DeploymentError.invalid(
                "\(prefix)\(name) must be an IP address, not \"\(SafeText.line(text, limit: 60))\".")
        }
        return address
    }

    func optionalAddress(_ name: String) throws -> DeploymentAddress? { has(name) ? try address(name) : nil }

    /// A whole number, or nil if the field is something else.
    func integer(_ name: String) -> Int? { try? box.decode(Int.self, forKey: WireKey(name)) }

    func object(_ name: String) throws -> DeploymentFields {
        guard has(name) else { throw DeploymentError.invalid("Missing required field: \(prefix)\(name)") }
        guard let inner = try? box.nestedContainer(keyedBy: WireKey.self, forKey: WireKey(name)) else {
            throw DeploymentError.invalid("\(prefix)\(name) must be a JSON object.")
        }
        return DeploymentFields(inner, prefix: "\(prefix)\(name).")
    }
}
