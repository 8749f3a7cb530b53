/// Takes out of a text from outside what must not be shown: the parameters of addresses and who is named in them, keys and passwords.
///
/// cloud-init and cfn-signal log the wait condition's presigned address, with which anyone could signal the stack; Flux and Helm name the
/// address of a repository with its user and password when they cannot fetch from it.
public enum SecretText {
    private static let names = [
        "password", "passwd", "secret", "token", "credential", "signature", "authorization", "access_key", "api_key",
        "access-key", "api-key",
    ]
    /// Words between a name and what it names: `Authorization: Bearer …`, `password = …`.
    private static let between: Set = ["=", ":", "Bearer", "Basic", "bearer", "basic"]
    /// Texts of more bytes are not looked through.
    private static let longest = 16 << 10

    /// One harmless line without secrets. What is cut off is looked at before it is cut: half a password is still one.
    ///
    /// - Parameter limit: the longest result in Unicode scalars, as that of `SafeText.line`.
    public static func line(_ text: String, limit: Int = 400) -> String {
        guard isSuspicious(text) else { return SafeText.line(text, limit: limit) }
        return SafeText.line(hidden(SafeText.line(text, limit: max(4000, limit))), limit: limit)
    }

    /// - Returns: the text with `…` in the place of each such thing. A text that is too long to be looked through is nothing but `…`.
    public static func hidden(_ text: String) -> String {
        guard isSuspicious(text) else { return text }
        guard text.utf8.count < longest else { return "…" }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        var hidesNext = false
        return words.indices.map { place in
            let word = words[place]
            if hidesNext, !word.isEmpty, !between.contains(String(word)) {
                hidesNext = false
                return "…"
            }
            // `the token expired` is no secret: something must introduce one.
            let next = place + 1 < words.endIndex ? words[place + 1] : ""
            let introduces = word.last == ":" || word.last == "=" || word.hasPrefix("--") || next == "=" || next == ":"
            if introduces, isName(word.trimmed(of: "\"'{[,:=")) {
                hidesNext = true
                return String(word)
            }
            return hidden(word: word)
        }.joined(separator: " ")
    }

    /// Most texts have nothing that could introduce a secret; one look over their bytes is all that they cost.
    private static func isSuspicious(_ text: String) -> Bool {
        var key: (before: UInt8, before2: UInt8, before3: UInt8) = (0, 0, 0)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "="), UInt8(ascii: ":"): return true
            case UInt8(ascii: "-") where key.before == byte: return true
            // `AKIA`, `ASIA`
            case UInt8(ascii: "A") where key.before == UInt8(ascii: "I") && key.before3 == byte: return true
            default: break
            }
            key = (byte, key.before, key.before2)
        }
        return false
    }

    private static func hidden(word: Substring) -> String {
        if let address = word.firstRange(of: "://") {
            let rest = word[address.upperBound...]
            let shown = rest.prefix { $0 != "?" }
            let end = shown.count < rest.count ? "?…" : ""
            // `https://user:password@host/`
            if let user = shown.prefix(while: { $0 != "/" }).lastIndex(of: "@") {
                return word[..<address.upperBound] + "…" + hidden(word: shown[user...]) + end
            }
            // Another address may follow in the same word.
            return word[..<address.upperBound] + (shown.contains("://") ? hidden(word: shown) : String(shown)) + end
        }
        if let sign = word.firstIndex(where: { $0 == "=" || $0 == ":" }), isName(word[..<sign].trimmed(of: "\"'{[,")) {
            return word[...sign] + "…"
        }
        return isKey(word) ? "…" : String(word)
    }

    private static func isName(_ word: Substring) -> Bool {
        let word = word.lowercased()
        return word.utf8.count < 40 && names.contains { word.hasSuffix($0) }
    }

    /// An access key id, wherever it stands in a word.
    private static func isKey(_ word: Substring) -> Bool {
        for start in ["AKIA", "ASIA"] {
            guard let found = word.firstRange(of: start) else { continue }
            let rest = word[found.upperBound...].prefix { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            if rest.count >= 12 { return true }
        }
        return false
    }
}

extension Substring {
    fileprivate func trimmed(of characters: String) -> Substring {
        var rest = self.drop { characters.contains($0) }
        while let last = rest.last, characters.contains(last) { rest = rest.dropLast() }
        return rest
    }
}
