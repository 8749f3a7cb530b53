/// Text for a command line that a person pastes into a shell.
public enum ShellText {
    /// The name of something as one word: one harmless line, and without leading dashes, for it would be an option, quoted or not.
    public static func word(_ name: String) -> String {
        quoted(SafeText.line(String(name.drop { $0 == "-" }.prefix(253))))
    }

    /// In quotes where a shell would read anything into it: names come from outside.
    public static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: ","):
                    true
                default: false
                }
            }
        guard !isPlain else { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
