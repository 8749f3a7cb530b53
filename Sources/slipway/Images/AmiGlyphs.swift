import Screen

/// The characters of the build screen, each one column wide: those of the seed without its emoji, or nothing but ASCII.
struct AmiGlyphs: Sendable, Equatable {
    var isASCII: Bool
    var fill: Character
    var rest: Character
    var rule: Character
    var ellipsis: String
    /// A dependency that is there.
    var there: String
    var first: String
    var middle: String
    var last: String
    var vertical: String
    var back: String
    var plusMinus: String

    /// Those of the screen that suit them.
    var screen: Glyphs { isASCII ? .ascii : .box }

    static let box = AmiGlyphs(
        isASCII: false, fill: "█", rest: "░", rule: "═", ellipsis: "…", there: "✓", first: "┌─", middle: "├─",
        last: "└─", vertical: "│", back: "←", plusMinus: "±")

    static let ascii = AmiGlyphs(
        isASCII: true, fill: "#", rest: "-", rule: "=", ellipsis: "~", there: "+", first: ",-", middle: "|-",
        last: "`-", vertical: "|", back: "<-", plusMinus: "+-")

    /// The bar of the mock-ups. Source: wire-formats 4.4.
    static let barWidth = 18

    /// What has begun never looks empty, and what is not done never looks full.
    func bar(_ percent: Int, width: Int = barWidth) -> String {
        guard width > 0 else { return "" }
        let percent = min(100, max(0, percent))
        var filled = (percent * width + 99) / 100
        if percent < 100 { filled = min(filled, width - 1) }
        return String(repeating: fill, count: filled) + String(repeating: rest, count: width - filled)
    }

    /// Text from outside, in characters that the terminal has: a compiler's quotes and names are the usual ones it lacks.
    func plain(_ text: String) -> String {
        guard isASCII, text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        return String(
            text.map { character -> Character in
                switch character {
                case "‘", "’": "'"
                case "“", "”": "\""
                case "…": "~"
                case "±": "~"
                default: character.isASCII ? character : "?"
                }
            })
    }
}
