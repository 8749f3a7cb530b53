import Fleet
import Upstream

/// Which objects a question is about: `labelSelector` and `fieldSelector`.
struct KubeFilter: Sendable {
    private enum Test: Sendable {
        case oneOf(Set<String>)
        case noneOf(Set<String>)
        case exists
        case absent
    }

    private var labels: [(key: String, test: Test)] = []
    private var fields: [(path: [String], test: Test)] = []

    var isEmpty: Bool { labels.isEmpty && fields.isEmpty }

    /// - Throws: for what cannot be read, and for a field that this type cannot be searched by.
    init(labels labelText: String, fields fieldText: String, of resource: KubeType) throws(KubeRefusal) {
        for part in Self.parts(of: labelText) { labels.append(try Self.label(part)) }
        for part in Self.parts(of: fieldText) { fields.append(try Self.field(part, of: resource)) }
    }

    func selects(_ object: JSONValue) -> Bool {
        let found = object.at("metadata", "labels")
        return labels.allSatisfy { Self.passes(found?[$0.key]?.text, $0.test) }
            && fields.allSatisfy { field in
                let value = field.path.reduce(Optional(object)) { $0?[$1] }
                // A field that is not there is as good as empty.
                return Self.passes(value?.text ?? "", field.test)
            }
    }

    private static func passes(_ value: String?, _ test: Test) -> Bool {
        switch test {
        case .oneOf(let wanted): value.map(wanted.contains) ?? false
        case .noneOf(let unwanted): !(value.map(unwanted.contains) ?? false)
        case .exists: value != nil
        case .absent: value == nil
        }
    }

    /// Split at commas outside of parentheses.
    private static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isInside = false
        for character in text {
            if character == "(" { isInside = true }
            if character == ")" { isInside = false }
            if character == ",", !isInside {
                parts.append(trimmed(part))
                part = ""
            } else {
                part.append(character)
            }
        }
        return (parts + [trimmed(part)]).filter { !$0.isEmpty }
    }

    private static func label(_ part: String) throws(KubeRefusal) -> (key: String, test: Test) {
        if let (key, test) = comparison(part) { return (key, test) }
        if let open = part.firstIndex(of: "("), part.hasSuffix(")") {
            let values = part[part.index(after: open)...].dropLast().split(separator: ",").map { trimmed(String($0)) }
            let words = part[..<open].split(separator: " ")
            if words.count == 2, ["in", "notin"].contains(words[1]) {
                return (String(words[0]), words[1] == "in" ? .oneOf(Set(values)) : .noneOf(Set(values)))
            }
        } else if !part.contains(" ") {
            return part.hasPrefix("!") ? (String(part.dropFirst()), .absent) : (part, .exists)
        }
        throw .bad("unable to parse requirement: found '\(part)', expected: in, notin, =, ==, !=, gt, lt")
    }

    private static func field(
        _ part: String, of resource: KubeType
    ) throws(KubeRefusal) -> (path: [String], test: Test) {
        guard let (key, test) = comparison(part) else {
            throw .bad("invalid selector: '\(part)'; can't understand '\(part)'")
        }
        let known =
            resource.kind == "Event"
            ? [
                "involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "involvedObject.uid",
                "reason", "type",
            ] : []
        guard ["metadata.name", "metadata.namespace"].contains(key) || known.contains(key) else {
            throw .bad("field label not supported: \(key)")
        }
        return (key.split(separator: ".").map(String.init), test)
    }

    private static func comparison(_ part: String) -> (key: String, test: Test)? {
        guard !part.contains("("), let sign = part.firstIndex(of: "=") else { return nil }
        let value = trimmed(String(part[part.index(after: sign)...].drop { $0 == "=" }))
        let key = part[..<sign]
        return key.last == "!"
            ? (trimmed(String(key.dropLast())), .noneOf([value])) : (trimmed(String(key)), .oneOf([value]))
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
