import Fleet

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A line that our driver writes between Spack's: `SLIPWAY_BEGIN 1795270000 1/3 gcc@11.3.0`. Every one of them carries the second in which
/// it was written, so that a log has the same times whenever it is read. The driver's own writing is in `driver.sh`; others who write such
/// a log use `line`.
public struct DriverMarker: Sendable, Equatable {
    public enum Event: Sendable, Equatable {
        /// A build of so many packages begins.
        case started(id: String, total: Int)
        /// The `spack install` of a package begins. The number counts from 1.
        case begin(number: Int, total: Int, spec: String)
        /// It has ended with this exit status.
        case end(number: Int, total: Int, status: Int, spec: String)
        /// The last package was found after it was installed.
        case verified(spec: String)
        /// It was not.
        case missing(spec: String)
        /// The file system of a place, in kilobytes of 1024 bytes: what is used, and that with what is free for us.
        case disk(used: Int, total: Int, place: String)
        /// Kilobytes below a place.
        case held(Int, place: String)
        /// Kilobytes.
        case memory(used: Int, total: Int)
        /// The processes that wanted to run, on average of the last minute.
        case load(Double)
        /// Ended by hand.
        case stopped
        /// Ended because so many seconds had passed.
        case late(Int)
        /// The driver ends, with this exit status.
        case over(status: Int)
    }

    /// In whole seconds.
    public var at: Date
    public var event: Event

    public init(_ event: Event, at: Date) {
        self.event = event
        self.at = at
    }

    /// The line, without its end.
    public var line: String {
        let second = Int(at.timeIntervalSince1970.rounded(.down))
        func text(_ word: String, _ rest: String = "") -> String {
            "SLIPWAY_\(word) \(second)" + (rest.isEmpty ? "" : " " + rest)
        }
        return switch event {
        case .started(let id, let total): text("BUILD", "\(id) \(total)")
        case .begin(let number, let total, let spec): text("BEGIN", "\(number)/\(total) \(spec)")
        case .end(let number, let total, let status, let spec): text("END", "\(number)/\(total) \(status) \(spec)")
        case .verified(let spec): text("VERIFIED", spec)
        case .missing(let spec): text("MISSING", spec)
        case .disk(let used, let total, let place): text("DISK", "\(used) \(total) \(place)")
        case .held(let used, let place): text("HELD", "\(used) \(place)")
        case .memory(let used, let total): text("MEMORY", "\(used) \(total)")
        case .load(let load): text("LOAD", "\(load)")
        case .stopped: text("STOPPED")
        case .late(let seconds): text("LATE", "\(seconds)")
        case .over(let status): text("OVER", "\(status)")
        }
    }

    /// - Parameter line: begins with `SLIPWAY_`; nil when it is no marker after all.
    static func read(_ line: LineBytes) -> DriverMarker? {
        let end = line.wordEnd(0)
        let word = line.part(8, end)
        var rest = Rest(line: line, place: end)
        // Of this century: other times are no times, and some of them cannot be printed.
        guard let second = rest.number(), (946_684_800...4_102_444_800).contains(second) else { return nil }
        return event(word, &rest).map { DriverMarker($0, at: Date(timeIntervalSince1970: Double(second))) }
    }

    private static func event(_ word: LineBytes, _ rest: inout Rest) -> Event? {
        if word.equals("BUILD"), let id = rest.word(), let total = rest.number() {
            return .started(id: id, total: min(total, BuildLog.rootLimit))
        }
        if word.equals("BEGIN"), let count = rest.ratio(), let spec = rest.text() {
            return .begin(number: count.done, total: count.total, spec: spec)
        }
        if word.equals("END"), let count = rest.ratio(), let status = rest.number(), let spec = rest.text() {
            return .end(number: count.done, total: count.total, status: status, spec: spec)
        }
        if word.equals("VERIFIED"), let spec = rest.text() { return .verified(spec: spec) }
        if word.equals("MISSING"), let spec = rest.text() { return .missing(spec: spec) }
        if word.equals("DISK"), let used = rest.number(), let total = rest.number(), let place = rest.text() {
            return total > 0 ? .disk(used: used, total: total, place: place) : nil
        }
        if word.equals("HELD"), let used = rest.number(), let place = rest.text() { return .held(used, place: place) }
        if word.equals("MEMORY"), let used = rest.number(), let total = rest.number() {
            return total > 0 ? .memory(used: used, total: total) : nil
        }
        if word.equals("LOAD"), let load = rest.decimal() { return .load(load) }
        if word.equals("STOPPED") { return .stopped }
        if word.equals("LATE"), let seconds = rest.number() { return .late(seconds) }
        if word.equals("OVER"), let status = rest.number() { return .over(status: status) }
        return nil
    }

    /// What stands behind the word, taken piece by piece.
    private struct Rest {
        let line: LineBytes
        var place: Int

        /// At most fifteen digits: kilobytes of any disk.
        mutating func number() -> Int? {
            var at = line.afterBlanks(place)
            let start = at
            var value = 0
            while Ascii.isDigit(line[at]), at - start < 15 {
                value = value * 10 + Int(line[at] - Ascii.zero)
                at += 1
            }
            guard at > start, at == line.count || line[at] == Ascii.blank else { return nil }
            place = at
            return value
        }

        mutating func decimal() -> Double? {
            guard let read = line.decimal(line.afterBlanks(place)) else { return nil }
            place = read.end
            return read.value
        }

        mutating func ratio() -> (done: Int, total: Int)? {
            guard let read = line.ratio(line.afterBlanks(place)), read.done > 0 else { return nil }
            place = read.end
            return (read.done, read.total)
        }

        mutating func word() -> String? {
            let start = line.afterBlanks(place)
            let end = line.wordEnd(start)
            place = end
            return end > start ? SafeText.line(line.part(start, end).text(limit: 100)) : nil
        }

        /// All that is left.
        func text() -> String? {
            let rest = line.part(place).trimmed
            return rest.count > 0 ? SafeText.line(rest.text(limit: 600)) : nil
        }
    }
}
