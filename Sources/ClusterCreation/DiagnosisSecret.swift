/// Takes out of a line of text from a head node what must not be shown: the parameters of addresses, keys and
/// passwords.
///
/// cloud-init and cfn-signal log the wait condition's presigned address, with which anyone could signal the stack.
enum DiagnosisSecret {
    private static let names = [
        "password", "passwd", "secret", "token", "credential", "signature", "authorization", "access_key", "api_key",
        "access-key", "api-key",
    ]
    /// Words between a name and what it names: `Authorization: Bearer …`, `password = …`.
    private static let between: Set = ["=", ":", "Bearer", "Basic", "bearer", "basic"]

    /// - Returns: the text with `…` in the place of each such thing.
    static func hidden(_ text: String) -> String {
        guard text.utf8.count < 16 << 10 else { return "…" }
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

    private static func hidden(word: Substring) -> String {
        if let address = word.firstRange(of: "://") {
            let rest = word[address.upperBound...]
            let shown = rest.prefix { $0 != "?" }
            // `https://user:password@host/`
            let user = shown.prefix { $0 != "/" }.lastIndex(of: "@")
            if user != nil || shown.count < rest.count {
                return word[..<address.upperBound] + (user.map { "…" + shown[$0...] } ?? String(shown))
                    + (shown.count < rest.count ? "?…" : "")
            }
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
