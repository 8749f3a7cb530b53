import Yams

/// Walks through a template and collects everything that is wrong in it.
struct TemplateReader {
    /// A value, with the places that a problem points to.
    struct Entry {
        let value: Node
        let path: String
        /// Where the value stands, or its key if there is no value.
        let line: Int
        let column: Int
    }

    private(set) var problems: [TemplateProblem]
    private let source: TemplateSource
    private let document: TemplateDocument
    /// Entries that may still be looked at: aliases can make ten lines into millions.
    private var budget = 20_000

    init(_ source: TemplateSource, _ document: TemplateDocument) {
        self.source = source
        self.document = document
        problems = document.problems
    }

    mutating func complain(_ entry: Entry, _ text: String, fix: String) {
        problems.append(
            TemplateProblem(line: entry.line, column: entry.column, path: entry.path, text: text, fix: fix))
    }

    /// Points to a character of a text, if it stands in the file as it was read: behind an escape it would be elsewhere.
    mutating func complain(_ entry: Entry, at offset: Int, of text: String, _ words: String, fix: String) {
        var column = entry.column + offset
        if case .scalar(let scalar) = entry.value, scalar.style == .doubleQuoted || scalar.style == .singleQuoted {
            column += 1
        }
        let wanted = text.unicodeScalars.dropFirst(offset).first
        let found = source.scalar(line: entry.line, column: column)
        let before = text.unicodeScalars.dropFirst(max(0, offset - 1)).first
        let isThere =
            wanted == nil
            ? offset > 0 && source.scalar(line: entry.line, column: column - 1) == before : found == wanted
        problems.append(
            TemplateProblem(
                line: entry.line, column: isThere ? column : entry.column, path: entry.path, text: words, fix: fix))
    }

    mutating func complainOfEmptyFile() {
        problems.append(
            TemplateProblem(
                line: 1, column: 1, path: "", text: "the file is empty; expected the sections cluster and compute",
                fix: "begin with `cluster: {name: demo, region: us-west-2}`"))
    }

    // MARK: mappings

    /// The entries of a mapping by key. Says which keys are unknown, and which required ones are missing.
    ///
    /// - Returns: nil if it is no mapping.
    mutating func fields(_ entry: Entry, _ known: [String], required: Set<String> = []) -> [String: Entry]? {
        if Self.isUnreadable(entry.value) { return nil }
        guard case .mapping(let mapping) = entry.value else {
            let lines = known.map { "\($0):" }.joined(separator: ", ")
            complain(entry, "expected a mapping, found \(Self.kind(entry.value))", fix: "write lines \(lines) below it")
            return nil
        }
        var fields: [String: Entry] = [:]
        var unknown: [(name: String, entry: Entry)] = []
        for (key, value) in pairs(mapping, depth: 0) {
            let place = key.mark.map { ($0.line, $0.column) } ?? (entry.line, entry.column)
            guard case .scalar(let scalar) = key else {
                complain(
                    Entry(value: key, path: entry.path, line: place.0, column: place.1),
                    "\(Self.kind(key)) stands where a key is expected", fix: "write `key: value`")
                continue
            }
            let name = Self.text(scalar)
            // It is there a second time, and that was told.
            if let first = name.unicodeScalars.first, Self.isDoubled(first) { continue }
            let path = entry.path.isEmpty ? Self.short(name) : "\(entry.path).\(Self.short(name))"
            guard let value = resolved(value, path: path) else {
                // What is no anchor's is still there: nobody is told that it is missing.
                if known.contains(name) {
                    fields[name] = Entry(value: Self.unreadable, path: path, line: place.0, column: place.1)
                }
                continue
            }
            let mark = Self.isNull(value) ? key.mark : value.mark
            let field = Entry(
                value: value, path: path, line: mark?.line ?? place.0, column: mark?.column ?? place.1)
            if known.contains(name) {
                // The mapping's own keys come first, then those that are merged into it.
                if fields[name] == nil { fields[name] = field }
            } else {
                unknown.append((name, Entry(value: value, path: path, line: place.0, column: place.1)))
            }
        }
        for (name, place) in unknown {
            let meant = NearWord.meant(by: name, in: known)
            complain(
                place, "there is no such key",
                fix: meant.map { "did you mean `\($0)`?" }
                    ?? "remove it; there are \(known.joined(separator: ", "))")
            // A slip is one problem: the section is read as what it was meant to be, and is not missing.
            guard let meant, fields[meant] == nil else { continue }
            let mark = Self.isNull(place.value) ? nil : place.value.mark
            let path = entry.path.isEmpty ? meant : "\(entry.path).\(meant)"
            fields[meant] = Entry(
                value: place.value, path: path, line: mark?.line ?? place.line, column: mark?.column ?? place.column)
        }
        for name in known where required.contains(name) && fields[name] == nil {
            let path = entry.path.isEmpty ? name : "\(entry.path).\(name)"
            complain(
                Entry(value: entry.value, path: path, line: entry.line, column: entry.column), "is missing",
                fix: "add `\(name): \(Self.examples[name] ?? "…")`")
        }
        return fields
    }

    /// The mapping's own entries, then those of `<<`.
    private mutating func pairs(_ mapping: Node.Mapping, depth: Int) -> [(Node, Node)] {
        var own: [(Node, Node)] = []
        var merged: [(Node, Node)] = []
        for (key, value) in mapping {
            guard spend(key) else { break }
            guard case .scalar(let scalar) = key, scalar.string == "<<", scalar.style == .plain, depth < 8 else {
                own.append((key, value))
                continue
            }
            guard let value = resolved(value, path: "<<") else { continue }
            let sources = value.sequence.map { $0.compactMap { resolved($0, path: "<<") } } ?? [value]
            for case .mapping(let source) in sources { merged += pairs(source, depth: depth + 1) }
        }
        return own + merged
    }

