import Fleet

/// The last line of defence before a disk: each room takes secrets out of what it quotes, and a recording, which is sent to others and kept
/// for long, is looked through once more.
///
/// The same text always becomes the same, so that a fleet and the changes that follow it tell the same.
enum RecordingSecrets {
    static func hidden(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .whole, .number: return value
        case .text(let text): return .text(isTime(text) ? text : SecretText.hidden(text))
        case .list(let values): return .list(values.map(hidden))
        case .object(var members):
            for (name, member) in members {
                // The way to what a patch changes is made of names of ours; another text there would change something else.
                if name == "path", members["op"] != nil { continue }
                members[name] = hidden(member)
            }
            return .object(members)
        }
    }

    /// Times are every other text, and all have colons. A text that only looks like one has no room for a name and a secret.
    private static func isTime(_ text: String) -> Bool {
        text.utf8.count == 24 && text.utf8.last == UInt8(ascii: "Z")
            && text.utf8.first.map { (0x30...0x39).contains($0) } == true
    }
}
