/// How many colours a terminal has. Raw values name the depth in settings and flags.
public enum ColorDepth: String, Hashable, Sendable, CaseIterable {
    /// None: bold, underline and reverse alone.
    case mono
    /// The eight of the first colour terminals.
    case ansi8 = "8"
    /// Those and their bright variants.
    case ansi16 = "16"
    /// The palette of 256.
    case indexed256 = "256"
    /// Any red, green and blue.
    case direct = "rgb"
}

/// A colour of a theme, with what stands for it on terminals that have fewer.
public struct Color: Equatable, Hashable, Sendable {
    /// What the theme asks for.
    public enum Value: Equatable, Hashable, Sendable {
        /// One of the terminal's own sixteen, whatever the user has made of them.
        case ansi(UInt8)
        /// Red, green, blue.
        case rgb(RGB)
    }

    /// What the theme asks for.
    public var value: Value
    /// The palette index to take with 256 colours; nil takes the nearest.
    public var indexed: UInt8?
    /// The one of the sixteen to take; nil takes the nearest.
    public var ansi: UInt8?

    /// A colour.
    public init(_ value: Value, indexed: UInt8? = nil, ansi: UInt8? = nil) {
        self.value = value
        self.indexed = indexed
        self.ansi = ansi
    }

    /// The colour as terminals commonly show it: exact for RGB, customary for the sixteen.
    public var rgb: RGB {
        switch value {
        case .ansi(let index): Palette.colors[Int(index & 15)]
        case .rgb(let rgb): rgb
        }
    }

    /// The number that a terminal of this depth is told: a palette index, or `0xRRGGBB` when direct; nil in mono.
    public func number(at depth: ColorDepth) -> Int32? {
        switch (depth, value) {
        case (.mono, _): return nil
        case (.ansi8, _): return Int32(ansi8)
        case (.ansi16, _): return Int32(ansi16)
        case (.indexed256, .ansi(let index)): return Int32(indexed ?? index & 15)
        case (.indexed256, .rgb(let rgb)): return Int32(indexed ?? Palette.nearest(rgb, in: 16..<256))
        case (.direct, .ansi(let index)) where index < 8: return Int32(index)
        case (.direct, _):
            // In direct mode the numbers 0 to 7 still mean the first eight colours: the darkest blues step aside.
            let number = Int32(rgb.red) << 16 | Int32(rgb.green) << 8 | Int32(rgb.blue)
            return number < 8 && number > 0 ? 8 : number
        }
    }

    private var ansi16: UInt8 {
        if let ansi { return ansi & 15 }
        switch value {
        case .ansi(let index): return index & 15
        case .rgb(let rgb): return Palette.nearest(rgb, in: 0..<16)
        }
    }

    private var ansi8: UInt8 {
        if let ansi { return ansi & 7 }
        switch value {
        case .ansi(let index): return index & 7
        case .rgb(let rgb): return Palette.nearest(rgb, in: 0..<8)
        }
    }
}
