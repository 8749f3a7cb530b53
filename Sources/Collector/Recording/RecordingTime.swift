import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An instant of a recording as a person writes it: `2026-11-20T14:03:00Z`, `14:03`, `14:03:20`, `-2h` before the end, `+10m` after the
/// beginning.
extension Recording {
    /// - Parameters:
    ///   - text: a time of day is the last such one in the recording.
    ///   - zone: of whoever writes it, for times without one.
    /// - Throws: that it is no time, or lies outside.
    public func instant(_ text: String, zone: TimeZone) throws(RecordingProblem) -> Date {
        let range = range
        guard let date = Self.date(text, in: range, zone: zone) else {
            throw RecordingProblem(
                "\(SafeText.line(text, limit: 40)) is not a time.",
                advice: "Write 14:03, -2h (before the end), +10m (after the beginning) or 2026-11-20T14:03:00Z.")
        }
        guard date.tick >= range.lowerBound.tick, date.tick <= range.upperBound.tick else {
            let (first, last) = (Self.told(range.lowerBound, zone), Self.told(range.upperBound, zone))
            throw RecordingProblem(
                "The recording does not tell of \(Self.told(date, zone)).", advice: "It goes from \(first) to \(last).")
        }
        return date
    }

    /// For people, to the second.
    private static func told(_ date: Date, _ zone: TimeZone) -> String {
        "\(WireTime.naiveText(date, zone: zone).prefix(10)) \(WireTime.clock(date, zone: zone, seconds: true))"
    }

    private static func date(_ text: String, in range: ClosedRange<Date>, zone: TimeZone) -> Date? {
        if text.hasPrefix("-") { return seconds(text.dropFirst()).map { range.upperBound.addingTimeInterval(-$0) } }
        if text.hasPrefix("+") { return seconds(text.dropFirst()).map { range.lowerBound.addingTimeInterval($0) } }
        if let date = WireTime.date(text, zone: zone) { return date }
        guard text.utf8.count <= 8, text.contains(":") else { return nil }
        // On the day on which it ends, or the day before that.
        let days = [range.upperBound, range.upperBound.addingTimeInterval(-86_400)]
        let times = days.compactMap {
            WireTime.date("\(WireTime.naiveText($0, zone: zone).prefix(11))\(text)", zone: zone)
        }
        return times.first { range.contains($0) } ?? times.first
    }

    /// `90s`, `2h`, `1h30m`, `1d`.
    private static func seconds(_ text: Substring) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var sum = 0.0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber, digits.count < 9 {
                digits.append(character)
            } else {
                guard let unit = units[character], let number = Double(digits) else { return nil }
                sum += number * unit
                digits = ""
            }
        }
        return digits.isEmpty && !text.isEmpty ? sum : nil
    }
}
