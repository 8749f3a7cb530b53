/// Durations for people, in the fewest characters that still tell: `8s`, `4m10s`, `41m`, `1h05m`, `3d`.
public enum DurationText {
    /// - Parameter seconds: negative counts as 0; not a number reads `-`.
    public static func short(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "-" }
        let total = Int(max(0, min(seconds, 3e9)))
        switch total {
        case ..<60: return "\(total)s"
        case ..<600:
            let rest = total % 60
            return rest == 0 ? "\(total / 60)m" : "\(total / 60)m\(two(rest))s"
        case ..<3600: return "\(total / 60)m"
        case ..<86_400: return "\(total / 3600)h\(two(total / 60 % 60))m"
        default: return "\(total / 86_400)d"
        }
    }

    /// An age that is read at a glance: whole units only, `47s`, `4m`, `2h`, `3d`.
    public static func age(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "-" }
        let total = Int(max(0, min(seconds, 3e9)))
        switch total {
        case ..<60: return "\(total)s"
        case ..<3600: return "\(total / 60)m"
        case ..<86_400: return "\(total / 3600)h"
        default: return "\(total / 86_400)d"
        }
    }

    /// A band in one unit where both ends share it: `9-14m`, `50s-2m`, `1h05m-1h30m`; one value when both ends read the same.
    public static func band(_ low: Double, _ high: Double) -> String {
        guard low.isFinite, high.isFinite else { return "-" }
        let low = max(0, low)
        let high = max(low, high)
        if high < 60 { return same("\(Int(low))", "\(Int(high.rounded(.up)))", unit: "s") }
        if low >= 60, high < 5400 {
            return same("\(Int((low / 60).rounded()))", "\(Int((high / 60).rounded(.up)))", unit: "m")
        }
        let (from, to) = (coarse(low), coarse(high))
        return from == to ? to : "\(from)-\(to)"
    }

    private static func same(_ from: String, _ to: String, unit: String) -> String {
        from == to ? to + unit : "\(from)-\(to)\(unit)"
    }

    private static func coarse(_ seconds: Double) -> String {
        seconds < 60 ? "\(Int(seconds))s" : seconds < 3600 ? "\(Int((seconds / 60).rounded()))m" : short(seconds)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
