import Testing

@testable import Screen

@Suite struct FrameDiffTests {
    /// A small generator of its own, so that a failure can be repeated.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) ^ (state << 31)
        }
    }

    static func scribble(on grid: inout Grid, with dice: inout Dice) {
        for _ in 0..<Int.random(in: 0...12, using: &dice) {
            let text = ["a", "word", "中", "é", "a中b", "     ", "─█"].randomElement(using: &dice) ?? ""
            let role = Role.allCases.randomElement(using: &dice) ?? .text
            grid.put(
                text, row: .random(in: 0..<6, using: &dice), column: .random(in: -2..<30, using: &dice),
                style: Style(role))
        }
    }

    @Test func paintingTheDifferenceGivesTheNewScreen() {
        var dice = Dice(state: 7)
        for _ in 0..<300 {
            var old = Grid(size: Size(columns: 30, rows: 6))
            FrameDiffTests.scribble(on: &old, with: &dice)
            var new = old
            FrameDiffTests.scribble(on: &new, with: &dice)
            var screen = (0..<6).map { row in (0..<30).map { old[row, $0] } }
            for span in FrameDiff.spans(from: old, to: new) {
                #expect(!span.columns.isEmpty)
                #expect(new[span.row, span.columns.lowerBound].width != 0, "begins inside a wide character")
                #expect(new[span.row, span.columns.upperBound].width != 0, "ends inside a wide character")
                for column in span.columns { screen[span.row][column] = new[span.row, column] }
            }
            #expect(screen == (0..<6).map { row in (0..<30).map { new[row, $0] } })
        }
    }

    @Test func sayingTheSameAgainCostsNothing() {
        var grid = Grid(size: Size(columns: 80, rows: 24))
        grid.put("中 same", row: 3, column: 4, style: Style(.text))
        #expect(FrameDiff.spans(from: grid, to: grid) == [])
    }

    @Test func nearChangesAreOneRunAndFarOnesAreTwo() {
        let old = Grid(size: Size(columns: 40, rows: 2))
        var new = old
        for column in [3, 6, 30] { new.put("x", row: 1, column: column, style: Style(.text)) }
        #expect(
            FrameDiff.spans(from: old, to: new) == [RowSpan(row: 1, columns: 3..<7), RowSpan(row: 1, columns: 30..<31)])
    }

    @Test func anotherSizeIsPaintedWhole() {
        let spans = FrameDiff.spans(
            from: Grid(size: Size(columns: 4, rows: 1)), to: Grid(size: Size(columns: 5, rows: 2)))
        #expect(spans == [RowSpan(row: 0, columns: 0..<5), RowSpan(row: 1, columns: 0..<5)])
        #expect(FrameDiff.spans(from: nil, to: Grid(size: Size(columns: 0, rows: 3))) == [])
    }
}
