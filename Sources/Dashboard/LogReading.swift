import Fleet

/// How the log of an item is read: followed at its end, or held where a person scrolled to; and what is searched in it.
struct LogReading: Equatable, Sendable {
    let item: ItemID
    /// The first visible line; nil follows the end.
    var top: Int?
    /// Empty while nothing is searched.
    var search = ""
    /// The line that the search is at.
    var hit: Int?

    init(item: ItemID) { self.item = item }

    /// The first visible line of a log of so many lines in so many rows.
    func first(count: Int, rows: Int) -> Int {
        let last = max(0, count - rows)
        return min(last, top ?? last)
    }

    /// Scrolls. At the end it follows, above it is held.
    mutating func move(by step: Int, count: Int, rows: Int) {
        let first = max(0, first(count: count, rows: rows) + step)
        top = first >= count - rows ? nil : first
    }

    // MARK: search

    /// Looks for the newest line that matches, among those on the screen and above them; else below them. Where nothing does, it stays.
    ///
    /// - Parameter earlier: how it was read when the search began; while its text is typed, it always begins there.
    mutating func find(_ text: String, from earlier: LogReading, in lines: [String], rows: Int) {
        self = earlier
        (search, hit) = (text, nil)
        let hits = hits(in: lines)
        let bottom = earlier.first(count: lines.count, rows: rows) + rows - 1
        if let hit = hits.last(where: { $0 <= bottom }) ?? hits.first { show(hit, count: lines.count, rows: rows) }
    }

    /// Goes to the next match below, or above; from the last to the first, and back.
    mutating func step(down: Bool, in lines: [String], rows: Int) {
        let hits = hits(in: lines)
        let at = hit ?? first(count: lines.count, rows: rows)
        let next = down ? hits.first { $0 > at } ?? hits.first : hits.last { $0 < at } ?? hits.last
        if let next { show(next, count: lines.count, rows: rows) }
    }

    mutating func endSearch() {
        search = ""
        hit = nil
    }

    /// The lines that hold the text.
    func hits(in lines: [String]) -> [Int] {
        search.isEmpty ? [] : lines.indices.filter { !LogSearch.ranges(of: search, in: lines[$0]).isEmpty }
    }

    /// Who has found something reads it: the log does not run away under it.
    private mutating func show(_ line: Int, count: Int, rows: Int) {
        hit = line
        let first = first(count: count, rows: rows)
        let isSeen = (first..<first + max(1, rows)).contains(line)
        top = isSeen ? first : max(0, min(count - rows, line - rows / 2))
    }

    // MARK: while it is written

    /// Keeps what is on the screen where it is, although the log has lost its oldest lines meanwhile.
    mutating func follow(from old: [String], to new: [String]) {
        guard top != nil || hit != nil else { return }
        let lost = Self.lost(from: old, to: new)
        top = top.map { max(0, $0 - lost) }
        hit = hit.flatMap { $0 >= lost ? $0 - lost : nil }
    }

    /// How many lines the beginning has lost: the rest of the old log is the beginning of the new one. All, if that is nowhere so.
    static func lost(from old: [String], to new: [String]) -> Int {
        (0..<old.count).first { lost in
            let kept = old.count - lost
            return kept <= new.count && new[0] == old[lost] && new[kept - 1] == old[old.count - 1]
                && new[..<kept].elementsEqual(old[lost...])
        } ?? old.count
    }
}

/// Finds text in lines, letters of ASCII in any case.
enum LogSearch {
    /// Where it is, in bytes from the beginning of the line.
    static func ranges(of text: String, in line: String) -> [Range<Int>] {
        let wanted = text.utf8.map(lower)
        guard !wanted.isEmpty else { return [] }
        var line = line
        return line.withUTF8 { bytes in
            var ranges: [Range<Int>] = []
            var at = 0
            while at + wanted.count <= bytes.count {
                if lower(bytes[at]) == wanted[0], wanted.indices.allSatisfy({ lower(bytes[at + $0]) == wanted[$0] }) {
                    ranges.append(at..<at + wanted.count)
                    at += wanted.count
                } else {
                    at += 1
                }
            }
            return ranges
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
