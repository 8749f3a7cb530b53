import Fleet
import Screen

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a status of a practice cluster looks where there is one column for it. The glyphs differ without colour, in either set.
struct PoolLook {
    /// The statuses in the order in which people count them.
    static let words = ["available", "locked", "resetting", "error", "creating"]

    let mark: String
    let role: Role
    private let glyph: KeyPath<Glyphs, Character>?

    init(_ status: String) {
        switch status {
        case "available": (mark, role, glyph) = ("+", .statusOk, \.lowest)
        case "locked": (mark, role, glyph) = ("=", .statusHold, \.barFill)
        case "resetting": (mark, role, glyph) = (">", .statusRun, \.barRunning)
        case "creating": (mark, role, glyph) = ("^", .statusRun, nil)
        case "error": (mark, role, glyph) = ("!", .statusFail, nil)
        case "deleting": (mark, role, glyph) = ("-", .statusWait, nil)
        default: (mark, role, glyph) = ("?", .statusStale, nil)
        }
    }

    /// Its cell in a strip: low while nobody has it, full while somebody does.
    func cell(_ glyphs: Glyphs) -> String { glyph.map { String(glyphs[keyPath: $0]) } ?? mark }
}

extension Glyphs {
    fileprivate var lowest: Character { levels.first ?? "_" }
}

/// The last 24 hours of a cluster, one cell for each slice of time. Slices lie on whole multiples of their length, so that the strip
/// stands still until the next one begins. A slice shows what was there for most of it; an error, however short, is always seen.
/// Time of which nothing is known is blank.
struct PoolStrip {
    static let day: Double = 86_400
    /// Older changes of a cluster that changes all the time are left out: more cannot be told apart in so few cells.
    private static let spanLimit = 500
    private static let error = PoolLook.words.firstIndex(of: "error")
    /// All words that have no look of their own.
    private static let other = PoolLook.words.count

    /// Seconds of each slice.
    private let slice: Double
    private let start: Double
    private let now: Double
    /// Seconds of each status in each slice.
    private var seconds: [[Double]]

    init(_ past: [PoolDetail.Span], now: Date, slices: Int) {
        let count = max(1, slices)
        slice = Self.day / Double(count)
        self.now = now.timeIntervalSince1970
        let end = (self.now / slice).rounded(.up) * slice
        start = end - Self.day
        seconds = Array(repeating: Array(repeating: 0, count: PoolLook.words.count + 1), count: count)
        for span in past.suffix(Self.spanLimit) {
            let index = PoolLook.words.firstIndex(of: span.status) ?? Self.other
            add(index, from: span.from.timeIntervalSince1970, to: span.to?.timeIntervalSince1970 ?? self.now)
        }
    }

    private mutating func add(_ status: Int, from: Double, to: Double) {
        // Written so that a time that is no number falls out as well.
        guard from < now, to > start, from < to else { return }
        var at = max(from, start)
        let end = min(to, now)
        while at < end {
            let index = min(seconds.count - 1, max(0, Int((at - start) / slice)))
            let next = max(start + Double(index + 1) * slice, at + 1)
            seconds[index][status] += min(end, next) - at
            at = next
        }
    }

    /// What is shown for a slice; nil when nothing is known of it.
    private func status(_ index: Int) -> Int? {
        if let error = Self.error, seconds[index][error] > 0 { return error }
        guard let most = seconds[index].indices.max(by: { seconds[index][$0] < seconds[index][$1] }) else { return nil }
        return seconds[index][most] > 0 ? most : nil
    }

    private static func look(_ status: Int) -> PoolLook {
        PoolLook(PoolLook.words.indices.contains(status) ? PoolLook.words[status] : "")
    }

    func line(_ glyphs: Glyphs) -> Line {
        Line(
            seconds.indices.map { index in
                guard let status = status(index) else { return Span(" ", Style(.text)) }
                let look = Self.look(status)
                return Span(look.cell(glyphs), Style(look.role))
            })
    }

    /// The hours under it, where every fourth one begins, or every eighth where cells are long: `20      00      04`.
    func hours(_ zone: TimeZone) -> String {
        var text = ""
        let step = seconds.count < 24 ? 8 : 4
        for index in seconds.indices where text.count <= index {
            let at = Date(timeIntervalSince1970: start + Double(index) * slice)
            let clock = WireTime.clock(at, zone: zone)
            let hour = clock.prefix(2)
            let isFull = clock.hasSuffix(":00") && (Int(hour) ?? 1) % step == 0
            text += isFull && index + 2 <= seconds.count ? hour : " "
        }
        return text
    }

    /// What each cell means, and for how long in all: `▁ available 14h  █ locked 9h`.
    func legend(_ glyphs: Glyphs) -> Line {
        var spans: [Span] = []
        var known: Double = 0
        for status in 0...Self.other {
            let sum = seconds.reduce(0) { $0 + $1[status] }
            known += sum
            guard sum > 0 else { continue }
            let look = Self.look(status)
            let word = status == Self.other ? "other" : PoolLook.words[status]
            spans.append(Span("\(look.cell(glyphs)) ", Style(look.role)))
            spans.append(Span("\(word) \(DurationText.age(sum))  ", Style(.muted)))
        }
        let unknown = now - start - known
        if unknown >= 60 { spans.append(Span("not seen \(DurationText.age(unknown))", Style(.muted))) }
        return Line(spans)
    }
}
