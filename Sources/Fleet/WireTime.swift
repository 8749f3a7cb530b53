#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Every time format met on the wire: RFC 3339 with 0 to 9 fraction digits and any offset, and ISO 8601 without a zone.
///
/// Foundation's own ISO 8601 strategy rejects several of them, which is why this is written out.
public enum WireTime {
    /// - Parameters:
    ///   - text: `2025-08-04T15:12:07.135421`, `2025-11-20T14:23:15.000Z`, `2025-05-30T22:22:57.123456789+01:00`; a blank may stand for the `T`.
    ///   - zone: whose clock a time without a zone is taken to show.
    /// - Returns: nil for anything else, and for Go's zero time (`0001-01-01T00:00:00Z`), which means unset.
    public static func date(_ text: String, zone: TimeZone = .gmt) -> Date? {
        var scanner = TimeScanner(Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2)
        else { return nil }
        let second = scanner.skip(":") ? scanner.digits(2) : 0
        guard let second, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            year > 1
        else { return nil }
        let fraction = scanner.skip(".") || scanner.skip(",") ? scanner.fraction() : 0
        guard let fraction else { return nil }
        let seconds = Double(daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) + fraction
        let local = Date(timeIntervalSince1970: seconds)
        guard let offset = scanner.offset() else { return nil }
        switch offset {
        case .seconds(let east): return local.addingTimeInterval(-Double(east))
        case .none:
            // The offset in force is asked at the local reading taken as UTC, then once more at the instant found,
            // so that only the hour that exists twice in autumn stays ambiguous.
            let first = local.addingTimeInterval(-Double(zone.secondsFromGMT(for: local)))
            return local.addingTimeInterval(-Double(zone.secondsFromGMT(for: first)))
        }
    }

    /// RFC 3339 in UTC with milliseconds: `2025-08-04T15:12:07.135Z`.
    public static func text(_ date: Date) -> String { civil(date, digits: 3) + "Z" }

    /// ISO 8601 without a zone, as Python's `isoformat()` writes it: `2025-08-04T15:12:07.135421`, no fraction when it is zero.
    public static func naiveText(_ date: Date, zone: TimeZone = .gmt) -> String {
        let local = date.addingTimeInterval(Double(zone.secondsFromGMT(for: date)))
        let text = civil(local, digits: 6)
        return text.hasSuffix(".000000") ? String(text.dropLast(7)) : text
    }

    /// The time of day for people, `22:04` or `22:04:31`.
    public static func clock(_ date: Date, zone: TimeZone, seconds: Bool = false) -> String {
        let local = date.addingTimeInterval(Double(zone.secondsFromGMT(for: date)))
        return String(civil(local, digits: 0).dropFirst(11).prefix(seconds ? 8 : 5))
    }

    private static func civil(_ date: Date, digits: Int) -> String {
        var unit = 1
        for _ in 0..<digits { unit *= 10 }
        // Years 1 to 9999; anything else would not be four digits.
        let bounded = min(253_402_300_799, max(-62_135_596_800, date.timeIntervalSince1970))
        let ticks = Int((bounded * Double(unit)).rounded(digits == 0 ? .down : .toNearestOrEven))
        let whole = ticks >= 0 ? ticks / unit : (ticks - unit + 1) / unit
        let rest = ticks - whole * unit
        let days = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400
        let clock = whole - days * 86_400
        let (year, month, day) = civilFromDays(days)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
        if digits > 0 { text += "." + padded(rest, digits) }
        return text
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    /// Days since 1970-01-01 of a proleptic Gregorian date; March is taken as the first month so that leap days fall at the end.
    private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilFromDays(_ days: Int) -> (Int, Int, Int) {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted + (shifted < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}

/// Reads the parts of a time from left to right.
private struct TimeScanner {
    enum Offset { case none, seconds(Int) }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += count
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// One to nine digits behind the point.
    mutating func fraction() -> Double? {
        var value = 0.0
        var unit = 0.1
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) {
            value += Double(bytes[position] - 48) * unit
            unit /= 10
            position += 1
        }
        return position > start && position - start <= 9 ? value : nil
    }

    /// What is left must be nothing, `Z`, `+01:00` or `+0100`; nil if it is something else.
    mutating func offset() -> Offset? {
        if position == bytes.count { return Offset.none }
        if skip("Z") || skip("z") { return position == bytes.count ? .seconds(0) : nil }
        let sign = skip("+") ? 1 : (skip("-") ? -1 : 0)
        guard sign != 0, let hours = digits(2) else { return nil }
        _ = skip(":")
        guard let minutes = digits(2), position == bytes.count, hours < 24, minutes < 60 else { return nil }
        return .seconds(sign * (hours * 3600 + minutes * 60))
    }
}
