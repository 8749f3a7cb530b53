/// Sizes for people, in the fewest characters that still tell: `850 MB`, `12.3 GB`, `45 GB`. A GB is a thousand million bytes, as the
/// sizes of volumes are.
enum ByteText {
    private static let units: [(size: Double, name: String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]

    /// - Parameter bytes: negative counts as 0; not a number reads `-`.
    static func size(_ bytes: Double) -> String {
        guard bytes.isFinite else { return "-" }
        let bytes = min(max(0, bytes), 1e18)
        // What would be rounded up to a thousand is one of the next unit.
        guard let unit = units.first(where: { bytes >= $0.size * 0.9995 }) else { return "\(Int(bytes)) B" }
        return "\(number(bytes / unit.size, hasTenths: unit.size >= 1e9)) \(unit.name)"
    }

    /// `+0.2 GB/min`, `-12 MB/min`; nil for what is next to nothing.
    static func rate(_ bytesPerMinute: Double?) -> String? {
        guard let rate = bytesPerMinute, rate.isFinite, abs(rate) >= 1e6 else { return nil }
        let amount = min(abs(rate), 1e15)
        // A disk is counted in GB: what it grows by is easier set against that in the same unit.
        let text = amount >= 5e7 ? "\(number(amount / 1e9, hasTenths: true)) GB" : size(amount)
        return "\(rate < 0 ? "-" : "+")\(text)/min"
    }

    private static func number(_ value: Double, hasTenths: Bool) -> String {
        let tenths = Int((value * 10).rounded())
        guard hasTenths, tenths % 10 != 0, tenths < 1000 else { return String(Int(value.rounded())) }
        return "\(tenths / 10).\(tenths % 10)"
    }
}
