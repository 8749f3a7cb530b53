import Fleet
import Foundation
import Screen
import Testing

@testable import Dashboard

/// What a person reads of the log of a build.
@Suite struct ImageLogStoryTests {
    /// Lines of the log, top to bottom.
    static func log(_ state: State) -> [String] { Array(state.lines[3..<(state.lines.count - 1)]) }

    @Test func theLogFollowsItsEndUntilItIsScrolledUp() {
        var item = ImageSample.building
        var state = ImageStoryTests.state([item])
        state.press("5 L")
        #expect(state.line("LOG OF gromacs")?.hasSuffix("follows its end") == true)
        for number in 1...5 {
            item = ImageSample.going(on: item, ["make[\(number)]: Leaving directory"])
            _ = update(&state, .changes([.item(item)]))
            #expect(Self.log(state).last == " make[\(number)]: Leaving directory")
        }
        state.press("k k k")
        let held = Self.log(state)
        #expect(state.line("LOG OF gromacs")?.hasSuffix("held at 21-40 of 43") == true)
        for number in 6...15 {
            item = ImageSample.going(on: item, ["make[\(number)]: Leaving directory"])
            _ = update(&state, .changes([.item(item)]))
            #expect(Self.log(state) == held)
        }
        // Down to the end it follows again; so it does from anywhere with one key.
        state.press("g")
        #expect(state.line("held at 1-20 of 43") != nil)
        state.press("G")
        #expect(Self.log(state).last == " make[15]: Leaving directory" && state.line("follows its end") != nil)
        state.press("k PgDn")
        #expect(state.line("follows its end") != nil)
        state.press("Esc")
        #expect(
            state.line("> [1/5] gcc@11.3.0") != nil && state.line("LOG OF gromacs")?.hasSuffix("L reads it") == true)
        state.press("Esc")
        #expect(state.line("IMAGES 1") != nil)
    }

    @Test func slashFindsTextInTheLogAndNGoesOn() {
        var item = ImageSample.going(on: ImageSample.building, ["gmp.h: Error 1", "ok", "mpc.h: error 2", "ok"])
        var state = ImageStoryTests.state([item])
        state.press("5 Enter /")
        #expect(state.lines.last?.hasPrefix(" /_") == true)
        state.type("ERROR")
        #expect(state.line("LOG OF gromacs  /ERROR 2 of 2")?.contains("held at") == true)
        #expect(state.line("▌mpc.h: error 2") != nil)
        state.press("Enter N")
        #expect(state.line("▌gmp.h: Error 1") != nil && state.line("/ERROR 1 of 2") != nil)
        // It is the line that is held, while more come.
        item = ImageSample.going(on: item, Array(repeating: "more", count: 5))
        _ = update(&state, .changes([.item(item)]))
        #expect(state.line("▌gmp.h: Error 1") != nil)
        state.press("n")
        #expect(state.line("▌mpc.h: error 2") != nil)
        state.press("n")
        #expect(state.line("▌gmp.h: Error 1") != nil)
        state.press("Esc")
        #expect(state.line("LOG OF gromacs") != nil && state.line("/ERROR") == nil)
        state.press("n")
        #expect(state.line("n next: no text is looked for") != nil)
        state.press("/")
        state.type("nowhere")
        #expect(state.line("/nowhere no match") != nil)
        state.press("Esc Esc")
        #expect(state.line("> [1/5] gcc@11.3.0") != nil)
    }

    @Test func aMatchBehindTheEndOfTheRowIsBroughtIntoSight() {
        let long = "gcc " + String(repeating: "-I/opt/include ", count: 20) + "fatal: no space left on device"
        var state = ImageStoryTests.state([ImageSample.going(on: ImageSample.building, [long])])
        state.press("5 L /")
        state.type("no space")
        #expect(state.line("▌…")?.contains("fatal: no space left on device") == true)
    }

    @Test(arguments: [
        (["a", "b", "c"], ["b", "c", "d"], 1), (["a", "a", "a"], ["a", "a", "a"], 0), (["a", "b"], ["x", "y"], 2),
        (["a", "b"], ["a", "b", "c"], 0), ([], ["a"], 0), (["a"], [], 1),
    ])
    func whatALogLostIsKnownFromWhatIsLeft(old: [String], new: [String], lost: Int) {
        #expect(LogReading.lost(from: old, to: new) == lost)
    }

    /// Then a terminal scrolls them, and a line costs its own bytes.
    @Test(arguments: [("5 L", 80, 24), ("5 Enter", 80, 24), ("5", 200, 50), ("5 Enter", 200, 50)])
    func aLineMovesTheLogByARowAndNothingElse(keys: String, columns: Int, rows: Int) {
        let item = ImageSample.going(on: ImageSample.building, (1...40).map { "line \($0)" })
        var state = ImageStoryTests.state([item], size: Size(columns: columns, rows: rows))
        state.press(keys)
        let before = state.lines
        _ = update(&state, .changes([.item(ImageSample.going(on: item, ["line 41"]))]))
        let after = state.lines
        let top = (before.firstIndex { $0.contains("LOG OF") } ?? 0) + 1
        #expect(before[..<top] == after[..<top] && before.last == after.last)
        #expect(before[(top + 1)..<(rows - 1)] == after[top..<(rows - 2)])
        #expect(after[rows - 2] == " line 41")
    }

    @Test func aBuildWithoutALogSaysSo() {
        var state = ImageStoryTests.state([ImageSample.imaging])
        state.press("5 L")
        #expect(state.line("L log: mpi-stack has no log") != nil && state.line("IMAGES 1") != nil)
    }

    @Test func theOverviewOpensTheLogOfWhatNeedsYou() {
        var state = ImageStoryTests.state()
        state.press("L")
        #expect(state.line("LOG OF gcc13-base") != nil && state.line("Installation request failed.") != nil)
        state.press("Esc Esc")
        #expect(state.line("IMAGES 9") != nil)
    }

    @Test func thePausedLogStandsStillAndGoesOnAfterwards() {
        var state = ImageStoryTests.state([ImageSample.building])
        state.press("5 L p")
        let before = Self.log(state)
        _ = update(&state, .changes([.item(ImageSample.going(on: ImageSample.building, ["later"]))]))
        #expect(Self.log(state) == before)
        state.press("p")
        #expect(Self.log(state).last == " later")
    }

    @Test func theLogOfAStackIsReadInTheSameWay() {
        var state = Sample.state(ClusterSample.snapshot)
        state.press("3 j L")
        #expect(state.line("LOG OF") != nil && state.line("follows its end") != nil)
    }
}
