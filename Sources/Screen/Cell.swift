/// One character cell: a base scalar, up to two zero-width marks on it, and a style.
///
/// The three scalars are packed into one word (3 x 21 bits), so a cell is 16 bytes, two cells compare in two
/// instructions, and nothing is interned: a stream of ever new characters cannot make a table grow.
public struct Cell: Equatable, Sendable {
    private var scalars: UInt64
    /// How the cell looks.
    public var style: Style
    /// Columns: 1, or 2 for a wide character, or 0 for the right half of the wide one in the cell before.
    public private(set) var width: UInt8

    /// A cell that shows one scalar. The caller has made sure that the scalar is printable (see `CellScanner`).
    init(_ base: Unicode.Scalar, style: Style, width: UInt8 = 1) {
        self.scalars = UInt64(base.value)
        self.style = style
        self.width = width
    }

    init(_ glyph: CellGlyph, style: Style) {
        scalars = UInt64(glyph.base.value) | UInt64(glyph.mark1) << 21 | UInt64(glyph.mark2) << 42
        self.style = style
        width = glyph.width
    }

    /// A blank of this style.
    public static func blank(_ style: Style = Style(.text)) -> Cell { Cell(" ", style: style) }

    /// The right half of a wide character.
    static func rightHalf(_ style: Style) -> Cell { Cell(" ", style: style, width: 0) }

    /// The base scalar.
    public var base: Unicode.Scalar { Unicode.Scalar(UInt32(scalars & 0x1F_FFFF)) ?? "\u{FFFD}" }

    /// The first zero-width mark on it.
    public var mark1: Unicode.Scalar? { Cell.mark(scalars >> 21) }

    /// The second one.
    public var mark2: Unicode.Scalar? { Cell.mark(scalars >> 42) }

    /// Nothing to see but the style.
    public var isBlank: Bool { scalars == 0x20 }

    /// What the cell shows as text; empty for the right half of a wide character.
    public var text: String {
        guard width > 0 else { return "" }
        var text = String(Character(base))
        if let mark1 { text.unicodeScalars.append(mark1) }
        if let mark2 { text.unicodeScalars.append(mark2) }
        return text
    }

    private static func mark(_ bits: UInt64) -> Unicode.Scalar? {
        let value = UInt32(bits & 0x1F_FFFF)
        return value == 0 ? nil : Unicode.Scalar(value)
    }
}
