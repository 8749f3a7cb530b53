import Fleet
import Screen

/// A line of text that is being typed.
enum TextEntry {
    /// - Parameter limit: the longest text, in Unicode scalars; what is more is not taken.
    /// - Returns: the text after the key; nil for a key that does not edit.
    static func edited(_ text: String, by key: Key, limit: Int = 200) -> String? {
        var text = text
        switch key {
        case .backspace, .control("h"): if !text.isEmpty { text.removeLast() }
        case .control("u"): text = ""
        case .control("w"):
            while text.last == " " { text.removeLast() }
            while let last = text.last, last != " " { text.removeLast() }
        case .character(let character): text.append(character)
        case .paste(let pasted): text += SafeText.line(pasted, limit: limit)
        default: return nil
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    }

    /// The end of it, which is where one types, with the place of the next character.
    static func line(_ label: Line, _ text: String, width: Int, glyphs: Glyphs) -> Line {
        let room = max(0, width - label.width - 1)
        var end = text[...]
        if TextWidth.of(end) > room {
            while !end.isEmpty, TextWidth.of(end) > room - 1 { end = end.dropFirst() }
            return label + Line(String(glyphs.ellipsis), Style(.muted)) + Line(String(end), Style(.match))
                + Line("_", Style(.cursor))
        }
        return label + Line(text, Style(.match)) + Line("_", Style(.cursor))
    }
}
