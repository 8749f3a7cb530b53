import Fleet
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A list as it is asked for: which objects, as of when, how many at once.
struct KubePage: Sendable {
    /// Where a list goes on: an opaque token for clients.
    private struct Token: Codable {
        var v = "meta.k8s.io/v1"
        /// The revision that the list is of; -1 for a list that goes on with what is there now.
        var rv: Int
        /// The name after which it goes on, with its namespace if the list is of all of them.
        var start: String

        var text: String {
            let base = ((try? JSONEncoder().encode(self)) ?? Data()).base64EncodedString()
            return String(
                base.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        }

        init(rv: Int, start: String) {
            self.rv = rv
            self.start = start
        }

        init(text: String) throws(KubeRefusal) {
            let isLetter = { (byte: UInt8) in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            let bytes = Array(text.utf8)
            var wrong = bytes.firstIndex { !isLetter($0) }
            if wrong == nil, bytes.count % 4 == 1 { wrong = bytes.count - 1 }
            if let wrong {
                throw .bad(
                    "invalid continue token: continue key is not valid: illegal base64 data at input byte \(wrong)")
            }
            var base = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
            base += String(repeating: "=", count: (4 - bytes.count % 4) % 4)
            guard let data = Data(base64Encoded: base), let token = try? JSONDecoder().decode(Token.self, from: data)
            else { throw .bad("invalid continue token: continue key is not valid: it cannot be read") }
            self = token
        }
    }

    private let namespace: String
    private let selector: KubeFilter
    private let limit: Int
    private let token: Token?
    /// The revision that is asked for, and whether it must be exactly that one.
    private let revision: Int?
    private let isExact: Bool

    init(_ question: KubeQuestion, namespace: String, selector: KubeFilter) throws(KubeRefusal) {
        self.namespace = namespace
        self.selector = selector
        limit = max(0, question.number("limit") ?? 0)
        revision = try Self.revision(question.text("resourceVersion"))
        let match = question.text("resourceVersionMatch")
        isExact = match == "Exact"
        token = question.text("continue").isEmpty ? nil : try Token(text: question.text("continue"))
        if token != nil, revision != nil, revision != 0 {
            throw .bad("specifying resource version is not allowed when using continue")
        }
        if !match.isEmpty {
            guard revision != nil else {
                throw .invalid(
                    "ListOptions.meta.k8s.io", "", field: "resourceVersionMatch",
                    "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")
            }
            guard isExact || match == "NotOlderThan" else {
                throw .invalid(
                    "ListOptions.meta.k8s.io", "", field: "resourceVersionMatch",
                    "Unsupported value: \"\(match)\": supported values: \"Exact\", \"NotOlderThan\"")
            }
            if isExact, revision == 0 {
                throw .invalid(
                    "ListOptions.meta.k8s.io", "", field: "resourceVersionMatch",
                    "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
            }
        }
    }

    /// nil if none is named.
    static func revision(_ text: String) throws(KubeRefusal) -> Int? {
        guard !text.isEmpty else { return nil }
        guard let revision = Int(text), revision >= 0 else {
            throw .bad(
                "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
        }
        return revision
    }

    /// The answer's body.
    ///
    /// - Parameter current: the newest revision of all.
    func body(of shelf: KubeShelf, current: Int) throws(KubeRefusal) -> Data {
        if let revision, revision > current { throw .tooLarge(revision, current: current) }
        let at = try self.revision(of: shelf, current: current)
        let all = at < current ? shelf.entries(at: at) : shelf.entries
        let after = token.map { key(of: $0.start) }
        let wanted = all.filter { key, entry in
            (namespace.isEmpty || key.namespace == namespace) && (after.map { key > $0 } ?? true)
                && selector.selects(entry.value)
        }.sorted { $0.key < $1.key }
        let shown = limit > 0 ? Array(wanted.prefix(limit)) : wanted
        var metadata: JSONValue = ["resourceVersion": .text(String(at))]
        if shown.count < wanted.count, let last = shown.last {
            metadata["continue"] = .text(Token(rv: at, start: start(of: last.key)).text)
            if selector.isEmpty { metadata["remainingItemCount"] = .whole(wanted.count - shown.count) }
        }
        var body = Data(
            "{\"kind\":\"\(shelf.resource.kind)List\",\"apiVersion\":\"\(shelf.resource.apiVersion)\",".utf8)
        body += Data("\"metadata\":".utf8) + metadata.data + Data(",\"items\":[".utf8)
        for (index, item) in shown.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += item.value.listed
        }
        return body + Data("]}\n".utf8)
    }

    private func revision(of shelf: KubeShelf, current: Int) throws(KubeRefusal) -> Int {
        if let token {
            guard token.rv > 0 else { return current }
            guard token.rv >= shelf.forgotten, token.rv <= current else {
                // Word for word what the real one says.
                throw .expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
                        + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
                        + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
                        + "deleted between the time the first chunk was returned and now may show up in the list.",
                    proceed: Token(rv: -1, start: token.start).text)
            }
            return token.rv
        }
        guard isExact, let revision else { return current }
        guard revision >= shelf.forgotten else {
            throw .expired("The resourceVersion for the provided list is too old.")
        }
        return revision
    }

    private func start(of key: KubeEntry.Key) -> String {
        (namespace.isEmpty && !key.namespace.isEmpty ? "\(key.namespace)/\(key.name)" : key.name) + "\0"
    }

    private func key(of start: String) -> KubeEntry.Key {
        let path = start.filter { $0 != "\0" }
        guard namespace.isEmpty, let slash = path.firstIndex(of: "/") else {
            return KubeEntry.Key(namespace: namespace, name: path)
        }
        return KubeEntry.Key(namespace: String(path[..<slash]), name: String(path[path.index(after: slash)...]))
    }
}
