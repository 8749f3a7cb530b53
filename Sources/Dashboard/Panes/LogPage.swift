import Fleet
import Screen

/// The log of an item over the whole page. Lines have the full width and a row each, so that a terminal can scroll them: what is too long
/// is cut, but for the match that is being looked at.
enum LogPage {
    /// Lines that are seen at once.
    static func rows(_ state: State) -> Int { max(1, Layout(state.size).body.rows - 1) }

    static func draw(_ item: Item, _ reading: LogReading, _ state: State, into grid: inout Grid, layout: Layout) {
        let lines = KindParts.logs(item, state)
        let glyphs = state.setting.glyphs
        let area = layout.body
        let body = area.dropTop(1)
        let first = reading.first(count: lines.count, rows: body.rows)
        let name = glyphs.shortened(item.name, to: max(8, area.columns / 2))
        let title = Line("LOG OF \(name)", Style(.title, .bold)) + match(reading, lines)
        let end = min(lines.count, first + body.rows)
        // At another time there is nothing to follow.
        let atEnd = state.travel == nil || state.isReplay ? "follows its end" : "at its end"
        let standing = reading.top == nil ? atEnd : "held at \(first + 1)-\(end) of \(lines.count)"
        Rule(title, trailing: Line(standing, Style(reading.top == nil ? .muted : .statusHold)), isFocused: true).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: glyphs)
        for (offset, line) in lines.dropFirst(first).prefix(body.rows).enumerated() {
            let isHit = first + offset == reading.hit
            if isHit {
                grid.put(String(glyphs.cursor), row: body.row + offset, column: body.column, style: Style(.cursor))
            }
            let room = body.columns - 1
            let found = marked(isHit ? shown(line, reading.search, room, glyphs) : line, reading.search)
            grid.put(
                found.truncated(to: room, glyphs: glyphs), row: body.row + offset, column: body.column + 1, limit: room)
        }
    }

    /// The newest lines under a title of their own, where the log is not all there is to see.
    static func drawEnd(_ item: Item, _ state: State, into grid: inout Grid, area: Rect) {
        let glyphs = state.setting.glyphs
        let name = glyphs.shortened(item.name, to: max(8, area.columns / 2))
        let key = state.setting.keymap.keyName(of: .log).map { "\($0) reads it" } ?? ""
        Rule("LOG OF \(name)", trailing: key).draw(
            into: &grid, row: area.row, column: area.column, width: area.columns, glyphs: glyphs)
        let body = area.dropTop(1)
        ReportList.draw(KindParts.tail(item).suffix(body.rows).map { Line($0) }, state, into: &grid, area: body)
    }

    // MARK: search

    /// `  /error 3 of 17`
    private static func match(_ reading: LogReading, _ lines: [Line]) -> Line {
        guard !reading.search.isEmpty else { return Line() }
        let hits = reading.hits(in: lines.map(\.text))
        let number = reading.hit.flatMap(hits.firstIndex(of:)).map { "\($0 + 1) of " } ?? ""
        let count = hits.isEmpty ? "no match" : "\(number)\(hits.count)"
        return Line("  /", Style(.muted)) + Line(reading.search, Style(.match))
            + Line(" \(count)", Style(hits.isEmpty ? .statusWarn : .muted))
    }

    /// Where the match lies behind the end of the row, the line without its beginning.
    private static func shown(_ line: Line, _ search: String, _ room: Int, _ glyphs: Glyphs) -> Line {
        guard line.spans.count == 1, let text = line.spans.first?.text,
            let match = LogSearch.ranges(of: search, in: text).first,
            TextWidth.of(String(decoding: text.utf8.prefix(match.upperBound), as: UTF8.self)) >= room
        else { return line }
        let before = String(decoding: text.utf8.prefix(match.lowerBound), as: UTF8.self)
        let kept = before.suffix(max(0, room / 3))
        let rest = String(decoding: text.utf8.dropFirst(match.lowerBound), as: UTF8.self)
        return Line(String(glyphs.ellipsis), Style(.muted)) + Line(kept + rest, line.spans[0].style)
    }

    /// The line with what is looked for in the face of a match.
    private static func marked(_ line: Line, _ search: String) -> Line {
        guard !search.isEmpty else { return line }
        return Line(
            line.spans.flatMap { span -> [Span] in
                let ranges = LogSearch.ranges(of: search, in: span.text)
                guard !ranges.isEmpty else { return [span] }
                let bytes = Array(span.text.utf8)
                var spans: [Span] = []
                var at = 0
                for range in ranges {
                    spans.append(Span(String(decoding: bytes[at..<range.lowerBound], as: UTF8.self), span.style))
                    spans.append(Span(String(decoding: bytes[range], as: UTF8.self), Style(.match)))
                    at = range.upperBound
                }
                return spans + [Span(String(decoding: bytes[at...], as: UTF8.self), span.style)]
            })
    }
}
