/// Finds what differs between two JSON values.
enum Difference {
    typealias Operation = ItemPatch.Operation

    /// Lists of more elements are not searched for a window: it takes the square of their length at worst.
    private static let windowLimit = 512

    static func operations(_ old: JSONValue, _ new: JSONValue, at path: String) -> [Operation] {
        let found: [Operation]
        switch (old, new) {
        case (.object(let old), .object(let new)): found = members(old, new, at: path)
        case (.list(let old), .list(let new)): found = elements(old, new, at: path)
        default: return old == new ? [] : [.replace(path: path, new)]
        }
        let whole = Operation.replace(path: path, new)
        return size(found) > size([whole]) ? [whole] : found
    }

    private static func members(
        _ old: [String: JSONValue], _ new: [String: JSONValue], at path: String
    ) -> [Operation] {
        var operations: [Operation] = []
        for name in old.compactMap({ new[$0.key] == nil ? $0.key : nil }).sorted() {
            operations.append(.remove(path: ItemPatch.path(path, name)))
        }
        for name in new.compactMap({ old[$0.key] == $0.value ? nil : $0.key }).sorted() {
            guard let value = new[name] else { continue }
            let path = ItemPatch.path(path, name)
            if let earlier = old[name] {
                operations += Self.operations(earlier, value, at: path)
            } else {
                operations.append(.add(path: path, value))
            }
        }
        return operations
    }

    private static func elements(_ old: [JSONValue], _ new: [JSONValue], at path: String) -> [Operation] {
        let least = min(old.count, new.count)
        let before = zip(old, new).prefix { $0 == $1 }.count
        if before == old.count && before == new.count { return [] }
        let after = zip(old.reversed(), new.reversed()).prefix(least - before).prefix { $0 == $1 }.count
        let inPlace = elements(old, new, at: path, before: before, after: after)
        // What only grew, only shrank, or changed in one place has nothing that could be said shorter.
        if before + after >= least - 1 { return inPlace }
        let others = [window(old, new, at: path), reversedWindow(old, new, at: path)].compactMap { $0 }
        return others.reduce(inPlace) { size($1) < size($0) ? $1 : $0 }
    }

    /// Element by element between what is the same at both ends; then what is left over goes in or out behind them.
    private static func elements(
        _ old: [JSONValue], _ new: [JSONValue], at path: String, before: Int, after: Int
    ) -> [Operation] {
        var operations: [Operation] = []
        let oldEnd = old.count - after
        let newEnd = new.count - after
        let both = min(oldEnd, newEnd)
        for index in before..<both {
            operations += Self.operations(old[index], new[index], at: "\(path)/\(index)")
        }
        for _ in both..<oldEnd { operations.append(.remove(path: "\(path)/\(both)")) }
        for index in both..<newEnd {
            operations.append(.add(path: after == 0 ? "\(path)/-" : "\(path)/\(index)", new[index]))
        }
        return operations
    }

    /// The tail of a log: what left at the front, and what came at the end.
    private static func window(_ old: [JSONValue], _ new: [JSONValue], at path: String) -> [Operation]? {
        guard let left = shift(from: old, to: new) else { return nil }
        return Array(repeating: .remove(path: "\(path)/0"), count: left)
            + new[(old.count - left)...].map { .add(path: "\(path)/-", $0) }
    }

    /// A list with the newest first: what left at the end, and what came at the front.
    private static func reversedWindow(_ old: [JSONValue], _ new: [JSONValue], at path: String) -> [Operation]? {
        guard let came = shift(from: new, to: old) else { return nil }
        let stay = new.count - came
        return Array(repeating: .remove(path: "\(path)/\(stay)"), count: old.count - stay)
            + new[..<came].enumerated().map { .add(path: "\(path)/\($0)", $1) }
    }

    /// How many elements `first` loses at its front so that `second` begins with the rest of it; nil when nothing of it would be left.
    private static func shift(from first: [JSONValue], to second: [JSONValue]) -> Int? {
        guard first.count <= windowLimit, first.count > 1 else { return nil }
        return (1..<first.count).first { shift in
            first.count - shift <= second.count && zip(first[shift...], second).allSatisfy { $0 == $1 }
        }
    }

    /// How many bytes the operations need, with a comma each.
    private static func size(_ operations: [Operation]) -> Int {
        operations.reduce(0) { sum, operation in
            switch operation {
            case .add(let path, let value): sum + 30 + JSONWriter.size(path) + JSONWriter.size(value)
            case .replace(let path, let value): sum + 34 + JSONWriter.size(path) + JSONWriter.size(value)
            case .remove(let path): sum + 24 + JSONWriter.size(path)
            }
        }
    }
}
