import Upstream

/// What a request to the API server is about, read from its path and query.
struct KubeQuestion: Sendable {
    let method: String
    /// The path in parts: `["apis", "cluster.x-k8s.io", "v1beta1", "clusters"]`.
    let path: [String]
    private let parameters: [String: String]

    init(_ question: HTTPQuestion) {
        method = question.method.uppercased()
        let halves = question.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = (halves.first ?? "").split(separator: "/").map { Self.decoded($0, plusIsBlank: false) }
        var parameters: [String: String] = [:]
        for pair in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters[Self.decoded(sides[0], plusIsBlank: true)] =
                sides.count > 1 ? Self.decoded(sides[1], plusIsBlank: true) : ""
        }
        self.parameters = parameters
    }

    /// Empty if it is not there.
    func text(_ name: String) -> String { parameters[name] ?? "" }

    func flag(_ name: String) -> Bool { ["1", "true", "True", "t"].contains(text(name)) }

    func number(_ name: String) -> Int? { Int(text(name)) }

    /// A collection or an object in the path, with the group and version it names.
    struct Place: Sendable {
        var group: String
        var version: String
        /// Empty for a question about all namespaces, and for what has none.
        var namespace = ""
        var plural = ""
        /// Empty for a collection.
        var name = ""
        var part = ""
    }

    /// nil for a path that is not about objects.
    var place: Place? {
        guard path.first == "api" || path.first == "apis" else { return nil }
        let isCore = path[0] == "api"
        guard path.count > (isCore ? 2 : 3) else { return nil }
        var place = Place(group: isCore ? "" : path[1], version: path[isCore ? 1 : 2])
        var rest = path[(isCore ? 2 : 3)...]
        if rest.first == "namespaces", rest.count > 2,
            !(isCore && rest.count == 3 && ["status", "finalize"].contains(rest.last ?? ""))
        {
            place.namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        guard rest.count <= 3 else { return nil }
        place.plural = rest.removeFirst()
        place.name = rest.popFirst() ?? ""
        place.part = rest.popFirst() ?? ""
        return place
    }

    /// Percent signs undone; what is no number behind one stays as it is.
    private static func decoded(_ text: Substring, plusIsBlank: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
