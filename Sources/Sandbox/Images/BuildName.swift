#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The parts of a build's name that tell when it began, in UTC.
enum BuildName {
    /// `20261121`
    static func day(_ date: Date) -> String {
        // Days since the first of March of the year 0, so that a leap day is the last of its year (Gregorian, 400 years as one).
        let days = Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) + 719_468
        let (era, rest) = (days / 146_097, days % 146_097)
        let year = (rest - rest / 1460 + rest / 36_524 - rest / 146_096) / 365
        let day = rest - (365 * year + year / 4 - year / 100)
        let month = (5 * day + 2) / 153
        let isNext = month >= 10
        return "\(era * 400 + year + (isNext ? 1 : 0))\(two(isNext ? month - 9 : month + 3))"
            + two(day - (153 * month + 2) / 5 + 1)
    }

    /// `1530`
    static func minute(_ date: Date) -> String {
        let minutes = Int((date.timeIntervalSince1970 / 60).rounded(.down)) % 1440
        return two(minutes / 60) + two(minutes % 60)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
