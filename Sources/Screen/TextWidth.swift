/// How many columns text takes on a terminal. An own table, because the C library's answer depends on its age and
/// locale, and because layout has to give the same picture everywhere (golden files).
public enum TextWidth {
    /// The columns of one scalar that stands alone: 0, 1 or 2. Controls count 1, since they are shown as U+FFFD.
    public static func of(_ scalar: Unicode.Scalar) -> Int {
        switch kind(of: scalar) {
        case .dropped, .mark: 0
        case .wide: 2
        case .blank, .unsafe, .flagLetter, .narrow: 1
        }
    }

    /// The columns of one character as a grid shows it.
    public static func of(_ character: Character) -> Int { of(String(character)) }

    /// The columns of a text as a grid shows it.
    public static func of(_ text: String) -> Int { of(text[...]) }

    /// The columns of a part of a text as a grid shows it.
    public static func of(_ text: Substring) -> Int {
        if isPlain(text) { return text.utf8.count }
        return CellScanner.scanning(text) { scanner in
            var width = 0
            while let glyph = scanner.next() { width += Int(glyph.width) }
            return width
        }
    }

    /// Nothing but ASCII: every byte is one column, controls too, since they are shown as one U+FFFD each.
    static func isPlain(_ text: Substring) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in bytes.allSatisfy { $0 < 0x80 } } ?? false
    }

    /// What a scalar does in a row of cells.
    enum Kind {
        /// One column.
        case narrow
        /// Two columns.
        case wide
        /// Joins the one before.
        case mark
        /// Left out: joiners and variation selectors.
        case dropped
        /// A tab.
        case blank
        /// One of the 26 letters that make flags in pairs.
        case flagLetter
        /// Would move, hide or reorder: shown as U+FFFD.
        case unsafe
    }

    static func kind(of scalar: Unicode.Scalar) -> Kind {
        let value = scalar.value
        if value < 0x300 {
            if value < 0x20 { return value == 0x09 ? .blank : .unsafe }
            return (0x7F...0x9F).contains(value) || value == 0xAD ? .unsafe : .narrow
        }
        // Rules, blocks and braille are the bulk of what a dashboard draws.
        if (0x2500...0x25FC).contains(value) || (0x2800...0x28FF).contains(value) { return .narrow }
        switch value {
        case 0x200C, 0x200D, 0x20E3, 0xFE00...0xFE0F, 0x180B...0x180D, 0x180F, 0xE0100...0xE01EF: return .dropped
        case 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0x61C, 0x180E,
            0xE0000...0xE00FF, 0x1D173...0x1D17A:
            return .unsafe
        case 0x1F1E6...0x1F1FF: return .flagLetter
        default: break
        }
        if value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(value) { return .unsafe }
        if ScalarRanges.marks.contains(value) { return .mark }
        return value >= 0x1100 && ScalarRanges.wide.contains(value) ? .wide : .narrow
    }

    static func isEmoji(_ scalar: Unicode.Scalar) -> Bool {
        (0x1F300...0x1FAFF).contains(scalar.value) || (0x2600...0x27BF).contains(scalar.value)
    }

    static func isSkinTone(_ scalar: Unicode.Scalar) -> Bool { (0x1F3FB...0x1F3FF).contains(scalar.value) }
}
