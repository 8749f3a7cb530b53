/// The palette of 256 colours as terminals ship it: the sixteen (which users do change: these are xterm's), a cube of
/// 6 x 6 x 6, and a ramp of 24 greys.
enum Palette {
    static let colors: [RGB] = {
        var colors = [
            RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0), RGB(0, 0, 238), RGB(205, 0, 205),
            RGB(0, 205, 205), RGB(229, 229, 229), RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
            RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
        ]
        let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
        for red in steps {
            for green in steps {
                for blue in steps { colors.append(RGB(red, green, blue)) }
            }
        }
        for grey in 0..<24 {
            let level = UInt8(8 + grey * 10)
            colors.append(RGB(level, level, level))
        }
        return colors
    }()

    /// The names of the sixteen in theme files.
    static let names = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
        "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
    ]

    /// The entry that looks most like a colour, cube and grey ramp alike.
    static func nearest(_ rgb: RGB, in range: Range<Int>) -> UInt8 {
        var best = range.lowerBound
        var least = Double.infinity
        for index in range {
            let distance = rgb.distance(to: colors[index])
            if distance < least {
                least = distance
                best = index
            }
        }
        return UInt8(best)
    }
}
