import Fleet

/// CloudFormation's reasons without the wrapping of its resource handlers.
enum ReasonText {
    /// - Returns: the message alone, harmless and not long; `Resource handler returned message: "…" (RequestToken: …)`
    /// has one inside.
    static func plain(_ reason: String, limit: Int = 240) -> String {
        var text = Substring(reason)
        if let open = text.firstRange(of: "returned message: \"") {
            text = text[open.upperBound...]
            if let close = text.firstRange(of: "\" (RequestToken") { text = text[..<close.lowerBound] }
        }
        // Long and for machines only; the one who may decode it finds it in the events.
        for tail in ["Encoded authorization failure message", " (Service: "] {
            if let start = text.firstRange(of: tail), start.lowerBound > text.startIndex {
                text = text[..<start.lowerBound]
            }
        }
        while let last = text.last, last == " " { text = text.dropLast() }
        return SafeText.line(SecretText.hidden(String(text)), limit: limit)
    }
}
