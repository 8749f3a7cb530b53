#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Red, green and blue of the sRGB space, 0 to 255 each, and what can be measured about them.
public struct RGB: Equatable, Hashable, Sendable {
    /// The channels.
    public var red, green, blue: UInt8

    /// A colour from its channels.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A colour from `#rrggbb` or `#rgb`.
    public init?(hex: String) {
        let digits = hex.dropFirst().compactMap(\.hexDigitValue).map(UInt8.init)
        guard hex.first == "#", digits.count == hex.count - 1 else { return nil }
        switch digits.count {
        case 3: self.init(digits[0] * 17, digits[1] * 17, digits[2] * 17)
        case 6:
            self.init(
                digits[0] << 4 | digits[1], digits[2] << 4 | digits[3], digits[4] << 4 | digits[5])
        default: return nil
        }
    }

    /// Channels as light intensities, 0 to 1.
    var linear: SIMD3<Double> {
        SIMD3(RGB.light(red), RGB.light(green), RGB.light(blue))
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2).
    public var luminance: Double { (linear * SIMD3(0.2126, 0.7152, 0.0722)).sum() }

    /// Lightness L* of CIELAB, 0 to 100.
    public var lightness: Double {
        let y = luminance
        return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27
    }

    /// Contrast ratio of two colours, 1 to 21 (WCAG 2.2).
    public func contrast(with other: RGB) -> Double {
        let (a, b) = (luminance, other.luminance)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// How different two colours look: their distance in OKLab (0 the same, about 0.02 just noticeable, 1 black to
    /// white). Distance in RGB would call two blues near that the eye tells apart at once.
    public func distance(to other: RGB) -> Double { RGB.distance(linear, other.linear) }

    static func distance(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
        let difference = oklab(a) - oklab(b)
        return (difference * difference).sum().squareRoot()
    }

    /// OKLab of linear light (Björn Ottosson, 2020).
    private static func oklab(_ linear: SIMD3<Double>) -> SIMD3<Double> {
        let l = cbrt((linear * SIMD3(0.4122214708, 0.5363325363, 0.0514459929)).sum())
        let m = cbrt((linear * SIMD3(0.2119034982, 0.6806995451, 0.1073969566)).sum())
        let s = cbrt((linear * SIMD3(0.0883024619, 0.2817188376, 0.6299787005)).sum())
        return SIMD3(
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
    }

    private static func light(_ channel: UInt8) -> Double {
        let value = Double(channel) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
}
