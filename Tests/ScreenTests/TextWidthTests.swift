import Testing

@testable import Screen

@Suite struct TextWidthTests {
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("─", 1), ("█", 1), ("⣿", 1), ("✓", 1), ("°", 1), ("\u{E0B0}", 1),
        ("中", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("ｱ", 1), ("Ａ", 2), ("😀", 2), ("🫠", 2), ("🫩", 2),
        ("⌚", 2), ("❤", 1), ("❤\u{FE0F}", 1), ("👍🏽", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("1\u{FE0F}\u{20E3}", 1),
        ("\t", 1), ("\u{1B}", 1), ("\u{7F}", 1), ("\u{9B}", 1), ("\u{200B}", 1), ("\u{202E}", 1), ("\u{301}", 1),
        ("", 0), ("ab中c", 5), ("\u{20000}", 2),
    ])
    func columns(text: String, expected: Int) {
        #expect(TextWidth.of(text) == expected)
        // Measuring and drawing agree, or every column to the right of it would be wrong.
        var grid = Grid(size: Size(columns: 20, rows: 1))
        #expect(grid.put(text, row: 0, column: 0, style: Style(.text)) == expected)
    }

    @Test(arguments: [
        ("👍🏽!", "👍!"), ("👨‍👩‍👧!", "👨!"), ("🇩🇪!", "DE!"), ("a\tb", "a b"), ("a\u{1B}[31mb", "a\u{FFFD}[31mb"),
        ("x\u{202E}y", "x\u{FFFD}y"), ("\u{301}x", "\u{FFFD}x"), ("a\u{301}\u{302}\u{303}b", "a\u{301}\u{302}b"),
        ("क्\u{200D}ष", "क्ष"), ("a\r\nb", "a\u{FFFD}\u{FFFD}b"),
    ])
    func whatACellCannotHoldIsReduced(text: String, shown: String) {
        var grid = Grid(size: Size(columns: 20, rows: 1))
        grid.put(text, row: 0, column: 0, style: Style(.text))
        #expect(Array(grid.text().unicodeScalars) == Array(shown.unicodeScalars))
    }
}

@Suite struct TextTests {
    @Test func cutsAndPadsByColumns() {
        #expect(Text.shortened("nutanix-poc-bm-node-01", to: 13) == "nutani…ode-01")
        #expect(Text.shortened("中中中中中", to: 7) == "中…中中" && Text.shortened("abcdef", to: 4) == "abc…")
        #expect(Text.truncated("installation", to: 8) == "install…")
        #expect(Text.truncated("installation", to: 8, glyphs: .ascii) == "install~")
        #expect(Text.truncated("中中中", to: 4) == "中…")
        #expect(Text.truncated("abc", to: 3) == "abc")
        #expect(Text.truncated("abc", to: 0) == "")
        #expect(Text.truncated("abc", to: -5) == "")
        #expect(Text.padded("中", to: 5, alignment: .right) == "   中")
        #expect(Text.padded("ab", to: 5, alignment: .centre) == " ab  ")
        #expect(Text.padded("中中", to: 3) == "中…")
    }

    @Test func wrapsBetweenWords() {
        #expect(Text.wrapped("one two three", to: 7) == ["one two", "three"])
        #expect(Text.wrapped("abcdefgh ij", to: 3) == ["abc", "def", "gh", "ij"])
        #expect(Text.wrapped("a\n\nb", to: 5) == ["a", "", "b"])
        #expect(Text.wrapped("中中", to: 1) == ["中", "中"])
        #expect(Text.wrapped("text", to: 0) == [])
    }

    @Test func aCutLineKeepsItsStyles() {
        let line = Line("rack4", Style(.key)) + Line(" failed", Style(.statusFail))
        #expect(line.width == 12)
        #expect(line.truncated(to: 8).spans == [Span("rack4", Style(.key)), Span(" f…", Style(.statusFail))])
        #expect(line.truncated(to: 5).text == "rack…")
        #expect(line.truncated(to: 12) == line)
        #expect(line.truncated(to: 0).isEmpty)
    }
}
