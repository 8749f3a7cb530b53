/// The use of a builder's disk, as a marker tells it. Bytes.
public struct BuildDisk: Sendable, Equatable {
    public var used: Double
    public var total: Double?
    /// 0…100.
    public var percent: Int?

    public init(used: Double, total: Double? = nil, percent: Int? = nil) {
        self.used = used
        self.total = total
        self.percent = percent
    }

    /// `USED:12.3G TOTAL:45G PCT:27%`: units are those of `df -h`, powers of 1024.
    static func read(_ text: LineBytes) -> BuildDisk? {
        guard let used = text.find("USED:"), let bytes = size(text, at: text.afterBlanks(used + 5)) else { return nil }
        let total = text.find("TOTAL:").flatMap { size(text, at: text.afterBlanks($0 + 6)) }
        var percent = text.find("PCT:").flatMap { text.number(text.afterBlanks($0 + 4)) }.map { min(100, $0.value) }
        if percent == nil, let total, total > 0 { percent = Int(min(100, bytes / total * 100)) }
        return BuildDisk(used: bytes, total: total, percent: percent)
    }

    private static func size(_ text: LineBytes, at place: Int) -> Double? {
        guard let number = text.decimal(place) else { return nil }
        let scale: Double
        switch text[number.end] | 0x20 {
        case UInt8(ascii: "k"): scale = 1024
        case UInt8(ascii: "m"): scale = 1_048_576
        case UInt8(ascii: "g"): scale = 1_073_741_824
        case UInt8(ascii: "t"): scale = 1_099_511_627_776
        case UInt8(ascii: "p"): scale = 1_125_899_906_842_624
        default: scale = 1
        }
        return number.value * scale
    }
}
