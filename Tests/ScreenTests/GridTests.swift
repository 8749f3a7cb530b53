import Testing

@testable import Screen

@Suite struct GridTests {
    /// Every wide cell has its right half after it, and every right half its wide cell before it.
    static func isWhole(_ grid: Grid) -> Bool {
        for row in 0..<grid.size.rows {
            for column in 0..<grid.size.columns {
                let next = column + 1 < grid.size.columns ? grid[row, column + 1].width : 1
                if (grid[row, column].width == 2) != (next == 0) { return false }
            }
            if grid.size.columns > 0, grid[row, 0].width == 0 { return false }
        }
        return true
    }

    @Test func drawingIsTotal() {
        let numbers = [Int.min, -3, -1, 0, 1, 2, 5, Int.max]
        let texts = ["", "plain", "中文字", "a中", "e\u{301}", "\u{1B}[2J", "🇩🇪👨‍👩‍👧"]
        for size in [
            Size(columns: 0, rows: 0), Size(columns: 1, rows: 1), Size(columns: 2, rows: 1),
            Size(columns: 1, rows: 3), Size(columns: 5, rows: 2),
        ] {
            var grid = Grid(size: size)
            for row in numbers {
                for column in numbers {
                    for text in texts {
                        grid.put(text, row: row, column: column, style: Style(.text))
                        for limit in numbers {
                            let used = grid.put(text, row: row, column: column, style: Style(.key), limit: limit)
                            #expect(used >= 0 && used <= max(0, limit))
                        }
                    }
                    #expect(GridTests.isWhole(grid))
                    let area = Rect(column: column, row: row, columns: 3, rows: 2)
                    grid.fill(area, with: "中", style: Style(.text))
                    grid.restyle(area) { $0.adding(.reverse) }
                    #expect(grid[row, column].width <= 2)
                }
            }
        }
    }

    @Test(
        arguments: [
            // text, column, limit, the row of five cells
            ("abcdefg", 0, nil, "abcde"), ("abc", 3, nil, "...ab"), ("abc", -1, nil, "bc..."), ("abc", 0, 2, "ab..."),
            ("中中中", 0, nil, "中中 "), ("中", 4, nil, ".... "), ("中a", -1, nil, " a..."), ("中a", 0, 1, " ...."),
            ("abc", 5, nil, "....."), ("abc", 9, nil, "....."),
        ] as [(String, Int, Int?, String)])
    func clipsAtTheEdges(text: String, column: Int, limit: Int?, expected: String) {
        var grid = Grid(size: Size(columns: 5, rows: 1))
        grid.fill(grid.bounds, with: ".", style: Style(.text))
        grid.put(text, row: 0, column: column, style: Style(.text), limit: limit)
        #expect(grid.text() + String(repeating: " ", count: 5 - TextWidth.of(grid.text())) == expected)
    }

    @Test func halfOfAWideCharacterBecomesABlank() {
        var grid = Grid(size: Size(columns: 6, rows: 1))
        grid.put("中中中", row: 0, column: 0, style: Style(.text))
        grid.put("x", row: 0, column: 1, style: Style(.text))
        #expect(grid.text() == " x中中")
        grid.put("y", row: 0, column: 2, style: Style(.text))
        #expect(grid.text() == " xy 中")
        grid.fill(Rect(column: 5, row: 0, columns: 1, rows: 1), with: "#", style: Style(.text))
        #expect(grid.text() == " xy  #")
        #expect(GridTests.isWhole(grid))
    }

    @Test func showsStylesAsLetters() {
        var grid = Grid(size: Size(columns: 12, rows: 3))
        grid.put(Line("ok", Style(.statusOk)) + Line(" no", Style(.statusFail, .bold)), row: 0, column: 1)
        grid.put("cut", row: 1, column: 0, style: Style(.statusStale, .dim))
        grid.restyle(Rect(column: 0, row: 2, columns: 3, rows: 1)) { _ in Style(.cursor, .reverse) }
        #expect(grid.styles() == " ooXXX\nsss  [dim 0-2]\nccc  [reverse 0-2]")
        #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
    }

    @Test func aCellStaysSmall() {
        #expect(MemoryLayout<Cell>.stride == 16)
    }

    @Test func rectanglesNeverTurnInsideOut() {
        let rect = Rect(column: 2, row: 3, columns: 10, rows: 4)
        #expect(rect.dropTop(99) == Rect(column: 2, row: 7, columns: 10, rows: 0))
        #expect(rect.bottom(1) == Rect(column: 2, row: 6, columns: 10, rows: 1))
        #expect(rect.right(4) == Rect(column: 8, row: 3, columns: 4, rows: 4))
        #expect(rect.top(-1).isEmpty)
        #expect(rect.inset(columns: 6, rows: 1).isEmpty)
        #expect(rect.centred(columns: 4, rows: 2) == Rect(column: 5, row: 4, columns: 4, rows: 2))
        #expect(rect.intersection(Rect(column: 50, row: 0, columns: 5, rows: 5)).isEmpty)
        #expect(Rect(column: Int.max, row: Int.max, columns: 5, rows: 5).dropLeft(3).endColumn == Int.max)
    }
}
