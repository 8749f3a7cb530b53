/// Makes text from outside harmless before it is stored: one line, no control characters, of bounded length.
public enum SafeText {
    /// - Parameters:
    ///   - text: anything; invalid UTF-8 was replaced when it became a `String`.
    ///   - limit: the longest result in Unicode scalars; what is cut is marked with `…`.
    /// - Returns: tabs and line breaks as one blank; C0, DEL, C1 and bidirectional controls as U+FFFD, so that an escape sequence stays
    ///   readable as text but can do nothing.
    public static func line(_ text: String, limit: Int = 400) -> String {
        var isPlain = true
        var count = 0
        for byte in text.utf8 {
            count += 1
            if byte < 0x20 || byte >= 0x7F { isPlain = false; break }
            if count > limit { isPlain = false; break }
        }
        if isPlain { return text }
        var result = String.UnicodeScalarView()
        count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                result.append("\u{2026}")
                break
            }
            result.append(harmless(scalar))
            count += 1
        }
        return String(result)
    }

    private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: " "
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: scalar
        }
    }
}
