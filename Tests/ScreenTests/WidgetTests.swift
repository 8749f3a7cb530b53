import Testing

@testable import Screen

@Suite struct WidgetTests {
    @Test(arguments: [
        (Bar(done: 0), "----------"), (Bar(done: 1), "##########"), (Bar(done: 0.5), "#####-----"),
        (Bar(done: 0.999), "#########-"), (Bar(done: 0.3, running: 0.2), "###>>-----"),
        (Bar(done: 0.3, usual: 0.7, limit: 1), "###----|-!"), (Bar(done: .nan, running: .infinity), ">>>>>>>>>>"),
        (Bar(done: 7, usual: -1, limit: 9), "|########!"), (Bar(done: 0.3, usual: 0.7, hasTrack: false), "###    |  "),
    ])
    func bars(bar: Bar, expected: String) {
        #expect(bar.line(width: 10, glyphs: .ascii).text == expected)
        for width in 0..<5 { #expect(bar.line(width: width, glyphs: .box).width == width) }
    }

    @Test func aBarShowsHalvesAndMeaning() {
        let line = Bar(done: 0.45, usual: 0.75, limit: 1).line(width: 10, glyphs: .box)
        #expect(line.text == "████▌──│─┃")
        #expect(line.spans.map(\.style.role) == [.barFill, .barRest, .barUsual, .barRest, .barLimit])
        #expect(Bar(done: 0.001).line(width: 10, glyphs: .box).text == "▌─────────")
    }

    @Test func aGapInASparklineIsNotAZero() {
        #expect(Sparkline([0, 1, nil, 2, 4]).line(width: 5, glyphs: .ascii).text == "_. -#")
        #expect(Sparkline([0, 4, 8]).line(width: 5, glyphs: .box).text == "  ▁▅█")
        #expect(Sparkline([1, 2, 3, 4]).line(width: 2, glyphs: .box).text == "▆█")
        #expect(Sparkline([.nan, .infinity, 0]).line(width: 3, glyphs: .ascii).text == "  _")
        #expect(Sparkline([]).line(width: 0, glyphs: .box).isEmpty)
    }

    @Test func rules() {
        let rule = Rule("METAL 24", trailing: "api ok 3s")
        #expect(rule.line(width: 30, glyphs: .ascii).text == " METAL 24 ---------- api ok 3s")
        #expect(rule.line(width: 20, glyphs: .ascii).text == " METAL 24 ----------")
        #expect(rule.line(width: 6, glyphs: .ascii).text == " META~")
        #expect(rule.line(width: 0, glyphs: .ascii).isEmpty)
        #expect(Rule("").line(width: 4, glyphs: .box).text == "────")
    }

    static let table = Table(columns: [
        Table.Column("", width: .fixed(1)),
        Table.Column("NODE", width: .flexible(min: 6)),
        Table.Column("PHASE", width: .fixed(7), priority: 1),
        Table.Column("ETA", width: .fixed(6), alignment: .right, priority: 2),
    ])

    static func draw(columns: Int, rows: Int, count: Int = 3, top: Int = 0, cursor: Int? = 1) -> Grid {
        var grid = Grid(size: Size(columns: columns, rows: rows))
        table.draw(
            into: &grid, in: grid.bounds, count: count, top: top, cursor: cursor, glyphs: .ascii
        ) { row in
            [
                Line("!", Style(.statusFail)), Line("rack4-u\(row)"), Line("install"), Line("9-14m", Style(.muted)),
            ]
        }
        return grid
    }

    @Test func aTableShowsWhatFits() {
        #expect(
            WidgetTests.draw(columns: 34, rows: 4).text() == """
                   NODE             PHASE      ETA
                 ! rack4-u0         install  9-14m
                *! rack4-u1         install  9-14m
                 ! rack4-u2         install  9-14m
                """)
        #expect(
            WidgetTests.draw(columns: 20, rows: 3).text() == """
                   NODE      PHASE
                 ! rack4-u0  install
                *! rack4-u1  install
                """)
        #expect(WidgetTests.draw(columns: 9, rows: 2).text() == "   NODE\n ! rack4~")
        #expect(WidgetTests.draw(columns: 1, rows: 3).text() == "\n\n*")
    }

    @Test func theSelectedRowIsMarkedTwice() {
        let grid = WidgetTests.draw(columns: 20, rows: 3)
        #expect(grid[2, 0].text == "*")
        #expect((0..<20).allSatisfy { grid[2, $0].style.role == .cursor })
        #expect(grid[1, 1].style.role == .statusFail)
    }

    @Test func aTableAsksForVisibleRowsOnly() {
        var asked: [Int] = []
        var grid = Grid(size: Size(columns: 40, rows: 4))
        WidgetTests.table.draw(into: &grid, in: grid.bounds, count: 5000, top: 4990, glyphs: .box) { row in
            asked.append(row)
            return [Line("+")]
        }
        #expect(asked == [4990, 4991, 4992])
        #expect(WidgetTests.draw(columns: 20, rows: 5, count: 2, top: 90).text().contains("rack") == false)
    }

    @Test(
        arguments: [
            (0, 0, 0), (0, 9, 0), (0, 10, 1), (50, 49, 49), (50, 60, 51), (95, 99, 90), (-4, nil, 0),
            (7, 1000, 90),
        ] as [(Int, Int?, Int)])
    func scrollsAsLittleAsPossible(current: Int, cursor: Int?, expected: Int) {
        #expect(Scroll.top(current: current, cursor: cursor, count: 100, height: 10) == expected)
        #expect(Scroll.top(current: current, cursor: cursor, count: 5, height: 10) == 0)
        #expect(Scroll.top(current: current, cursor: cursor, count: 5, height: 0) == 0)
    }

    @Test func glyphsSuitTheTerminal() {
        #expect(Glyphs.suited(isUTF8: true, term: "xterm-256color") == .box)
        #expect(Glyphs.suited(isUTF8: false, term: "xterm-256color") == .ascii)
        #expect(Glyphs.suited(isUTF8: true, term: "linux") == .ascii)
    }
}
