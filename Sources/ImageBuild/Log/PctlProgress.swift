import Fleet

/// How far pctl says a build is: the value of the instance tag `pctl-progress`, `32% - Installing …`, or the text behind
/// `PCTL_PROGRESS:` on the builder's console, `Installing compiler gcc@11.2.0 (1/5 packages, 32%)`. Source: wire-formats 4.3.
public struct PctlProgress: Sendable, Equatable {
    /// The instance tag that carries it.
    public static let tag = "pctl-progress"
    /// What it stands behind on the console.
    public static let marker = "PCTL_PROGRESS:"

    /// 0…100 as pctl counts: packages lie between 20 and 80, and 100 comes before the clean-up. Nil when none was told.
    public var percent: Int?
    /// The text without the percentage: `Installing compiler gcc@11.2.0`.
    public var message: String
    /// The package that is about to be installed, as the template spells it. `Installing Spack package manager` names none.
    public var spec: String?
    /// Its number among `total`, 1 first; it is told before the package starts.
    public var number: Int?
    public var total: Int?
    /// Whether the package is one of the compilers, which come first.
    public var isCompiler = false

    /// The value of the tag: `<percent>% - <message>`; nil when there is no percent in it.
    public init?(tag: String) {
        self.init(tag)
        if percent == nil { return nil }
    }

    init(percent: Int?, message: String, spec: String? = nil, number: Int? = nil, total: Int? = nil) {
        self.percent = percent
        self.message = message
        self.spec = spec
        self.number = number
        self.total = total
    }

    /// Reads a tag's value or a marker's text.
    public init(_ text: String) {
        // A message is short; what is not is no message.
        let text = SafeText.line(text, limit: 600)
        var words = text[...]
        var percent = Self.percent(text)
        var counts: (index: Int, total: Int)?
        if let parentheses = Self.parentheses(words) {
            counts = Self.counts(parentheses.inside)
            // The number in the parentheses is meant, whatever a `%` in the spec looks like.
            percent = Self.percent(parentheses.inside) ?? percent
            if counts != nil || Self.percent(parentheses.inside) != nil { words = parentheses.before }
        }
        let digits = words.prefix { $0.isASCII && $0.isNumber }
        if !digits.isEmpty, words.dropFirst(digits.count).hasPrefix("% - ") {
            percent = Self.percent(String(digits) + "%") ?? percent
            words = words.dropFirst(digits.count + 4)
        }
        self.percent = percent
        message = SecretText.line(Self.trimmed(words), limit: 200)
        number = counts?.index
        total = counts?.total
        guard message.hasPrefix("Installing ") else { return }
        // pctl's own pattern takes the word behind `Installing`, and so calls every compiler `compiler`.
        let name = Self.trimmed(message.dropFirst(11))
        let isCompiler = name.hasPrefix("compiler ")
        let spec = isCompiler ? Self.trimmed(name.dropFirst(9)) : name
        guard counts != nil || spec.prefix(while: { $0 != " " }).contains("@") else { return }
        self.isCompiler = isCompiler
        self.spec = spec
    }

    /// The package by name and version.
    public var package: PackageID? {
        guard var spec else { return nil }
        return spec.withUTF8 { bytes in
            let line = LineBytes(base: bytes)
            return PackageID.spec(line.part(0, line.wordEnd(0)))
        }
    }

    /// The percentage of any text: the first number directly before a `%`.
    ///
    /// Only a number that begins a word counts: the `5` of `hdf5%gcc` is no percentage. Neither is one above 100.
    public static func percent(_ text: String) -> Int? {
        var number: Int?
        var before: UInt8 = 0x20
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(byte - UInt8(ascii: "0"))
                if let known = number, Ascii.isDigit(before) {
                    number = known > 1000 ? known : known * 10 + digit
                } else {
                    number = isWord(before) ? nil : digit
                }
            case UInt8(ascii: "%"):
                if let found = number, Ascii.isDigit(before) { return found <= 100 ? found : nil }
                number = nil
            default: number = nil
            }
            before = byte
        }
        return nil
    }

    /// The last progress that a console's text tells; nil if it tells none. The console is often minutes old.
    public static func last(inConsole text: String) -> PctlProgress? {
        for line in text.split(whereSeparator: \.isNewline).reversed() {
            guard let marker = line.firstRange(of: Self.marker) else { continue }
            return PctlProgress(String(line[marker.upperBound...]))
        }
        return nil
    }

    // MARK: parts

    /// What stands in parentheses at the end, and what before them.
    private static func parentheses(_ text: Substring) -> (before: Substring, inside: String)? {
        let text = text.trimmingSuffix
        guard text.last == ")", let open = text.lastIndex(of: "(") else { return nil }
        return (text[..<open], String(text[text.index(after: open)...].dropLast()))
    }

    /// `1/5 packages, 32%`
    private static func counts(_ text: String) -> (index: Int, total: Int)? {
        let parts = text.prefix { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, text.dropFirst(parts[0].count + parts[1].count + 1).hasPrefix(" packages"),
            let index = Int(parts[0]), let total = Int(parts[1]), index >= 0, total > 0
        else { return nil }
        return (min(index, total), total)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        Ascii.isName(byte) || byte == Ascii.at || byte == UInt8(ascii: "=") || byte == Ascii.colon || byte >= 0x80
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.trimmingSuffix)
    }
}

extension Substring {
    /// Without blanks at the end.
    fileprivate var trimmingSuffix: Substring {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
