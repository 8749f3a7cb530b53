/// Takes out of a line of text from a head node what must not be shown: the parameters of addresses, keys and
/// passwords.
///
/// cloud-init and cfn-signal log the wait condition's presigned address, with which anyone could signal the stack.
enum DiagnosisSecret {
    private static let names = ["password", "passwd", "secret", "token", "credential", "signature", "authorization"]

    /// - Returns: the text with `…` in the place of each such thing.
    static func hidden(_ text: String) -> String {
        guard text.utf8.count < 16 << 10 else { return "…" }
        var hidesNext = false
        return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            if hidesNext, !word.isEmpty {
                hidesNext = false
                return "…"
            }
            if isName(word.trimmingEnd(":=")) {
                hidesNext = true
                return String(word)
            }
            return hidden(word: word)
        }.joined(separator: " ")
    }

    private static func hidden(word: Substring) -> String {
        if let address = word.firstRange(of: "://"), let question = word[address.upperBound...].firstIndex(of: "?") {
            return word[..<question] + "?…"
        }
        if let sign = word.firstIndex(where: { $0 == "=" || $0 == ":" }), isName(word[..<sign]) {
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
    fileprivate func trimmingEnd(_ characters: String) -> Substring {
        var rest = self
        while let last = rest.last, characters.contains(last) { rest = rest.dropLast() }
        // Only what ends in one of them introduces something: `the token expired` is no secret.
        return rest.count < count ? rest : ""
    }
}
