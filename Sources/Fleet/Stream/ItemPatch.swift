/// How one JSON value becomes another: a JSON Patch (RFC 6902) of which we write and read `add`, `replace` and `remove`, with places as
/// JSON Pointers (RFC 6901).
public struct ItemPatch: Sendable, Equatable {
    enum Operation: Sendable, Equatable {
        case add(path: String, JSONValue)
        case replace(path: String, JSONValue)
        case remove(path: String)

        var path: String {
            switch self {
            case .add(let path, _), .replace(let path, _), .remove(let path): path
            }
        }
    }

    let operations: [Operation]

    init(operations: [Operation]) { self.operations = operations }

    /// Nothing differs.
    public var isEmpty: Bool { operations.isEmpty }

    /// The patch that makes `new` of `old`; not the shortest there is, but never longer than `new` itself by more than a few bytes.
    public static func between(_ old: JSONValue, _ new: JSONValue) -> ItemPatch {
        ItemPatch(operations: Difference.operations(old, new, at: ""))
    }

    /// - Returns: a patch of the items' JSON; it is empty for items that differ by less than the stream tells (see `StreamItem`).
    public static func between(old: Item, new: Item) -> ItemPatch {
        between(StreamItem(old).value, StreamItem(new).value)
    }

    /// The patch as RFC 6902 has it: `[{"op":"replace","path":"/evidence/at","value":"2026-11-21T19:07:27.000Z"}]`.
    public var value: JSONValue {
        .list(
            operations.map { operation in
                switch operation {
                case .add(let path, let value): ["op": "add", "path": .text(path), "value": value]
                case .replace(let path, let value): ["op": "replace", "path": .text(path), "value": value]
                case .remove(let path): ["op": "remove", "path": .text(path)]
                }
            })
    }

    /// - Returns: nil for what is no patch, or has an operation that is not known: half of a patch would be worse than none.
    public init?(_ value: JSONValue) {
        guard let entries = value.list else { return nil }
        var operations: [Operation] = []
        operations.reserveCapacity(entries.count)
        for entry in entries {
            guard let path = entry["path"]?.text, path.isEmpty || path.hasPrefix("/") else { return nil }
            switch (entry["op"]?.text, entry["value"]) {
            case ("add", let value?): operations.append(.add(path: path, value))
            case ("replace", let value?): operations.append(.replace(path: path, value))
            case ("remove", _): operations.append(.remove(path: path))
            default: return nil
            }
        }
        self.init(operations: operations)
    }

    /// - Returns: nil when it does not fit: nothing is done by halves.
    public func applied(to value: JSONValue) -> JSONValue? {
        var value = value
        for operation in operations {
            guard value.perform(operation, at: Self.steps(operation.path)[...]) else { return nil }
        }
        return value
    }

    /// - Throws: `misfit`, also when the result is no item, or another one.
    public func applied(to item: Item) throws(StreamFault) -> Item {
        guard let value = applied(to: StreamItem(item).value), let result = StreamItem(value), result.id == item.id,
            let item = result.item()
        else { throw .misfit(item.id) }
        return item
    }

    /// The names that a pointer leads through. In a name `~1` stands for a slash and `~0` for the tilde.
    private static func steps(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { name in
            guard name.utf8.contains(UInt8(ascii: "~")) else { return String(name) }
            var result = ""
            var isEscape = false
            for character in name.unicodeScalars {
                if isEscape {
                    result.unicodeScalars.append(character == "1" ? "/" : (character == "0" ? "~" : character))
                    isEscape = false
                } else if character == "~" {
                    isEscape = true
                } else {
                    result.unicodeScalars.append(character)
                }
            }
            return result
        }
    }

    /// A pointer to a member of what `path` points to.
    static func path(_ path: String, _ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return path + "/" + name
        }
        var result = path + "/"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension JSONValue {
    /// - Returns: false when the operation does not fit; what this value then is, is of no use.
    fileprivate mutating func perform(_ operation: ItemPatch.Operation, at steps: ArraySlice<String>) -> Bool {
        guard let step = steps.first else {
            switch operation {
            case .add(_, let value), .replace(_, let value): self = value
            // Nothing would be left.
            case .remove: return false
            }
            return true
        }
        let rest = steps.dropFirst()
        switch self {
        case .object(var members):
            // So that the members have one owner, and are changed in place.
            self = .null
            defer { self = .object(members) }
            if !rest.isEmpty { return members[step]?.perform(operation, at: rest) ?? false }
            switch operation {
            case .add(_, let value): members[step] = value
            case .replace(_, let value):
                guard members[step] != nil else { return false }
                members[step] = value
            case .remove: return members.removeValue(forKey: step) != nil
            }
            return true
        case .list(var elements):
            self = .null
            defer { self = .list(elements) }
            if case .add(_, let value) = operation, rest.isEmpty {
                guard let index = step == "-" ? elements.count : Self.index(step), index <= elements.count else {
                    return false
                }
                elements.insert(value, at: index)
                return true
            }
            guard let index = Self.index(step), index < elements.count else { return false }
            if !rest.isEmpty { return elements[index].perform(operation, at: rest) }
            if case .replace(_, let value) = operation { elements[index] = value } else { elements.remove(at: index) }
            return true
        case .null, .bool, .whole, .number, .text: return false
        }
    }

    /// Digits without a sign and without zeros before them, as RFC 6901 wants them.
    private static func index(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0")
        else { return nil }
        return Int(text)
    }
}
