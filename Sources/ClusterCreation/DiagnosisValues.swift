import Fleet

/// What stands for the placeholders of a register's texts and commands.
struct DiagnosisValues: Sendable, Equatable {
    enum Place { case prose, command }

    /// Some stand for a list, which is several words of a command.
    private var values: [String: [String]] = [:]

    subscript(name: String) -> String? {
        get { values[name]?.joined(separator: ", ") }
        set { self[list: name] = newValue.map { [$0] } ?? [] }
    }

    subscript(list name: String) -> [String] {
        get { values[name] ?? [] }
        set {
            let words = newValue.filter { !$0.isEmpty }
            values[name] = words.isEmpty ? nil : words
        }
    }

    init() {}

    init(_ facts: ClusterFacts) {
        self["cluster"] = facts.cluster
        self["region"] = facts.region
        self["version"] = facts.version
        self["instance"] = facts.instance?.id
        self["instance-type"] = facts.instance?.type
        self["instance-state"] = facts.instance?.state
        self["instance-age"] = facts.instance?.age.map(DurationText.short)
        self["logical-id"] = facts.wait?.logicalID
        self["waited"] = facts.wait.map { DurationText.short($0.age) }
        self["limit"] = facts.wait.map { DurationText.short($0.limit) + ($0.isLimitKnown ? "" : " (assumed)") }
        self["remaining"] = facts.wait.map { ($0.isLimitKnown ? "" : "about ") + DurationText.short($0.remaining) }
        self["usual"] = facts.usual.map { DurationText.short($0.high) }
        self["n"] = facts.usual.map { "\($0.n)" }
        self["log-age"] = facts.logs.compactMap(\.age).min().map(DurationText.short)
        self["message"] = facts.logMessage.map { DiagnosisLog.quoted($0) }
        self["compute"] = facts.compute.map { "\($0.values.reduce(0, +))" }
        self["compute-running"] = facts.compute.map { "\($0["running"] ?? 0)" }
        for log in facts.logs {
            self["stream:\(log.name)"] = log.stream
            self["log-age:\(log.name)"] = log.age.map(DurationText.short)
        }
    }

    /// - Parameter place: in a command, a value is quoted for the shell.
    /// - Returns: nil when a placeholder has no value, or one that a command would take for an option.
    func fill(_ template: String, as place: Place) -> String? {
        var result = ""
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let inner = rest[rest.index(after: open)...]
            guard let close = inner.firstIndex(of: "}"), Self.isName(inner[..<close]) else {
                result += "{"
                rest = inner
                continue
            }
            guard let value = values[String(inner[..<close])] else { return nil }
            switch place {
            case .prose: result += value.joined(separator: ", ")
            case .command:
                let words = value.compactMap(Self.shellWord)
                guard words.count == value.count else { return nil }
                result += words.joined(separator: " ")
            }
            rest = inner[inner.index(after: close)...]
        }
        return result + rest
    }

    /// The placeholders of a text, in their order.
    static func names(in template: String) -> [String] {
        template.split(separator: "{").dropFirst(template.hasPrefix("{") ? 0 : 1).compactMap { part in
            part.firstIndex(of: "}").map { part[..<$0] }.flatMap { isName($0) ? String($0) : nil }
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 || $0 == 58 || $0 == 95 }
    }

    /// One word of a POSIX shell, whatever the text holds; nil for what no quotes can help.
    private static func shellWord(_ text: String) -> String? {
        guard !text.hasPrefix("-"), !text.unicodeScalars.contains("\u{FFFD}") else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            // . _ / : @ % + , -
            case 46, 95, 47, 58, 64, 37, 43, 44, 45: true
            default: false
            }
        }
        if isPlain { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
