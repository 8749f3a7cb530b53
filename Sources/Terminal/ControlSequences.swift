#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The few things that are said to xterm-like terminals past curses.
enum ControlSequences {
    /// Keeps the title of the window; `restoreTitle` brings it back.
    static let saveTitle = "\u{1B}[22;0t"
    /// Brings the kept title back.
    static let restoreTitle = "\u{1B}[23;0t"
    /// The most that is put on the clipboard at once: terminals cut or ignore sequences of more than 100,000 bytes,
    /// which is 74,994 bytes before they are coded.
    static let clipboardLimit = 74_994
    /// Titles are for window lists; nothing useful follows after this.
    private static let titleLimit = 200

    /// Names the window. Titles come from outside data, so everything a terminal would obey is taken out.
    static func title(_ text: String) -> String {
        let safe = text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }
        var title = String.UnicodeScalarView()
        title.append(contentsOf: safe.prefix(titleLimit))
        return "\u{1B}]2;" + String(title) + "\u{07}"
    }

    /// Puts text on the clipboard of the person's own machine (OSC 52); nil when it is too long.
    static func clipboard(_ text: String) -> String? {
        guard text.utf8.count <= clipboardLimit else { return nil }
        return "\u{1B}]52;c;" + Data(text.utf8).base64EncodedString() + "\u{07}"
    }
}