    // MARK: lists and scalars

    /// The entries of a list; none of an absent or empty one. nil if it is no list.
    mutating func list(_ entry: Entry, of what: String, example: String) -> [Entry]? {
        if Self.isUnreadable(entry.value) { return nil }
        if Self.isNull(entry.value) { return [] }
        guard case .sequence(let sequence) = entry.value else {
            complain(
                entry, "expected a list of \(what), found \(Self.kind(entry.value))", fix: "write \(example) below it")
            return nil
        }
        var entries: [Entry] = []
        for (index, node) in sequence.enumerated() {
            guard spend(node) else { break }
            let path = "\(entry.path)[\(index)]"
            guard let value = resolved(node, path: path) else { continue }
            entries.append(
                Entry(
                    value: value, path: path, line: value.mark?.line ?? entry.line,
                    column: value.mark?.column ?? entry.column))
        }
        return entries
    }

    /// A text; nil if it is missing (which was told) or none.
    mutating func text(_ entry: Entry?, _ expected: String, example: String) -> String? {
        guard let entry, !Self.isUnreadable(entry.value) else { return nil }
        guard case .scalar(let scalar) = entry.value else {
            complain(entry, "expected \(expected), found \(Self.kind(entry.value))", fix: "write \(example)")
            return nil
        }
        guard !Self.isNull(entry.value), !scalar.string.isEmpty else {
            complain(entry, "is empty; expected \(expected)", fix: "write \(example)")
            return nil
        }
        return Self.text(scalar)
    }

    /// A whole number; `absent` if it is not there, nil if it is something else.
    mutating func integer(_ entry: Entry?, absent: Int? = nil) -> Int? {
        guard let entry else { return absent }
        guard !Self.isUnreadable(entry.value) else { return nil }
        guard case .scalar(let scalar) = entry.value else {
            complain(
                entry, "expected a whole number, found \(Self.kind(entry.value))", fix: "write a number such as 10")
            return nil
        }
        if Self.isNull(entry.value) {
            complain(entry, "is empty; expected a whole number", fix: "write a number such as 10")
            return nil
        }
        let text = Self.text(scalar)
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let isNumber = !digits.isEmpty && digits.unicodeScalars.allSatisfy(SpecCharacter.isDigit)
        if isNumber, scalar.style != .plain {
            complain(entry, "expected a number, found the text \"\(Self.short(text))\"", fix: "remove the quotes")
        } else if !isNumber {
            complain(
                entry, "expected a whole number, found `\(Self.short(text))`", fix: "write digits only, such as 10")
        } else if digits.count > 1, digits.first == "0" {
            complain(entry, "the number begins with 0, which YAML may read as octal", fix: "remove the zero")
        } else if let number = Int(text) {
            return number
        } else {
            complain(entry, "the number \(Self.short(text)) is far too large", fix: "write a number such as 10")
        }
        return nil
    }

    // MARK: aliases and the budget

    /// What an alias stands for; any other node as it is. nil after a complaint.
    private mutating func resolved(_ node: Node, path: String) -> Node? {
        var node = node
        // An anchor may stand before an alias, and that one's before another.
        for _ in 0..<8 {
            guard case .scalar(let scalar) = node, scalar.style == .plain,
                scalar.string.unicodeScalars.first == TemplateSource.star
            else { return node }
            let name = String(scalar.string.unicodeScalars.dropFirst())
            let place = Entry(value: node, path: path, line: scalar.mark?.line ?? 1, column: scalar.mark?.column ?? 1)
            guard let target = document.anchored(name, before: scalar.mark) else {
                let near = NearWord.meant(by: name, in: document.anchorNames)
                complain(
                    place, "`*\(Self.short(name))` points to no anchor before it",
                    fix: near.map { "did you mean `*\($0)`?" }
                        ?? "write &\(Self.short(name)) before what it stands for, or put it into quotes")
                return nil
            }
            node = target
        }
        return node
    }

    private mutating func spend(_ node: Node) -> Bool {
        budget -= 1
        if budget == 0 {
            problems.append(
                TemplateProblem(
                    line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, path: "",
                    text: "the template has more than 20000 entries, aliases counted wherever they are used",
                    fix: "split it, or use fewer aliases"))
        }
        return budget > 0
    }

    // MARK: words

    /// Stands for what an alias was to be replaced by, after a complaint.
    private static var unreadable: Node { Node("\u{10FF01}") }

    private static func isUnreadable(_ node: Node) -> Bool { node.scalar?.string == "\u{10FF01}" }

    private static func isDoubled(_ scalar: Unicode.Scalar) -> Bool {
        (TemplateSource.doubled.value...0x10FFFF).contains(scalar.value)
    }

    private static func text(_ scalar: Node.Scalar) -> String { TemplateSource.restored(scalar.string) }

    static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    static func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let scalar):
            isNull(node) ? "nothing" : "the text `\(short(text(scalar)))`"
        case .alias: "an alias"
        }
    }

    /// A value as a sentence can hold it.
    static func short(_ text: String) -> String {
        text.unicodeScalars.count <= 60 ? text : TemplateSource.string(Array(text.unicodeScalars.prefix(60))[...]) + "…"
    }

    private static let examples = [
        "name": "demo", "region": "us-west-2", "cluster": "{name: demo, region: us-west-2}",
        "compute": "{head_node: c5.large, queues: […]}", "head_node": "c5.large",
        "queues": "[{name: compute, instance_types: [c5.2xlarge], max_count: 10}]", "instance_types": "[c5.2xlarge]",
        "uid": "5001", "gid": "5001", "bucket": "my-bucket", "mount_point": "/data",
    ]
}
