import Fleet

/// What `/` looks at.
enum FilterText {
    /// Whether an item contains the words of `filter`, all of them, in any case. `!word` asks that it does not contain the word.
    static func matches(_ item: Item, _ filter: String) -> Bool {
        filter.split(separator: " ").allSatisfy { word in
            word.first == "!" && word.count > 1 ? !contains(item, word.dropFirst()) : contains(item, word)
        }
    }

    private static func contains(_ item: Item, _ word: Substring) -> Bool {
        if holds(item.name, word) || holds(item.word, word) || holds(item.state.rawValue, word)
            || holds(item.source.text, word)
        {
            return true
        }
        if let profile = item.profile, holds(profile, word) { return true }
        if case .metal(let detail) = item.detail {
            return holds(detail.managementIP ?? "", word) || holds(detail.clusterRole ?? "", word)
                || holds(detail.message, word)
        }
        return false
    }

    /// Whether `text` contains `word`; ASCII letters in any case. Bytes, because thousands of rows are asked at each key.
    static func holds(_ text: String, _ word: some StringProtocol) -> Bool {
        let needle = word.utf8.map(lower)
        guard !needle.isEmpty else { return true }
        var haystack = text
        return haystack.withUTF8 { bytes in
            guard bytes.count >= needle.count else { return false }
            return (0...bytes.count - needle.count).contains { start in
                needle.indices.allSatisfy { lower(bytes[start + $0]) == needle[$0] }
            }
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
