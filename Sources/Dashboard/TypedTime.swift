import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An instant as a person types it behind `:at`.
enum TypedTime {
    private static let day: Double = 86_400
    private static let units: [Character: Double] = ["d": day, "h": 3600, "m": 60, "s": 1]

    /// - Parameters:
    ///   - text: `14:03` or `14:03:12`, the last such time before now, or in a recording the nearest one; `2026-11-21 14:03`; `2h05m` ago.
    ///   - shown: what is looked at.
    static func date(_ text: String, near shown: Date, _ state: State) -> Date? {
        if let ago = seconds(text) {
            return (state.setting.replay?.range.upperBound ?? state.now).addingTimeInterval(-ago)
        }
        let zone = state.setting.zone
        if let date = WireTime.date(text, zone: zone) { return date }
        // The day is that of now; in a recording, the one that is looked at.
        let now = state.isReplay ? shown : state.now
        guard text.contains(":"),
            let date = WireTime.date(WireTime.naiveText(now, zone: zone).prefix(11) + text, zone: zone)
        else { return nil }
        guard let range = state.setting.replay?.range else { return date > now ? date.addingTimeInterval(-day) : date }
        let days = [date, date.addingTimeInterval(day), date.addingTimeInterval(-day)]
        return days.first { range.contains($0) } ?? date
    }

    /// `2h05m`, `90m`, `-1d`; nil for anything else.
    private static func seconds(_ text: String) -> Double? {
        var total: Double = 0
        var number = ""
        for character in text.first == "-" ? text.dropFirst() : text[...] {
            if character.isASCII, character.isNumber, number.count < 6 {
                number.append(character)
            } else {
                guard let unit = units[character], let count = Double(number) else { return nil }
                total += count * unit
                number = ""
            }
        }
        return number.isEmpty && total > 0 ? total : nil
    }
}
